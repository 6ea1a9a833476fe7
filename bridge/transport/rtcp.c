/* Reading. */
#include "bridge/transport/rtcp.h"

#include "bridge/transport/bytes.h"
#include "bridge/transport/rtcp_format.h"

#include <string.h>

/* One packet's place in the datagram: its whole length, and the size without padding; both 0 when
 * there is no whole packet. */
struct extent {
    size_t length;
    size_t size;
};

static struct extent find_packet(const uint8_t *bytes, size_t size)
{
    static const struct extent none = {0, 0};
    if (size < RTCP_HEADER_SIZE || bytes[0] >> 6 != RTCP_VERSION)
        return none;
    size_t length = ((size_t)read_u16(bytes + 2) + 1) * 4;
    if (length > size || bytes[1] < RTCP_TYPE_FIRST || bytes[1] > RTCP_TYPE_LAST)
        return none;
    if ((bytes[0] & RTCP_PADDING_BIT) == 0)
        return (struct extent){length, length};
    uint8_t padding = bytes[length - 1];
    /* RFC 3550 section 6.4.1: only the last of a compound is padded; by a multiple of four, but
     * Chromium fills its transport-wide feedback up by one to three. */
    if (length != size || padding == 0 || padding > length - RTCP_HEADER_SIZE)
        return none;
    return (struct extent){length, length - padding};
}

bool rtcp_reader_init(struct rtcp_reader *reader, const uint8_t *bytes, size_t size)
{
    *reader = (struct rtcp_reader){bytes, size, 0};
    if (size == 0)
        return false;
    for (size_t offset = 0; offset < size;) {
        struct extent extent = find_packet(bytes + offset, size - offset);
        if (extent.length == 0)
            return false;
        offset += extent.length;
    }
    return true;
}

static void read_block(const uint8_t *bytes, struct rtcp_report_block *block)
{
    uint32_t lost = read_u32(bytes + 4) & 0xffffff;
    block->ssrc = read_u32(bytes);
    block->fraction_lost = bytes[4];
    block->cumulative_lost = lost < 0x800000 ? (int32_t)lost : (int32_t)lost - 0x1000000;
    block->highest_sequence_number = read_u32(bytes + 8);
    block->jitter = read_u32(bytes + 12);
    block->last_sender_report = read_u32(bytes + 16);
    block->delay_since_last_report = read_u32(bytes + 20);
}

static bool read_report(struct rtcp_packet *packet, const uint8_t *bytes, size_t size,
                        bool is_sender)
{
    unsigned count = bytes[0] & RTCP_COUNT_MASK;
    size_t offset = RTCP_HEADER_SIZE + 4 + (is_sender ? RTCP_SENDER_INFO_SIZE : 0);
    if (size < offset + count * RTCP_BLOCK_SIZE)
        return false;
    packet->kind = is_sender ? RTCP_SENDER_REPORT : RTCP_RECEIVER_REPORT;
    packet->sender_ssrc = read_u32(bytes + 4);
    memset(&packet->report.sender, 0, sizeof packet->report.sender);
    if (is_sender)
        packet->report.sender = (struct rtcp_sender_info){
            .ntp_time = (uint64_t)read_u32(bytes + 8) << 32 | read_u32(bytes + 12),
            .rtp_timestamp = read_u32(bytes + 16),
            .packet_count = read_u32(bytes + 20),
            .octet_count = read_u32(bytes + 24),
        };
    packet->report.block_count = count;
    for (unsigned i = 0; i < count; i++, offset += RTCP_BLOCK_SIZE)
        read_block(bytes + offset, &packet->report.blocks[i]);
    return true;
}

/* The items of one chunk, from `*offset` to behind its padding; false if they run out. */
static bool read_chunk(struct rtcp_packet *packet, const uint8_t *bytes, size_t size,
                       size_t *offset, uint32_t ssrc)
{
    while (*offset < size && bytes[*offset] != 0) {
        if (size - *offset < 2 || size - *offset - 2 < bytes[*offset + 1])
            return false;
        if (bytes[*offset] == RTCP_ITEM_CNAME && packet->description.cname == NULL) {
            packet->description.cname = (const char *)bytes + *offset + 2;
            packet->description.cname_size = bytes[*offset + 1];
            packet->description.ssrc = ssrc;
        }
        *offset += 2u + bytes[*offset + 1];
    }
    if (*offset >= size)
        return false; /* the zero that ends a chunk is missing */
    *offset = (*offset / 4 + 1) * 4;
    return *offset <= size;
}

static bool read_description(struct rtcp_packet *packet, const uint8_t *bytes, size_t size)
{
    unsigned count = bytes[0] & RTCP_COUNT_MASK;
    size_t offset = RTCP_HEADER_SIZE;
    memset(&packet->description, 0, sizeof packet->description);
    for (unsigned i = 0; i < count; i++) {
        if (size - offset < 4)
            return false;
        uint32_t ssrc = read_u32(bytes + offset);
        packet->sender_ssrc = i == 0 ? ssrc : packet->sender_ssrc;
        offset += 4;
        if (!read_chunk(packet, bytes, size, &offset, ssrc))
            return false;
    }
    packet->kind = RTCP_SOURCE_DESCRIPTION;
    return true;
}

static bool read_goodbye(struct rtcp_packet *packet, const uint8_t *bytes, size_t size)
{
    unsigned count = bytes[0] & RTCP_COUNT_MASK;
    if (size < RTCP_HEADER_SIZE + 4 * count)
        return false;
    packet->kind = RTCP_GOODBYE;
    packet->goodbye.ssrc_count = count;
    for (unsigned i = 0; i < count; i++)
        packet->goodbye.ssrcs[i] = read_u32(bytes + RTCP_HEADER_SIZE + 4 * i);
    packet->sender_ssrc = count > 0 ? packet->goodbye.ssrcs[0] : 0;
    return true;
}

