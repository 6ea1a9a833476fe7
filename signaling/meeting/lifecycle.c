#include "signaling/meeting/state.h"

#include <string.h>

#define SITES_MAX  4000
#define FLOORS_MAX 16

static const char *const site_roles[] = {"site",     "chair",    "secretary",
                                         "operator", "observer", NULL};

/* One entry of the roster, normalised; NULL (and `fields` failed) for a bad one. */
static json_t *read_site(struct json_fields *fields, const json_t *entry, size_t index,
                         GHashTable *seen)
{
    struct json_fields inner;
    json_fields_begin(&inner, entry);
    const char *id = json_fields_slug(&inner, "id", JSON_REQUIRED);
    const char *name = json_fields_text(&inner, "name", 200, JSON_REQUIRED);
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
    json_array_foreach((json_t *)list, index, entry)
    {
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
    const char *title = json_fields_text(&fields, "title", 300, JSON_REQUIRED);
    const char *place = json_fields_text(&fields, "place", 300, JSON_OPTIONAL);
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

bool decide_meeting_update(struct draft *draft)
{
    struct json_fields fields;
    json_t *body = json_object();
    json_fields_begin(&fields, draft->command->params);
    const char *title = json_fields_text(&fields, "title", 300, JSON_OPTIONAL);
    const char *place = json_fields_text(&fields, "place", 300, JSON_OPTIONAL);
    int64_t floors = json_fields_integer(&fields, "floors", 1, FLOORS_MAX, 0, JSON_OPTIONAL);
    bool is_moderated = json_fields_boolean(&fields, "moderated", false, JSON_OPTIONAL);
    if (title != NULL)
        json_object_set_new(body, "title", json_string(title));
    if (place != NULL)
        json_object_set_new(body, "place", json_string(place));
    if (floors != 0)
        json_object_set_new(body, "floors", json_integer(floors));
    if (json_fields_has(&fields, "moderated"))
        json_object_set_new(body, "moderated", json_boolean(is_moderated));
    if (!json_fields_end(&fields) || draft->meeting->status == MEETING_CLOSED) {
        json_decref(body);
        return fields.failed ? draft_invalid(draft, &fields)
                             : draft_wrong_state(draft, "the meeting is closed");
    }
    if (json_object_size(body) > 0)
        draft_event(draft, "meeting.updated", body);
    else
        json_decref(body);
    return true;
}

/* The lifecycle's commands have no params; `from` are the states that they start from. */
static bool decide_status(struct draft *draft, unsigned from, const char *type)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    enum meeting_status status = draft->meeting->status;
    if ((from & (1u << status)) == 0)
        return draft_wrong_state(draft, "the meeting is %s", meeting_status_name(status));
    if (strcmp(type, "meeting.opened") == 0 || strcmp(type, "meeting.closed") == 0)
        draft_end_requests(draft);
    draft_event(draft, type, json_object());
    return true;
}

bool decide_meeting_rehearse(struct draft *draft)
{
    return decide_status(draft, 1u << MEETING_DRAFT, "meeting.rehearsed");
}

/* What was asked and granted in the rehearsal ends with it. */
bool decide_meeting_open(struct draft *draft)
{
    return decide_status(draft, 1u << MEETING_DRAFT | 1u << MEETING_REHEARSAL, "meeting.opened");
}

bool decide_meeting_pause(struct draft *draft)
{
    return decide_status(draft, 1u << MEETING_OPEN, "meeting.paused");
}

bool decide_meeting_resume(struct draft *draft)
{
    return decide_status(draft, 1u << MEETING_PAUSED, "meeting.resumed");
}

bool decide_meeting_close(struct draft *draft)
{
    return decide_status(draft, 1u << MEETING_OPEN | 1u << MEETING_PAUSED, "meeting.closed");
}

static void add_site(struct meeting *meeting, const json_t *entry, enum role role)
{
    struct site *site = g_new0(struct site, 1);
    site->id = g_strdup(json_string_value(json_object_get(entry, "id")));
    site->name = g_strdup(json_string_value(json_object_get(entry, "name")));
    site->role = role;
    g_ptr_array_add(meeting->sites, site);
    g_hash_table_insert(meeting->sites_by_id, site->id, site);
}

/* A roster that add_site() can take: the journal may come from another hand. */
static bool roster_fits(const json_t *sites)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    size_t index;
    json_t *entry;
    enum role role;
    json_array_foreach((json_t *)sites, index, entry)
    {
        const char *id = json_string_value(json_object_get(entry, "id"));
        const char *name = json_string_value(json_object_get(entry, "name"));
        const char *role_text = json_string_value(json_object_get(entry, "role"));
        if (id == NULL || name == NULL || role_text == NULL || !role_parse(role_text, &role) ||
            !g_hash_table_add(seen, (void *)id))
            return false;
    }
    return json_is_array(sites);
}

bool apply_meeting_created(struct meeting *meeting, const struct event *event)
{
    const json_t *sites = json_object_get(event->body, "sites");
    const char *title = body_text(event, "title");
    json_int_t floors = json_integer_value(json_object_get(event->body, "floors"));
    if (meeting->exists || title == NULL || floors < 1 || floors > FLOORS_MAX ||
        !roster_fits(sites))
        return false;
    meeting->exists = true;
    meeting->title = g_strdup(title);
    meeting->place = g_strdup(body_text(event, "place"));
    meeting->floors = (int)floors;
    meeting->is_moderated = json_is_true(json_object_get(event->body, "moderated"));
    meeting->is_recorded = json_is_true(json_object_get(event->body, "recording"));
    meeting->created_us = event->time_us;
    size_t index;
    json_t *entry;
    json_array_foreach((json_t *)sites, index, entry)
    {
        enum role role;
        role_parse(json_string_value(json_object_get(entry, "role")), &role);
        add_site(meeting, entry, role);
    }
    return true;
}

bool apply_meeting_updated(struct meeting *meeting, const struct event *event)
{
    const char *title = body_text(event, "title");
    const char *place = body_text(event, "place");
    json_int_t floors = json_integer_value(json_object_get(event->body, "floors"));
    const json_t *moderated = json_object_get(event->body, "moderated");
    if (floors < 0 || floors > FLOORS_MAX)
        return false;
    if (title != NULL) {
        g_free(meeting->title);
        meeting->title = g_strdup(title);
    }
    if (place != NULL) {
        g_free(meeting->place);
        meeting->place = g_strdup(place);
    }
    if (floors > 0)
        meeting->floors = (int)floors;
    if (moderated != NULL)
        meeting->is_moderated = json_is_true(moderated);
    return true;
}

bool apply_meeting_status(struct meeting *meeting, const struct event *event)
{
    static const struct {
        const char *type;
        enum meeting_status status;
    } changes[] = {
        {"meeting.rehearsed", MEETING_REHEARSAL}, {"meeting.opened", MEETING_OPEN},
        {"meeting.paused", MEETING_PAUSED},       {"meeting.resumed", MEETING_OPEN},
        {"meeting.closed", MEETING_CLOSED},
    };
    if (meeting->status == MEETING_CLOSED)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        if (strcmp(changes[i].type, event->type) == 0)
            meeting->status = changes[i].status;
    }
    if (strcmp(event->type, "meeting.opened") == 0)
        meeting->opened_us = event->time_us;
    if (meeting->status == MEETING_CLOSED)
        meeting->closed_us = event->time_us;
    return true;
}
