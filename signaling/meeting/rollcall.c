/* The roll call (điểm danh): each room of the roster is present in person, present online, absent,
 * or not yet called, so that the counts add up to the roster. A line that drops changes nothing
 * here; that gap is a site.left of its own. */
#include "signaling/meeting/state.h"

#include <string.h>

static const char *const answers[] = {"in-person", "online", "absent", NULL};

#define UNCALLED "uncalled"

/* The roll call under way; NULL if there is none. */
static json_t *open_rollcall(const struct meeting *meeting)
{
    json_t *last = json_array_get(meeting->rollcalls, json_array_size(meeting->rollcalls) - 1);
    return last != NULL && json_is_null(json_object_get(last, "closed")) ? last : NULL;
}

static const char *rollcall_id(const json_t *rollcall)
{
    return json_string_value(json_object_get(rollcall, "rollcall"));
}

bool decide_rollcall_start(struct draft *draft)
{
    const struct meeting *meeting = draft->meeting;
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    if (meeting->status == MEETING_CLOSED)
        return draft_wrong_state(draft, "the meeting is closed");
    if (open_rollcall(meeting) != NULL)
        return draft_wrong_state(draft, "a roll call is under way");
    g_autofree char *id = next_numbered(meeting->rollcalls, 'k');
    draft_event(draft, "rollcall.started", json_pack("{s:s}", "rollcall", id));
    json_object_set_new(draft->decision->answer, "rollcall", json_string(id));
    return true;
}

/* Under way, or refused. */
static const json_t *needed_rollcall(struct draft *draft)
{
    const json_t *rollcall = open_rollcall(draft->meeting);
    if (rollcall == NULL)
        draft_wrong_state(draft, "no roll call is under way");
    return rollcall;
}

/* Names of those who are in the room; new reference. */
static json_t *read_present(struct json_fields *fields, bool is_new)
{
    const json_t *list = json_fields_array(fields, "present", PEOPLE_MAX, JSON_OPTIONAL);
    json_t *present = json_array();
    size_t index;
    json_t *entry;
    json_array_foreach ((json_t *)list, index, entry) {
        json_t *wrapped = json_pack("{s:O}", "present", entry);
        struct json_fields inner;
        json_fields_begin(&inner, wrapped);
        if (is_new)
            json_fields_text(&inner, "present", NAME_MAX_CHARS, JSON_REQUIRED);
        else
            json_fields_raw(&inner, "present", 4 * NAME_MAX_CHARS, JSON_REQUIRED);
        if (inner.failed)
            json_fields_fail(fields, "present", inner.why);
        json_decref(wrapped);
        json_array_append(present, entry);
    }
    return present;
}

/* The roll call under way, in which the actor may answer for `site`; NULL and refused if not. */
static const json_t *rollcall_for(struct draft *draft, const char *site)
{
    if (draft->role == ROLE_SITE && g_strcmp0(draft->command->actor.site, site) != 0)
        draft_refuse(draft, 1001, "not-allowed", "a room answers only for itself");
    else if (meeting_find_site(draft->meeting, site) == NULL)
        draft_refuse(draft, 1004, "no-such-site", "the meeting has no room %s", site);
    else
        return needed_rollcall(draft);
    return NULL;
}

/* A room answers for itself; those who call may answer for any. The last answer counts. */
bool decide_rollcall_answer(struct draft *draft)
{
    const struct actor *actor = &draft->command->actor;
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *site = json_fields_slug(&fields, "site", JSON_OPTIONAL);
    int answer = json_fields_choice(&fields, "answer", answers, 0, JSON_REQUIRED);
    const char *why = json_fields_text(&fields, "why", WHY_MAX, JSON_OPTIONAL);
    json_t *present = read_present(&fields, true);
    if (site == NULL && actor->site == NULL)
        json_fields_fail(&fields, "site", "is missing");
    const json_t *rollcall = NULL;
    if (!json_fields_end(&fields))
        draft_invalid(draft, &fields);
    else
        rollcall = rollcall_for(draft, site != NULL ? site : actor->site);
    if (rollcall == NULL) {
        json_decref(present);
        return false;
    }
    draft_event(draft, "rollcall.answered",
                json_pack("{s:s, s:s, s:s, s:o, s:o}", "rollcall", rollcall_id(rollcall), "site",
                          site != NULL ? site : actor->site, "answer", answers[answer], "why",
                          json_text_or_null(why), "present", present));
    return true;
}

