/* What a receiver knows about one source's packets: RFC 3550 appendix A.1 (sequence numbers), A.3
 * (loss) and A.8 (jitter). Fed with packets that SRTP has authenticated, so the probation of A.1 is
 * left out; a restarted source is recognised by two packets in sequence, as there.
 *
 * Thread: one owner; no allocation. */
#pragma once

#include "bridge/transport/rtcp.h"

struct reception {
    uint32_t ssrc;
    uint32_t clock_rate; /* Hz */
    bool has_packets;
    uint16_t first;          /* sequence number with which counting began */
    uint16_t highest;        /* sequence number */
    uint64_t cycles;         /* of sequence numbers, times 65536 */
    int32_t resync;          /* the sequence number that would show a restart; -1: none */
    uint64_t received;       /* since counting began */
    uint64_t lost_before;    /* until counting began anew */
    uint64_t expected_prior; /* at the last report */
    uint64_t received_prior;
    uint32_t transit;         /* of the packet before, in units of the clock */
    uint32_t jitter_q4;       /* jitter in 1/16 of a unit, as in A.8 */
    uint32_t last_report_ntp; /* middle 32 bits; 0: none */
    int64_t last_report_us;   /* its arrival, monotonic */
};

void reception_init(struct reception *reception, uint32_t ssrc, uint32_t clock_rate);

/* One packet, in the order of arrival, at monotonic `arrival_us`. False for one that is so far off
 * that it was not counted (the next in sequence makes it a restart). */
bool reception_packet(struct reception *reception, uint16_t sequence_number, uint32_t timestamp,
                      int64_t arrival_us);

/* The source's sender report came. */
void reception_sender_report(struct reception *reception, uint64_t ntp_time, int64_t arrival_us);

/* What to say in the next report, and begins the next interval of `fraction_lost`. False while
 * nothing has been received. */
bool reception_report(struct reception *reception, int64_t now_us, struct rtcp_report_block *block);

/* Packets lost since the beginning, over restarts; duplicates count against it, never below 0. */
uint64_t reception_lost(const struct reception *reception);
uint32_t reception_jitter_us(const struct reception *reception);
