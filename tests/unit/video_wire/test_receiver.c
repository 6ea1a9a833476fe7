#include "bridge/video/wire/packetiser.h"
#include "bridge/video/wire/receiver.h"

#include <glib.h>
#include <string.h>

#define US    INT64_C(1)
#define TICK  (20000 * US)
#define NTP_S (UINT64_C(3900000000) << 32)

struct stage {
    struct receiver *receiver;
    struct receiver_config config;
    struct peer_clock clock;
    GPtrArray *out;
    int64_t now_us;
};

/* A peer's stream: one layer. */
struct line {
    uint32_t ssrc;
    uint16_t sequence_number;
    uint32_t timestamp;
    const char *rid;
};

static void take(struct coded_frame *frame, void *arg)
{
    struct stage *stage = arg;
    g_ptr_array_add(stage->out, frame);
}

static void begin(struct stage *stage, unsigned rids)
{
    static const char *const names[] = {"q", "h", "f"};
    memset(stage, 0, sizeof *stage);
    stage->now_us = 10000000;
    stage->out = g_ptr_array_new_with_free_func(coded_frame_destroy);
    stage->receiver = receiver_new(&stage->clock, take, stage);
    stage->config = (struct receiver_config){.payload_type = {96, 108},
                                             .rtx_payload_type = {97, -1},
                                             .has_nack = true,
                                             .has_pli = true,
                                             .rid_id = 10,
                                             .repaired_rid_id = 11,
                                             .rid_count = rids};
    for (unsigned i = 0; i < rids; i++)
        g_strlcpy(stage->config.rids[i], names[i], RECEIVER_RID_SIZE);
    receiver_configure(stage->receiver, &stage->config);
    receiver_set_open(stage->receiver, true);
}

static void end(struct stage *stage)
{
    receiver_free(stage->receiver);
    g_ptr_array_unref(stage->out);
}

/* One VP8 frame in one packet, of this many lines if it is a key frame. */
static struct rtp_packet make_packet(struct line *line, bool is_key, unsigned lines,
                                     uint8_t payload[64], uint8_t extension[8])
{
    uint8_t bytes[] = {0x10,           is_key ? 0x10 : 0x11,  0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01,
                       (uint8_t)lines, (uint8_t)(lines >> 8), 1};
    memcpy(payload, bytes, sizeof bytes);
    struct rtp_packet packet = {.payload_type = 96,
                                .marker = true,
                                .sequence_number = line->sequence_number++,
                                .timestamp = line->timestamp += 3600,
                                .ssrc = line->ssrc,
                                .payload = payload,
                                .payload_size = sizeof bytes};
    if (line->rid != NULL) {
        memset(extension, 0, 8);
        extension[0] = 10 << 4;
        extension[1] = (uint8_t)line->rid[0];
        packet.extension_profile = 0xbede;
        packet.extension = extension;
        packet.extension_size = 4;
    }
    return packet;
}

static bool send(struct stage *stage, struct line *line, bool is_key, unsigned lines)
{
    uint8_t payload[64], extension[8];
    struct rtp_packet packet = make_packet(line, is_key, lines, payload, extension);
    stage->now_us += 1000;
    return receiver_push(stage->receiver, &packet, stage->now_us);
}

/* What the receiver asks for in this tick: PLI by SSRC, or a number of NACKed packets. */
static unsigned tick(struct stage *stage, enum rtcp_kind kind, uint32_t ssrc)
{
    uint8_t bytes[1200];
    uint16_t lost[100];
    struct rtcp_reader reader;
    struct rtcp_packet packet;
    unsigned found = 0;
    stage->now_us += TICK;
    size_t size = receiver_tick(stage->receiver, 7, 20000, bytes, sizeof bytes, stage->now_us);
    if (size == 0)
        return 0;
    g_assert_true(rtcp_reader_init(&reader, bytes, size));
    while (rtcp_next(&reader, &packet)) {
        if (packet.kind == kind && packet.feedback.media_ssrc == ssrc)
            found += kind == RTCP_NACK ? rtcp_nack_read(&packet, lost, 100) : 1;
    }
    return found;
}

static const struct coded_frame *last(const struct stage *stage)
{
    g_assert_cmpuint(stage->out->len, >, 0);
    return stage->out->pdata[stage->out->len - 1];
}

