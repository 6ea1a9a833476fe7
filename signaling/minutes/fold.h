/* The minutes' content, gathered from the events of one meeting.
 *
 * Thread: one at a time. */
#pragma once

#include "signaling/meeting/meeting.h"

/* A stretch of the recording: from when a part was recorded, and where it lies. */
struct recorded_part {
    char *path;                     /* "part-001/program.webm" */
    int64_t started_us, stopped_us; /* UTC; stopped 0: to the end */
};

struct minutes_fold {
    json_t *meeting, *attendance, *speeches, *refused, *notes, *directives, *incidents;
    GHashTable *names; /* site -> name; borrowed from `meeting` */
    json_t *pending;
    GArray *parts; /* of struct recorded_part */
    json_t *chair;
    int64_t opened_us, last_us;
    uint64_t events;
    char first_hash[HASH_HEX_SIZE], last_hash[HASH_HEX_SIZE];
};

void minutes_fold_init(struct minutes_fold *fold);
void minutes_fold_clear(struct minutes_fold *fold);
void minutes_fold_event(struct minutes_fold *fold, const struct event *event);
