/* The decoder and the encoder, each against the other. */
#include "bridge/video/studio/decoder.h"
#include "bridge/video/studio/encoder.h"
#include "common/clock.h"
#include "tests/unit/studio/filmed.h"

#include <gst/gst.h>
#include <string.h>

static void count_key_need(void *arg)
{
    (*(unsigned *)arg)++;
}

/* Waits for a picture; the decoder has a thread of its own and no way to tell but to be asked. */
static struct picture *await_picture(struct video_decoder *decoder, int64_t *capture_us)
{
    struct picture *picture;
    while ((picture = video_decoder_take(decoder, capture_us)) == NULL)
        g_usleep(1000);
    return picture;
}

static void goes_through(enum coded_codec codec)
{
    unsigned needs = 0;
    int64_t capture_us = 0;
    struct video_decoder_config config = {"test", count_key_need, &needs};
    struct video_decoder *decoder = video_decoder_new(&config);
    g_autoptr(GPtrArray) frames = filmed_frames(codec, 320, 180, 90, 3);
    g_assert_true(((struct coded_frame *)frames->pdata[0])->is_key);
    g_assert_false(((struct coded_frame *)frames->pdata[1])->is_key);
    for (unsigned i = 0; i < frames->len; i++) {
        video_decoder_push(decoder, frames->pdata[i]);
        struct picture *picture = await_picture(decoder, &capture_us);
        g_assert_cmpuint(picture->width, ==, 320);
        g_assert_cmpuint(picture->height, ==, 180);
        g_assert_cmpint(capture_us, ==, 1000000 + (int64_t)i * 40000);
        g_assert_cmpint(ABS((int)filmed_grey(picture, 0, 0, 100, 100) - 90), <=, FILMED_NEAR);
        picture_unref(picture);
    }
    g_assert_cmpuint(needs, ==, 0);
    video_decoder_free(decoder);
}

static void vp8_goes_through(void)
{
    goes_through(CODED_VP8);
}

static void h264_goes_through(void)
{
    goes_through(CODED_H264);
}

static void a_source_may_change_its_codec_and_its_size(void)
{
    static const struct {
        enum coded_codec codec;
        unsigned width, height;
    } turns[] = {
        {CODED_VP8, 320, 180}, {CODED_H264, 640, 360}, {CODED_VP8, 160, 90}, {CODED_VP8, 320, 240}};
    struct video_decoder_config config = {.name = "test"};
    struct video_decoder *decoder = video_decoder_new(&config);
    for (unsigned i = 0; i < G_N_ELEMENTS(turns); i++) {
        int64_t capture_us;
        g_autoptr(GPtrArray) frames =
            filmed_frames(turns[i].codec, turns[i].width, turns[i].height, 120, 1);
        video_decoder_push(decoder, frames->pdata[0]);
        struct picture *picture = await_picture(decoder, &capture_us);
        g_assert_cmpuint(picture->width, ==, turns[i].width);
        g_assert_cmpuint(picture->height, ==, turns[i].height);
        picture_unref(picture);
    }
    video_decoder_free(decoder);
}

static void nothing_is_decoded_before_a_key_frame(void)
{
    struct video_decoder_counters counters;
    struct video_decoder_config config = {.name = "test"};
    struct video_decoder *decoder = video_decoder_new(&config);
    g_autoptr(GPtrArray) frames = filmed_frames(CODED_VP8, 160, 90, 60, 3);
    int64_t capture_us;
    video_decoder_push(decoder, frames->pdata[1]);
    video_decoder_push(decoder, frames->pdata[2]);
    video_decoder_push(decoder, frames->pdata[0]);
    picture_unref(await_picture(decoder, &capture_us));
    video_decoder_counters(decoder, &counters);
    g_assert_cmpuint(counters.frames, ==, 1);
    video_decoder_free(decoder);
}

/* A header of ten bytes that promises gigabytes. */
static void a_picture_too_large_is_refused(void)
{
    static const uint8_t huge[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0xff, 0x3f, 0xff, 0x3f};
    unsigned needs = 0;
    struct video_decoder_counters counters;
    struct video_decoder_config config = {"test", count_key_need, &needs};
    struct video_decoder *decoder = video_decoder_new(&config);
    struct coded_frame *frame = coded_frame_new_from(CODED_VP8, huge, sizeof huge);
    g_assert_cmpuint(frame->width, ==, 16383);
    video_decoder_push(decoder, frame);
    coded_frame_unref(frame);
    video_decoder_counters(decoder, &counters);
    g_assert_cmpuint(counters.refused, ==, 1);
    g_assert_cmpuint(needs, ==, 1);
    video_decoder_free(decoder);
}

