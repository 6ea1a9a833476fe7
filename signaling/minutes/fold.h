/* The minutes' content, gathered from the events of one meeting. The journal has been checked
 * before; what does not fit all the same is left out.
 *
 * Thread: one at a time. */
#pragma once

#include "signaling/meeting/meeting.h"

/* A part of the recording. */
struct recorded_part {
    char *path;         /* "part-001/program.webm" */
    int64_t started_us; /* UTC */
    int64_t stopped_us; /* 0: it runs on */
};

struct minutes_fold {
    /* As in minutes.h. */
    json_t *meeting, *chair, *delegations, *pauses, *attendance, *rollcalls, *agenda, *speeches,
        *not_granted, *votes, *notes, *directives, *incidents, *secretary, *opinions, *consults;
    bool in_rehearsal;                     /* nothing of it belongs to the minutes */
    json_t *requests;                      /* that live: id -> request */
    GArray *parts;                         /* of struct recorded_part */
    int64_t opened_us, closed_us, last_us; /* 0: not yet */
    uint64_t events;
    char first_hash[HASH_HEX_SIZE], last_hash[HASH_HEX_SIZE];
};

void minutes_fold_init(struct minutes_fold *fold);
void minutes_fold_clear(struct minutes_fold *fold);
void minutes_fold_event(struct minutes_fold *fold, const struct event *event);
/* After the last event: what has not ended. */
void minutes_fold_end(struct minutes_fold *fold);

/* ---- between the fold's files ---- */

typedef void minutes_take(struct minutes_fold *fold, const struct event *event);
/* fold_site.c */
minutes_take minutes_joined, minutes_left, minutes_removed, minutes_rollcall_started,
    minutes_rollcall_answered, minutes_rollcall_closed, minutes_roster_changed;
void minutes_attend(struct minutes_fold *fold, const json_t *sites);
void minutes_count_attendance(struct minutes_fold *fold);
/* Of a room; the id itself when it is none ("bo-tai-chinh" leads a directive). A new reference. */
json_t *minutes_name(const struct minutes_fold *fold, const json_t *site);
/* fold_floor.c */
minutes_take minutes_requested, minutes_granted, minutes_extended, minutes_ended,
    minutes_recording_started, minutes_recording_stopped;
bool minutes_has_floor(const struct minutes_fold *fold, const char *site);
void minutes_end_with_meeting(struct minutes_fold *fold, const struct event *event);
void minutes_running_speeches(struct minutes_fold *fold);
/* Where a moment lies in the recording. */
json_t *minutes_moment(const struct minutes_fold *fold, int64_t time_us);
/* fold_matter.c */
minutes_take minutes_note, minutes_directive_issued, minutes_directive_amended,
    minutes_directive_withdrawn, minutes_agenda_changed, minutes_agenda_advanced,
    minutes_vote_opened, minutes_vote_closed, minutes_opinion, minutes_consult_opened,
    minutes_consult_closed;
/* A whole agenda takes the place of the one before. */
void minutes_set_agenda(struct minutes_fold *fold, const json_t *items);

const char *minutes_text(const struct event *event, const char *key);
json_t *minutes_time(int64_t utc_us);
json_t *minutes_value(const struct event *event, const char *key); /* or null; a new reference */
/* The last entry of a list whose `key` is null, that is, has not ended; NULL: none. */
json_t *minutes_unended(const json_t *list, const char *key);
/* The entry of a list whose `key` is `value`; NULL: none. */
json_t *minutes_find(const json_t *list, const char *key, const char *value);
