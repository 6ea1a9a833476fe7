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
    {"meeting.prepared", REHEARSAL, MEETING_DRAFT, true},
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

static bool change_status(struct draft *draft, const char *type)
{
    const struct transition *transition = find_transition(type);
    enum meeting_status status = draft->meeting->status;
    if ((transition->from & (1u << status)) == 0)
        return draft_wrong_state(draft, "the meeting is %s", meeting_status_name(status));
    if (transition->to == MEETING_CLOSED && meeting_open_vote(draft->meeting) != NULL)
        return draft_wrong_state(draft, "a vote is open: close it first");
    if (transition->ends_requests) {
        draft_end_consult(draft);
        draft_end_requests(draft);
    }
    if (transition->to == MEETING_CLOSED || status == MEETING_REHEARSAL)
        draft_end_rollcall(draft);
    draft_event(draft, type, json_object());
    return true;
}

static bool decide_status(struct draft *draft, const char *type)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    return json_fields_end(&fields) ? change_status(draft, type) : draft_invalid(draft, &fields);
}

bool decide_meeting_rehearse(struct draft *draft)
{
    return decide_status(draft, "meeting.rehearsed");
}

bool decide_meeting_prepare(struct draft *draft)
{
    return decide_status(draft, "meeting.prepared");
}

/* What a meeting must have before anyone is called in: who chairs, who writes, and the word that
 * nothing in it is a state secret, which this system may not carry. */
static bool is_complete(struct draft *draft)
{
    const json_t *settings = draft->meeting->settings;
    if (!draft->meeting->is_declared)
        return draft_wrong_state(draft, "nobody has declared that the meeting holds no state "
                                        "secret: meeting.declare");
    if (json_is_null(json_object_get(settings, "chair")) ||
        json_is_null(json_object_get(settings, "secretary")))
        return draft_wrong_state(draft, "the chair and the secretary must be named first: "
                                        "meeting.update {chair, secretary}");
    return true;
}

bool decide_meeting_open(struct draft *draft)
{
    enum meeting_status status = draft->meeting->status;
    bool is_next = status == MEETING_DRAFT || status == MEETING_REHEARSAL;
    return (!is_next || is_complete(draft)) && decide_status(draft, "meeting.opened");
}

bool decide_meeting_pause(struct draft *draft)
{
    return decide_status(draft, "meeting.paused");
}

bool decide_meeting_resume(struct draft *draft)
{
    return decide_status(draft, "meeting.resumed");
}

/* The chair sees what is not yet determined before the meeting ends, and may end it so. */
bool decide_meeting_close(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    bool as_is = json_fields_boolean(&fields, "unfinished", false, JSON_OPTIONAL);
    g_autofree char *open = directives_undetermined(draft->meeting);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    if (!change_status(draft, "meeting.closed"))
        return false;
    return open == NULL || as_is ||
           draft_refuse(draft, 1014, "unfinished",
                        "not yet determined: %s; unfinished: true closes all the same", open);
}

/* A speaker's time stands still in a pause. */
static void end_pause(struct meeting *meeting, int64_t time_us)
{
    for (unsigned i = 0; i < meeting->holders->len; i++) {
        struct floor_request *request = meeting->holders->pdata[i];
        request->paused_us += time_us - MAX(meeting->paused_us, request->granted_us);
    }
    meeting->paused_us = 0;
}

/* What was spoken in the rehearsal counts against nobody. */
static void begin(struct meeting *meeting, int64_t time_us)
{
    meeting->opened_us = time_us;
    for (unsigned i = 0; i < meeting->sites->len; i++) {
        struct site *site = meeting->sites->pdata[i];
        site->speeches = 0;
        site->spoken_us = 0;
    }
}

bool apply_meeting_status(struct fold *fold)
{
    struct meeting *meeting = fold->meeting;
    const struct transition *transition = find_transition(fold->event->type);
    if (!fold_fits(fold))
        return false;
    if ((transition->from & (1u << meeting->status)) == 0)
        return fold_misfit(fold, "type", "does not follow the meeting's state");
    if (transition->ends_requests &&
        (meeting->queue->len + meeting->holders->len > 0 || meeting->consult != NULL))
        return fold_misfit(fold, "type", "comes while requests or a consult live");
    if (transition->to == MEETING_CLOSED &&
        (meeting_open_vote(meeting) != NULL || meeting_has_rollcall(meeting)))
        return fold_misfit(fold, "type", "comes while a vote or a roll call is under way");
    if (meeting->status == MEETING_PAUSED)
        end_pause(meeting, fold->event->time_us);
    meeting->status = transition->to;
    if (strcmp(transition->type, "meeting.opened") == 0)
        begin(meeting, fold->event->time_us);
    if (transition->to == MEETING_PAUSED)
        meeting->paused_us = fold->event->time_us;
    if (transition->to == MEETING_CLOSED)
        meeting->closed_us = fold->event->time_us;
    return true;
}

bool decide_meeting_declare(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    if (draft->meeting->status == MEETING_CLOSED)
        return draft_wrong_state(draft, "the meeting is closed");
    if (!draft->meeting->is_declared)
        draft_event(draft, "meeting.declared", json_object());
    return true;
}

bool apply_meeting_declared(struct fold *fold)
{
    if (!fold_fits(fold))
        return false;
    fold->meeting->is_declared = true;
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

static void warn(struct draft *draft, const json_t *changes)
{
    json_t *all = json_copy(draft->meeting->settings);
    json_object_update(all, (json_t *)changes);
    json_t *warnings = settings_warnings(all);
    if (json_array_size(warnings) > 0)
        json_object_set(draft->decision->answer, "warnings", warnings);
    json_decref(warnings);
    json_decref(all);
}

bool decide_meeting_update(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    json_t *body = settings_read(&fields, draft->meeting, NULL, true);
    if (!json_fields_end(&fields) ||
        !may_update(draft, json_integer_value(json_object_get(body, "floors")))) {
        json_decref(body);
        return fields.failed && draft_invalid(draft, &fields);
    }
    warn(draft, body);
    if (json_object_size(body) > 0)
        draft_event(draft, "meeting.updated", body);
    else
        json_decref(body);
    return true;
}

bool apply_meeting_updated(struct fold *fold)
{
    struct meeting *meeting = fold->meeting;
    json_t *changes = settings_read(&fold->body, meeting, NULL, false);
    const json_t *floors = json_object_get(changes, "floors");
    bool is_fit = fold_fits(fold);
    if (is_fit && meeting->status == MEETING_CLOSED)
        is_fit = fold_misfit(fold, "type", "comes after the close");
    if (is_fit && floors != NULL && json_integer_value(floors) < meeting->holders->len)
        is_fit = fold_misfit(fold, "floors", "are fewer than are held");
    if (is_fit)
        json_object_update(meeting->settings, changes);
    json_decref(changes);
    return is_fit;
}
