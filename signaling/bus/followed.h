/* A meeting as the bridge is to show it, against what the bridge has been told of it.
 *
 * Thread: the default GMainContext's, handlers too. */
#pragma once

#include "common/wire.h"
#include "signaling/bus/media_plane.h"

struct followed;

/* Its recordings go to `<data_dir>/recordings/<meeting>/`. `handlers` outlives it. */
struct followed *followed_new(const char *meeting, const char *data_dir,
                              const struct media_handlers *handlers, void *arg);
void followed_free(struct followed *followed);

/* What is to be; tells the bridge what has changed. */
void followed_declare(struct followed *followed, const struct meeting *meeting);
/* Somebody wants media, though nobody is heard yet. */
void followed_want_conference(struct followed *followed);
/* False for a meeting that is closed. */
bool followed_takes_legs(const struct followed *followed);

/* A bridge is connected by `wire`. followed_take_over() what it says of this meeting in
 * bridge.hello, if anything, then followed_begin(). */
void followed_take_over(struct followed *followed, const json_t *conference);
void followed_begin(struct followed *followed, struct wire *wire);
/* It has gone; the wire is over. */
void followed_lose(struct followed *followed);

/* The part cannot be written further: it is ended, and another is tried after a while. */
void followed_recording_failed(struct followed *followed, const char *why);

/* From here on nothing is to be recorded any more. */
void followed_end(struct followed *followed);
/* It is being recorded, or a part is being begun or finished. */
bool followed_is_recording(const struct followed *followed);