static void a_stream_begins_with_a_key_frame_that_is_asked_for(void)
{
    struct stage stage;
    struct line line = {.ssrc = 5};
    begin(&stage, 0);
    g_assert_true(send(&stage, &line, false, 180));
    g_assert_cmpuint(stage.out->len, ==, 0);
    g_assert_cmpuint(tick(&stage, RTCP_PLI, 5), ==, 1);
    g_assert_cmpuint(tick(&stage, RTCP_PLI, 5), ==, 0); /* not again at once */
    send(&stage, &line, true, 180);
    send(&stage, &line, false, 180);
    g_assert_cmpuint(stage.out->len, ==, 2);
    g_assert_cmpuint(last(&stage)->height, ==, 180);
    stage.now_us += RECEIVER_KEY_US;
    g_assert_cmpuint(tick(&stage, RTCP_PLI, 5), ==, 0);
    end(&stage);
}

static void a_key_frame_that_does_not_come_is_asked_for_again(void)
{
    struct stage stage;
    struct line line = {.ssrc = 5};
    begin(&stage, 0);
    unsigned asked = 0;
    for (unsigned i = 0; i < 100; i++) { /* 2.1 s */
        send(&stage, &line, false, 180);
        asked += tick(&stage, RTCP_PLI, 5);
    }
    g_assert_cmpuint(asked, >=, 4);
    g_assert_cmpuint(asked, <=, 5);
    end(&stage);
}

static void a_lost_packet_is_asked_for_and_repaired(void)
{
    struct stage stage;
    struct line line = {.ssrc = 5};
    uint8_t payload[64], extension[8], repaired[66];
    begin(&stage, 0);
    send(&stage, &line, true, 180);
    struct rtp_packet lost = make_packet(&line, false, 180, payload, extension);
    send(&stage, &line, false, 180);
    g_assert_cmpuint(stage.out->len, ==, 1);
    g_assert_cmpuint(tick(&stage, RTCP_NACK, 5), ==, 1);
    g_assert_cmpuint(tick(&stage, RTCP_NACK, 5), ==, 0); /* a round trip has not passed */
    repaired[0] = (uint8_t)(lost.sequence_number >> 8);
    repaired[1] = (uint8_t)lost.sequence_number;
    memcpy(repaired + 2, payload, lost.payload_size);
    lost.ssrc = 55;
    lost.payload_type = 97;
    lost.payload = repaired;
    lost.payload_size += 2;
    g_assert_true(receiver_push(stage.receiver, &lost, stage.now_us));
    g_assert_cmpuint(stage.out->len, ==, 3);
    g_assert_cmpuint(tick(&stage, RTCP_NACK, 5), ==, 0);
    end(&stage);
}

static void what_is_never_repaired_is_given_up_for_a_key_frame(void)
{
    struct stage stage;
    struct line line = {.ssrc = 5};
    begin(&stage, 0);
    send(&stage, &line, true, 180);
    line.sequence_number++;
    unsigned nacks = 0, plis = 0;
    for (unsigned i = 0; i < 40; i++) {
        send(&stage, &line, false, 180);
        uint8_t bytes[1200];
        stage.now_us += TICK;
        size_t size = receiver_tick(stage.receiver, 7, 20000, bytes, sizeof bytes, stage.now_us);
        nacks += size > 0 && bytes[1] == 205;
        plis += size > 0 && bytes[1] == 206;
    }
    g_assert_cmpuint(nacks, ==, 8);
    g_assert_cmpuint(plis, ==, 1);
    g_assert_cmpuint(stage.out->len, ==, 1);
    send(&stage, &line, true, 180);
    g_assert_cmpuint(stage.out->len, ==, 2);
    g_assert_true(last(&stage)->is_restart);
    end(&stage);
}

static void of_the_layers_the_tallest_that_is_wanted_comes_out(void)
{
    struct stage stage;
    struct line q = {.ssrc = 5, .rid = "q"}, f = {.ssrc = 6, .rid = "f"};
    begin(&stage, 3);
    send(&stage, &q, true, 180);
    g_assert_cmpuint(last(&stage)->height, ==, 180);
    send(&stage, &f, false, 720); /* not known how tall it is: it is asked */
    g_assert_cmpuint(tick(&stage, RTCP_PLI, 6), ==, 1);
    send(&stage, &q, false, 180);
    g_assert_cmpuint(stage.out->len, ==, 2);
    send(&stage, &f, true, 720);
    g_assert_cmpuint(last(&stage)->height, ==, 720);
    g_assert_true(last(&stage)->is_restart);
    guint before = stage.out->len;
    send(&stage, &q, false, 180);
    g_assert_cmpuint(stage.out->len, ==, before);
    /* And back. */
    receiver_set_height(stage.receiver, 360);
    send(&stage, &f, false, 720);
    g_assert_cmpuint(last(&stage)->height, ==, 720); /* goes on until the other one begins */
    g_assert_cmpuint(tick(&stage, RTCP_PLI, 5), ==, 1);
    send(&stage, &q, true, 180);
    g_assert_cmpuint(last(&stage)->height, ==, 180);
    end(&stage);
}

