/* Folding the floor's events. The queue holds the accepted requests in their order, then the
 * pending ones; a position is an index into it. A request is in exactly one of queue, holders and
 * past. */
#include "signaling/meeting/state.h"

#include <string.h>

#define PENDING  (1u << REQUEST_PENDING)
#define ACCEPTED (1u << REQUEST_ACCEPTED)
#define GRANTED  (1u << REQUEST_GRANTED)

static bool is_floor_open(const struct fold *fold)
{
    enum meeting_status status = fold->meeting->status;
    return status == MEETING_OPEN || status == MEETING_REHEARSAL;
}

bool apply_floor_requested(struct fold *fold)
{
    struct meeting *meeting = fold->meeting;
    const char *id = fold_new_id(fold, "request", 'r', meeting->request_count);
    struct site *site = fold_site(fold, "site");
    const char *speaker = fold_text(fold, "speaker", NAME_MAX_CHARS, JSON_OPTIONAL);
    const char *title = fold_text(fold, "title", NAME_MAX_CHARS, JSON_OPTIONAL);
    int kind = json_fields_choice(&fold->body, "kind", floor_kinds, 0, JSON_REQUIRED);
    const char *item = json_fields_slug(&fold->body, "item", JSON_OPTIONAL);
    const char *topic = fold_text(fold, "topic", TOPIC_MAX, JSON_OPTIONAL);
    const char *answers = json_fields_slug(&fold->body, "answers", JSON_OPTIONAL);
    if (!fold_fits(fold))
        return false;
    if (!is_floor_open(fold))
        return fold_misfit(fold, "request", "comes while nobody may ask");
    struct floor_request *request = g_new0(struct floor_request, 1);
    request->id = g_strdup(id);
    request->site = site;
    request->speaker = g_strdup(speaker);
    request->title = g_strdup(title);
    request->item = g_strdup(item);
    request->topic = g_strdup(topic);
    request->answers = g_strdup(answers);
    request->is_rehearsal = meeting->status == MEETING_REHEARSAL;
    request->kind = floor_kinds[kind];
    request->state = REQUEST_PENDING;
    request->requested_us = fold->event->time_us;
    g_hash_table_insert(meeting->requests, request->id, request);
    g_ptr_array_add(meeting->queue, request);
    meeting->request_count++;
    site->live_requests++;
    return true;
}

bool apply_floor_placed(struct fold *fold)
{
    struct meeting *meeting = fold->meeting;
    bool accepts = strcmp(fold->event->type, "floor.accepted") == 0;
    struct floor_request *request = fold_request(fold, accepts ? PENDING : ACCEPTED);
    int64_t last = (int64_t)meeting->accepted_count + accepts;
    int64_t position = json_fields_integer(&fold->body, "position", 1, last, 0, JSON_REQUIRED);
    if (!fold_fits(fold))
        return false;
    g_ptr_array_remove(meeting->queue, request);
    g_ptr_array_insert(meeting->queue, (gint)position - 1, request);
    request->state = REQUEST_ACCEPTED;
    meeting->accepted_count += accepts;
    return true;
}

/* Out of the queue: to the holders or to the past. */
static void leave_queue(struct meeting *meeting, struct floor_request *request)
{
    meeting->accepted_count -= request->state == REQUEST_ACCEPTED;
    g_ptr_array_remove(meeting->queue, request);
}

bool apply_floor_granted(struct fold *fold)
{
    struct meeting *meeting = fold->meeting;
    struct floor_request *request = fold_request(fold, PENDING | ACCEPTED);
    struct site *site = fold_site(fold, "site");
    int64_t seconds =
        json_fields_integer(&fold->body, "seconds", SECONDS_LEAST, SECONDS_MOST, 0, JSON_OPTIONAL);
    if (!fold_fits(fold))
        return false;
    if (request->site != site)
        return fold_misfit(fold, "site", "is not the request's");
    if (site->has_floor)
        return fold_misfit(fold, "site", "has the floor already");
    if (!is_floor_open(fold) || meeting->holders->len >= setting_number(meeting, "floors"))
        return fold_misfit(fold, "request", "is granted while no floor is free");
    leave_queue(meeting, request);
    g_ptr_array_add(meeting->holders, request);
    request->state = REQUEST_GRANTED;
    request->granted_us = fold->event->time_us;
    request->seconds = seconds;
    site->has_floor = true;
    return true;
}

bool apply_floor_extended(struct fold *fold)
{
    struct floor_request *request = fold_request(fold, GRANTED);
    int64_t seconds =
        json_fields_integer(&fold->body, "seconds", SECONDS_LEAST, SECONDS_MOST, 0, JSON_REQUIRED);
    if (!fold_fits(fold))
        return false;
    if (request->seconds == 0 || seconds <= request->seconds)
        return fold_misfit(fold, "seconds", "is no extension");
    request->seconds = seconds;
    request->warned = 0;
    return true;
}

bool apply_floor_prepared(struct fold *fold)
{
    struct floor_request *request = fold_request(fold, ACCEPTED);
    const struct site *site = fold_site(fold, "site");
    if (!fold_fits(fold))
        return false;
    if (request->site != site)
        return fold_misfit(fold, "site", "is not the request's");
    request->is_prepared = true;
    return true;
}

/* What a speech took of its room's share. */
static void count_speech(const struct meeting *meeting, const struct floor_request *request,
                         int64_t time_us)
{
    int64_t paused_us = request->paused_us;
    if (meeting->status == MEETING_PAUSED)
        paused_us += time_us - MAX(meeting->paused_us, request->granted_us);
    request->site->speeches++;
    request->site->spoken_us += time_us - request->granted_us - paused_us;
}

static bool end_request(struct fold *fold, unsigned from, enum request_state state, bool has_why)
{
    struct meeting *meeting = fold->meeting;
    struct floor_request *request = fold_request(fold, from);
    struct site *site = fold_site(fold, "site");
    const char *why = has_why ? fold_text(fold, "why", WHY_MAX, JSON_OPTIONAL) : NULL;
    if (!fold_fits(fold))
        return false;
    if (request->site != site)
        return fold_misfit(fold, "site", "is not the request's");
    if (request->state == REQUEST_GRANTED) {
        count_speech(meeting, request, fold->event->time_us);
        g_ptr_array_remove(meeting->holders, request);
        site->has_floor = false;
    } else {
        leave_queue(meeting, request);
    }
    g_ptr_array_add(meeting->past, request);
    site->live_requests--;
    request->state = state;
    request->ended_us = fold->event->time_us;
    request->why = g_strdup(why);
    return true;
}

bool apply_floor_denied(struct fold *fold)
{
    return end_request(fold, PENDING | ACCEPTED, REQUEST_DENIED, true);
}

bool apply_floor_cancelled(struct fold *fold)
{
    return end_request(fold, PENDING | ACCEPTED, REQUEST_CANCELLED, false);
}

bool apply_floor_released(struct fold *fold)
{
    return end_request(fold, GRANTED, REQUEST_RELEASED, false);
}

bool apply_floor_revoked(struct fold *fold)
{
    return end_request(fold, GRANTED, REQUEST_REVOKED, true);
}
