/* Who asked for the floor, who had it and when, and where that lies in the recording. */
#include "signaling/minutes/fold.h"

#include "common/clock.h"

#include <string.h>

/* ---- the recording ---- */

void minutes_recording_stopped(struct minutes_fold *fold, const struct event *event)
{
    if (fold->parts->len == 0)
        return;
    struct recorded_part *last =
        &g_array_index(fold->parts, struct recorded_part, fold->parts->len - 1);
    if (last->stopped_us == 0)
        last->stopped_us = event->time_us;
}

void minutes_recording_started(struct minutes_fold *fold, const struct event *event)
{
    struct recorded_part part = {g_strdup(minutes_text(event, "path")), event->time_us, 0};
    minutes_recording_stopped(fold, event);
    if (part.path != NULL)
        g_array_append_val(fold->parts, part);
}

static json_t *stretch(const struct recorded_part *part, int64_t from_us, json_t *end_seconds)
{
    return json_pack("{s:s, s:f, s:o}", "path", part->path, "start_seconds",
                     (double)(from_us - part->started_us) / 1e6, "end_seconds", end_seconds);
}

json_t *minutes_moment(const struct minutes_fold *fold, int64_t time_us)
{
    json_t *found = json_array();
    for (unsigned i = 0; i < fold->parts->len; i++) {
        const struct recorded_part *part = &g_array_index(fold->parts, struct recorded_part, i);
        if (part->started_us <= time_us && (part->stopped_us == 0 || time_us < part->stopped_us))
            json_array_append_new(found, stretch(part, time_us, json_null()));
    }
    return found;
}

/* `to_us` INT64_MAX: it has not ended. */
static json_t *stretches(const struct minutes_fold *fold, int64_t from_us, int64_t to_us)
{
    json_t *found = json_array();
    for (unsigned i = 0; i < fold->parts->len; i++) {
        const struct recorded_part *part = &g_array_index(fold->parts, struct recorded_part, i);
        int64_t begin_us = MAX(from_us, part->started_us);
        int64_t end_us = MIN(to_us, part->stopped_us != 0 ? part->stopped_us : INT64_MAX);
        if (begin_us < end_us)
            json_array_append_new(
                found, stretch(part, begin_us,
                               end_us == INT64_MAX
                                   ? json_null()
                                   : json_real((double)(end_us - part->started_us) / 1e6)));
    }
    return found;
}

/* ---- requests ---- */

void minutes_requested(struct minutes_fold *fold, const struct event *event)
{
    static const char *const keys[] = {"request", "site", "speaker", "title",
                                       "kind",    "item", "topic",   "answers"};
    const char *id = minutes_text(event, "request");
    if (id == NULL)
        return;
    json_t *request = json_object();
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        json_object_set_new(request, keys[i], minutes_value(event, keys[i]));
    const json_t *item = minutes_find(fold->agenda, "id", minutes_text(event, "item"));
    json_t *item_title = json_object_get(item, "title");
    json_object_set_new(request, "item_title",
                        item_title != NULL ? json_incref(item_title) : json_null());
    json_object_set_new(request, "site_name", minutes_name(fold, json_object_get(request, "site")));
    json_object_set_new(request, "requested", minutes_time(event->time_us));
    json_object_set_new(fold->requests, id, request);
}

static json_t *find_request(const struct minutes_fold *fold, const struct event *event)
{
    const char *id = minutes_text(event, "request");
    return id != NULL ? json_object_get(fold->requests, id) : NULL;
}

void minutes_granted(struct minutes_fold *fold, const struct event *event)
{
    json_t *request = find_request(fold, event);
    if (request == NULL)
        return;
    json_object_set_new(request, "granted", minutes_time(event->time_us));
    json_object_set_new(request, "allowed_seconds", minutes_value(event, "seconds"));
}

void minutes_extended(struct minutes_fold *fold, const struct event *event)
{
    json_t *request = find_request(fold, event);
    if (request != NULL)
        json_object_set_new(request, "allowed_seconds", minutes_value(event, "seconds"));
}

static bool is_granted(const json_t *request)
{
    return json_is_string(json_object_get(request, "granted"));
}

bool minutes_has_floor(const struct minutes_fold *fold, const char *site)
{
    const char *key;
    json_t *request;
    json_object_foreach (fold->requests, key, request) {
        if (is_granted(request) &&
            g_strcmp0(json_string_value(json_object_get(request, "site")), site) == 0)
            return true;
    }
    return false;
}

static int64_t granted_us(const json_t *request)
{
    int64_t time_us = 0;
    clock_parse_rfc3339(json_string_value(json_object_get(request, "granted")), &time_us);
    return time_us;
}

void minutes_ended(struct minutes_fold *fold, const struct event *event)
{
    json_t *request = find_request(fold, event);
    if (request == NULL)
        return;
    json_object_set_new(request, "ended", minutes_time(event->time_us));
    json_object_set_new(request, "how", json_string(event->type + strlen("floor.")));
    json_object_set_new(request, "why", minutes_value(event, "why"));
    if (is_granted(request)) {
        int64_t since_us = granted_us(request);
        json_object_set_new(request, "seconds",
                            json_real((double)(event->time_us - since_us) / 1e6));
        json_object_set_new(request, "recordings", stretches(fold, since_us, event->time_us));
        json_array_append(fold->speeches, request);
    } else {
        json_array_append(fold->not_granted, request);
    }
    json_object_del(fold->requests, minutes_text(event, "request"));
}

/* The core ends what is left in the same command, and so at the same time, as it closes. */
static void mark_closed(const json_t *requests, const char *closed)
{
    for (size_t i = json_array_size(requests); i > 0; i--) {
        json_t *request = json_array_get(requests, i - 1);
        if (g_strcmp0(json_string_value(json_object_get(request, "ended")), closed) != 0)
            return;
        json_object_set_new(request, "how", json_string("closed"));
    }
}

void minutes_end_with_meeting(struct minutes_fold *fold, const struct event *event)
{
    char closed[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(event->time_us, closed);
    mark_closed(fold->speeches, closed);
    mark_closed(fold->not_granted, closed);
}

void minutes_running_speeches(struct minutes_fold *fold)
{
    const char *key;
    json_t *request;
    json_object_foreach (fold->requests, key, request) {
        if (!is_granted(request))
            continue;
        json_object_set_new(request, "ended", json_null());
        json_object_set_new(request, "how", json_string("running"));
        json_object_set_new(request, "why", json_null());
        json_object_set_new(request, "seconds", json_null());
        json_object_set_new(request, "recordings", stretches(fold, granted_us(request), INT64_MAX));
        json_array_append(fold->speeches, request);
    }
}
