/* How each room's line and sound are, from the bridge's counters, for the operators' walls: about
 * once a second what has changed, now and then all. Nothing of it is in a journal.
 *
 * Thread: main. */
#pragma once

#include "signaling/http/alarms.h"

struct figures;

/* Both outlive it. */
struct figures *figures_new(struct attendance *attendance, const struct alarms *alarms);
void figures_free(struct figures *figures); /* NULL does nothing */

/* `stats`: what media_plane_stats() gives; `now_us` is monotonic. Tells the operators of each
 * conference. */
void figures_take(struct figures *figures, const json_t *stats, int64_t now_us);
