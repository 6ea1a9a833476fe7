#include "bridge/scenery.h"

#include <string.h>

struct scenery {
    json_t *declared; /* NULL: nothing yet */
    GHashTable *ids;  /* leg -> scene_id; owned keys */
    GPtrArray *legs;  /* by scene_id - 1; borrowed from `ids` */
    GArray *members;  /* of struct scene_member; texts borrowed from `declared` */
    scene_id floor[SCENE_FLOOR_MAX];
    unsigned floor_count;
    scene_id assigned[LAYOUT_CELLS_MAX];
    unsigned assigned_count;
};

struct scenery *scenery_new(void)
{
    struct scenery *scenery = g_new0(struct scenery, 1);
    scenery->ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    scenery->legs = g_ptr_array_new();
    scenery->members = g_array_new(FALSE, FALSE, sizeof(struct scene_member));
    return scenery;
}

void scenery_free(struct scenery *scenery)
{
    if (scenery == NULL)
        return;
    json_decref(scenery->declared);
    g_array_unref(scenery->members);
    g_ptr_array_unref(scenery->legs);
    g_hash_table_unref(scenery->ids);
    g_free(scenery);
}

/* ---- who is who ---- */

scene_id scenery_id(struct scenery *scenery, const char *leg)
{
    gpointer known = g_hash_table_lookup(scenery->ids, leg);
    if (known != NULL)
        return GPOINTER_TO_UINT(known);
    char *name = g_strdup(leg);
    g_ptr_array_add(scenery->legs, name);
    g_hash_table_insert(scenery->ids, name, GUINT_TO_POINTER(scenery->legs->len));
    return scenery->legs->len;
}

const char *scenery_leg(const struct scenery *scenery, scene_id id)
{
    return id != SCENE_NOBODY && id <= scenery->legs->len ? scenery->legs->pdata[id - 1] : NULL;
}

/* ---- the declaration ---- */

static bool is_text_or_null(const json_t *value)
{
    return value == NULL || json_is_null(value) || json_is_string(value);
}

static bool check_members(const json_t *members, char why[160])
{
    size_t index;
    json_t *member;
    json_array_foreach ((json_t *)members, index, member) {
        if (json_is_string(json_object_get(member, "leg")) &&
            json_is_string(json_object_get(member, "name")) &&
            is_text_or_null(json_object_get(member, "detail")))
            continue;
        g_snprintf(why, 160, "members: entry %zu must be {leg, name, detail?}", index);
        return false;
    }
    return true;
}

static bool check_list(const json_t *legs, const char *field, char why[160])
{
    size_t index;
    json_t *leg;
    if (legs != NULL && !json_is_array(legs)) {
        g_snprintf(why, 160, "%s must be an array", field);
        return false;
    }
    json_array_foreach ((json_t *)legs, index, leg) {
        if (is_text_or_null(leg))
            continue;
        g_snprintf(why, 160, "%s: entry %zu must be the name of a leg or null", field, index);
        return false;
    }
    return true;
}

static bool check_legs(const json_t *scene, const char *field, char why[160])
{
    return check_list(json_object_get(scene, field), field, why);
}

static bool check_layout(const char *layout, char why[160])
{
    if (layout != NULL && strlen(layout) < SCENERY_LAYOUT_MAX &&
        (layout_find(layout) != NULL || strcmp(layout, "mosaic") == 0 ||
         strcmp(layout, "auto") == 0))
        return true;
    g_snprintf(why, 160, "layout: there is none of this name");
    return false;
}

static bool check(const json_t *scene, char why[160])
{
    if (!check_layout(json_string_value(json_object_get(scene, "layout")), why))
        return false;
    if (!json_is_array(json_object_get(scene, "members"))) {
        g_snprintf(why, 160, "members must be an array");
        return false;
    }
    if (!is_text_or_null(json_object_get(scene, "chair"))) {
        g_snprintf(why, 160, "chair must be the name of a leg or null");
        return false;
    }
    return check_members(json_object_get(scene, "members"), why) &&
           check_legs(scene, "floor", why) && check_legs(scene, "assigned", why);
}

static unsigned read_list(struct scenery *scenery, const json_t *legs, scene_id *ids, unsigned most)
{
    unsigned count = (unsigned)MIN(json_array_size(legs), most);
    for (unsigned i = 0; i < count; i++) {
        const char *leg = json_string_value(json_array_get(legs, i));
        ids[i] = leg != NULL ? scenery_id(scenery, leg) : SCENE_NOBODY;
    }
    return count;
}

