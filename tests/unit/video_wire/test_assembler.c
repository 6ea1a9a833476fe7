/* The assembler fed with what the packetiser makes of drawn-up frames, over lines of every kind. */
#include "bridge/video/wire/assembler.h"
#include "bridge/video/wire/packetiser.h"

#include <glib.h>
#include <string.h>

#define FRAMES_MAX 64

struct stage {
    struct assembler *assembler;
    struct packetiser packetiser;
    GPtrArray *packets; /* of struct frame: on the line */
    GPtrArray *out;     /* of struct coded_frame */
    uint32_t timestamp;
    int64_t now_us;
};

static void take(struct coded_frame *frame, int64_t arrival_us, void *arg)
{
    struct stage *stage = arg;
    (void)arrival_us;
    g_ptr_array_add(stage->out, frame);
}

static void begin(struct stage *stage, enum coded_codec codec)
{
    memset(stage, 0, sizeof *stage);
    stage->assembler = assembler_new(codec, take, stage);
    packetiser_init(&stage->packetiser, 1);
    stage->packetiser.number = 65500; /* wraps soon */
    stage->packets = g_ptr_array_new_with_free_func(g_free);
    stage->out = g_ptr_array_new_with_free_func(coded_frame_destroy);
    stage->now_us = 1000000;
}

static void end(struct stage *stage)
{
    assembler_free(stage->assembler);
    g_ptr_array_unref(stage->packets);
    g_ptr_array_unref(stage->out);
}

/* A frame of VP8 of `size` bytes that tells its number. */
static struct coded_frame *draw_vp8(bool is_key, size_t size, uint8_t number)
{
    static const uint8_t head[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00};
    g_autofree uint8_t *bytes = g_malloc(size);
    memset(bytes, number, size);
    memcpy(bytes, head, sizeof head);
    bytes[0] = is_key ? 0x10 : 0x11;
    return coded_frame_new_from(CODED_VP8, bytes, size);
}

/* With parameter sets in front when it is a key frame and they are wanted. */
static struct coded_frame *draw_h264(bool is_key, bool has_sets, size_t size, uint8_t number)
{
    static const uint8_t sets[] = {0,    0,    0,    1,    0x67, 0x42, 0xc0, 0x0d, 0x8c, 0x8d,
                                   0x40, 0xa0, 0xcb, 0x53, 0x40, 0x3c, 0x22, 0x11, 0xa8, 0,
                                   0,    0,    1,    0x68, 0xce, 0x01, 0xa8, 0x35};
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    uint8_t head[] = {0, 0, 0, 1, is_key ? 0x65 : 0x41};
    if (has_sets)
        g_byte_array_append(bytes, sets, sizeof sets);
    g_byte_array_append(bytes, head, sizeof head);
    guint before = bytes->len;
    g_byte_array_set_size(bytes, before + (guint)size);
    memset(bytes->data + before, number | 0x80, size);
    return coded_frame_new_from(CODED_H264, bytes->data, bytes->len);
}

/* Puts a frame on the line; it is given away. */
static void transmit(struct stage *stage, struct coded_frame *frame)
{
    struct frame *packet = g_new0(struct frame, 1);
    frame->timestamp = stage->timestamp += 3600;
    packetiser_begin(&stage->packetiser, frame);
    while (packetiser_next(&stage->packetiser, packet)) {
        g_ptr_array_add(stage->packets, packet);
        packet = g_new0(struct frame, 1);
    }
    g_free(packet);
    coded_frame_unref(frame);
}

static void arrive(struct stage *stage, unsigned index)
{
    const struct frame *packet = stage->packets->pdata[index];
    stage->now_us += 1000;
    assembler_push(stage->assembler, packet->number, packet->timestamp, packet->marker,
                   packet->payload, packet->size, stage->now_us);
}

static void arrive_all(struct stage *stage)
{
    for (unsigned i = 0; i < stage->packets->len; i++)
        arrive(stage, i);
    g_ptr_array_set_size(stage->packets, 0);
}

static const struct coded_frame *out(const struct stage *stage, unsigned index)
{
    g_assert_cmpuint(index, <, stage->out->len);
    return stage->out->pdata[index];
}

