#include "signaling/meeting/state.h"

#include <string.h>

static const char *const leave_reasons[] = {"closed", "lost", "replaced", "restart", NULL};

/* The room that `fields` names; NULL and refused if there is none. */
static struct site *named_site(struct draft *draft, const char *id)
{
    struct site *site = meeting_find_site(draft->meeting, id);
    if (site == NULL)
        draft_refuse(draft, 1004, "no-such-site", "the meeting has no room %s", id);
    return site;
}

static json_t *left_body(const char *site, const char *session, const char *reason)
{
    return json_pack("{s:s, s:s, s:s}", "site", site, "session", session, "reason", reason);
}

/* A room has one session: a second one takes it over. */
bool decide_site_join(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "site", JSON_REQUIRED);
    const char *session = json_fields_slug(&fields, "session", JSON_REQUIRED);
    const char *client = json_fields_text(&fields, "client", NAME_MAX_CHARS, JSON_OPTIONAL);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    const struct site *site = named_site(draft, id);
    if (site == NULL)
        return false;
    if (site->session != NULL)
        draft_event(draft, "site.left", left_body(id, site->session, "replaced"));
    draft_event(draft, "site.joined",
                json_pack("{s:s, s:s, s:o}", "site", id, "session", session, "client",
                          json_text_or_null(client)));
    draft_succession_at_join(draft, site);
    return true;
}

/* Whom a command of admission means: one room, some, a group, or all that are connected; a new
 * reference, without those who are in already. */
static json_t *read_admitted(struct json_fields *fields, const struct meeting *meeting)
{
    const char *one = json_fields_slug(fields, "site", JSON_OPTIONAL);
    const char *group = json_fields_slug(fields, "group", JSON_OPTIONAL);
    bool all = json_fields_boolean(fields, "all", false, JSON_OPTIONAL);
    json_t *named = read_slugs(fields, "sites", SITES_MAX, NULL);
    json_t *admitted = json_array();
    unsigned ways = (one != NULL) + (group != NULL) + all + json_fields_has(fields, "sites");
    if (ways != 1)
        json_fields_fail(fields, "site", "or one of sites, group and all must be given");
    if (one != NULL)
        json_array_append_new(named, json_string(one));
    size_t index;
    json_t *id;
    json_array_foreach (named, index, id) {
        const struct site *site = meeting_find_site(meeting, json_string_value(id));
        if (site == NULL)
            json_fields_fail(fields, one != NULL ? "site" : "sites",
                             "names a room that the meeting does not have");
        else if (!site->is_admitted)
            json_array_append(admitted, id);
    }
    for (unsigned i = 0; i < meeting->sites->len; i++) {
        const struct site *site = meeting->sites->pdata[i];
        bool is_meant =
            group != NULL ? g_strcmp0(site->group, group) == 0 : all && site->session != NULL;
        if (is_meant && !site->is_admitted)
            json_array_append_new(admitted, json_string(site->id));
    }
    json_decref(named);
    return admitted;
}

bool decide_site_admit(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    json_t *admitted = read_admitted(&fields, draft->meeting);
    size_t count = json_array_size(admitted);
    bool is_closed = draft->meeting->status == MEETING_CLOSED;
    bool is_fit = json_fields_end(&fields) && !is_closed;
    if (is_fit && count > 0)
        draft_event(draft, "site.admitted", json_pack("{s:O}", "sites", admitted));
    json_decref(admitted);
    if (fields.failed)
        return draft_invalid(draft, &fields);
    if (is_closed)
        return draft_wrong_state(draft, "the meeting is closed");
    json_object_set_new(draft->decision->answer, "admitted", json_integer((json_int_t)count));
    return true;
}

bool apply_site_admitted(struct fold *fold)
{
    struct meeting *meeting = fold->meeting;
    json_t *sites = read_slugs(&fold->body, "sites", SITES_MAX, NULL);
    size_t index;
    json_t *id;
    json_array_foreach (sites, index, id) {
        if (meeting_find_site(meeting, json_string_value(id)) == NULL)
            fold_misfit(fold, "sites", "name a room that the meeting does not have");
    }
    bool is_fit = fold_fits(fold);
    json_array_foreach (sites, index, id) {
        if (is_fit)
            meeting_find_site(meeting, json_string_value(id))->is_admitted = true;
    }
    json_decref(sites);
    return is_fit;
}

