/* The sound of one conference: a thread that every 20 ms takes what the speakers sent, decodes it,
 * mixes it, encodes it and hands it to the shards and the recorder.
 *
 *     inbox (a leg's shard) -> jitter buffer -> the loudest few -> Opus decode -> stretching ->
 *     filter -> gain -> mixer -> limiter -> Opus encode -> outlets
 *
 * Encodes per tick: one for all listeners, shared, and one for each speaker (the mix without
 * himself). They do not grow with the number of legs. Only speakers are decoded; what a leg without
 * the floor sends is dropped undecoded and contributes exactly zero.
 *
 * Thread: the functions here run on the bridge's main thread and reach the audio thread by its
 * queue. The tick allocates nothing, waits for nothing but its clock. */
#pragma once

#include "bridge/audio/inbox.h"
#include "bridge/audio/source.h"
#include "bridge/record/record.h"
#include "bridge/transport/shard.h"

#define AUDIO_MAX_SPEAKERS  64
#define AUDIO_FRAME_SAMPLES 960 /* 20 ms at 48 kHz */

struct audio;

struct audio_config {
    const char *name; /* the conference, for the log; copied */
    struct shard *const *shards;
    unsigned shard_count;
    int bitrate_bps; /* of each encode; 32000 */
    int complexity;  /* Opus 0 to 10; 5 */
    struct audio_tuning tuning;
    /* When the timeline began, monotonic: a leg may pass between two sounds that share it. 0: now.
     */
    int64_t epoch_us;
};

struct audio *audio_new(const struct audio_config *config);
/* Ends the thread. The legs must not be subscribed any more. */
void audio_free(struct audio *audio);

/* The stream that everyone without the floor hears. */
uint32_t audio_listener_stream(const struct audio *audio);

/* Who is heard from the next tick on, whole: a leg that is missing from the list is cut within that
 * tick. A speaker keeps its place, decoder and stream from call to call as long as its `leg` and
 * inbox stay the same. `inbox` is referenced by the call. `stream` is filled in: the mix without
 * this speaker, for leg_set_audio_stream(). False (and nothing changed) for more than
 * AUDIO_MAX_SPEAKERS. */
struct audio_speaker {
    const char *leg;     /* slug; copied */
    const char *name;    /* as shown in chapters; copied */
    struct inbox *inbox; /* NULL: not connected yet */
    uint32_t stream;
};
bool audio_set_speakers(struct audio *audio, struct audio_speaker *speakers, unsigned count);

/* Returns once the tick works with the speakers that were set last and has let go of all others, so
 * that their inboxes may be given to another sound. At most two ticks. */
void audio_settle(struct audio *audio);

/* What the tick feeds from now on; NULL: nothing. Returns once the tick no longer uses the old one,
 * so that it can be freed. */
void audio_set_recorder(struct audio *audio, struct recorder *recorder);

#define AUDIO_LATENESS_BUCKETS   10
#define AUDIO_LATENESS_US(index) (125 << (index)) /* 125 us to 32 ms; the last has no bound */

struct audio_counters {
    uint64_t ticks;
    uint64_t late_ticks; /* begun more than 5 ms after their time */
    int64_t late_max_us;
    uint64_t encodes;        /* calls of the Opus encoder */
    uint64_t decodes;        /* calls of the Opus decoder, concealment included */
    uint64_t concealed;      /* decodes that made up a lost frame (PLC or FEC) */
    uint64_t mixed_frames;   /* decoded frames of speakers that went into a mix */
    uint64_t dropped_frames; /* no free frame, or a shard's outlet full */
    uint64_t passed_over;    /* frames of speakers that were not among the loudest */
    uint64_t stretched;      /* how often time was stretched, for the delay's sake */
    int64_t cpu_us;          /* of the audio thread */
    /* Ticks by how late they began: counts[i] within AUDIO_LATENESS_US(i), the last any later. */
    uint64_t lateness[AUDIO_LATENESS_BUCKETS];
    int64_t lateness_sum_us;
};
/* Any thread; a consistent-enough snapshot. */
void audio_counters(const struct audio *audio, struct audio_counters *counters);

/* Whether a present speaker howls, and how loudly. */
bool audio_is_howling(const struct audio *audio, const char *leg, int *level_dbov);
