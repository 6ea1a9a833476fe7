/* What all conferences of a bridge share: its shards, its settings, and whom to tell.
 *
 * Thread: the main thread. */
#pragma once

#include "bridge/audio/source.h"
#include "bridge/transport/shard.h"
#include "bridge/video/studio/studio.h"
#include "common/queue.h"

#include <glib.h>
#include <jansson.h>

struct conference;
struct network;

struct bridge {
    struct shard **shards;
    unsigned *shard_legs; /* how many legs live on each */
    unsigned shard_count;
    struct queue *main_queue;
    struct network *network; /* of legs that are made from now on */
    int bitrate_bps, complexity;
    struct audio_tuning tuning;
    struct studio_settings studio; /* how pictures are composed and encoded */
    bool passes_through;           /* one picture from edge to edge goes as it comes */
    unsigned line_test_kbps;       /* the most load of a line test */
    unsigned line_tests_most;      /* at once, of all conferences */
    GHashTable *conferences;       /* id -> struct conference; borrowed keys */
    unsigned closing;              /* conferences whose recordings are being finished */
    GHashTable *directories;       /* where recordings are being written; a set of owned paths */
    /* Told of what happens; `params` is stolen. */
    void (*notify)(const char *method, json_t *params, void *arg);
    /* A conference that was closing is gone. */
    void (*finished)(void *arg);
    void *arg;
};
