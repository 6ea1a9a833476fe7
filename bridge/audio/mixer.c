#include "bridge/audio/mixer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK   120 /* 2.5 ms: the limiter's step */
#define BLOCKS  (MIXER_FRAME / BLOCK)
#define RELEASE 0.0165f /* of the reduction, each block: 1 - exp(-2.5 ms / 150 ms) */

void mixer_begin(struct mixer *mixer)
{
    memset(mixer->sum, 0, sizeof mixer->sum);
}

/* From 0 to 1 over MIXER_RAMP, flat at both ends. */
static float ramp_gain(unsigned i)
{
    return 0.5f - 0.5f * cosf((float)M_PI * ((float)i + 0.5f) / MIXER_RAMP);
}

static void ramp_up(int16_t *out, const int16_t *in)
{
    for (unsigned i = 0; i < MIXER_RAMP; i++)
        out[i] = (int16_t)((float)in[i] * ramp_gain(i));
    memcpy(out + MIXER_RAMP, in + MIXER_RAMP, (MIXER_FRAME - MIXER_RAMP) * sizeof *out);
}

static void ramp_down(int16_t *out, const int16_t *in)
{
    for (unsigned i = 0; i < MIXER_RAMP; i++)
        out[i] = (int16_t)((float)in[i] * ramp_gain(MIXER_RAMP - 1 - i));
    memset(out + MIXER_RAMP, 0, (MIXER_FRAME - MIXER_RAMP) * sizeof *out);
}

bool mixer_add(struct mixer *mixer, struct voice *voice, const int16_t samples[MIXER_FRAME])
{
    if (voice->is_open && voice->was_open)
        memcpy(voice->samples, samples, sizeof voice->samples);
    else if (voice->is_open)
        ramp_up(voice->samples, samples);
    else if (voice->was_open)
        ramp_down(voice->samples, samples);
    else
        memset(voice->samples, 0, sizeof voice->samples);
    voice->was_open = voice->is_open;
    int any = 0;
    for (unsigned i = 0; i < MIXER_FRAME; i++) {
        mixer->sum[i] += voice->samples[i];
        any |= voice->samples[i];
    }
    return any != 0;
}

static int32_t peak_of(const int32_t *samples, unsigned count)
{
    int32_t peak = 0;
    for (unsigned i = 0; i < count; i++) {
        int32_t magnitude = abs(samples[i]);
        peak = magnitude > peak ? magnitude : peak;
    }
    return peak;
}

/* The gain at each block's border is one that both of its blocks can bear, so that a straight line
 * between two borders never overshoots. Only the first border is given: a frame that begins too
 * loud is brought down in its first block, and what overshoots there is cut. */
static void plan_gains(struct limiter *limiter, const int32_t *peaks, float gains[BLOCKS + 1])
{
    float bearable[BLOCKS + 1];
    for (unsigned i = 0; i < BLOCKS; i++)
        bearable[i] = peaks[i] > MIXER_PEAK ? (float)MIXER_PEAK / (float)peaks[i] : 1;
    bearable[BLOCKS] = 1;
    gains[0] = 1 - limiter->reduction;
    for (unsigned i = 1; i <= BLOCKS; i++) {
        float released = gains[i - 1] + (1 - gains[i - 1]) * RELEASE;
        gains[i] = fminf(released, fminf(bearable[i - 1], bearable[i]));
    }
    limiter->reduction = 1 - gains[BLOCKS];
    if (limiter->reduction < 1e-4f)
        limiter->reduction = 0;
}

static void apply_gains(const int32_t *mix, const float *gains, int16_t *samples)
{
    for (unsigned block = 0; block < BLOCKS; block++) {
        float gain = gains[block];
        float step = (gains[block + 1] - gain) / BLOCK;
        for (unsigned i = 0; i < BLOCK; i++) {
            float sample = (float)mix[block * BLOCK + i] * (gain + step * (float)i);
            sample = sample > MIXER_PEAK ? MIXER_PEAK : sample;
            sample = sample < -MIXER_PEAK ? -MIXER_PEAK : sample;
            samples[block * BLOCK + i] = (int16_t)sample;
        }
    }
}

bool mixer_read(const struct mixer *mixer, const struct voice *except, struct limiter *limiter,
                int16_t samples[MIXER_FRAME])
{
    int32_t mix[MIXER_FRAME];
    int32_t peaks[BLOCKS], peak = 0;
    float gains[BLOCKS + 1];
    memcpy(mix, mixer->sum, sizeof mix);
    for (unsigned i = 0; except != NULL && i < MIXER_FRAME; i++)
        mix[i] -= except->samples[i];
    for (unsigned i = 0; i < BLOCKS; i++) {
        peaks[i] = peak_of(mix + i * BLOCK, BLOCK);
        peak = peaks[i] > peak ? peaks[i] : peak;
    }
    plan_gains(limiter, peaks, gains);
    if (peak <= MIXER_PEAK && gains[0] == 1) {
        for (unsigned i = 0; i < MIXER_FRAME; i++)
            samples[i] = (int16_t)mix[i];
    } else {
        apply_gains(mix, gains, samples);
    }
    return peak > 0;
}
