/* Filters of second order: what takes direct current and mains hum out of a room's sound, and what
 * weighs it as the ear does.
 *
 * Thread: one owner. Memory: nothing is allocated. All at 48 kHz. */
#pragma once

#include <stddef.h>

struct biquad {
    double b[3], a[2]; /* a[0], the first, is 1 and left out */
    double state[2];   /* direct form II transposed */
};

/* RBJ's Audio EQ Cookbook. */
struct biquad biquad_high_pass(double hz, double q);
struct biquad biquad_notch(double hz, double q);
void biquad_run(struct biquad *filter, float *samples, size_t count);

/* A room's sound before anything else: a high-pass of fourth order at 80 Hz (a deep voice begins
 * there), and narrow notches at 50, 100 and 150 Hz. */
#define HUM_STAGES 5
struct hum_filter {
    struct biquad stages[HUM_STAGES];
};
void hum_filter_init(struct hum_filter *filter);
void hum_filter_run(struct hum_filter *filter, float *samples, size_t count);

/* K-weighting, ITU-R BS.1770-5 annex 1, tables 1 and 2. */
struct k_filter {
    struct biquad stages[2];
};
void k_filter_init(struct k_filter *filter);
void k_filter_run(struct k_filter *filter, float *samples, size_t count);
