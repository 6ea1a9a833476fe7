/* Redundant audio (RED, RFC 2198): a packet that carries earlier frames beside its own, so that a
 * loss is made good by the next packet.
 *
 * Thread: any; no state, no allocation. */
#pragma once

#include "bridge/transport/rtp.h"

#define RED_BLOCKS_MAX 8

/* One frame of a packet. */
struct red_block {
    uint8_t payload_type;
    uint32_t timestamp;
    const uint8_t *payload; /* points into the packet */
    size_t size;
};

/* The packet's frames, oldest first, the packet's own last; empty ones are left out. 0 for what is
 * not a whole RED payload of at most RED_BLOCKS_MAX blocks. */
unsigned red_parse(const struct rtp_packet *packet, struct red_block blocks[RED_BLOCKS_MAX]);
