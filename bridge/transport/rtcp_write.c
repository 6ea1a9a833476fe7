#include "bridge/transport/rtcp.h"

#include "bridge/transport/bytes.h"
#include "bridge/transport/rtcp_format.h"

#include <string.h>

#define NTP_UNIX_DISTANCE 2208988800u /* seconds from 1900 to 1970 */

static void write_head(uint8_t *bytes, size_t size, unsigned count, uint8_t type)
{
    bytes[0] = (uint8_t)(RTCP_VERSION << 6 | count);
    bytes[1] = type;
    write_u16(bytes + 2, (uint16_t)(size / 4 - 1));
}

static void write_blocks(uint8_t *bytes, const struct rtcp_report_block *blocks, unsigned count)
{
    for (unsigned i = 0; i < count; i++, bytes += RTCP_BLOCK_SIZE) {
        write_u32(bytes, blocks[i].ssrc);
        write_u32(bytes + 4, (uint32_t)blocks[i].fraction_lost << 24 |
                                 ((uint32_t)blocks[i].cumulative_lost & 0xffffff));
        write_u32(bytes + 8, blocks[i].highest_sequence_number);
        write_u32(bytes + 12, blocks[i].jitter);
        write_u32(bytes + 16, blocks[i].last_sender_report);
        write_u32(bytes + 20, blocks[i].delay_since_last_report);
    }
}

size_t rtcp_write_sender_report(uint8_t *bytes, size_t capacity, uint32_t ssrc,
                                const struct rtcp_sender_info *sender,
                                const struct rtcp_report_block *blocks, unsigned block_count)
{
    size_t head = RTCP_HEADER_SIZE + 4 + RTCP_SENDER_INFO_SIZE;
    size_t size = head + block_count * RTCP_BLOCK_SIZE;
    if (block_count > RTCP_REPORT_BLOCKS_MAX || size > capacity)
        return 0;
    write_head(bytes, size, block_count, RTCP_TYPE_SR);
    write_u32(bytes + 4, ssrc);
    write_u32(bytes + 8, (uint32_t)(sender->ntp_time >> 32));
    write_u32(bytes + 12, (uint32_t)sender->ntp_time);
    write_u32(bytes + 16, sender->rtp_timestamp);
    write_u32(bytes + 20, sender->packet_count);
    write_u32(bytes + 24, sender->octet_count);
    write_blocks(bytes + head, blocks, block_count);
    return size;
}

size_t rtcp_write_receiver_report(uint8_t *bytes, size_t capacity, uint32_t ssrc,
                                  const struct rtcp_report_block *blocks, unsigned block_count)
{
    size_t head = RTCP_HEADER_SIZE + 4;
    size_t size = head + block_count * RTCP_BLOCK_SIZE;
    if (block_count > RTCP_REPORT_BLOCKS_MAX || size > capacity)
        return 0;
    write_head(bytes, size, block_count, RTCP_TYPE_RR);
    write_u32(bytes + 4, ssrc);
    write_blocks(bytes + head, blocks, block_count);
    return size;
}

size_t rtcp_write_description(uint8_t *bytes, size_t capacity, uint32_t ssrc, const char *cname)
{
    size_t length = strlen(cname);
    if (length > RTCP_CNAME_MAX)
        length = RTCP_CNAME_MAX;
    size_t used = RTCP_HEADER_SIZE + 4 + 2 + length;
    /* The chunk ends with at least one zero and is filled up to 32 bits. */
    size_t size = (used / 4 + 1) * 4;
    if (size > capacity)
        return 0;
    write_head(bytes, size, 1, RTCP_TYPE_SDES);
    write_u32(bytes + 4, ssrc);
    bytes[8] = RTCP_ITEM_CNAME;
    bytes[9] = (uint8_t)length;
    memcpy(bytes + 10, cname, length);
    memset(bytes + used, 0, size - used);
    return size;
}