/* The end of a session that no longer stands for its room is nothing. */
bool decide_site_leave(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "site", JSON_REQUIRED);
    const char *session = json_fields_slug(&fields, "session", JSON_REQUIRED);
    int reason = json_fields_choice(&fields, "reason", leave_reasons, 0, JSON_REQUIRED);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    const struct site *site = named_site(draft, id);
    if (site == NULL)
        return false;
    if (site->session != NULL && strcmp(site->session, session) == 0)
        draft_event(draft, "site.left", left_body(id, session, leave_reasons[reason]));
    return true;
}

static bool decide_muting(struct draft *draft, bool mute)
{
    struct json_fields fields;
    const struct actor *actor = &draft->command->actor;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "site", JSON_REQUIRED);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    const struct site *site = named_site(draft, id);
    if (site == NULL)
        return false;
    if (draft->role == ROLE_SITE && strcmp(actor->site, id) != 0)
        return draft_refuse(draft, 1001, "not-allowed", "a room may mute only itself");
    if (site->is_muted != mute)
        draft_event(draft, mute ? "site.muted" : "site.unmuted", json_pack("{s:s}", "site", id));
    return true;
}

bool decide_site_mute(struct draft *draft)
{
    return decide_muting(draft, true);
}

bool decide_site_unmute(struct draft *draft)
{
    return decide_muting(draft, false);
}

bool decide_site_remove(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "site", JSON_REQUIRED);
    const char *why = json_fields_text(&fields, "why", WHY_MAX, JSON_OPTIONAL);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    const struct site *site = named_site(draft, id);
    if (site == NULL)
        return false;
    if (site->role == ROLE_CHAIR)
        return draft_refuse(draft, 1001, "not-allowed", "the chairing room cannot be removed");
    if (site == draft->meeting->delegate)
        draft_recall(draft);
    draft_end_site_requests(draft, site, why);
    draft_event(draft, "site.removed",
                json_pack("{s:s, s:o}", "site", id, "why", json_text_or_null(why)));
    return true;
}

bool apply_site_joined(struct fold *fold)
{
    struct site *site = fold_site(fold, "site");
    const char *session = json_fields_slug(&fold->body, "session", JSON_REQUIRED);
    fold_text(fold, "client", NAME_MAX_CHARS, JSON_OPTIONAL);
    if (!fold_fits(fold))
        return false;
    if (site->session != NULL)
        return fold_misfit(fold, "site", "is connected already");
    site->session = g_strdup(session);
    if (site->first_joined_us == 0)
        site->first_joined_us = fold->event->time_us;
    return true;
}

static void leave(struct site *site, int64_t time_us)
{
    g_clear_pointer(&site->session, g_free);
    site->last_left_us = time_us;
}

bool apply_site_left(struct fold *fold)
{
    struct site *site = fold_site(fold, "site");
    const char *session = json_fields_slug(&fold->body, "session", JSON_REQUIRED);
    json_fields_choice(&fold->body, "reason", leave_reasons, 0, JSON_REQUIRED);
    if (!fold_fits(fold))
        return false;
    if (g_strcmp0(site->session, session) != 0)
        return fold_misfit(fold, "session", "is not the room's");
    leave(site, fold->event->time_us);
    return true;
}

bool apply_site_muted(struct fold *fold)
{
    struct site *site = fold_site(fold, "site");
    bool mutes = strcmp(fold->event->type, "site.muted") == 0;
    if (!fold_fits(fold))
        return false;
    if (site->is_muted == mutes)
        return fold_misfit(fold, "site", mutes ? "is muted already" : "is not muted");
    site->is_muted = mutes;
    return true;
}

bool apply_site_removed(struct fold *fold)
{
    struct site *site = fold_site(fold, "site");
    fold_text(fold, "why", WHY_MAX, JSON_OPTIONAL);
    if (!fold_fits(fold))
        return false;
    if (site->role == ROLE_CHAIR || site->live_requests > 0 || site == fold->meeting->delegate)
        return fold_misfit(fold, "site", "chairs or still has requests");
    if (site->session != NULL)
        leave(site, fold->event->time_us);
    site->is_admitted = false;
    return true;
}
