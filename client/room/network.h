/* Whether a connection can still work after this machine's network has changed: one from an address
 * that is no more ours is dead, which TCP finds out after minutes.
 *
 * Thread: main. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

/* False only if the stream's own address has gone from this machine. */
bool network_still_has(GIOStream *stream);
