/* Calls for another thread: the one queue by which control crosses threads. Any thread posts a
 * function and its argument; the owning thread runs them in order, from its GMainContext or by
 * polling queue_run().
 *
 * Built on pthreads and eventfd rather than on GAsyncQueue, so that ThreadSanitizer sees the order
 * it gives (GLib's own locks are invisible to it).
 *
 * Thread: queue_post() on any; everything else on the owner. */
#pragma once

#include <glib.h>

struct queue;

typedef void (*queue_call)(void *arg);

struct queue *queue_new(void);
/* Runs what is still inside first: an argument's owner is always told. */
void queue_free(struct queue *queue);

void queue_post(struct queue *queue, queue_call call, void *arg);

/* Runs all that has been posted; returns how many. */
unsigned queue_run(struct queue *queue);

/* Readable while calls wait. */
int queue_fd(const struct queue *queue);

/* Runs the queue from `context` until queue_free(). */
void queue_attach(struct queue *queue, GMainContext *context);
