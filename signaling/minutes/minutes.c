#include "signaling/minutes/minutes.h"

#include "signaling/minutes/fold.h"

static json_t *recordings_to_json(const struct minutes_fold *fold)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < fold->parts->len; i++) {
        const struct recorded_part *part = &g_array_index(fold->parts, struct recorded_part, i);
        json_array_append_new(
            list, json_pack("{s:s, s:o, s:o}", "path", part->path, "started",
                            minutes_time(part->started_us), "stopped",
                            part->stopped_us != 0 ? minutes_time(part->stopped_us) : json_null()));
    }
    return list;
}

json_t *minutes_to_json(const GPtrArray *events)
{
    struct minutes_fold fold;
    minutes_fold_init(&fold);
    for (unsigned i = 0; i < events->len; i++)
        minutes_fold_event(&fold, events->pdata[i]);
    minutes_fold_end(&fold);
    json_t *minutes = json_pack(
        "{s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:o,"
        " s:{s:I, s:s, s:s}}",
        "meeting", fold.meeting, "chair", fold.chair, "secretary", fold.secretary, "opinions",
        fold.opinions, "consults", fold.consults, "delegations", fold.delegations, "pauses",
        fold.pauses, "attendance", fold.attendance, "rollcalls", fold.rollcalls, "agenda",
        fold.agenda, "speeches", fold.speeches, "not_granted", fold.not_granted, "votes",
        fold.votes, "notes", fold.notes, "directives", fold.directives, "incidents", fold.incidents,
        "recordings", recordings_to_json(&fold), "journal", "events", (json_int_t)fold.events,
        "first", fold.first_hash, "last", fold.last_hash);
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
