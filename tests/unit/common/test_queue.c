#include "common/queue.h"

#include <stdint.h>

#define CALLS   10000
#define THREADS 4

struct owner {
    struct queue *queue;
    GMainLoop *loop;
    unsigned ran;
};

static void count_call(void *arg)
{
    struct owner *owner = arg;
    if (++owner->ran == CALLS * THREADS)
        g_main_loop_quit(owner->loop);
}

static gpointer post_calls(gpointer data)
{
    struct owner *owner = data;
    for (unsigned i = 0; i < CALLS; i++)
        queue_post(owner->queue, count_call, owner);
    return NULL;
}

static void calls_of_many_threads_all_run_on_the_owner(void)
{
    GMainContext *context = g_main_context_new();
    struct owner owner = {queue_new(), g_main_loop_new(context, FALSE), 0};
    GThread *threads[THREADS];
    queue_attach(owner.queue, context);
    for (unsigned i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("poster", post_calls, &owner);
    g_main_loop_run(owner.loop);
    for (unsigned i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
    g_assert_cmpuint(owner.ran, ==, CALLS * THREADS);
    queue_free(owner.queue);
    g_main_loop_unref(owner.loop);
    g_main_context_unref(context);
}

static void free_runs_what_waits(void)
{
    struct owner owner = {queue_new(), NULL, 0};
    queue_post(owner.queue, count_call, &owner);
    queue_free(owner.queue);
    g_assert_cmpuint(owner.ran, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/queue/calls_of_many_threads_all_run_on_the_owner",
                    calls_of_many_threads_all_run_on_the_owner);
    g_test_add_func("/queue/free_runs_what_waits", free_runs_what_waits);
    return g_test_run();
}
