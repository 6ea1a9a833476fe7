/* What the audio thread holds of one speaker: his packets on their way to sound, his share of the
 * mix, and the encoder of the mix that he hears himself.
 *
 * Thread: made and freed on the main thread, used on the audio thread between the two. `leg`,
 * `inbox` and `stream` never change and may be read on both.
 * Memory: nothing is allocated after source_new(). */
#pragma once

#include "bridge/audio/encode.h"
#include "bridge/audio/inbox.h"
#include "bridge/audio/mixer.h"
#include "bridge/audio/playout.h"

/* One mix on its way out: all listeners' or one speaker's. */
struct feed {
    uint32_t stream;
    struct limiter limiter;
    struct encoder *encoder;
};

struct source {
    char *leg;
    struct inbox *inbox; /* NULL: not connected; then he is neither heard nor sent anything */
    struct voice voice;
    struct feed feed;        /* the mix without this speaker */
    struct playout *playout; /* NULL without an inbox */
};

struct source *source_new(const char *leg, struct inbox *inbox, int bitrate_bps, int complexity);
void source_free(struct source *source);

/* From now on packets are let in; what is left from another time is dropped. */
void source_open(struct source *source);
void source_close(struct source *source);

/* Takes what has arrived by `now` (the tick's clock, in samples). `has_jumped`: ticks have been
 * missed since the last call. */
void source_receive(struct source *source, int64_t now, bool has_jumped);
