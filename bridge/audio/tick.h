/* One conference's 20 ms of sound, without a thread and without a clock: what arrived goes in,
 * encoded frames come out. audio.c drives it in real time; tests drive it as fast as they like.
 *
 * Thread: tick_new(), tick_free() and tick_take_retired() on the main thread; the rest on the audio
 * thread. tick_counters may be read on any.
 * Memory: tick_run() allocates nothing. What it works with is made before, on the main thread, and
 * goes back there to be freed. */
#pragma once

#include "bridge/audio/roster.h"
#include "bridge/record/record.h"
#include "bridge/transport/frame.h"

#include <stdatomic.h>

struct tick;

/* Where frames go. */
struct tick_outlets {
    /* Takes a reference of its own. False if the frame was dropped somewhere. */
    bool (*push)(struct frame *frame, void *arg);
    void (*flush)(void *arg); /* at the end of each tick */
    void *arg;
};

struct tick_config {
    struct tick_outlets outlets;
    struct frame_pool *pool; /* borrowed */
    int bitrate_bps, complexity;
    unsigned max_decoded; /* 0: all */
    int64_t epoch_us;     /* when time 0 is, for the recorder; clock_monotonic_us() */
};

struct tick *tick_new(const struct tick_config *config);
/* Frees all that is inside, the present roster and its sources too. */
void tick_free(struct tick *tick);

uint32_t tick_listener_stream(const struct tick *tick);

/* From the next tick_run() on. `roster` was made with the one before it, and is now the tick's. */
void tick_set_roster(struct tick *tick, struct roster *roster);
/* From the next tick_run() on; NULL: none. The old one is told the end of who was speaking and is
 * not used any more. */
void tick_set_recorder(struct tick *tick, struct recorder *recorder);

/* Makes the 20 ms that begin at `time_samples`, which goes on by 960, or by more where ticks were
 * missed. */
void tick_run(struct tick *tick, int64_t time_samples);

/* A roster that the tick has done with; NULL when there is none. */
struct roster *tick_take_retired(struct tick *tick);

/* As in audio.h. */
struct tick_counters {
    atomic_uint_fast64_t ticks, encodes, decodes, concealed, mixed_frames, dropped_frames,
        passed_over, stretched;
};
const struct tick_counters *tick_counters(const struct tick *tick);
