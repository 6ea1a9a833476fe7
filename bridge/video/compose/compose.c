#include "bridge/video/compose/compose.h"

#include "bridge/video/compose/blit.h"
#include "bridge/video/compose/pool.h"
#include "bridge/video/compose/tile.h"

#include <assert.h>
#include <glib.h>
#include <string.h>

#define TRIM_EVERY 64 /* frames: labels not seen for twice as many are let go */

/* Who was on the frame before, to know whether that one may still be seen. */
struct cast {
    const struct layout *layout;
    unsigned count;
    struct {
        scene_id source;
        bool is_content;
    } cells[LAYOUT_CELLS_MAX];
};

/* From the last frame before a change to what comes after it. */
struct fade {
    unsigned left; /* frames; 0: there is none */
    bool is_whole; /* another layout: the whole frame; else the first cell alone */
    struct picture *from;
    struct cast cast; /* whom `from` shows */
};

struct composer {
    unsigned width, height, fade_frames;
    struct labels *labels;
    struct pool pool;
    struct frame *last; /* the one that was handed out last */
    struct cast cast;   /* whom it shows */
    struct fade fade;
    struct tile tiles[LAYOUT_CELLS_MAX]; /* of the frame that is being made */
    struct tile header;
    struct composer_counters counters;
};

struct composer *composer_new(unsigned width, unsigned height, unsigned fade_frames)
{
    assert(width >= 64 && height >= 64 && ((width | height) & 1) == 0);
    struct composer *composer = g_new0(struct composer, 1);
    composer->width = width;
    composer->height = height;
    composer->fade_frames = fade_frames;
    composer->labels = labels_new();
    return composer;
}

static void end_fade(struct fade *fade)
{
    g_clear_pointer(&fade->from, picture_unref);
    fade->left = 0;
}

void composer_free(struct composer *composer)
{
    end_fade(&composer->fade);
    pool_clear(&composer->pool);
    labels_free(composer->labels);
    g_free(composer);
}

static void remember(struct cast *cast, const struct scene *scene)
{
    cast->layout = scene->layout;
    cast->count = scene->cell_count;
    for (unsigned i = 0; i < scene->cell_count; i++) {
        cast->cells[i].source = scene->cells[i].source;
        cast->cells[i].is_content = scene->cells[i].is_content;
    }
}

static bool is_anyone_gone(const struct cast *cast, unsigned count, compose_lookup lookup,
                           void *arg)
{
    for (unsigned i = 0; i < count; i++) {
        struct compose_source found = {COMPOSE_NONE};
        if (cast->cells[i].source != SCENE_NOBODY &&
            !lookup(cast->cells[i].source, cast->cells[i].is_content, &found, arg))
            return true;
    }
    return false;
}

/* How many of the cells of `from` are seen through during the fade. */
static unsigned fading_cells(const struct fade *fade)
{
    return fade->is_whole ? fade->cast.count : 1;
}

/* Begins a crossfade where the large source is another one or everything lies elsewhere. During
 * one, the next change is a cut: who switches so fast wants to see the last. */
static void watch_changes(struct composer *composer, const struct scene *scene,
                          compose_lookup lookup, void *arg)
{
    const struct cast *cast = &composer->cast;
    struct fade *fade = &composer->fade;
    bool is_whole = cast->layout != scene->layout;
    bool is_other =
        scene->cells[0].is_main && (scene->cells[0].source != cast->cells[0].source ||
                                    scene->cells[0].is_content != cast->cells[0].is_content);
    if (composer->last != NULL && (is_whole || is_other)) {
        bool was_fading = fade->left > 0;
        end_fade(fade);
        if (!was_fading && composer->fade_frames > 0) {
            fade->from = picture_ref(composer->last->picture);
            fade->left = composer->fade_frames;
            fade->is_whole = is_whole;
            fade->cast = *cast;
        }
    }
    if (fade->left > 0 && is_anyone_gone(&fade->cast, fading_cells(fade), lookup, arg))
        end_fade(fade);
    remember(&composer->cast, scene);
}

/* Puts the frame before over the new one, less of it from frame to frame. */
static void mix(struct composer *composer, struct frame *frame, struct rect place)
{
    unsigned parts = composer->fade_frames + 1;
    unsigned weight = 256 * (parts - composer->fade.left) / parts;
    blit_mix(frame->picture, place, composer->fade.from, weight);
}

