/* Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01):
 * every packet of a transport carries a number, and its receiver tells the sender when which number
 * came. Both sides of it: what came is noted and written as RTCP, and what a peer tells is read.
 *
 * Thread: one owner; no allocation. */
#pragma once

#include "bridge/transport/rtcp.h"

#define TRANSPORT_CC_WINDOW 1024 /* numbers that are kept; a power of two */

struct transport_cc_log {
    bool has_begun, has_news;
    uint16_t next;   /* the first that has not been told of */
    uint16_t newest; /* that came */
    uint8_t feedback_count;
    int64_t arrivals_us[TRANSPORT_CC_WINDOW]; /* by number; 0: did not come */
};

/* A packet with this number came. */
void transport_cc_note(struct transport_cc_log *log, uint16_t number, int64_t arrival_us);
/* Writes one packet about what came since the last; 0 when there is nothing new. Call again until
 * then. */
size_t transport_cc_write(struct transport_cc_log *log, uint8_t *bytes, size_t capacity,
                          uint32_t ssrc, uint32_t media_ssrc);

/* `arrival_us` is by the peer's clock, modulo 2^24 * 64 ms; -1: the packet did not come. */
typedef void (*transport_cc_status)(uint16_t number, int64_t arrival_us, void *arg);
/* Reads an RTCP_TRANSPORT_CC packet, in the order of the numbers. False (perhaps after some) for
 * one that is not whole, or that tells of more than TRANSPORT_CC_STATUSES: a few bytes could
 * otherwise tell of 65535. */
#define TRANSPORT_CC_STATUSES 2048
bool transport_cc_read(const struct rtcp_packet *packet, transport_cc_status status, void *arg);