static void what_follows_garbage_is_decoded(void)
{
    struct video_decoder_config config = {.name = "test"};
    struct video_decoder *decoder = video_decoder_new(&config);
    g_autoptr(GPtrArray) frames = filmed_frames(CODED_VP8, 160, 90, 200, 1);
    struct coded_frame *good = frames->pdata[0];
    int64_t capture_us;
    for (unsigned i = 0; i < 20; i++) {
        struct coded_frame *bad = coded_frame_new_from(CODED_VP8, good->bytes, good->size);
        for (size_t at = 10; at < bad->size; at++)
            bad->bytes[at] = (uint8_t)g_random_int();
        video_decoder_push(decoder, bad);
        coded_frame_unref(bad);
    }
    for (bool is_good = false; !is_good;) {
        video_decoder_push(decoder, good);
        g_usleep(1000);
        struct picture *picture = video_decoder_take(decoder, &capture_us);
        is_good =
            picture != NULL && ABS((int)filmed_grey(picture, 0, 0, 100, 100) - 200) <= FILMED_NEAR;
        picture_unref(picture);
    }
    video_decoder_free(decoder);
}

static bool encode_one(struct video_encoder *encoder, struct reel *coded, unsigned turn)
{
    struct picture *picture = filmed_picture(160, 90, 100);
    g_assert_true(video_encoder_push(encoder, picture, (int64_t)turn * 40000 + 1));
    picture_unref(picture);
    struct coded_frame *frame = reel_take(coded, REEL_PATIENCE_MS);
    bool is_key = frame->is_key;
    coded_frame_unref(frame);
    return is_key;
}

/* The second wish within half a second waits. */
static void a_key_frame_comes_when_it_is_asked_for(enum coded_codec codec)
{
    g_autoptr(GError) error = NULL;
    struct reel *coded = reel_new();
    struct video_encoder_config config = {.name = "test",
                                          .codec = codec,
                                          .width = 160,
                                          .height = 90,
                                          .fps = 25,
                                          .bitrate_bps = 100000,
                                          .output = reel_put,
                                          .arg = coded};
    struct video_encoder *encoder = video_encoder_new(&config, &error);
    g_assert_no_error(error);
    g_assert_true(encode_one(encoder, coded, 0));
    g_assert_false(encode_one(encoder, coded, 1));
    video_encoder_request_keyframe(encoder);
    unsigned turn = 2;
    while (!encode_one(encoder, coded, turn))
        g_assert_cmpuint(++turn, <, 10);
    int64_t since_us = clock_monotonic_us();
    video_encoder_request_keyframe(encoder);
    while (!encode_one(encoder, coded, ++turn))
        g_usleep(10000);
    g_assert_cmpint(clock_monotonic_us() - since_us, >=, ENCODER_KEY_PAUSE_US * 9 / 10);
    video_encoder_free(encoder);
    reel_free(coded);
}

static void a_vp8_key_frame_comes_when_it_is_asked_for(void)
{
    a_key_frame_comes_when_it_is_asked_for(CODED_VP8);
}

static void an_h264_key_frame_comes_when_it_is_asked_for(void)
{
    a_key_frame_comes_when_it_is_asked_for(CODED_H264);
}

static void an_unknown_encoder_is_named(void)
{
    g_autoptr(GError) error = NULL;
    struct video_encoder_config config = {.name = "test", .codec = CODED_VP8, .element = "magic"};
    g_assert_null(video_encoder_new(&config, &error));
    g_assert_cmpstr(error->message, ==, "magic is no known encoder of VP8");
    g_assert_true(video_encoder_is_known(CODED_H264, "x264enc"));
    g_assert_false(video_encoder_is_known(CODED_VP8, "x264enc"));
}

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/codecs/" #name, name)
    ADD(vp8_goes_through);
    ADD(h264_goes_through);
    ADD(a_source_may_change_its_codec_and_its_size);
    ADD(nothing_is_decoded_before_a_key_frame);
    ADD(a_picture_too_large_is_refused);
    ADD(what_follows_garbage_is_decoded);
    ADD(a_vp8_key_frame_comes_when_it_is_asked_for);
    ADD(an_h264_key_frame_comes_when_it_is_asked_for);
    ADD(an_unknown_encoder_is_named);
    return g_test_run();
}
