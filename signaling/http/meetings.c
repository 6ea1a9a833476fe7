/* /api/v1/meetings: the list, making one with its links, further links. */
#include "common/log.h"
#include "signaling/http/reply.h"
#include "signaling/http/routes.h"

#include <string.h>

struct listing {
    const struct identity *identity;
    json_t *list;
};

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
    json_array_append_new(listing->list, entry);
    json_decref(snapshot);
}

void visit_meetings(const struct visit *visit)
{
    struct listing listing = {visit->identity, json_array()};
    hub_foreach(visit->service->hub, list_meeting, &listing);
    reply_json(visit->message, SOUP_STATUS_OK, listing.list);
}

/* {site, name, role, url}; NULL when the store does not take it. */
static json_t *make_link(const struct visit *visit, const char *meeting, const char *site,
                         const char *name, enum role role)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *key = identity_make_link(visit->service->store, meeting, site, role, &error);
    if (key == NULL) {
        log_error("links cannot be stored meeting=%s why=%s", meeting, error->message);
        return NULL;
    }
    g_autofree char *url = g_strdup_printf("%s/j/%s", visit->service->urls.public, key);
    return json_pack("{s:s?, s:s, s:s, s:s}", "site", site, "name", name, "role", role_name(role),
                     "url", url);
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

static json_t *make_all_links(const struct visit *visit, const char *id)
{
    struct meeting *meeting = hub_find(visit->service->hub, id, NULL);
    json_t *snapshot = meeting_snapshot(meeting);
    json_t *links = json_array();
    json_t *site, *link;
    size_t i;
    bool is_stored = true;
    json_array_foreach(json_object_get(snapshot, "sites"), i, site)
    {
        const char *slug = json_string_value(json_object_get(site, "id"));
        enum role role = ROLE_SITE;
        meeting_site_role(meeting, slug, &role);
        link = make_link(visit, id, slug, meeting_site_name(meeting, slug), role);
        is_stored = is_stored && link != NULL && json_array_append_new(links, link) == 0;
    }
    json_decref(snapshot);
    link = make_link(visit, id, NULL, shown_role(ROLE_SECRETARY), ROLE_SECRETARY);
    is_stored = is_stored && link != NULL && json_array_append_new(links, link) == 0;
    if (!is_stored)
        g_clear_pointer(&links, json_decref);
    return links;
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
    enum role role = choice >= 0 ? role_values[choice] : ROLE_SITE;
    const char *name = site != NULL ? meeting_site_name(meeting, site) : shown_role(role);
    if (!json_fields_end(&fields)) {
        rpc_refuse_fields(&refusal, &fields);
        reply_refusal(visit->message, &refusal);
    } else if (name == NULL) {
        reply_error(visit->message, ERROR_NO_SUCH_SITE, "no-such-site",
                    "the meeting has no such room");
    } else {
        if (site != NULL)
            meeting_site_role(meeting, site, &role);
        json_t *link = make_link(visit, visit->meeting, site, name, role);
        if (link != NULL)
            reply_json(visit->message, SOUP_STATUS_CREATED, link);
        else
            refuse_links(visit);
    }
    json_decref(body);
}
