#include "signaling/meeting/state.h"

/* Exact to the microsecond, so that a page that goes on counting comes to the same. */
static double seconds(int64_t us)
{
    return (double)us / G_USEC_PER_SEC;
}

static json_t *site_to_json(const struct site *site)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:b, s:b, s:b, s:o, s:o, s:O, s:s, s:i, s:f}", "id",
                     site->id, "name", site->name, "role", role_name(site->role), "code",
                     json_text_or_null(site->code), "group", json_text_or_null(site->group),
                     "connected", site->session != NULL, "admitted", site->is_admitted, "muted",
                     site->is_muted, "first_joined", json_time_or_null(site->first_joined_us),
                     "last_left", json_time_or_null(site->last_left_us), "people", site->people,
                     "invitation", site->invitation, "speeches", (int)site->speeches,
                     "spoken_seconds", seconds(site->spoken_us));
}

static json_t *number_or_null(int64_t number)
{
    return number > 0 ? json_integer(number) : json_null();
}

/* `position` 0: none. */
static json_t *request_to_json(const struct meeting *meeting, const struct floor_request *request,
                               unsigned position)
{
    int64_t ends_us = request->state == REQUEST_GRANTED ? floor_ends_us(meeting, request) : 0;
    json_t *entry = json_pack(
        "{s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:f, s:o, s:b, "
        "s:o}",
        "request", request->id, "site", request->site->id, "speaker",
        json_text_or_null(request->speaker), "title", json_text_or_null(request->title), "kind",
        request->kind, "item", json_text_or_null(request->item), "topic",
        json_text_or_null(request->topic), "state", request_state_name(request->state), "position",
        number_or_null(position), "requested", json_time_or_null(request->requested_us), "granted",
        json_time_or_null(request->granted_us), "ended", json_time_or_null(request->ended_us),
        "seconds", number_or_null(request->seconds), "ends",
        json_time_or_null(ends_us == INT64_MAX ? 0 : ends_us), "paused_seconds",
        seconds(request->paused_us), "answers", json_text_or_null(request->answers), "prepared",
        request->is_prepared, "why", json_text_or_null(request->why));
    if (request->is_rehearsal)
        json_object_set_new(entry, "rehearsal", json_true());
    return entry;
}

/* Of what is over only the newest: a snapshot must not grow with the meeting's age. The journal has
 * all of it. */
#define PAST_SHOWN 200

static json_t *past_to_json(const struct meeting *meeting)
{
    const GPtrArray *past = meeting->past;
    json_t *list = json_array();
    for (unsigned i = past->len > PAST_SHOWN ? past->len - PAST_SHOWN : 0; i < past->len; i++)
        json_array_append_new(list, request_to_json(meeting, past->pdata[i], 0));
    return list;
}

/* The first `placed` ones have a position. */
static json_t *requests_to_json(const struct meeting *meeting, const GPtrArray *requests,
                                unsigned placed)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < requests->len; i++)
        json_array_append_new(list,
                              request_to_json(meeting, requests->pdata[i], i < placed ? i + 1 : 0));
    return list;
}

static json_t *id_or_null(const struct site *site)
{
    return json_text_or_null(site != NULL ? site->id : NULL);
}

/* Who stands in for a lost chair: a room, the role secretary, or nobody. */
static json_t *acting_to_json(const struct meeting *meeting)
{
    return meeting->secretary_acts ? json_pack("{s:n, s:s}", "site", "role", "secretary")
           : meeting->acting != NULL
               ? json_pack("{s:s, s:s}", "site", meeting->acting->id, "role", "site")
               : json_null();
}

static json_t *meeting_to_json(const struct meeting *meeting)
{
    json_t *entry = json_pack(
        "{s:s, s:s, s:b, s:b, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "id", meeting->id, "state",
        meeting_status_name(meeting->status), "recording", meeting->is_recorded, "declared",
        meeting->is_declared, "delegate", id_or_null(meeting->delegate), "acting",
        acting_to_json(meeting), "queue_with_secretary", !meeting->chair_has_queue, "consult",
        meeting->consult != NULL ? json_deep_copy(meeting->consult) : json_null(), "created",
        json_time_or_null(meeting->created_us), "opened", json_time_or_null(meeting->opened_us),
        "paused", json_time_or_null(meeting->paused_us), "closed",
        json_time_or_null(meeting->closed_us));
    json_t *settings = json_deep_copy(meeting->settings);
    json_object_update(entry, settings);
    json_decref(settings);
    return entry;
}

/* Who speaks next and who prepares. */
static json_t *next_to_json(const struct meeting *meeting)
{
    json_t *next = json_array();
    for (unsigned i = 0; i < MIN(2, meeting->accepted_count); i++) {
        const struct floor_request *request = meeting->queue->pdata[i];
        json_array_append_new(next, json_string(request->id));
    }
    return next;
}

json_t *meeting_snapshot(const struct meeting *meeting)
{
    json_t *sites = json_array();
    for (unsigned i = 0; i < meeting->sites->len; i++)
        json_array_append_new(sites, site_to_json(meeting->sites->pdata[i]));
    json_t *floor =
        json_pack("{s:o, s:o, s:o, s:i, s:o}", "queue",
                  requests_to_json(meeting, meeting->queue, meeting->accepted_count), "holders",
                  requests_to_json(meeting, meeting->holders, 0), "past", past_to_json(meeting),
                  "past_count", (int)meeting->past->len, "next", next_to_json(meeting));
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:O}", "meeting",
                     meeting_to_json(meeting), "sites", sites, "floor", floor, "notes",
                     json_deep_copy(meeting->notes), "directives",
                     json_deep_copy(meeting->directives), "votes", json_deep_copy(meeting->votes),
                     "rollcalls", json_deep_copy(meeting->rollcalls), "agenda",
                     json_deep_copy(meeting->agenda), "opinions", json_deep_copy(meeting->opinions),
                     "papers", json_deep_copy(meeting->papers), "incidents",
                     json_deep_copy(meeting->incidents), "layout", meeting->layout);
}
