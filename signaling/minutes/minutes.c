#include "signaling/minutes/minutes.h"

#include "common/clock.h"
#include "signaling/minutes/fold.h"

#include <string.h>

/* A speech that goes on when the journal ends (the meeting still runs, or was cut off). */
static void add_running_speeches(struct minutes_fold *fold)
{
    const char *key;
    json_t *request;
    json_object_foreach(fold->pending, key, request)
    {
        if (json_object_get(request, "granted") == NULL)
            continue;
        json_t *speech = json_copy(request);
        json_object_set_new(speech, "ended", json_null());
        json_object_set_new(speech, "how", json_string("running"));
        json_object_set_new(speech, "why", json_null());
        json_object_set_new(speech, "seconds", json_null());
        json_object_set_new(speech, "recording", json_null());
        json_array_append_new(fold->speeches, speech);
    }
}

static void add_missing(json_t *meeting)
{
    static const char *const times[] = {"opened", "closed"};
    int64_t opened_us, closed_us;
    for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
        if (json_object_get(meeting, times[i]) == NULL)
            json_object_set_new(meeting, times[i], json_null());
    }
    const char *opened = json_string_value(json_object_get(meeting, "opened"));
    const char *closed = json_string_value(json_object_get(meeting, "closed"));
    bool is_over = opened != NULL && closed != NULL && clock_parse_rfc3339(opened, &opened_us) &&
                   clock_parse_rfc3339(closed, &closed_us);
    json_object_set_new(meeting, "seconds",
                        is_over ? json_real((double)(closed_us - opened_us) / 1e6) : json_null());
}

static json_t *recordings_to_json(const struct minutes_fold *fold)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < fold->parts->len; i++) {
        const struct recorded_part *part = &g_array_index(fold->parts, struct recorded_part, i);
        char started[CLOCK_RFC3339_SIZE];
        clock_format_rfc3339(part->started_us, started);
        json_array_append_new(list,
                              json_pack("{s:s, s:s}", "path", part->path, "started", started));
    }
    return list;
}

json_t *minutes_to_json(const GPtrArray *events)
{
    struct minutes_fold fold;
    minutes_fold_init(&fold);
    for (unsigned i = 0; i < events->len; i++)
        minutes_fold_event(&fold, events->pdata[i]);
    add_running_speeches(&fold);
    add_missing(fold.meeting);
    json_t *minutes =
        json_pack("{s:O, s:o, s:O, s:O, s:O, s:O, s:O, s:O, s:o, s:{s:I, s:s, s:s}}", "meeting",
                  fold.meeting, "chair", fold.chair != NULL ? json_incref(fold.chair) : json_null(),
                  "attendance", fold.attendance, "speeches", fold.speeches, "not_granted",
                  fold.refused, "notes", fold.notes, "directives", fold.directives, "incidents",
                  fold.incidents, "recordings", recordings_to_json(&fold), "journal", "events",
                  (json_int_t)fold.events, "first", fold.first_hash, "last", fold.last_hash);
    minutes_fold_clear(&fold);
    return minutes;
}

json_t *minutes_directives(const GPtrArray *events)
{
    json_t *minutes = minutes_to_json(events);
    json_t *directives = json_incref(json_object_get(minutes, "directives"));
    json_decref(minutes);
    return directives;
}
