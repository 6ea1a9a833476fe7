#include "bridge/audio/inbox.h"

#include "bridge/audio/level.h"

#include <glib.h>
#include <stdatomic.h>
#include <string.h>

#define INBOX_PACKETS 64 /* 1.28 s of 20 ms packets: far more than one tick leaves inside */
#define CACHE_LINE    64

struct inbox {
    /* Each index on its own cache line: the two threads write them all the time. */
    _Alignas(CACHE_LINE) atomic_uint head; /* next to pop; written by the consumer */
    atomic_uint references;
    atomic_bool is_open;
    atomic_int gain_mdb;
    atomic_uint learnt;
    atomic_int loudest_dbov;
    struct inbox_packet packets[INBOX_PACKETS];
    _Alignas(CACHE_LINE) atomic_uint tail; /* next to push; written by the producer */
};

struct inbox *inbox_new(void)
{
    struct inbox *inbox = g_aligned_alloc0(1, sizeof *inbox, CACHE_LINE);
    atomic_init(&inbox->references, 1);
    atomic_init(&inbox->loudest_dbov, LEVEL_SILENCE_DBOV);
    return inbox;
}

struct inbox *inbox_ref(struct inbox *inbox)
{
    atomic_fetch_add_explicit(&inbox->references, 1, memory_order_relaxed);
    return inbox;
}

void inbox_unref(struct inbox *inbox)
{
    if (inbox == NULL)
        return;
    if (atomic_fetch_sub_explicit(&inbox->references, 1, memory_order_acq_rel) == 1)
        g_aligned_free(inbox);
}

void inbox_set_open(struct inbox *inbox, bool is_open)
{
    atomic_store_explicit(&inbox->is_open, is_open, memory_order_relaxed);
}

static void note_level(struct inbox *inbox, int level_dbov)
{
    if (level_dbov <= 0 &&
        level_dbov > atomic_load_explicit(&inbox->loudest_dbov, memory_order_relaxed))
        atomic_store_explicit(&inbox->loudest_dbov, level_dbov, memory_order_relaxed);
}

int inbox_take_level(struct inbox *inbox)
{
    return atomic_exchange_explicit(&inbox->loudest_dbov, LEVEL_SILENCE_DBOV, memory_order_relaxed);
}

bool inbox_push(struct inbox *inbox, const struct inbox_packet *packet)
{
    note_level(inbox, packet->level_dbov);
    if (!atomic_load_explicit(&inbox->is_open, memory_order_relaxed))
        return false;
    if (packet->size == 0 || packet->size > INBOX_PAYLOAD_MAX)
        return false;
    unsigned tail = atomic_load_explicit(&inbox->tail, memory_order_relaxed);
    unsigned head = atomic_load_explicit(&inbox->head, memory_order_acquire);
    if (tail - head == INBOX_PACKETS)
        return false;
    memcpy(&inbox->packets[tail % INBOX_PACKETS], packet,
           offsetof(struct inbox_packet, payload) + packet->size);
    atomic_store_explicit(&inbox->tail, tail + 1, memory_order_release);
    return true;
}

bool inbox_push_rtp(struct inbox *inbox, const struct rtp_packet *packet, int level_dbov,
                    int64_t arrival_us)
{
    struct inbox_packet out;
    if (packet->payload_size > INBOX_PAYLOAD_MAX)
        return false;
    out.sequence_number = packet->sequence_number;
    out.timestamp = packet->timestamp;
    out.ssrc = packet->ssrc;
    out.arrival_us = arrival_us;
    out.marker = packet->marker;
    out.level_dbov = level_dbov;
    out.size = (uint16_t)packet->payload_size;
    memcpy(out.payload, packet->payload, packet->payload_size);
    return inbox_push(inbox, &out);
}

const struct inbox_packet *inbox_pop(struct inbox *inbox)
{
    unsigned head = atomic_load_explicit(&inbox->head, memory_order_relaxed);
    unsigned tail = atomic_load_explicit(&inbox->tail, memory_order_acquire);
    return head == tail ? NULL : &inbox->packets[head % INBOX_PACKETS];
}

void inbox_release(struct inbox *inbox)
{
    unsigned head = atomic_load_explicit(&inbox->head, memory_order_relaxed);
    atomic_store_explicit(&inbox->head, head + 1, memory_order_release);
}

void inbox_set_gain(struct inbox *inbox, int gain_mdb, unsigned learnt)
{
    atomic_store_explicit(&inbox->gain_mdb, gain_mdb, memory_order_relaxed);
    atomic_store_explicit(&inbox->learnt, learnt, memory_order_relaxed);
}

void inbox_get_gain(struct inbox *inbox, int *gain_mdb, unsigned *learnt)
{
    *gain_mdb = atomic_load_explicit(&inbox->gain_mdb, memory_order_relaxed);
    *learnt = atomic_load_explicit(&inbox->learnt, memory_order_relaxed);
}
