/* /api/v1/meetings: the list, making one with its links, further links, who is connected. */
#include "common/log.h"
#include "signaling/http/reply.h"
#include "signaling/http/routes.h"

#include <string.h>

#define LINK_DIGITS 16 /* of its hash: as it is listed and revoked */

struct listing {
    const struct identity *identity;
    json_t *list;
};

/* What a room is called in its meeting: borrowed, or NULL. */
static json_t *name_of_site(const json_t *snapshot, const char *site)
{
    json_t *each;
    size_t index;
    json_array_foreach (json_object_get(snapshot, "sites"), index, each) {
        if (g_strcmp0(json_string_value(json_object_get(each, "id")), site) == 0)
            return json_object_get(each, "name");
    }
    return NULL;
}

static void list_meeting(struct meeting *meeting, void *arg)
{
    static const char *const shown[] = {"id", "title", "state", "created", "opened", "closed"};
    struct listing *listing = arg;
    const char *own = listing->identity->meeting;
    if (own != NULL && strcmp(own, meeting_id(meeting)) != 0)
        return;
    json_t *snapshot = meeting_snapshot(meeting);
    const json_t *full = json_object_get(snapshot, "meeting");
    json_t *entry = json_object();
    for (size_t i = 0; i < G_N_ELEMENTS(shown); i++)
        json_object_set(entry, shown[i], json_object_get(full, shown[i]));
    json_t *name = name_of_site(snapshot, listing->identity->site);
    if (name != NULL)
        json_object_set(entry, "site_name", name);
    json_array_append_new(listing->list, entry);
    json_decref(snapshot);
}

void visit_meetings(const struct visit *visit)
{
    struct listing listing = {visit->identity, json_array()};
    hub_foreach(visit->service->hub, list_meeting, &listing);
    reply_json(visit->message, SOUP_STATUS_OK, listing.list);
}

/* How roles are called where a link has no room. */
static const char *shown_role(enum role role)
{
    switch (role) {
    case ROLE_CHAIR:
        return "Chủ tọa";
    case ROLE_SECRETARY:
        return "Thư ký";
    case ROLE_OPERATOR:
        return "Kỹ thuật";
    default:
        return "Dự thính";
    }
}

/* Makes the links' keys; [{site, name, role, url}], or NULL when the store does not take them.
 * Frees the keys. */
static json_t *make_links(const struct visit *visit, const struct meeting *meeting,
                          struct link *links, size_t count)
{
    g_autoptr(GError) error = NULL;
    if (!identity_make_links(visit->service->store, meeting_id(meeting), links, count, &error)) {
        log_error("links cannot be stored meeting=%s why=%s", meeting_id(meeting), error->message);
        return NULL;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        const char *site = links[i].site;
        g_autofree char *key = links[i].key;
        g_autofree char *url = g_strdup_printf("%s/j/%s", visit->service->urls.public, key);
        char hash[KEY_HEX_SIZE];
        key_hash(key, hash);
        json_array_append_new(list, json_pack("{s:s%, s:s?, s:s, s:s, s:s}", "link", hash,
                                              (size_t)LINK_DIGITS, "site", site, "name",
                                              site != NULL ? meeting_site_name(meeting, site)
                                                           : shown_role(links[i].role),
                                              "role", role_name(links[i].role), "url", url));
    }
    return list;
}

/* One for each room, and one for a secretary. */
static json_t *make_all_links(const struct visit *visit, const char *id)
{
    const struct meeting *meeting = hub_find(visit->service->hub, id, NULL);
    json_t *snapshot = meeting_snapshot(meeting);
    const json_t *sites = json_object_get(snapshot, "sites");
    size_t count = json_array_size(sites), i;
    g_autofree struct link *links = g_new0(struct link, count + 1);
    json_t *site;
    json_array_foreach (sites, i, site) {
        links[i].site = json_string_value(json_object_get(site, "id"));
        meeting_site_role(meeting, links[i].site, &links[i].role);
    }
    links[count].role = ROLE_SECRETARY;
    json_t *list = make_links(visit, meeting, links, count + 1);
    json_decref(snapshot);
    return list;
}

