/* nhipcau meeting create | list | show */
#include "signaling/admin/admin.h"
#include "signaling/places/roster.h"

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

static struct places *load_places(const struct admin *admin, GError **error)
{
    return places_load(admin->places_folder, error);
}

static bool add_groups(struct admin *admin, json_t *params, const struct places *places,
                       GError **error)
{
    if (json_object_get(params, "sites") == NULL)
        json_object_set_new(params, "sites", json_array());
    for (unsigned i = 0; admin->groups != NULL && admin->groups[i] != NULL; i++) {
        json_t *sites = roster_of_group(places, admin->groups[i], error);
        if (sites == NULL)
            return false;
        json_array_extend(json_object_get(params, "sites"), sites);
        json_decref(sites);
    }
    return true;
}

static void set_given(json_t *params, const char *key, const char *value)
{
    if (value != NULL)
        json_object_set_new(params, key, json_string(value));
}

/* What the file and the options say together; NULL with `error`. */
static json_t *read_params(struct admin *admin, GError **error)
{
    struct places *places = load_places(admin, error);
    if (places == NULL)
        return NULL;
    json_t *params =
        admin->word_count > 0 ? roster_read(admin->words[0], places, error) : json_object();
    if (params != NULL && !add_groups(admin, params, places, error))
        g_clear_pointer(&params, json_decref);
    places_free(places);
    if (params == NULL)
        return NULL;
    set_given(params, "meeting", admin->id);
    set_given(params, "title", admin->title);
    set_given(params, "place", admin->place);
    return params;
}

static void print_links(const json_t *links)
{
    size_t index;
    json_t *link;
    json_array_foreach ((json_t *)links, index, link) {
        const char *site = json_string_value(json_object_get(link, "site"));
        printf("%s\t%s\t%s\t%s\n", site != NULL ? site : "-",
               json_string_value(json_object_get(link, "role")),
               json_string_value(json_object_get(link, "name")),
               json_string_value(json_object_get(link, "url")));
    }
}

static void print_json(const json_t *value)
{
    json_dumpf(value, stdout, JSON_INDENT(2));
    putchar('\n');
}

int admin_meeting_create(struct admin *admin)
{
    GError *error = NULL;
    if (admin->word_count > 1)
        return admin_wrong_use("meeting create [FILE.json | FILE.csv]");
    json_t *params = read_params(admin, &error);
    json_t *answer = params != NULL ? admin_call(admin, "POST", "meetings", params, &error) : NULL;
    json_decref(params);
    if (answer == NULL)
        return admin_fail(error);
    size_t index;
    json_t *warning;
    json_array_foreach (json_object_get(answer, "warnings"), index, warning)
        fprintf(stderr, "nhipcau: warning: %s\n", json_string_value(warning));
    if (admin->json)
        print_json(answer);
    else
        print_links(json_object_get(answer, "links"));
    json_decref(answer);
    return 0;
}

int admin_meeting_list(struct admin *admin)
{
    GError *error = NULL;
    size_t index;
    json_t *meeting;
    json_t *list = admin_call(admin, "GET", "meetings", NULL, &error);
    if (list == NULL)
        return admin_fail(error);
    if (admin->json)
        print_json(list);
    json_array_foreach (list, index, meeting) {
        const char *opened = json_string_value(json_object_get(meeting, "opened"));
        if (!admin->json)
            printf("%s\t%s\t%s\t%s\n", json_string_value(json_object_get(meeting, "id")),
                   json_string_value(json_object_get(meeting, "state")),
                   opened != NULL ? opened : "-",
                   json_string_value(json_object_get(meeting, "title")));
    }
    json_decref(list);
    return 0;
}

int admin_meeting_show(struct admin *admin)
{
    GError *error = NULL;
    if (admin->word_count != 1)
        return admin_wrong_use("meeting show MEETING");
    g_autofree char *path = g_strdup_printf("meetings/%s/minutes.json", admin->words[0]);
    json_t *minutes = admin_call(admin, "GET", path, NULL, &error);
    if (minutes == NULL)
        return admin_fail(error);
    print_json(minutes);
    json_decref(minutes);
    return 0;
}
