#include "tests/unit/audio/speech.h"

#include <math.h>

#define RATE     48000.0
#define SYLLABLE 0.22 /* s */
#define BREATH   16   /* syllables from pause to pause, 3 of them silent */

struct speech speech_new(double pitch, double lufs)
{
    /* 0.1 of full scale was measured to be at -23.8 LUFS. */
    return (struct speech){
        .pitch = pitch, .level = 3276.7 * pow(10, (lufs + 23.8) / 20), .noise = 1};
}

static double noise(struct speech *speech)
{
    speech->noise = speech->noise * 1664525 + 1013904223;
    return (double)(int32_t)speech->noise / 2147483648.0;
}

/* A resonance: one formant of the voice. */
static double resonate(double state[2], double in, double hz, double width)
{
    double radius = exp(-M_PI * width / RATE);
    double out =
        in + 2 * radius * cos(2 * M_PI * hz / RATE) * state[0] - radius * radius * state[1];
    state[1] = state[0];
    state[0] = out;
    return out;
}

static double next(struct speech *speech)
{
    double now = (double)speech->time++ / RATE;
    int syllable = (int)(now / SYLLABLE);
    double within = now / SYLLABLE - syllable;
    double glide = 1 + 0.2 * sin(2 * M_PI * now / 1.7) + 0.03 * sin(2 * M_PI * now * 5);
    double pulse = 0;
    speech->phase += speech->pitch * glide / RATE;
    if (speech->phase >= 1) {
        speech->phase -= 1;
        pulse = 1;
    }
    int vowel = syllable % 5;
    double low = resonate(speech->low, pulse, 350 + 110 * vowel, 90);
    double high = resonate(speech->high, pulse, 1100 + 230 * ((vowel * 3) % 5), 140);
    if (syllable % BREATH >= BREATH - 3)
        return noise(speech) * 0.002;
    if (within < 0.2)
        return noise(speech) * 0.25 * sin(M_PI * within / 0.2);
    return 0.2 * (low + 0.6 * high) * sin(M_PI * (within - 0.2) / 0.8);
}

void speech_read(struct speech *speech, int16_t *samples, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        samples[i] = (int16_t)lrint(fmax(-32768, fmin(32767, speech->level * next(speech))));
}
