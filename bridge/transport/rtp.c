#include "bridge/transport/rtp.h"

#include "bridge/transport/bytes.h"

#include <string.h>

#define RTP_VERSION      2
#define ONE_BYTE_PROFILE 0xbede
#define TWO_BYTE_PROFILE 0x1000 /* the low four bits are free */
#define RTCP_FIRST_TYPE  192
#define RTCP_LAST_TYPE   223

static bool parse_extension(struct rtp_packet *packet, const uint8_t *bytes, size_t size,
                            size_t *offset)
{
    if (size - *offset < 4)
        return false;
    size_t length = (size_t)read_u16(bytes + *offset + 2) * 4;
    if (size - *offset - 4 < length)
        return false;
    packet->extension_profile = read_u16(bytes + *offset);
    packet->extension = bytes + *offset + 4;
    packet->extension_size = length;
    *offset += 4 + length;
    return true;
}

bool rtp_parse(struct rtp_packet *packet, const uint8_t *bytes, size_t size)
{
    memset(packet, 0, sizeof *packet);
    if (size < RTP_HEADER_SIZE || bytes[0] >> 6 != RTP_VERSION)
        return false;
    bool has_padding = (bytes[0] & 0x20) != 0;
    bool has_extension = (bytes[0] & 0x10) != 0;
    packet->csrc_count = bytes[0] & 0x0f;
    packet->marker = (bytes[1] & 0x80) != 0;
    packet->payload_type = bytes[1] & 0x7f;
    packet->sequence_number = read_u16(bytes + 2);
    packet->timestamp = read_u32(bytes + 4);
    packet->ssrc = read_u32(bytes + 8);
    size_t offset = RTP_HEADER_SIZE + 4u * packet->csrc_count;
    if (size < offset)
        return false;
    for (unsigned i = 0; i < packet->csrc_count; i++)
        packet->csrc[i] = read_u32(bytes + RTP_HEADER_SIZE + 4 * i);
    if (has_extension && !parse_extension(packet, bytes, size, &offset))
        return false;
    size_t padding = 0;
    if (has_padding) {
        padding = bytes[size - 1];
        if (padding == 0 || padding > size - offset)
            return false;
    }
    packet->payload = bytes + offset;
    packet->payload_size = size - offset - padding;
    return true;
}

/* RFC 8285 section 4.2: id and length share a byte; id 15 ends the reading. */
static const uint8_t *find_one_byte(const struct rtp_packet *packet, uint8_t id, size_t *size)
{
    size_t offset = 0;
    while (offset < packet->extension_size) {
        uint8_t head = packet->extension[offset++];
        if (head == 0)
            continue;
        size_t length = (head & 0x0fu) + 1;
        if (head >> 4 == 15 || length > packet->extension_size - offset)
            return NULL;
        if (head >> 4 == id) {
            *size = length;
            return packet->extension + offset;
        }
        offset += length;
    }
    return NULL;
}

/* RFC 8285 section 4.3. */
static const uint8_t *find_two_byte(const struct rtp_packet *packet, uint8_t id, size_t *size)
{
    size_t offset = 0;
    while (offset < packet->extension_size) {
        uint8_t found = packet->extension[offset++];
        if (found == 0)
            continue;
        if (offset == packet->extension_size)
            return NULL;
        size_t length = packet->extension[offset++];
        if (length > packet->extension_size - offset)
            return NULL;
        if (found == id) {
            *size = length;
            return packet->extension + offset;
        }
        offset += length;
    }
    return NULL;
}

const uint8_t *rtp_find_extension(const struct rtp_packet *packet, uint8_t id, size_t *size)
{
    if (packet->extension == NULL || id == 0)
        return NULL;
    if (packet->extension_profile == ONE_BYTE_PROFILE)
        return id <= 14 ? find_one_byte(packet, id, size) : NULL;
    if ((packet->extension_profile & 0xfff0) == TWO_BYTE_PROFILE)
        return find_two_byte(packet, id, size);
    return NULL;
}

bool rtp_read_audio_level(const struct rtp_packet *packet, uint8_t id, int *level_dbov, bool *voice)
{
    size_t size;
    const uint8_t *element = rtp_find_extension(packet, id, &size);
    if (element == NULL || size == 0)
        return false;
    *level_dbov = -(int)(element[0] & 0x7f);
    *voice = (element[0] & 0x80) != 0;
    return true;
}

size_t rtp_write_header(uint8_t *bytes, uint8_t payload_type, bool marker, uint16_t sequence_number,
                        uint32_t timestamp, uint32_t ssrc, uint8_t level_id, uint8_t level_dbov,
                        bool voice)
{
    bytes[0] = RTP_VERSION << 6 | (level_id != 0 ? 0x10 : 0);
    bytes[1] = (uint8_t)((marker ? 0x80 : 0) | payload_type);
    write_u16(bytes + 2, sequence_number);
    write_u32(bytes + 4, timestamp);
    write_u32(bytes + 8, ssrc);
    if (level_id == 0)
        return RTP_HEADER_SIZE;
    write_u16(bytes + 12, ONE_BYTE_PROFILE);
    write_u16(bytes + 14, 1);
    bytes[16] = (uint8_t)(level_id << 4);
    bytes[17] = (uint8_t)((voice ? 0x80 : 0) | (level_dbov & 0x7f));
    bytes[18] = bytes[19] = 0;
    return RTP_HEADER_SIZE + 8;
}

bool rtp_is_rtcp(const uint8_t *bytes, size_t size)
{
    return size >= 2 && bytes[1] >= RTCP_FIRST_TYPE && bytes[1] <= RTCP_LAST_TYPE;
}

enum rtp_demux rtp_demux(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return RTP_DEMUX_OTHER;
    if (bytes[0] <= 3)
        return RTP_DEMUX_STUN;
    if (bytes[0] >= 20 && bytes[0] <= 63)
        return RTP_DEMUX_DTLS;
    if (bytes[0] >= 128 && bytes[0] <= 191)
        return rtp_is_rtcp(bytes, size) ? RTP_DEMUX_RTCP : RTP_DEMUX_RTP;
    return RTP_DEMUX_OTHER;
}
