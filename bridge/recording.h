/* The recording of one conference: parts one after the other, each from a start to a stop. What a
 * killed bridge left unfinished in the directory is finished first, on a thread of its own, as a
 * long meeting takes its time.
 *
 * Thread: the main thread.
 * Memory: belongs to the conference; recording_free() only while recording_is_idle(). */
#pragma once

#include "bridge/audio/audio.h"
#include "bridge/bridge.h"

struct pictures;
struct recording;

/* `audio` and `pictures` are fed from and outlive the recording. `idle` is called whenever a part
 * has ended, or has not come to be; the last thing that the recording does. */
struct recording *recording_new(struct bridge *bridge, struct audio *audio,
                                struct pictures *pictures, const char *conference,
                                void (*idle)(void *arg), void *arg);
void recording_free(struct recording *recording);

/* `place` is {part, path}, with `duration_us` after a stop, or null when nothing was recorded; it
 * is borrowed. Or `error` says why not. Called once, perhaps before the function returns. */
typedef void (*recording_done)(json_t *place, const char *error, void *arg);

/* Harmless when it runs. Refused while the last part is being finished, and in a directory that
 * another conference writes to. */
void recording_start(struct recording *recording, const char *directory, const char *title,
                     recording_done done, void *arg);
/* `done` once the part is finished. */
void recording_stop(struct recording *recording, recording_done done, void *arg);

bool recording_is_idle(const struct recording *recording);
/* The part that is being written; 0: none. */
unsigned recording_part(const struct recording *recording);
