/* The RTP payload of VP8 (RFC 7741): the descriptor in front of each packet.
 *
 * Thread: any; no state, no allocation. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vp8_descriptor {
    size_t size;       /* bytes of the descriptor; the VP8 payload follows */
    bool starts_frame; /* S, and partition 0 */
    bool is_key;       /* of a packet that starts a frame: the inverse of the payload's P bit */
    bool has_picture_id;
    uint16_t picture_id; /* 7 or 15 bits */
};

/* RFC 7741 section 4.2. False for a descriptor that is cut off or has nothing behind it. */
bool vp8_read_descriptor(const uint8_t *payload, size_t size, struct vp8_descriptor *descriptor);

/* What we send: X, I and a picture id of 15 bits, nothing else. */
#define VP8_DESCRIPTOR_SIZE 4
void vp8_write_descriptor(uint8_t bytes[VP8_DESCRIPTOR_SIZE], bool starts_frame,
                          uint16_t picture_id);
/* Gives a packet of ours another picture id. */
void vp8_set_picture_id(uint8_t bytes[VP8_DESCRIPTOR_SIZE], uint16_t picture_id);
