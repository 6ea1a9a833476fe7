#include "bridge/video/wire/bandwidth.h"

#include <string.h>

#define JUDGE_US       100000 /* no more often */
#define PACKETS_LEAST  10     /* to judge by */
#define WAITING_US     100000 /* a queue on the way */
#define CLEAR_US       40000  /* none to speak of */
#define LOSS_WEIGHT    8
#define LOSS_FULL      42 /* of 256 */
#define LOSS_CLEAR     5
#define WAY_US         10000000
#define CUT_PAUSE_US   400000 /* a cut shows only after a round trip */
#define SILENCE_US     1000000
#define CARE_MOST_US   160000000
#define GROWTH_PER_S   12                     /* a twelfth */
#define GROWTH_STEP_US 1000000                /* a longer pause counts no more */
#define ROOM_BPS       50000                  /* grown at least, so that little becomes more too */
#define WRAP_US        (INT64_C(64000) << 24) /* of the peer's time of arrival */

void bandwidth_init(struct bandwidth *bandwidth)
{
    memset(bandwidth, 0, sizeof *bandwidth);
    bandwidth->estimate_bps = BANDWIDTH_START_BPS;
    bandwidth->care_us = BANDWIDTH_CARE_US;
}

static uint32_t clamp(uint64_t bps)
{
    if (bps < BANDWIDTH_LEAST_BPS)
        return BANDWIDTH_LEAST_BPS;
    return bps > BANDWIDTH_MOST_BPS ? BANDWIDTH_MOST_BPS : (uint32_t)bps;
}

uint32_t bandwidth_estimate(const struct bandwidth *bandwidth)
{
    return bandwidth->peer_bps != 0 && bandwidth->peer_bps < bandwidth->estimate_bps
               ? bandwidth->peer_bps
               : bandwidth->estimate_bps;
}

/* ---- what got through ---- */

static void move_slots(struct bandwidth *bandwidth, int64_t now_us)
{
    if (now_us - bandwidth->slot_us > BANDWIDTH_SLOTS * BANDWIDTH_SLOT_US) {
        memset(bandwidth->delivered, 0, sizeof bandwidth->delivered);
        bandwidth->slot_us = now_us;
    }
    while (now_us - bandwidth->slot_us >= BANDWIDTH_SLOT_US) {
        bandwidth->slot = (bandwidth->slot + 1) % BANDWIDTH_SLOTS;
        bandwidth->delivered[bandwidth->slot] = 0;
        bandwidth->slot_us += BANDWIDTH_SLOT_US;
    }
}

/* Of the last half second: a cut is to follow the line, not its past. */
static uint32_t delivered_bps(const struct bandwidth *bandwidth)
{
    uint64_t bytes = 0;
    for (unsigned i = 1; i <= BANDWIDTH_SLOTS / 2; i++)
        bytes += bandwidth->delivered[(bandwidth->slot + BANDWIDTH_SLOTS - i) % BANDWIDTH_SLOTS];
    return (uint32_t)(bytes * 8 * 1000000 / (BANDWIDTH_SLOT_US * (BANDWIDTH_SLOTS / 2)));
}

void bandwidth_sent(struct bandwidth *bandwidth, uint16_t number, unsigned size, int64_t now_us)
{
    bandwidth->log[number % BANDWIDTH_LOG] =
        (struct bandwidth_packet){number, (uint16_t)size, now_us};
    if (bandwidth->sent_us == 0 || now_us - bandwidth->sent_us > SILENCE_US)
        bandwidth->heard_us = now_us; /* a pause was ours, not the line's */
    bandwidth->sent_us = now_us;
}

/* How much longer the way took than the shortest did. The peer's clock and ours differ by what they
 * like; only changes count. */
static int64_t waited_us(struct bandwidth *bandwidth, int64_t way_us, int64_t now_us)
{
    if (!bandwidth->has_way || way_us < bandwidth->shortest_us - WRAP_US / 2) {
        bandwidth->has_way = true;
        bandwidth->shortest_us = bandwidth->shortest_before_us = way_us;
        bandwidth->shortest_since_us = now_us;
    }
    if (now_us - bandwidth->shortest_since_us > WAY_US) {
        bandwidth->shortest_before_us = bandwidth->shortest_us;
        bandwidth->shortest_us = way_us;
        bandwidth->shortest_since_us = now_us;
    }
    if (way_us < bandwidth->shortest_us)
        bandwidth->shortest_us = way_us;
    int64_t shortest_us = bandwidth->shortest_us < bandwidth->shortest_before_us
                              ? bandwidth->shortest_us
                              : bandwidth->shortest_before_us;
    return way_us - shortest_us;
}

