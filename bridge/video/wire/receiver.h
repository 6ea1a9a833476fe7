/* What a peer sends as one medium of pictures: its streams (one, or the layers of a simulcast, RFC
 * 8853), each with reception, NACK (RFC 4585), RTX (RFC 4588), assembly and key frame requests. Of
 * several layers the best one that is no taller than wanted comes out; the next one takes over at
 * its key frame: to the reader it is one stream of frames.
 *
 * Frames come out with `timestamp` and `capture_us` on this machine's monotonic clock.
 *
 * Thread: one owner, the leg's shard. Memory: bounded by RECEIVER_STREAMS assemblers. */
#pragma once

#include "bridge/transport/reception.h"
#include "bridge/transport/rtp.h"
#include "bridge/video/wire/assembler.h"
#include "bridge/video/wire/media_clock.h"

#define RECEIVER_STREAMS  4
#define RECEIVER_RID_SIZE 17

/* What was agreed on with the peer. Payload types: -1 for none. */
struct receiver_config {
    int payload_type[2]; /* by enum coded_codec */
    int rtx_payload_type[2];
    bool has_nack, has_pli, has_fir;
    uint8_t rid_id, repaired_rid_id; /* header extensions; 0: none */
    unsigned rid_count;              /* 0: one stream */
    char rids[RECEIVER_STREAMS][RECEIVER_RID_SIZE];
};

struct receiver;

/* The frame's reference is given away. */
typedef void (*receiver_output)(struct coded_frame *frame, void *arg);

/* `clock` is the peer's, for all that it sends; it outlives the receiver. */
struct receiver *receiver_new(struct peer_clock *clock, receiver_output output, void *arg);
void receiver_free(struct receiver *receiver);
/* Anew at every description; streams that are known stay. */
void receiver_configure(struct receiver *receiver, const struct receiver_config *config);

/* Nobody looks: packets are counted and acknowledged, but not kept; as it is at first. Opening
 * begins with a key frame. */
void receiver_set_open(struct receiver *receiver, bool is_open);
/* The tallest picture that is of use, in lines; 0: any. */
void receiver_set_height(struct receiver *receiver, unsigned lines);
/* Somebody needs a picture to begin with. Asked of the peer at most every RECEIVER_KEY_US. */
#define RECEIVER_KEY_US 500000
void receiver_request_keyframe(struct receiver *receiver);

/* A packet of this medium. False when its payload type or rid is none that was agreed on. */
bool receiver_push(struct receiver *receiver, const struct rtp_packet *packet, int64_t now_us);
/* Both false when the SSRC is none of this medium's. */
bool receiver_sender_report(struct receiver *receiver, uint32_t ssrc, uint64_t ntp_time,
                            uint32_t timestamp, int64_t now_us);
bool receiver_goodbye(struct receiver *receiver, uint32_t ssrc);
/* Blocks for a report, at most RECEIVER_STREAMS. */
unsigned receiver_report(struct receiver *receiver, struct rtcp_report_block *blocks,
                         int64_t now_us);

/* The SSRCs that send now, without their repairs; at most RECEIVER_STREAMS. */
unsigned receiver_list_ssrcs(const struct receiver *receiver, uint32_t *ssrcs, int64_t now_us);

/* Every 10 to 50 ms: gives up what does not come, and writes NACKs and key frame requests that are
 * due, in one datagram of reduced-size RTCP (RFC 5506). Returns its size, 0 for nothing. */
size_t receiver_tick(struct receiver *receiver, uint32_t ssrc, int64_t round_trip_us,
                     uint8_t *bytes, size_t capacity, int64_t now_us);

struct receiver_counters {
    uint64_t packets, bytes;
    uint64_t lost;     /* by the sequence numbers, RFC 3550 A.3, repaired or not */
    uint64_t repaired; /* came by RTX */
    uint64_t nacks;    /* packets asked for */
    uint64_t frames, restarts;
    uint64_t keyframe_requests;
    unsigned width, height; /* of the newest frame that came out; 0: none yet */
    unsigned streams;       /* that send */
};
void receiver_counters(const struct receiver *receiver, struct receiver_counters *counters);
