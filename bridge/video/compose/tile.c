#include "bridge/video/compose/tile.h"

#include "bridge/video/compose/blit.h"
#include "bridge/video/compose/palette.h"

#include <glib.h>

bool stamp_equals(const struct stamp *a, const struct stamp *b)
{
    return a->is_valid && b->is_valid && a->is_dimmed == b->is_dimmed &&
           a->is_marked == b->is_marked && rect_equals(a->place, b->place) &&
           a->picture == b->picture && a->strip == b->strip && a->notice == b->notice &&
           a->overlay == b->overlay;
}

static uint64_t serial_of(const struct label *label)
{
    return label != NULL ? label->serial : 0;
}

/* Of lines and gaps: two pixels for every 540 of the frame's height, at least two. */
static unsigned hairline(const struct tile_frame *frame)
{
    return MAX(frame->height / 540, 1) * 2;
}

static bool fills_frame(const struct tile_frame *frame, struct rect place)
{
    return place.width == frame->width && place.height == frame->height;
}

/* Keeps clear of the picture's edge, which a television may cut off. */
static unsigned margin(const struct tile *tile)
{
    return tile->inner.height / 36 / 2 * 2;
}

static struct label_request request(const struct tile *tile, enum label_style style,
                                    const char *text, const char *detail)
{
    unsigned sides = style == LABEL_PLACARD ? 0 : 2 * margin(tile);
    return (struct label_request){.style = style,
                                  .text = text,
                                  .detail = detail,
                                  .frame_height = tile->frame_height,
                                  .width = tile->inner.width - MIN(sides, tile->inner.width),
                                  .height = tile->inner.height - MIN(sides, tile->inner.height)};
}

static void add_picture(struct tile *tile, const struct compose_source *source)
{
    tile->picture = source->picture;
    tile->fit = rect_fit(tile->inner, source->picture->width, source->picture->height);
    tile->stamp.picture = source->picture->serial;
    tile->stamp.is_dimmed = source->state == COMPOSE_FROZEN;
}

/* A strip ends before what lies on the tile beside it. */
static unsigned strip_width(const struct tile *tile, const struct tile_frame *frame, unsigned width)
{
    for (unsigned i = 1; !tile->is_inset && i < frame->layout->cell_count; i++) {
        if (!frame->layout->cells[i].is_inset)
            continue;
        struct rect inset = layout_cell_rect(&frame->layout->cells[i], frame->width, frame->height);
        unsigned left = tile->inner.x + 2 * margin(tile);
        if (inset.x > left)
            width = MIN(width, inset.x - left);
    }
    return width;
}

static void add_strip(struct tile *tile, struct labels *labels, const struct tile_frame *frame,
                      const struct scene_cell *cell)
{
    struct label_request strip = request(tile, LABEL_STRIP, cell->name, cell->detail);
    strip.width = strip_width(tile, frame, strip.width);
    if (cell->is_content)
        strip.height /= 4; /* type of half the size: what is below is to be read as well */
    strip.is_marked = cell->has_floor && !cell->is_content;
    tile->strip = labels_get(labels, &strip);
}

static void add_notice(struct tile *tile, struct labels *labels, const char *words)
{
    struct label_request notice = request(tile, LABEL_NOTICE, words, NULL);
    tile->notice = labels_get(labels, &notice);
}

static void add_placard(struct tile *tile, struct labels *labels, const struct scene_cell *cell,
                        const char *notice)
{
    const char *below = notice != NULL && notice[0] != '\0' ? notice : cell->detail;
    struct label_request placard = request(tile, LABEL_PLACARD, cell->name, below);
    tile->whole = labels_get(labels, &placard);
    tile->stamp.picture = 0;
}

void tile_prepare(struct tile *tile, struct labels *labels, const struct tile_frame *frame,
                  const struct scene_cell *cell, const struct compose_source *source)
{
    struct rect place = layout_cell_rect(&cell->place, frame->width, frame->height);
    *tile = (struct tile){.stamp = {.is_valid = true, .place = place}, .inner = place};
    tile->frame_height = frame->height;
    tile->is_inset = cell->place.is_inset;
    if (!fills_frame(frame, place))
        tile->inner = rect_shrunk(place, hairline(frame));
    if (source == NULL)
        return;
    tile->stamp.is_marked = cell->has_floor && frame->layout->is_mosaic;
    if (source->picture == NULL || source->state == COMPOSE_NONE) {
        add_placard(tile, labels, cell, source->notice);
    } else {
        add_picture(tile, source);
        add_strip(tile, labels, frame, cell);
        if (source->state == COMPOSE_FROZEN)
            add_notice(tile, labels, source->notice);
    }
    tile->stamp.strip = serial_of(tile->whole != NULL ? tile->whole : tile->strip);
    tile->stamp.notice = serial_of(tile->notice);
}

static bool is_said(const char *text)
{
    return text != NULL && text[0] != '\0';
}

void tile_prepare_header(struct tile *tile, struct labels *labels, const struct tile_frame *frame,
                         const struct compose_header *header)
{
    struct rect place = layout_header_rect(frame->width, frame->height);
    *tile = (struct tile){.stamp = {.is_valid = true, .place = place}, .inner = place};
    if (header == NULL ||
        (!is_said(header->agenda) && !is_said(header->clock) && !is_said(header->state)))
        return;
    struct label_request words = {.style = LABEL_HEADER,
                                  .text = header->agenda,
                                  .detail = header->clock,
                                  .badge = header->state,
                                  .width = place.width,
                                  .height = place.height,
                                  .frame_height = frame->height,
                                  .is_marked = header->is_live,
                                  .is_opaque = frame->layout->has_header};
    tile->whole = labels_get(labels, &words);
    tile->stamp.strip = serial_of(tile->whole);
}

void tile_put_on(struct tile *tile, const struct tile *header)
{
    tile->overlay = header->whole;
    tile->stamp.overlay = serial_of(header->whole);
}

/* The edge: of who has the floor in a mosaic, of an inset, else a gap. */
static void draw_edge(const struct tile *tile, struct picture *to)
{
    unsigned colour = PALETTE_GROUND;
    if (tile->stamp.is_marked)
        colour = PALETTE_ACCENT;
    else if (tile->is_inset)
        colour = PALETTE_RULE;
    blit_fill_around(to, tile->stamp.place, tile->inner, colour);
}

void tile_draw(const struct tile *tile, struct picture *to)
{
    draw_edge(tile, to);
    if (tile->picture != NULL) {
        blit_fill_around(to, tile->inner, tile->fit, PALETTE_GROUND);
        blit_scale(to, tile->fit, tile->picture);
        if (tile->stamp.is_dimmed)
            blit_dim(to, tile->fit);
    } else if (tile->whole != NULL) {
        blit_label(to, tile->inner.x, tile->inner.y, tile->whole);
    } else {
        blit_fill(to, tile->inner, PALETTE_GROUND);
    }
    unsigned bottom = tile->inner.y + tile->inner.height - margin(tile);
    if (tile->strip != NULL)
        blit_label(to, tile->inner.x + margin(tile), bottom - tile->strip->height, tile->strip);
    if (tile->notice != NULL)
        blit_label(to, tile->inner.x + (tile->inner.width - tile->notice->width) / 4 * 2,
                   tile->inner.y + (tile->inner.height - tile->notice->height) / 4 * 2,
                   tile->notice);
    if (tile->overlay != NULL)
        blit_label(to, 0, 0, tile->overlay);
}
