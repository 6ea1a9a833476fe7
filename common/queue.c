#include "common/queue.h"

#include <glib-unix.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct call {
    queue_call function;
    void *arg;
};

struct queue {
    pthread_mutex_t lock;
    GArray *waiting; /* of struct call, under lock */
    GArray *running; /* the owner's: swapped with `waiting`, so that calls run unlocked */
    int fd;
    GSource *source; /* the owner's */
};

struct queue *queue_new(void)
{
    struct queue *queue = g_new0(struct queue, 1);
    pthread_mutex_init(&queue->lock, NULL);
    queue->waiting = g_array_new(FALSE, FALSE, sizeof(struct call));
    queue->running = g_array_new(FALSE, FALSE, sizeof(struct call));
    queue->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    g_assert(queue->fd >= 0);
    return queue;
}

void queue_free(struct queue *queue)
{
    if (queue == NULL)
        return;
    while (queue_run(queue) > 0)
        continue;
    if (queue->source != NULL) {
        g_source_destroy(queue->source);
        g_source_unref(queue->source);
    }
    close(queue->fd);
    g_array_unref(queue->waiting);
    g_array_unref(queue->running);
    pthread_mutex_destroy(&queue->lock);
    g_free(queue);
}

void queue_post(struct queue *queue, queue_call call, void *arg)
{
    struct call posted = {call, arg};
    pthread_mutex_lock(&queue->lock);
    bool was_empty = queue->waiting->len == 0;
    g_array_append_val(queue->waiting, posted);
    /* Written under the lock: once it is released the owner may free the queue. */
    if (was_empty)
        eventfd_write(queue->fd, 1);
    pthread_mutex_unlock(&queue->lock);
}

unsigned queue_run(struct queue *queue)
{
    eventfd_t count;
    eventfd_read(queue->fd, &count);
    pthread_mutex_lock(&queue->lock);
    GArray *batch = queue->waiting;
    queue->waiting = queue->running;
    queue->running = batch;
    pthread_mutex_unlock(&queue->lock);
    unsigned ran = batch->len;
    for (unsigned i = 0; i < ran; i++) {
        struct call call = g_array_index(batch, struct call, i);
        call.function(call.arg);
    }
    g_array_set_size(batch, 0);
    return ran;
}

int queue_fd(const struct queue *queue)
{
    return queue->fd;
}

static gboolean run_from_context(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd;
    (void)condition;
    queue_run(data);
    return G_SOURCE_CONTINUE;
}

void queue_attach(struct queue *queue, GMainContext *context)
{
    g_assert(queue->source == NULL);
    queue->source = g_unix_fd_source_new(queue->fd, G_IO_IN);
    g_source_set_callback(queue->source, G_SOURCE_FUNC(run_from_context), queue, NULL);
    g_source_attach(queue->source, context);
}
