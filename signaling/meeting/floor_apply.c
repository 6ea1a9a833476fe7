/* Folding the floor's events. The queue holds the accepted requests in their order, then the
 * pending ones; a position is an index into it. */
#include "signaling/meeting/state.h"

#include <string.h>

static struct floor_request *event_request(struct meeting *meeting, const struct event *event)
{
    const char *id = body_text(event, "request");
    return id != NULL ? meeting_find_request(meeting, id) : NULL;
}

static const char *known_kind(const char *kind)
{
    for (size_t i = 0; kind != NULL && floor_kinds[i] != NULL; i++) {
        if (strcmp(floor_kinds[i], kind) == 0)
            return floor_kinds[i];
    }
    return NULL;
}

bool apply_floor_requested(struct meeting *meeting, const struct event *event)
{
    const char *id = body_text(event, "request");
    const char *site = body_text(event, "site");
    const char *kind = known_kind(body_text(event, "kind"));
    if (id == NULL || site == NULL || kind == NULL || meeting_find_site(meeting, site) == NULL ||
        meeting_find_request(meeting, id) != NULL)
        return false;
    struct floor_request *request = g_new0(struct floor_request, 1);
    request->id = g_strdup(id);
    request->site = g_strdup(site);
    request->speaker = g_strdup(body_text(event, "speaker"));
    request->title = g_strdup(body_text(event, "title"));
    request->item = g_strdup(body_text(event, "item"));
    request->topic = g_strdup(body_text(event, "topic"));
    request->kind = kind;
    request->state = REQUEST_PENDING;
    request->requested_us = event->time_us;
    g_hash_table_insert(meeting->requests, request->id, request);
    g_ptr_array_add(meeting->queue, request);
    meeting->request_count++;
    return true;
}

bool apply_floor_placed(struct meeting *meeting, const struct event *event)
{
    struct floor_request *request = event_request(meeting, event);
    json_int_t position = json_integer_value(json_object_get(event->body, "position"));
    bool accepts = strcmp(event->type, "floor.accepted") == 0;
    if (request == NULL || request->state != (accepts ? REQUEST_PENDING : REQUEST_ACCEPTED) ||
        position < 1 || position > floor_accepted_count(meeting) + accepts)
        return false;
    g_ptr_array_remove(meeting->queue, request);
    request->state = REQUEST_ACCEPTED;
    g_ptr_array_insert(meeting->queue, (gint)position - 1, request);
    return true;
}

bool apply_floor_granted(struct meeting *meeting, const struct event *event)
{
    struct floor_request *request = event_request(meeting, event);
    json_int_t seconds = json_integer_value(json_object_get(event->body, "seconds"));
    if (request == NULL || seconds < 0 ||
        (request->state != REQUEST_PENDING && request->state != REQUEST_ACCEPTED))
        return false;
    g_ptr_array_remove(meeting->queue, request);
    g_ptr_array_add(meeting->holders, request);
    request->state = REQUEST_GRANTED;
    request->granted_us = event->time_us;
    request->seconds = seconds;
    return true;
}

bool apply_floor_extended(struct meeting *meeting, const struct event *event)
{
    struct floor_request *request = event_request(meeting, event);
    json_int_t seconds = json_integer_value(json_object_get(event->body, "seconds"));
    if (request == NULL || request->state != REQUEST_GRANTED || seconds < 1)
        return false;
    request->seconds = seconds;
    return true;
}

bool apply_floor_ended(struct meeting *meeting, const struct event *event)
{
    static const struct {
        const char *type;
        enum request_state state;
        bool from_granted;
    } ends[] = {
        {"floor.denied", REQUEST_DENIED, false},
        {"floor.cancelled", REQUEST_CANCELLED, false},
        {"floor.released", REQUEST_RELEASED, true},
        {"floor.revoked", REQUEST_REVOKED, true},
    };
    struct floor_request *request = event_request(meeting, event);
    for (size_t i = 0; request != NULL && i < G_N_ELEMENTS(ends); i++) {
        if (strcmp(ends[i].type, event->type) != 0)
            continue;
        if (request->state > REQUEST_GRANTED ||
            (request->state == REQUEST_GRANTED) != ends[i].from_granted)
            return false;
        g_ptr_array_remove(ends[i].from_granted ? meeting->holders : meeting->queue, request);
        g_ptr_array_add(meeting->past, request);
        request->state = ends[i].state;
        request->ended_us = event->time_us;
        request->why = g_strdup(body_text(event, "why"));
        return true;
    }
    return false;
}
