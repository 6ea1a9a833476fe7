/* A coded picture: one VP8 frame or one H.264 access unit, whole, as it came out of the assembler
 * (what a peer sent) or an encoder (what we made), on its way to a decoder, a packetiser, the
 * recorder. Filled by its maker, then handed over and never changed again.
 *
 *     peer -> shard: assembler -> coded_frame -> ring -> video thread: decoder
 *                                             -> ring -> packetiser (pass-through)
 *     encoder -> coded_frame -> packetiser -> shards,  and -> recorder
 *
 * One allocation each, no lock. A frame crosses threads as a pointer in a ring (common/ring.h); the
 * pointer carries one reference, which whoever pops it owes back.
 *
 * Thread: any. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CODED_CLOCK_RATE                                                                           \
    90000 /* of VP8 (RFC 7741 section 4.1) and H.264 (RFC 6184 section 8.1)                        \
           */
#define CODED_SIZE_MAX (2 * 1024 * 1024) /* bytes of a frame; a larger one is not a picture */

enum coded_codec {
    CODED_VP8, /* one frame, RFC 6386 section 9 */
    CODED_H264 /* one access unit, Annex B with four-byte start codes; a key frame has its
                  parameter sets in front */
};

/* What is taken at a moment has this timestamp, whatever stream it goes out in: a leg that changes
 * from one stream to another needs no adjustment, and its sender reports fit all of them. */
static inline uint32_t coded_timestamp(int64_t capture_us)
{
    return (uint32_t)((uint64_t)capture_us * 9 / 100);
}

const char *coded_codec_name(enum coded_codec codec); /* "VP8", "H264" */

struct coded_frame {
    atomic_uint references;
    enum coded_codec codec;
    bool is_key; /* decodes without any frame before it */
    /* Frames between this one and the one before are missing: only on a key frame, as the
     * assembler hands out nothing that refers to what is missing. A decoder may start anew. */
    bool is_restart;
    uint16_t width, height; /* pixels, by the stream itself; 0: not known (no key frame yet) */
    int64_t capture_us;     /* when it was taken, clock_monotonic_us() of this machine: by the
                               sender's reports once there are, by its arrival before */
    uint32_t timestamp;     /* 90 kHz, the same moment on one timeline for all streams of this
                               machine: coded_timestamp(capture_us), but of a peer's frames the
                               steps are its own, free of the line's jitter */
    size_t size;
    uint8_t bytes[];
};

/* With one reference, `size` bytes to be filled, everything else zero. NULL for more than
 * CODED_SIZE_MAX bytes. */
struct coded_frame *coded_frame_new(enum coded_codec codec, size_t size);
/* A copy of `bytes`, with is_key, width and height read from them. */
struct coded_frame *coded_frame_new_from(enum coded_codec codec, const uint8_t *bytes, size_t size);

struct coded_frame *coded_frame_ref(struct coded_frame *frame);
void coded_frame_unref(struct coded_frame *frame); /* NULL does nothing */
/* The same for ring_free() and g_ptr_array_new_with_free_func(). */
void coded_frame_destroy(void *frame);

/* What a frame says of itself. Bounds-checked: `bytes` may be anything. width and height stay as
 * they are when the frame does not tell them (VP8: no key frame; H.264: no SPS). */
struct coded_facts {
    bool is_whole; /* it begins like a frame of its codec */
    bool is_key;
    uint16_t width, height;
};
void coded_read_facts(enum coded_codec codec, const uint8_t *bytes, size_t size,
                      struct coded_facts *facts);
