/* Packets joined into a frame: VP8's payloads behind each other, H.264's units with start codes and
 * the parameter sets that a key frame needs. */
#include "bridge/video/wire/assembler_private.h"

#include <string.h>

#define PIXELS_MAX      (4096 * 2304) /* what a decoder may be made to find memory for */
#define START_CODE_SIZE H264_START_CODE_SIZE

static struct coded_frame *join_vp8(struct assembler *assembler, uint16_t start, uint16_t end)
{
    struct vp8_descriptor descriptor;
    size_t size = 0;
    const struct packet *packet = assembler_find(assembler, start);
    if (!packet->starts_frame)
        return NULL;
    for (uint16_t i = start; i != end; i++)
        size += assembler_find(assembler, i)->size;
    struct coded_frame *frame = coded_frame_new(CODED_VP8, size);
    if (frame == NULL)
        return NULL;
    frame->size = 0;
    for (uint16_t i = start; i != end; i++) {
        packet = assembler_find(assembler, i);
        if (!vp8_read_descriptor(packet->payload, packet->size, &descriptor))
            continue; /* padding */
        memcpy(frame->bytes + frame->size, packet->payload + descriptor.size,
               packet->size - descriptor.size);
        frame->size += packet->size - descriptor.size;
    }
    return frame;
}

static bool join_units(const struct assembler *assembler, uint16_t start, uint16_t end,
                       struct h264_join *join)
{
    for (uint16_t i = start; i != end; i++) {
        const struct packet *packet = assembler_find(assembler, i);
        if (packet->size > 0 && !h264_join_payload(join, packet->payload, packet->size))
            return false;
    }
    return !join->is_in_unit && join->size > 0;
}

static void keep_parameters(struct parameters *parameters, const struct h264_nal *nal)
{
    static const uint8_t start[START_CODE_SIZE] = {0, 0, 0, 1};
    if (nal->size > PARAMETERS_MAX - sizeof start)
        return;
    memcpy(parameters->bytes, start, sizeof start);
    memcpy(parameters->bytes + sizeof start, nal->bytes, nal->size);
    parameters->size = sizeof start + nal->size;
}

/* Notes the parameter sets; `needs` says what of them a key frame does not bring itself. */
static void follow_parameters(struct assembler *assembler, const struct coded_frame *frame,
                              size_t *needs_sps, size_t *needs_pps)
{
    struct h264_nal nal;
    size_t offset = 0;
    bool has_sps = false, has_pps = false, is_key = false;
    while (h264_next_nal(frame->bytes, frame->size, &offset, &nal)) {
        is_key |= nal.type == H264_NAL_IDR;
        if (nal.type == H264_NAL_SPS) {
            has_sps = true;
            keep_parameters(&assembler->sps, &nal);
        } else if (nal.type == H264_NAL_PPS) {
            has_pps = true;
            keep_parameters(&assembler->pps, &nal);
        }
    }
    *needs_sps = is_key && !has_sps ? assembler->sps.size : 0;
    *needs_pps = is_key && !has_pps ? assembler->pps.size : 0;
}

static struct coded_frame *join_h264(struct assembler *assembler, uint16_t start, uint16_t end)
{
    struct h264_join count = {0};
    size_t sps, pps;
    if (!join_units(assembler, start, end, &count))
        return NULL;
    struct coded_frame *frame = coded_frame_new(CODED_H264, count.size);
    if (frame == NULL)
        return NULL;
    struct h264_join join = {.bytes = frame->bytes};
    join_units(assembler, start, end, &join);
    follow_parameters(assembler, frame, &sps, &pps);
    if (sps + pps == 0)
        return frame;
    struct coded_frame *whole = coded_frame_new(CODED_H264, sps + pps + frame->size);
    if (whole != NULL) {
        memcpy(whole->bytes, assembler->sps.bytes, sps);
        memcpy(whole->bytes + sps, assembler->pps.bytes, pps);
        memcpy(whole->bytes + sps + pps, frame->bytes, frame->size);
    }
    coded_frame_unref(frame);
    return whole;
}

struct coded_frame *assembler_join(struct assembler *assembler, uint16_t start, uint16_t end)
{
    struct coded_facts facts = {0};
    struct coded_frame *frame = assembler->codec == CODED_VP8 ? join_vp8(assembler, start, end)
                                                              : join_h264(assembler, start, end);
    if (frame != NULL) {
        coded_read_facts(assembler->codec, frame->bytes, frame->size, &facts);
        frame->timestamp = assembler_find(assembler, start)->timestamp;
        frame->is_key = facts.is_key;
        frame->width = facts.is_key ? facts.width : assembler->width;
        frame->height = facts.is_key ? facts.height : assembler->height;
    }
    uint32_t pixels = (uint32_t)facts.width * facts.height;
    bool can_decode = facts.is_key && pixels > 0 && pixels <= PIXELS_MAX;
    if (facts.is_whole && (can_decode || (!facts.is_key && !assembler->is_fresh)))
        return frame;
    coded_frame_unref(frame);
    return NULL;
}
