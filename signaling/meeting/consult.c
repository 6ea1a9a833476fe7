/* The private consult (hội ý riêng) of the chair with a room or the secretary, and the operator's
 * check of a room's line off the air. Those in it hear each other and nobody else; the journal
 * keeps when it began and ended and who was in it, nothing of what was said. A check gives way to
 * the chair's consult, and is no part of the minutes. */
#include "signaling/meeting/state.h"

#include <string.h>

static bool lists(const json_t *list, const char *text)
{
    size_t index;
    json_t *entry;
    json_array_foreach ((json_t *)list, index, entry) {
        if (strcmp(json_string_value(entry), text) == 0)
            return true;
    }
    return false;
}

bool consult_has_site(const struct meeting *meeting, const char *site)
{
    return lists(json_object_get(meeting->consult, "sites"), site);
}

json_t *consult_legs(const struct meeting *meeting)
{
    json_t *legs = json_deep_copy(json_object_get(meeting->consult, "sites"));
    size_t index;
    json_t *account;
    json_array_foreach (json_object_get(meeting->consult, "accounts"), index, account)
        json_array_append_new(legs, json_sprintf("account.%s", json_string_value(account)));
    return legs;
}

static void check_sites(struct json_fields *fields, const struct meeting *meeting,
                        const json_t *sites)
{
    size_t index;
    json_t *site;
    json_array_foreach ((json_t *)sites, index, site) {
        if (meeting_find_site(meeting, json_string_value(site)) == NULL)
            json_fields_fail(fields, "sites", "names a room that the meeting does not have");
    }
}

static bool is_check(const struct meeting *meeting)
{
    return json_is_true(json_object_get(meeting->consult, "check"));
}

static bool may_open(struct draft *draft)
{
    enum meeting_status status = draft->meeting->status;
    if (status == MEETING_CLOSED)
        return draft_wrong_state(draft, "the meeting is closed");
    return draft->meeting->consult == NULL ||
           (is_check(draft->meeting) && draft->role != ROLE_OPERATOR) ||
           draft_wrong_state(draft, "a consult is being held");
}

/* One room, which nobody misses meanwhile. */
static void check_checked(struct json_fields *fields, const struct meeting *meeting,
                          const json_t *sites, const json_t *accounts)
{
    const char *id = json_string_value(json_array_get(sites, 0));
    const struct site *site = id != NULL ? meeting_find_site(meeting, id) : NULL;
    if (json_array_size(sites) != 1 || json_array_size(accounts) > 0)
        json_fields_fail(fields, "sites", "must name one room");
    else if (site != NULL && (site->has_floor || site == meeting->chair ||
                              site == meeting->acting || site == meeting->delegate))
        json_fields_fail(fields, "sites", "names a room that is on air");
}

/* Whoever calls it is in it: the chair's room, or the one that stands in for it; the operator. */
bool decide_consult_open(struct draft *draft)
{
    const struct actor *actor = &draft->command->actor;
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    json_t *sites = read_slugs(&fields, "sites", CONSULT_MAX, actor->site);
    json_t *accounts = read_slugs(&fields, "accounts", CONSULT_MAX, actor->account);
    check_sites(&fields, draft->meeting, sites);
    if (json_array_size(sites) + json_array_size(accounts) == 0)
        json_fields_fail(&fields, "sites", "or accounts must name somebody");
    if (draft->role == ROLE_OPERATOR)
        check_checked(&fields, draft->meeting, sites, accounts);
    if (!json_fields_end(&fields) || !may_open(draft)) {
        json_decref(sites);
        json_decref(accounts);
        return fields.failed && draft_invalid(draft, &fields);
    }
    if (actor->site != NULL)
        json_array_insert_new(sites, 0, json_string(actor->site));
    else if (actor->account != NULL)
        json_array_insert_new(accounts, 0, json_string(actor->account));
    draft_end_consult(draft);
    draft_event(draft, "consult.opened",
                json_pack("{s:o, s:o, s:b}", "sites", sites, "accounts", accounts, "check",
                          draft->role == ROLE_OPERATOR));
    return true;
}

/* Anyone who is in it may end it. */
bool decide_consult_close(struct draft *draft)
{
    const struct meeting *meeting = draft->meeting;
    const struct actor *actor = &draft->command->actor;
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    if (meeting->consult == NULL)
        return draft_wrong_state(draft, "no consult is being held");
    const json_t *accounts = json_object_get(meeting->consult, "accounts");
    bool is_in = (actor->site != NULL && consult_has_site(meeting, actor->site)) ||
                 (actor->account != NULL && lists(accounts, actor->account));
    if (draft->role != ROLE_CHAIR && !is_in)
        return draft_refuse(draft, 1001, "not-allowed", "only those in the consult may end it");
    draft_end_consult(draft);
    return true;
}

void draft_end_consult(struct draft *draft)
{
    if (draft->meeting->consult != NULL)
        draft_event(draft, "consult.closed", json_object());
}

void draft_end_check_of(struct draft *draft, const struct site *site)
{
    if (is_check(draft->meeting) && consult_has_site(draft->meeting, site->id))
        draft_end_consult(draft);
}

bool apply_consult_opened(struct fold *fold)
{
    struct meeting *meeting = fold->meeting;
    json_t *sites = read_slugs(&fold->body, "sites", CONSULT_MAX + 1, NULL);
    json_t *accounts = read_slugs(&fold->body, "accounts", CONSULT_MAX + 1, NULL);
    bool is_checking = json_fields_boolean(&fold->body, "check", false, JSON_OPTIONAL);
    check_sites(&fold->body, meeting, sites);
    if (meeting->consult != NULL || meeting->status == MEETING_CLOSED)
        fold_misfit(fold, "type", "comes while no consult can be opened");
    bool is_fit = fold_fits(fold);
    if (is_fit)
        meeting->consult =
            json_pack("{s:O, s:O, s:b, s:o}", "sites", sites, "accounts", accounts, "check",
                      is_checking, "since", json_time_or_null(fold->event->time_us));
    json_decref(sites);
    json_decref(accounts);
    return is_fit;
}

bool apply_consult_closed(struct fold *fold)
{
    if (!fold_fits(fold))
        return false;
    if (fold->meeting->consult == NULL)
        return fold_misfit(fold, "type", "comes while no consult is held");
    g_clear_pointer(&fold->meeting->consult, json_decref);
    return true;
}
