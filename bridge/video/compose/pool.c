#include "bridge/video/compose/pool.h"

#include "bridge/video/compose/blit.h"
#include "bridge/video/compose/palette.h"

#include <string.h>

void pool_clear(struct pool *pool)
{
    for (unsigned i = 0; i < POOL_FRAMES; i++) {
        picture_unref(pool->frames[i].picture);
        pool->frames[i].picture = NULL;
    }
}

static struct frame *find_free(struct pool *pool, const struct frame *last)
{
    struct frame *unmade = NULL, *taken = NULL;
    for (unsigned i = 0; i < POOL_FRAMES; i++) {
        struct frame *frame = &pool->frames[i];
        if (frame == last)
            continue;
        taken = frame;
        if (frame->picture == NULL)
            unmade = unmade != NULL ? unmade : frame;
        else if (picture_is_unshared(frame->picture))
            return frame;
    }
    return unmade != NULL ? unmade : taken;
}

struct frame *pool_take(struct pool *pool, unsigned width, unsigned height,
                        const struct frame *last, uint64_t *made)
{
    struct frame *frame = find_free(pool, last);
    if (frame->picture != NULL && picture_is_unshared(frame->picture)) {
        picture_renew(frame->picture);
        return frame;
    }
    picture_unref(frame->picture);
    frame->picture = picture_new(width, height);
    frame_forget(frame);
    (*made)++;
    return frame;
}

void frame_forget(struct frame *frame)
{
    frame->layout = NULL;
    memset(&frame->header, 0, sizeof(frame->header));
    memset(frame->stamps, 0, sizeof(frame->stamps));
}

static bool has_tiles(const struct frame *frame, const struct layout *layout,
                      const struct tile *tiles, unsigned count)
{
    if (frame->layout != layout || frame->count != count)
        return false;
    for (unsigned i = 0; i < count; i++) {
        if (!rect_equals(frame->places[i], tiles[i].stamp.place))
            return false;
    }
    return true;
}

void frame_set_tiles(struct frame *frame, const struct layout *layout, const struct tile *tiles,
                     unsigned count)
{
    if (has_tiles(frame, layout, tiles, count))
        return;
    frame_forget(frame);
    frame->layout = layout;
    frame->count = count;
    for (unsigned i = 0; i < count; i++)
        frame->places[i] = tiles[i].stamp.place;
    struct rect all = {0, 0, frame->picture->width, frame->picture->height};
    blit_fill(frame->picture, all, PALETTE_GROUND);
}
