/* A meeting for tests: commands in one line, the answer, refusal and events of the last one, and
 * the journal so far. Every accepted command is folded at once. */
#pragma once

#include "signaling/meeting/meeting.h"

struct world {
    struct meeting *meeting;
    GPtrArray *journal; /* of struct event */
    struct decision last;
    json_t *tally;  /* of secret votes, all as one, as a store counts them */
    int64_t now_us; /* a second later at each command */
};

/* A meeting that exists: chu-toa chairs, da-nang, hue and can-tho are rooms. */
struct world *world_new(void);
/* The same, open. */
struct world *world_open(void);
/* Nothing has been created yet. */
struct world *world_empty(void);
/* The same again, from its journal. */
struct world *world_copy(const struct world *world);
void world_free(struct world *world);
#define world_auto __attribute__((cleanup(world_cleanup))) struct world
void world_cleanup(struct world **world);

/* `who` is "chair", "secretary", "operator", "observer", "system" or a room's id. `params` is JSON
 * in which ' stands for ". False when refused. */
bool world_try(struct world *world, const char *who, const char *method, const char *params);
/* The same with params of any kind. */
bool world_command(struct world *world, const char *who, const char *method, const json_t *params);
/* The same, and it must be accepted. */
void world_do(struct world *world, const char *who, const char *method, const char *params);
/* It must be refused for this reason. */
void world_refused(struct world *world, const char *who, const char *method, const char *params,
                   const char *reason);
/* Refused as `invalid` for this field. */
void world_invalid(struct world *world, const char *who, const char *method, const char *params,
                   const char *field);

/* Types of the last command's events: "floor.requested floor.granted". Valid until the next call.
 */
const char *world_events(struct world *world);
/* Ids of the accepted requests in order, holders, speakers' legs: "r1 r2". Likewise. */
const char *world_queue(struct world *world);
const char *world_holders(struct world *world);
const char *world_speakers(struct world *world);
/* A value of the snapshot by path, as JSON: "meeting.state", "floor.past.0.why". g_free(). */
char *world_get(struct world *world, const char *path);

/* The last event of the journal. */
const struct event *world_last_event(struct world *world);
json_t *world_json(const char *text); /* ' stands for " */
