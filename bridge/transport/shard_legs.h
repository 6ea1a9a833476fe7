/* What a shard and its legs know of each other.
 *
 * Thread: the shard's. */
#pragma once

#include "bridge/transport/leg.h"

/* Frames of one wake-up that go to one leg at most; more are sent in a further batch. */
#define SHARD_BATCH 32

void shard_add_leg(struct shard *shard, struct leg *leg);
void shard_remove_leg(struct shard *shard, struct leg *leg); /* and its subscription */
/* Moves the leg to a stream; 0: to none. */
void shard_subscribe(struct shard *shard, struct leg *leg, uint32_t from, uint32_t to);

/* A leg's side: protects and sends frames in their order. */
void leg_send_frames(struct leg *leg, struct frame *const *frames, unsigned count);
/* Once a second: reports that are due. */
void leg_tick(struct leg *leg, int64_t now_us);
