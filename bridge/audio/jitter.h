/* The jitter buffer of one speaker: puts his packets in order and in time, and keeps the delay that
 * this costs between a floor and a bound.
 *
 * It starts with 40 ms. A packet that comes too late to be played makes it grow at once; a reserve
 * that was not needed for a while makes it shrink, one packet at a time, in silence if there is
 * any. More than 240 ms of sound is never kept: the oldest goes.
 *
 * It is not told of pauses (DTX, a closed microphone), it sees them: after 120 ms without a packet,
 * or when the timestamps jump although no packet is missing, the next packet starts afresh.
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

enum jitter_surplus {
    JITTER_NEEDED,
    JITTER_SKIP_IF_QUIET, /* decode it; if it is quiet, do not play it */
    JITTER_SKIP           /* decode it, do not play it */
};

struct jitter_frame {
    enum jitter_kind kind;
    const struct inbox_packet *packet; /* valid until the next call */
    unsigned samples;                  /* to fill; a multiple of 120 */
    bool is_first;                     /* of another sender: forget what was decoded before */
    enum jitter_surplus surplus;       /* of a JITTER_PACKET; if skipped, say jitter_skipped() */
};

/* What is to be played next. */
void jitter_pop(struct jitter *jitter, int64_t now, struct jitter_frame *frame);
/* The frame of the last pop was not played: the delay is now shorter by it. */
void jitter_skipped(struct jitter *jitter);
/* The caller has missed some of its ticks: drops what should have been played meanwhile, so that
 * its lateness does not become delay. After the pushes. */
void jitter_catch_up(struct jitter *jitter);

/* Sound that waits inside, in samples. */
unsigned jitter_level(const struct jitter *jitter);
/* The delay that is aimed at, JITTER_DELAY_MIN to JITTER_DELAY_MAX. */
unsigned jitter_target(const struct jitter *jitter);
