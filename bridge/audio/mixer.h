/* The mixer: sums who is heard into one signal for all listeners, and for each speaker the same
 * signal without himself. Sums are exact integers, so that what is not in the mix contributes
 * exactly zero and "without himself" is a subtraction: the cost grows with the speakers, not with
 * their square.
 *
 * The gate of the floor is here. A voice that is opened or closed is brought up or down along a
 * half cosine of 10 ms, within the frame in which it happens; from the next frame on, a closed
 * voice is exactly zero.
 *
 * Thread: one owner. Memory: nothing is allocated. */
#pragma once

#include "bridge/audio/limiter.h"

#include <stdbool.h>
#include <stdint.h>

#define MIXER_FRAME 960 /* samples: 20 ms at 48 kHz */
#define MIXER_RAMP  480 /* 10 ms */

/* One source's share of the mix. Zero-initialised: closed. */
struct voice {
    bool is_open; /* what it shall be; set at will */
    bool was_open;
    int32_t samples[MIXER_FRAME]; /* what went into the sum */
};

struct mixer {
    int32_t sum[MIXER_FRAME];
};

/* Begins a frame. */
void mixer_begin(struct mixer *mixer);
/* Adds one frame of a source, in steps of 16 bits; a gain may have made it louder than those can
 * say, up to 2^24. Returns false if it contributed exactly zero. */
bool mixer_add(struct mixer *mixer, struct voice *voice, const int32_t samples[MIXER_FRAME]);

/* The sum without `except` (NULL: all of it), limited, and later by LIMITER_DELAY. Returns false if
 * it is exactly zero. */
bool mixer_read(const struct mixer *mixer, const struct voice *except, struct limiter *limiter,
                int16_t samples[MIXER_FRAME]);
