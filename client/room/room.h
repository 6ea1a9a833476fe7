/* One headless room: its session with the server, its sound, and what it tells on standard output
 * (client/room/README.md).
 *
 * Thread: main. */
#pragma once

#include "client/room/clips.h"
#include "client/room/command.h"
#include "client/room/line.h"
#include "client/room/options.h"
#include "client/room/projector.h"

#include <libsoup/soup.h>

struct room;

/* What the rooms of a process share. */
struct room_host {
    const struct options *options;
    SoupSession *soup;
    struct shard *const *shards;
    unsigned shard_count, room_count;
    struct lines *lines;
    struct queue *main_queue; /* outlives the shards' work */
    struct clips *clips;
    struct projector *projector; /* NULL: the rooms have no pictures */
    /* The last report, asked for with room_report_last(); borrowed. */
    void (*reported)(json_t *report, void *arg);
    /* The server has thrown the room out, or the link is of no use. */
    void (*ended)(void *arg);
    void *arg;
};

/* Joins by `link`, which has been checked. `host` is kept. */
struct room *room_new(const struct room_host *host, unsigned index, const char *link);
/* Says goodbye; room_free() once the main context has nothing more to tell. */
void room_close(struct room *room);
void room_free(struct room *room);

/* By its slug (once it is known), its number, or "*". */
bool room_is_meant(const struct room *room, const struct command *command);
void room_obey(struct room *room, const struct command *command);
void room_report_last(struct room *room);

/* It has left or was thrown out. */
bool room_is_over(const struct room *room);
/* It joined and had its sound, and was not thrown out; or was told to leave. */
bool room_is_good(const struct room *room);
