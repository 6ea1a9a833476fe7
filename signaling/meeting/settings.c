/* A meeting's settings: one table says what there is, of what kind and within which limits; making
 * a meeting, updating it and folding both read by it. */
#include "signaling/meeting/state.h"

#include "common/clock.h"

#include <string.h>

enum kind { TEXT, INTEGER, BOOLEAN, CHOICE, MOMENT, PERSON, ROOM, ROOMS };

static const char *const types[] = {"briefing", "review", "thematic", "training", NULL};
static const char *const policies[] = {"continue", "pause", NULL};

/* `initial` is JSON; a setting that is null at first may be set to null again. */
static const struct setting {
    const char *name;
    enum kind kind;
    int64_t least, most;
    const char *const *choices;
    const char *initial;
} settings[] = {
    {"title", TEXT, 1, MEETING_TITLE_MAX, NULL, "null"},
    {"place", TEXT, 1, MEETING_TITLE_MAX, NULL, "null"},
    {"organizer", TEXT, 1, NAME_MAX_CHARS, NULL, "null"},
    {"type", CHOICE, 0, 0, types, "null"},
    {"starts", MOMENT, 0, 0, NULL, "null"},
    {"ends", MOMENT, 0, 0, NULL, "null"},
    {"chair", PERSON, 0, 0, NULL, "null"},
    {"secretary", PERSON, 0, 0, NULL, "null"},
    {"floors", INTEGER, 1, FLOORS_MAX, NULL, "1"},
    {"moderated", BOOLEAN, 0, 0, NULL, "false"},
    {"speech_seconds", INTEGER, SECONDS_LEAST, SECONDS_MOST, NULL, "null"},
    {"cut", BOOLEAN, 0, 0, NULL, "false"},
    {"quota_speeches", INTEGER, 1, 1000, NULL, "null"},
    {"quota_seconds", INTEGER, SECONDS_LEAST, SECONDS_MOST, NULL, "null"},
    {"lobby", BOOLEAN, 0, 0, NULL, "false"},
    {"co_chair", ROOM, 0, 0, NULL, "null"},
    {"deputies", ROOMS, 0, DEPUTIES_MAX, NULL, "[]"},
    {"chair_lost_seconds", INTEGER, 5, 600, NULL, "15"},
    {"chair_lost", CHOICE, 0, 0, policies, "\"continue\""},
};

/* What QĐ 45/2018/QĐ-TTg lets a meeting of a type last, in the order of `types`: half a day, one
 * day, one day, two days of eight hours. */
static const int64_t longest_hours[] = {4, 8, 8, 16};

static bool may_be_null(const struct setting *setting)
{
    return strcmp(setting->initial, "null") == 0 && strcmp(setting->name, "title") != 0;
}

static const char *read_text(struct json_fields *fields, const char *name, size_t most, bool is_new,
                             enum json_need need)
{
    return is_new ? json_fields_text(fields, name, most, need)
                  : json_fields_raw(fields, name, 4 * most, need);
}

json_t *settings_read_moment(struct json_fields *fields, const char *name)
{
    int64_t time_us;
    const char *text = json_fields_raw(fields, name, 40, JSON_OPTIONAL);
    if (text == NULL)
        return json_null();
    if (!clock_parse_rfc3339(text, &time_us)) {
        json_fields_fail(fields, name, "must be a time like 2026-12-31T01:00:00Z");
        return json_null();
    }
    return json_time_or_null(time_us);
}

static json_t *read_named(struct json_fields *fields, const char *name, bool is_new)
{
    struct json_fields inner;
    const json_t *object = json_fields_object(fields, name, JSON_OPTIONAL);
    if (object == NULL)
        return json_null();
    json_fields_begin(&inner, object);
    const char *full_name = read_text(&inner, "name", NAME_MAX_CHARS, is_new, JSON_REQUIRED);
    const char *post = read_text(&inner, "post", NAME_MAX_CHARS, is_new, JSON_OPTIONAL);
    if (!json_fields_end(&inner)) {
        g_autofree char *why =
            g_strdup_printf("has a field that is wrong: %s %s", inner.bad_field, inner.why);
        json_fields_fail(fields, name, why);
        return json_null();
    }
    return json_pack("{s:s, s:o}", "name", full_name, "post", json_text_or_null(post));
}

/* Whether `id` is a room that may stand in for the chair: one of the role site. `sites` is the
 * roster of a meeting that is being made, NULL for one that exists. */
