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

struct site {
    char *id, *name;
    enum role role;
    char *session; /* of the connection that stands for the room; NULL: away */
    bool is_muted;
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
    char *site;
    char *speaker, *title, *item, *topic; /* NULL: not said */
    const char *kind;                     /* a literal */
    enum request_state state;
    int64_t requested_us, granted_us, ended_us; /* 0: not yet */
    int64_t seconds;                            /* allowed; 0: no limit */
    char *why;
};

/* Directives, notes and incidents are kept as the JSON that the snapshot shows. */
struct meeting {
    char *id;
    uint64_t seq;
    char last_hash[HASH_HEX_SIZE];
    bool exists;
    enum meeting_status status;
    char *title, *place;
    int floors;
    bool is_moderated, is_recorded;
    int64_t created_us, opened_us, closed_us;
    GPtrArray *sites;        /* of struct site, in the roster's order; owned */
    GHashTable *sites_by_id; /* borrowed from `sites` */
    GHashTable *requests;    /* id -> struct floor_request; owned */
    GPtrArray *queue;        /* borrowed from `requests`: accepted ones in order, then pending */
    GPtrArray *holders, *past;
    json_t *directives, *notes, *incidents;
    unsigned request_count, directive_count, note_count; /* ever made: the next one's number */
};

const char *meeting_status_name(enum meeting_status status);
const char *request_state_name(enum request_state state);
extern const char *const floor_kinds[]; /* NULL-ended; the first is the default */

struct site *meeting_find_site(const struct meeting *meeting, const char *site);
struct floor_request *meeting_find_request(const struct meeting *meeting, const char *request);
/* 1, 2, … for an accepted request; 0 for another. */
int floor_position(const struct meeting *meeting, const struct floor_request *request);
unsigned floor_accepted_count(const struct meeting *meeting);

/* ---- what commands are decided with ---- */

/* The events of a decision in the making. */
struct draft {
    const struct meeting *meeting;
    const struct command *command;
    struct decision *decision;
};

/* Adds an event; `body` is stolen. */
void draft_event(struct draft *draft, const char *type, json_t *body);
/* These refuse, and return false, so that a decider can end with them. */
bool draft_refuse(struct draft *draft, int code, const char *reason, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool draft_invalid(struct draft *draft, const struct json_fields *fields);
bool draft_wrong_state(struct draft *draft, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What kind of actor may command a method: permissions.c. */
bool permission_given(struct draft *draft);

/* A decider reads the command's params and adds events, or refuses. The actor's role has already
 * been found fit. */
typedef bool (*decider)(struct draft *draft);
/* An applier changes the state, or returns false for a body that does not fit. */
typedef bool (*applier)(struct meeting *meeting, const struct event *event);

bool decide_meeting_create(struct draft *draft);
bool decide_meeting_update(struct draft *draft);
bool decide_meeting_rehearse(struct draft *draft);
bool decide_meeting_open(struct draft *draft);
bool decide_meeting_pause(struct draft *draft);
bool decide_meeting_resume(struct draft *draft);
bool decide_meeting_close(struct draft *draft);
bool decide_site_join(struct draft *draft);
bool decide_site_leave(struct draft *draft);
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
bool decide_directive_issue(struct draft *draft);
bool decide_directive_amend(struct draft *draft);
bool decide_directive_withdraw(struct draft *draft);
bool decide_minutes_note(struct draft *draft);
bool decide_message_send(struct draft *draft);
bool decide_media_report(struct draft *draft); /* recording.*, bridge.* */

/* Ends every request that lives: holders are released, the queue is cancelled. */
void draft_end_requests(struct draft *draft);
/* Ends the requests of one room: a holder is revoked, the queue's are cancelled. */
void draft_end_site_requests(struct draft *draft, const char *site, const char *why);

bool apply_meeting_created(struct meeting *meeting, const struct event *event);
bool apply_meeting_updated(struct meeting *meeting, const struct event *event);
bool apply_meeting_status(struct meeting *meeting, const struct event *event);
bool apply_site_joined(struct meeting *meeting, const struct event *event);
bool apply_site_left(struct meeting *meeting, const struct event *event);
bool apply_site_muted(struct meeting *meeting, const struct event *event); /* and unmuted */
bool apply_site_removed(struct meeting *meeting, const struct event *event);
bool apply_floor_requested(struct meeting *meeting, const struct event *event);
bool apply_floor_placed(struct meeting *meeting,
                        const struct event *event); /* accepted, deferred, reordered */
bool apply_floor_granted(struct meeting *meeting, const struct event *event);
bool apply_floor_extended(struct meeting *meeting, const struct event *event);
bool apply_floor_ended(struct meeting *meeting, const struct event *event);
bool apply_directive_issued(struct meeting *meeting, const struct event *event);
bool apply_directive_amended(struct meeting *meeting, const struct event *event);
bool apply_directive_withdrawn(struct meeting *meeting, const struct event *event);
bool apply_note_added(struct meeting *meeting, const struct event *event);
bool apply_message_sent(struct meeting *meeting, const struct event *event);
bool apply_media_report(struct meeting *meeting, const struct event *event);

/* Small readers of bodies that this program has written itself: NULL when absent or null. */
const char *body_text(const struct event *event, const char *key);
/* A JSON string, or null for NULL. New reference. */
json_t *json_text_or_null(const char *text);
json_t *json_time_or_null(int64_t utc_us);
