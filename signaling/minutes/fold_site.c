/* Who came, when they were connected, what they answered at the roll call. */
#include "signaling/minutes/fold.h"

#include "common/clock.h"

#include <string.h>

static json_t *people_of(const json_t *site)
{
    json_t *people = json_object_get(site, "people");
    return people != NULL ? json_deep_copy(people) : json_array();
}

void minutes_attend(struct minutes_fold *fold, const json_t *sites)
{
    size_t index;
    json_t *site;
    json_array_foreach ((json_t *)sites, index, site) {
        json_t *id = json_object_get(site, "id"), *name = json_object_get(site, "name");
        json_t *role = json_object_get(site, "role");
        json_array_append_new(fold->attendance,
                              json_pack("{s:O, s:O, s:O, s:o, s:n, s:n, s:[], s:[], s:f}", "site",
                                        id, "name", name, "role", role, "people", people_of(site),
                                        "answer", "why", "present", "spans", "seconds", 0.0));
        if (json_is_null(fold->chair) && g_strcmp0(json_string_value(role), "chair") == 0)
            fold->chair = json_pack("{s:O, s:O, s:n}", "site", id, "name", name, "person");
    }
}

json_t *minutes_name(const struct minutes_fold *fold, const json_t *site)
{
    const json_t *entry = minutes_find(fold->attendance, "site", json_string_value(site));
    json_t *name = entry != NULL ? json_object_get(entry, "name") : (json_t *)site;
    return name != NULL ? json_incref(name) : json_null();
}

void minutes_roster_changed(struct minutes_fold *fold, const struct event *event)
{
    json_t *entry = minutes_find(fold->attendance, "site", minutes_text(event, "site"));
    if (entry != NULL)
        json_object_set_new(entry, "people", people_of(event->body));
}

/* ---- connected or not ---- */

/* The room is back: what began when its signal was lost has ended. */
static void end_loss(struct minutes_fold *fold, const struct event *event)
{
    size_t index;
    json_t *incident;
    const char *site = minutes_text(event, "site");
    json_array_foreach (fold->incidents, index, incident) {
        if (g_strcmp0(json_string_value(json_object_get(incident, "site")), site) == 0 &&
            json_is_null(json_object_get(incident, "until")))
            json_object_set_new(incident, "until", minutes_time(event->time_us));
    }
}

void minutes_joined(struct minutes_fold *fold, const struct event *event)
{
    const json_t *entry = minutes_find(fold->attendance, "site", minutes_text(event, "site"));
    json_t *spans = json_object_get(entry, "spans");
    if (entry == NULL || minutes_unended(spans, "left") != NULL)
        return;
    json_array_append_new(spans, json_pack("{s:o, s:n, s:n}", "joined",
                                           minutes_time(event->time_us), "left", "reason"));
    end_loss(fold, event);
}

static void leave(struct minutes_fold *fold, const struct event *event, json_t *reason)
{
    const json_t *entry = minutes_find(fold->attendance, "site", minutes_text(event, "site"));
    json_t *span = minutes_unended(json_object_get(entry, "spans"), "left");
    if (span != NULL) {
        json_object_set_new(span, "left", minutes_time(event->time_us));
        json_object_set(span, "reason", reason);
    }
    json_decref(reason);
}

static bool chairs(const struct minutes_fold *fold, const char *site)
{
    const json_t *delegation = minutes_unended(fold->delegations, "until");
    return g_strcmp0(json_string_value(json_object_get(fold->chair, "site")), site) == 0 ||
           g_strcmp0(json_string_value(json_object_get(delegation, "site")), site) == 0;
}

/* A room that loses its line while all listen to it is an incident. */
void minutes_left(struct minutes_fold *fold, const struct event *event)
{
    const char *site = minutes_text(event, "site");
    leave(fold, event, minutes_value(event, "reason"));
    if (g_strcmp0(minutes_text(event, "reason"), "lost") != 0 ||
        (!minutes_has_floor(fold, site) && !chairs(fold, site)))
        return;
    json_t *id = minutes_value(event, "site");
    json_array_append_new(fold->incidents,
                          json_pack("{s:s, s:o, s:o, s:o, s:n}", "type", "holder.lost", "site", id,
                                    "site_name", minutes_name(fold, id), "time",
                                    minutes_time(event->time_us), "until"));
}

void minutes_removed(struct minutes_fold *fold, const struct event *event)
{
    leave(fold, event, json_string("removed"));
}

static int64_t parse(const json_t *time, int64_t otherwise_us)
{
    int64_t utc_us;
    const char *text = json_string_value(time);
    return text != NULL && clock_parse_rfc3339(text, &utc_us) ? utc_us : otherwise_us;
}

/* Only what lies between the meeting's opening and its end counts. */
static double connected_seconds(const struct minutes_fold *fold, const json_t *spans)
{
    int64_t end_us = fold->closed_us != 0 ? fold->closed_us : fold->last_us;
    int64_t sum_us = 0;
    size_t index;
    json_t *span;
    json_array_foreach ((json_t *)spans, index, span) {
        int64_t from_us = MAX(parse(json_object_get(span, "joined"), end_us), fold->opened_us);
        int64_t to_us = MIN(parse(json_object_get(span, "left"), end_us), end_us);
        sum_us += MAX(to_us - from_us, 0);
    }
    return (double)sum_us / 1e6;
}

void minutes_count_attendance(struct minutes_fold *fold)
{
    size_t index;
    json_t *entry;
    if (fold->opened_us == 0)
        return;
    json_array_foreach (fold->attendance, index, entry)
        json_object_set_new(entry, "seconds",
                            json_real(connected_seconds(fold, json_object_get(entry, "spans"))));
}

/* ---- the roll call ---- */

void minutes_rollcall_started(struct minutes_fold *fold, const struct event *event)
{
    size_t index;
    json_t *entry;
    json_array_append_new(fold->rollcalls,
                          json_pack("{s:o, s:o, s:n, s:n}", "rollcall",
                                    minutes_value(event, "rollcall"), "started",
                                    minutes_time(event->time_us), "closed", "counts"));
    json_array_foreach (fold->attendance, index, entry) {
        json_object_set_new(entry, "answer", json_null());
        json_object_set_new(entry, "why", json_null());
    }
}

void minutes_rollcall_answered(struct minutes_fold *fold, const struct event *event)
{
    json_t *entry = minutes_find(fold->attendance, "site", minutes_text(event, "site"));
    if (entry == NULL)
        return;
    json_object_set_new(entry, "answer", minutes_value(event, "answer"));
    json_object_set_new(entry, "why", minutes_value(event, "why"));
    json_t *present = json_object_get(event->body, "present");
    json_object_set_new(entry, "present", present != NULL ? json_incref(present) : json_array());
}

void minutes_rollcall_closed(struct minutes_fold *fold, const struct event *event)
{
    json_t *rollcall = minutes_find(fold->rollcalls, "rollcall", minutes_text(event, "rollcall"));
    if (rollcall == NULL)
        return;
    json_object_set_new(rollcall, "closed", minutes_time(event->time_us));
    json_object_set_new(rollcall, "counts", minutes_value(event, "counts"));
}