static uint8_t number_of(const struct coded_frame *frame)
{
    return frame->bytes[frame->size - 1] & 0x7f;
}

static void frames_come_out_as_they_went_in(void)
{
    for (int codec = CODED_VP8; codec <= CODED_H264; codec++) {
        struct stage stage;
        GPtrArray *in = g_ptr_array_new_with_free_func(coded_frame_destroy);
        begin(&stage, codec);
        for (unsigned i = 0; i < 20; i++) {
            size_t size = 11 + i * i * 37;
            struct coded_frame *frame = codec == CODED_VP8
                                            ? draw_vp8(i % 7 == 0, size, (uint8_t)i)
                                            : draw_h264(i % 7 == 0, i % 7 == 0, size, (uint8_t)i);
            g_ptr_array_add(in, coded_frame_ref(frame));
            transmit(&stage, frame);
        }
        arrive_all(&stage);
        g_assert_cmpuint(stage.out->len, ==, 20);
        for (unsigned i = 0; i < 20; i++) {
            const struct coded_frame *one = in->pdata[i], *other = out(&stage, i);
            g_assert_cmpmem(one->bytes, one->size, other->bytes, other->size);
            g_assert_cmpuint(one->timestamp, ==, other->timestamp);
            g_assert_cmpint(one->is_key, ==, other->is_key);
            g_assert_false(other->is_restart);
            g_assert_cmpuint(other->width, ==, codec == CODED_VP8 ? 320 : 318);
        }
        g_ptr_array_unref(in);
        end(&stage);
    }
}

static void packets_out_of_order_and_twice_make_the_same_frames(void)
{
    for (int codec = CODED_VP8; codec <= CODED_H264; codec++) {
        struct stage stage;
        g_autoptr(GRand) random = g_rand_new_with_seed(7);
        begin(&stage, codec);
        for (unsigned i = 0; i < 30; i++)
            transmit(&stage, codec == CODED_VP8 ? draw_vp8(i == 0, 4000, (uint8_t)i)
                                                : draw_h264(i == 0, i == 0, 4000, (uint8_t)i));
        /* Within 8 of their place; the first may be late as well. */
        for (unsigned i = 0; i + 8 <= stage.packets->len; i += 8) {
            unsigned order[8] = {0, 1, 2, 3, 4, 5, 6, 7};
            for (unsigned j = 7; j > 0; j--) {
                unsigned other = (unsigned)g_rand_int_range(random, 0, (int)j + 1), kept = order[j];
                order[j] = order[other];
                order[other] = kept;
            }
            for (unsigned j = 0; j < 8; j++)
                arrive(&stage, i + order[j]);
            arrive(&stage, i + order[3]);
        }
        for (unsigned i = stage.packets->len / 8 * 8; i < stage.packets->len; i++)
            arrive(&stage, i);
        g_assert_cmpuint(stage.out->len, ==, 30);
        for (unsigned i = 0; i < 30; i++)
            g_assert_cmpuint(number_of(out(&stage, i)), ==, i);
        end(&stage);
    }
}

static void a_retransmission_in_time_saves_the_frame(void)
{
    struct stage stage;
    begin(&stage, CODED_VP8);
    for (unsigned i = 0; i < 3; i++)
        transmit(&stage, draw_vp8(i == 0, 4000, (uint8_t)i));
    for (unsigned i = 0; i < stage.packets->len; i++) {
        if (i != 5)
            arrive(&stage, i);
    }
    g_assert_cmpuint(stage.out->len, ==, 1);
    stage.now_us += ASSEMBLER_WAIT_US / 2;
    assembler_tick(stage.assembler, stage.now_us);
    g_assert_false(assembler_needs_keyframe(stage.assembler));
    arrive(&stage, 5);
    g_assert_cmpuint(stage.out->len, ==, 3);
    end(&stage);
}

