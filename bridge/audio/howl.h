/* Hears when a room's loudspeaker feeds its microphone: one tone that holds its pitch, bears nearly
 * all of the sound, and has grown. A voice does not hold a pitch so long, and a tone that is
 * switched on does not grow.
 *
 * Thread: one owner. Memory: nothing is allocated. */
#pragma once

#include <stdbool.h>

#define HOWL_FRAME 960 /* samples: 20 ms at 48 kHz */

struct howl {
    bool is_howling;
    float level_dbov; /* of the last frame that was looked at */
    unsigned frames;
    unsigned bin;     /* where the tone was */
    unsigned steady;  /* looks for which it has held its pitch */
    unsigned absent;  /* looks since it was last there */
    float begun_dbov; /* as loud it was when it had just begun */
    float loudest_dbov;
};

/* Looks at a frame, in steps of 16 bits. Returns `is_howling`. */
bool howl_hear(struct howl *howl, const float samples[HOWL_FRAME]);
