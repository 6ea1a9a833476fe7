/* A meeting's way from draft to close, and its settings. */
#include "signaling/meeting/state.h"

#include <string.h>

#define DRAFT     (1u << MEETING_DRAFT)
#define REHEARSAL (1u << MEETING_REHEARSAL)
#define OPEN      (1u << MEETING_OPEN)
#define PAUSED    (1u << MEETING_PAUSED)

/* The lifecycle: from which states an event leads where. What was asked and granted in a rehearsal
 * ends with it, as it does at the close. */
static const struct transition {
    const char *type;
    unsigned from;
    enum meeting_status to;
    bool ends_requests;
} transitions[] = {
    {"meeting.rehearsed", DRAFT, MEETING_REHEARSAL, false},
    {"meeting.opened", DRAFT | REHEARSAL, MEETING_OPEN, true},
    {"meeting.paused", OPEN, MEETING_PAUSED, false},
    {"meeting.resumed", PAUSED, MEETING_OPEN, false},
    {"meeting.closed", OPEN | PAUSED, MEETING_CLOSED, true},
};

static const struct transition *find_transition(const char *type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(transitions); i++) {
        if (strcmp(transitions[i].type, type) == 0)
            return &transitions[i];
    }
    g_assert_not_reached();
}

static bool decide_status(struct draft *draft, const char *type)
{
    const struct transition *transition = find_transition(type);
    enum meeting_status status = draft->meeting->status;
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    if ((transition->from & (1u << status)) == 0)
        return draft_wrong_state(draft, "the meeting is %s", meeting_status_name(status));
    if (transition->to == MEETING_CLOSED && meeting_open_vote(draft->meeting) != NULL)
        return draft_wrong_state(draft, "a vote is open: close it first");
    if (transition->ends_requests)
        draft_end_requests(draft);
    if (transition->to == MEETING_CLOSED)
        draft_end_rollcall(draft);
    draft_event(draft, type, json_object());
    return true;
}

bool decide_meeting_rehearse(struct draft *draft)
{
    return decide_status(draft, "meeting.rehearsed");
}

bool decide_meeting_open(struct draft *draft)
{
    return decide_status(draft, "meeting.opened");
}

bool decide_meeting_pause(struct draft *draft)
{
    return decide_status(draft, "meeting.paused");
}

bool decide_meeting_resume(struct draft *draft)
{
    return decide_status(draft, "meeting.resumed");
}

bool decide_meeting_close(struct draft *draft)
{
    return decide_status(draft, "meeting.closed");
}

bool apply_meeting_status(struct fold *fold)
{
    struct meeting *meeting = fold->meeting;
    const struct transition *transition = find_transition(fold->event->type);
    if (!fold_fits(fold))
        return false;
    if ((transition->from & (1u << meeting->status)) == 0)
        return fold_misfit(fold, "type", "does not follow the meeting's state");
    if (transition->ends_requests && meeting->queue->len + meeting->holders->len > 0)
        return fold_misfit(fold, "type", "comes while requests live");
    if (transition->to == MEETING_CLOSED &&
        (meeting_open_vote(meeting) != NULL || meeting_has_rollcall(meeting)))
        return fold_misfit(fold, "type", "comes while a vote or a roll call is under way");
    meeting->status = transition->to;
    if (strcmp(transition->type, "meeting.opened") == 0)
        meeting->opened_us = fold->event->time_us;
    if (transition->to == MEETING_CLOSED)
        meeting->closed_us = fold->event->time_us;
    return true;
}

/* `floors` 0: unchanged. */
static bool may_update(struct draft *draft, int64_t floors)
{
    unsigned held = draft->meeting->holders->len;
    if (draft->meeting->status == MEETING_CLOSED)
        return draft_wrong_state(draft, "the meeting is closed");
    return floors == 0 || floors >= held ||
           draft_refuse(draft, 1007, "too-many", "%u rooms hold the floor: revoke first", held);
}

bool decide_meeting_update(struct draft *draft)
{
    struct json_fields fields;
    json_t *body = json_object();
    json_fields_begin(&fields, draft->command->params);
    const char *title = json_fields_text(&fields, "title", MEETING_TITLE_MAX, JSON_OPTIONAL);
    const char *place = json_fields_text(&fields, "place", MEETING_TITLE_MAX, JSON_OPTIONAL);
    int64_t floors = json_fields_integer(&fields, "floors", 1, FLOORS_MAX, 0, JSON_OPTIONAL);
    bool is_moderated = json_fields_boolean(&fields, "moderated", false, JSON_OPTIONAL);
    if (title != NULL)
        json_object_set_new(body, "title", json_string(title));
    if (place != NULL)
        json_object_set_new(body, "place", json_string(place));
    if (floors != 0)
        json_object_set_new(body, "floors", json_integer(floors));
    if (json_fields_has(&fields, "moderated"))
        json_object_set_new(body, "moderated", json_boolean(is_moderated));
    if (!json_fields_end(&fields) || !may_update(draft, floors)) {
        json_decref(body);
        return fields.failed && draft_invalid(draft, &fields);
    }
    if (json_object_size(body) > 0)
        draft_event(draft, "meeting.updated", body);
    else
        json_decref(body);
    return true;
}

static void replace(char **text, const char *by)
{
    if (by == NULL)
        return;
    g_free(*text);
    *text = g_strdup(by);
}

bool apply_meeting_updated(struct fold *fold)
{
    struct meeting *meeting = fold->meeting;
    const char *title = fold_text(fold, "title", MEETING_TITLE_MAX, JSON_OPTIONAL);
    const char *place = fold_text(fold, "place", MEETING_TITLE_MAX, JSON_OPTIONAL);
    int64_t floors = json_fields_integer(&fold->body, "floors", MAX(1, meeting->holders->len),
                                         FLOORS_MAX, meeting->floors, JSON_OPTIONAL);
    bool is_moderated =
        json_fields_boolean(&fold->body, "moderated", meeting->is_moderated, JSON_OPTIONAL);
    if (!fold_fits(fold))
        return false;
    if (meeting->status == MEETING_CLOSED)
        return fold_misfit(fold, "type", "comes after the close");
    replace(&meeting->title, title);
    replace(&meeting->place, place);
    meeting->floors = (int)floors;
    meeting->is_moderated = is_moderated;
    return true;
}
