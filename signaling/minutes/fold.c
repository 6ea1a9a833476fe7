#include "signaling/minutes/fold.h"

#include "common/clock.h"

#include <string.h>

static void part_clear(void *data)
{
    g_free(((struct recorded_part *)data)->path);
}

void minutes_fold_init(struct minutes_fold *fold)
{
    memset(fold, 0, sizeof *fold);
    fold->meeting = json_object();
    fold->attendance = json_array();
    fold->speeches = json_array();
    fold->refused = json_array();
    fold->notes = json_array();
    fold->directives = json_array();
    fold->incidents = json_array();
    fold->pending = json_object();
    fold->names = g_hash_table_new(g_str_hash, g_str_equal);
    fold->parts = g_array_new(FALSE, FALSE, sizeof(struct recorded_part));
    g_array_set_clear_func(fold->parts, part_clear);
}

void minutes_fold_clear(struct minutes_fold *fold)
{
    json_decref(fold->meeting);
    json_decref(fold->attendance);
    json_decref(fold->speeches);
    json_decref(fold->refused);
    json_decref(fold->notes);
    json_decref(fold->directives);
    json_decref(fold->incidents);
    json_decref(fold->pending);
    json_decref(fold->chair);
    g_hash_table_unref(fold->names);
    g_array_unref(fold->parts);
}

static const char *text_of(const struct event *event, const char *key)
{
    return json_string_value(json_object_get(event->body, key));
}

