#include "bridge/transport/frame.h"
#include "common/ring.h"

#include <glib.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

static void a_taken_frame_has_one_reference(void)
{
    struct frame_pool *pool = frame_pool_new(2);
    struct frame *frame = frame_pool_take(pool);
    g_assert_cmpuint(atomic_load(&frame->references), ==, 1);
    frame_unref(frame);
    frame_pool_free(pool);
}

static void a_frame_stays_out_until_its_last_reference_is_back(void)
{
    struct frame_pool *pool = frame_pool_new(1);
    struct frame *frame = frame_pool_take(pool);
    frame_ref(frame);
    frame_unref(frame);
    g_assert_null(frame_pool_take(pool));
    frame_unref(frame);
    g_assert_true(frame_pool_take(pool) == frame);
    frame_unref(frame);
    frame_pool_free(pool);
}

static void a_frame_that_is_kept_long_does_not_stop_the_others(void)
{
    struct frame_pool *pool = frame_pool_new(3);
    struct frame *kept = frame_pool_take(pool);
    for (unsigned i = 0; i < 10; i++) {
        struct frame *frame = frame_pool_take(pool);
        g_assert_nonnull(frame);
        g_assert_true(frame != kept);
        frame_unref(frame);
    }
    frame_unref(kept);
    frame_pool_free(pool);
}

#define FRAMES 20000

/* Reads what was written and gives back, so that a frame taken again too early would be seen. */
static void *read_frames(void *arg)
{
    struct ring *ring = arg;
    for (unsigned i = 0; i < FRAMES;) {
        struct frame *frame = ring_pop(ring);
        if (frame == NULL) {
            sched_yield();
            continue;
        }
        g_assert_cmpuint(frame->timestamp, ==, i);
        for (unsigned k = 0; k < frame->size; k++)
            g_assert_cmpuint(frame->payload[k], ==, i % 256);
        frame_unref(frame);
        i++;
    }
    return NULL;
}

static void another_thread_may_read_and_give_back(void)
{
    struct frame_pool *pool = frame_pool_new(4);
    struct ring *ring = ring_new(8);
    pthread_t reader;
    g_assert_cmpint(pthread_create(&reader, NULL, read_frames, ring), ==, 0);
    for (unsigned i = 0; i < FRAMES;) {
        struct frame *frame = frame_pool_take(pool);
        if (frame == NULL) {
            sched_yield();
            continue;
        }
        frame->timestamp = i;
        frame->size = 16;
        memset(frame->payload, (int)(i % 256), frame->size);
        g_assert_true(ring_push(ring, frame));
        i++;
    }
    pthread_join(reader, NULL);
    ring_free(ring, NULL);
    frame_pool_free(pool);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/frame/a_taken_frame_has_one_reference", a_taken_frame_has_one_reference);
    g_test_add_func("/frame/a_frame_stays_out_until_its_last_reference_is_back",
                    a_frame_stays_out_until_its_last_reference_is_back);
    g_test_add_func("/frame/a_frame_that_is_kept_long_does_not_stop_the_others",
                    a_frame_that_is_kept_long_does_not_stop_the_others);
    g_test_add_func("/frame/another_thread_may_read_and_give_back",
                    another_thread_may_read_and_give_back);
    return g_test_run();
}
