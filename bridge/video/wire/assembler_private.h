/* An assembler's inside, for assembler.c (which packets make a frame, and when) and
 * assembler_join.c (how they do). */
#pragma once

#include "bridge/video/wire/assembler.h"
#include "bridge/video/wire/h264_payload.h"
#include "bridge/video/wire/vp8_payload.h"

#define ASSEMBLER_MASK (ASSEMBLER_PACKETS - 1)
#define PARAMETERS_MAX 512

struct packet {
    struct packet *next_free;
    uint16_t sequence_number;
    uint16_t size;
    bool marker;
    bool starts_frame; /* VP8 says so; H.264 does not */
    bool starts_key;
    uint32_t timestamp;
    uint8_t payload[RTP_PACKET_MAX];
};

/* A parameter set as last seen, with a start code: a peer may send it once and never again. */
struct parameters {
    size_t size;
    uint8_t bytes[PARAMETERS_MAX];
};

struct assembler {
    enum coded_codec codec;
    assembler_output output;
    void *arg;
    struct packet *slots[ASSEMBLER_PACKETS]; /* by sequence number */
    struct packet *free;
    bool is_running; /* `next` is where the next frame begins */
    bool has_newest;
    bool is_fresh;   /* nothing has come out since it runs: it may have begun before `next` */
    bool is_restart; /* to be told with the next key frame */
    bool has_key;    /* `key` is where the newest key frame behind `next` begins */
    uint16_t next, newest, key;
    unsigned stragglers;
    uint16_t waiting_for;     /* the first packet that is missing */
    int64_t waiting_since_us; /* 0: none is */
    uint16_t width, height;   /* of the newest key frame */
    struct parameters sps, pps;
    struct assembler_counters counters;
};

static inline struct packet *assembler_find(const struct assembler *assembler,
                                            uint16_t sequence_number)
{
    struct packet *packet = assembler->slots[sequence_number & ASSEMBLER_MASK];
    return packet != NULL && packet->sequence_number == sequence_number ? packet : NULL;
}

/* The frame of the packets from `start` to before `end`, which are all there; NULL when they make
 * none, or none that can be begun with. */
struct coded_frame *assembler_join(struct assembler *assembler, uint16_t start, uint16_t end);
