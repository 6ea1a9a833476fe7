#include "bridge/audio/stretch.h"

#include <math.h>
#include <string.h>

#define COARSE 4   /* the search begins with every fourth sample… */
#define STEP   4   /* …at every fourth lag */
#define WINDOW 480 /* 10 ms are compared, or as much as there is */

/* How alike the beginning and what comes `lag` later are: their correlation. */
static float likeness_at(const int16_t *samples, unsigned lag, unsigned window, unsigned step)
{
    float both = 0, here = 1, there = 1; /* digital silence is like itself */
    for (unsigned i = 0; i < window; i += step) {
        float a = samples[i], b = samples[i + lag];
        both += a * b;
        here += a * a;
        there += b * b;
    }
    if (here <= 1 && there <= 1)
        return 1;
    /* A beginning may not be taken for its own echo of another loudness. */
    float louder = here > there ? here : there;
    return both / sqrtf(here * there) * fminf(1, 4 * fminf(here, there) / louder);
}

static unsigned window_at(unsigned count, unsigned lag)
{
    unsigned room = count - lag;
    return room < WINDOW ? room : WINDOW;
}

/* The lag between STRETCH_MIN and `most` at which the sound is most like itself; 0: nowhere. */
static unsigned find_lag(const int16_t *samples, unsigned count, unsigned most, float least)
{
    unsigned best = 0;
    float best_likeness = -2;
    if (most > STRETCH_MAX)
        most = STRETCH_MAX;
    if (count < most + STRETCH_OVERLAP)
        most = count > STRETCH_OVERLAP ? count - STRETCH_OVERLAP : 0;
    for (unsigned lag = STRETCH_MIN; lag <= most; lag += STEP) {
        float likeness = likeness_at(samples, lag, window_at(count, lag), COARSE);
        if (likeness > best_likeness) {
            best_likeness = likeness;
            best = lag;
        }
    }
    if (best == 0)
        return 0;
    unsigned from = best > STRETCH_MIN + STEP ? best - STEP + 1 : STRETCH_MIN;
    unsigned to = best + STEP - 1 < most ? best + STEP - 1 : most;
    best_likeness = -2;
    for (unsigned lag = from; lag <= to; lag++) {
        float likeness = likeness_at(samples, lag, window_at(count, lag), 1);
        if (likeness > best_likeness) {
            best_likeness = likeness;
            best = lag;
        }
    }
    return best_likeness >= least ? best : 0;
}

/* From `before` over to `after`, along a half cosine. */
static void cross_over(int16_t *out, const int16_t *before, const int16_t *after)
{
    for (unsigned i = 0; i < STRETCH_OVERLAP; i++) {
        float share = 0.5f - 0.5f * cosf((float)M_PI * ((float)i + 0.5f) / STRETCH_OVERLAP);
        out[i] = (int16_t)lrintf((float)before[i] * (1 - share) + (float)after[i] * share);
    }
}

unsigned stretch_shorten(int16_t *samples, unsigned count, unsigned most, float likeness)
{
    unsigned lag = find_lag(samples, count, most, likeness);
    if (lag == 0)
        return 0;
    cross_over(samples, samples, samples + lag);
    memmove(samples + STRETCH_OVERLAP, samples + lag + STRETCH_OVERLAP,
            (count - lag - STRETCH_OVERLAP) * sizeof *samples);
    return lag;
}

unsigned stretch_lengthen(int16_t *samples, unsigned count, unsigned most, float likeness)
{
    int16_t joint[STRETCH_OVERLAP];
    unsigned lag = find_lag(samples, count, most, likeness);
    if (lag == 0)
        return 0;
    cross_over(joint, samples + lag, samples);
    memmove(samples + lag + STRETCH_OVERLAP, samples + STRETCH_OVERLAP,
            (count - STRETCH_OVERLAP) * sizeof *samples);
    memcpy(samples + lag, joint, sizeof joint);
    return lag;
}
