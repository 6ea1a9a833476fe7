/* Gain control: makes a quiet province as loud as a loud one.
 *
 * Measures as EBU R 128 does, K-weighted over 400 ms, and only while somebody speaks: what is
 * steady (noise, hum, a tone) or much quieter than the speech before it teaches nothing, and the
 * gain stands still meanwhile. It is learnt within about three seconds of speech and then moves
 * slowly, so that it is not heard to move.
 *
 * Thread: one owner. Memory: nothing is allocated. */
#pragma once

#include "bridge/audio/filter.h"

#include <stdbool.h>

#define GAIN_FRAME  960 /* samples: 20 ms at 48 kHz */
#define GAIN_FRAMES 20  /* 400 ms, the block of BS.1770 */
#define GAIN_LEAST  (-20.0f)

struct gain {
    float target_lufs, most_db;
    struct k_filter weight;
    double powers[GAIN_FRAMES]; /* of the last frames, weighted; a ring */
    bool speaks[GAIN_FRAMES];   /* which of them were far above the noise */
    unsigned frames;
    float floor_lufs; /* the noise under the speech */
    double power;     /* of the speech, in the mean */
    unsigned learnt;  /* blocks that went into it, up to a few seconds' */
    float gain_db;
};

/* What can be kept of a source while it is away. Zero: nothing is known. */
struct gain_memory {
    float gain_db;
    unsigned learnt;
};

/* `target_lufs` 0: the gain is 1 for ever. `most_db` bounds what a whisper is given. */
void gain_init(struct gain *gain, float target_lufs, float most_db,
               const struct gain_memory *memory);
/* Measures a frame, in steps of 16 bits, and brings it to the target. */
void gain_run(struct gain *gain, float samples[GAIN_FRAME]);
struct gain_memory gain_recall(const struct gain *gain);
