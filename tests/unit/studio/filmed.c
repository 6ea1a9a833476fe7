#include "tests/unit/studio/filmed.h"

#include "bridge/video/studio/encoder.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

struct reel {
    pthread_mutex_t lock;
    pthread_cond_t has_frame;
    GPtrArray *frames;
};

struct reel *reel_new(void)
{
    struct reel *reel = g_new0(struct reel, 1);
    pthread_mutex_init(&reel->lock, NULL);
    pthread_cond_init(&reel->has_frame, NULL);
    reel->frames = g_ptr_array_new_with_free_func(coded_frame_destroy);
    return reel;
}

void reel_free(struct reel *reel)
{
    g_ptr_array_unref(reel->frames);
    pthread_cond_destroy(&reel->has_frame);
    pthread_mutex_destroy(&reel->lock);
    g_free(reel);
}

void reel_put(struct coded_frame *frame, void *arg)
{
    struct reel *reel = arg;
    pthread_mutex_lock(&reel->lock);
    g_ptr_array_add(reel->frames, frame);
    pthread_cond_signal(&reel->has_frame);
    pthread_mutex_unlock(&reel->lock);
}

struct coded_frame *reel_take(struct reel *reel, unsigned wait_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    uint64_t nanoseconds = (uint64_t)until.tv_nsec + wait_ms * (uint64_t)1000000;
    until.tv_sec += (time_t)(nanoseconds / 1000000000);
    until.tv_nsec = (long)(nanoseconds % 1000000000);
    pthread_mutex_lock(&reel->lock);
    while (reel->frames->len == 0 && wait_ms > 0 &&
           pthread_cond_timedwait(&reel->has_frame, &reel->lock, &until) != ETIMEDOUT)
        continue;
    struct coded_frame *frame =
        reel->frames->len > 0 ? g_ptr_array_steal_index(reel->frames, 0) : NULL;
    pthread_mutex_unlock(&reel->lock);
    return frame;
}

struct picture *filmed_picture(unsigned width, unsigned height, uint8_t grey)
{
    struct picture *picture = picture_new(width, height);
    for (unsigned plane = 0; plane < PICTURE_PLANES; plane++) {
        unsigned lines = plane == PICTURE_Y ? height : (height + 1) / 2;
        memset(picture->planes[plane], plane == PICTURE_Y ? grey : 128,
               (size_t)picture->strides[plane] * lines);
    }
    return picture;
}

unsigned filmed_grey(const struct picture *picture, unsigned left, unsigned top, unsigned right,
                     unsigned bottom)
{
    uint64_t sum = 0, count = 0;
    for (unsigned y = picture->height * top / 100; y < picture->height * bottom / 100; y++) {
        for (unsigned x = picture->width * left / 100; x < picture->width * right / 100; x++) {
            sum += picture->planes[PICTURE_Y][y * (unsigned)picture->strides[PICTURE_Y] + x];
            count++;
        }
    }
    return (unsigned)(sum / MAX(count, 1));
}

GPtrArray *filmed_frames(enum coded_codec codec, unsigned width, unsigned height, uint8_t grey,
                         unsigned count)
{
    g_autoptr(GError) error = NULL;
    struct reel *coded = reel_new();
    GPtrArray *frames = g_ptr_array_new_with_free_func(coded_frame_destroy);
    struct video_encoder_config config = {.name = "filmed",
                                          .codec = codec,
                                          .width = width,
                                          .height = height,
                                          .fps = 25,
                                          .bitrate_bps = 500000,
                                          .output = reel_put,
                                          .arg = coded};
    struct video_encoder *encoder = video_encoder_new(&config, &error);
    g_assert_no_error(error);
    for (unsigned i = 0; i < count; i++) {
        struct picture *picture = filmed_picture(width, height, grey);
        g_assert_true(video_encoder_push(encoder, picture, (int64_t)i * 40000 + 1000000));
        picture_unref(picture);
        struct coded_frame *frame = reel_take(coded, REEL_PATIENCE_MS);
        g_assert_nonnull(frame);
        g_ptr_array_add(frames, frame);
    }
    video_encoder_free(encoder);
    reel_free(coded);
    return frames;
}