/* RFC 5104 section 4.3.1.1: eight bytes an entry. */
static bool read_fir(struct rtcp_packet *packet, const uint8_t *bytes, size_t size)
{
    unsigned count = 0;
    for (size_t offset = RTCP_FEEDBACK_SIZE; size - offset >= 8 && count < RTCP_SSRCS_MAX;
         offset += 8, count++) {
        packet->fir.ssrcs[count] = read_u32(bytes + offset);
        packet->fir.command_sequence_numbers[count] = bytes[offset + 4];
    }
    packet->kind = RTCP_FIR;
    packet->fir.ssrc_count = count;
    return count > 0;
}

/* "REMB", a count, six bits of exponent, 18 of mantissa, then the SSRCs. */
static bool read_remb(struct rtcp_packet *packet, const uint8_t *bytes, size_t size)
{
    const uint8_t *body = bytes + RTCP_FEEDBACK_SIZE;
    size_t left = size - RTCP_FEEDBACK_SIZE;
    if (left < 8 || memcmp(body, "REMB", 4) != 0 || left - 8 < 4u * body[4])
        return false;
    unsigned exponent = body[5] >> 2;
    uint64_t mantissa = (uint64_t)(body[5] & 3) << 16 | read_u16(body + 6);
    if (exponent > 63 - 18)
        return false; /* no line is that fast */
    packet->kind = RTCP_REMB;
    packet->remb.bitrate_bps = mantissa << exponent;
    packet->remb.ssrc_count = body[4] < RTCP_SSRCS_MAX ? body[4] : RTCP_SSRCS_MAX;
    for (unsigned i = 0; i < packet->remb.ssrc_count; i++)
        packet->remb.ssrcs[i] = read_u32(body + 8 + 4 * i);
    return true;
}

/* RFC 4585 section 6.1. */
static bool read_feedback(struct rtcp_packet *packet, const uint8_t *bytes, size_t size)
{
    unsigned format = bytes[0] & RTCP_COUNT_MASK;
    bool is_transport = bytes[1] == RTCP_TYPE_RTPFB;
    if (size < RTCP_FEEDBACK_SIZE)
        return false;
    packet->sender_ssrc = read_u32(bytes + 4);
    if (!is_transport && format == RTCP_FORMAT_FIR)
        return read_fir(packet, bytes, size);
    if (!is_transport && format == RTCP_FORMAT_REMB)
        return read_remb(packet, bytes, size);
    packet->feedback.media_ssrc = read_u32(bytes + 8);
    packet->feedback.information = bytes + RTCP_FEEDBACK_SIZE;
    packet->feedback.information_size = size - RTCP_FEEDBACK_SIZE;
    if (is_transport && format == RTCP_FORMAT_NACK && packet->feedback.information_size >= 4)
        packet->kind = RTCP_NACK;
    else if (is_transport && format == RTCP_FORMAT_TRANSPORT_CC &&
             packet->feedback.information_size >= 8)
        packet->kind = RTCP_TRANSPORT_CC;
    else if (!is_transport && format == RTCP_FORMAT_PLI)
        packet->kind = RTCP_PLI;
    else
        return false;
    return true;
}

static bool read_packet(struct rtcp_packet *packet, const uint8_t *bytes, size_t size)
{
    switch (bytes[1]) {
    case RTCP_TYPE_SR:
    case RTCP_TYPE_RR:
        return read_report(packet, bytes, size, bytes[1] == RTCP_TYPE_SR);
    case RTCP_TYPE_SDES:
        return read_description(packet, bytes, size);
    case RTCP_TYPE_BYE:
        return read_goodbye(packet, bytes, size);
    case RTCP_TYPE_RTPFB:
    case RTCP_TYPE_PSFB:
        return read_feedback(packet, bytes, size);
    default:
        return false;
    }
}

bool rtcp_next(struct rtcp_reader *reader, struct rtcp_packet *packet)
{
    const uint8_t *bytes = reader->bytes + reader->offset;
    struct extent extent = find_packet(bytes, reader->size - reader->offset);
    if (extent.length == 0)
        return false;
    reader->offset += extent.length;
    packet->sender_ssrc = 0;
    if (!read_packet(packet, bytes, extent.size))
        packet->kind = RTCP_OTHER;
    return true;
}

unsigned rtcp_nack_read(const struct rtcp_packet *nack, uint16_t *lost, unsigned capacity)
{
    unsigned count = 0;
    /* RFC 4585 section 6.2.1: a sequence number, and a bit for each of the 16 that follow it. */
    for (size_t offset = 0; nack->feedback.information_size - offset >= 4; offset += 4) {
        uint16_t first = read_u16(nack->feedback.information + offset);
        uint32_t bits = (uint32_t)read_u16(nack->feedback.information + offset + 2) << 1 | 1;
        for (unsigned i = 0; i <= 16; i++) {
            if ((bits >> i & 1) == 0)
                continue;
            if (count == capacity)
                return count;
            lost[count++] = (uint16_t)(first + i);
        }
    }
    return count;
}

bool rtcp_round_trip_us(const struct rtcp_report_block *block, uint64_t now,
                        uint32_t *round_trip_us)
{
    if (block->last_sender_report == 0)
        return false;
    /* 1/65536 s. Less than nothing, or more than a minute, is a peer's faulty arithmetic. */
    uint32_t units =
        (uint32_t)(now >> 16) - block->last_sender_report - block->delay_since_last_report;
    if (units > 60u << 16)
        return false;
    *round_trip_us = (uint32_t)((uint64_t)units * 1000000 >> 16);
    return true;
}
