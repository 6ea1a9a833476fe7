/* Tones in what a room hears: who is on the air shows by the tone that each room sends.
 *
 * Two runs of Goertzel's algorithm, each under a Hann window: one over 20 ms tells when a tone
 * begins and ends (and tells tones apart that are 200 Hz apart or more); one over 100 ms gives the
 * levels of a report (40 Hz apart or more).
 *
 * Thread: one owner. Memory: nothing is allocated after tones_new(). */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define TONES_MAX   40
#define TONES_FRAME 960 /* 20 ms at 48 kHz mono */

/* A tone is there from TONES_ON_DBFS on, and gone below TONES_OFF_DBFS. */
#define TONES_ON_DBFS  (-45.0)
#define TONES_OFF_DBFS (-55.0)

struct tones;

/* `at_us`: of the 20 ms in which the tone began or ended, when their first sample was due.
 * `edge_us`: when the first of them was due that is half as loud as the loudest of them; where
 * there was silence before, that is when the tone began. */
typedef void (*tones_told)(int hz, bool is_on, int64_t at_us, int64_t edge_us, void *arg);

struct tones *tones_new(tones_told told, void *arg);
void tones_free(struct tones *tones);

/* What is listened for from now on, in place of the former; all are off. The levels of all are
 * measured; `tells`: beginnings and ends are told, too. At most TONES_MAX. */
void tones_listen(struct tones *tones, const int *hz, unsigned count, bool tells);

void tones_take(struct tones *tones, const int16_t samples[TONES_FRAME], int64_t due_us);

/* Levels begin anew; what is on stays on. */
void tones_reset(struct tones *tones);
/* {"440": dBFS} as means of power since the last reset, -200 for nothing; 0 is a full sine. */
json_t *tones_report(const struct tones *tones);
