/* Who is worth decoding: the loudest few of those who may speak, told by the levels that their
 * packets bear (RFC 6464), before anything is decoded.
 *
 * Who is chosen stays for a second at least, and is replaced only by somebody clearly louder, so
 * that nobody flickers. While there are no more speakers than places, all are chosen.
 *
 * Thread: one owner. Memory: nothing is allocated. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* One who may be chosen. Zero-initialised, then candidate_init(). */
struct candidate {
    bool is_chosen;
    float level_dbov; /* as it is heard: up at once, down over 200 ms */
    int heard_dbov;   /* of the packets since the last choice; 1: there were none */
    unsigned held;    /* choices for which it stays, whatever happens */
};

void candidate_init(struct candidate *candidate);
/* A packet came. `level_dbov` as in struct inbox_packet: 1 if it does not say; then its size does.
 */
void candidate_hear(struct candidate *candidate, int level_dbov, size_t size);

/* Chooses at most `most` (0: everybody) for the next 20 ms. */
void loudest_choose(struct candidate *const *candidates, unsigned count, unsigned most);
