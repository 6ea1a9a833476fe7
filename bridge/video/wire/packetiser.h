/* A coded frame into RTP payloads: VP8 (RFC 7741) with a picture id of 15 bits, H.264 (RFC 6184,
 * packetization-mode 1) as single NAL units, FU-A, and STAP-A for what is small. Done once per
 * stream, whatever the number of legs that it goes to.
 *
 *     packetiser_begin(packetiser, frame);
 *     while (packetiser_next(packetiser, packet = frame_pool_take(pool)))
 *         ...
 *
 * Thread: one owner. Allocates nothing. */
#pragma once

#include "bridge/transport/frame.h"
#include "bridge/video/coded.h"
#include "bridge/video/wire/h264_nal.h"

struct packetiser {
    uint32_t stream; /* stream_id_new() */
    uint16_t number; /* of the next packet, counting without a gap */
    uint16_t picture_id;
    uint32_t delay; /* added to timestamps, 90 kHz */
    /* The frame at work; borrowed. */
    const struct coded_frame *frame;
    size_t offset;        /* VP8: bytes done; H.264: where the next NAL unit is looked for */
    struct h264_nal unit; /* being sent or next; size 0: none */
    size_t unit_offset;   /* FU-A: bytes done of it, its first byte counted */
    bool is_first, is_last;
};

void packetiser_init(struct packetiser *packetiser, uint32_t stream);

/* The frame must live until packetiser_next() has said false. */
void packetiser_begin(struct packetiser *packetiser, const struct coded_frame *frame);
/* Fills the next packet; false when the frame is done. The last one has the marker. */
bool packetiser_next(struct packetiser *packetiser, struct frame *packet);
