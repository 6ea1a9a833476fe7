/* One packet's payload on its way out: made once, read by many threads, never changed after it has
 * been handed over. Of sound it is a whole frame, one Opus packet of 20 ms; of pictures it is what
 * the packetiser made of a piece of one (bridge/video/wire/packetiser.h).
 *
 * Frames come from a pool that one thread owns and takes from; any thread gives back. Neither
 * allocates or locks, so the audio tick can live on it.
 *
 * Thread: frame_pool_take() on the pool's owner; frame_ref()/frame_unref() on any. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_PAYLOAD_MAX 1200 /* bytes of payload that fit a packet on every line */

struct frame {
    atomic_uint references; /* 0: free to be taken */
    uint32_t stream;    /* which legs it is for: leg_set_audio_stream(), leg_set_video_stream() */
    uint32_t timestamp; /* RTP clock of the stream's medium; legs add their own offset */
    bool marker;
    int8_t level_dbov; /* RFC 6464: 0 to 127, meaning 0 to -127 dBov; -1: not known */
    bool voice;        /* RFC 6464's V bit */
    /* Pictures. */
    bool is_picture;
    uint8_t codec;       /* enum coded_codec */
    bool starts_key;     /* the first packet of a key frame: a leg may begin here */
    uint16_t number;     /* of the packet in its stream, without gaps */
    uint16_t picture_id; /* VP8: as in the payload */
    uint16_t size;
    uint8_t payload[FRAME_PAYLOAD_MAX];
};

struct frame_pool;

struct frame_pool *frame_pool_new(unsigned frames);
/* Only once every frame is back: the threads that might hold one have ended. */
void frame_pool_free(struct frame_pool *pool);
/* Every frame is back; and stays so once the owner takes none any more. Any thread. */
bool frame_pool_is_whole(const struct frame_pool *pool);

/* A frame with one reference, or NULL when all are out (somebody does not read: drop). */
struct frame *frame_pool_take(struct frame_pool *pool);

static inline struct frame *frame_ref(struct frame *frame)
{
    atomic_fetch_add_explicit(&frame->references, 1, memory_order_relaxed);
    return frame;
}

static inline void frame_unref(struct frame *frame)
{
    atomic_fetch_sub_explicit(&frame->references, 1, memory_order_release);
}