static void a_layer_that_falls_silent_is_replaced(void)
{
    struct stage stage;
    struct line q = {.ssrc = 5, .rid = "q"}, f = {.ssrc = 6, .rid = "f"};
    begin(&stage, 3);
    send(&stage, &f, true, 720);
    send(&stage, &q, true, 180);
    for (unsigned i = 0; i < 50; i++) {
        send(&stage, &q, i % 10 == 0, 180);
        tick(&stage, RTCP_PLI, 5);
    }
    g_assert_cmpuint(last(&stage)->height, ==, 180);
    end(&stage);
}

static void a_layer_without_its_rid_is_not_ours(void)
{
    struct stage stage;
    struct line unknown = {.ssrc = 9}, other = {.ssrc = 9, .rid = "z"};
    begin(&stage, 3);
    g_assert_false(send(&stage, &unknown, true, 180));
    g_assert_false(send(&stage, &other, true, 180));
    end(&stage);
}

static void nothing_is_kept_while_nobody_looks(void)
{
    struct stage stage;
    struct line line = {.ssrc = 5};
    begin(&stage, 0);
    receiver_set_open(stage.receiver, false);
    send(&stage, &line, true, 180);
    g_assert_cmpuint(stage.out->len, ==, 0);
    g_assert_cmpuint(tick(&stage, RTCP_PLI, 5), ==, 0);
    receiver_set_open(stage.receiver, true);
    send(&stage, &line, false, 180);
    g_assert_cmpuint(tick(&stage, RTCP_PLI, 5), ==, 1);
    g_assert_cmpuint(stage.out->len, ==, 0);
    end(&stage);
}

static void times_are_the_peers_steps_on_our_clock(void)
{
    struct stage stage;
    struct line line = {.ssrc = 5, .timestamp = 0xfffff000};
    begin(&stage, 0);
    send(&stage, &line, true, 180);
    const struct coded_frame *first = last(&stage);
    g_assert_cmpint(first->capture_us, ==, stage.now_us);
    g_assert_cmpuint(first->timestamp, ==, coded_timestamp(stage.now_us));
    stage.now_us += 43210; /* the way here is uneven */
    send(&stage, &line, false, 180);
    g_assert_cmpuint(last(&stage)->timestamp - first->timestamp, ==, 3600);
    /* The report says that the last one was taken 100 ms ago. */
    receiver_sender_report(stage.receiver, 5, NTP_S, line.timestamp + 9000, stage.now_us);
    send(&stage, &line, false, 180);
    g_assert_cmpint(last(&stage)->capture_us, ==, stage.now_us - 1000 - 100000 + 40000);
    g_assert_cmpuint(last(&stage)->timestamp, ==, coded_timestamp(last(&stage)->capture_us));
    end(&stage);
}

static void a_new_source_takes_the_place_of_the_one_before(void)
{
    struct stage stage;
    struct line line = {.ssrc = 5}, other = {.ssrc = 50};
    begin(&stage, 0);
    send(&stage, &line, true, 180);
    send(&stage, &other, true, 360);
    g_assert_cmpuint(last(&stage)->height, ==, 360);
    g_assert_true(receiver_goodbye(stage.receiver, 50));
    g_assert_false(receiver_goodbye(stage.receiver, 5));
    end(&stage);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/receiver/" #name, name)
    ADD(a_stream_begins_with_a_key_frame_that_is_asked_for);
    ADD(a_key_frame_that_does_not_come_is_asked_for_again);
    ADD(a_lost_packet_is_asked_for_and_repaired);
    ADD(what_is_never_repaired_is_given_up_for_a_key_frame);
    ADD(of_the_layers_the_tallest_that_is_wanted_comes_out);
    ADD(a_layer_that_falls_silent_is_replaced);
    ADD(a_layer_without_its_rid_is_not_ours);
    ADD(nothing_is_kept_while_nobody_looks);
    ADD(times_are_the_peers_steps_on_our_clock);
    ADD(a_new_source_takes_the_place_of_the_one_before);
    return g_test_run();
}
