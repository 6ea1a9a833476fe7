/* The limiter: no sample that goes out, nor what lies between two samples, is over -2.5 dBFS. It
 * looks 2.5 ms ahead, which is its delay, so that it turns down before a loud moment and never
 * cuts; it lets up again over 150 ms. One for each signal that goes out. What needs no limiting
 * passes bit for bit.
 *
 * Thread: one owner. Memory: nothing is allocated. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define LIMITER_FRAME 960 /* samples: 20 ms at 48 kHz */
#define LIMITER_DELAY 120 /* samples: 2.5 ms */
/* -2.5 dBFS: Opus at 32 kb/s adds up to 1 dB to the peaks of speech, and the ear is promised -1. */
#define LIMITER_PEAK 24573

/* Zero-initialised: silence before the first frame. */
struct limiter {
    float reduction;             /* 0: full gain; 0.5: half of it */
    int32_t held[LIMITER_DELAY]; /* samples that have come in and not gone out */
    int32_t held_peak;
};

/* Takes a frame in and gives one out, LIMITER_DELAY later. False if that is exactly zero. */
bool limiter_run(struct limiter *limiter, const int32_t in[LIMITER_FRAME],
                 int16_t out[LIMITER_FRAME]);
