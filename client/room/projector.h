/* Shows films: sends each room's pictures at their times, from one thread for all rooms of a
 * process, to those legs whose pictures are of use (media.hint), in the size that is.
 *
 * Thread: main.
 * Memory: a projection belongs to its maker and goes before the projector. */
#pragma once

#include "client/room/canvas.h"
#include "client/room/film.h"

struct projector;
struct projection;

struct projector *projector_new(void);
void projector_free(struct projector *projector);

/* `film` or `error`, both borrowed; once, later, on the default GMainContext; not after
 * projector_free(). `what`: "pattern", "pattern:NUMBER", or a file. `number` is that of a pattern
 * without one. Each is made once. */
typedef void (*projector_loaded)(struct film *film, const char *error, void *arg);
void projector_load(struct projector *projector, const char *what, uint8_t number,
                    projector_loaded done, void *arg);

/* Pictures for one leg, which lives on `shard`. */
struct projection *projection_new(struct projector *projector, struct shard *shard);
void projection_free(struct projection *projection); /* NULL does nothing */
/* Where its frames go; its own. */
struct canvas *projection_canvas(const struct projection *projection);
/* NULL: nothing. Referenced. */
void projection_show(struct projection *projection, struct film *film);
