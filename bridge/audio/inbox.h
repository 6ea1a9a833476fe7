/* What one leg sends as sound, on its way from the leg's shard to the audio thread: a lock-free
 * ring of packets over a fixed store, so that neither side allocates.
 *
 * Thread: inbox_push*() on the leg's shard; inbox_pop()/inbox_release() on the audio thread;
 * inbox_ref()/inbox_unref() and inbox_set_open() on any. */
#pragma once

#include "bridge/transport/rtp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INBOX_PAYLOAD_MAX 1275 /* the largest Opus packet of one frame, RFC 6716 section 3.2 */

struct inbox;

struct inbox_packet {
    uint16_t sequence_number;
    uint32_t timestamp;
    uint32_t ssrc;
    int64_t arrival_us;
    bool marker;
    int level_dbov; /* RFC 6464: -127 to 0; 1: not known */
    uint16_t size;
    uint8_t payload[INBOX_PAYLOAD_MAX];
};

struct inbox *inbox_new(void);
struct inbox *inbox_ref(struct inbox *inbox);
void inbox_unref(struct inbox *inbox);

/* A closed inbox (as a new one is) drops what is pushed: the audio thread opens it when the leg
 * gets the floor, so that the rooms that only listen cost nothing. The gate that counts is the
 * mixer's; this one only saves work. */
void inbox_set_open(struct inbox *inbox, bool is_open);

/* False if it was dropped: closed, full, empty or too large. */
bool inbox_push(struct inbox *inbox, const struct inbox_packet *packet);

/* The same for a packet as a leg's handler gets it: `level_dbov` as in struct inbox_packet. */
bool inbox_push_rtp(struct inbox *inbox, const struct rtp_packet *packet, int level_dbov,
                    int64_t arrival_us);

/* The oldest packet, NULL when empty; give it back with inbox_release() before the next pop. */
const struct inbox_packet *inbox_pop(struct inbox *inbox);
void inbox_release(struct inbox *inbox);

/* What was learnt of the leg's loudness, kept here for the next time it speaks: an inbox lives as
 * long as its leg. The gain in thousandths of a dB, and how many blocks it was learnt from; zeros
 * at first. Thread: any. */
void inbox_set_gain(struct inbox *inbox, int gain_mdb, unsigned learnt);
void inbox_get_gain(struct inbox *inbox, int *gain_mdb, unsigned *learnt);

/* The loudest level that was pushed since the last call, let in or not; -127: none said how loud.
 * One caller; any thread. */
int inbox_take_level(struct inbox *inbox);