static void nothing_that_refers_to_a_lost_frame_comes_out(void)
{
    struct stage stage;
    begin(&stage, CODED_VP8);
    for (unsigned i = 0; i < 6; i++)
        transmit(&stage, draw_vp8(i == 0, 900, (uint8_t)i));
    for (unsigned i = 0; i < 6; i++) {
        if (i != 2)
            arrive(&stage, i);
    }
    stage.now_us += 2 * ASSEMBLER_WAIT_US;
    assembler_tick(stage.assembler, stage.now_us);
    g_assert_true(assembler_needs_keyframe(stage.assembler));
    g_ptr_array_set_size(stage.packets, 0);
    transmit(&stage, draw_vp8(false, 900, 6));
    transmit(&stage, draw_vp8(true, 900, 7));
    transmit(&stage, draw_vp8(false, 900, 8));
    arrive_all(&stage);
    g_assert_cmpuint(stage.out->len, ==, 4);
    g_assert_cmpuint(number_of(out(&stage, 1)), ==, 1);
    g_assert_cmpuint(number_of(out(&stage, 2)), ==, 7);
    g_assert_true(out(&stage, 2)->is_restart);
    g_assert_false(out(&stage, 3)->is_restart);
    g_assert_false(assembler_needs_keyframe(stage.assembler));
    end(&stage);
}

static void a_whole_key_frame_does_not_wait_for_what_was_lost(void)
{
    struct stage stage;
    begin(&stage, CODED_H264);
    for (unsigned i = 0; i < 3; i++)
        transmit(&stage, draw_h264(i != 1, i != 1, 900, (uint8_t)i));
    for (unsigned i = 0; i < stage.packets->len; i++) {
        const struct frame *packet = stage.packets->pdata[i];
        if (packet->timestamp != 2 * 3600)
            arrive(&stage, i);
    }
    g_assert_cmpuint(stage.out->len, ==, 2);
    g_assert_true(out(&stage, 1)->is_restart);
    end(&stage);
}

static void a_frame_that_is_slow_to_arrive_is_not_given_up(void)
{
    struct stage stage;
    begin(&stage, CODED_VP8);
    transmit(&stage, draw_vp8(true, 30000, 1));
    for (unsigned i = 0; i < stage.packets->len; i++) {
        stage.now_us += ASSEMBLER_WAIT_US;
        assembler_tick(stage.assembler, stage.now_us);
        arrive(&stage, i);
    }
    g_assert_cmpuint(stage.out->len, ==, 1);
    end(&stage);
}

static void parameter_sets_sent_once_are_put_before_later_key_frames(void)
{
    struct stage stage;
    struct coded_frame *first = draw_h264(true, true, 900, 0);
    struct coded_frame *second = draw_h264(true, false, 900, 1);
    begin(&stage, CODED_H264);
    size_t sets = first->size - second->size;
    transmit(&stage, first);
    transmit(&stage, second);
    arrive_all(&stage);
    g_assert_cmpuint(stage.out->len, ==, 2);
    g_assert_cmpmem(out(&stage, 0)->bytes, sets, out(&stage, 1)->bytes, sets);
    g_assert_cmpuint(out(&stage, 1)->width, ==, 318);
    end(&stage);
}

static void a_key_frame_without_parameter_sets_is_no_beginning(void)
{
    struct stage stage;
    begin(&stage, CODED_H264);
    transmit(&stage, draw_h264(true, false, 900, 0));
    transmit(&stage, draw_h264(false, false, 900, 1));
    arrive_all(&stage);
    g_assert_cmpuint(stage.out->len, ==, 0);
    g_assert_true(assembler_needs_keyframe(stage.assembler));
    end(&stage);
}

static void padding_between_frames_is_passed_over(void)
{
    struct stage stage;
    begin(&stage, CODED_VP8);
    transmit(&stage, draw_vp8(true, 900, 0));
    arrive_all(&stage);
    for (unsigned i = 0; i < 5; i++)
        assembler_push(stage.assembler, stage.packetiser.number++, stage.timestamp, false, NULL, 0,
                       stage.now_us);
    transmit(&stage, draw_vp8(false, 900, 1));
    arrive_all(&stage);
    g_assert_cmpuint(stage.out->len, ==, 2);
    end(&stage);
}

