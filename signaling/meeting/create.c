/* Making a meeting: its settings, its roster, its agenda. */
#include "signaling/meeting/state.h"

#include <string.h>

static const char *const site_roles[] = {"site",     "chair",    "secretary",
                                         "operator", "observer", NULL};

/* One entry of the roster, normalised, with every key; NULL and `why` set for a bad one. */
static json_t *read_site(const json_t *entry, bool is_new, GHashTable *seen, char **why)
{
    struct json_fields inner;
    json_fields_begin(&inner, entry);
    const char *id = json_fields_slug(&inner, "id", JSON_REQUIRED);
    const char *name = is_new ? json_fields_text(&inner, "name", NAME_MAX_CHARS, JSON_REQUIRED)
                              : json_fields_raw(&inner, "name", 4 * NAME_MAX_CHARS, JSON_REQUIRED);
    int role = json_fields_choice(&inner, "role", site_roles, 0, JSON_OPTIONAL);
    const char *code = json_fields_slug(&inner, "code", JSON_OPTIONAL);
    const char *group = json_fields_slug(&inner, "group", JSON_OPTIONAL);
    json_t *people = people_read(&inner, "people", is_new);
    if (id != NULL && !g_hash_table_add(seen, (void *)id))
        json_fields_fail(&inner, "id", "stands there twice");
    if (!json_fields_end(&inner)) {
        *why = g_strdup_printf("%s %s", inner.bad_field, inner.why);
        json_decref(people);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "id", id, "name", name, "role",
                     site_roles[role], "code", json_text_or_null(code), "group",
                     json_text_or_null(group), "people", people);
}

/* The roster, normalised; a new reference, also when `fields` failed. */
static json_t *read_sites(struct json_fields *fields, bool is_new)
{
    const json_t *list = json_fields_array(fields, "sites", SITES_MAX, JSON_REQUIRED);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    json_t *sites = json_array();
    unsigned chairs = 0;
    size_t index;
    json_t *entry;
    json_array_foreach ((json_t *)list, index, entry) {
        g_autofree char *why = NULL;
        json_t *site = read_site(entry, is_new, seen, &why);
        if (site == NULL) {
            g_autofree char *where = g_strdup_printf("[%zu].%s", index, why);
            json_fields_fail(fields, "sites", where);
            break;
        }
        chairs += strcmp(json_string_value(json_object_get(site, "role")), "chair") == 0;
        json_array_append_new(sites, site);
    }
    if (chairs != 1)
        json_fields_fail(fields, "sites", "must have exactly one room with the role chair");
    return sites;
}

/* All of a new meeting, normalised: {settings…, recording, declared, sites, agenda}. A new
 * reference, also when `fields` failed. */
static json_t *read_creation(struct json_fields *fields, const struct meeting *meeting, bool is_new)
{
    bool is_recorded = json_fields_boolean(fields, "recording", true, JSON_OPTIONAL);
    bool is_declared = json_fields_boolean(fields, "declared", false, JSON_OPTIONAL);
    json_t *sites = read_sites(fields, is_new);
    json_t *body = settings_initial();
    json_t *given = settings_read(fields, meeting, sites, is_new);
    json_object_update(body, given);
    json_decref(given);
    json_object_set_new(body, "agenda", agenda_read(fields, "agenda", JSON_OPTIONAL, is_new));
    json_object_set_new(body, "recording", json_boolean(is_recorded));
    json_object_set_new(body, "declared", json_boolean(is_declared));
    json_object_set_new(body, "sites", sites);
    if (json_string_value(json_object_get(body, "title")) == NULL)
        json_fields_fail(fields, "title", "is missing");
    return body;
}

bool decide_meeting_create(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "meeting", JSON_REQUIRED);
    if (id != NULL && strcmp(id, draft->meeting->id) != 0)
        json_fields_fail(&fields, "meeting", "is not the meeting that this is sent to");
    json_t *body = read_creation(&fields, draft->meeting, true);
    if (!json_fields_end(&fields)) {
        json_decref(body);
        return draft_invalid(draft, &fields);
    }
    if (draft->meeting->exists) {
        json_decref(body);
        return draft_refuse(draft, 1008, "exists", "the meeting %s exists already", id);
    }
    json_t *warnings = settings_warnings(body);
    json_object_set_new(draft->decision->answer, "meeting", json_string(id));
    if (json_array_size(warnings) > 0)
        json_object_set(draft->decision->answer, "warnings", warnings);
    json_decref(warnings);
    draft_event(draft, "meeting.created", body);
    return true;
}

static char *copy_text(const json_t *entry, const char *name)
{
    return g_strdup(json_string_value(json_object_get(entry, name)));
}

static void add_site(struct meeting *meeting, const json_t *entry)
{
    struct site *site = g_new0(struct site, 1);
    site->id = copy_text(entry, "id");
    site->name = copy_text(entry, "name");
    site->code = copy_text(entry, "code");
    site->group = copy_text(entry, "group");
    site->people = json_deep_copy(json_object_get(entry, "people"));
    site->invitation = invitation_states[0];
    role_parse(json_string_value(json_object_get(entry, "role")), &site->role);
    if (site->role == ROLE_CHAIR)
        meeting->chair = site;
    g_ptr_array_add(meeting->sites, site);
    g_hash_table_insert(meeting->sites_by_id, site->id, site);
}

/* What a meeting is made of besides its settings is moved out of `body`. */
static void create(struct meeting *meeting, json_t *body, int64_t time_us)
{
    size_t index;
    json_t *entry;
    json_array_foreach (json_object_get(body, "sites"), index, entry)
        add_site(meeting, entry);
    json_object_set(meeting->agenda, "items", json_object_get(body, "agenda"));
    meeting->exists = true;
    meeting->is_recorded = json_is_true(json_object_get(body, "recording"));
    meeting->is_declared = json_is_true(json_object_get(body, "declared"));
    meeting->created_us = time_us;
    static const char *const not_settings[] = {"sites", "agenda", "recording", "declared"};
    for (size_t i = 0; i < G_N_ELEMENTS(not_settings); i++)
        json_object_del(body, not_settings[i]);
    json_object_update(meeting->settings, body);
}

bool apply_meeting_created(struct fold *fold)
{
    json_t *body = read_creation(&fold->body, fold->meeting, false);
    bool is_fit = fold_fits(fold);
    if (is_fit && fold->meeting->exists)
        is_fit = fold_misfit(fold, "type", "comes a second time");
    if (is_fit)
        create(fold->meeting, body, fold->event->time_us);
    json_decref(body);
    return is_fit;
}
