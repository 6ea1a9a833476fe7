/* The studio: where a conference's pictures are decoded, composed into views on a steady tick, and
 * encoded once per rendition, whatever the number of those who look.
 *
 *     relay's tap -> studio_source -> decoder -+
 *                                              +-> tick: composer -> renditions -> broadcasts
 *     main thread: scenes, header -> queue ----+
 *
 * The tick takes each source's newest picture and waits for none. A view costs nothing while no
 * rendition of it runs.
 *
 * Thread: the main thread, but for studio_source_push(). The composing and its views' scenes live
 * on the studio's own thread; what is to be done there is posted, what comes back is freed here. */
#pragma once

#include "bridge/transport/shard.h"
#include "bridge/video/coded.h"
#include "bridge/video/compose/scene.h"

#include <stdbool.h>

#define STUDIO_RENDITIONS_MAX 8

struct studio;
struct studio_source;
struct studio_view;

struct studio_rendition {
    enum coded_codec codec;
    unsigned width, height, bitrate_bps;
};

struct studio_settings {
    unsigned fps;
    const char *elements[2]; /* by enum coded_codec; NULL: the defaults */
    /* Largest first of each codec; the first is the size that is composed. */
    unsigned rendition_count;
    struct studio_rendition renditions[STUDIO_RENDITIONS_MAX];
};

struct studio_config {
    const char *name; /* of the conference; copied */
    struct shard *const *shards;
    unsigned shard_count;
    int64_t sound_delay_us; /* see broadcast_set_delay() */
    struct studio_settings settings;
    /* A source cannot be decoded without a key frame of it. Main thread. */
    void (*keyframe)(struct studio_source *source, void *arg);
    void *arg;
};

struct studio *studio_new(const struct studio_config *config);
/* With its sources and views. Nobody may push any more. */
void studio_free(struct studio *studio);

/* `id` and `is_content` as in the scenes' cells. `arg` is for studio_source_arg(). */
struct studio_source *studio_add_source(struct studio *studio, scene_id id, bool is_content,
                                        void *arg);
/* Nobody pushes into it any more. The next frame composed shows nothing of it. */
void studio_remove_source(struct studio *studio, struct studio_source *source);
void *studio_source_arg(const struct studio_source *source);
/* A relay's tap (relay_tap): `arg` is the source. The frame is borrowed. */
void studio_source_push(struct coded_frame *frame, void *arg);
/* When its last coded frame came, clock_monotonic_us(); 0: none yet. */
int64_t studio_source_heard_us(const struct studio_source *source);

/* What is written over all views; texts are copied, NULL: nothing. */
struct studio_texts {
    const char *agenda, *state;
    bool is_live;
    const char *lost; /* on a picture that has stopped coming */
    bool has_clock;
};
void studio_set_texts(struct studio *studio, const struct studio_texts *texts);

struct studio_view *studio_add_view(struct studio *studio, const char *name);
void studio_remove_view(struct studio *studio, struct studio_view *view);
void studio_set_scene(struct studio_view *view, const struct scene *scene); /* copied */
/* The stream of its n-th rendition, by the settings' order. */
uint32_t studio_view_stream(const struct studio_view *view, unsigned rendition);

/* Somebody needs a key frame of this stream: its encoder is started if it does not run. False when
 * the stream is none of this view's. */
bool studio_view_keyframe(struct studio_view *view, uint32_t stream);
/* Whether any of its renditions runs: only then are its sources of use. */
bool studio_view_runs(const struct studio_view *view);
/* `is_wanted[n]`: somebody receives the n-th rendition. Those that have not been for a few calls
 * are ended; the caller calls once a second. One with a tap is always wanted. */
void studio_view_tidy(struct studio_view *view, const bool *is_wanted);
/* Runs the rendition for the tap: called with every coded frame (borrowed) on the encoder's thread.
 * NULL: no longer; returns once the one before runs no more. */
void studio_view_tap(struct studio_view *view, unsigned rendition,
                     void (*tap)(struct coded_frame *frame, void *arg), void *arg);

struct studio_counters {
    uint64_t ticks, late_ticks; /* late: the one before took longer than it may */
    uint64_t frames_encoded, frames_dropped, key_frames;
    unsigned renditions_running;
    int64_t cpu_us; /* of the composing thread */
};
void studio_counters(const struct studio *studio, struct studio_counters *counters);
