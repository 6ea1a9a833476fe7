/* A leg's numbers, and its repairs: the sender's packets over a bad line into a receiver that asks
 * for what it misses. */
#include "bridge/video/wire/packetiser.h"
#include "bridge/video/wire/receiver.h"
#include "bridge/video/wire/sender.h"
#include "bridge/video/wire/vp8_payload.h"

#include <glib.h>
#include <string.h>

#define HISTORY 512
#define KINDS   2

struct stage {
    struct sender sender;
    struct packetiser streams[KINDS];
    struct frame *history[KINDS][HISTORY];
    struct receiver *receiver;
    struct peer_clock clock;
    GRand *random;
    unsigned loss_percent;
    int64_t now_us;
    uint16_t transport_number;
    /* What has been seen on the line. */
    bool has_last;
    uint16_t last_sequence_number, last_picture_id;
    unsigned gaps, packets;
    /* What came out. */
    unsigned frames, restarts;
    uint8_t last_number;
    unsigned out_of_order;
};

static void take(struct coded_frame *frame, void *arg)
{
    struct stage *stage = arg;
    uint8_t number = frame->bytes[frame->size - 1];
    stage->out_of_order += stage->frames > 0 && number != (uint8_t)(stage->last_number + 1);
    stage->last_number = number;
    stage->restarts += frame->is_restart;
    stage->frames++;
    coded_frame_unref(frame);
}

static void begin(struct stage *stage)
{
    struct receiver_config config = {
        .payload_type = {96, -1}, .rtx_payload_type = {97, -1}, .has_nack = true, .has_pli = true};
    memset(stage, 0, sizeof *stage);
    sender_init(&stage->sender, 11, 12, 5000, 32700);
    stage->sender.payload_type[CODED_VP8] = 96;
    stage->sender.rtx_payload_type[CODED_VP8] = 97;
    stage->sender.transport_cc_id = 3;
    for (unsigned i = 0; i < KINDS; i++) {
        packetiser_init(&stage->streams[i], i + 1);
        stage->streams[i].number = (uint16_t)(i * 40000);
        stage->streams[i].picture_id = (uint16_t)(i * 0x7ff0);
    }
    stage->receiver = receiver_new(&stage->clock, take, stage);
    receiver_configure(stage->receiver, &config);
    receiver_set_open(stage->receiver, true);
    stage->random = g_rand_new_with_seed(11);
    stage->now_us = 1000000;
}

static void end(struct stage *stage)
{
    receiver_free(stage->receiver);
    g_rand_free(stage->random);
    for (unsigned i = 0; i < KINDS * HISTORY; i++)
        g_free(stage->history[i / HISTORY][i % HISTORY]);
}

static void check_numbers(struct stage *stage, const struct rtp_packet *packet)
{
    struct vp8_descriptor descriptor;
    size_t size;
    g_assert_cmpuint(packet->ssrc, ==, 11);
    g_assert_nonnull(rtp_find_extension(packet, 3, &size));
    g_assert_true(vp8_read_descriptor(packet->payload, packet->payload_size, &descriptor));
    if (stage->has_last) {
        stage->gaps +=
            rtp_sequence_distance(stage->last_sequence_number, packet->sequence_number) != 1;
        uint16_t step = (descriptor.picture_id - stage->last_picture_id) & 0x7fff;
        g_assert_cmpuint(step, <=, 1);
        g_assert_cmpint(step == 1, ==, descriptor.starts_frame);
    }
    stage->has_last = true;
    stage->last_sequence_number = packet->sequence_number;
    stage->last_picture_id = descriptor.picture_id;
    stage->packets++;
}

static void over_the_line(struct stage *stage, const uint8_t *bytes, size_t size, bool is_repair)
{
    struct rtp_packet packet;
    g_assert_true(rtp_parse(&packet, bytes, size));
    if (!is_repair)
        check_numbers(stage, &packet);
    if ((unsigned)g_rand_int_range(stage->random, 0, 100) >= stage->loss_percent)
        receiver_push(stage->receiver, &packet, stage->now_us);
}

