#include "bridge/transport/reception.h"

#include <string.h>

#define MAX_DROPOUT  3000 /* RFC 3550 A.1: a gap up to this is loss */
#define MAX_MISORDER 100  /* and up to this far behind is reordering */
#define NO_RESYNC    (-1)
#define LOST_MAX     0x7fffff /* 24 bits with a sign */

void reception_init(struct reception *reception, uint32_t ssrc, uint32_t clock_rate)
{
    memset(reception, 0, sizeof *reception);
    reception->ssrc = ssrc;
    reception->clock_rate = clock_rate;
    reception->resync = NO_RESYNC;
}

static void begin(struct reception *reception, uint16_t sequence_number)
{
    reception->lost_before = reception_lost(reception);
    reception->has_packets = true;
    reception->first = reception->highest = sequence_number;
    reception->cycles = 0;
    reception->resync = NO_RESYNC;
    reception->received = 0;
    reception->expected_prior = reception->received_prior = 0;
}

/* A.1; false for a packet that is not of this run of sequence numbers. */
static bool follow_sequence(struct reception *reception, uint16_t sequence_number)
{
    uint16_t step = (uint16_t)(sequence_number - reception->highest);
    if (!reception->has_packets) {
        begin(reception, sequence_number);
    } else if (step < MAX_DROPOUT) {
        if (sequence_number < reception->highest)
            reception->cycles += 1u << 16;
        reception->highest = sequence_number;
    } else if (step <= 65536 - MAX_MISORDER) {
        if (reception->resync != sequence_number) {
            reception->resync = (uint16_t)(sequence_number + 1);
            return false;
        }
        begin(reception, sequence_number);
    }
    return true;
}

/* A.8. */
static void follow_jitter(struct reception *reception, uint32_t timestamp, int64_t arrival_us)
{
    uint32_t arrival = (uint32_t)((uint64_t)arrival_us * reception->clock_rate / 1000000);
    uint32_t transit = arrival - timestamp;
    uint32_t step = transit - reception->transit;
    uint32_t distance = step > INT32_MAX ? 0u - step : step;
    reception->transit = transit;
    /* The first packet has no other to compare with, and a sender's clock that jumps by seconds is
     * not jitter. */
    if (reception->received > 1 && distance < reception->clock_rate)
        reception->jitter_q4 += distance - ((reception->jitter_q4 + 8) >> 4);
}

bool reception_packet(struct reception *reception, uint16_t sequence_number, uint32_t timestamp,
                      int64_t arrival_us)
{
    if (!follow_sequence(reception, sequence_number))
        return false;
    reception->received++;
    follow_jitter(reception, timestamp, arrival_us);
    return true;
}

void reception_sender_report(struct reception *reception, uint64_t ntp_time, int64_t arrival_us)
{
    reception->last_report_ntp = (uint32_t)(ntp_time >> 16);
    reception->last_report_us = arrival_us;
}

static uint64_t expected(const struct reception *reception)
{
    if (!reception->has_packets)
        return 0;
    return reception->cycles + reception->highest - reception->first + 1;
}

/* A.3; negative when duplicates outweigh the loss. */
static int64_t net_loss(const struct reception *reception)
{
    return (int64_t)expected(reception) - (int64_t)reception->received;
}

static uint8_t fraction_lost(int64_t expected_since, int64_t received_since)
{
    int64_t lost = expected_since - received_since;
    if (expected_since <= 0 || lost <= 0)
        return 0;
    int64_t fraction = lost * 256 / expected_since;
    return (uint8_t)(fraction < 255 ? fraction : 255);
}

bool reception_report(struct reception *reception, int64_t now_us, struct rtcp_report_block *block)
{
    if (!reception->has_packets)
        return false;
    int64_t lost = net_loss(reception);
    uint64_t wanted = expected(reception);
    *block = (struct rtcp_report_block){
        .ssrc = reception->ssrc,
        .fraction_lost = fraction_lost((int64_t)(wanted - reception->expected_prior),
                                       (int64_t)(reception->received - reception->received_prior)),
        .cumulative_lost =
            (int32_t)(lost > LOST_MAX ? LOST_MAX : (lost < -LOST_MAX ? -LOST_MAX : lost)),
        .highest_sequence_number = (uint32_t)(reception->cycles + reception->highest),
        .jitter = reception->jitter_q4 >> 4,
        .last_sender_report = reception->last_report_ntp,
    };
    if (reception->last_report_ntp != 0)
        block->delay_since_last_report =
            (uint32_t)((now_us - reception->last_report_us) * 65536 / 1000000);
    reception->expected_prior = wanted;
    reception->received_prior = reception->received;
    return true;
}

uint64_t reception_lost(const struct reception *reception)
{
    int64_t lost = net_loss(reception);
    return reception->lost_before + (lost > 0 ? (uint64_t)lost : 0);
}

uint32_t reception_jitter_us(const struct reception *reception)
{
    if (reception->clock_rate == 0)
        return 0;
    return (uint32_t)((uint64_t)reception->jitter_q4 * 1000000 / 16 / reception->clock_rate);
}