void bandwidth_told(struct bandwidth *bandwidth, uint16_t number, int64_t arrival_us,
                    int64_t now_us)
{
    struct bandwidth_packet *packet = &bandwidth->log[number % BANDWIDTH_LOG];
    if (packet->sent_us == 0 || packet->number != number)
        return;
    bandwidth->heard_us = now_us;
    if (arrival_us < 0) {
        bandwidth->lost++;
    } else {
        move_slots(bandwidth, now_us);
        bandwidth->delivered[bandwidth->slot] += packet->size;
        bandwidth->received++;
        bandwidth->wait_sum_us += waited_us(bandwidth, arrival_us - packet->sent_us, now_us);
    }
    packet->sent_us = 0;
}

/* ---- judgement ---- */

static void cut(struct bandwidth *bandwidth, uint64_t bps, int64_t now_us)
{
    if (now_us - bandwidth->cut_us < CUT_PAUSE_US || bps >= bandwidth->estimate_bps)
        return;
    /* More was tried after the pause, and failed again: all the more care. */
    int64_t tried_us = now_us - bandwidth->ceiling_until_us;
    if (bandwidth->ceiling_bps == 0 || tried_us > 2 * bandwidth->care_us)
        bandwidth->care_us = BANDWIDTH_CARE_US;
    else if (tried_us > 0 && bandwidth->care_us < CARE_MOST_US)
        bandwidth->care_us *= 2;
    bandwidth->estimate_bps = clamp(bps);
    bandwidth->ceiling_bps = bandwidth->estimate_bps + bandwidth->estimate_bps / 5;
    bandwidth->ceiling_until_us = now_us + bandwidth->care_us;
    bandwidth->cut_us = bandwidth->grown_us = now_us;
}

static void grow(struct bandwidth *bandwidth, int64_t now_us)
{
    int64_t since_us = now_us - bandwidth->grown_us;
    if (since_us > GROWTH_STEP_US)
        since_us = GROWTH_STEP_US;
    uint64_t step = bandwidth->estimate_bps / GROWTH_PER_S;
    if (step < ROOM_BPS)
        step = ROOM_BPS;
    uint64_t bps = bandwidth->estimate_bps + step * (uint64_t)since_us / 1000000;
    if (now_us < bandwidth->ceiling_until_us && bps > bandwidth->ceiling_bps)
        bps = bandwidth->ceiling_bps > bandwidth->estimate_bps ? bandwidth->ceiling_bps
                                                               : bandwidth->estimate_bps;
    bandwidth->estimate_bps = clamp(bps);
    bandwidth->grown_us = now_us;
}

void bandwidth_judge(struct bandwidth *bandwidth, int64_t now_us)
{
    unsigned told = bandwidth->received + bandwidth->lost;
    if (told < PACKETS_LEAST || now_us - bandwidth->judged_us < JUDGE_US)
        return;
    int64_t waited = bandwidth->received > 0 ? bandwidth->wait_sum_us / bandwidth->received : 0;
    uint64_t through = delivered_bps(bandwidth);
    /* A few packets tell little: 5 % is two in ten now and then. */
    bandwidth->loss_256 =
        (bandwidth->loss_256 * (LOSS_WEIGHT - 1) + bandwidth->lost * 256u / told) / LOSS_WEIGHT;
    if (waited > WAITING_US)
        cut(bandwidth, through * 17 / 20, now_us);
    else if (bandwidth->loss_256 > LOSS_FULL)
        cut(bandwidth, through * 19 / 20, now_us);
    else if (bandwidth->loss_256 > LOSS_CLEAR || waited > CLEAR_US)
        bandwidth->grown_us = now_us;
    else
        grow(bandwidth, now_us);
    bandwidth->received = bandwidth->lost = 0;
    bandwidth->wait_sum_us = 0;
    bandwidth->judged_us = now_us;
}

void bandwidth_reported(struct bandwidth *bandwidth, uint8_t fraction_lost, int64_t now_us)
{
    if (bandwidth->sent_us == 0 || now_us - bandwidth->sent_us > SILENCE_US)
        return; /* of nothing nothing is lost */
    bandwidth->heard_us = now_us;
    if (fraction_lost > LOSS_FULL)
        cut(bandwidth, (uint64_t)bandwidth->estimate_bps * (512 - fraction_lost) / 512, now_us);
    else if (fraction_lost <= LOSS_CLEAR)
        grow(bandwidth, now_us);
}

void bandwidth_remb(struct bandwidth *bandwidth, uint64_t bitrate_bps)
{
    bandwidth->peer_bps = clamp(bitrate_bps);
}

void bandwidth_tick(struct bandwidth *bandwidth, int64_t now_us)
{
    if (bandwidth->sent_us == 0 || now_us - bandwidth->sent_us > SILENCE_US ||
        now_us - bandwidth->heard_us < SILENCE_US)
        return;
    cut(bandwidth, bandwidth->estimate_bps / 2, now_us);
    bandwidth->heard_us = now_us;
}
