#include "bridge/video/compose/layout_table.h"

#include <glib.h>

/* Every cell but the parts of a full frame has the frame's own shape, so that a camera of 16:9
 * fills it in a frame of 16:9. */

/* A grid lies below the header, as wide as it is high, a little above the frame's edge. */
#define GRID_SIDE       9300
#define GRID_LEFT       ((LAYOUT_SCALE - GRID_SIDE) / 2)
#define GRID_EDGE(n, k) (GRID_SIDE * (k) / (n))
#define CELL(n, row, column)                                                                       \
    {                                                                                              \
        .x = GRID_LEFT + GRID_EDGE(n, column), .y = LAYOUT_HEADER + GRID_EDGE(n, row),             \
        .width = GRID_EDGE(n, (column) + 1) - GRID_EDGE(n, column),                                \
        .height = GRID_EDGE(n, (row) + 1) - GRID_EDGE(n, row), .role = LAYOUT_MEMBER,              \
        .index = (row) * (n) + (column)                                                            \
    }
#define COLUMNS_2(n, row) CELL(n, row, 0), CELL(n, row, 1)
#define COLUMNS_3(n, row) COLUMNS_2(n, row), CELL(n, row, 2)
#define COLUMNS_4(n, row) COLUMNS_3(n, row), CELL(n, row, 3)
#define COLUMNS_5(n, row) COLUMNS_4(n, row), CELL(n, row, 4)
#define COLUMNS_6(n, row) COLUMNS_5(n, row), CELL(n, row, 5)
#define COLUMNS_7(n, row) COLUMNS_6(n, row), CELL(n, row, 6)
#define COLUMNS_8(n, row) COLUMNS_7(n, row), CELL(n, row, 7)

static const struct layout_cell speaker[] = {
    {.width = LAYOUT_SCALE, .height = LAYOUT_SCALE, .role = LAYOUT_FLOOR},
};

static const struct layout_cell speaker_chair[] = {
    {.width = LAYOUT_SCALE, .height = LAYOUT_SCALE, .role = LAYOUT_FLOOR},
    {.x = 7400, .y = 7260, .width = 2400, .height = 2400, .role = LAYOUT_CHAIR, .is_inset = true},
};

/* The second is the chair when one alone holds the floor. */
static const struct layout_cell side_by_side[] = {
    {.x = 100, .y = 2850, .width = 4900, .height = 4900, .role = LAYOUT_FLOOR, .index = 0},
    {.x = 5000, .y = 2850, .width = 4900, .height = 4900, .role = LAYOUT_FLOOR, .index = 1},
};

static const struct layout_cell slides_speaker[] = {
    {.x = 100, .y = 1500, .width = 7450, .height = 7450, .role = LAYOUT_SLIDES},
    {.x = 7550, .y = 1500, .width = 2350, .height = 2350, .role = LAYOUT_FLOOR},
};

static const struct layout_cell slides[] = {
    {.x = GRID_LEFT,
     .y = LAYOUT_HEADER,
     .width = GRID_SIDE,
     .height = GRID_SIDE,
     .role = LAYOUT_SLIDES},
};

static const struct layout_cell mosaic_4[] = {COLUMNS_2(2, 0), COLUMNS_2(2, 1)};
static const struct layout_cell mosaic_9[] = {COLUMNS_3(3, 0), COLUMNS_3(3, 1), COLUMNS_3(3, 2)};
static const struct layout_cell mosaic_16[] = {COLUMNS_4(4, 0), COLUMNS_4(4, 1), COLUMNS_4(4, 2),
                                               COLUMNS_4(4, 3)};
static const struct layout_cell mosaic_25[] = {COLUMNS_5(5, 0), COLUMNS_5(5, 1), COLUMNS_5(5, 2),
                                               COLUMNS_5(5, 3), COLUMNS_5(5, 4)};
static const struct layout_cell mosaic_36[] = {COLUMNS_6(6, 0), COLUMNS_6(6, 1), COLUMNS_6(6, 2),
                                               COLUMNS_6(6, 3), COLUMNS_6(6, 4), COLUMNS_6(6, 5)};
static const struct layout_cell mosaic_49[] = {COLUMNS_7(7, 0), COLUMNS_7(7, 1), COLUMNS_7(7, 2),
                                               COLUMNS_7(7, 3), COLUMNS_7(7, 4), COLUMNS_7(7, 5),
                                               COLUMNS_7(7, 6)};
static const struct layout_cell mosaic_64[] = {COLUMNS_8(8, 0), COLUMNS_8(8, 1), COLUMNS_8(8, 2),
                                               COLUMNS_8(8, 3), COLUMNS_8(8, 4), COLUMNS_8(8, 5),
                                               COLUMNS_8(8, 6), COLUMNS_8(8, 7)};

#define ROW(row)    .name = #row, .cell_count = G_N_ELEMENTS(row), .cells = row
#define MOSAIC(row) ROW(row), .has_header = true, .is_mosaic = true

/* The mosaics from the smallest to the largest: layout_for() takes the first that is enough. */
const struct layout layout_table[] = {
    {ROW(speaker)},
    {ROW(speaker_chair)},
    {ROW(side_by_side), .has_header = true},
    {ROW(slides_speaker), .has_header = true},
    {ROW(slides), .has_header = true},
    {MOSAIC(mosaic_4)},
    {MOSAIC(mosaic_9)},
    {MOSAIC(mosaic_16)},
    {MOSAIC(mosaic_25)},
    {MOSAIC(mosaic_36)},
    {MOSAIC(mosaic_49)},
    {MOSAIC(mosaic_64)},
};
const unsigned layout_table_size = G_N_ELEMENTS(layout_table);
