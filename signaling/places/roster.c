#include "signaling/places/roster.h"

#include "common/ids.h"
#include "signaling/places/table.h"

#include <gio/gio.h>
#include <string.h>

#define NAME_MAX_CHARS 200

struct roster {
    json_t *sites;
    GHashTable *ids; /* id -> line */
    const struct places *places;
};

/* "Nguyễn Văn An (Chủ tịch); Lê Thị Bình" as [{name, post?}]. */
static json_t *read_people(const char *text)
{
    json_t *people = json_array();
    g_auto(GStrv) parts = g_strsplit(text, ";", -1);
    for (unsigned i = 0; parts[i] != NULL; i++) {
        char *name = g_strstrip(parts[i]), *post = NULL;
        size_t length = strlen(name);
        char *open = strchr(name, '(');
        if (open != NULL && length > 0 && name[length - 1] == ')') {
            name[length - 1] = '\0';
            *open = '\0';
            post = g_strstrip(open + 1);
            g_strchomp(name);
        }
        if (name[0] != '\0')
            json_array_append_new(people, post != NULL && post[0] != '\0'
                                              ? json_pack("{s:s, s:s}", "name", name, "post", post)
                                              : json_pack("{s:s}", "name", name));
    }
    return people;
}

static bool check_text(const struct table_row *row, const char *column, const char *text,
                       GError **error)
{
    if (!text_is_clean(text, false))
        return table_fail(row, column, "must be text without control characters", error);
    return g_utf8_strlen(text, -1) <= NAME_MAX_CHARS ||
           table_fail(row, column, "must have at most 200 characters", error);
}

static bool check_slug(const struct table_row *row, const char *column, GError **error)
{
    const char *text = table_get(row, column);
    return text[0] == '\0' || id_is_slug(text) ||
           table_fail(row, column, "must be of a-z, 0-9 and '-'", error);
}

static bool check_role(const struct table_row *row, GError **error)
{
    static const char *const roles[] = {"",         "site",     "chair", "secretary",
                                        "operator", "observer", NULL};
    return g_strv_contains(roles, table_get(row, "role")) ||
           table_fail(row, "role", "must be site, chair, secretary, operator or observer", error);
}

/* The row's own id, or the slug of its name. */
static char *id_of(const struct roster *roster, const struct table_row *row,
                   const struct place **place)
{
    const char *id = table_get(row, "id");
    *place =
        roster->places != NULL ? places_find(roster->places, table_get(row, "name"), NULL) : NULL;
    if (id[0] != '\0')
        return g_strdup(id);
    return *place != NULL ? g_strdup((*place)->slug) : places_slug(table_get(row, "name"));
}

static bool check_row(struct roster *roster, const struct table_row *row, const char *id,
                      GError **error)
{
    const char *name = table_get(row, "name");
    if (name[0] == '\0')
        return table_fail(row, "name", "is empty", error);
    if (!check_text(row, "name", name, error) || !check_slug(row, "id", error) ||
        !check_slug(row, "code", error) || !check_slug(row, "group", error) ||
        !check_role(row, error))
        return false;
    if (!id_is_slug(id))
        return table_fail(row, "id", "is empty and cannot be made of the name", error);
    unsigned first = GPOINTER_TO_UINT(g_hash_table_lookup(roster->ids, id));
    if (first == 0)
        return true;
    g_autofree char *why = g_strdup_printf("stands in line %u already (%s)", first, id);
    return table_fail(row, "id", why, error);
}

static void set_unless_empty(json_t *object, const char *key, const char *text)
{
    if (text[0] != '\0')
        json_object_set_new(object, key, json_string(text));
}

static bool add_row(const struct table_row *row, void *arg, GError **error)
{
    struct roster *roster = arg;
    const struct place *place;
    g_autofree char *id = id_of(roster, row, &place);
    if (!check_row(roster, row, id, error))
        return false;
    g_hash_table_insert(roster->ids, g_strdup(id), GUINT_TO_POINTER(table_line(row)));
    json_t *site = json_pack("{s:s, s:s}", "id", id, "name", table_get(row, "name"));
    set_unless_empty(site, "role", table_get(row, "role"));
    set_unless_empty(site, "code", table_get(row, "code"));
    set_unless_empty(site, "group", table_get(row, "group"));
    if (json_object_get(site, "code") == NULL && place != NULL)
        json_object_set_new(site, "code", json_string(place->code));
    json_t *people = read_people(table_get(row, "people"));
    if (json_array_size(people) > 0)
        json_object_set(site, "people", people);
    json_decref(people);
    json_array_append_new(roster->sites, site);
    return true;
}

static json_t *finish(struct roster *roster, bool is_good)
{
    g_hash_table_unref(roster->ids);
    json_t *params = is_good ? json_pack("{s:O}", "sites", roster->sites) : NULL;
    json_decref(roster->sites);
    return params;
}

static const char *const columns[] = {"name", NULL};

json_t *roster_read_csv(const char *name, const char *text, size_t size,
                        const struct places *places, GError **error)
{
    struct roster roster = {json_array(),
                            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), places};
    return finish(&roster, table_read_text(name, text, size, columns, add_row, &roster, error));
}

json_t *roster_read(const char *path, const struct places *places, GError **error)
{
    json_error_t fault;
    g_autofree char *text = NULL;
    gsize size;
    if (!g_file_get_contents(path, &text, &size, error))
        return NULL;
    if (g_str_has_suffix(path, ".csv"))
        return roster_read_csv(path, text, size, places, error);
    json_t *params = json_loadb(text, size, JSON_REJECT_DUPLICATES, &fault);
    if (params == NULL)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: line %d, column %d: %s", path,
                    fault.line, fault.column, fault.text);
    else if (!json_is_object(params))
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: must hold one object", path);
    if (params != NULL && !json_is_object(params))
        g_clear_pointer(&params, json_decref);
    return params;
}

json_t *roster_of_group(const struct places *places, const char *group, GError **error)
{
    g_autoptr(GPtrArray) list = places_group(places, group);
    if (list == NULL || list->len == 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                    "there is no list %s: 34-tinh, bo-nganh and xa:<code of a province> are",
                    group);
        return NULL;
    }
    g_autofree char *group_slug = g_strdelimit(g_strdup(group), ":", '-');
    json_t *sites = json_array();
    for (unsigned i = 0; i < list->len; i++) {
        const struct place *place = list->pdata[i];
        json_array_append_new(sites,
                              json_pack("{s:s, s:s, s:s, s:s}", "id", place->slug, "name",
                                        place->name, "code", place->code, "group", group_slug));
    }
    return sites;
}
