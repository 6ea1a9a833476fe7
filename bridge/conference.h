/* A conference: the media side of one meeting. Ties its legs, its sound and its recording together;
 * knows nothing of roles or minutes.
 *
 * Thread: the main thread.
 * Memory: belongs to the bridge (bridge/bridge.h). */
#pragma once

#include "bridge/recording.h"

#include <jansson.h>

struct conference *conference_new(struct bridge *bridge, const char *id, const char *name);
/* Ends its legs at once; calls `done` (may be NULL) when its recording is finished as well. The
 * conference is gone for its owner from here on. */
void conference_close(struct conference *conference, void (*done)(void *arg), void *arg);

const char *conference_id(const struct conference *conference);

/* All who may be heard from now on, and nobody else: [{leg, name}]; and who is kept apart (NULL:
 * nobody): [{legs: [leg], talk}]. Legs of a group that talks hear each other and nobody else, the
 * others nothing; nobody hears them, and they are not recorded. There is one talk at a time: the
 * last one counts. False for too many. */
bool conference_set_floor(struct conference *conference, const json_t *speakers,
                          const json_t *apart);

/* Who is to be seen where, as in the protocol; false with `why`, which names the field. */
bool conference_set_scene(struct conference *conference, json_t *scene, char why[160]);
/* leg.preview: a leg looks at a layout for itself; NULL ends it. False with `why`. */
bool conference_preview(struct conference *conference, const char *leg, const char *layout,
                        const json_t *assigned, unsigned page, char why[160]);

/* `answer` is the bridge's description, or `error` ("invalid sdp: …") says why there is none.
 * Called once, perhaps before the function returns, perhaps when the leg is long gone. */
typedef void (*conference_answer)(const char *answer, const char *error, void *arg);
/* Makes the leg, restarts its ICE, or, when the peer is another than before, replaces it. */
void conference_offer(struct conference *conference, const char *leg, const char *sdp,
                      conference_answer done, void *arg);
void conference_candidate(struct conference *conference, const char *leg, const char *candidate,
                          const char *mid);
void conference_remove_leg(struct conference *conference, const char *leg);

/* Line tests (docs/protocol.md): `ssrc` becomes that of the bridge's probes. False, and why, for a
 * leg that is not connected, or that may be heard. A leg that gets the floor ends its test. */
bool conference_start_line_test(struct conference *conference, const char *leg, uint32_t peer_ssrc,
                                unsigned seconds, unsigned load_kbps_max, uint32_t *ssrc,
                                const char **why);
/* `measures` as in the protocol, NULL when no test ran; borrowed. Called once. */
void conference_stop_line_test(struct conference *conference, const char *leg,
                               void (*done)(const json_t *measures, void *arg), void *arg);
unsigned conference_count_line_tests(const struct conference *conference);

bool conference_has_connected_legs(const struct conference *conference);

/* Belongs to the conference. */
struct recording *conference_recording(const struct conference *conference);

json_t *conference_describe(const struct conference *conference); /* as in bridge.hello */
json_t *conference_stats(const struct conference *conference);    /* as in bridge.stats */
