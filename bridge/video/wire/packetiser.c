#include "bridge/video/wire/packetiser.h"

#include "bridge/transport/bytes.h"
#include "bridge/video/wire/vp8_payload.h"

#include <string.h>

#define STAP_HEAD 1
#define STAP_UNIT 2
#define FU_HEAD   2
#define FU_START  0x80
#define FU_END    0x40

void packetiser_init(struct packetiser *packetiser, uint32_t stream)
{
    *packetiser = (struct packetiser){.stream = stream};
}

static void find_unit(struct packetiser *packetiser)
{
    const struct coded_frame *frame = packetiser->frame;
    packetiser->unit_offset = 0;
    if (!h264_next_nal(frame->bytes, frame->size, &packetiser->offset, &packetiser->unit))
        packetiser->unit.size = 0;
}

void packetiser_begin(struct packetiser *packetiser, const struct coded_frame *frame)
{
    packetiser->frame = frame;
    packetiser->offset = 0;
    packetiser->is_first = true;
    packetiser->is_last = frame->size == 0;
    packetiser->picture_id = (packetiser->picture_id + 1) & 0x7fff;
    if (frame->codec == CODED_H264) {
        find_unit(packetiser);
        packetiser->is_last = packetiser->unit.size == 0;
    }
}

/* `left` bytes go into packets of at most `most` with sizes as equal as can be: the next one's. */
static size_t even_share(size_t left, size_t most)
{
    size_t packets = (left + most - 1) / most;
    return (left + packets - 1) / packets;
}

/* ---- VP8 ---- */

static void fill_vp8(struct packetiser *packetiser, struct frame *packet)
{
    const struct coded_frame *frame = packetiser->frame;
    size_t size =
        even_share(frame->size - packetiser->offset, FRAME_PAYLOAD_MAX - VP8_DESCRIPTOR_SIZE);
    vp8_write_descriptor(packet->payload, packetiser->is_first, packetiser->picture_id);
    memcpy(packet->payload + VP8_DESCRIPTOR_SIZE, frame->bytes + packetiser->offset, size);
    packet->size = (uint16_t)(VP8_DESCRIPTOR_SIZE + size);
    packetiser->offset += size;
    packetiser->is_last = packetiser->offset == frame->size;
}

/* ---- H.264 ---- */

static void fill_fragment(struct packetiser *packetiser, struct frame *packet)
{
    struct h264_nal *unit = &packetiser->unit;
    bool is_start = packetiser->unit_offset == 0;
    if (is_start)
        packetiser->unit_offset = 1; /* its first byte goes into the FU's two */
    size_t left = unit->size - packetiser->unit_offset;
    size_t size = even_share(left, FRAME_PAYLOAD_MAX - FU_HEAD);
    packet->payload[0] = (uint8_t)((unit->bytes[0] & 0xe0) | H264_NAL_FU_A);
    packet->payload[1] = (uint8_t)((is_start ? FU_START : 0) | (size == left ? FU_END : 0) |
                                   H264_TYPE(unit->bytes[0]));
    memcpy(packet->payload + FU_HEAD, unit->bytes + packetiser->unit_offset, size);
    packet->size = (uint16_t)(FU_HEAD + size);
    packetiser->unit_offset += size;
    if (size == left)
        find_unit(packetiser);
}

static void append_unit(struct frame *packet, const struct h264_nal *unit)
{
    write_u16(packet->payload + packet->size, (uint16_t)unit->size);
    memcpy(packet->payload + packet->size + STAP_UNIT, unit->bytes, unit->size);
    packet->size = (uint16_t)(packet->size + STAP_UNIT + unit->size);
}

/* One unit, or as many whole ones as fit: the parameter sets then travel with each other. */
static void fill_whole(struct packetiser *packetiser, struct frame *packet)
{
    struct h264_nal first = packetiser->unit;
    find_unit(packetiser);
    if (packetiser->unit.size == 0 ||
        STAP_HEAD + 2 * STAP_UNIT + first.size + packetiser->unit.size > FRAME_PAYLOAD_MAX) {
        memcpy(packet->payload, first.bytes, first.size);
        packet->size = (uint16_t)first.size;
        return;
    }
    packet->payload[0] = (uint8_t)((first.bytes[0] & 0xe0) | H264_NAL_STAP_A);
    packet->size = STAP_HEAD;
    append_unit(packet, &first);
    while (packetiser->unit.size > 0 &&
           packet->size + STAP_UNIT + packetiser->unit.size <= FRAME_PAYLOAD_MAX) {
        uint8_t importance = packetiser->unit.bytes[0] & 0x60;
        if (importance > (packet->payload[0] & 0x60)) /* the highest NRI: RFC 6184 section 5.7 */
            packet->payload[0] = (uint8_t)((packet->payload[0] & ~0x60) | importance);
        append_unit(packet, &packetiser->unit);
        find_unit(packetiser);
    }
}

static void fill_h264(struct packetiser *packetiser, struct frame *packet)
{
    if (packetiser->unit_offset > 0 || packetiser->unit.size > FRAME_PAYLOAD_MAX)
        fill_fragment(packetiser, packet);
    else
        fill_whole(packetiser, packet);
    packetiser->is_last = packetiser->unit.size == 0;
}

bool packetiser_next(struct packetiser *packetiser, struct frame *packet)
{
    if (packetiser->is_last)
        return false;
    if (packetiser->frame->codec == CODED_VP8)
        fill_vp8(packetiser, packet);
    else
        fill_h264(packetiser, packet);
    packet->stream = packetiser->stream;
    packet->timestamp = packetiser->frame->timestamp + packetiser->delay;
    packet->marker = packetiser->is_last;
    packet->level_dbov = -1;
    packet->voice = false;
    packet->is_picture = true;
    packet->codec = packetiser->frame->codec;
    packet->number = packetiser->number++;
    packet->picture_id = packetiser->picture_id;
    packet->starts_key = packetiser->is_first && packetiser->frame->is_key;
    packetiser->is_first = false;
    return true;
}
