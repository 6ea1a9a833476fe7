/* The clips of a process: each tone and file made once.
 *
 * Thread: main; files are decoded by threads of their own. */
#pragma once

#include "client/room/clip.h"

struct clips;

struct clips *clips_new(void);
/* Breaks off what is being decoded, and tells who waits for it. */
void clips_free(struct clips *clips);

/* The tone that the room of this number has by `auto`: 400 Hz and 200 Hz more for each further one,
 * beginning again after this many rooms. */
#define CLIPS_AUTO_TONES 36
int clips_auto_tone(unsigned room);

/* Borrowed. */
struct clip *clips_tone(struct clips *clips, int hz, double level_dbfs);

/* `clip` (borrowed) or `error`; called once: now for a file that is known, otherwise
 * later on the default GMainContext. */
typedef void (*clips_loaded)(struct clip *clip, const char *error, void *arg);
void clips_load(struct clips *clips, const char *path, clips_loaded done, void *arg);
