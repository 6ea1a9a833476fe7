#include "bridge/transport/frame.h"

#include <glib.h>

struct frame_pool {
    unsigned count, next;
    struct frame frames[];
};

struct frame_pool *frame_pool_new(unsigned frames)
{
    struct frame_pool *pool = g_malloc0(sizeof *pool + (size_t)frames * sizeof(struct frame));
    pool->count = frames;
    return pool;
}

bool frame_pool_is_whole(const struct frame_pool *pool)
{
    for (unsigned i = 0; i < pool->count; i++) {
        if (atomic_load_explicit(&pool->frames[i].references, memory_order_acquire) != 0)
            return false;
    }
    return true;
}

void frame_pool_free(struct frame_pool *pool)
{
    g_assert(pool == NULL || frame_pool_is_whole(pool));
    g_free(pool);
}

/* Frames come back roughly in the order in which they went out, so the next one is nearly always
 * free; only the owner takes, so a free frame stays free until it does. */
struct frame *frame_pool_take(struct frame_pool *pool)
{
    for (unsigned i = 0; i < pool->count; i++) {
        struct frame *frame = &pool->frames[pool->next];
        pool->next = (pool->next + 1) % pool->count;
        if (atomic_load_explicit(&frame->references, memory_order_acquire) == 0) {
            atomic_store_explicit(&frame->references, 1, memory_order_relaxed);
            return frame;
        }
    }
    return NULL;
}
