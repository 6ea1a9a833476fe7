#include "bridge/transport/rtcp.h"

#include "bridge/transport/bytes.h"

#include <string.h>

#define HEADER_SIZE       4
#define BLOCK_SIZE        24
#define SR_BODY_SIZE      24
#define MAX_DROPOUT       3000 /* RFC 3550 A.1 */
#define NTP_UNIX_DISTANCE 2208988800u

static void read_blocks(const uint8_t *bytes, size_t size, unsigned count,
                        const struct rtcp_reader *reader, void *arg)
{
    for (unsigned i = 0; i < count && size >= BLOCK_SIZE; i++) {
        uint32_t lost = read_u32(bytes + 4);
        struct rtcp_report_block block = {
            .ssrc = read_u32(bytes),
            .fraction_lost = (uint8_t)(lost >> 24),
            /* 24 bits with a sign */
            .cumulative_lost = (int32_t)(lost << 8) >> 8,
            .highest_sequence = read_u32(bytes + 8),
            .jitter = read_u32(bytes + 12),
            .last_sr = read_u32(bytes + 16),
            .delay_last_sr = read_u32(bytes + 20),
        };
        if (reader->report_block != NULL)
            reader->report_block(&block, arg);
        bytes += BLOCK_SIZE;
        size -= BLOCK_SIZE;
    }
}

static void read_one(const uint8_t *bytes, size_t size, const struct rtcp_reader *reader, void *arg)
{
    unsigned count = bytes[0] & 0x1f;
    const uint8_t *body = bytes + HEADER_SIZE;
    size_t left = size - HEADER_SIZE;
    switch (bytes[1]) {
    case RTCP_SR:
        if (left < SR_BODY_SIZE)
            return;
        if (reader->sender_report != NULL)
            reader->sender_report(read_u32(body),
                                  (uint64_t)read_u32(body + 4) << 32 | read_u32(body + 8),
                                  read_u32(body + 12), arg);
        read_blocks(body + SR_BODY_SIZE, left - SR_BODY_SIZE, count, reader, arg);
        break;
    case RTCP_RR:
        if (left >= 4)
            read_blocks(body + 4, left - 4, count, reader, arg);
        break;
    case RTCP_BYE:
        for (unsigned i = 0; i < count && left >= 4 * (i + 1); i++) {
            if (reader->bye != NULL)
                reader->bye(read_u32(body + 4 * i), arg);
        }
        break;
    default:
        break;
    }
}

bool rtcp_read(const uint8_t *bytes, size_t size, const struct rtcp_reader *reader, void *arg)
{
    if (size < HEADER_SIZE)
        return false;
    while (size > 0) {
        if (size < HEADER_SIZE || bytes[0] >> 6 != 2)
            return false;
        size_t length = ((size_t)read_u16(bytes + 2) + 1) * 4;
        if (length > size)
            return false;
        size_t padding = 0;
        if ((bytes[0] & 0x20) != 0) {
            padding = bytes[length - 1];
            if (padding == 0 || padding > length - HEADER_SIZE)
                return false;
        }
        read_one(bytes, length - padding, reader, arg);
        bytes += length;
        size -= length;
    }
    return true;
}

void rtcp_reception_start(struct rtcp_reception *reception, uint32_t ssrc, uint32_t clock_rate)
{
    memset(reception, 0, sizeof *reception);
    reception->ssrc = ssrc;
    reception->clock_rate = clock_rate;
}

static void update_jitter(struct rtcp_reception *reception, uint32_t timestamp, int64_t arrival_us)
{
    uint32_t arrival = (uint32_t)((uint64_t)arrival_us * reception->clock_rate / 1000000);
    int32_t transit = (int32_t)(arrival - timestamp);
    if (reception->received > 1) {
        int32_t step = (int32_t)((uint32_t)transit - (uint32_t)reception->transit);
        uint32_t distance = step < 0 ? 0u - (uint32_t)step : (uint32_t)step;
        /* A sender's clock that jumps is not jitter. */
        if (distance < reception->clock_rate)
            reception->jitter += distance - ((reception->jitter + 8) >> 4);
    }
    reception->transit = transit;
}

void rtcp_reception_packet(struct rtcp_reception *reception, uint16_t sequence_number,
                           uint32_t timestamp, int64_t arrival_us)
{
    uint16_t step = (uint16_t)(sequence_number - reception->max_sequence);
    if (!reception->is_started) {
        reception->is_started = true;
        reception->base_sequence = reception->max_sequence = sequence_number;
    } else if (step < MAX_DROPOUT) {
        if (sequence_number < reception->max_sequence)
            reception->cycles += 1u << 16;
        reception->max_sequence = sequence_number;
    } else if (step < UINT16_MAX - MAX_DROPOUT) {
        /* Too large a jump for loss: the sender has started anew. */
        reception->cycles = 0;
        reception->base_sequence = reception->max_sequence = sequence_number;
        reception->received = reception->received_prior = reception->expected_prior = 0;
    }
    reception->received++;
    update_jitter(reception, timestamp, arrival_us);
}

void rtcp_reception_sender_report(struct rtcp_reception *reception, uint64_t ntp, int64_t now_us)
{
    reception->last_sr = (uint32_t)(ntp >> 16);
    reception->last_sr_us = now_us;
}

