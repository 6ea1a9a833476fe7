/* A conference: the media side of one meeting. Ties its legs, its sound and its recording together;
 * knows nothing of roles or minutes.
 *
 * Thread: the main thread.
 * Memory: belongs to the bridge (bridge/bridge.h). */
#pragma once

#include "bridge/bridge.h"

#include <jansson.h>

struct conference *conference_new(struct bridge *bridge, const char *id, const char *name);
/* Ends its legs at once; calls `done` (may be NULL) when its recording is finished as well. The
 * conference is gone for its owner from here on. */
void conference_close(struct conference *conference, void (*done)(void *arg), void *arg);

const char *conference_id(const struct conference *conference);

/* All who may be heard from now on, and nobody else: [{leg, name}]. False for too many. */
bool conference_set_floor(struct conference *conference, const json_t *speakers);

typedef void (*conference_answer)(const char *answer, const char *error, void *arg);
void conference_offer(struct conference *conference, const char *leg, const char *sdp,
                      conference_answer done, void *arg);
void conference_candidate(struct conference *conference, const char *leg, const char *candidate,
                          const char *mid);
void conference_remove_leg(struct conference *conference, const char *leg);

/* {part, path}; NULL with `error` when the disk refuses. Harmless when it runs. */
json_t *conference_start_recording(struct conference *conference, const char *directory,
                                   const char *title, GError **error);
/* `result` is {part, path, duration_us}, or null when nothing was recorded; borrowed. */
typedef void (*conference_stopped)(json_t *result, const char *error, void *arg);
void conference_stop_recording(struct conference *conference, conference_stopped done, void *arg);

json_t *conference_describe(const struct conference *conference); /* as in bridge.hello */
json_t *conference_stats(const struct conference *conference);    /* as in bridge.stats */
