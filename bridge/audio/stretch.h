/* Makes a run of sound a little shorter or longer without a change of pitch and without a click:
 * one or more periods of the voice are taken out or said twice, where the sound is most like itself
 * (WSOLA: Verhelst and Roelands, ICASSP 1993).
 *
 * Thread: any; no state. Memory: nothing is allocated. */
#pragma once

#include <stdint.h>

#define STRETCH_MIN     120 /* samples at 48 kHz, 2.5 ms: the least that is taken or given at once */
#define STRETCH_MAX     720 /* 15 ms: a period of the lowest voice */
#define STRETCH_OVERLAP 240 /* 5 ms, over which the two places are faded into each other */

/* Takes out between STRETCH_MIN and `most` samples (never more than STRETCH_MAX), if the sound on
 * both sides is alike: `likeness` is the least correlation, -1 (anything will do) to 1. Returns how
 * many were taken; 0 if there is no such place. The first and the last samples stay as they are. */
unsigned stretch_shorten(int16_t *samples, unsigned count, unsigned most, float likeness);

/* Says a piece of between STRETCH_MIN and `most` samples twice. `samples` has room for count +
 * most. Returns how many were added. */
unsigned stretch_lengthen(int16_t *samples, unsigned count, unsigned most, float likeness);
