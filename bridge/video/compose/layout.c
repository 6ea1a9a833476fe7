#include "bridge/video/compose/layout_table.h"

#include <string.h>

const struct layout *layout_at(unsigned index)
{
    return index < layout_table_size ? &layout_table[index] : NULL;
}

const struct layout *layout_find(const char *name)
{
    for (unsigned i = 0; i < layout_table_size; i++) {
        if (strcmp(layout_table[i].name, name) == 0)
            return &layout_table[i];
    }
    return NULL;
}

const struct layout *layout_for(unsigned count)
{
    if (count <= 1)
        return layout_find("speaker");
    const struct layout *largest = NULL;
    for (unsigned i = 0; i < layout_table_size; i++) {
        if (!layout_table[i].is_mosaic)
            continue;
        largest = &layout_table[i];
        if (largest->cell_count >= count)
            break;
    }
    return largest;
}

/* The nearest even pixel of a fraction: two cells that share an edge share its pixel too. */
static unsigned edge(unsigned fraction, unsigned size)
{
    return (fraction * size + LAYOUT_SCALE) / (2 * LAYOUT_SCALE) * 2;
}

struct rect layout_cell_rect(const struct layout_cell *cell, unsigned width, unsigned height)
{
    struct rect rect = {.x = edge(cell->x, width), .y = edge(cell->y, height)};
    rect.width = edge(cell->x + cell->width, width) - rect.x;
    rect.height = edge(cell->y + cell->height, height) - rect.y;
    return rect;
}

struct rect layout_header_rect(unsigned width, unsigned height)
{
    struct layout_cell header = {.width = LAYOUT_SCALE, .height = LAYOUT_HEADER};
    return layout_cell_rect(&header, width, height);
}
