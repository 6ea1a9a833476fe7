/* A lock-free ring of pointers from exactly one thread to exactly one other: how media crosses
 * threads. Neither side ever waits or allocates; a full ring refuses.
 *
 * Thread: ring_push() on the producer's thread, ring_pop() on the consumer's, ring_size() on
 * either (an estimate). ring_new() and ring_free() while neither runs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ring;

/* `capacity` is rounded up to a power of two. */
struct ring *ring_new(size_t capacity);
/* What is still inside is handed to `destroy` (NULL: dropped). */
void ring_free(struct ring *ring, void (*destroy)(void *item));

/* False when full; the item is then still the caller's. */
bool ring_push(struct ring *ring, void *item);
/* NULL when empty. */
void *ring_pop(struct ring *ring);
size_t ring_size(const struct ring *ring);
