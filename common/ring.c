#include "common/ring.h"

#include <glib.h>
#include <stdatomic.h>

#define CACHE_LINE 64

struct ring {
    size_t mask;
    void **items;
    /* Each index on its own cache line: the two threads write them all the time. */
    _Alignas(CACHE_LINE) atomic_size_t head; /* next to pop; written by the consumer */
    _Alignas(CACHE_LINE) atomic_size_t tail; /* next to push; written by the producer */
};

struct ring *ring_new(size_t capacity)
{
    size_t size = 2;
    while (size < capacity)
        size *= 2;
    struct ring *ring = g_aligned_alloc0(1, sizeof *ring, CACHE_LINE);
    ring->mask = size - 1;
    ring->items = g_new0(void *, size);
    return ring;
}

void ring_free(struct ring *ring, void (*destroy)(void *item))
{
    void *item;
    if (ring == NULL)
        return;
    while ((item = ring_pop(ring)) != NULL) {
        if (destroy != NULL)
            destroy(item);
    }
    g_free(ring->items);
    g_aligned_free(ring);
}

bool ring_push(struct ring *ring, void *item)
{
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    size_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
    if (tail - head > ring->mask)
        return false;
    ring->items[tail & ring->mask] = item;
    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
    return true;
}

void *ring_pop(struct ring *ring)
{
    size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    if (head == tail)
        return NULL;
    void *item = ring->items[head & ring->mask];
    atomic_store_explicit(&ring->head, head + 1, memory_order_release);
    return item;
}

size_t ring_size(const struct ring *ring)
{
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    size_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
    return tail - head;
}
