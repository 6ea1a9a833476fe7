/* What falls due by the clock: the server's own commands, each at its time. */
#include "signaling/meeting/state.h"

#include <string.h>

#define ENDING_US (60 * G_USEC_PER_SEC) /* a speaker is told that so much is left */

int64_t floor_ends_us(const struct meeting *meeting, const struct floor_request *request)
{
    bool runs = meeting->status == MEETING_OPEN || meeting->status == MEETING_REHEARSAL;
    if (request->seconds == 0 || !runs)
        return INT64_MAX;
    return request->granted_us + request->paused_us + request->seconds * G_USEC_PER_SEC;
}

static bool due(const char **method, const char *name, json_t **params, json_t *value)
{
    *method = name;
    *params = value;
    return true;
}

static bool holder_due(const struct meeting *meeting, const struct floor_request *request,
                       int64_t now_us, const char **method, json_t **params)
{
    int64_t ends_us = floor_ends_us(meeting, request);
    if (ends_us == INT64_MAX)
        return false;
    if (now_us >= ends_us && (request->warned & WARNED_OVER) == 0)
        return due(method, "floor.warn", params,
                   json_pack("{s:s, s:i}", "request", request->id, "left", 0));
    if (now_us >= ends_us && setting_is_on(meeting, "cut"))
        return due(method, "floor.revoke", params,
                   json_pack("{s:s, s:s}", "request", request->id, "why", "Hết thời gian"));
    if (now_us >= ends_us - ENDING_US && request->warned == 0 &&
        request->seconds * G_USEC_PER_SEC > ENDING_US)
        return due(method, "floor.warn", params,
                   json_pack("{s:s, s:i}", "request", request->id, "left", 60));
    return false;
}

bool meeting_due(const struct meeting *meeting, int64_t now_us, const char **method,
                 json_t **params)
{
    if (meeting->status == MEETING_DRAFT || meeting->status == MEETING_CLOSED)
        return false;
    if (now_us >= succession_due_us(meeting))
        return due(method, "chair.succeed", params, json_object());
    if (now_us >= vote_due_us(meeting))
        return due(method, "vote.close", params,
                   json_pack("{s:s}", "vote", meeting_open_vote(meeting)));
    for (unsigned i = 0; i < meeting->holders->len; i++) {
        if (holder_due(meeting, meeting->holders->pdata[i], now_us, method, params))
            return true;
    }
    return false;
}

bool decide_floor_warn(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "request", JSON_REQUIRED);
    int64_t left = json_fields_integer(&fields, "left", 0, 60, 0, JSON_REQUIRED);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    const struct floor_request *request = meeting_find_request(draft->meeting, id);
    if (request == NULL || request->state != REQUEST_GRANTED)
        return draft_wrong_state(draft, "the request %s is not granted", id);
    draft_event(draft, "floor.warned",
                json_pack("{s:s, s:s, s:I}", "request", id, "site", request->site->id, "left",
                          (json_int_t)left));
    return true;
}

bool apply_floor_warned(struct fold *fold)
{
    struct floor_request *request = fold_request(fold, 1u << REQUEST_GRANTED);
    const struct site *site = fold_site(fold, "site");
    int64_t left = json_fields_integer(&fold->body, "left", 0, 60, 0, JSON_REQUIRED);
    if (!fold_fits(fold))
        return false;
    if (request->site != site)
        return fold_misfit(fold, "site", "is not the request's");
    request->warned |= left > 0 ? WARNED_ENDING : WARNED_ENDING | WARNED_OVER;
    return true;
}
