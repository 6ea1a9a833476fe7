#include "bridge/video/wire/h264_payload.h"

#include "bridge/transport/bytes.h"

#include <string.h>

#define FU_HEADER_SIZE 2
#define FU_START       0x80
#define FU_END         0x40
#define STAP_LENGTH    2
#define IMPORTANCE     0xe0 /* F and NRI */

static bool is_single(uint8_t type)
{
    return type >= 1 && type <= 23;
}

static void note_type(uint8_t type, struct h264_facts *facts)
{
    facts->has_parameters |= type == H264_NAL_SPS;
    facts->starts_idr |= type == H264_NAL_IDR;
}

/* The next unit of a STAP-A behind `*offset`; false at the end, with *offset == size if it came out
 * even. */
static bool next_aggregated(const uint8_t *payload, size_t size, size_t *offset,
                            const uint8_t **unit, size_t *unit_size)
{
    if (size - *offset < STAP_LENGTH)
        return false;
    size_t length = read_u16(payload + *offset);
    if (length == 0 || length > size - *offset - STAP_LENGTH)
        return false;
    *unit = payload + *offset + STAP_LENGTH;
    *unit_size = length;
    *offset += STAP_LENGTH + length;
    return true;
}

bool h264_read_payload(const uint8_t *payload, size_t size, struct h264_facts *facts)
{
    *facts = (struct h264_facts){0};
    if (size < 2)
        return false;
    uint8_t type = H264_TYPE(payload[0]);
    if (type == H264_NAL_STAP_A) {
        const uint8_t *unit;
        size_t unit_size, offset = 1;
        while (next_aggregated(payload, size, &offset, &unit, &unit_size))
            note_type(H264_TYPE(unit[0]), facts);
        return offset == size;
    }
    if (type == H264_NAL_FU_A) {
        if ((payload[1] & FU_START) != 0)
            note_type(H264_TYPE(payload[1]), facts);
        return size > FU_HEADER_SIZE && is_single(H264_TYPE(payload[1]));
    }
    note_type(type, facts);
    return is_single(type);
}

bool h264_peek_size(const uint8_t *payload, size_t size, uint16_t *width, uint16_t *height)
{
    const uint8_t *unit;
    size_t unit_size, offset = 1;
    if (size < 2)
        return false;
    if (H264_TYPE(payload[0]) == H264_NAL_SPS)
        return h264_read_size(payload, size, width, height);
    if (H264_TYPE(payload[0]) != H264_NAL_STAP_A)
        return false;
    while (next_aggregated(payload, size, &offset, &unit, &unit_size)) {
        if (H264_TYPE(unit[0]) == H264_NAL_SPS)
            return h264_read_size(unit, unit_size, width, height);
    }
    return false;
}

static void append(struct h264_join *join, const uint8_t *bytes, size_t size)
{
    if (join->bytes != NULL)
        memcpy(join->bytes + join->size, bytes, size);
    join->size += size;
}

static void begin_unit(struct h264_join *join)
{
    static const uint8_t start[H264_START_CODE_SIZE] = {0, 0, 0, 1};
    append(join, start, sizeof start);
}

static bool join_fragment(struct h264_join *join, const uint8_t *payload, size_t size)
{
    bool is_start = (payload[1] & FU_START) != 0;
    if (size <= FU_HEADER_SIZE || is_start == join->is_in_unit)
        return false;
    if (is_start) {
        uint8_t first = (uint8_t)((payload[0] & IMPORTANCE) | H264_TYPE(payload[1]));
        begin_unit(join);
        append(join, &first, 1);
    }
    append(join, payload + FU_HEADER_SIZE, size - FU_HEADER_SIZE);
    join->is_in_unit = (payload[1] & FU_END) == 0;
    return true;
}

bool h264_join_payload(struct h264_join *join, const uint8_t *payload, size_t size)
{
    if (size < 2)
        return false;
    uint8_t type = H264_TYPE(payload[0]);
    if (type == H264_NAL_FU_A)
        return join_fragment(join, payload, size);
    if (join->is_in_unit)
        return false;
    if (type == H264_NAL_STAP_A) {
        const uint8_t *unit;
        size_t unit_size, offset = 1;
        while (next_aggregated(payload, size, &offset, &unit, &unit_size)) {
            begin_unit(join);
            append(join, unit, unit_size);
        }
        return offset == size;
    }
    if (!is_single(type))
        return false;
    begin_unit(join);
    append(join, payload, size);
    return true;
}
