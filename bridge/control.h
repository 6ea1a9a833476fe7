/* The bridge's control socket: takes signaling's commands (docs/protocol.md, "Control"), tells what
 * happens. One connection at a time; a new one takes the place of the old.
 *
 * Thread: the main thread. */
#pragma once

#include "bridge/bridge.h"

struct control;

/* Listens on `path` (mode 0600). Exactly one bridge for a path: another that runs is an error. A
 * socket that a dead one has left is replaced. `quit` is called once after bridge.shutdown. */
struct control *control_new(struct bridge *bridge, const char *path, void (*quit)(void *arg),
                            void *arg, GError **error);
void control_free(struct control *control);

/* Ends all conferences; `quit` is called when their recordings are finished. */
void control_shutdown(struct control *control);
/* Nobody is connected, neither signaling nor any leg, and nothing is being finished. */
bool control_is_idle(const struct control *control);
