/* What the audio thread holds of one speaker: his packets on their way to sound, his share of the
 * mix, and the encoder of the mix that he hears himself.
 *
 * Thread: made and freed on the main thread, used on the audio thread between the two. `leg`,
 * `inbox` and `stream` never change and may be read on both.
 * Memory: nothing is allocated after source_new(). */
#pragma once

#include "bridge/audio/encode.h"
#include "bridge/audio/gain.h"
#include "bridge/audio/howl.h"
#include "bridge/audio/inbox.h"
#include "bridge/audio/loudest.h"
#include "bridge/audio/mixer.h"
#include "bridge/audio/playout.h"

#include <stdatomic.h>

/* One mix on its way out: all listeners' or one speaker's. */
struct feed {
    uint32_t stream;
    struct limiter limiter;
    struct encoder *encoder;
};

/* How sound is treated; what an operator may set. */
struct audio_tuning {
    unsigned max_decoded; /* of those who may speak, the loudest; 0: all */
    float loudness_lufs;  /* that every speaker is brought to; 0: he is left as he is */
    float gain_max_db;    /* at most so much louder */
};

struct source {
    char *leg;
    struct inbox *inbox; /* NULL: not connected; then he is neither heard nor sent anything */
    struct voice voice;
    struct feed feed;        /* the mix without this speaker */
    struct playout *playout; /* NULL without an inbox */
    struct candidate candidate;
    struct hum_filter hum;
    struct gain gain;
    struct howl howl;
    atomic_int howl_dbov; /* howls so loudly; 1: does not. Any thread */
};

/* How a source is made. */
struct source_config {
    int bitrate_bps, complexity; /* of its feed */
    struct audio_tuning tuning;
};

struct source *source_new(const char *leg, struct inbox *inbox, const struct source_config *config);
void source_free(struct source *source);

/* From now on packets are let in; what is left from another time is dropped. */
void source_open(struct source *source);
void source_close(struct source *source);

/* Takes what has arrived by `now` (the tick's clock, in samples). `has_jumped`: ticks have been
 * missed since the last call. */
void source_receive(struct source *source, int64_t now, bool has_jumped);

/* The next 20 ms as they go into the mix: without hum, watched for howling, as loud as everybody.
 */
struct playout_reading source_read(struct source *source, const struct playout_order *order,
                                   int32_t samples[MIXER_FRAME]);
