/* Which packets of a stream are missing, and when to ask for which (RFC 4585 section 6.2.1): at
 * once when a gap shows (the caller's tick gives reordering its moment), then again after a round
 * trip, NACK_TRIES times at most.
 *
 * Thread: one owner; no allocation. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define NACK_MISSING_MAX 256 /* more at once is an outage, not loss */
#define NACK_TRIES       8

struct nack_entry {
    uint16_t sequence_number;
    uint8_t tries;
    int64_t due_us;
};

struct nack {
    bool has_newest;
    uint16_t newest;
    unsigned count;
    struct nack_entry missing[NACK_MISSING_MAX]; /* ascending */
};

/* A packet came, a retransmission too. Returns whether it had been missing and asked for. */
bool nack_note(struct nack *nack, uint16_t sequence_number, int64_t now_us);
/* Nothing below `sequence_number` is needed any more. */
void nack_forget_before(struct nack *nack, uint16_t sequence_number);
/* Nothing is. */
void nack_forget_all(struct nack *nack);
/* What to ask for now, ascending; at most `capacity`. */
unsigned nack_collect(struct nack *nack, uint16_t *sequence_numbers, unsigned capacity,
                      int64_t round_trip_us, int64_t now_us);
