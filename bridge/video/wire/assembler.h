/* Packets of one RTP stream (one SSRC) to whole coded frames, in order, over loss, reordering,
 * wraps of the sequence number and changes of size. A frame is handed out as soon as all of its
 * packets and all frames before it are there; what a lost packet leaves open is waited for
 * ASSEMBLER_WAIT_US (retransmissions come within that), then everything up to the next key frame is
 * let go. A key frame that is whole is never kept waiting by what came before it. So nothing that
 * is handed out refers to what is missing.
 *
 * Memory: at most ASSEMBLER_PACKETS packets, whatever the peer sends, and one coded frame of
 * CODED_SIZE_MAX; packets are reused. Allocates for a frame and, until it has enough, for packets.
 * Thread: one owner, the leg's shard. */
#pragma once

#include "bridge/transport/rtp.h"
#include "bridge/video/coded.h"

#define ASSEMBLER_PACKETS 1024 /* a key frame of over a megabyte; a power of two */
#define ASSEMBLER_WAIT_US 400000

struct assembler;

/* A frame with the reference given away; `frame->capture_us` is 0 here. */
typedef void (*assembler_output)(struct coded_frame *frame, int64_t arrival_us, void *arg);

struct assembler *assembler_new(enum coded_codec codec, assembler_output output, void *arg);
void assembler_free(struct assembler *assembler);

/* One packet with this payload of the codec, in the order of arrival; duplicates and stragglers do
 * no harm. */
void assembler_push(struct assembler *assembler, uint16_t sequence_number, uint32_t timestamp,
                    bool marker, const uint8_t *payload, size_t size, int64_t now_us);
/* Time goes on: gives up what has been waited for too long. */
void assembler_tick(struct assembler *assembler, int64_t now_us);
/* Everything before the next key frame is of no use (nobody looked meanwhile). */
void assembler_reset(struct assembler *assembler);

/* Nothing comes out before the next key frame: ask for one. */
bool assembler_needs_keyframe(const struct assembler *assembler);

/* The sequence number below which nothing is waited for any more; false before the first frame.
 * Asking for a lost packet before it is of no use. */
bool assembler_next_needed(const struct assembler *assembler, uint16_t *sequence_number);

struct assembler_counters {
    uint64_t frames, key_frames;
    uint64_t restarts; /* times that frames were let go up to a key frame */
    uint64_t broken;   /* frames whose payload made no sense */
};
const struct assembler_counters *assembler_counters(const struct assembler *assembler);
