/* All meetings, in memory, and the one way to change them: a command is decided by the core, its
 * events are made durable, then folded into the state, then told to who listens, then the media
 * plane is brought to follow. What cannot be made durable has not happened.
 *
 * Listeners may execute commands of their own: their events are told after those that are being
 * told, so that everyone hears them in the order of the journal.
 *
 * Thread: main. */
#pragma once

#include "signaling/bus/media_plane.h"
#include "signaling/store/store.h"

struct hub;

struct hub_listener {
    /* One event, durable and folded. `is_replay`: from the journal, at the start. The state may
     * already be further than the event. */
    void (*event)(struct meeting *meeting, const struct event *event, bool is_replay, void *arg);
};

/* `store` is borrowed. */
struct hub *hub_new(struct store *store);
void hub_free(struct hub *hub);

void hub_set_listener(struct hub *hub, const struct hub_listener *listener, void *arg);
/* Borrowed; NULL: there is no media. All meetings are declared to it at once. */
void hub_set_media_plane(struct hub *hub, struct media_plane *plane);

/* Reads and checks all journals. A damaged meeting is logged and stays closed to everyone; the
 * others go on. False when the store itself cannot be read. */
bool hub_replay(struct hub *hub, GError **error);

/* `answer` (with `seq`; the caller's, json_decref) or `refusal`. `meeting` NULL: `meeting.create`,
 * whose params name it. `answer` may be NULL. */
bool hub_execute(struct hub *hub, const char *meeting, const char *method, const json_t *params,
                 const struct actor *actor, json_t **answer, struct refusal *refusal);
/* The server's own command, by role system; `params` is stolen. False: it was refused, which is
 * logged unless the core says `wrong-state`, or cannot be stored. */
bool hub_execute_own(struct hub *hub, const char *meeting, const char *method, json_t *params);

/* Executes what falls due by the clock in every meeting; about once a second. */
void hub_tick(struct hub *hub);

/* NULL with `refusal` (may be NULL): no such meeting, or its journal is damaged. */
struct meeting *hub_find(struct hub *hub, const char *meeting, struct refusal *refusal);

/* In the order they were made. */
void hub_foreach(struct hub *hub, void (*visit)(struct meeting *meeting, void *arg), void *arg);

/* The bridge has gone, or is back: an incident for every meeting that is under way. */
void hub_media_lost(struct hub *hub);
void hub_media_restored(struct hub *hub);

struct hub_counts {
    unsigned meetings, damaged;
    uint64_t events, storage_failures;
};
struct hub_counts hub_count(const struct hub *hub);
/* Commands so far, by method and result ("ok" or the reason). */
void hub_foreach_command(const struct hub *hub,
                         void (*visit)(const char *method, const char *result, uint64_t count,
                                       void *arg),
                         void *arg);
