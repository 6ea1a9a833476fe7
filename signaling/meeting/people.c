/* The people of a room: who is to come, who comes in whose place and why, and how far the
 * invitation has come. A room names its own people; a substitute waits for the chair's word. */
#include "signaling/meeting/state.h"

#include <string.h>

const char *const invitation_states[] = {"not-sent", "sent", "seen", "confirmed", NULL};
static const char *const person_states[] = {"listed", "waiting", "approved", "refused", NULL};

enum { LISTED, WAITING, APPROVED, REFUSED };

static const char *text_of(const json_t *person, const char *name)
{
    return json_string_value(json_object_get(person, name));
}

static json_t *find_person(const json_t *people, const char *name)
{
    size_t index;
    json_t *person;
    json_array_foreach ((json_t *)people, index, person) {
        if (strcmp(text_of(person, "name"), name) == 0)
            return person;
    }
    return NULL;
}

static const char *read_text(struct json_fields *fields, const char *name, size_t most, bool is_new,
                             enum json_need need)
{
    return is_new ? json_fields_text(fields, name, most, need)
                  : json_fields_raw(fields, name, 4 * most, need);
}

/* One person, normalised; NULL and `why` set for a bad entry. The state is the journal's to say. */
static json_t *read_person(const json_t *entry, bool is_new, char **why)
{
    struct json_fields inner;
    json_fields_begin(&inner, entry);
    const char *name = read_text(&inner, "name", NAME_MAX_CHARS, is_new, JSON_REQUIRED);
    const char *post = read_text(&inner, "post", NAME_MAX_CHARS, is_new, JSON_OPTIONAL);
    const char *instead = read_text(&inner, "for", NAME_MAX_CHARS, is_new, JSON_OPTIONAL);
    const char *reason = read_text(&inner, "why", WHY_MAX, is_new, JSON_OPTIONAL);
    int state =
        is_new ? LISTED : json_fields_choice(&inner, "state", person_states, LISTED, JSON_OPTIONAL);
    if (instead != NULL && reason == NULL)
        json_fields_fail(&inner, "why", "must say why a substitute comes");
    if (!json_fields_end(&inner)) {
        *why = g_strdup_printf("%s %s", inner.bad_field, inner.why);
        return NULL;
    }
    return json_pack("{s:s, s:o, s:o, s:o, s:s}", "name", name, "post", json_text_or_null(post),
                     "for", json_text_or_null(instead), "why", json_text_or_null(reason), "state",
                     person_states[state]);
}

json_t *people_read(struct json_fields *fields, const char *name, bool is_new)
{
    const json_t *list = json_fields_array(fields, name, PEOPLE_MAX, JSON_OPTIONAL);
    json_t *people = json_array();
    size_t index;
    json_t *entry;
    json_array_foreach ((json_t *)list, index, entry) {
        g_autofree char *why = NULL;
        json_t *person = read_person(entry, is_new, &why);
        if (person != NULL && find_person(people, text_of(person, "name")) != NULL)
            why = g_strdup("names the same person twice");
        if (why != NULL) {
            g_autofree char *where = g_strdup_printf("[%zu].%s", index, why);
            json_fields_fail(fields, name, where);
            json_decref(person);
            break;
        }
        json_array_append_new(people, person);
    }
    return people;
}

/* The room that a command is about: the named one, or the actor's own, which is all that a room may
 * touch. NULL and refused otherwise. */
static const struct site *own_or_named(struct draft *draft, struct json_fields *fields,
                                       const char *id)
{
    const char *own = draft->command->actor.site;
    if (id == NULL)
        id = own;
    if (id == NULL)
        json_fields_fail(fields, "site", "is missing");
    if (!json_fields_end(fields)) {
        draft_invalid(draft, fields);
        return NULL;
    }
    const struct site *site = meeting_find_site(draft->meeting, id);
    if (site == NULL)
        draft_refuse(draft, 1004, "no-such-site", "the meeting has no room %s", id);
    else if (draft->role == ROLE_SITE && g_strcmp0(id, own) != 0)
        draft_refuse(draft, 1001, "not-allowed", "a room speaks only for itself");
    else if (draft->meeting->status == MEETING_CLOSED)
        draft_wrong_state(draft, "the meeting is closed");
    else
        return site;
    return NULL;
}

