/* A leg's side of a medium of pictures that it is sent: takes the packets of a stream that many
 * legs share and gives them this leg's SSRC, payload type, sequence number, timestamp and picture
 * id. When the leg goes from one stream to another the old one goes on until a key frame of the new
 * one begins; the numbers then continue as if nothing had happened. Repairs are RTX (RFC 4588).
 *
 * Thread: one owner, the leg's shard. Allocates nothing; protects and sends nothing either. */
#pragma once

#include "bridge/transport/frame.h"
#include "bridge/video/coded.h"

#define SENDER_KEY_RETRY_US 500000
#define SENDER_REPEATS      128 /* repairs that are remembered, so that none is sent too often */

/* RTP header with one extension of up to 4 bytes, RTX's sequence number. */
#define SENDER_OVERHEAD_MAX (12 + 8 + 2)

struct sender_repeat {
    uint16_t number;
    int64_t at_us;
};

struct sender {
    uint32_t ssrc, rtx_ssrc;
    uint32_t timestamp_offset;
    int payload_type[2], rtx_payload_type[2]; /* by enum coded_codec; -1: not agreed on */
    uint8_t transport_cc_id;                  /* 0: not agreed on */
    /* What is sent. */
    uint32_t stream, next; /* 0: none; `next` takes over with its key frame */
    bool is_running;       /* a key frame of `stream` has begun */
    uint16_t sequence_number, rtx_sequence_number; /* of the next packet */
    uint16_t picture_id;                           /* of the last one */
    uint16_t number_offset, picture_offset;        /* from the stream's to ours */
    uint16_t first_sequence_number;                /* that is of this run of the stream */
    uint16_t last_number;                          /* of the stream */
    int64_t key_asked_us;                          /* 0: not since it was needed */
    uint32_t packets, octets; /* for sender reports; repairs have their own SSRC */
    uint64_t repairs, switches;
    struct sender_repeat repeats[SENDER_REPEATS];
};

/* SSRCs and first numbers are the caller's random ones. */
void sender_init(struct sender *sender, uint32_t ssrc, uint32_t rtx_ssrc, uint32_t timestamp_offset,
                 uint16_t sequence_number);

/* Whether a packet goes to this leg, now that it comes; notes it as sent. */
enum sender_verdict {
    SENDER_PASSES, /* not for this leg, or not before a key frame */
    SENDER_SENDS,
    SENDER_SWITCHES /* sends, and what `stream` was before is of interest no longer */
};
enum sender_verdict sender_accept(struct sender *sender, const struct frame *packet);

/* Writes the packet that was last accepted; `transport_number` goes into the header if that was
 * agreed on. Returns its size. */
size_t sender_write(struct sender *sender, const struct frame *packet, uint16_t transport_number,
                    uint8_t *bytes);

/* The stream's number of a packet that the peer misses; false when it cannot be repaired (any
 * more), or was a moment ago. */
bool sender_find_repair(struct sender *sender, uint16_t sequence_number, int64_t round_trip_us,
                        int64_t now_us, uint16_t *number);
size_t sender_write_repair(struct sender *sender, const struct frame *packet,
                           uint16_t transport_number, uint8_t *bytes);

/* Goes to another stream; 0: to none, at once. `stream` and `next` say what is of interest then. */
void sender_set_stream(struct sender *sender, uint32_t stream);
/* The stream of which a key frame is to be asked for now; 0: none. */
uint32_t sender_needs_keyframe(struct sender *sender, int64_t now_us);
