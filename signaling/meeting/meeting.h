/* A meeting: state, commands, events. The pure core of the control plane: no I/O, no clock, no
 * threads, no randomness. `decide` says what a command does or why not; `apply` folds an event into
 * the state; replaying a journal gives the same state again.
 *
 *     meeting_decide(meeting, &command, &decision)   -> events, or a refusal
 *     (the caller makes the events durable)
 *     meeting_apply(meeting, event) for each
 *
 * Everything about who may do what and when lives below this header (permissions.c, floor.c, …).
 * The words are those of docs/protocol.md; a request's states are RFC 8855's.
 *
 * Thread: one at a time; signaling's main thread. */
#pragma once

#include "common/json.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum role { ROLE_SYSTEM, ROLE_CHAIR, ROLE_SECRETARY, ROLE_OPERATOR, ROLE_SITE, ROLE_OBSERVER };

const char *role_name(enum role role);
bool role_parse(const char *name, enum role *role); /* not "system" */

/* Who commands. Texts are borrowed; NULL when there is none. */
struct actor {
    const char *account;
    enum role role;
    const char *site;
};

#define HASH_HEX_SIZE 65

/* One line of the journal. */
struct event {
    char *meeting;
    uint64_t seq; /* from 1 */
    int64_t time_us;
    json_t *actor; /* {account, role, site} */
    char *type;
    json_t *body;
    char prev[HASH_HEX_SIZE];
    char hash[HASH_HEX_SIZE];
};

void event_free(struct event *event);
/* {seq, time, actor, type, body}, as clients get it. */
json_t *event_to_json(const struct event *event);
/* {meeting, seq, time, actor, type, body, prev, hash}, as journal.jsonl has it; and back, with an
 * error that names the field. event_from_json() checks shapes, not hashes. */
json_t *event_to_journal(const struct event *event);
struct event *event_from_journal(const json_t *line, GError **error);
/* The SHA-256 that `hash` must be. */
void event_compute_hash(const struct event *event, char hash[HASH_HEX_SIZE]);

struct meeting;

/* An empty state for the id; the first event must be `meeting.created`. */
struct meeting *meeting_new(const char *id);
void meeting_free(struct meeting *meeting);
const char *meeting_id(const struct meeting *meeting);
uint64_t meeting_seq(const struct meeting *meeting);

/* Stable reasons and codes: docs/protocol.md, "Errors". */
struct refusal {
    int code;
    const char *reason; /* a literal */
    char field[64];     /* for `invalid`, else "" */
    char message[256];
};
void refusal_set(struct refusal *refusal, int code, const char *reason, const char *field,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

struct command {
    const char *method; /* "floor.grant"… */
    const json_t *params;
    struct actor actor;
    int64_t now_us; /* UTC */
    /* For the close of a secret vote: {for, against, other}, as the ballots were counted; else
     * NULL. */
    const json_t *tally;
};

struct decision {
    GPtrArray *events; /* of struct event, numbered, chained and hashed; owned */
    json_t *answer;    /* what the command answers beside `seq`; an object; owned */
    /* Of a secret vote: {vote, choice}, to be counted in the same transaction that makes the events
     * durable, and kept nowhere beside its voter; else NULL; owned. */
    json_t *ballot;
    struct refusal refusal;
};
void decision_clear(struct decision *decision);

/* True: `events` (perhaps none) and `answer`. False: `refusal`. Changes nothing. Besides the
 * protocol's commands it knows those of the server itself (role system): site.join {site, session,
 * client}, site.leave {site, session, reason}, recording.started/stopped, bridge.lost/restored. */
bool meeting_decide(const struct meeting *meeting, const struct command *command,
                    struct decision *decision);

/* False for an event that does not follow (wrong number, unknown type, a body that does not fit):
 * the journal is damaged. The state is then unchanged. */
bool meeting_apply(struct meeting *meeting, const struct event *event, GError **error);

/* The protocol's "meeting's state". */
json_t *meeting_snapshot(const struct meeting *meeting);

/* What the media plane is to do; compared by the caller with what it did last. */
const char *meeting_title(const struct meeting *meeting);
bool meeting_exists(const struct meeting *meeting);          /* has been created */
bool meeting_wants_recording(const struct meeting *meeting); /* open, not paused, recording set */
bool meeting_is_closed(const struct meeting *meeting);
/* Slugs and shown names of the rooms that may be heard now: the chair's unless muted, holders'.
 * In draft and when closed: nobody. [{leg, name}], as conference.floor takes it. */
json_t *meeting_speakers(const struct meeting *meeting);
/* Who is to be seen where and under what name, as conference.scene takes it. Before the opening, in
 * a recess and after the close nobody is; who is in a private consult is not. */
json_t *meeting_scene(const struct meeting *meeting);
/* Legs that are kept apart from the meeting: [{legs: [leg], talk}]. With `talk` those of a group
 * hear each other and nobody else (a private consult); without it they hear nothing (the lobby).
 * Nobody outside hears them, and nothing of it is recorded. As conference.floor takes it. */
json_t *meeting_apart(const struct meeting *meeting);

/* The permission table: each role that may command a method; `own_only`: for its own room only. */
void permissions_foreach(void (*visit)(const char *method, enum role role, bool own_only,
                                       void *arg),
                         void *arg);

/* What falls due by the clock: the next command of the server itself, once `now_us` has reached its
 * time. `params` is a new reference. The caller executes it and asks again. */
bool meeting_due(const struct meeting *meeting, int64_t now_us, const char **method,
                 json_t **params);

/* {version, title, item, name, type, bytes, sha256, time, by} of a paper; NULL if there is none.
 * Borrowed until the meeting changes. */
const json_t *meeting_paper(const struct meeting *meeting, const char *paper, unsigned version);

/* The vote that is open ("v1"); NULL if there is none. */
const char *meeting_open_vote(const struct meeting *meeting);
/* False too for one that there is not. */
bool meeting_vote_is_secret(const struct meeting *meeting, const char *vote);
/* The name of a room ("Thành phố Đà Nẵng"); NULL if the meeting has no such room. */
const char *meeting_site_name(const struct meeting *meeting, const char *site);
bool meeting_site_role(const struct meeting *meeting, const char *site, enum role *role);
