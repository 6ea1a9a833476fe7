/* Byte vectors, by hand from RFC 7741 section 4.2 and RFC 6184 section 5. */
#include "bridge/video/wire/h264_payload.h"
#include "bridge/video/wire/packetiser.h"
#include "bridge/video/wire/vp8_payload.h"

#include <glib.h>
#include <string.h>

static void the_shortest_descriptor_is_one_byte(void)
{
    static const uint8_t bytes[] = {0x10, 0x50};
    struct vp8_descriptor descriptor;
    g_assert_true(vp8_read_descriptor(bytes, sizeof bytes, &descriptor));
    g_assert_cmpuint(descriptor.size, ==, 1);
    g_assert_true(descriptor.starts_frame);
    g_assert_true(descriptor.is_key);
    g_assert_false(descriptor.has_picture_id);
}

static void every_field_of_a_descriptor_is_passed_over(void)
{
    /* X S | I L T K | M, 15 bits | TL0PICIDX | TID Y KEYIDX | payload */
    static const uint8_t bytes[] = {0x90, 0xf0, 0x92, 0x34, 0x05, 0x60, 0x51, 0x00};
    struct vp8_descriptor descriptor;
    g_assert_true(vp8_read_descriptor(bytes, sizeof bytes, &descriptor));
    g_assert_cmpuint(descriptor.size, ==, 6);
    g_assert_cmpuint(descriptor.picture_id, ==, 0x1234);
    g_assert_false(descriptor.is_key);
    for (size_t size = 0; size <= 6; size++)
        g_assert_false(vp8_read_descriptor(bytes, size, &descriptor));
}

static void a_short_picture_id_and_a_later_partition_are_known(void)
{
    static const uint8_t bytes[] = {0x93, 0x80, 0x11, 0x00};
    struct vp8_descriptor descriptor;
    g_assert_true(vp8_read_descriptor(bytes, sizeof bytes, &descriptor));
    g_assert_cmpuint(descriptor.size, ==, 3);
    g_assert_cmpuint(descriptor.picture_id, ==, 0x11);
    g_assert_false(descriptor.starts_frame);
    g_assert_false(descriptor.is_key);
}

static void our_descriptor_is_read_as_it_was_written(void)
{
    uint8_t bytes[VP8_DESCRIPTOR_SIZE + 1] = {0};
    struct vp8_descriptor descriptor;
    vp8_write_descriptor(bytes, true, 0x7abc);
    vp8_set_picture_id(bytes, 0x0123);
    g_assert_true(vp8_read_descriptor(bytes, sizeof bytes, &descriptor));
    g_assert_cmpuint(descriptor.size, ==, VP8_DESCRIPTOR_SIZE);
    g_assert_cmpuint(descriptor.picture_id, ==, 0x0123);
    g_assert_true(descriptor.starts_frame);
}

static void units_of_each_kind_are_joined_behind_start_codes(void)
{
    static const uint8_t stap[] = {0x78, 0, 2, 0x67, 0xaa, 0, 1, 0x68};
    static const uint8_t start[] = {0x7c, 0x85, 1, 2}, middle[] = {0x7c, 0x05, 3},
                         end[] = {0x7c, 0x45, 4};
    static const uint8_t wanted[] = {0, 0, 0,    1, 0x67, 0xaa, 0, 0, 0, 1, 0x68, 0,    0,
                                     0, 1, 0x65, 1, 2,    3,    4, 0, 0, 0, 1,    0x06, 9};
    static const uint8_t single[] = {0x06, 9};
    uint8_t bytes[64];
    struct h264_join join = {.bytes = bytes};
    g_assert_true(h264_join_payload(&join, stap, sizeof stap));
    g_assert_true(h264_join_payload(&join, start, sizeof start));
    g_assert_true(h264_join_payload(&join, middle, sizeof middle));
    g_assert_true(join.is_in_unit);
    g_assert_true(h264_join_payload(&join, end, sizeof end));
    g_assert_true(h264_join_payload(&join, single, sizeof single));
    g_assert_cmpmem(bytes, join.size, wanted, sizeof wanted);
}

static void fragments_that_do_not_follow_are_refused(void)
{
    static const uint8_t start[] = {0x7c, 0x85, 1}, end[] = {0x7c, 0x45, 4}, single[] = {0x41, 9};
    struct h264_join join = {0};
    g_assert_false(h264_join_payload(&join, end, sizeof end));
    g_assert_true(h264_join_payload(&join, start, sizeof start));
    g_assert_false(h264_join_payload(&join, start, sizeof start));
    g_assert_false(h264_join_payload(&join, single, sizeof single));
}

static void an_aggregate_that_runs_over_its_end_is_refused(void)
{
    static const uint8_t bytes[] = {0x78, 0, 2, 0x67, 0xaa, 0, 9, 0x68};
    struct h264_join join = {0};
    struct h264_facts facts;
    g_assert_false(h264_join_payload(&join, bytes, sizeof bytes));
    g_assert_false(h264_read_payload(bytes, sizeof bytes, &facts));
    g_assert_true(h264_read_payload(bytes, 5, &facts));
    g_assert_true(facts.has_parameters);
}

static void parameter_sets_share_a_packet_and_pictures_are_cut_evenly(void)
{
    g_autofree uint8_t *bytes = g_malloc0(5000);
    static const uint8_t sets[] = {0, 0,    0,    1, 0x67, 0xaa, 0, 0,   0,
                                   1, 0x68, 0xbb, 0, 0,    0,    1, 0x65};
    struct packetiser packetiser;
    struct frame packet;
    memset(bytes, 0x55, 5000);
    memcpy(bytes, sets, sizeof sets);
    struct coded_frame *frame = coded_frame_new_from(CODED_H264, bytes, 5000);
    packetiser_init(&packetiser, 3);
    packetiser_begin(&packetiser, frame);
    g_assert_true(packetiser_next(&packetiser, &packet));
    static const uint8_t stap[] = {0x78, 0, 2, 0x67, 0xaa, 0, 2, 0x68, 0xbb};
    g_assert_cmpmem(packet.payload, packet.size, stap, sizeof stap);
    g_assert_true(packet.starts_key);
    g_assert_false(packet.marker);
    unsigned fragments = 0;
    while (packetiser_next(&packetiser, &packet)) {
        g_assert_cmpuint(packet.size, >, 900);
        g_assert_cmpuint(packet.payload[0] & 0x1f, ==, 28);
        g_assert_cmpint((packet.payload[1] & 0x80) != 0, ==, fragments == 0);
        g_assert_cmpint((packet.payload[1] & 0x40) != 0, ==, packet.marker);
        g_assert_false(packet.starts_key);
        fragments++;
    }
    g_assert_cmpuint(fragments, ==, 5);
    g_assert_true(packet.marker);
    coded_frame_unref(frame);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/payload/" #name, name)
    ADD(the_shortest_descriptor_is_one_byte);
    ADD(every_field_of_a_descriptor_is_passed_over);
    ADD(a_short_picture_id_and_a_later_partition_are_known);
    ADD(our_descriptor_is_read_as_it_was_written);
    ADD(units_of_each_kind_are_joined_behind_start_codes);
    ADD(fragments_that_do_not_follow_are_refused);
    ADD(an_aggregate_that_runs_over_its_end_is_refused);
    ADD(parameter_sets_share_a_packet_and_pictures_are_cut_evenly);
    return g_test_run();
}
