#include "bridge/video/coded.h"

#include "bridge/video/wire/h264_nal.h"

#include <glib.h>
#include <string.h>

#define VP8_TAG_SIZE    3
#define VP8_KEY_SIZE    10 /* the tag, the start code, width and height */
#define VP8_SIZE_BITS   0x3fff
#define VP8_MAX_VERSION 3

const char *coded_codec_name(enum coded_codec codec)
{
    return codec == CODED_VP8 ? "VP8" : "H264";
}

struct coded_frame *coded_frame_new(enum coded_codec codec, size_t size)
{
    if (size > CODED_SIZE_MAX)
        return NULL;
    struct coded_frame *frame = g_malloc(sizeof *frame + size);
    memset(frame, 0, sizeof *frame);
    atomic_init(&frame->references, 1);
    frame->codec = codec;
    frame->size = size;
    return frame;
}

struct coded_frame *coded_frame_new_from(enum coded_codec codec, const uint8_t *bytes, size_t size)
{
    struct coded_facts facts = {0};
    struct coded_frame *frame = coded_frame_new(codec, size);
    if (frame == NULL)
        return NULL;
    if (size > 0)
        memcpy(frame->bytes, bytes, size);
    coded_read_facts(codec, bytes, size, &facts);
    frame->is_key = facts.is_key;
    frame->width = facts.width;
    frame->height = facts.height;
    return frame;
}

struct coded_frame *coded_frame_ref(struct coded_frame *frame)
{
    atomic_fetch_add_explicit(&frame->references, 1, memory_order_relaxed);
    return frame;
}

void coded_frame_unref(struct coded_frame *frame)
{
    if (frame != NULL &&
        atomic_fetch_sub_explicit(&frame->references, 1, memory_order_acq_rel) == 1)
        g_free(frame);
}

void coded_frame_destroy(void *frame)
{
    coded_frame_unref(frame);
}

/* RFC 6386 section 9.1. */
static void read_vp8(const uint8_t *bytes, size_t size, struct coded_facts *facts)
{
    if (size < VP8_TAG_SIZE || (bytes[0] >> 1 & 7) > VP8_MAX_VERSION)
        return;
    bool is_key = (bytes[0] & 1) == 0;
    if (!is_key) {
        facts->is_whole = true;
        return;
    }
    if (size < VP8_KEY_SIZE || bytes[3] != 0x9d || bytes[4] != 0x01 || bytes[5] != 0x2a)
        return;
    facts->is_whole = facts->is_key = true;
    facts->width = (uint16_t)((bytes[6] | bytes[7] << 8) & VP8_SIZE_BITS);
    facts->height = (uint16_t)((bytes[8] | bytes[9] << 8) & VP8_SIZE_BITS);
}

/* A key frame is an IDR picture; that its parameter sets are there is for the assembler to see to.
 */
static void read_h264(const uint8_t *bytes, size_t size, struct coded_facts *facts)
{
    struct h264_nal nal;
    size_t offset = 0;
    while (h264_next_nal(bytes, size, &offset, &nal)) {
        facts->is_whole = true;
        if (nal.type == H264_NAL_IDR)
            facts->is_key = true;
        else if (nal.type == H264_NAL_SPS)
            h264_read_size(nal.bytes, nal.size, &facts->width, &facts->height);
    }
}

void coded_read_facts(enum coded_codec codec, const uint8_t *bytes, size_t size,
                      struct coded_facts *facts)
{
    facts->is_whole = facts->is_key = false;
    if (codec == CODED_VP8)
        read_vp8(bytes, size, facts);
    else
        read_h264(bytes, size, facts);
}
