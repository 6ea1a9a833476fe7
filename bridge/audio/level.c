#include "bridge/audio/level.h"

#include <math.h>
#include <stdlib.h>

#define FULL_SCALE 32767.0

double level_rms(const int16_t *samples, size_t count)
{
    uint64_t squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += (uint32_t)((int32_t)samples[i] * samples[i]);
    return count == 0 ? 0 : sqrt((double)squares / (double)count);
}

int level_dbov(const int16_t *samples, size_t count)
{
    double rms = level_rms(samples, count);
    if (rms <= 0)
        return LEVEL_SILENCE_DBOV;
    double level = round(20 * log10(rms / FULL_SCALE));
    if (level > 0)
        return 0;
    return level < LEVEL_SILENCE_DBOV ? LEVEL_SILENCE_DBOV : (int)level;
}

int level_peak(const int16_t *samples, size_t count)
{
    int peak = 0;
    for (size_t i = 0; i < count; i++) {
        int magnitude = abs((int)samples[i]);
        peak = magnitude > peak ? magnitude : peak;
    }
    return peak;
}

double level_goertzel(const int16_t *samples, size_t count, unsigned sample_rate, double frequency)
{
    double omega = 2 * M_PI * frequency / sample_rate;
    double coefficient = 2 * cos(omega);
    double last = 0, before = 0, weight = 0;
    if (count == 0)
        return -200;
    for (size_t i = 0; i < count; i++) {
        double window = 0.5 - 0.5 * cos(2 * M_PI * (double)i / (double)count);
        double now = samples[i] * window + coefficient * last - before;
        before = last;
        last = now;
        weight += window;
    }
    double power = last * last + before * before - coefficient * last * before;
    double amplitude = 2 * sqrt(fmax(power, 0)) / weight / FULL_SCALE;
    return amplitude <= 1e-10 ? -200 : 20 * log10(amplitude);
}