/* A frame of one of the streams, which the sender may be at or not. */
static void play(struct stage *stage, unsigned stream, bool is_key, uint8_t number)
{
    uint8_t bytes[SENDER_OVERHEAD_MAX + FRAME_PAYLOAD_MAX],
        vp8[5000] = {is_key ? 0x10 : 0x11, 0, 0, 0x9d, 1, 0x2a, 64, 1, 180, 0};
    vp8[sizeof vp8 - 1] = number;
    struct coded_frame *frame = coded_frame_new_from(CODED_VP8, vp8, sizeof vp8);
    struct frame packet;
    frame->timestamp = (uint32_t)(stage->now_us * 9 / 100);
    packetiser_begin(&stage->streams[stream], frame);
    while (packetiser_next(&stage->streams[stream], &packet)) {
        struct frame **slot = &stage->history[stream][packet.number % HISTORY];
        g_free(*slot);
        *slot = g_memdup2(&packet, sizeof packet);
        if (sender_accept(&stage->sender, &packet) != SENDER_PASSES)
            over_the_line(stage, bytes,
                          sender_write(&stage->sender, &packet, stage->transport_number++, bytes),
                          false);
    }
    coded_frame_unref(frame);
}

static void repair(struct stage *stage, const struct rtcp_packet *nack)
{
    uint8_t bytes[SENDER_OVERHEAD_MAX + FRAME_PAYLOAD_MAX];
    uint16_t missing[64], number;
    unsigned count = rtcp_nack_read(nack, missing, 64);
    for (unsigned i = 0; i < count; i++) {
        if (!sender_find_repair(&stage->sender, missing[i], 20000, stage->now_us, &number))
            continue;
        const struct frame *packet = stage->history[stage->sender.stream - 1][number % HISTORY];
        if (packet != NULL && packet->number == number)
            over_the_line(
                stage, bytes,
                sender_write_repair(&stage->sender, packet, stage->transport_number++, bytes),
                true);
    }
}

/* 20 ms go by; returns whether the receiver wants a key frame. */
static bool tick(struct stage *stage)
{
    uint8_t bytes[1200];
    struct rtcp_reader reader;
    struct rtcp_packet packet;
    bool wants_key = false;
    stage->now_us += 20000;
    size_t size = receiver_tick(stage->receiver, 7, 20000, bytes, sizeof bytes, stage->now_us);
    if (size == 0 || !rtcp_reader_init(&reader, bytes, size))
        return false;
    while (rtcp_next(&reader, &packet)) {
        if (packet.kind == RTCP_NACK)
            repair(stage, &packet);
        wants_key |= packet.kind == RTCP_PLI;
    }
    return wants_key;
}

static void a_bad_line_is_repaired(void)
{
    struct stage stage;
    begin(&stage);
    sender_set_stream(&stage.sender, 1);
    play(&stage, 0, true, 0);
    stage.loss_percent = 5;
    for (unsigned i = 1; i < 500; i++) {
        play(&stage, 0, false, (uint8_t)i);
        tick(&stage);
        tick(&stage);
    }
    stage.loss_percent = 0;
    for (unsigned i = 0; i < 20; i++)
        tick(&stage);
    g_assert_cmpuint(stage.frames, >=, 499);
    g_assert_cmpuint(stage.out_of_order, ==, 0);
    g_assert_cmpuint(stage.restarts, ==, 0);
    g_assert_cmpuint(stage.gaps, ==, 0);
    g_assert_cmpuint(stage.sender.repairs, >, 50);
    end(&stage);
}

static void a_repair_is_not_sent_twice_in_a_round_trip(void)
{
    struct stage stage;
    uint16_t number, again;
    begin(&stage);
    sender_set_stream(&stage.sender, 1);
    play(&stage, 0, true, 0);
    uint16_t sequence_number = (uint16_t)(stage.sender.sequence_number - 1);
    g_assert_true(sender_find_repair(&stage.sender, sequence_number, 20000, stage.now_us, &number));
    g_assert_false(
        sender_find_repair(&stage.sender, sequence_number, 20000, stage.now_us + 5000, &again));
    g_assert_true(
        sender_find_repair(&stage.sender, sequence_number, 20000, stage.now_us + 35000, &again));
    g_assert_cmpuint(number, ==, again);
    /* What was never sent, or before this run of the stream. */
    g_assert_false(sender_find_repair(&stage.sender, stage.sender.sequence_number, 20000,
                                      stage.now_us, &number));
    g_assert_false(sender_find_repair(&stage.sender, 32699, 20000, stage.now_us, &number));
    end(&stage);
}

