/* What a room hears: packets in, samples out, and what can be said of them: levels, tones, loss,
 * delay.
 *
 * Thread: the media thread, but for the inbox, which the leg's shard fills, and the delay.
 * Allocates nothing while it listens. */
#pragma once

#include "bridge/audio/inbox.h"
#include "client/room/tones.h"

#define EAR_FRAME TONES_FRAME

struct ear;

/* `decodes` false: only counts packets; what it hears is silence. */
struct ear *ear_new(bool decodes, tones_told told, void *arg);
void ear_free(struct ear *ear);

/* Where the leg's shard puts packets; lives as long as the ear. */
struct inbox *ear_inbox(struct ear *ear);

/* As tones_listen(). */
void ear_listen(struct ear *ear, const int *hz, unsigned count, bool tells);

/* A turn of the media thread. */
struct ear_tick {
    int64_t samples; /* its clock, 960 a turn and more where turns were missed */
    int64_t due_us;  /* when it should have begun, monotonic */
    int64_t now_us;
    bool has_jumped; /* turns were missed before it */
};

/* Takes what has come and makes the next 20 ms, which are due at the tick. */
void ear_hear(struct ear *ear, const struct ear_tick *tick, int16_t samples[EAR_FRAME]);

/* How long what is heard has been here, smoothed, in microseconds. Any thread. */
int64_t ear_delay_us(const struct ear *ear);

/* Starts the counters anew. */
void ear_reset(struct ear *ear, int64_t now_us);
/* Since the last reset: {seconds, received_packets, lost_packets, late_packets, concealed_frames,
 * jitter_us, delay_us, level_dbfs, peak_dbfs, decoded, tones}; what only decoding shows is null
 * without it. */
json_t *ear_report(const struct ear *ear, int64_t now_us);
