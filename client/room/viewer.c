#include "client/room/viewer.h"

#include "bridge/video/studio/decoder.h"
#include "common/clock.h"

#include <glib.h>
#include <pthread.h>
#include <string.h>

#define WAITING_MOST 16     /* pictures whose sound is not heard yet: 640 ms at 25 a second */
#define EARLY_US     10000  /* half a turn of the window's */
#define WAIT_MOST_US 600000 /* a clock that says more is not believed */

struct waiting {
    struct picture *picture;
    int64_t capture_us;
};

struct viewer {
    atomic_uint references;
    pthread_mutex_t lock; /* of the decoder's life */
    struct video_decoder *decoder;
    atomic_bool needs_keyframe;
    _Atomic int64_t last_us;
    /* The taker's. */
    struct waiting waiting[WAITING_MOST];
    unsigned count;
};

static void on_keyframe_need(void *arg)
{
    struct viewer *viewer = arg;
    atomic_store(&viewer->needs_keyframe, true);
}

struct viewer *viewer_new(void)
{
    struct viewer *viewer = g_new0(struct viewer, 1);
    struct video_decoder_config config = {
        .name = "viewer", .keyframe = on_keyframe_need, .arg = viewer};
    atomic_init(&viewer->references, 1);
    pthread_mutex_init(&viewer->lock, NULL);
    viewer->decoder = video_decoder_new(&config);
    return viewer;
}

struct viewer *viewer_ref(struct viewer *viewer)
{
    atomic_fetch_add_explicit(&viewer->references, 1, memory_order_relaxed);
    return viewer;
}

void viewer_unref(struct viewer *viewer)
{
    if (viewer == NULL ||
        atomic_fetch_sub_explicit(&viewer->references, 1, memory_order_acq_rel) != 1)
        return;
    pthread_mutex_destroy(&viewer->lock);
    g_free(viewer);
}

static void drop_first(struct viewer *viewer)
{
    picture_unref(viewer->waiting[0].picture);
    viewer->count--;
    memmove(viewer->waiting, viewer->waiting + 1, viewer->count * sizeof *viewer->waiting);
}

void viewer_free(struct viewer *viewer)
{
    if (viewer == NULL)
        return;
    pthread_mutex_lock(&viewer->lock);
    struct video_decoder *decoder = viewer->decoder;
    viewer->decoder = NULL;
    pthread_mutex_unlock(&viewer->lock);
    video_decoder_free(decoder);
    while (viewer->count > 0)
        drop_first(viewer);
    viewer_unref(viewer);
}

bool viewer_push(struct viewer *viewer, struct coded_frame *frame)
{
    pthread_mutex_lock(&viewer->lock);
    if (viewer->decoder != NULL)
        video_decoder_push(viewer->decoder, frame);
    pthread_mutex_unlock(&viewer->lock);
    atomic_store(&viewer->last_us, clock_monotonic_us());
    return !atomic_exchange(&viewer->needs_keyframe, false);
}

static void take_decoded(struct viewer *viewer)
{
    int64_t capture_us;
    struct picture *picture = video_decoder_take(viewer->decoder, &capture_us);
    if (picture == NULL)
        return;
    if (viewer->count == WAITING_MOST)
        drop_first(viewer);
    viewer->waiting[viewer->count++] = (struct waiting){picture, capture_us};
}

static bool is_due(const struct waiting *waiting, int64_t now_us, int64_t sound_delay_us)
{
    int64_t wait_us = waiting->capture_us + sound_delay_us - now_us;
    return wait_us <= EARLY_US || wait_us > WAIT_MOST_US;
}

struct picture *viewer_take(struct viewer *viewer, int64_t now_us, int64_t sound_delay_us)
{
    take_decoded(viewer);
    if (viewer->count == 0 || !is_due(&viewer->waiting[0], now_us, sound_delay_us))
        return NULL;
    while (viewer->count > 1 && is_due(&viewer->waiting[1], now_us, sound_delay_us))
        drop_first(viewer);
    struct picture *picture = picture_ref(viewer->waiting[0].picture);
    drop_first(viewer);
    return picture;
}

int64_t viewer_last_us(const struct viewer *viewer)
{
    return atomic_load(&((struct viewer *)viewer)->last_us);
}