static bool may_stand_in(const struct meeting *meeting, const json_t *sites, const char *id)
{
    size_t index;
    json_t *entry;
    if (sites == NULL) {
        const struct site *site = meeting_find_site(meeting, id);
        return site != NULL && site->role == ROLE_SITE;
    }
    json_array_foreach ((json_t *)sites, index, entry) {
        if (g_strcmp0(json_string_value(json_object_get(entry, "id")), id) == 0)
            return strcmp(json_string_value(json_object_get(entry, "role")), "site") == 0;
    }
    return false;
}

static json_t *read_rooms(struct json_fields *fields, const struct setting *setting,
                          const struct meeting *meeting, const json_t *sites)
{
    bool is_one = setting->kind == ROOM;
    const char *one = is_one ? json_fields_slug(fields, setting->name, JSON_OPTIONAL) : NULL;
    json_t *rooms =
        is_one ? json_array() : read_slugs(fields, setting->name, (size_t)setting->most, NULL);
    size_t index;
    json_t *room;
    if (one != NULL)
        json_array_append_new(rooms, json_string(one));
    json_array_foreach (rooms, index, room) {
        if (!may_stand_in(meeting, sites, json_string_value(room)))
            json_fields_fail(fields, setting->name,
                             "must be rooms of the meeting with the role site");
    }
    if (!is_one)
        return rooms;
    json_decref(rooms);
    return json_text_or_null(one);
}

static json_t *read_value(struct json_fields *fields, const struct setting *setting,
                          const struct meeting *meeting, const json_t *sites, bool is_new)
{
    const char *name = setting->name;
    int64_t number;
    int choice;
    switch (setting->kind) {
    case TEXT:
        return json_text_or_null(
            read_text(fields, name, (size_t)setting->most, is_new, JSON_OPTIONAL));
    case INTEGER:
        number =
            json_fields_integer(fields, name, setting->least, setting->most, -1, JSON_OPTIONAL);
        return number >= 0 ? json_integer(number) : json_null();
    case BOOLEAN:
        return json_boolean(json_fields_boolean(fields, name, false, JSON_OPTIONAL));
    case CHOICE:
        choice = json_fields_choice(fields, name, setting->choices, -1, JSON_OPTIONAL);
        return choice >= 0 ? json_string(setting->choices[choice]) : json_null();
    case MOMENT:
        return settings_read_moment(fields, name);
    case PERSON:
        return read_named(fields, name, is_new);
    default:
        return read_rooms(fields, setting, meeting, sites);
    }
}

json_t *settings_read(struct json_fields *fields, const struct meeting *meeting,
                      const json_t *sites, bool is_new)
{
    json_t *given = json_object();
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
        json_t *value = read_value(fields, &settings[i], meeting, sites, is_new);
        const json_t *raw = json_object_get(fields->object, settings[i].name);
        bool is_kept = raw != NULL && (!json_is_null(raw) || may_be_null(&settings[i]));
        if (is_kept)
            json_object_set_new(given, settings[i].name, value);
        else
            json_decref(value);
    }
    return given;
}

json_t *settings_initial(void)
{
    json_t *initial = json_object();
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++)
        json_object_set_new(initial, settings[i].name,
                            json_loads(settings[i].initial, JSON_DECODE_ANY, NULL));
    return initial;
}

int64_t setting_number(const struct meeting *meeting, const char *name)
{
    return json_integer_value(json_object_get(meeting->settings, name));
}

const char *setting_text(const struct meeting *meeting, const char *name)
{
    return json_string_value(json_object_get(meeting->settings, name));
}

bool setting_is_on(const struct meeting *meeting, const char *name)
{
    return json_is_true(json_object_get(meeting->settings, name));
}

/* Warnings are for the organiser; they hold nothing up. */
json_t *settings_warnings(const json_t *all)
{
    json_t *warnings = json_array();
    int64_t starts_us, ends_us;
    const char *starts = json_string_value(json_object_get(all, "starts"));
    const char *ends = json_string_value(json_object_get(all, "ends"));
    const char *type = json_string_value(json_object_get(all, "type"));
    if (starts == NULL || ends == NULL || !clock_parse_rfc3339(starts, &starts_us) ||
        !clock_parse_rfc3339(ends, &ends_us))
        return warnings;
    for (size_t i = 0; type != NULL && types[i] != NULL; i++) {
        if (strcmp(types[i], type) == 0 &&
            ends_us - starts_us > longest_hours[i] * 3600 * G_USEC_PER_SEC)
            json_array_append_new(warnings, json_string("longer-than-allowed"));
    }
    if (ends_us <= starts_us)
        json_array_append_new(warnings, json_string("ends-before-it-starts"));
    return warnings;
}
