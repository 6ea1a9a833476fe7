#include "bridge/video/coded.h"
#include "bridge/video/wire/h264_nal.h"

#include <glib.h>
#include <string.h>

/* Parameter sets as OpenH264 and x264 wrote them. */
static const uint8_t sps_720[] = {0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0x28,
                                  0x02, 0xdd, 0x00, 0xf0, 0x88, 0x46, 0xa0};
static const uint8_t sps_1080[] = {0x67, 0x64, 0x00, 0x28, 0xac, 0xb2, 0x00, 0xf0, 0x04, 0x4f,
                                   0xcb, 0x80, 0xb5, 0x01, 0x01, 0x01, 0x40, 0x00, 0x00, 0x03,
                                   0x00, 0x40, 0x00, 0x00, 0x0f, 0x23, 0xc6, 0x0c, 0x92};
static const uint8_t sps_318[] = {0x67, 0x42, 0xc0, 0x0d, 0x8c, 0x8d, 0x40, 0xa0,
                                  0xcb, 0x53, 0x40, 0x3c, 0x22, 0x11, 0xa8};
static const uint8_t vp8_key[] = {0xb0, 0x59, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00, 0x47};

static void a_parameter_set_tells_the_size_with_its_cropping(void)
{
    uint16_t width = 0, height = 0;
    g_assert_true(h264_read_size(sps_720, sizeof sps_720, &width, &height));
    g_assert_cmpuint(width, ==, 1280);
    g_assert_cmpuint(height, ==, 720);
    g_assert_true(h264_read_size(sps_1080, sizeof sps_1080, &width, &height));
    g_assert_cmpuint(width, ==, 1920);
    g_assert_cmpuint(height, ==, 1080);
    g_assert_true(h264_read_size(sps_318, sizeof sps_318, &width, &height));
    g_assert_cmpuint(width, ==, 318);
    g_assert_cmpuint(height, ==, 182);
}

static void a_parameter_set_that_is_cut_off_tells_nothing(void)
{
    uint16_t width = 7, height = 8;
    for (size_t size = 0; size < 9; size++)
        g_assert_false(h264_read_size(sps_720, size, &width, &height));
    g_assert_cmpuint(width, ==, 7);
    g_assert_cmpuint(height, ==, 8);
}

static void units_are_found_behind_start_codes_of_either_length(void)
{
    static const uint8_t bytes[] = {0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0x65, 9};
    struct h264_nal nal;
    size_t offset = 0;
    g_assert_true(h264_next_nal(bytes, sizeof bytes, &offset, &nal));
    g_assert_cmpint(nal.type, ==, H264_NAL_SPS);
    g_assert_cmpuint(nal.size, ==, 3);
    g_assert_true(h264_next_nal(bytes, sizeof bytes, &offset, &nal));
    g_assert_cmpint(nal.type, ==, H264_NAL_PPS);
    g_assert_cmpuint(nal.size, ==, 2);
    g_assert_true(h264_next_nal(bytes, sizeof bytes, &offset, &nal));
    g_assert_cmpint(nal.type, ==, H264_NAL_IDR);
    g_assert_false(h264_next_nal(bytes, sizeof bytes, &offset, &nal));
}

static void a_vp8_key_frame_is_known_by_its_tag(void)
{
    static const uint8_t delta[] = {0xb1, 0x59, 0x00, 0x11};
    struct coded_frame *frame = coded_frame_new_from(CODED_VP8, vp8_key, sizeof vp8_key);
    g_assert_true(frame->is_key);
    g_assert_cmpuint(frame->width, ==, 320);
    g_assert_cmpuint(frame->height, ==, 180);
    coded_frame_unref(frame);
    frame = coded_frame_new_from(CODED_VP8, delta, sizeof delta);
    g_assert_false(frame->is_key);
    g_assert_cmpuint(frame->width, ==, 0);
    coded_frame_unref(frame);
}

static void an_h264_key_frame_is_known_by_its_idr_picture(void)
{
    uint8_t unit[4 + sizeof sps_720 + 6] = {0, 0, 0, 1};
    static const uint8_t idr[] = {0, 0, 0, 1, 0x65, 0x88};
    memcpy(unit + 4, sps_720, sizeof sps_720);
    memcpy(unit + 4 + sizeof sps_720, idr, sizeof idr);
    struct coded_frame *frame = coded_frame_new_from(CODED_H264, unit, sizeof unit);
    g_assert_true(frame->is_key);
    g_assert_cmpuint(frame->width, ==, 1280);
    coded_frame_unref(frame);
    frame = coded_frame_new_from(CODED_H264, unit, 4 + sizeof sps_720);
    g_assert_false(frame->is_key);
    coded_frame_unref(frame);
}

static void bytes_that_are_no_frame_are_not_whole(void)
{
    struct coded_facts facts = {.width = 5};
    coded_read_facts(CODED_VP8, vp8_key, 9, &facts); /* a key frame without its height */
    g_assert_false(facts.is_whole);
    coded_read_facts(CODED_VP8, NULL, 0, &facts);
    g_assert_false(facts.is_whole);
    coded_read_facts(CODED_H264, vp8_key, sizeof vp8_key, &facts);
    g_assert_false(facts.is_whole);
    g_assert_cmpuint(facts.width, ==, 5);
}

static void a_frame_lives_as_long_as_somebody_refers_to_it(void)
{
    struct coded_frame *frame = coded_frame_new(CODED_VP8, 4);
    g_assert_true(coded_frame_ref(frame) == frame);
    coded_frame_unref(frame);
    memset(frame->bytes, 1, frame->size);
    coded_frame_destroy(frame);
    coded_frame_unref(NULL);
    g_assert_null(coded_frame_new(CODED_VP8, CODED_SIZE_MAX + 1));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/coded/" #name, name)
    ADD(a_parameter_set_tells_the_size_with_its_cropping);
    ADD(a_parameter_set_that_is_cut_off_tells_nothing);
    ADD(units_are_found_behind_start_codes_of_either_length);
    ADD(a_vp8_key_frame_is_known_by_its_tag);
    ADD(an_h264_key_frame_is_known_by_its_idr_picture);
    ADD(bytes_that_are_no_frame_are_not_whole);
    ADD(a_frame_lives_as_long_as_somebody_refers_to_it);
    return g_test_run();
}
