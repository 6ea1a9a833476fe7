/* What a shard and its legs know of each other.
 *
 * Thread: the shard's. */
#pragma once

#include "bridge/transport/leg.h"

/* Frames of one wake-up that go to one leg at most; more are sent in a further batch. */
#define SHARD_BATCH 32

void shard_add_leg(struct shard *shard, struct leg *leg);
void shard_remove_leg(struct shard *shard, struct leg *leg);
/* Once, when its description says that it has pictures: leg_tick_pictures() is called from then on.
 */
void shard_add_picture_leg(struct shard *shard, struct leg *leg);
/* Moves the leg from one stream to another; 0: from, to none. */
void shard_subscribe(struct shard *shard, struct leg *leg, uint32_t from, uint32_t to);

/* A packet of pictures that went out a moment ago; NULL when it is not kept (any more). Borrowed
 * for the call. */
const struct frame *shard_find_packet(const struct shard *shard, uint32_t stream, uint16_t number);

/* A leg's side: protects and sends frames in their order. */
void leg_send_frames(struct leg *leg, struct frame *const *frames, unsigned count);
/* Once a second: reports that are due. */
void leg_tick(struct leg *leg, int64_t now_us);
/* Every 20 ms. */
void leg_tick_pictures(struct leg *leg, int64_t now_us);
