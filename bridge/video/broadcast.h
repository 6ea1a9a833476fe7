/* One stream of pictures on its way to every leg that is sent it (leg_set_video_stream()): what a
 * rendition's encoder made, or a peer's own frames passed through. Packets are made once, kept by
 * the shards for repairs, and handed to them by reference.
 *
 * Thread: made and freed on the main thread; broadcast_send() on one producing thread at a time.
 * Memory: sending takes packets from a pool that was made with it. */
#pragma once

#include "bridge/transport/shard.h"
#include "bridge/video/coded.h"

struct broadcast;

struct broadcast *broadcast_new(struct shard *const *shards, unsigned shard_count);
/* After the producer's last call. The packets that shards still hold go when they let them go. */
void broadcast_free(struct broadcast *broadcast);

/* By how much the sound of a moment goes out later than the pictures of it that are sent here:
 * their timestamps tell the receivers to wait. Before the first is sent. */
void broadcast_set_delay(struct broadcast *broadcast, int64_t delay_us);

/* For leg_set_video_stream(); any thread. */
uint32_t broadcast_stream(const struct broadcast *broadcast);

/* False when it could not be sent (a shard lags, packets are all out) and nothing is before the
 * next key frame: make one. */
bool broadcast_send(struct broadcast *broadcast, const struct coded_frame *frame);
