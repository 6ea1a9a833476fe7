/* A conference of the tick alone: rooms that send tones, listeners that decode what comes out, and
 * no clock. */
#pragma once

#include "bridge/audio/tick.h"

#define STAGE_ROOMS     10
#define STAGE_FRAME     960
#define STAGE_TICKS_MAX 500 /* that a room's hearing is kept of */

struct room {
    char leg[16];
    struct inbox *inbox;
    double frequency, amplitude;
    struct encoder *encoder;
    uint16_t sequence_number;
    bool drops_next; /* its next packet is lost on the line */
};

/* What is decoded of one stream. */
struct ear {
    uint32_t stream;
    struct decoder *decoder;
    unsigned frames; /* in the last tick */
    int level_dbov;  /* of the last frame */
    unsigned heard;  /* ticks in `samples` */
    int16_t samples[STAGE_TICKS_MAX * STAGE_FRAME];
};

struct stage {
    struct audio_tuning tuning;
    struct tick *tick;
    struct frame_pool *pool;
    struct roster *roster;
    struct room rooms[STAGE_ROOMS];
    struct ear *ears[STAGE_ROOMS + 1];
    unsigned ear_count;
    int64_t time;
    uint32_t timestamp; /* of the last frame */
    unsigned pushed, flushed;
    bool outlet_is_full;
};

/* Room i is "room-i", with a tone of its own at -20 dBFS: stage_frequency(i). */
struct stage *stage_new(void);
struct stage *stage_new_tuned(struct audio_tuning tuning);
void stage_free(struct stage *stage);
double stage_frequency(unsigned room);

/* The rooms of the list have the floor: "024" are rooms 0, 2 and 4. */
void stage_floor(struct stage *stage, const char *rooms);
/* The stream of the mix that a room with the floor hears. */
uint32_t stage_stream(const struct stage *stage, unsigned room);
/* Decodes what is sent on a stream from now on. */
struct ear *stage_listen(struct stage *stage, uint32_t stream);

/* All rooms send their next 20 ms, whether they have the floor or not. */
void stage_send(struct stage *stage);
/* The same, then a tick, for each. */
void stage_run(struct stage *stage, unsigned ticks);

/* dBFS of a room's tone in the last `ticks` that an ear has heard. */
double ear_tone(const struct ear *ear, unsigned room, unsigned ticks);
