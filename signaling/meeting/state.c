#include "signaling/meeting/state.h"

#include "common/clock.h"

#include <string.h>

const char *const floor_kinds[] = {"opinion", "prepared",       "rebuttal",
                                   "answer",  "point-of-order", NULL};

const char *meeting_status_name(enum meeting_status status)
{
    static const char *const names[] = {"draft", "rehearsal", "open", "paused", "closed"};
    return names[status];
}

const char *request_state_name(enum request_state state)
{
    static const char *const names[] = {"pending",   "accepted", "granted", "denied",
                                        "cancelled", "released", "revoked"};
    return names[state];
}

static void site_free(void *data)
{
    struct site *site = data;
    g_free(site->id);
    g_free(site->name);
    g_free(site->code);
    g_free(site->group);
    g_free(site->session);
    json_decref(site->people);
    g_free(site);
}

static void request_free(void *data)
{
    struct floor_request *request = data;
    g_free(request->id);
    g_free(request->speaker);
    g_free(request->title);
    g_free(request->item);
    g_free(request->topic);
    g_free(request->answers);
    g_free(request->why);
    g_free(request);
}

struct meeting *meeting_new(const char *id)
{
    struct meeting *meeting = g_new0(struct meeting, 1);
    meeting->id = g_strdup(id);
    memset(meeting->last_hash, '0', HASH_HEX_SIZE - 1);
    meeting->sites = g_ptr_array_new_with_free_func(site_free);
    meeting->sites_by_id = g_hash_table_new(g_str_hash, g_str_equal);
    meeting->requests = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, request_free);
    meeting->queue = g_ptr_array_new();
    meeting->holders = g_ptr_array_new();
    meeting->past = g_ptr_array_new();
    meeting->directives = json_array();
    meeting->notes = json_array();
    meeting->incidents = json_array();
    meeting->votes = json_array();
    meeting->rollcalls = json_array();
    meeting->opinions = json_array();
    meeting->papers = json_array();
    meeting->layout = layout_initial();
    meeting->agenda = json_pack("{s:[], s:n, s:n, s:[]}", "items", "current", "since", "course");
    meeting->settings = settings_initial();
    return meeting;
}

void meeting_free(struct meeting *meeting)
{
    if (meeting == NULL)
        return;
    g_ptr_array_unref(meeting->queue);
    g_ptr_array_unref(meeting->holders);
    g_ptr_array_unref(meeting->past);
    g_hash_table_unref(meeting->requests);
    g_hash_table_unref(meeting->sites_by_id);
    g_ptr_array_unref(meeting->sites);
    json_decref(meeting->directives);
    json_decref(meeting->notes);
    json_decref(meeting->incidents);
    json_decref(meeting->votes);
    json_decref(meeting->rollcalls);
    json_decref(meeting->agenda);
    json_decref(meeting->layout);
    json_decref(meeting->opinions);
    json_decref(meeting->papers);
    json_decref(meeting->consult);
    json_decref(meeting->settings);
    g_free(meeting->id);
    g_free(meeting);
}

const char *meeting_id(const struct meeting *meeting)
{
    return meeting->id;
}

uint64_t meeting_seq(const struct meeting *meeting)
{
    return meeting->seq;
}

const char *meeting_title(const struct meeting *meeting)
{
    return setting_text(meeting, "title");
}

bool meeting_exists(const struct meeting *meeting)
{
    return meeting->exists;
}

bool meeting_is_closed(const struct meeting *meeting)
{
    return meeting->status == MEETING_CLOSED;
}

bool meeting_wants_recording(const struct meeting *meeting)
{
    return meeting->is_recorded && meeting->status == MEETING_OPEN;
}

struct site *meeting_find_site(const struct meeting *meeting, const char *site)
{
    return g_hash_table_lookup(meeting->sites_by_id, site);
}

const char *meeting_site_name(const struct meeting *meeting, const char *site)
{
    const struct site *found = meeting_find_site(meeting, site);
    return found != NULL ? found->name : NULL;
}

bool meeting_site_role(const struct meeting *meeting, const char *site, enum role *role)
{
    const struct site *found = meeting_find_site(meeting, site);
    if (found != NULL)
        *role = found->role;
    return found != NULL;
}

struct floor_request *meeting_find_request(const struct meeting *meeting, const char *request)
{
    return g_hash_table_lookup(meeting->requests, request);
}

int floor_position(const struct meeting *meeting, const struct floor_request *request)
{
    guint index;
    if (request->state != REQUEST_ACCEPTED || !g_ptr_array_find(meeting->queue, request, &index))
        return 0;
    return (int)index + 1;
}

/* In the lobby one is neither heard nor hears. */
bool site_is_inside(const struct meeting *meeting, const struct site *site)
{
    return site->is_admitted || site->role != ROLE_SITE || !setting_is_on(meeting, "lobby");
}

/* The chairing rooms are always heard, the holders' while they hold; not one that is muted, in the
 * lobby or in a consult. */
json_t *meeting_speakers(const struct meeting *meeting)
{
    json_t *speakers = json_array();
    if (meeting->status != MEETING_OPEN && meeting->status != MEETING_REHEARSAL)
        return speakers;
    for (unsigned i = 0; i < meeting->sites->len; i++) {
        const struct site *site = meeting->sites->pdata[i];
        bool chairs =
            site->role == ROLE_CHAIR || site == meeting->delegate || site == meeting->acting;
        if ((chairs || site->has_floor) && !site->is_muted && site_is_inside(meeting, site) &&
            !consult_has_site(meeting, site->id))
            json_array_append_new(speakers,
                                  json_pack("{s:s, s:s}", "leg", site->id, "name", site->name));
    }
    return speakers;
}

/* A closed meeting needs nobody apart. */
json_t *meeting_apart(const struct meeting *meeting)
{
    json_t *apart = json_array();
    json_t *waiting = json_array();
    for (unsigned i = 0; i < meeting->sites->len; i++) {
        const struct site *site = meeting->sites->pdata[i];
        if (meeting->status != MEETING_CLOSED && !site_is_inside(meeting, site))
            json_array_append_new(waiting, json_string(site->id));
    }
    if (meeting->consult != NULL)
        json_array_append_new(apart,
                              json_pack("{s:o, s:b}", "legs", consult_legs(meeting), "talk", true));
    if (json_array_size(waiting) > 0)
        json_array_append_new(apart, json_pack("{s:O, s:b}", "legs", waiting, "talk", false));
    json_decref(waiting);
    return apart;
}

void mark_rehearsal(const struct meeting *meeting, json_t *entry)
{
    if (meeting->status == MEETING_REHEARSAL)
        json_object_set_new(entry, "rehearsal", json_true());
}

bool is_of_rehearsal(const json_t *entry)
{
    return json_is_true(json_object_get(entry, "rehearsal"));
}

json_t *find_numbered(const json_t *list, char kind, const char *id)
{
    guint64 number;
    if (id == NULL || id[0] != kind || id[1] == '0' ||
        !g_ascii_string_to_unsigned(id + 1, 10, 1, G_MAXUINT32, &number, NULL))
        return NULL;
    return json_array_get(list, (size_t)number - 1);
}

char *next_numbered(const json_t *list, char kind)
{
    return g_strdup_printf("%c%zu", kind, json_array_size(list) + 1);
}

json_t *json_text_or_null(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

json_t *json_time_or_null(int64_t utc_us)
{
    char text[CLOCK_RFC3339_SIZE];
    if (utc_us == 0)
        return json_null();
    clock_format_rfc3339(utc_us, text);
    return json_string(text);
}
