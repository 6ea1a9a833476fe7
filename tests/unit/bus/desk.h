/* Signaling's side of the media plane as its tests hold it: a data directory, a plane, a meeting of
 * the core, and what the plane has told, in order.
 *
 * Thread: the test's, on the default GMainContext. */
#pragma once

#include "signaling/bus/media_plane.h"
#include "tests/unit/meeting/world.h"

#include <sys/types.h>

struct desk {
    char *directory;
    struct media_plane *plane;
    struct world *world; /* the meeting that is followed */
    GPtrArray *news;     /* of lines: "ready new", "lost", "leg hue connecting"… */
};

/* A data directory, and an open meeting that nobody follows yet. */
void desk_prepare(struct desk *desk);
/* A plane for it; `program` NULL: the real bridge. */
void desk_start(struct desk *desk, const char *program);
/* Both, until the bridge is ready, and follows the meeting. */
void desk_open(struct desk *desk);
/* Ends the plane and its bridge, removes all. */
void desk_close(struct desk *desk);
/* As when signaling is killed: the bridge stays. */
void desk_leave_bridge(struct desk *desk);

/* A command of the core, and the meeting followed again. */
void desk_do(struct desk *desk, const char *who, const char *method, const char *params);

/* Waits for a line and takes it and all before it; the line. Borrowed. */
const char *desk_await(struct desk *desk, const char *prefix);
/* Nothing of the kind has been told since. */
void desk_assert_untold(const struct desk *desk, const char *prefix);

/* Offers for a leg and waits: "answer", "away: …" or "refused: …". g_free(). */
char *desk_offer(struct desk *desk, const char *leg, const char *sdp);
extern const char desk_sdp[]; /* a good offer of a peer that is not there */

/* The conferences that the bridge has, as in bridge.stats. */
json_t *desk_conferences(struct desk *desk);
/* The process that we have started, and that runs or is a zombie; 0: none. */
pid_t desk_child(void);
