/* Making a meeting: its settings and its roster. */
#include "signaling/meeting/state.h"

#include <string.h>

static const char *const site_roles[] = {"site",     "chair",    "secretary",
                                         "operator", "observer", NULL};

/* One entry of the roster, normalised; NULL (and `fields` failed) for a bad one. */
static json_t *read_site(struct json_fields *fields, const json_t *entry, size_t index,
                         GHashTable *seen)
{
    struct json_fields inner;
    json_fields_begin(&inner, entry);
    const char *id = json_fields_slug(&inner, "id", JSON_REQUIRED);
    const char *name = json_fields_text(&inner, "name", NAME_MAX_CHARS, JSON_REQUIRED);
    int role = json_fields_choice(&inner, "role", site_roles, 0, JSON_OPTIONAL);
    if (id != NULL && !g_hash_table_add(seen, (void *)id))
        json_fields_fail(&inner, "id", "stands there twice");
    if (!json_fields_end(&inner)) {
        g_autofree char *why = g_strdup_printf("[%zu].%s %s", index, inner.bad_field, inner.why);
        json_fields_fail(fields, "sites", why);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:s}", "id", id, "name", name, "role", site_roles[role]);
}

static json_t *read_sites(struct json_fields *fields, const json_t *list)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    json_t *sites = json_array();
    unsigned chairs = 0;
    size_t index;
    json_t *entry;
    json_array_foreach ((json_t *)list, index, entry) {
        json_t *site = read_site(fields, entry, index, seen);
        if (site == NULL)
            break;
        chairs += strcmp(json_string_value(json_object_get(site, "role")), "chair") == 0;
        json_array_append_new(sites, site);
    }
    if (chairs != 1)
        json_fields_fail(fields, "sites", "must have exactly one room with the role chair");
    return sites;
}

bool decide_meeting_create(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "meeting", JSON_REQUIRED);
    const char *title = json_fields_text(&fields, "title", MEETING_TITLE_MAX, JSON_REQUIRED);
    const char *place = json_fields_text(&fields, "place", MEETING_TITLE_MAX, JSON_OPTIONAL);
    int64_t floors = json_fields_integer(&fields, "floors", 1, FLOORS_MAX, 1, JSON_OPTIONAL);
    bool is_moderated = json_fields_boolean(&fields, "moderated", false, JSON_OPTIONAL);
    bool is_recorded = json_fields_boolean(&fields, "recording", true, JSON_OPTIONAL);
    const json_t *list = json_fields_array(&fields, "sites", SITES_MAX, JSON_REQUIRED);
    json_t *sites = list != NULL ? read_sites(&fields, list) : json_array();
    if (id != NULL && strcmp(id, draft->meeting->id) != 0)
        json_fields_fail(&fields, "meeting", "is not the meeting that this is sent to");
    if (!json_fields_end(&fields)) {
        json_decref(sites);
        return draft_invalid(draft, &fields);
    }
    if (draft->meeting->exists) {
        json_decref(sites);
        return draft_refuse(draft, 1008, "exists", "the meeting %s exists already", id);
    }
    draft_event(draft, "meeting.created",
                json_pack("{s:s, s:o, s:I, s:b, s:b, s:o}", "title", title, "place",
                          json_text_or_null(place), "floors", (json_int_t)floors, "moderated",
                          is_moderated, "recording", is_recorded, "sites", sites));
    json_object_set_new(draft->decision->answer, "meeting", json_string(id));
    return true;
}

static void add_site(struct meeting *meeting, const char *id, const char *name, int role)
{
    struct site *site = g_new0(struct site, 1);
    site->id = g_strdup(id);
    site->name = g_strdup(name);
    role_parse(site_roles[role], &site->role);
    g_ptr_array_add(meeting->sites, site);
    g_hash_table_insert(meeting->sites_by_id, site->id, site);
}

/* Reads one entry of a created meeting's roster and, unless `meeting` is NULL, adds it. */
static bool fold_entry(const json_t *entry, struct meeting *meeting, GHashTable *seen)
{
    struct json_fields fields;
    json_fields_begin(&fields, entry);
    const char *id = json_fields_slug(&fields, "id", JSON_REQUIRED);
    const char *name = json_fields_raw(&fields, "name", 4 * NAME_MAX_CHARS, JSON_REQUIRED);
    int role = json_fields_choice(&fields, "role", site_roles, 0, JSON_REQUIRED);
    if (!json_fields_end(&fields) || (seen != NULL && !g_hash_table_add(seen, (void *)id)))
        return false;
    if (meeting != NULL)
        add_site(meeting, id, name, role);
    return true;
}

static bool roster_fits(const json_t *sites)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    size_t index;
    json_t *entry;
    json_array_foreach ((json_t *)sites, index, entry) {
        if (!fold_entry(entry, NULL, seen))
            return false;
    }
    return true;
}

bool apply_meeting_created(struct fold *fold)
{
    struct meeting *meeting = fold->meeting;
    const char *title = fold_text(fold, "title", MEETING_TITLE_MAX, JSON_REQUIRED);
    const char *place = fold_text(fold, "place", MEETING_TITLE_MAX, JSON_OPTIONAL);
    int64_t floors = json_fields_integer(&fold->body, "floors", 1, FLOORS_MAX, 1, JSON_REQUIRED);
    bool is_moderated = json_fields_boolean(&fold->body, "moderated", false, JSON_REQUIRED);
    bool is_recorded = json_fields_boolean(&fold->body, "recording", false, JSON_REQUIRED);
    const json_t *sites = json_fields_array(&fold->body, "sites", SITES_MAX, JSON_REQUIRED);
    if (!fold_fits(fold))
        return false;
    if (meeting->exists)
        return fold_misfit(fold, "type", "comes a second time");
    if (!roster_fits(sites))
        return fold_misfit(fold, "sites", "is not a roster");
    size_t index;
    json_t *entry;
    json_array_foreach ((json_t *)sites, index, entry)
        fold_entry(entry, meeting, NULL);
    meeting->exists = true;
    meeting->title = g_strdup(title);
    meeting->place = g_strdup(place);
    meeting->floors = (int)floors;
    meeting->is_moderated = is_moderated;
    meeting->is_recorded = is_recorded;
    meeting->created_us = fold->event->time_us;
    return true;
}
