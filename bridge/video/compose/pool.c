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

void frame_set_layout(struct frame *frame, const struct layout *layout)
{
    if (frame->layout == layout)
        return;
    frame_forget(frame);
    frame->layout = layout;
    struct rect all = {0, 0, frame->picture->width, frame->picture->height};
    blit_fill(frame->picture, all, PALETTE_GROUND);
}