static void a_sender_that_begins_anew_elsewhere_is_followed(void)
{
    struct stage stage;
    begin(&stage, CODED_VP8);
    transmit(&stage, draw_vp8(true, 900, 0));
    arrive_all(&stage);
    stage.packetiser.number = 20000;
    transmit(&stage, draw_vp8(true, 900, 1));
    arrive_all(&stage);
    stage.packetiser.number = 19900; /* a little behind: believed only after a while */
    for (unsigned i = 0; i < 400; i++)
        transmit(&stage, draw_vp8(i % 10 == 0, 900, 2));
    arrive_all(&stage);
    g_assert_cmpuint(stage.out->len, >, 100);
    g_assert_cmpuint(number_of(out(&stage, 1)), ==, 1);
    end(&stage);
}

static void a_size_that_no_decoder_should_be_given_is_refused(void)
{
    struct stage stage;
    struct coded_frame *frame = draw_vp8(true, 900, 0);
    begin(&stage, CODED_VP8);
    memset(frame->bytes + 6, 0x3f, 4);
    transmit(&stage, frame);
    arrive_all(&stage);
    g_assert_cmpuint(stage.out->len, ==, 0);
    g_assert_cmpuint(assembler_counters(stage.assembler)->broken, ==, 1);
    end(&stage);
}

static void every_change_of_size_is_told_with_its_key_frame(void)
{
    struct stage stage;
    begin(&stage, CODED_VP8);
    for (unsigned i = 0; i < 60; i++) {
        struct coded_frame *frame = draw_vp8(i % 3 == 0, 2500, (uint8_t)i);
        if (frame->is_key)
            frame->bytes[8] = (uint8_t)(100 + i); /* lines */
        transmit(&stage, frame);
    }
    arrive_all(&stage);
    g_assert_cmpuint(stage.out->len, ==, 60);
    for (unsigned i = 0; i < 60; i++)
        g_assert_cmpuint(out(&stage, i)->height, ==, 100 + i / 3 * 3);
    end(&stage);
}

static void garbage_in_between_costs_only_the_way_to_the_next_key_frame(void)
{
    for (int codec = CODED_VP8; codec <= CODED_H264; codec++) {
        struct stage stage;
        g_autoptr(GRand) random = g_rand_new_with_seed(5);
        begin(&stage, codec);
        for (unsigned i = 0; i < 40; i++) {
            bool is_key = i % 20 == 0;
            unsigned before = stage.packets->len;
            transmit(&stage, codec == CODED_VP8 ? draw_vp8(is_key, 2500, (uint8_t)i)
                                                : draw_h264(is_key, is_key, 2500, (uint8_t)i));
            struct frame *packet = stage.packets->pdata[before];
            for (unsigned j = 0; i == 10 && j < packet->size; j++)
                packet->payload[j] = (uint8_t)g_rand_int(random);
        }
        arrive_all(&stage);
        stage.now_us += ASSEMBLER_WAIT_US;
        assembler_tick(stage.assembler, stage.now_us);
        g_assert_cmpuint(stage.out->len, >=, 30); /* the ten before, the twenty after */
        for (unsigned i = 0; i < 20; i++)
            g_assert_cmpuint(number_of(out(&stage, stage.out->len - 20 + i)), ==, 20 + i);
        end(&stage);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/assembler/" #name, name)
    ADD(frames_come_out_as_they_went_in);
    ADD(packets_out_of_order_and_twice_make_the_same_frames);
    ADD(a_retransmission_in_time_saves_the_frame);
    ADD(nothing_that_refers_to_a_lost_frame_comes_out);
    ADD(a_whole_key_frame_does_not_wait_for_what_was_lost);
    ADD(a_frame_that_is_slow_to_arrive_is_not_given_up);
    ADD(parameter_sets_sent_once_are_put_before_later_key_frames);
    ADD(a_key_frame_without_parameter_sets_is_no_beginning);
    ADD(padding_between_frames_is_passed_over);
    ADD(a_sender_that_begins_anew_elsewhere_is_followed);
    ADD(a_size_that_no_decoder_should_be_given_is_refused);
    ADD(every_change_of_size_is_told_with_its_key_frame);
    ADD(garbage_in_between_costs_only_the_way_to_the_next_key_frame);
    return g_test_run();
}
