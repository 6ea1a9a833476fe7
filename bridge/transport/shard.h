/* A shard: one thread with a GMainContext on which a share of all legs lives, from their ICE to
 * their SRTP. A leg never moves to another shard.
 *
 * Media reaches a shard through outlets: one ring for each (producing thread, shard) pair. The
 * shard sends each frame to all of its legs that are subscribed to the frame's stream, protected
 * per leg, in batches (sendmmsg).
 *
 * Thread: as said at each function. */
#pragma once

#include "bridge/transport/frame.h"
#include "common/queue.h"

#include <glib.h>

struct shard;
struct outlet;

/* Starts the thread. Any thread; shard_free() ends it after what was posted has run; all legs and
 * outlets must be gone by then. */
struct shard *shard_new(unsigned index);
void shard_free(struct shard *shard);

/* Any thread. */
void shard_post(struct shard *shard, queue_call call, void *arg);
/* CPU time of the shard's thread so far. Any thread. */
int64_t shard_cpu_us(const struct shard *shard);

/* The shard's own thread only. */
GMainContext *shard_context(struct shard *shard);
bool shard_is_current(const struct shard *shard);

/* Any thread; outlet_free() from the producer's owner after the producer has stopped pushing: it
 * hands the outlet back to the shard, which gives back the frames still inside. */
struct outlet *outlet_new(struct shard *shard, unsigned capacity);
void outlet_free(struct outlet *outlet);

/* The producing thread. outlet_push() takes a reference of its own; false when the shard lags so
 * far behind that the ring is full (the frame is then not sent there). Nothing is sent before
 * outlet_flush(), which wakes the shard; call it once a tick. */
bool outlet_push(struct outlet *outlet, struct frame *frame);
void outlet_flush(struct outlet *outlet);

/* A number for a stream of frames, unique in the process. Any thread. */
uint32_t stream_id_new(void);
