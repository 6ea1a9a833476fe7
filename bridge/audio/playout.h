/* From packets to an even flow of samples: the jitter buffer, the decoder, and the stretching of
 * time by which the delay follows the line. The bridge hears a room by it, and a room the bridge.
 *
 * Thread: one owner. Memory: nothing is allocated after playout_new(). */
#pragma once

#include "bridge/audio/jitter.h"

#define PLAYOUT_FRAME 960 /* samples: 20 ms at 48 kHz */

struct playout;

struct playout *playout_new(void);
void playout_free(struct playout *playout);

/* As jitter_push() and jitter_catch_up(). */
enum jitter_fate playout_push(struct playout *playout, int64_t now,
                              const struct inbox_packet *packet);
void playout_catch_up(struct playout *playout);

/* Told of each packet that is played, with the time of its first sample. */
typedef void (*playout_packet)(int64_t time_samples, const struct inbox_packet *packet, void *arg);

struct playout_order {
    int64_t now;  /* the tick's clock, in samples */
    bool decodes; /* false: packets are played, and reported, but to silence; this costs nothing */
    playout_packet on_packet; /* NULL: none */
    void *arg;
};

struct playout_reading {
    bool has_sound;     /* something was decoded; else the samples are zero */
    unsigned decodes;   /* calls of Opus */
    unsigned concealed; /* frames that were made up for packets that were lost or late */
    unsigned stretched; /* how often time was stretched */
};

/* The next 20 ms. */
struct playout_reading playout_read(struct playout *playout, const struct playout_order *order,
                                    int16_t samples[PLAYOUT_FRAME]);

/* Sound that waits inside, decoded or not, in samples. */
unsigned playout_delay(const struct playout *playout);