static void refuse_links(const struct visit *visit)
{
    reply_error(visit->message, ERROR_STORAGE, "storage", "links cannot be stored now");
}

void visit_create_meeting(const struct visit *visit)
{
    const struct identity *identity = visit->identity;
    struct actor actor = {identity->account, identity->role, identity->site};
    struct refusal refusal = {0};
    json_t *answer = NULL;
    json_t *body = reply_read_body(visit->message);
    if (body == NULL)
        return;
    if (identity->meeting != NULL) {
        reply_error(visit->message, ERROR_NOT_ALLOWED, "not-allowed",
                    "a meeting is made by an account");
    } else if (!hub_execute(visit->service->hub, NULL, "meeting.create", body, &actor, &answer,
                            &refusal)) {
        reply_refusal(visit->message, &refusal);
    } else {
        const char *id = json_string_value(json_object_get(body, "meeting"));
        json_t *links = make_all_links(visit, id);
        if (links != NULL) {
            json_object_set_new(answer, "links", links);
            json_object_set_new(answer, "meeting", json_string(id));
            reply_json(visit->message, SOUP_STATUS_CREATED, json_incref(answer));
        } else {
            refuse_links(visit);
        }
    }
    json_decref(answer);
    json_decref(body);
}

void visit_create_link(const struct visit *visit)
{
    static const char *const roles[] = {"chair", "secretary", "operator", "observer", NULL};
    static const enum role role_values[] = {ROLE_CHAIR, ROLE_SECRETARY, ROLE_OPERATOR,
                                            ROLE_OBSERVER};
    struct meeting *meeting = hub_find(visit->service->hub, visit->meeting, NULL);
    struct refusal refusal = {0};
    struct json_fields fields;
    json_t *body = reply_read_body(visit->message);
    if (body == NULL)
        return;
    json_fields_begin(&fields, body);
    const char *site = json_fields_slug(&fields, "site", JSON_OPTIONAL);
    int choice = json_fields_choice(&fields, "role", roles, -1, JSON_OPTIONAL);
    if ((site == NULL) == (choice < 0))
        json_fields_fail(&fields, "site", "or role is needed, one of them");
    struct link wanted = {.site = site, .role = choice >= 0 ? role_values[choice] : ROLE_SITE};
    if (!json_fields_end(&fields)) {
        rpc_refuse_fields(&refusal, &fields);
        reply_refusal(visit->message, &refusal);
    } else if (site != NULL && !meeting_site_role(meeting, site, &wanted.role)) {
        reply_error(visit->message, ERROR_NO_SUCH_SITE, "no-such-site",
                    "the meeting has no such room");
    } else {
        json_t *links = make_links(visit, meeting, &wanted, 1);
        if (links != NULL)
            reply_json(visit->message, SOUP_STATUS_CREATED, json_incref(json_array_get(links, 0)));
        else
            refuse_links(visit);
        json_decref(links);
    }
    json_decref(body);
}

void visit_connections(const struct visit *visit)
{
    reply_json(visit->message, SOUP_STATUS_OK,
               attendance_describe(visit->service->attendance, visit->meeting));
}

/* Accounts without a room: their coming is no event, but who wants to consult one must know. */
void visit_desks(const struct visit *visit)
{
    json_t *connections = attendance_describe(visit->service->attendance, visit->meeting);
    json_t *desks = json_array();
    size_t index;
    json_t *entry;
    json_array_foreach (connections, index, entry) {
        if (json_is_null(json_object_get(entry, "site")))
            json_array_append_new(desks, json_pack("{s:O, s:O}", "account",
                                                   json_object_get(entry, "account"), "role",
                                                   json_object_get(entry, "role")));
    }
    json_decref(connections);
    reply_json(visit->message, SOUP_STATUS_OK, desks);
}
