/* The frames of one composer: a few pictures, used again once nobody reads them, each with stamps
 * that say what is in it.
 *
 * Thread: the composer's; pictures may be let go on any. */
#pragma once

#include "bridge/video/compose/tile.h"

#define POOL_FRAMES 8

struct frame {
    struct picture *picture;     /* NULL: not made yet */
    const struct layout *layout; /* whose ground it has; NULL: none */
    unsigned count;              /* of tiles */
    struct rect places[LAYOUT_CELLS_MAX];
    struct stamp header;
    struct stamp stamps[LAYOUT_CELLS_MAX];
};

/* Zero-initialised: empty. */
struct pool {
    struct frame frames[POOL_FRAMES];
};

void pool_clear(struct pool *pool);
/* A frame that nobody reads, and that is not `last`. When all are out the picture of one is left to
 * its readers and another made; `made` counts them. */
struct frame *pool_take(struct pool *pool, unsigned width, unsigned height,
                        const struct frame *last, uint64_t *made);

/* Nothing is known of what is in it. */
void frame_forget(struct frame *frame);
/* Prepares the ground for the tiles of a layout, if those in the frame lie elsewhere. */
void frame_set_tiles(struct frame *frame, const struct layout *layout, const struct tile *tiles,
                     unsigned count);
