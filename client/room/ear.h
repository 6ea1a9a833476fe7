/* What a room hears: packets in, samples out, and what can be said of them: levels, tones, loss,
 * delay.
 *
 * Thread: the media thread, but for ear_push(), which the leg's shard calls. Allocates nothing
 * while it listens. */
#pragma once

#include "bridge/audio/inbox.h"

#include <jansson.h>

#define EAR_TONES_MAX 32
#define EAR_FRAME     960

struct ear;

/* Told of the onset and the end of a tone that is listened for. `at_us` is the monotonic time at
 * which its window was due to be played. */
typedef void (*ear_tone)(int hz, bool is_on, int64_t at_us, void *arg);

/* `decodes` false: only counts packets. */
struct ear *ear_new(bool decodes, ear_tone tone, void *arg);
void ear_free(struct ear *ear);

/* Where the leg's shard puts packets; lives as long as the ear. */
struct inbox *ear_inbox(struct ear *ear);

/* Tones to be listened for from now on, in Hz; replaces the former. */
void ear_listen(struct ear *ear, const int *tones, unsigned count);

/* Takes what came and makes the next 20 ms; false when they are silence for want of packets. */
bool ear_tick(struct ear *ear, int64_t now_us, int64_t due_us, int16_t samples[EAR_FRAME]);

/* Starts the counters anew. */
void ear_reset(struct ear *ear, int64_t now_us);
/* {seconds, received_packets, lost_packets, late_packets, concealed_frames, jitter_us, delay_us,
 * level_dbfs, peak_dbfs, tones: {"440": dBFS}} since the last reset. */
json_t *ear_report(struct ear *ear, int64_t now_us);
