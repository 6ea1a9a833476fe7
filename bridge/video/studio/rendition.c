#include "bridge/video/studio/rendition.h"

#include "bridge/video/broadcast.h"
#include "common/log.h"

#include <libyuv/scale.h>
#include <pthread.h>

#define POOL_PICTURES 6
/* A picture that stands still is sent this often, not at every tick. */
#define STILL_US 200000

struct rendition {
    char *name;
    struct rendition_config config;
    char *element;
    struct broadcast *broadcast;
    /* The encoder's thread's, and whoever changes it. */
    pthread_mutex_t tap_lock;
    void (*tap)(struct coded_frame *frame, void *arg);
    void *tap_arg;
    /* The studio's thread's. */
    struct video_encoder *encoder;
    struct picture *pool[POOL_PICTURES];
    struct picture *scaled; /* one of the pool's, or the composer's; a reference */
    uint64_t scaled_from;   /* serial */
    int64_t drawn_us;
    /* Any. */
    atomic_bool wants_key, is_running;
    atomic_uint_fast64_t frames, keys, bytes, dropped;
};

/* ---- the encoder's thread ---- */

static void on_coded(struct coded_frame *frame, void *arg)
{
    struct rendition *rendition = arg;
    if (!broadcast_send(rendition->broadcast, frame))
        atomic_store_explicit(&rendition->wants_key, true, memory_order_release);
    pthread_mutex_lock(&rendition->tap_lock);
    if (rendition->tap != NULL)
        rendition->tap(frame, rendition->tap_arg);
    pthread_mutex_unlock(&rendition->tap_lock);
    atomic_fetch_add_explicit(&rendition->frames, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&rendition->keys, frame->is_key, memory_order_relaxed);
    atomic_fetch_add_explicit(&rendition->bytes, frame->size, memory_order_relaxed);
    coded_frame_unref(frame);
}

/* ---- the studio's thread ---- */

struct video_encoder *rendition_swap(struct rendition *rendition, struct video_encoder *encoder)
{
    struct video_encoder *before = rendition->encoder;
    rendition->encoder = encoder;
    rendition->drawn_us = 0;
    atomic_store_explicit(&rendition->is_running, encoder != NULL, memory_order_relaxed);
    return before;
}

static struct picture *take_from_pool(struct rendition *rendition)
{
    unsigned width = rendition->config.width, height = rendition->config.height;
    for (unsigned i = 0; i < POOL_PICTURES; i++) {
        struct picture **place = &rendition->pool[i];
        if (*place == NULL)
            *place = picture_new(width, height);
        else if (picture_is_unshared(*place))
            picture_renew(*place);
        else
            continue;
        return picture_ref(*place);
    }
    return picture_new(width, height); /* somebody holds on to many */
}

static struct picture *scale(struct rendition *rendition, const struct picture *from)
{
    struct picture *to = take_from_pool(rendition);
    I420Scale(from->planes[0], from->strides[0], from->planes[1], from->strides[1], from->planes[2],
              from->strides[2], (int)from->width, (int)from->height, to->planes[0], to->strides[0],
              to->planes[1], to->strides[1], to->planes[2], to->strides[2], (int)to->width,
              (int)to->height, kFilterBox);
    return to;
}

static void fit(struct rendition *rendition, struct picture *picture)
{
    if (rendition->scaled != NULL && rendition->scaled_from == picture->serial)
        return;
    picture_unref(rendition->scaled);
    bool fits =
        picture->width == rendition->config.width && picture->height == rendition->config.height;
    rendition->scaled = fits ? picture_ref(picture) : scale(rendition, picture);
    rendition->scaled_from = picture->serial;
    rendition->drawn_us = 0;
}

