/* NAL units of H.264 (ITU-T H.264 section 7.3.1 and Annex B) as far as a bridge needs to know them:
 * where they begin, what they are, and the size of the picture out of a sequence parameter set.
 *
 * Thread: any; no state, no allocation. `bytes` may be anything. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum h264_nal_type {
    H264_NAL_SLICE = 1,
    H264_NAL_IDR = 5,
    H264_NAL_SEI = 6,
    H264_NAL_SPS = 7,
    H264_NAL_PPS = 8,
    H264_NAL_AUD = 9,     /* access unit delimiter */
    H264_NAL_STAP_A = 24, /* RFC 6184 section 5.7.1 */
    H264_NAL_FU_A = 28,   /* RFC 6184 section 5.8 */
};

#define H264_TYPE(first_byte) ((first_byte)&0x1f)

struct h264_nal {
    enum h264_nal_type type;
    const uint8_t *bytes; /* with its first byte, without start code */
    size_t size;          /* at least 1, without trailing zeros */
};

/* The unit behind `*offset`, which moves on past it; 0 to begin. False at the end. */
bool h264_next_nal(const uint8_t *bytes, size_t size, size_t *offset, struct h264_nal *nal);

/* Pixels of a picture by its sequence parameter set (section 7.3.2.1.1), cropping counted. False
 * for one that cannot be read; `width` and `height` are then untouched. */
bool h264_read_size(const uint8_t *sps, size_t size, uint16_t *width, uint16_t *height);
