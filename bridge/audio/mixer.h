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

#include <stdbool.h>
#include <stdint.h>

#define MIXER_FRAME 960   /* samples: 20 ms at 48 kHz */
#define MIXER_RAMP  480   /* 10 ms */
#define MIXER_PEAK  29204 /* -1 dBFS: no sample that goes out is larger */

/* One source's share of the mix. Zero-initialised: closed. */
struct voice {
    bool is_open; /* what it shall be; set at will */
    bool was_open;
    int16_t samples[MIXER_FRAME]; /* what went into the sum */
};

struct mixer {
    int32_t sum[MIXER_FRAME];
};

/* Begins a frame. */
void mixer_begin(struct mixer *mixer);
/* Adds one frame of a source. Returns false if it contributed exactly zero. */
bool mixer_add(struct mixer *mixer, struct voice *voice, const int16_t samples[MIXER_FRAME]);

/* Keeps a mix under MIXER_PEAK: brings it down ahead of a loud moment (within the frame, so without
 * delay) and lets it up again over 150 ms. One for each signal that goes out. */
struct limiter {
    float reduction; /* 0: full gain; 0.5: half of it */
};

/* The sum without `except` (NULL: all of it). Returns false if it is exactly zero. */
bool mixer_read(const struct mixer *mixer, const struct voice *except, struct limiter *limiter,
                int16_t samples[MIXER_FRAME]);