void rendition_draw(struct rendition *rendition, struct picture *picture, int64_t capture_us,
                    int64_t now_us)
{
    if (rendition->encoder == NULL)
        return;
    fit(rendition, picture);
    bool wants_key = atomic_exchange_explicit(&rendition->wants_key, false, memory_order_acq_rel);
    if (wants_key)
        video_encoder_request_keyframe(rendition->encoder);
    if (!wants_key && rendition->drawn_us != 0 && now_us - rendition->drawn_us < STILL_US)
        return;
    rendition->drawn_us = now_us;
    if (!video_encoder_push(rendition->encoder, rendition->scaled, capture_us))
        atomic_fetch_add_explicit(&rendition->dropped, 1, memory_order_relaxed);
}

struct picture *rendition_picture(const struct rendition *rendition)
{
    return rendition->encoder != NULL ? rendition->scaled : NULL;
}

/* ---- the main thread ---- */

struct video_encoder *rendition_make_encoder(struct rendition *rendition)
{
    const struct rendition_config *config = &rendition->config;
    g_autoptr(GError) error = NULL;
    struct video_encoder_config wanted = {.name = rendition->name,
                                          .codec = config->codec,
                                          .element = rendition->element,
                                          .width = config->width,
                                          .height = config->height,
                                          .fps = config->fps,
                                          .bitrate_bps = config->bitrate_bps,
                                          .may_skip = true,
                                          .output = on_coded,
                                          .arg = rendition};
    struct video_encoder *encoder = video_encoder_new(&wanted, &error);
    if (encoder == NULL)
        log_error("no encoder for %s: %s", rendition->name, error->message);
    return encoder;
}

void rendition_request_keyframe(struct rendition *rendition)
{
    atomic_store_explicit(&rendition->wants_key, true, memory_order_release);
}

void rendition_set_tap(struct rendition *rendition,
                       void (*tap)(struct coded_frame *frame, void *arg), void *arg)
{
    pthread_mutex_lock(&rendition->tap_lock);
    rendition->tap = tap;
    rendition->tap_arg = arg;
    pthread_mutex_unlock(&rendition->tap_lock);
}

uint32_t rendition_stream(const struct rendition *rendition)
{
    return broadcast_stream(rendition->broadcast);
}

enum coded_codec rendition_codec(const struct rendition *rendition)
{
    return rendition->config.codec;
}

unsigned rendition_bitrate(const struct rendition *rendition)
{
    return rendition->config.bitrate_bps;
}

struct rendition *rendition_new(const struct rendition_config *config)
{
    struct rendition *rendition = g_new0(struct rendition, 1);
    rendition->config = *config;
    rendition->name = g_strdup(config->name);
    rendition->element = g_strdup(config->element);
    rendition->broadcast = broadcast_new(config->shards, config->shard_count);
    broadcast_set_delay(rendition->broadcast, config->sound_delay_us);
    pthread_mutex_init(&rendition->tap_lock, NULL);
    return rendition;
}

void rendition_free(struct rendition *rendition)
{
    if (rendition == NULL)
        return;
    g_assert(rendition->encoder == NULL);
    picture_unref(rendition->scaled);
    for (unsigned i = 0; i < POOL_PICTURES; i++)
        picture_unref(rendition->pool[i]);
    broadcast_free(rendition->broadcast);
    pthread_mutex_destroy(&rendition->tap_lock);
    g_free(rendition->name);
    g_free(rendition->element);
    g_free(rendition);
}

void rendition_counters(const struct rendition *rendition, struct rendition_counters *counters)
{
    counters->encoder.frames = atomic_load_explicit(&rendition->frames, memory_order_relaxed);
    counters->encoder.keys = atomic_load_explicit(&rendition->keys, memory_order_relaxed);
    counters->encoder.bytes = atomic_load_explicit(&rendition->bytes, memory_order_relaxed);
    counters->encoder.dropped = atomic_load_explicit(&rendition->dropped, memory_order_relaxed);
    counters->is_running = atomic_load_explicit(&rendition->is_running, memory_order_relaxed);
}
