#include "bridge/audio/howl.h"

#include <complex.h>
#include <math.h>
#include <string.h>

#define STEP    3   /* 16 kHz is enough: rooms howl between 100 Hz and 5 kHz */
#define POINTS  256 /* 16 ms of it; bins of 62.5 Hz */
#define EVERY   2   /* frames: a look each 40 ms */
#define AUDIBLE (-45.0f)
#define SHARE   0.85f /* of the power that the tone bears */
#define STEADY  15    /* looks: 0.6 s */
#define BEGUN   3     /* looks after which it counts as begun, not switched on */
#define GROWN   6.0f  /* dB */
#define MISSES  2     /* looks that may lack it */
#define OVER    25    /* looks without it: 1 s */

/* In place, decimation in time; the order is reversed before. */
static void transform(float complex *points)
{
    for (unsigned i = 1, j = 0; i < POINTS; i++) {
        unsigned bit = POINTS >> 1;
        for (; (j & bit) != 0; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i < j) {
            float complex kept = points[i];
            points[i] = points[j];
            points[j] = kept;
        }
    }
    for (unsigned half = 1; half < POINTS; half <<= 1) {
        float complex turn = cexpf(-(float)M_PI * I / (float)half), twiddle = 1;
        for (unsigned k = 0; k < half; k++, twiddle *= turn) {
            for (unsigned i = k; i < POINTS; i += 2 * half) {
                float complex other = points[i + half] * twiddle;
                points[i + half] = points[i] - other;
                points[i] += other;
            }
        }
    }
}

/* The bin of the strongest tone, and the share of all power that it bears. */
static unsigned find_tone(const float *samples, float *share)
{
    float complex points[POINTS];
    float power[POINTS / 2], sum = 0;
    unsigned best = 2;
    for (unsigned i = 0; i < POINTS; i++) {
        const float *three = samples + (size_t)i * STEP;
        float window = 0.5f - 0.5f * cosf(2 * (float)M_PI * (float)i / POINTS);
        points[i] = (three[0] + three[1] + three[2]) / STEP * window;
    }
    transform(points);
    for (unsigned i = 0; i < POINTS / 2; i++) {
        power[i] = crealf(points[i]) * crealf(points[i]) + cimagf(points[i]) * cimagf(points[i]);
        sum += power[i];
        if (i >= 2 && i < POINTS / 2 - 1 && power[i] > power[best])
            best = i;
    }
    /* Hann's window spreads a tone over three bins. */
    *share = sum > 0 ? (power[best - 1] + power[best] + power[best + 1]) / sum : 0;
    return best;
}

static float level_of(const float *samples)
{
    double squares = 0;
    for (unsigned i = 0; i < HOWL_FRAME; i++)
        squares += (double)samples[i] * samples[i];
    return squares > 0 ? (float)(10 * log10(squares / HOWL_FRAME / (32767.0 * 32767.0))) : -127;
}

static void miss(struct howl *howl)
{
    howl->absent++;
    if (howl->absent > MISSES)
        howl->steady = 0;
    if (howl->absent > OVER)
        howl->is_howling = false;
}

static void follow(struct howl *howl, unsigned bin)
{
    bool is_same = bin + 1 >= howl->bin && bin <= howl->bin + 1;
    howl->bin = bin;
    howl->steady = is_same ? howl->steady + 1 : 1;
    howl->absent = 0;
    if (howl->steady <= BEGUN)
        howl->begun_dbov = howl->loudest_dbov = howl->level_dbov;
    howl->loudest_dbov = fmaxf(howl->loudest_dbov, howl->level_dbov);
    if (howl->steady >= STEADY && howl->loudest_dbov >= howl->begun_dbov + GROWN)
        howl->is_howling = true;
}

bool howl_hear(struct howl *howl, const float samples[HOWL_FRAME])
{
    float share = 0;
    unsigned bin = 0;
    if (howl->frames++ % EVERY != 0)
        return howl->is_howling;
    howl->level_dbov = level_of(samples);
    if (howl->level_dbov >= AUDIBLE)
        bin = find_tone(samples, &share);
    if (share >= SHARE)
        follow(howl, bin);
    else
        miss(howl);
    return howl->is_howling;
}
