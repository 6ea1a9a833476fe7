/* How much the line to a peer carries, by what comes back from it: transport-wide feedback (when
 * which packet came), receiver reports (loss) and REMB (the peer's own estimate).
 *
 * A delay that grows (packets wait in a queue on the way) or loss of more than a sixth brings the
 * estimate below what got through, at once. Less loss is a bad line, not a full one, and changes
 * nothing. While packets come through without waiting it grows by a twelfth a second, past
 * what is being sent too: that more gets through shows only when more is sent. Where that failed it
 * stops for a while, twice as long each time (BANDWIDTH_CARE_US): then up is tried rarely.
 *
 * Thread: one owner; no allocation. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define BANDWIDTH_LOG     1024 /* packets that are remembered until feedback tells of them */
#define BANDWIDTH_SLOTS   10   /* of BANDWIDTH_SLOT_US: a second's deliveries */
#define BANDWIDTH_SLOT_US 100000

#define BANDWIDTH_START_BPS 1000000 /* before anything is known */
#define BANDWIDTH_LEAST_BPS 100000
#define BANDWIDTH_MOST_BPS  20000000
#define BANDWIDTH_CARE_US   10000000

struct bandwidth_packet {
    uint16_t number;
    uint16_t size;
    int64_t sent_us; /* 0: none */
};

struct bandwidth {
    uint32_t estimate_bps;
    uint32_t peer_bps; /* REMB; 0: none */
    struct bandwidth_packet log[BANDWIDTH_LOG];
    /* Since the last judgement. */
    unsigned received, lost;
    uint32_t loss_256;   /* of 256, over some ten judgements */
    int64_t wait_sum_us; /* of `received` packets: more than the shortest way */
    /* The shortest way in the last ten to twenty seconds, the peer's clock counted in. */
    bool has_way;
    int64_t shortest_us, shortest_before_us, shortest_since_us;
    /* What got through in the last second. */
    uint32_t delivered[BANDWIDTH_SLOTS]; /* bytes */
    int64_t slot_us;                     /* when the newest began */
    unsigned slot;
    int64_t judged_us, grown_us, cut_us, heard_us, sent_us;
    uint32_t ceiling_bps; /* where more failed; 0: nowhere */
    int64_t ceiling_until_us, care_us;
};

void bandwidth_init(struct bandwidth *bandwidth);

/* A packet of `size` bytes goes out under a transport-wide number. */
void bandwidth_sent(struct bandwidth *bandwidth, uint16_t number, unsigned size, int64_t now_us);
/* Feedback: one call for each packet that it tells of (transport_cc_status), then the judgement. */
void bandwidth_told(struct bandwidth *bandwidth, uint16_t number, int64_t arrival_us,
                    int64_t now_us);
void bandwidth_judge(struct bandwidth *bandwidth, int64_t now_us);
/* A report block's loss (of 256), for a peer that gives no transport-wide feedback. */
void bandwidth_reported(struct bandwidth *bandwidth, uint8_t fraction_lost, int64_t now_us);
void bandwidth_remb(struct bandwidth *bandwidth, uint64_t bitrate_bps);
/* Time goes on: a line from which nothing is heard while packets go out carries less. */
void bandwidth_tick(struct bandwidth *bandwidth, int64_t now_us);

/* Bits per second, with all headers from RTP on. */
uint32_t bandwidth_estimate(const struct bandwidth *bandwidth);
