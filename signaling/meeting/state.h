/* The inside of a meeting's state, for the files of this folder only.
 *
 * Thread and memory: as struct meeting in meeting.h. */
#pragma once

#include "signaling/meeting/meeting.h"

enum meeting_status {
    MEETING_DRAFT,
    MEETING_REHEARSAL,
    MEETING_OPEN,
    MEETING_PAUSED,
    MEETING_CLOSED
};

/* Limits of docs/protocol.md, in characters where nothing else is said. */
enum {
    SITES_MAX = 4000,
    FLOORS_MAX = 16,
    MEETING_TITLE_MAX = 300,
    NAME_MAX_CHARS = 200,
    TOPIC_MAX = 500,
    WHY_MAX = 500,
    RECORD_TEXT_MAX = 4000, /* a directive's or a note's */
    MESSAGE_MAX = 2000,
    QUESTION_MAX = 1000,
    AGENDA_MAX = 100,
    SUPPORT_MAX = 40,
    OPEN_REQUESTS_MAX = 5,
    DEPUTIES_MAX = 10,
    PEOPLE_MAX = 50,   /* of a room */
    OPINIONS_MAX = 20, /* in writing, of a room */
    CONSULT_MAX = 16,
    SECONDS_LEAST = 10,
    SECONDS_MOST = 14400
};

struct site {
    char *id, *name;
    enum role role;
    char *session;          /* of the connection that stands for the room; NULL: away */
    char *code, *group;     /* official code; what it is admitted with; or NULL */
    const char *invitation; /* a literal: how far the invitation has come */
    json_t *people;         /* [{name, post, for, why, state}] */
    bool is_muted, has_floor, is_admitted; /* a meeting without a lobby admits everyone */
    unsigned live_requests;                /* in the queue or holding */
    unsigned speeches;                     /* ended, since the opening; for the quota */
    int64_t spoken_us;
    int64_t first_joined_us, last_left_us; /* 0: never */
};

/* RFC 8855 section 5.2.5's states; the last four are ends. */
enum request_state {
    REQUEST_PENDING,
    REQUEST_ACCEPTED,
    REQUEST_GRANTED,
    REQUEST_DENIED,
    REQUEST_CANCELLED,
    REQUEST_RELEASED,
    REQUEST_REVOKED
};

struct floor_request {
    char *id;
    struct site *site;
    char *speaker, *title, *item, *topic; /* NULL: not said */
    const char *kind;                     /* a literal */
    enum request_state state;
    int64_t requested_us, granted_us, ended_us; /* 0: not yet */
    int64_t seconds;                            /* allowed; 0: no limit */
    int64_t paused_us;                          /* of the grant, spent in pauses */
    unsigned warned;                            /* WARNED_…: what was said of the time left */
    bool is_prepared, is_rehearsal;
    char *answers; /* the request that this one answers; or NULL */
    char *why;
};

enum { WARNED_ENDING = 1, WARNED_OVER = 2 };

/* Directives, notes, incidents and votes are kept as the JSON that the snapshot shows; the entry of
 * id "d12" is the twelfth. */
struct meeting {
    char *id;
    uint64_t seq;
    char last_hash[HASH_HEX_SIZE];
    bool exists;
    enum meeting_status status;
    json_t *settings; /* settings.c's, all of them */
    bool is_recorded, is_declared;
    int64_t created_us, opened_us, closed_us, paused_us; /* 0: not so, or not paused now */
    GPtrArray *sites;        /* of struct site, in the roster's order; owned */
    GHashTable *sites_by_id; /* borrowed from `sites` */
    GHashTable *requests;    /* id -> struct floor_request; owned */
    GPtrArray *queue;        /* borrowed from `requests`: accepted ones in order, then pending */
    unsigned accepted_count; /* the queue's first ones */
    GPtrArray *holders, *past;
    json_t *directives, *notes, *incidents, *votes, *rollcalls;
    json_t *agenda;        /* {items, current, since} */
    json_t *layout;        /* {layout, cells, page_seconds} of the picture */
    struct site *chair;    /* the chairing room; borrowed */
    struct site *delegate; /* has been lent the chair's powers; NULL: nobody has */
    struct site *acting;   /* stands in for a lost chair; NULL: nobody, or the secretary */
    bool secretary_acts;   /* nobody else was there to stand in */
    bool chair_has_queue;  /* the secretary may not run it */
    json_t *consult;       /* {sites, accounts, since} while one is held; or NULL */
    json_t *opinions;
    json_t *papers;         /* [{paper, versions}] */
    int64_t vote_opened_us; /* of the open vote */
    unsigned request_count; /* ever made: the next one's number */
};

