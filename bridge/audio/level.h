/* How loud a run of samples is, and how much of one tone is in it.
 *
 * Thread: any; no state, no allocation. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define LEVEL_SILENCE_DBOV (-127)

/* The level of RFC 6464: the root mean square against the overload point (32767), in whole dBov,
 * -127 (silence) to 0. A sine of full scale is at -3. On the wire it is the negative of this. */
int level_dbov(const int16_t *samples, size_t count);

/* The largest magnitude, 0 to 32768. */
int level_peak(const int16_t *samples, size_t count);

/* Root mean square, in units of one sample step. */
double level_rms(const int16_t *samples, size_t count);

/* The amplitude of the tone `frequency` (Hz) in the samples, in dBFS: 0 for a sine of full scale,
 * -200 for none. Goertzel's algorithm under a Hann window: tones that lie 2 * sample_rate / count
 * or more away do not leak in, so that 4800 samples at 48 kHz tell tones 20 Hz apart. */
double level_goertzel(const int16_t *samples, size_t count, unsigned sample_rate, double frequency);