static unsigned read_ids(struct scenery *scenery, const char *field, scene_id *ids, unsigned most)
{
    return read_list(scenery, json_object_get(scenery->declared, field), ids, most);
}

static void read_members(struct scenery *scenery)
{
    size_t index;
    json_t *entry;
    g_array_set_size(scenery->members, 0);
    json_array_foreach (json_object_get(scenery->declared, "members"), index, entry) {
        struct scene_member member = {
            .id = scenery_id(scenery, json_string_value(json_object_get(entry, "leg"))),
            .name = json_string_value(json_object_get(entry, "name")),
            .detail = json_string_value(json_object_get(entry, "detail"))};
        g_array_append_val(scenery->members, member);
    }
}

bool scenery_declare(struct scenery *scenery, json_t *scene, char why[160])
{
    if (!check(scene, why))
        return false;
    json_incref(scene);
    json_decref(scenery->declared);
    scenery->declared = scene;
    read_members(scenery);
    scenery->floor_count = read_ids(scenery, "floor", scenery->floor, SCENE_FLOOR_MAX);
    scenery->assigned_count = read_ids(scenery, "assigned", scenery->assigned, LAYOUT_CELLS_MAX);
    return true;
}

bool scenery_is_declared(const struct scenery *scenery)
{
    return scenery->declared != NULL;
}

/* ---- what comes of it ---- */

const char *scenery_chair(const struct scenery *scenery)
{
    return json_string_value(json_object_get(scenery->declared, "chair"));
}

const char *scenery_holder(const struct scenery *scenery, unsigned index)
{
    return index < scenery->floor_count ? scenery_leg(scenery, scenery->floor[index]) : NULL;
}

const char *scenery_layout(const struct scenery *scenery)
{
    return json_string_value(json_object_get(scenery->declared, "layout"));
}

unsigned scenery_page_seconds(const struct scenery *scenery)
{
    json_int_t seconds = json_integer_value(json_object_get(scenery->declared, "page_seconds"));
    return (unsigned)CLAMP(seconds, 0, 3600);
}

const json_t *scenery_texts(const struct scenery *scenery)
{
    return json_object_get(scenery->declared, "texts");
}

/* "auto": slides when there are any, else who speaks with the chair beside. */
static const char *layout_of(const char *layout, const char *content)
{
    if (strcmp(layout, "auto") != 0)
        return layout;
    return content != NULL ? "slides_speaker" : "speaker_chair";
}

/* What does not depend on who looks. */
static struct scene_input input_of(struct scenery *scenery, const char *content)
{
    const char *chair = scenery_chair(scenery);
    return (struct scene_input){
        .floor = scenery->floor,
        .floor_count = scenery->floor_count,
        .chair = chair != NULL ? scenery_id(scenery, chair) : SCENE_NOBODY,
        .content = content != NULL ? scenery_id(scenery, content) : SCENE_NOBODY,
        .members = (const struct scene_member *)(void *)scenery->members->data,
        .member_count = scenery->members->len};
}

void scenery_plan(struct scenery *scenery, const char *self, const char *content, unsigned page,
                  struct scene *scene)
{
    struct scene_input input = input_of(scenery, content);
    input.layout = layout_of(scenery_layout(scenery), content);
    input.page = page;
    input.assigned = scenery->assigned;
    input.assigned_count = scenery->assigned_count;
    input.viewer = self != NULL ? SCENE_FLOOR_HOLDER : SCENE_AUDIENCE;
    input.self = self != NULL ? scenery_id(scenery, self) : SCENE_NOBODY;
    scene_plan(&input, scene);
}

bool scenery_choose(struct scenery *scenery, const char *layout, const json_t *assigned,
                    unsigned page, struct scenery_choice *choice, char why[160])
{
    if (!check_layout(layout, why) || !check_list(assigned, "assigned", why))
        return false;
    *choice = (struct scenery_choice){.page = page};
    g_strlcpy(choice->layout, layout, sizeof choice->layout);
    choice->assigned_count = read_list(scenery, assigned, choice->assigned, LAYOUT_CELLS_MAX);
    return true;
}

void scenery_plan_choice(struct scenery *scenery, const struct scenery_choice *choice,
                         const char *content, struct scene *scene)
{
    struct scene_input input = input_of(scenery, content);
    input.layout = layout_of(choice->layout, content);
    input.page = choice->page;
    input.assigned = choice->assigned;
    input.assigned_count = choice->assigned_count;
    input.viewer = SCENE_AUDIENCE;
    scene_plan(&input, scene);
}
