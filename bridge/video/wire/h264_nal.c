#include "bridge/video/wire/h264_nal.h"

/* ---- Annex B ---- */

/* The next 00 00 01 at or behind `from`; `size` when there is none. */
static size_t find_start(const uint8_t *bytes, size_t size, size_t from)
{
    for (size_t i = from; i + 3 <= size; i++) {
        if (bytes[i] == 0 && bytes[i + 1] == 0 && bytes[i + 2] == 1)
            return i;
    }
    return size;
}

bool h264_next_nal(const uint8_t *bytes, size_t size, size_t *offset, struct h264_nal *nal)
{
    while (*offset < size) {
        size_t start = find_start(bytes, size, *offset);
        if (start == size)
            break;
        size_t first = start + 3;
        size_t end = find_start(bytes, size, first);
        *offset = end;
        while (end > first && bytes[end - 1] == 0)
            end--; /* trailing zeros, and the first of a four-byte start code */
        if (end == first)
            continue;
        nal->type = H264_TYPE(bytes[first]);
        nal->bytes = bytes + first;
        nal->size = end - first;
        return true;
    }
    *offset = size;
    return false;
}

/* ---- parameter sets ---- */

/* Bits of a NAL unit, without its emulation prevention bytes (section 7.4.1). Reading past the end
 * gives zeros and is remembered. */
struct bits {
    const uint8_t *bytes;
    size_t size, next;
    unsigned zeros, left; /* zero bytes in a row before `next`; bits of `byte` not read */
    uint8_t byte;
    bool is_past_end;
};

static unsigned read_bit(struct bits *bits)
{
    if (bits->left == 0) {
        if (bits->zeros >= 2 && bits->next < bits->size && bits->bytes[bits->next] == 3) {
            bits->next++;
            bits->zeros = 0;
        }
        if (bits->next >= bits->size) {
            bits->is_past_end = true;
            return 0;
        }
        bits->byte = bits->bytes[bits->next++];
        bits->zeros = bits->byte == 0 ? bits->zeros + 1 : 0;
        bits->left = 8;
    }
    return bits->byte >> --bits->left & 1;
}

static uint32_t read_bits(struct bits *bits, unsigned count)
{
    uint32_t value = 0;
    while (count-- > 0)
        value = value << 1 | read_bit(bits);
    return value;
}

/* ue(v), section 9.1. */
static uint32_t read_unsigned(struct bits *bits)
{
    unsigned zeros = 0;
    while (zeros < 32 && !bits->is_past_end && read_bit(bits) == 0)
        zeros++;
    if (zeros >= 32)
        bits->is_past_end = true; /* no field that is read here can be so large */
    return bits->is_past_end ? 0 : (UINT32_C(1) << zeros) - 1 + read_bits(bits, zeros);
}

/* Section 7.3.2.1.1.1; se(v) has the same length as ue(v), and what it says is of no interest but
 * that a scale of 0 ends the list. */
static void skip_scaling_list(struct bits *bits, unsigned count)
{
    int last = 8, next = 8;
    for (unsigned i = 0; i < count && !bits->is_past_end; i++) {
        if (next != 0) {
            uint32_t code = read_unsigned(bits);
            if (code > 256) { /* delta_scale is -128 to 127 */
                bits->is_past_end = true;
                return;
            }
            int delta = (int)(code / 2 + (code & 1)) * ((code & 1) != 0 ? 1 : -1);
            next = (last + delta + 256) % 256;
        }
        last = next == 0 ? last : next;
    }
}

static bool has_chroma_fields(uint32_t profile)
{
    static const uint8_t profiles[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134};
    for (unsigned i = 0; i < sizeof profiles; i++) {
        if (profiles[i] == profile)
            return true;
    }
    return false;
}

/* Returns chroma_format_idc; 1 (4:2:0) for the profiles that have no other. */
static uint32_t read_chroma(struct bits *bits, uint32_t profile)
{
    if (!has_chroma_fields(profile))
        return 1;
    uint32_t format = read_unsigned(bits);
    if (format == 3)
        read_bit(bits);   /* separate_colour_plane_flag */
    read_unsigned(bits);  /* bit_depth_luma_minus8 */
    read_unsigned(bits);  /* bit_depth_chroma_minus8 */
    read_bit(bits);       /* qpprime_y_zero_transform_bypass_flag */
    if (read_bit(bits)) { /* seq_scaling_matrix_present_flag */
        for (unsigned i = 0; i < (format == 3 ? 12 : 8); i++) {
            if (read_bit(bits))
                skip_scaling_list(bits, i < 6 ? 16 : 64);
        }
    }
    return format;
}

static void skip_order_count(struct bits *bits)
{
    uint32_t type = read_unsigned(bits);
    if (type == 0) {
        read_unsigned(bits); /* log2_max_pic_order_cnt_lsb_minus4 */
    } else if (type == 1) {
        read_bit(bits);      /* delta_pic_order_always_zero_flag */
        read_unsigned(bits); /* offset_for_non_ref_pic */
        read_unsigned(bits); /* offset_for_top_to_bottom_field */
        uint32_t count = read_unsigned(bits);
        for (uint32_t i = 0; i < count && i < 256 && !bits->is_past_end; i++)
            read_unsigned(bits);
    }
}

bool h264_read_size(const uint8_t *sps, size_t size, uint16_t *width, uint16_t *height)
{
    struct bits bits = {.bytes = sps, .size = size};
    uint32_t crop[4] = {0}; /* left, right, top, bottom */
    read_bits(&bits, 8);    /* the unit's own first byte */
    uint32_t profile = read_bits(&bits, 8);
    read_bits(&bits, 16); /* constraints, level */
    read_unsigned(&bits); /* seq_parameter_set_id */
    uint32_t chroma = read_chroma(&bits, profile);
    read_unsigned(&bits); /* log2_max_frame_num_minus4 */
    skip_order_count(&bits);
    read_unsigned(&bits); /* max_num_ref_frames */
    read_bit(&bits);      /* gaps_in_frame_num_value_allowed_flag */
    uint64_t across = (uint64_t)(read_unsigned(&bits) + 1) * 16;
    uint64_t rows = read_unsigned(&bits) + 1;
    unsigned fields = 2 - read_bit(&bits); /* frame_mbs_only_flag: 1 when all are frames */
    uint64_t down = rows * 16 * fields;
    if (fields == 2)
        read_bit(&bits); /* mb_adaptive_frame_field_flag */
    read_bit(&bits);     /* direct_8x8_inference_flag */
    if (read_bit(&bits)) {
        for (unsigned i = 0; i < 4; i++)
            crop[i] = read_unsigned(&bits);
    }
    uint64_t cut_across = ((uint64_t)crop[0] + crop[1]) * (chroma == 1 || chroma == 2 ? 2 : 1);
    uint64_t cut_down = ((uint64_t)crop[2] + crop[3]) * (chroma == 1 ? 2 : 1) * fields;
    if (bits.is_past_end || across > 16384 || down > 16384 || cut_across >= across ||
        cut_down >= down)
        return false;
    *width = (uint16_t)(across - cut_across);
    *height = (uint16_t)(down - cut_down);
    return true;
}
