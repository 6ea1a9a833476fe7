/* Shows films: sends each room's pictures at their times, from one thread for all rooms of a
 * process, to those legs whose pictures are of use (media.hint), in the size that is.
 *
 * Thread: main, but for projection_request_keyframe() and references, which are any's.
 * Memory: a projection belongs to its maker and goes before the projector. */
#pragma once

#include "bridge/transport/shard.h"
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
/* Ends it. Whoever holds a reference may still ask it for what it does not do any more. */
void projection_free(struct projection *projection);
struct projection *projection_ref(struct projection *projection);
void projection_unref(struct projection *projection); /* NULL does nothing */
/* For leg_set_video_stream(). */
uint32_t projection_stream(const struct projection *projection);
/* NULL: nothing. Referenced. */
void projection_show(struct projection *projection, struct film *film);
/* Of what use its pictures are: none (0), or at most so many lines. */
void projection_want(struct projection *projection, unsigned lines);
void projection_request_keyframe(struct projection *projection);