static void prepare_tiles(struct composer *composer, const struct scene *scene,
                          compose_lookup lookup, void *arg, const struct compose_header *header)
{
    struct tile_frame frame = {composer->width, composer->height, scene->layout};
    tile_prepare_header(&composer->header, composer->labels, &frame, header);
    for (unsigned i = 0; i < scene->cell_count; i++) {
        const struct scene_cell *cell = &scene->cells[i];
        struct compose_source found = {COMPOSE_NONE};
        bool is_there =
            cell->source != SCENE_NOBODY && lookup(cell->source, cell->is_content, &found, arg);
        tile_prepare(&composer->tiles[i], composer->labels, &frame, cell, is_there ? &found : NULL);
    }
    /* Where no place is kept for it the header lies on the first tile and is drawn with it. */
    if (!scene->layout->has_header)
        tile_put_on(&composer->tiles[0], &composer->header);
}

static bool is_as_before(const struct composer *composer, const struct scene *scene)
{
    const struct frame *last = composer->last;
    if (last == NULL || last->layout != scene->layout || last->count != scene->cell_count ||
        composer->fade.left > 0)
        return false;
    for (unsigned i = 0; i < scene->cell_count; i++) {
        if (!stamp_equals(&last->stamps[i], &composer->tiles[i].stamp))
            return false;
    }
    return !scene->layout->has_header || stamp_equals(&last->header, &composer->header.stamp);
}

/* Whether this frame or the one before has it already; what neither has is drawn. */
static bool put_tile(struct composer *composer, struct frame *frame, struct stamp *stamp,
                     const struct stamp *before, const struct tile *tile)
{
    if (stamp_equals(stamp, &tile->stamp)) {
        composer->counters.tiles_kept++;
        return false;
    }
    if (before != NULL && stamp_equals(before, &tile->stamp)) {
        blit_copy(frame->picture, tile->stamp.place, composer->last->picture);
        composer->counters.tiles_copied++;
    } else {
        tile_draw(tile, frame->picture);
        composer->counters.tiles_scaled++;
    }
    *stamp = tile->stamp;
    return true;
}

/* What lies on a tile that was touched must be put there again. */
static void forget_insets(struct frame *frame, const struct scene *scene, unsigned from)
{
    for (unsigned i = from; i < scene->cell_count; i++) {
        if (scene->cells[i].place.is_inset)
            frame->stamps[i] = (struct stamp){.is_valid = false};
    }
}

static void put_tiles(struct composer *composer, struct frame *frame, const struct scene *scene)
{
    const struct frame *last = composer->last;
    bool is_comparable = last != NULL && last->layout == scene->layout;
    bool is_first_fading = composer->fade.left > 0 && !composer->fade.is_whole;
    if (scene->layout->has_header)
        put_tile(composer, frame, &frame->header, is_comparable ? &last->header : NULL,
                 &composer->header);
    for (unsigned i = 0; i < scene->cell_count; i++) {
        const struct tile *tile = &composer->tiles[i];
        bool is_touched = put_tile(composer, frame, &frame->stamps[i],
                                   is_comparable ? &last->stamps[i] : NULL, tile);
        if (i == 0 && is_first_fading) {
            mix(composer, frame, tile->stamp.place);
            frame->stamps[0] = (struct stamp){.is_valid = false};
            is_touched = true;
        }
        if (is_touched)
            forget_insets(frame, scene, i + 1);
    }
    if (composer->fade.left > 0 && composer->fade.is_whole) {
        mix(composer, frame, (struct rect){0, 0, composer->width, composer->height});
        frame_forget(frame);
    }
}

static void count_labels(struct composer *composer)
{
    if (++composer->counters.frames % TRIM_EVERY == 0)
        labels_trim(composer->labels);
    composer->counters.labels_drawn = labels_drawn(composer->labels);
}

struct picture *composer_render(struct composer *composer, const struct scene *scene,
                                compose_lookup lookup, void *arg,
                                const struct compose_header *header)
{
    watch_changes(composer, scene, lookup, arg);
    count_labels(composer);
    prepare_tiles(composer, scene, lookup, arg, header);
    if (is_as_before(composer, scene)) {
        composer->counters.unchanged++;
        return picture_ref(composer->last->picture);
    }
    struct frame *frame = pool_take(&composer->pool, composer->width, composer->height,
                                    composer->last, &composer->counters.pictures_made);
    frame_set_tiles(frame, scene->layout, composer->tiles, scene->cell_count);
    put_tiles(composer, frame, scene);
    if (composer->fade.left > 0 && --composer->fade.left == 0)
        end_fade(&composer->fade);
    composer->last = frame;
    return picture_ref(frame->picture);
}

void composer_counters(const struct composer *composer, struct composer_counters *counters)
{
    *counters = composer->counters;
}
