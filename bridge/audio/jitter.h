/* The jitter buffer of one speaker: puts his packets in order and in time, and keeps the delay that
 * this costs between a floor and a bound.
 *
 * It starts with 40 ms. A packet that comes too late to be played makes it grow at once. It watches
 * the reserve, which is what remains when a tick has been served: one that was never needed makes
 * the delay shrink, one that is nearly gone makes it grow before anything is missing. Both are done
 * by stretching time a little, in silence first. So a sender whose clock runs faster or slower than
 * ours is followed for ever. More than 240 ms of sound is never kept: the oldest goes.
 *
 * It is not told of pauses (DTX, a closed microphone), it sees them: after 120 ms without a packet,
 * or when the timestamps jump although no packet is missing, the next packet starts afresh. When a
 * quiet packet was the last, what is made up meanwhile is no loss, and teaches nothing.
 *
 * Time is counted in samples at 48 kHz, RTP's clock for Opus (RFC 7587), by the caller's tick.
 *
 * Thread: one owner. Memory: nothing is allocated after jitter_new(). */
#pragma once

#include "bridge/audio/inbox.h"

#define JITTER_DELAY_MIN   (40 * 48)
#define JITTER_DELAY_MAX   (240 * 48)
#define JITTER_CONCEAL_MAX (120 * 48) /* made up at most when nothing comes */
#define JITTER_FRAME_MAX   (120 * 48) /* the longest packet, RFC 6716 section 3.2 */

struct jitter;

struct jitter *jitter_new(void);
void jitter_free(struct jitter *jitter);

enum jitter_fate {
    JITTER_TAKEN,
    JITTER_LATE, /* its time to be played has gone */
    JITTER_DUPLICATE,
    JITTER_REFUSED /* not an Opus packet, or from far outside the sequence */
};

/* A packet that has arrived by `now`; it is copied. A new SSRC, or a sequence that goes on
 * somewhere else for two packets (RFC 3550 A.1), starts afresh. */
enum jitter_fate jitter_push(struct jitter *jitter, int64_t now, const struct inbox_packet *packet);

enum jitter_kind {
    JITTER_PACKET, /* decode `packet` */
    JITTER_LOST,   /* make up `samples`; from `packet` (in-band FEC) if it is not NULL */
    JITTER_EMPTY   /* nothing is expected: silence */
};

struct jitter_frame {
    enum jitter_kind kind;
    const struct inbox_packet *packet; /* valid until the next call */
    unsigned samples;                  /* to fill; a multiple of 120 */
    bool is_first;                     /* of another sender: forget what was decoded before */
    bool is_pause; /* JITTER_LOST: the sender had fallen silent, so nothing need have been lost */

    /* Of a JITTER_PACKET: how many samples longer (less than 0: shorter) the sound would better be
     * by now, so that the delay fits the line. Some of it may be done; say jitter_stretched(). */
    int stretch;
    bool stretches_speech; /* it is time to do so while somebody speaks, too */
};

/* What is to be played next. */
void jitter_pop(struct jitter *jitter, int64_t now, struct jitter_frame *frame);
/* The frame of the last pop was played so many samples longer; less than 0: shorter. */
void jitter_stretched(struct jitter *jitter, int samples);
/* The tick's pops are done, and the caller holds so many samples that it has not played yet. */
void jitter_rest(struct jitter *jitter, unsigned held);
/* The caller has missed some of its ticks: drops what should have been played meanwhile, so that
 * its lateness does not become delay. After the pushes. */
void jitter_catch_up(struct jitter *jitter);

/* Sound that waits inside, in samples. */
unsigned jitter_level(const struct jitter *jitter);
/* The delay that is aimed at, JITTER_DELAY_MIN to JITTER_DELAY_MAX. */
unsigned jitter_target(const struct jitter *jitter);