static uint64_t expected(const struct rtcp_reception *reception)
{
    if (!reception->is_started)
        return 0;
    return (uint64_t)reception->cycles + reception->max_sequence - reception->base_sequence + 1;
}

uint64_t rtcp_reception_lost(const struct rtcp_reception *reception)
{
    uint64_t wanted = expected(reception);
    return wanted > reception->received ? wanted - reception->received : 0;
}

uint32_t rtcp_reception_jitter_us(const struct rtcp_reception *reception)
{
    if (reception->clock_rate == 0)
        return 0;
    return (uint32_t)((uint64_t)(reception->jitter >> 4) * 1000000 / reception->clock_rate);
}

void rtcp_reception_report(struct rtcp_reception *reception, int64_t now_us,
                           struct rtcp_report_block *block)
{
    uint64_t wanted = expected(reception);
    int64_t wanted_since = (int64_t)(wanted - reception->expected_prior);
    int64_t lost_since = wanted_since - (int64_t)(reception->received - reception->received_prior);
    uint64_t lost = rtcp_reception_lost(reception);
    reception->expected_prior = wanted;
    reception->received_prior = reception->received;
    memset(block, 0, sizeof *block);
    block->ssrc = reception->ssrc;
    if (wanted_since > 0 && lost_since > 0)
        block->fraction_lost = (uint8_t)((lost_since << 8) / (wanted_since + 1));
    block->cumulative_lost = (int32_t)(lost < 0x7fffff ? lost : 0x7fffff);
    block->highest_sequence = reception->cycles + reception->max_sequence;
    block->jitter = reception->jitter >> 4;
    block->last_sr = reception->last_sr;
    if (reception->last_sr != 0)
        block->delay_last_sr = (uint32_t)((now_us - reception->last_sr_us) * 65536 / 1000000);
}

uint64_t rtcp_ntp(int64_t utc_us)
{
    uint64_t seconds = (uint64_t)(utc_us / 1000000) + NTP_UNIX_DISTANCE;
    uint64_t fraction = ((uint64_t)(utc_us % 1000000) << 32) / 1000000;
    return seconds << 32 | fraction;
}

uint32_t rtcp_round_trip_us(const struct rtcp_report_block *block, uint64_t ntp_now)
{
    if (block->last_sr == 0)
        return 0;
    int32_t units = (int32_t)((uint32_t)(ntp_now >> 16) - block->last_sr - block->delay_last_sr);
    return units > 0 ? (uint32_t)((uint64_t)units * 1000000 / 65536) : 1;
}

static size_t finish(uint8_t *bytes, size_t size, unsigned count, enum rtcp_type type)
{
    bytes[0] = (uint8_t)(2 << 6 | count);
    bytes[1] = (uint8_t)type;
    write_u16(bytes + 2, (uint16_t)(size / 4 - 1));
    return size;
}

static size_t write_sdes(uint8_t *bytes, uint32_t ssrc, const char *cname)
{
    size_t length = strnlen(cname, 100);
    size_t size = HEADER_SIZE + 4 + 2 + length;
    write_u32(bytes + HEADER_SIZE, ssrc);
    bytes[8] = 1; /* CNAME */
    bytes[9] = (uint8_t)length;
    memcpy(bytes + 10, cname, length);
    /* The chunk ends with a zero and is filled up to 32 bits. */
    do
        bytes[size++] = 0;
    while (size % 4 != 0);
    return finish(bytes, size, 1, RTCP_SDES);
}

size_t rtcp_write_report(uint8_t bytes[RTCP_REPORT_MAX], const struct rtcp_sender *sender,
                         const struct rtcp_report_block *blocks, unsigned block_count,
                         const char *cname)
{
    size_t size = HEADER_SIZE + 4;
    if (block_count > 3)
        block_count = 3;
    write_u32(bytes + HEADER_SIZE, sender->ssrc);
    if (sender->has_sent) {
        write_u32(bytes + 8, (uint32_t)(sender->ntp >> 32));
        write_u32(bytes + 12, (uint32_t)sender->ntp);
        write_u32(bytes + 16, sender->rtp_timestamp);
        write_u32(bytes + 20, sender->packets);
        write_u32(bytes + 24, sender->octets);
        size += SR_BODY_SIZE - 4;
    }
    for (unsigned i = 0; i < block_count; i++, size += BLOCK_SIZE) {
        const struct rtcp_report_block *block = &blocks[i];
        write_u32(bytes + size, block->ssrc);
        write_u32(bytes + size + 4, (uint32_t)block->fraction_lost << 24 |
                                        ((uint32_t)block->cumulative_lost & 0xffffff));
        write_u32(bytes + size + 8, block->highest_sequence);
        write_u32(bytes + size + 12, block->jitter);
        write_u32(bytes + size + 16, block->last_sr);
        write_u32(bytes + size + 20, block->delay_last_sr);
    }
    finish(bytes, size, block_count, sender->has_sent ? RTCP_SR : RTCP_RR);
    return size + write_sdes(bytes + size, sender->ssrc, cname);
}

size_t rtcp_write_bye(uint8_t *bytes, uint32_t ssrc)
{
    write_u32(bytes + HEADER_SIZE, ssrc);
    return finish(bytes, HEADER_SIZE + 4, 1, RTCP_BYE);
}
