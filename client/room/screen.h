/* A room with devices: one session, shown on a terminal and led by keys; without a terminal (a
 * service) it tells what happens on standard error, a line each.
 *
 * Thread: main. */
#pragma once

#include "client/room/line.h"
#include "client/room/options.h"

#include <libsoup/soup.h>

struct screen;

/* Quits `loop` when it is over. With ACTION_TEST_LINE it tests the line, prints the verdict, and is
 * over. NULL with an error that names what is wrong with the devices. */
struct screen *screen_new(const struct options *options, SoupSession *soup, struct shard *shard,
                          struct lines *lines, struct queue *main_queue, GMainLoop *loop,
                          GError **error);

/* The program's exit status so far (client/room/README.md). */
int screen_status(const struct screen *screen);
#define SCREEN_ENDED  2 /* the server does not want this room: a bad link, opened elsewhere */
#define SCREEN_USABLE 3 /* verdicts of a line test */
#define SCREEN_BAD    4

void screen_free(struct screen *screen);