size_t rtcp_write_goodbye(uint8_t *bytes, size_t capacity, uint32_t ssrc)
{
    size_t size = RTCP_HEADER_SIZE + 4;
    if (size > capacity)
        return 0;
    write_head(bytes, size, 1, RTCP_TYPE_BYE);
    write_u32(bytes + 4, ssrc);
    return size;
}

size_t rtcp_write_nack(uint8_t *bytes, size_t capacity, uint32_t ssrc, uint32_t media_ssrc,
                       const uint16_t *lost, unsigned count)
{
    size_t size = RTCP_FEEDBACK_SIZE;
    for (unsigned i = 0; i < count;) {
        uint16_t first = lost[i++], bits = 0;
        for (; i < count; i++) {
            uint16_t distance = (uint16_t)(lost[i] - first);
            if (distance == 0 || distance > 16)
                break;
            bits |= (uint16_t)(1u << (distance - 1));
        }
        if (capacity < size + 4)
            return 0;
        write_u16(bytes + size, first);
        write_u16(bytes + size + 2, bits);
        size += 4;
    }
    if (size == RTCP_FEEDBACK_SIZE)
        return 0;
    write_head(bytes, size, RTCP_FORMAT_NACK, RTCP_TYPE_RTPFB);
    write_u32(bytes + 4, ssrc);
    write_u32(bytes + 8, media_ssrc);
    return size;
}

size_t rtcp_write_pli(uint8_t *bytes, size_t capacity, uint32_t ssrc, uint32_t media_ssrc)
{
    if (capacity < RTCP_FEEDBACK_SIZE)
        return 0;
    write_head(bytes, RTCP_FEEDBACK_SIZE, RTCP_FORMAT_PLI, RTCP_TYPE_PSFB);
    write_u32(bytes + 4, ssrc);
    write_u32(bytes + 8, media_ssrc);
    return RTCP_FEEDBACK_SIZE;
}

size_t rtcp_write_fir(uint8_t *bytes, size_t capacity, uint32_t ssrc, uint32_t media_ssrc,
                      uint8_t command_sequence_number)
{
    size_t size = RTCP_FEEDBACK_SIZE + 8;
    if (capacity < size)
        return 0;
    write_head(bytes, size, RTCP_FORMAT_FIR, RTCP_TYPE_PSFB);
    write_u32(bytes + 4, ssrc);
    write_u32(bytes + 8, 0); /* unused, section 4.3.1.2 */
    write_u32(bytes + 12, media_ssrc);
    write_u32(bytes + 16, (uint32_t)command_sequence_number << 24);
    return size;
}

size_t rtcp_write_remb(uint8_t *bytes, size_t capacity, uint32_t ssrc, uint64_t bitrate_bps,
                       const uint32_t *ssrcs, unsigned count)
{
    size_t size = RTCP_FEEDBACK_SIZE + 8 + 4 * (size_t)count;
    uint32_t exponent = 0;
    if (capacity < size || count > RTCP_SSRCS_MAX)
        return 0;
    while (bitrate_bps >> exponent > 0x3ffff)
        exponent++;
    write_head(bytes, size, RTCP_FORMAT_REMB, RTCP_TYPE_PSFB);
    write_u32(bytes + 4, ssrc);
    write_u32(bytes + 8, 0);
    memcpy(bytes + 12, "REMB", 4);
    write_u32(bytes + 16,
              (uint32_t)count << 24 | exponent << 18 | (uint32_t)(bitrate_bps >> exponent));
    for (unsigned i = 0; i < count; i++)
        write_u32(bytes + 20 + 4 * i, ssrcs[i]);
    return size;
}

uint64_t rtcp_ntp_time(int64_t utc_us)
{
    uint64_t seconds = (uint64_t)(utc_us / 1000000) + NTP_UNIX_DISTANCE;
    uint64_t fraction = ((uint64_t)(utc_us % 1000000) << 32) / 1000000;
    return seconds << 32 | fraction;
}
