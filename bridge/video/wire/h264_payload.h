/* The RTP payload of H.264 (RFC 6184, packetization-mode 1): single NAL units, STAP-A, FU-A.
 *
 * Thread: any; no state but in struct h264_join, no allocation. */
#pragma once

#include "bridge/video/wire/h264_nal.h"

/* What one packet's payload tells of itself. */
struct h264_facts {
    bool has_parameters; /* an SPS: with or without the picture behind it, a place to begin */
    bool starts_idr;     /* the first piece of an IDR slice */
};
/* False for a payload that has no place in packetization-mode 1. */
bool h264_read_payload(const uint8_t *payload, size_t size, struct h264_facts *facts);

/* The size by a parameter set in this payload; false (and nothing changed) when there is none. */
bool h264_peek_size(const uint8_t *payload, size_t size, uint16_t *width, uint16_t *height);

/* Joins the packets of an access unit into Annex B, in their order: once to count, once to write.
 */
struct h264_join {
    uint8_t *bytes;  /* NULL: only counts */
    size_t size;     /* so far */
    bool is_in_unit; /* an FU-A has begun and not ended */
};
#define H264_START_CODE_SIZE 4
/* False when the payload does not follow from those before: the unit is of no use. */
bool h264_join_payload(struct h264_join *join, const uint8_t *payload, size_t size);
