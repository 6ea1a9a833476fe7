/* Who is in charge when the chairing room is lost.
 *
 * The chair's room is in charge, and so is one that it has lent its powers to. Once all of those
 * have been away for `chair_lost_seconds` of an open meeting, somebody stands in: the co-chair if
 * connected, else the first deputy in order who is, else the secretary, who is asked for nothing
 * and so is always there. Who stands in stays so while connected; a co-chair or deputy who comes
 * takes over from the secretary; the chair, coming back, takes the powers back at once. */
#include "signaling/meeting/state.h"

#include <string.h>

static bool is_there(const struct site *site)
{
    return site != NULL && site->session != NULL;
}

static bool is_under_way(const struct meeting *meeting)
{
    return meeting->status == MEETING_OPEN || meeting->status == MEETING_PAUSED;
}

static const struct site *co_chair(const struct meeting *meeting)
{
    const char *id = setting_text(meeting, "co_chair");
    return id != NULL ? meeting_find_site(meeting, id) : NULL;
}

static bool is_deputy(const struct meeting *meeting, const struct site *site)
{
    size_t index;
    json_t *deputy;
    json_array_foreach (json_object_get(meeting->settings, "deputies"), index, deputy) {
        if (strcmp(json_string_value(deputy), site->id) == 0)
            return true;
    }
    return false;
}

/* The room that is to stand in; NULL: the secretary. */
static const struct site *successor(const struct meeting *meeting)
{
    size_t index;
    json_t *deputy;
    if (is_there(co_chair(meeting)))
        return co_chair(meeting);
    json_array_foreach (json_object_get(meeting->settings, "deputies"), index, deputy) {
        const struct site *site = meeting_find_site(meeting, json_string_value(deputy));
        if (is_there(site))
            return site;
    }
    return NULL;
}

static void stand_in(struct draft *draft, const struct site *site)
{
    const char *rule = "secretary";
    if (site != NULL)
        rule = site == co_chair(draft->meeting) ? "co-chair" : "deputy";
    draft_event(draft, "chair.acting",
                json_pack("{s:o, s:s}", "site", json_text_or_null(site != NULL ? site->id : NULL),
                          "as", rule));
}

int64_t succession_due_us(const struct meeting *meeting)
{
    const struct site *chair = meeting->chair, *delegate = meeting->delegate;
    const struct site *acting = meeting->acting;
    if (!is_under_way(meeting) || is_there(chair) || is_there(delegate) || is_there(acting) ||
        meeting->secretary_acts)
        return INT64_MAX;
    int64_t lost_us = MAX(meeting->opened_us, chair->last_left_us);
    if (delegate != NULL)
        lost_us = MAX(lost_us, delegate->last_left_us);
    if (acting != NULL)
        lost_us = MAX(lost_us, acting->last_left_us);
    return lost_us + setting_number(meeting, "chair_lost_seconds") * G_USEC_PER_SEC;
}

bool decide_chair_succeed(struct draft *draft)
{
    const struct meeting *meeting = draft->meeting;
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    if (draft->command->now_us < succession_due_us(meeting))
        return draft_wrong_state(draft, "somebody is in charge");
    draft_end_consult(draft);
    if (meeting->acting == NULL && meeting->status == MEETING_OPEN &&
        strcmp(setting_text(meeting, "chair_lost"), "pause") == 0)
        draft_event(draft, "meeting.paused", json_object());
    stand_in(draft, successor(meeting));
    return true;
}

void draft_succession_at_join(struct draft *draft, const struct site *site)
{
    const struct meeting *meeting = draft->meeting;
    bool stands_in = meeting->acting != NULL || meeting->secretary_acts;
    if (stands_in && site == meeting->chair)
        draft_event(draft, "chair.returned", json_pack("{s:s}", "site", site->id));
    else if (meeting->secretary_acts && is_under_way(meeting) &&
             (site == co_chair(meeting) || is_deputy(meeting, site)))
        stand_in(draft, site);
}

bool apply_chair_acting(struct fold *fold)
{
    static const char *const rules[] = {"co-chair", "deputy", "secretary", NULL};
    struct meeting *meeting = fold->meeting;
    const char *id = json_fields_slug(&fold->body, "site", JSON_OPTIONAL);
    int rule = json_fields_choice(&fold->body, "as", rules, 0, JSON_REQUIRED);
    struct site *site = id != NULL ? meeting_find_site(meeting, id) : NULL;
    if (!fold_fits(fold))
        return false;
    if ((rule == 2) != (site == NULL) || (id != NULL && site == NULL))
        return fold_misfit(fold, "site", "is not the one that stands in");
    if (!is_under_way(meeting) || is_there(meeting->chair))
        return fold_misfit(fold, "site", "stands in while the chair is there");
    meeting->acting = site;
    meeting->secretary_acts = site == NULL;
    return true;
}

bool apply_chair_returned(struct fold *fold)
{
    const struct site *site = fold_site(fold, "site");
    if (!fold_fits(fold))
        return false;
    if (site != fold->meeting->chair)
        return fold_misfit(fold, "site", "is not the chair");
    fold->meeting->acting = NULL;
    fold->meeting->secretary_acts = false;
    return true;
}
