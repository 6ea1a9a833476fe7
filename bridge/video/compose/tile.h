/* A tile: what one cell of the scene looks like in the frame that is being made. Its stamp says so
 * in a few numbers: two tiles with equal stamps have the same pixels, so that what is in a frame
 * already is not drawn again.
 *
 * Thread: the composer's.
 * Memory: a tile borrows its picture and labels for the frame; nothing is allocated but for labels
 * that are new. */
#pragma once

#include "bridge/video/compose/compose.h"
#include "bridge/video/compose/label.h"

struct stamp {
    bool is_valid; /* false: nothing is known of the pixels there */
    bool is_dimmed, is_marked;
    struct rect place;
    uint64_t picture;                /* serial; 0: none */
    uint64_t strip, notice, overlay; /* labels' serials; 0: none */
};

/* An invalid stamp equals none. */
bool stamp_equals(const struct stamp *a, const struct stamp *b);

struct tile {
    struct stamp stamp;
    unsigned frame_height;
    struct rect inner;             /* the place without its edge */
    struct rect fit;               /* where in it the picture lies */
    bool is_inset;                 /* has an edge that parts it from what it lies on */
    const struct picture *picture; /* NULL: none */
    const struct label *whole;     /* a placard or the header; NULL: none, and then the ground */
    const struct label *strip, *notice, *overlay;
};

/* What the tiles lie in. */
struct tile_frame {
    unsigned width, height;
    const struct layout *layout;
};

/* `source` NULL: nobody is there, or he has left. */
void tile_prepare(struct tile *tile, struct labels *labels, const struct tile_frame *frame,
                  const struct scene_cell *cell, const struct compose_source *source);
void tile_prepare_header(struct tile *tile, struct labels *labels, const struct tile_frame *frame,
                         const struct compose_header *header);
/* The header is drawn on the tile, with every drawing of it. */
void tile_put_on(struct tile *tile, const struct tile *header);

/* Draws all of it; what was there before does not matter. */
void tile_draw(const struct tile *tile, struct picture *to);