static void close_rollcall(struct draft *draft, const json_t *rollcall)
{
    draft_event(draft, "rollcall.closed",
                json_pack("{s:s, s:o}", "rollcall", rollcall_id(rollcall), "counts",
                          json_deep_copy(json_object_get(rollcall, "counts"))));
}

bool decide_rollcall_close(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    const json_t *rollcall = needed_rollcall(draft);
    if (rollcall == NULL)
        return false;
    close_rollcall(draft, rollcall);
    json_object_set_new(draft->decision->answer, "counts",
                        json_deep_copy(json_object_get(rollcall, "counts")));
    return true;
}

void draft_end_rollcall(struct draft *draft)
{
    const json_t *rollcall = open_rollcall(draft->meeting);
    if (rollcall != NULL)
        close_rollcall(draft, rollcall);
}

bool meeting_has_rollcall(const struct meeting *meeting)
{
    return open_rollcall(meeting) != NULL;
}

bool apply_rollcall_started(struct fold *fold)
{
    struct meeting *meeting = fold->meeting;
    const char *id =
        fold_new_id(fold, "rollcall", 'k', (unsigned)json_array_size(meeting->rollcalls));
    if (!fold_fits(fold))
        return false;
    if (meeting->status == MEETING_CLOSED || open_rollcall(meeting) != NULL)
        return fold_misfit(fold, "rollcall", "cannot be started now");
    json_t *rooms = json_object();
    for (unsigned i = 0; i < meeting->sites->len; i++)
        json_object_set_new(rooms, ((struct site *)meeting->sites->pdata[i])->id, json_null());
    json_t *counts = json_pack("{s:i, s:i, s:i, s:I}", answers[0], 0, answers[1], 0, answers[2], 0,
                               UNCALLED, (json_int_t)meeting->sites->len);
    json_t *entry =
        json_pack("{s:s, s:o, s:o, s:o, s:n}", "rollcall", id, "answers", rooms, "counts", counts,
                  "started", json_time_or_null(fold->event->time_us), "closed");
    mark_rehearsal(meeting, entry);
    json_array_append_new(meeting->rollcalls, entry);
    return true;
}

static json_t *fold_rollcall(struct fold *fold)
{
    const char *id = json_fields_slug(&fold->body, "rollcall", JSON_REQUIRED);
    json_t *rollcall = open_rollcall(fold->meeting);
    if (id == NULL || rollcall == NULL || strcmp(rollcall_id(rollcall), id) != 0)
        fold_misfit(fold, "rollcall", "is not under way");
    return fold->body.failed ? NULL : rollcall;
}

static void count(json_t *counts, const char *answer, int more)
{
    json_t *value = json_object_get(counts, answer);
    json_integer_set(value, json_integer_value(value) + more);
}

bool apply_rollcall_answered(struct fold *fold)
{
    json_t *rollcall = fold_rollcall(fold);
    const struct site *site = fold_site(fold, "site");
    int answer = json_fields_choice(&fold->body, "answer", answers, 0, JSON_REQUIRED);
    const char *why = fold_text(fold, "why", WHY_MAX, JSON_OPTIONAL);
    json_t *present = read_present(&fold->body, false);
    if (!fold_fits(fold)) {
        json_decref(present);
        return false;
    }
    json_t *counts = json_object_get(rollcall, "counts");
    json_t *rooms = json_object_get(rollcall, "answers");
    const json_t *before = json_object_get(json_object_get(rooms, site->id), "answer");
    count(counts, before != NULL ? json_string_value(before) : UNCALLED, -1);
    count(counts, answers[answer], 1);
    json_object_set_new(rooms, site->id,
                        json_pack("{s:s, s:o, s:o, s:o}", "answer", answers[answer], "why",
                                  json_text_or_null(why), "present", present, "time",
                                  json_time_or_null(fold->event->time_us)));
    return true;
}

bool apply_rollcall_closed(struct fold *fold)
{
    json_t *rollcall = fold_rollcall(fold);
    const json_t *counts = json_fields_object(&fold->body, "counts", JSON_REQUIRED);
    if (!fold_fits(fold))
        return false;
    if (!json_equal(counts, json_object_get(rollcall, "counts")))
        return fold_misfit(fold, "counts", "are not those of the answers");
    json_object_set_new(rollcall, "closed", json_time_or_null(fold->event->time_us));
    return true;
}
