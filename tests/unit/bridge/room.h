/* Rooms as the bridge's tests hold them: legs that offer, send a steady tone in Opus, and keep what
 * they hear.
 *
 * Thread: the test's, on the default GMainContext; the legs live on one shard of the hall. */
#pragma once

#include "bridge/transport/leg.h"
#include "bridge/transport/probe.h"
#include "tests/unit/bridge/bridge_process.h"

#define ROOM_HEARD 24000 /* samples of one listening: half a second */

/* The bridge, a conference "demo" on it, and the rooms' shard. */
struct hall {
    struct bridge_process bridge;
    struct shard *shard;
    struct queue *queue;
    GPtrArray *rooms;            /* of struct room */
    unsigned recording_failures; /* that the bridge has told of */
    json_t *line_ended;          /* the last one told; NULL: none */
};

struct room;

void hall_open(struct hall *hall);
/* Leaves the rooms and ends the bridge, which must end cleanly. */
void hall_close(struct hall *hall);
/* Declares who may be heard: leg names, NULL-ended. */
void hall_set_floor(struct hall *hall, const char *first, ...) G_GNUC_NULL_TERMINATED;
/* The counter of a leg, or, with `leg` NULL, of the conference, as in bridge.stats. */
json_int_t hall_counter(struct hall *hall, const char *leg, const char *name);

/* Joins, and waits until it is connected. It sends `frequency` Hz at `amplitude` (0 to 1) from then
 * on; 0: nothing. */
struct room *room_join(struct hall *hall, const char *leg, unsigned frequency, double amplitude);
void room_leave(struct room *room);
/* What the bridge told last of the sound that it sends; "" before. */
const char *room_sound_told(const struct room *room);
/* What the bridge told last of the leg's state; "" before. */
const char *room_state_told(const struct room *room);

/* The amplitude of a tone in the next half second that the room hears, in dBFS. */
double room_hear(struct room *room, unsigned frequency);
/* Listens until the tone is above -30 dBFS. */
void room_await_tone(struct room *room, unsigned frequency);

/* Line tests: what goes out and comes in between the two is counted. */
#define ROOM_PROBE_SSRC 0x51525354u
void room_open_probe(struct room *room, uint32_t peer_ssrc);
void room_send_probe(struct room *room, const struct probe *probe);
struct room_probes {
    unsigned pongs, loads;
    uint64_t load_bytes;
    struct probe last_pong;
};
void room_get_probes(struct room *room, struct room_probes *probes);
