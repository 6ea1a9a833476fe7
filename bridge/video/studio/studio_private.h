/* What studio.c and studio_tick.c share. */
#pragma once

#include "bridge/video/compose/compose.h"
#include "bridge/video/studio/decoder.h"
#include "bridge/video/studio/rendition.h"
#include "bridge/video/studio/studio.h"
#include "common/queue.h"

#include <glib.h>
#include <pthread.h>

/* A picture that has not been followed by another for so long has stopped coming. Slides stand
 * still by their nature. */
#define STUDIO_FROZEN_US  2000000
#define STUDIO_FADE_TICKS 5

struct studio_source {
    struct studio *studio;
    scene_id id;
    bool is_content;
    void *arg;
    struct video_decoder *decoder;
    atomic_uint references; /* news on their way to the main thread hold one */
    bool is_removed;        /* the main thread's */
    atomic_bool needs_key;  /* has been told, and nothing came of it yet */
    atomic_int_fast64_t heard_us;
    /* The studio's thread's. */
    struct picture *newest; /* NULL: none yet */
    int64_t capture_us, taken_us;
};

struct studio_view {
    struct studio *studio;
    char *name;
    unsigned count;
    struct rendition *renditions[STUDIO_RENDITIONS_MAX];
    /* The main thread's. */
    bool is_started[STUDIO_RENDITIONS_MAX], is_tapped[STUDIO_RENDITIONS_MAX];
    unsigned idle_calls[STUDIO_RENDITIONS_MAX];
    /* The studio's thread's. */
    struct composer *composer;
    struct scene *scene; /* NULL: none yet */
    int64_t age_us;      /* smoothed: how old what is shown is when it is drawn */
    int64_t capture_us;  /* of the last frame */
};

/* Copies of struct studio_texts. */
struct texts {
    char *agenda, *state, *lost;
    bool is_live, has_clock;
};

struct studio {
    char *name;
    struct shard *const *shards;
    unsigned shard_count;
    int64_t sound_delay_us;
    struct studio_settings settings;
    char *elements[2];
    void (*keyframe)(struct studio_source *source, void *arg);
    void *arg;
    GPtrArray *sources, *views; /* the main thread's lists */
    struct queue *queue;        /* to the studio's thread */
    struct queue *back;         /* to the main thread */
    pthread_t thread;
    atomic_bool is_ending;
    atomic_uint_fast64_t ticks, late_ticks;
    /* The studio's thread's. */
    GPtrArray *shown, *composed; /* of sources, of views */
    struct texts texts;
    char clock[16];
    int64_t clock_minute;
};

void texts_clear(struct texts *texts);
/* The studio's thread. */
void *studio_run(void *arg);
