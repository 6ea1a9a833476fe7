/* The chair lends its powers to a room and takes them back. A room that has them is heard like the
 * chairing one; the journal still says which room commanded. */
#include "signaling/meeting/state.h"

#include <string.h>

enum role effective_role(const struct meeting *meeting, const struct actor *actor)
{
    bool is_lent = actor->role == ROLE_SITE && actor->site != NULL && meeting->delegate != NULL &&
                   strcmp(meeting->delegate->id, actor->site) == 0;
    return is_lent ? ROLE_CHAIR : actor->role;
}

bool decide_chair_delegate(struct draft *draft)
{
    const struct meeting *meeting = draft->meeting;
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "site", JSON_REQUIRED);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
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
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
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
