#include "bridge/transport/red.h"

#define LONG_HEADER 4 /* bytes of a redundant block's header; the last one's has one */

/* RFC 2198 section 3: F, payload type, and unless it is the last, timestamp offset and length. */
static bool read_header(const uint8_t *bytes, size_t left, uint32_t timestamp,
                        struct red_block *block)
{
    if (left < LONG_HEADER)
        return false;
    uint32_t word = (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    block->payload_type = bytes[0] & 0x7f;
    block->timestamp = timestamp - (word >> 10);
    block->size = word & 0x3ff;
    return true;
}

unsigned red_parse(const struct rtp_packet *packet, struct red_block blocks[RED_BLOCKS_MAX])
{
    const uint8_t *bytes = packet->payload;
    size_t left = packet->payload_size, redundant = 0;
    unsigned count = 0, kept = 0;
    while (left > 0 && (bytes[0] & 0x80) != 0) {
        if (count + 1 >= RED_BLOCKS_MAX ||
            !read_header(bytes, left, packet->timestamp, &blocks[count]))
            return 0;
        redundant += blocks[count++].size;
        bytes += LONG_HEADER;
        left -= LONG_HEADER;
    }
    if (left == 0 || left - 1 < redundant)
        return 0;
    blocks[count].payload_type = bytes[0] & 0x7f;
    blocks[count].timestamp = packet->timestamp;
    blocks[count].size = left - 1 - redundant;
    bytes++;
    for (unsigned i = 0; i <= count; i++) {
        blocks[i].payload = bytes;
        bytes += blocks[i].size;
        if (blocks[i].size > 0)
            blocks[kept++] = blocks[i];
    }
    return kept;
}