static void streams_change_at_a_key_frame_and_numbers_go_on(void)
{
    struct stage stage;
    begin(&stage);
    sender_set_stream(&stage.sender, 1);
    g_assert_cmpuint(sender_needs_keyframe(&stage.sender, stage.now_us), ==, 1);
    g_assert_cmpuint(sender_needs_keyframe(&stage.sender, stage.now_us), ==, 0);
    play(&stage, 0, false, 200); /* nobody can begin with this */
    g_assert_cmpuint(stage.packets, ==, 0);
    play(&stage, 0, true, 0);
    sender_set_stream(&stage.sender, 2);
    g_assert_cmpuint(sender_needs_keyframe(&stage.sender, stage.now_us), ==, 2);
    play(&stage, 0, false, 1);
    play(&stage, 1, false, 200);
    play(&stage, 0, false, 2);
    play(&stage, 1, true, 3);
    play(&stage, 0, false, 200);
    play(&stage, 1, false, 4);
    g_assert_cmpuint(sender_needs_keyframe(&stage.sender, stage.now_us), ==, 0);
    g_assert_cmpuint(stage.frames, ==, 5);
    g_assert_cmpuint(stage.out_of_order, ==, 0);
    g_assert_cmpuint(stage.gaps, ==, 0);
    end(&stage);
}

static void a_change_of_mind_returns_to_the_stream_that_runs(void)
{
    struct stage stage;
    begin(&stage);
    sender_set_stream(&stage.sender, 1);
    play(&stage, 0, true, 0);
    sender_set_stream(&stage.sender, 2);
    sender_set_stream(&stage.sender, 1);
    play(&stage, 1, true, 200);
    play(&stage, 0, false, 1);
    g_assert_cmpuint(stage.frames, ==, 2);
    g_assert_cmpuint(stage.out_of_order, ==, 0);
    sender_set_stream(&stage.sender, 0);
    play(&stage, 0, true, 200);
    g_assert_cmpuint(stage.frames, ==, 2);
    end(&stage);
}

static void a_codec_that_the_peer_does_not_take_is_not_begun(void)
{
    struct stage stage;
    struct frame packet = {
        .is_picture = true, .stream = 1, .codec = CODED_H264, .starts_key = true};
    begin(&stage);
    sender_set_stream(&stage.sender, 1);
    g_assert_cmpint(sender_accept(&stage.sender, &packet), ==, SENDER_PASSES);
    end(&stage);
}

static void a_long_gap_is_mended_by_a_key_frame(void)
{
    struct stage stage;
    bool wants_key = false;
    begin(&stage);
    sender_set_stream(&stage.sender, 1);
    play(&stage, 0, true, 0);
    stage.loss_percent = 100;
    for (unsigned i = 0; i < 120; i++) { /* more than is asked for */
        play(&stage, 0, false, 100);
        tick(&stage);
    }
    stage.loss_percent = 0;
    for (unsigned i = 0; i < 60 && !wants_key; i++) {
        play(&stage, 0, false, 101);
        wants_key = tick(&stage);
    }
    g_assert_true(wants_key);
    play(&stage, 0, true, 102);
    g_assert_cmpuint(stage.last_number, ==, 102);
    g_assert_cmpuint(stage.restarts, ==, 1);
    end(&stage);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/sender/" #name, name)
    ADD(a_bad_line_is_repaired);
    ADD(a_repair_is_not_sent_twice_in_a_round_trip);
    ADD(streams_change_at_a_key_frame_and_numbers_go_on);
    ADD(a_change_of_mind_returns_to_the_stream_that_runs);
    ADD(a_codec_that_the_peer_does_not_take_is_not_begun);
    ADD(a_long_gap_is_mended_by_a_key_frame);
    return g_test_run();
}
