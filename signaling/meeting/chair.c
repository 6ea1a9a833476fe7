/* The chair lends its powers to a room and takes them back. A room that has them is heard like the
 * chairing one; the journal still says which room commanded. */
#include "signaling/meeting/state.h"

#include <string.h>

enum role effective_role(const struct meeting *meeting, const struct actor *actor)
{
    if (actor->role == ROLE_SECRETARY && meeting->secretary_acts)
        return ROLE_CHAIR;
    if (actor->role != ROLE_SITE || actor->site == NULL)
        return actor->role;
    const struct site *site = meeting_find_site(meeting, actor->site);
    bool is_lent = site != NULL && (site == meeting->delegate || site == meeting->acting);
    return is_lent ? ROLE_CHAIR : ROLE_SITE;
}

/* The queue is the chair's to lend; the secretary cannot take it. */
static bool lend_queue(struct draft *draft, bool to_secretary)
{
    if (draft->role != ROLE_CHAIR)
        return draft_refuse(draft, 1001, "not-allowed", "only the chair lends the queue");
    if (draft->meeting->status == MEETING_CLOSED)
        return draft_wrong_state(draft, "the meeting is closed");
    if (draft->meeting->chair_has_queue == to_secretary)
        draft_event(draft, to_secretary ? "queue.delegated" : "queue.recalled", json_object());
    return true;
}

bool may_run_queue(struct draft *draft)
{
    return draft->role != ROLE_SECRETARY || !draft->meeting->chair_has_queue ||
           draft_refuse(draft, 1001, "not-allowed", "the chair runs the queue");
}

bool apply_queue_lent(struct fold *fold)
{
    if (!fold_fits(fold))
        return false;
    fold->meeting->chair_has_queue = strcmp(fold->event->type, "queue.recalled") == 0;
    return true;
}

bool decide_chair_delegate(struct draft *draft)
{
    const struct meeting *meeting = draft->meeting;
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    bool queue = json_fields_boolean(&fields, "queue", false, JSON_OPTIONAL);
    const char *id = json_fields_slug(&fields, "site", queue ? JSON_OPTIONAL : JSON_REQUIRED);
    if (queue && id != NULL)
        json_fields_fail(&fields, "site", "and queue are lent one by one");
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    if (queue)
        return lend_queue(draft, true);
    const struct site *site = meeting_find_site(meeting, id);
    if (site == NULL)
        return draft_refuse(draft, 1004, "no-such-site", "the meeting has no room %s", id);
    if (site->role != ROLE_SITE) {
        json_fields_fail(&fields, "site", "must be a room of the role site");
        return draft_invalid(draft, &fields);
    }
    if (meeting->status == MEETING_CLOSED)
        return draft_wrong_state(draft, "the meeting is closed");
    if (meeting->delegate != NULL)
        return draft_wrong_state(draft, "the room %s chairs already: recall it first",
                                 meeting->delegate->id);
    draft_event(draft, "chair.delegated", json_pack("{s:s}", "site", id));
    return true;
}

bool decide_chair_recall(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    bool queue = json_fields_boolean(&fields, "queue", false, JSON_OPTIONAL);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    if (queue)
        return lend_queue(draft, false);
    if (draft->meeting->delegate == NULL)
        return draft_wrong_state(draft, "the chair has not been delegated");
    draft_recall(draft);
    return true;
}

void draft_recall(struct draft *draft)
{
    draft_event(draft, "chair.recalled", json_pack("{s:s}", "site", draft->meeting->delegate->id));
}

bool apply_chair_delegated(struct fold *fold)
{
    struct meeting *meeting = fold->meeting;
    struct site *site = fold_site(fold, "site");
    if (!fold_fits(fold))
        return false;
    if (site->role != ROLE_SITE || meeting->delegate != NULL || meeting->status == MEETING_CLOSED)
        return fold_misfit(fold, "site", "cannot chair now");
    meeting->delegate = site;
    return true;
}

bool apply_chair_recalled(struct fold *fold)
{
    const struct site *site = fold_site(fold, "site");
    if (!fold_fits(fold))
        return false;
    if (fold->meeting->delegate != site)
        return fold_misfit(fold, "site", "does not chair");
    fold->meeting->delegate = NULL;
    return true;
}
