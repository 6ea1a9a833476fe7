/* The conference's pictures as they come: a thread that takes each source's frames out of its
 * intake, sends them on to legs as they are (pass-through), and hands them to whoever decodes or
 * records them.
 *
 * Thread: the main thread, but for the taps, which run on the relay's.
 * Memory: a source belongs to the relay until relay_remove(). */
#pragma once

#include "bridge/transport/shard.h"
#include "bridge/video/intake.h"
#include "common/queue.h"

/* What sound takes from its capture to the shards and pictures do not: it is cut in packets of 20
 * ms, waits for about 40 ms in the jitter buffer, and for the tick. Receivers play both by their
 * times, so pictures that are passed through get the same; ±40 ms cannot be told (ITU-R BT.1359).
 */
#define RELAY_SOUND_DELAY_US 65000

struct relay;
struct relay_source;

struct relay_config {
    const char *name; /* of the conference, for the log; copied */
    struct shard *const *shards;
    unsigned shard_count;
    struct queue *main_queue; /* outlives the relay */
    /* The legs that are sent a source cannot go on without a key frame of it. On the main thread,
     * not after relay_remove(). */
    void (*keyframe)(struct relay_source *source, void *arg);
    void *arg;
};

struct relay *relay_new(const struct relay_config *config);
void relay_free(struct relay *relay); /* with its sources */

/* A frame of a source, borrowed for the call: take a reference to keep it. */
typedef void (*relay_tap)(struct coded_frame *frame, void *arg);

/* `arg` is for relay_source_arg(). */
struct relay_source *relay_add(struct relay *relay, struct intake *intake, void *arg);
/* Returns once the relay's thread has let it go: its tap runs no more. */
void relay_remove(struct relay *relay, struct relay_source *source);
void *relay_source_arg(const struct relay_source *source);

/* The stream that legs are sent of it, see leg_set_video_stream(). */
uint32_t relay_source_stream(const struct relay_source *source);
/* What it sends now; false before its first frame. */
bool relay_source_codec(const struct relay_source *source, enum coded_codec *codec);
/* How much has come of it so far, in bytes. */
uint64_t relay_source_bytes(const struct relay_source *source);
/* NULL: none. Returns once the one before runs no more. */
void relay_set_tap(struct relay *relay, struct relay_source *source, relay_tap tap, void *arg);

/* CPU time of its thread. Any thread. */
int64_t relay_cpu_us(const struct relay *relay);
