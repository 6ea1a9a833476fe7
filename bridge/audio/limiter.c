#include "bridge/audio/limiter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK   LIMITER_DELAY
#define BLOCKS  (LIMITER_FRAME / BLOCK)
#define RELEASE 0.0165f /* of the reduction, each block: 1 - exp(-2.5 ms / 150 ms) */
#define MARGIN  3       /* samples on both sides that tell what lies between two */

static int32_t larger(int32_t one, int32_t other)
{
    return one > other ? one : other;
}

/* The largest magnitude of a block, and of the middles between its samples, by a cubic through six
 * of them. `samples` may be read MARGIN beyond both ends. */
static int32_t peak_of(const int32_t *samples)
{
    int32_t peak = 0;
    float between = 0;
    for (int i = 0; i < BLOCK; i++)
        peak = larger(peak, abs(samples[i]));
    for (int i = -1; i < BLOCK; i++) {
        float inner = (float)samples[i] + (float)samples[i + 1];
        float middle = (float)samples[i - 1] + (float)samples[i + 2];
        float outer = (float)samples[i - 2] + (float)samples[i + 3];
        between = fmaxf(between, fabsf(150 * inner - 25 * middle + 3 * outer) / 256);
    }
    return larger(peak, (int32_t)ceilf(between));
}

/* The gain at each block's border is one that both of its blocks can bear, so that a straight line
 * between two borders never overshoots. `peaks` is of one block more than goes out. */
static void plan_gains(struct limiter *limiter, const int32_t *peaks, float gains[BLOCKS + 1])
{
    float bearable[BLOCKS + 1];
    for (unsigned i = 0; i <= BLOCKS; i++)
        bearable[i] = peaks[i] > LIMITER_PEAK ? (float)LIMITER_PEAK / (float)peaks[i] : 1;
    gains[0] = 1 - limiter->reduction;
    for (unsigned i = 1; i <= BLOCKS; i++) {
        float released = gains[i - 1] + (1 - gains[i - 1]) * RELEASE;
        gains[i] = fminf(released, fminf(bearable[i - 1], bearable[i]));
    }
    limiter->reduction = 1 - gains[BLOCKS];
    if (limiter->reduction < 1e-4f)
        limiter->reduction = 0;
}

static void apply_gains(const int32_t *in, const float *gains, int16_t *out)
{
    for (unsigned block = 0; block < BLOCKS; block++) {
        float gain = gains[block];
        float step = (gains[block + 1] - gain) / BLOCK;
        for (unsigned i = 0; i < BLOCK; i++) {
            float sample = (float)in[block * BLOCK + i] * (gain + step * (float)i);
            sample = fmaxf(-LIMITER_PEAK, fminf(LIMITER_PEAK, sample)); /* rounding */
            out[block * BLOCK + i] = (int16_t)sample;
        }
    }
}

bool limiter_run(struct limiter *limiter, const int32_t in[LIMITER_FRAME],
                 int16_t out[LIMITER_FRAME])
{
    /* What was held, the frame, and room for the cubic at its unknown end. */
    int32_t line[LIMITER_DELAY + LIMITER_FRAME + MARGIN];
    int32_t peaks[BLOCKS + 1], peak = limiter->held_peak;
    float gains[BLOCKS + 1];
    memcpy(line, limiter->held, sizeof limiter->held);
    memcpy(line + LIMITER_DELAY, in, LIMITER_FRAME * sizeof *in);
    for (unsigned i = 0; i < MARGIN; i++)
        line[LIMITER_DELAY + LIMITER_FRAME + i] = in[LIMITER_FRAME - 1];
    peaks[0] = limiter->held_peak;
    for (unsigned i = 1; i <= BLOCKS; i++) {
        peaks[i] = peak_of(line + i * BLOCK);
        peak = larger(peak, peaks[i]);
    }
    limiter->held_peak = peaks[BLOCKS];
    memcpy(limiter->held, in + LIMITER_FRAME - LIMITER_DELAY, sizeof limiter->held);
    plan_gains(limiter, peaks, gains);
    int any = 0;
    for (unsigned i = 0; i < LIMITER_FRAME; i++)
        any |= line[i];
    if (peak <= LIMITER_PEAK && gains[0] == 1) {
        for (unsigned i = 0; i < LIMITER_FRAME; i++)
            out[i] = (int16_t)line[i];
    } else {
        apply_gains(line, gains, out);
    }
    return any != 0;
}
