#include "bridge/audio/mixer.h"

#include <math.h>
#include <string.h>

void mixer_begin(struct mixer *mixer)
{
    memset(mixer->sum, 0, sizeof mixer->sum);
}

/* From 0 to 1 over MIXER_RAMP, flat at both ends. */
static float ramp_gain(unsigned i)
{
    return 0.5f - 0.5f * cosf((float)M_PI * ((float)i + 0.5f) / MIXER_RAMP);
}

static void ramp_up(int32_t *out, const int32_t *in)
{
    for (unsigned i = 0; i < MIXER_RAMP; i++)
        out[i] = (int32_t)((float)in[i] * ramp_gain(i));
    memcpy(out + MIXER_RAMP, in + MIXER_RAMP, (MIXER_FRAME - MIXER_RAMP) * sizeof *out);
}

static void ramp_down(int32_t *out, const int32_t *in)
{
    for (unsigned i = 0; i < MIXER_RAMP; i++)
        out[i] = (int32_t)((float)in[i] * ramp_gain(MIXER_RAMP - 1 - i));
    memset(out + MIXER_RAMP, 0, (MIXER_FRAME - MIXER_RAMP) * sizeof *out);
}

bool mixer_add(struct mixer *mixer, struct voice *voice, const int32_t samples[MIXER_FRAME])
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
    int32_t any = 0;
    for (unsigned i = 0; i < MIXER_FRAME; i++) {
        mixer->sum[i] += voice->samples[i];
        any |= voice->samples[i];
    }
    return any != 0;
}

bool mixer_read(const struct mixer *mixer, const struct voice *except, struct limiter *limiter,
                int16_t samples[MIXER_FRAME])
{
    int32_t mix[MIXER_FRAME];
    memcpy(mix, mixer->sum, sizeof mix);
    for (unsigned i = 0; except != NULL && i < MIXER_FRAME; i++)
        mix[i] -= except->samples[i];
    return limiter_run(limiter, mix, samples);
}
