/* Nothing comes through that the permission table does not give. The table is read as the program
 * prints it; whom the powers are lent to is read from the snapshot, not asked of the core. */
#include "tests/unit/meeting/chance.h"

#include <string.h>

struct lookup {
    const char *method;
    enum role role;
    bool is_given, is_own_only;
};

static void look(const char *method, enum role role, bool own_only, void *arg)
{
    struct lookup *lookup = arg;
    if (strcmp(method, lookup->method) != 0 || role != lookup->role)
        return;
    lookup->is_given = true;
    lookup->is_own_only = own_only;
}

static enum role role_of(const char *who)
{
    enum role role = ROLE_SITE;
    if (strcmp(who, "system") == 0)
        return ROLE_SYSTEM;
    role_parse(who, &role);
    return role;
}

/* A room that chairs by delegation or by rule, and a secretary who stands in, are the chair. */
static enum role role_before(const json_t *before, const char *who)
{
    const json_t *meeting = json_object_get(before, "meeting");
    const json_t *acting = json_object_get(meeting, "acting");
    const char *delegate = json_string_value(json_object_get(meeting, "delegate"));
    const char *site = json_string_value(json_object_get(acting, "site"));
    const char *role = json_string_value(json_object_get(acting, "role"));
    enum role own = role_of(who);
    bool is_lent = own == ROLE_SITE && (g_strcmp0(delegate, who) == 0 || g_strcmp0(site, who) == 0);
    bool stands_in = own == ROLE_SECRETARY && g_strcmp0(role, "secretary") == 0;
    return is_lent || stands_in ? ROLE_CHAIR : own;
}

void chance_check_permitted(struct world *world, const json_t *before, const char *who,
                            const char *method)
{
    struct lookup lookup = {.method = method, .role = role_before(before, who)};
    permissions_foreach(look, &lookup);
    if (!lookup.is_given)
        g_error("%s did %s, which the role %s may not", who, method, role_name(lookup.role));
    const char *own = strcmp(who, "chair") == 0 ? "chu-toa" : who;
    for (unsigned i = 0; lookup.is_own_only && i < world->last.events->len; i++) {
        const struct event *event = world->last.events->pdata[i];
        const char *site = json_string_value(json_object_get(event->body, "site"));
        if (site != NULL && strcmp(site, own) != 0)
            g_error("%s did %s to %s", who, method, site);
    }
}

static const json_t *site_of(const json_t *before, const char *id)
{
    size_t index;
    json_t *site;
    json_array_foreach (json_object_get(before, "sites"), index, site) {
        if (g_strcmp0(json_string_value(json_object_get(site, "id")), id) == 0)
            return site;
    }
    g_error("%s has the floor and is no room", id);
}

void chance_check_granted(struct world *world, const json_t *before, const json_t *params)
{
    const json_t *meeting = json_object_get(before, "meeting");
    const json_t *quota = json_object_get(meeting, "quota_speeches");
    bool has_lobby = json_is_true(json_object_get(meeting, "lobby"));
    bool is_beyond = json_is_true(json_object_get(params, "beyond_quota"));
    for (unsigned i = 0; i < world->last.events->len; i++) {
        const struct event *event = world->last.events->pdata[i];
        if (strcmp(event->type, "floor.granted") != 0)
            continue;
        const json_t *site =
            site_of(before, json_string_value(json_object_get(event->body, "site")));
        bool is_chair = strcmp(json_string_value(json_object_get(site, "role")), "chair") == 0;
        g_assert_true(is_chair || !has_lobby || json_is_true(json_object_get(site, "admitted")));
        if (json_is_integer(quota) && !is_beyond)
            g_assert_cmpint(json_integer_value(json_object_get(site, "speeches")), <,
                            json_integer_value(quota));
    }
}
