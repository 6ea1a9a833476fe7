/* Many rooms in one process, without devices: driven by lines of JSON on standard input, telling on
 * standard output (client/room/README.md).
 *
 * Thread: main. `main_queue` outlives the shards' work. */
#pragma once

#include "client/room/line.h"
#include "client/room/options.h"

#include <libsoup/soup.h>

struct headless;

/* Quits `loop` when all is over. */
struct headless *headless_new(const struct options *options, SoupSession *soup,
                              struct shard *const *shards, unsigned shard_count,
                              struct lines *lines, struct queue *main_queue, GMainLoop *loop);
/* Ends as "quit" does: every room gives a last report, then the loop is quit. */
void headless_end(struct headless *headless);
/* Whether every room joined and had its sound, and the report could be written. */
bool headless_is_good(const struct headless *headless);
void headless_free(struct headless *headless);
