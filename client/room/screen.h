/* A real room's terminal screen: who speaks, one's place, the level, and the keys.
 *
 * Thread: main; the sound goes its own way and never waits for the screen. */
#pragma once

#include "client/room/line.h"
#include "client/room/options.h"

#include <libsoup/soup.h>

struct screen;

/* Joins with the first link and the devices that the options name. */
struct screen *screen_new(const struct options *options, SoupSession *soup, struct shard *shard,
                          struct lines *lines, struct queue *main_queue, GMainLoop *loop,
                          GError **error);
/* Whether the room joined and had its sound. */
bool screen_is_good(const struct screen *screen);
void screen_free(struct screen *screen);
