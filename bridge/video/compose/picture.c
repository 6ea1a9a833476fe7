#include "bridge/video/compose/picture.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>

#define PICTURE_ALIGNMENT 64

static uint64_t next_serial(void)
{
    static _Atomic uint64_t last;
    return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}

static struct picture *make(unsigned width, unsigned height)
{
    assert(width >= 1 && width <= PICTURE_SIDE_MAX);
    assert(height >= 1 && height <= PICTURE_SIDE_MAX);
    struct picture *picture = g_new0(struct picture, 1);
    atomic_init(&picture->references, 1);
    picture->serial = next_serial();
    picture->width = width;
    picture->height = height;
    return picture;
}

static size_t aligned(size_t size)
{
    return (size + PICTURE_ALIGNMENT - 1) / PICTURE_ALIGNMENT * PICTURE_ALIGNMENT;
}

struct picture *picture_new(unsigned width, unsigned height)
{
    struct picture *picture = make(width, height);
    size_t luma_stride = aligned(width), chroma_stride = aligned((width + 1) / 2);
    size_t luma = luma_stride * height, chroma = chroma_stride * ((height + 1) / 2);
    uint8_t *memory = aligned_alloc(PICTURE_ALIGNMENT, luma + 2 * chroma);
    if (memory == NULL)
        g_error("no memory for a picture of %u x %u", width, height);
    picture->planes[PICTURE_Y] = memory;
    picture->planes[PICTURE_U] = memory + luma;
    picture->planes[PICTURE_V] = memory + luma + chroma;
    picture->strides[PICTURE_Y] = (int)luma_stride;
    picture->strides[PICTURE_U] = picture->strides[PICTURE_V] = (int)chroma_stride;
    return picture;
}

struct picture *picture_wrap(unsigned width, unsigned height, uint8_t *const planes[PICTURE_PLANES],
                             const int strides[PICTURE_PLANES], void (*release)(void *arg),
                             void *arg)
{
    assert(release != NULL);
    struct picture *picture = make(width, height);
    for (int plane = 0; plane < PICTURE_PLANES; plane++) {
        picture->planes[plane] = planes[plane];
        picture->strides[plane] = strides[plane];
    }
    picture->release = release;
    picture->arg = arg;
    return picture;
}

struct picture *picture_ref(struct picture *picture)
{
    atomic_fetch_add_explicit(&picture->references, 1, memory_order_relaxed);
    return picture;
}

void picture_unref(struct picture *picture)
{
    if (picture == NULL)
        return;
    if (atomic_fetch_sub_explicit(&picture->references, 1, memory_order_acq_rel) != 1)
        return;
    if (picture->release != NULL)
        picture->release(picture->arg);
    else
        free(picture->planes[PICTURE_Y]);
    g_free(picture);
}

bool picture_is_unshared(const struct picture *picture)
{
    /* Acquire: what the last other reader did with it came before. */
    return atomic_load_explicit(&picture->references, memory_order_acquire) == 1;
}

void picture_renew(struct picture *picture)
{
    assert(picture_is_unshared(picture));
    picture->serial = next_serial();
}
