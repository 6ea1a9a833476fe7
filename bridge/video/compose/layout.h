/* Layouts as data: named rows of cells, each with a place in fractions of the frame and the role of
 * whom it shows. The rows are in layout_table.c; a new layout is a new row.
 *
 * Thread: any; everything here is constant. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define LAYOUT_CELLS_MAX 64
#define LAYOUT_SCALE     10000 /* the whole width or height of a frame */
#define LAYOUT_HEADER    600   /* height of the strip that a layout with has_header leaves free */

enum layout_role {
    LAYOUT_FLOOR,  /* the n-th who holds the floor */
    LAYOUT_CHAIR,  /* the site of the chair */
    LAYOUT_SLIDES, /* what is shown beside the speech */
    LAYOUT_MEMBER, /* the n-th member in the order given, one page after another */
};

/* In fractions of the frame, in 1/LAYOUT_SCALE. */
struct layout_cell {
    uint16_t x, y, width, height;
    enum layout_role role;
    uint8_t index; /* the n of the role, from 0 */
    bool is_inset; /* lies on the cells before it */
};

struct layout {
    const char *name;
    unsigned cell_count;
    const struct layout_cell *cells;
    bool has_header; /* LAYOUT_HEADER at the top is left free; otherwise the header lies on it */
    bool is_mosaic;  /* all cells are members' */
};

/* Pixels of a frame; all even, as the chroma of I420 is half as large. */
struct rect {
    unsigned x, y, width, height;
};

/* "speaker", "speaker_chair", "side_by_side", "slides_speaker", "slides", "mosaic_4", "mosaic_9",
 * "mosaic_16", "mosaic_25", "mosaic_36", "mosaic_49", "mosaic_64". NULL when there is none. */
const struct layout *layout_find(const char *name);
/* The smallest mosaic that has `count` cells, else the largest; the speaker's for one or none. */
const struct layout *layout_for(unsigned count);
/* The n-th of all layouts, NULL after the last. */
const struct layout *layout_at(unsigned index);

/* Where a cell lies in a frame of the given size (at least 64 x 64). */
struct rect layout_cell_rect(const struct layout_cell *cell, unsigned width, unsigned height);
/* Where the header lies. */
struct rect layout_header_rect(unsigned width, unsigned height);
