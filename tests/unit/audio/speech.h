/* Something like speech, made up: syllables of a voice whose pitch glides, some noise between them,
 * and pauses for breath. The same every time.
 *
 * Thread: one owner. */
#pragma once

#include <stdint.h>

struct speech {
    double pitch; /* Hz, the middle of the voice */
    double level; /* amplitude, 0 to 32767 */
    /* Its own. */
    double phase, low[2], high[2];
    int64_t time;
    uint32_t noise;
};

/* A voice of `pitch` Hz whose loudness, while it speaks, is about `lufs` (BS.1770). */
struct speech speech_new(double pitch, double lufs);
/* The next `count` samples at 48 kHz. */
void speech_read(struct speech *speech, int16_t *samples, unsigned count);
