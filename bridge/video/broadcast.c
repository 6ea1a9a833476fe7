#include "bridge/video/broadcast.h"

#include "bridge/video/wire/packetiser.h"

/* What the shards keep for repairs, twice a large key frame on its way, and some. */
#define POOL_PACKETS   1536
#define OUTLET_PACKETS 1024
#define POOL_REAP_MS   100

struct broadcast {
    unsigned shard_count;
    struct outlet **outlets;
    struct frame_pool *pool;
    struct packetiser packetiser;
    bool is_broken; /* nothing goes out before a key frame */
};

struct broadcast *broadcast_new(struct shard *const *shards, unsigned shard_count)
{
    struct broadcast *broadcast = g_new0(struct broadcast, 1);
    broadcast->shard_count = shard_count;
    broadcast->pool = frame_pool_new(POOL_PACKETS);
    broadcast->outlets = g_new0(struct outlet *, shard_count);
    for (unsigned i = 0; i < shard_count; i++)
        broadcast->outlets[i] = outlet_new(shards[i], OUTLET_PACKETS);
    packetiser_init(&broadcast->packetiser, stream_id_new());
    return broadcast;
}

static gboolean reap_pool(gpointer data)
{
    struct frame_pool *pool = data;
    if (!frame_pool_is_whole(pool))
        return G_SOURCE_CONTINUE;
    frame_pool_free(pool);
    return G_SOURCE_REMOVE;
}

void broadcast_free(struct broadcast *broadcast)
{
    if (broadcast == NULL)
        return;
    for (unsigned i = 0; i < broadcast->shard_count; i++)
        outlet_free(broadcast->outlets[i]);
    if (reap_pool(broadcast->pool) == G_SOURCE_CONTINUE)
        g_timeout_add(POOL_REAP_MS, reap_pool, broadcast->pool);
    g_free(broadcast->outlets);
    g_free(broadcast);
}

void broadcast_set_delay(struct broadcast *broadcast, int64_t delay_us)
{
    broadcast->packetiser.delay = (uint32_t)(delay_us * 9 / 100);
}

uint32_t broadcast_stream(const struct broadcast *broadcast)
{
    return broadcast->packetiser.stream;
}

static bool push(struct broadcast *broadcast, struct frame *packet)
{
    bool is_whole = true;
    for (unsigned i = 0; i < broadcast->shard_count; i++)
        is_whole &= outlet_push(broadcast->outlets[i], packet);
    return is_whole;
}

bool broadcast_send(struct broadcast *broadcast, const struct coded_frame *frame)
{
    struct frame *packet;
    bool is_whole = true, is_more = true;
    if (broadcast->is_broken && !frame->is_key)
        return false;
    packetiser_begin(&broadcast->packetiser, frame);
    while (is_whole && is_more) {
        packet = frame_pool_take(broadcast->pool);
        is_whole = packet != NULL;
        is_more = is_whole && packetiser_next(&broadcast->packetiser, packet);
        if (is_more)
            is_whole = push(broadcast, packet);
        if (packet != NULL)
            frame_unref(packet);
    }
    for (unsigned i = 0; i < broadcast->shard_count; i++)
        outlet_flush(broadcast->outlets[i]);
    /* The numbers go on behind what was not sent: the receivers see that something is missing. */
    broadcast->packetiser.number = (uint16_t)(broadcast->packetiser.number + !is_whole);
    broadcast->is_broken = !is_whole;
    return is_whole;
}