const char *meeting_status_name(enum meeting_status status);
const char *request_state_name(enum request_state state);
extern const char *const invitation_states[]; /* NULL-ended; the first is where one begins */
extern const char *const floor_kinds[];       /* NULL-ended; the first is the default */

struct site *meeting_find_site(const struct meeting *meeting, const char *site);
struct floor_request *meeting_find_request(const struct meeting *meeting, const char *request);
/* 1, 2, … for an accepted request; 0 for another. Walks the queue. */
int floor_position(const struct meeting *meeting, const struct floor_request *request);

/* ---- what commands are decided with ---- */

/* The events of a decision in the making. */
struct draft {
    const struct meeting *meeting;
    const struct command *command;
    struct decision *decision;
    enum role role; /* the actor's, or the chair's when it has been lent them */
};

/* Adds an event; `body` is stolen. */
void draft_event(struct draft *draft, const char *type, json_t *body);
/* These refuse, and return false, so that a decider can end with them. */
bool draft_refuse(struct draft *draft, int code, const char *reason, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool draft_invalid(struct draft *draft, const struct json_fields *fields);
bool draft_wrong_state(struct draft *draft, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- settings ---- */

/* What `fields` says of the settings, and nothing else; new reference. `sites` is the roster of a
 * meeting that is being made, else NULL. `is_new`: said now, so texts must be clean. */
json_t *settings_read(struct json_fields *fields, const struct meeting *meeting,
                      const json_t *sites, bool is_new);
json_t *settings_initial(void);
/* An RFC 3339 time, normalised; null when it is not given. New reference. */
json_t *settings_read_moment(struct json_fields *fields, const char *name);
/* What is unusual about them: a list of words. New reference. */
json_t *settings_warnings(const json_t *all);
/* 0 and NULL for null. */
int64_t setting_number(const struct meeting *meeting, const char *name);
const char *setting_text(const struct meeting *meeting, const char *name);
bool setting_is_on(const struct meeting *meeting, const char *name);

/* What kind of actor may command a method: permissions.c. */
bool permission_given(struct draft *draft);

/* A decider reads the command's params and adds events, or refuses. The actor's role has already
 * been found fit, and its room is one of the meeting's. */
typedef bool (*decider)(struct draft *draft);

bool decide_meeting_create(struct draft *draft);
bool decide_meeting_declare(struct draft *draft);
bool decide_meeting_prepare(struct draft *draft);
bool decide_meeting_update(struct draft *draft);
bool decide_meeting_rehearse(struct draft *draft);
bool decide_meeting_open(struct draft *draft);
bool decide_meeting_pause(struct draft *draft);
bool decide_meeting_resume(struct draft *draft);
bool decide_meeting_close(struct draft *draft);
bool decide_site_join(struct draft *draft);
bool decide_site_leave(struct draft *draft);
bool decide_site_admit(struct draft *draft);
bool decide_roster_set(struct draft *draft);
bool decide_roster_approve(struct draft *draft);
bool decide_invitation_mark(struct draft *draft);
bool decide_site_mute(struct draft *draft);
bool decide_site_unmute(struct draft *draft);
bool decide_site_remove(struct draft *draft);
bool decide_floor_request(struct draft *draft);
bool decide_floor_cancel(struct draft *draft);
bool decide_floor_accept(struct draft *draft);
bool decide_floor_grant(struct draft *draft);
bool decide_floor_extend(struct draft *draft);
bool decide_floor_defer(struct draft *draft);
bool decide_floor_deny(struct draft *draft);
bool decide_floor_revoke(struct draft *draft);
bool decide_floor_release(struct draft *draft);
bool decide_floor_reorder(struct draft *draft);
bool decide_floor_prepare(struct draft *draft);
bool decide_floor_warn(struct draft *draft); /* the server's own, when the time is nearly up */
bool decide_opinion_submit(struct draft *draft);
bool decide_paper_add(struct draft *draft);
bool decide_consult_open(struct draft *draft);
bool decide_consult_close(struct draft *draft);
bool decide_chair_succeed(struct draft *draft); /* the server's own, when the chair is lost */
bool decide_directive_issue(struct draft *draft);
bool decide_directive_amend(struct draft *draft);
bool decide_directive_withdraw(struct draft *draft);
bool decide_minutes_note(struct draft *draft);
bool decide_message_send(struct draft *draft);
bool decide_vote_open(struct draft *draft);
bool decide_vote_cast(struct draft *draft);
bool decide_vote_close(struct draft *draft);
bool decide_rollcall_start(struct draft *draft);
bool decide_rollcall_answer(struct draft *draft);
bool decide_rollcall_close(struct draft *draft);
bool decide_agenda_set(struct draft *draft);
bool decide_agenda_advance(struct draft *draft);
bool decide_layout_set(struct draft *draft);
bool decide_chair_delegate(struct draft *draft);
bool decide_chair_recall(struct draft *draft);
bool decide_media_report(struct draft *draft); /* recording.*, bridge.* */

/* A list of distinct slugs, none of them `except` (NULL: whatever), as a new reference; faults go
 * to `fields`. */
json_t *read_slugs(struct json_fields *fields, const char *name, size_t max_items,
                   const char *except);

/* Ends every request that lives: holders are released, the queue is cancelled. */
void draft_end_requests(struct draft *draft);
/* Ends the requests of one room: a holder is revoked, the queue's are cancelled. */
void draft_end_site_requests(struct draft *draft, const struct site *site, const char *why);

/* "d1 (lead, due), d3 (due)": directives that still lack who leads or until when; NULL: none.
 * g_free(). */
char *directives_undetermined(const struct meeting *meeting);
/* Closes the roll call that is under way, if there is one. */
void draft_end_rollcall(struct draft *draft);
bool meeting_has_rollcall(const struct meeting *meeting);
/* Takes the chair's powers back from the room that has them. */
void draft_recall(struct draft *draft);
/* ROLE_CHAIR for whoever has been lent the chair's powers or stands in for it. */
enum role effective_role(const struct meeting *meeting, const struct actor *actor);

/* Refused for a secretary while the chair keeps the queue to itself. */
bool may_run_queue(struct draft *draft);

/* Ends the consult that is held, if there is one. */
void draft_end_consult(struct draft *draft);
/* If the operator checks that room's line just now: it is wanted on air. */
void draft_end_check_of(struct draft *draft, const struct site *site);
/* Its legs, as the bridge names them; new reference. */
json_t *consult_legs(const struct meeting *meeting);
bool consult_has_site(const struct meeting *meeting, const char *site);

/* A room has come: the chair takes its powers back, or a deputy takes over from the secretary. */
void draft_succession_at_join(struct draft *draft, const struct site *site);
/* When somebody must stand in for the chair; INT64_MAX: never as things are. */
int64_t succession_due_us(const struct meeting *meeting);
/* The end of what a grant allows; INT64_MAX: no limit, or the time stands still. */
int64_t floor_ends_us(const struct meeting *meeting, const struct floor_request *request);
/* The end of the open vote, by its time or because everyone has voted; INT64_MAX: by hand. */
int64_t vote_due_us(const struct meeting *meeting);

/* A room's people from a command or an event: normalised, a new reference, also when `fields`
 * failed. */
json_t *people_read(struct json_fields *fields, const char *name, bool is_new);
/* Not waiting in the lobby. */
bool site_is_inside(const struct meeting *meeting, const struct site *site);
bool agenda_has(const struct meeting *meeting, const char *item);
json_t *layout_initial(void);
/* Agenda items likewise. */
json_t *agenda_read(struct json_fields *fields, const char *name, enum json_need need, bool is_new);

/* ---- what events are folded with ---- */

/* An event on its way into the state. Its body is read field by field, as a command's params are;
 * what does not fit the state is a fault of the field that says it. */
struct fold {
    struct meeting *meeting;
    const struct event *event;
    struct json_fields body;
};

/* An applier changes the state, or changes nothing and returns false with `body` failed. */
typedef bool (*applier)(struct fold *fold);

/* A text of a body: its type and size only. Whether it was clean is decided once, when it is said;
 * a later Unicode must not make an old journal unreadable. */
const char *fold_text(struct fold *fold, const char *name, size_t max_chars, enum json_need need);
/* The room or the request that a field names; NULL and failed if there is none. */
struct site *fold_site(struct fold *fold, const char *name);
struct floor_request *fold_request(struct fold *fold, unsigned states);
/* The next id of a kind ("r7"): an event that makes something must carry it. */
const char *fold_new_id(struct fold *fold, const char *name, char kind, unsigned count);
bool fold_misfit(struct fold *fold, const char *name, const char *why);
/* The body has all and only what was asked for. Call before the first change. */
bool fold_fits(struct fold *fold);

bool apply_meeting_created(struct fold *fold);
bool apply_meeting_updated(struct fold *fold);
bool apply_meeting_status(struct fold *fold);
bool apply_site_joined(struct fold *fold);
bool apply_site_left(struct fold *fold);
bool apply_meeting_declared(struct fold *fold);
bool apply_site_admitted(struct fold *fold);
bool apply_roster_changed(struct fold *fold);
bool apply_roster_judged(struct fold *fold); /* approved, refused */
bool apply_invitation_marked(struct fold *fold);
bool apply_floor_prepared(struct fold *fold);
bool apply_floor_warned(struct fold *fold);
bool apply_opinion_submitted(struct fold *fold);
bool apply_paper_added(struct fold *fold);
bool apply_consult_opened(struct fold *fold);
bool apply_consult_closed(struct fold *fold);
bool apply_chair_acting(struct fold *fold);
bool apply_chair_returned(struct fold *fold);
bool apply_queue_lent(struct fold *fold); /* delegated, recalled */
bool apply_site_muted(struct fold *fold); /* and unmuted */
bool apply_site_removed(struct fold *fold);
bool apply_floor_requested(struct fold *fold);
bool apply_floor_placed(struct fold *fold); /* accepted, deferred, reordered */
bool apply_floor_granted(struct fold *fold);
bool apply_floor_extended(struct fold *fold);
bool apply_floor_denied(struct fold *fold);
bool apply_floor_cancelled(struct fold *fold);
bool apply_floor_released(struct fold *fold);
bool apply_floor_revoked(struct fold *fold);
bool apply_directive_issued(struct fold *fold);
bool apply_directive_amended(struct fold *fold);
bool apply_directive_withdrawn(struct fold *fold);
bool apply_note_added(struct fold *fold);
bool apply_message_sent(struct fold *fold);
bool apply_vote_opened(struct fold *fold);
bool apply_vote_cast(struct fold *fold);
bool apply_vote_closed(struct fold *fold);
bool apply_rollcall_started(struct fold *fold);
bool apply_rollcall_answered(struct fold *fold);
bool apply_rollcall_closed(struct fold *fold);
bool apply_agenda_changed(struct fold *fold);
bool apply_agenda_advanced(struct fold *fold);
bool apply_layout_changed(struct fold *fold);
bool apply_chair_delegated(struct fold *fold);
bool apply_chair_recalled(struct fold *fold);
bool apply_media_report(struct fold *fold);

/* Of an entry that the snapshot shows: it was made in the rehearsal and is no part of the record.
 */
void mark_rehearsal(const struct meeting *meeting, json_t *entry);
bool is_of_rehearsal(const json_t *entry);
/* The entry of a list by its id, "d12" for kind 'd': NULL if there is none (or `id` is NULL). */
json_t *find_numbered(const json_t *list, char kind, const char *id);
/* The id that the list's next entry gets; g_free(). */
char *next_numbered(const json_t *list, char kind);
/* A JSON string, or null for NULL. New reference. */
json_t *json_text_or_null(const char *text);
json_t *json_time_or_null(int64_t utc_us);
