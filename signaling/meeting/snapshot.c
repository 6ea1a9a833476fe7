#include "signaling/meeting/state.h"

static json_t *site_to_json(const struct site *site)
{
    return json_pack("{s:s, s:s, s:s, s:b, s:b, s:o, s:o}", "id", site->id, "name", site->name,
                     "role", role_name(site->role), "connected", site->session != NULL, "muted",
                     site->is_muted, "first_joined", json_time_or_null(site->first_joined_us),
                     "last_left", json_time_or_null(site->last_left_us));
}

/* `position` 0: none. */
static json_t *request_to_json(const struct floor_request *request, unsigned position)
{
    return json_pack(
        "{s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "request",
        request->id, "site", request->site->id, "speaker", json_text_or_null(request->speaker),
        "title", json_text_or_null(request->title), "kind", request->kind, "item",
        json_text_or_null(request->item), "topic", json_text_or_null(request->topic), "state",
        request_state_name(request->state), "position",
        position > 0 ? json_integer(position) : json_null(), "requested",
        json_time_or_null(request->requested_us), "granted", json_time_or_null(request->granted_us),
        "ended", json_time_or_null(request->ended_us), "seconds",
        request->seconds > 0 ? json_integer(request->seconds) : json_null(), "why",
        json_text_or_null(request->why));
}

/* The first `placed` ones have a position. */
static json_t *requests_to_json(const GPtrArray *requests, unsigned placed)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < requests->len; i++)
        json_array_append_new(list, request_to_json(requests->pdata[i], i < placed ? i + 1 : 0));
    return list;
}

static json_t *meeting_to_json(const struct meeting *meeting)
{
    return json_pack(
        "{s:s, s:s, s:s, s:o, s:i, s:b, s:b, s:o, s:o, s:o, s:o}", "id", meeting->id, "title",
        meeting->title, "state", meeting_status_name(meeting->status), "place",
        json_text_or_null(meeting->place), "floors", meeting->floors, "moderated",
        meeting->is_moderated, "recording", meeting->is_recorded, "delegate",
        json_text_or_null(meeting->delegate != NULL ? meeting->delegate->id : NULL), "created",
        json_time_or_null(meeting->created_us), "opened", json_time_or_null(meeting->opened_us),
        "closed", json_time_or_null(meeting->closed_us));
}

json_t *meeting_snapshot(const struct meeting *meeting)
{
    json_t *sites = json_array();
    for (unsigned i = 0; i < meeting->sites->len; i++)
        json_array_append_new(sites, site_to_json(meeting->sites->pdata[i]));
    json_t *floor = json_pack("{s:o, s:o, s:o}", "queue",
                              requests_to_json(meeting->queue, meeting->accepted_count), "holders",
                              requests_to_json(meeting->holders, 0), "past",
                              requests_to_json(meeting->past, 0));
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "meeting", meeting_to_json(meeting),
        "sites", sites, "floor", floor, "notes", json_deep_copy(meeting->notes), "directives",
        json_deep_copy(meeting->directives), "votes", json_deep_copy(meeting->votes), "rollcalls",
        json_deep_copy(meeting->rollcalls), "agenda", json_deep_copy(meeting->agenda), "incidents",
        json_deep_copy(meeting->incidents));
}