/* What the organiser says is agreed; a room's own substitute waits, unless he is agreed already. */
static void set_states(json_t *people, const json_t *before, bool is_own)
{
    size_t index;
    json_t *person;
    json_array_foreach (people, index, person) {
        const json_t *known = find_person(before, text_of(person, "name"));
        const char *instead = text_of(person, "for");
        bool is_same = known != NULL && g_strcmp0(text_of(known, "for"), instead) == 0;
        int state = is_own ? WAITING : APPROVED;
        if (instead == NULL)
            state = LISTED;
        json_object_set_new(person, "state", json_string(person_states[state]));
        if (instead != NULL && is_own && is_same)
            json_object_set(person, "state", json_object_get(known, "state"));
    }
}

static void mark_invitation(struct draft *draft, const struct site *site, const char *state)
{
    draft_event(draft, "invitation.marked",
                json_pack("{s:s, s:s}", "site", site->id, "state", state));
}

bool decide_roster_set(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "site", JSON_OPTIONAL);
    json_t *people = people_read(&fields, "people", true);
    if (!json_fields_has(&fields, "people"))
        json_fields_fail(&fields, "people", "is missing");
    const struct site *site = own_or_named(draft, &fields, id);
    if (site == NULL) {
        json_decref(people);
        return false;
    }
    bool is_own = draft->role == ROLE_SITE;
    set_states(people, site->people, is_own);
    draft_event(draft, "roster.changed",
                json_pack("{s:s, s:o}", "site", site->id, "people", people));
    if (is_own && strcmp(site->invitation, "confirmed") != 0)
        mark_invitation(draft, site, "confirmed");
    return true;
}

bool decide_roster_approve(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "site", JSON_REQUIRED);
    const char *name = json_fields_text(&fields, "name", NAME_MAX_CHARS, JSON_REQUIRED);
    bool agrees = json_fields_boolean(&fields, "agree", true, JSON_OPTIONAL);
    const struct site *site = own_or_named(draft, &fields, id);
    if (site == NULL)
        return false;
    const json_t *person = find_person(site->people, name);
    if (person == NULL || text_of(person, "for") == NULL) {
        json_fields_fail(&fields, "name", "is not a substitute of this room");
        return draft_invalid(draft, &fields);
    }
    int state = agrees ? APPROVED : REFUSED;
    if (strcmp(text_of(person, "state"), person_states[state]) != 0)
        draft_event(draft, agrees ? "roster.approved" : "roster.refused",
                    json_pack("{s:s, s:s}", "site", id, "name", name));
    return true;
}

bool decide_invitation_mark(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "site", JSON_OPTIONAL);
    int state = json_fields_choice(&fields, "state", invitation_states, 0, JSON_REQUIRED);
    const struct site *site = own_or_named(draft, &fields, id);
    if (site == NULL)
        return false;
    if (draft->role == ROLE_SITE && state < 2)
        return draft_refuse(draft, 1001, "not-allowed",
                            "a room says only that it has seen or confirmed");
    if (site->invitation != invitation_states[state])
        mark_invitation(draft, site, invitation_states[state]);
    return true;
}

bool apply_roster_changed(struct fold *fold)
{
    struct site *site = fold_site(fold, "site");
    json_t *people = people_read(&fold->body, "people", false);
    bool is_fit = fold_fits(fold);
    if (is_fit && fold->meeting->status == MEETING_CLOSED)
        is_fit = fold_misfit(fold, "type", "comes after the close");
    if (is_fit) {
        json_decref(site->people);
        site->people = json_incref(people);
    }
    json_decref(people);
    return is_fit;
}

bool apply_roster_judged(struct fold *fold)
{
    struct site *site = fold_site(fold, "site");
    const char *name = fold_text(fold, "name", NAME_MAX_CHARS, JSON_REQUIRED);
    bool agrees = strcmp(fold->event->type, "roster.approved") == 0;
    if (!fold_fits(fold))
        return false;
    json_t *person = find_person(site->people, name);
    if (person == NULL || text_of(person, "for") == NULL)
        return fold_misfit(fold, "name", "is not a substitute of this room");
    json_object_set_new(person, "state", json_string(person_states[agrees ? APPROVED : REFUSED]));
    return true;
}

bool apply_invitation_marked(struct fold *fold)
{
    struct site *site = fold_site(fold, "site");
    int state = json_fields_choice(&fold->body, "state", invitation_states, 0, JSON_REQUIRED);
    if (!fold_fits(fold))
        return false;
    site->invitation = invitation_states[state];
    return true;
}
