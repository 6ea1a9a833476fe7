#include "common/ring.h"

#include <glib.h>
#include <stdint.h>

#define ITEMS 100000

static void refuses_when_full_and_keeps_order(void)
{
    struct ring *ring = ring_new(4);
    for (uintptr_t i = 1; i <= 4; i++)
        g_assert_true(ring_push(ring, (void *)i));
    g_assert_false(ring_push(ring, (void *)5));
    g_assert_cmpuint(ring_size(ring), ==, 4);
    for (uintptr_t i = 1; i <= 4; i++)
        g_assert_true(ring_pop(ring) == (void *)i);
    g_assert_null(ring_pop(ring));
    ring_free(ring, NULL);
}

static gpointer produce(gpointer data)
{
    for (uintptr_t i = 1; i <= ITEMS;) {
        if (ring_push(data, (void *)i))
            i++;
        else
            g_thread_yield();
    }
    return NULL;
}

static void two_threads_lose_and_swap_nothing(void)
{
    struct ring *ring = ring_new(64);
    GThread *producer = g_thread_new("producer", produce, ring);
    for (uintptr_t expected = 1; expected <= ITEMS;) {
        void *item = ring_pop(ring);
        if (item == NULL) {
            g_thread_yield();
            continue;
        }
        g_assert_true(item == (void *)expected);
        expected++;
    }
    g_thread_join(producer);
    ring_free(ring, NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ring/refuses_when_full_and_keeps_order", refuses_when_full_and_keeps_order);
    g_test_add_func("/ring/two_threads_lose_and_swap_nothing", two_threads_lose_and_swap_nothing);
    return g_test_run();
}