static json_t *time_of(int64_t utc_us)
{
    char text[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(utc_us, text);
    return json_string(text);
}

/* ---- the meeting and who came ---- */

static void take_created(struct minutes_fold *fold, const struct event *event)
{
    static const char *const copied[] = {"title", "place"};
    size_t index;
    json_t *site;
    json_object_set_new(fold->meeting, "id", json_string(event->meeting));
    for (size_t i = 0; i < G_N_ELEMENTS(copied); i++) {
        json_t *value = json_object_get(event->body, copied[i]);
        json_object_set(fold->meeting, copied[i], value != NULL ? value : json_null());
    }
    json_array_foreach(json_object_get(event->body, "sites"), index, site)
    {
        json_t *id = json_object_get(site, "id"), *name = json_object_get(site, "name");
        json_t *role = json_object_get(site, "role");
        json_array_append_new(fold->attendance,
                              json_pack("{s:O, s:O, s:O, s:[], s:i}", "site", id, "name", name,
                                        "role", role, "spans", "seconds", 0));
        g_hash_table_insert(fold->names, (char *)json_string_value(id),
                            (char *)json_string_value(name));
        if (g_strcmp0(json_string_value(role), "chair") == 0 && fold->chair == NULL)
            fold->chair = json_pack("{s:O, s:O}", "site", id, "name", name);
    }
}

static json_t *find_attendance(struct minutes_fold *fold, const char *site)
{
    size_t index;
    json_t *entry;
    json_array_foreach(fold->attendance, index, entry)
    {
        if (g_strcmp0(json_string_value(json_object_get(entry, "site")), site) == 0)
            return entry;
    }
    return NULL;
}

/* The span that has a beginning and no end yet. */
static json_t *open_span(const json_t *entry)
{
    json_t *spans = json_object_get(entry, "spans");
    json_t *last = json_array_get(spans, json_array_size(spans) - 1);
    return last != NULL && json_is_null(json_object_get(last, "left")) ? last : NULL;
}

static void close_span(json_t *entry, int64_t time_us, const char *reason)
{
    json_t *span = open_span(entry);
    int64_t joined_us = time_us;
    if (span == NULL)
        return;
    clock_parse_rfc3339(json_string_value(json_object_get(span, "joined")), &joined_us);
    json_object_set_new(span, "left", time_of(time_us));
    json_object_set_new(span, "reason", reason != NULL ? json_string(reason) : json_null());
    json_int_t seconds = json_integer_value(json_object_get(entry, "seconds"));
    json_object_set_new(entry, "seconds",
                        json_integer(seconds + MAX(0, time_us - joined_us) / 1000000));
}

static void take_joined(struct minutes_fold *fold, const struct event *event)
{
    json_t *entry = find_attendance(fold, text_of(event, "site"));
    if (entry != NULL && open_span(entry) == NULL)
        json_array_append_new(
            json_object_get(entry, "spans"),
            json_pack("{s:o, s:n, s:n}", "joined", time_of(event->time_us), "left", "reason"));
}

/* A room that loses its line while it has the floor is an incident. */
static void take_left(struct minutes_fold *fold, const struct event *event)
{
    const char *site = text_of(event, "site"), *reason = text_of(event, "reason");
    json_t *entry = find_attendance(fold, site);
    const char *key;
    json_t *request;
    if (entry == NULL)
        return;
    close_span(entry, event->time_us, reason);
    if (g_strcmp0(reason, "lost") != 0)
        return;
    json_object_foreach(fold->pending, key, request)
    {
        if (json_object_get(request, "granted") != NULL &&
            g_strcmp0(json_string_value(json_object_get(request, "site")), site) == 0)
            json_array_append_new(fold->incidents,
                                  json_pack("{s:s, s:s, s:o}", "type", "holder.lost", "site", site,
                                            "time", time_of(event->time_us)));
    }
}

/* ---- speeches ---- */

static void take_requested(struct minutes_fold *fold, const struct event *event)
{
    const char *site = text_of(event, "site"), *id = text_of(event, "request");
    if (site == NULL || id == NULL)
        return;
    const char *name = g_hash_table_lookup(fold->names, site);
    json_t *request = json_copy(event->body);
    json_object_set_new(request, "site_name", json_string(name != NULL ? name : site));
    json_object_set_new(request, "requested", time_of(event->time_us));
    json_object_set_new(fold->pending, id, request);
}

static const struct recorded_part *part_at(const struct minutes_fold *fold, int64_t time_us)
{
    for (unsigned i = fold->parts->len; i > 0; i--) {
        const struct recorded_part *part = &g_array_index(fold->parts, struct recorded_part, i - 1);
        if (part->started_us <= time_us)
            return part->stopped_us == 0 || time_us < part->stopped_us ? part : NULL;
    }
    return NULL;
}

/* Where a stretch of time lies in the recording; null when it was not recorded. */
static json_t *recording_of(const struct minutes_fold *fold, int64_t from_us, int64_t to_us)
{
    const struct recorded_part *part = part_at(fold, from_us);
    if (part == NULL)
        return json_null();
    return json_pack("{s:s, s:f, s:f}", "path", part->path, "start_seconds",
                     (double)(from_us - part->started_us) / 1e6, "end_seconds",
                     (double)(to_us - part->started_us) / 1e6);
}

static void end_speech(struct minutes_fold *fold, json_t *request, int64_t time_us, const char *how,
                       const char *why)
{
    int64_t granted_us = time_us;
    clock_parse_rfc3339(json_string_value(json_object_get(request, "granted")), &granted_us);
    json_object_set_new(request, "ended", time_of(time_us));
    json_object_set_new(request, "how", json_string(how));
    json_object_set_new(request, "why", why != NULL ? json_string(why) : json_null());
    json_object_set_new(request, "seconds", json_real((double)(time_us - granted_us) / 1e6));
    json_object_set_new(request, "recording", recording_of(fold, granted_us, time_us));
    json_array_append(fold->speeches, request);
}

static void take_ended(struct minutes_fold *fold, const struct event *event)
{
    const char *id = text_of(event, "request");
    json_t *request = id != NULL ? json_object_get(fold->pending, id) : NULL;
    const char *how = event->type + strlen("floor.");
    if (request == NULL)
        return;
    if (json_object_get(request, "granted") != NULL) {
        end_speech(fold, request, event->time_us, how, text_of(event, "why"));
    } else {
        const char *why = text_of(event, "why");
        json_object_set_new(request, "ended", time_of(event->time_us));
        json_object_set_new(request, "how", json_string(how));
        json_object_set_new(request, "why", why != NULL ? json_string(why) : json_null());
        json_array_append(fold->refused, request);
    }
    json_object_del(fold->pending, id);
}

static void take_granted(struct minutes_fold *fold, const struct event *event)
{
    const char *id = text_of(event, "request");
    json_t *request = id != NULL ? json_object_get(fold->pending, id) : NULL;
    if (request == NULL)
        return;
    json_object_set_new(request, "granted", time_of(event->time_us));
    json_object_set(request, "allowed_seconds", json_object_get(event->body, "seconds"));
}

/* ---- what was said for the record ---- */

static void take_note(struct minutes_fold *fold, const struct event *event)
{
    json_t *note = json_copy(event->body);
    json_object_set_new(note, "time", time_of(event->time_us));
    json_object_set(note, "by", event->actor);
    json_object_set_new(note, "recording", recording_of(fold, event->time_us, event->time_us));
    json_array_append_new(fold->notes, note);
}

static json_t *find_directive(struct minutes_fold *fold, const char *id)
{
    size_t index;
    json_t *entry;
    json_array_foreach(fold->directives, index, entry)
    {
        if (g_strcmp0(json_string_value(json_object_get(entry, "directive")), id) == 0)
            return entry;
    }
    return NULL;
}

static void name_lead(struct minutes_fold *fold, json_t *directive)
{
    const char *lead = json_string_value(json_object_get(directive, "lead"));
    const char *name = lead != NULL ? g_hash_table_lookup(fold->names, lead) : NULL;
    json_object_set_new(directive, "lead_name",
                        lead != NULL ? json_string(name != NULL ? name : lead) : json_null());
}

static void take_directive(struct minutes_fold *fold, const struct event *event)
{
    json_t *directive = json_copy(event->body);
    json_object_set_new(directive, "state", json_string("issued"));
    json_object_set_new(directive, "time", time_of(event->time_us));
    json_object_set(directive, "by", event->actor);
    json_object_set_new(directive, "recording", recording_of(fold, event->time_us, event->time_us));
    name_lead(fold, directive);
    json_array_append_new(fold->directives, directive);
}

static void take_directive_change(struct minutes_fold *fold, const struct event *event)
{
    json_t *directive = find_directive(fold, text_of(event, "directive"));
    if (directive == NULL)
        return;
    json_object_update(directive, event->body);
    if (strcmp(event->type, "directive.withdrawn") == 0)
        json_object_set_new(directive, "state", json_string("withdrawn"));
    name_lead(fold, directive);
}

/* ---- the meeting's course ---- */

static void take_lifecycle(struct minutes_fold *fold, const struct event *event)
{
    const char *what = event->type + strlen("meeting.");
    size_t index;
    json_t *entry;
    if (strcmp(what, "updated") == 0) {
        json_object_update_existing(fold->meeting, event->body);
        return;
    }
    json_object_set_new(fold->meeting, what, time_of(event->time_us));
    if (strcmp(what, "opened") == 0) {
        /* What was said in the rehearsal is no part of the meeting. */
        fold->opened_us = event->time_us;
        json_array_clear(fold->speeches);
        json_array_clear(fold->refused);
        json_array_clear(fold->notes);
    } else if (strcmp(what, "closed") == 0) {
        json_array_foreach(fold->attendance, index, entry)
            close_span(entry, event->time_us, "closed");
    }
}

static void take_recording(struct minutes_fold *fold, const struct event *event)
{
    if (strcmp(event->type, "recording.started") == 0 && text_of(event, "path") != NULL) {
        struct recorded_part part = {g_strdup(text_of(event, "path")), event->time_us, 0};
        g_array_append_val(fold->parts, part);
    } else if (fold->parts->len > 0) {
        g_array_index(fold->parts, struct recorded_part, fold->parts->len - 1).stopped_us =
            event->time_us;
    }
}

static void take_incident(struct minutes_fold *fold, const struct event *event)
{
    json_array_append_new(fold->incidents, json_pack("{s:s, s:o}", "type", event->type, "time",
                                                     time_of(event->time_us)));
    if (strcmp(event->type, "bridge.lost") == 0)
        take_recording(fold, event);
}

static const struct {
    const char *prefix;
    void (*take)(struct minutes_fold *fold, const struct event *event);
} takers[] = {
    {"meeting.created", take_created},
    {"meeting.", take_lifecycle},
    {"site.joined", take_joined},
    {"site.left", take_left},
    {"floor.requested", take_requested},
    {"floor.granted", take_granted},
    {"floor.released", take_ended},
    {"floor.revoked", take_ended},
    {"floor.denied", take_ended},
    {"floor.cancelled", take_ended},
    {"note.added", take_note},
    {"directive.issued", take_directive},
    {"directive.", take_directive_change},
    {"recording.", take_recording},
    {"bridge.", take_incident},
};

void minutes_fold_event(struct minutes_fold *fold, const struct event *event)
{
    if (fold->events++ == 0)
        g_strlcpy(fold->first_hash, event->hash, sizeof fold->first_hash);
    g_strlcpy(fold->last_hash, event->hash, sizeof fold->last_hash);
    fold->last_us = event->time_us;
    for (size_t i = 0; i < G_N_ELEMENTS(takers); i++) {
        if (g_str_has_prefix(event->type, takers[i].prefix)) {
            takers[i].take(fold, event);
            return;
        }
    }
}
