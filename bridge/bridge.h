/* What all conferences of a bridge share: its shards, its settings, and whom to tell.
 *
 * Thread: the main thread. */
#pragma once

#include "bridge/transport/shard.h"
#include "common/queue.h"

#include <glib.h>
#include <jansson.h>

struct conference;

struct bridge {
    struct shard **shards;
    unsigned shard_count;
    unsigned next_shard; /* legs go round */
    struct queue *main_queue;
    int bitrate_bps, complexity;
    GHashTable *conferences; /* id -> struct conference; borrowed keys */
    unsigned closing;        /* conferences whose recordings are being finished */
    /* Told of what happens; `params` is stolen. */
    void (*notify)(const char *method, json_t *params, void *arg);
    void *notify_arg;
};
