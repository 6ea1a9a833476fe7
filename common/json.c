#include "common/json.h"

#include "common/ids.h"

#include <glib.h>
#include <string.h>

void json_fields_begin(struct json_fields *fields, const json_t *object)
{
    memset(fields, 0, sizeof *fields);
    if (object == NULL || json_is_null(object))
        return;
    fields->object = object;
    if (!json_is_object(object)) {
        fields->object = NULL;
        json_fields_fail(fields, "params", "must be an object");
    }
}

/* Cuts between characters, never inside one: a field's name comes from outside and goes back into
 * JSON. */
static void copy_cut(char *to, const char *from, size_t size)
{
    const char *end;
    g_strlcpy(to, from, size);
    if (!g_utf8_validate(to, -1, &end))
        to[end - to] = '\0';
}

void json_fields_fail(struct json_fields *fields, const char *name, const char *why)
{
    if (fields->failed)
        return;
    fields->failed = true;
    copy_cut(fields->bad_field, name, sizeof fields->bad_field);
    copy_cut(fields->why, why, sizeof fields->why);
}

bool json_fields_has(const struct json_fields *fields, const char *name)
{
    const json_t *value = json_object_get(fields->object, name);
    return value != NULL && !json_is_null(value);
}

/* The field's value, or NULL when it is absent, null, or anything failed before. */
static const json_t *find(struct json_fields *fields, const char *name, enum json_need need)
{
    g_assert(fields->known_count < JSON_FIELDS_MAX);
    fields->known[fields->known_count++] = name;
    if (fields->failed)
        return NULL;
    const json_t *value = json_object_get(fields->object, name);
    if (value == NULL || json_is_null(value)) {
        if (need == JSON_REQUIRED)
            json_fields_fail(fields, name, "is missing");
        return NULL;
    }
    return value;
}

static const char *find_string(struct json_fields *fields, const char *name, enum json_need need)
{
    const json_t *value = find(fields, name, need);
    if (value == NULL)
        return NULL;
    const char *text = json_string_value(value);
    if (text == NULL || strlen(text) != json_string_length(value)) {
        json_fields_fail(fields, name, text == NULL ? "must be a text" : "holds a NUL character");
        return NULL;
    }
    return text;
}

static const char *read_text(struct json_fields *fields, const char *name, size_t max_chars,
                             enum json_need need, bool multiline)
{
    const char *text = find_string(fields, name, need);
    if (text == NULL)
        return NULL;
    if (!text_is_clean(text, multiline)) {
        json_fields_fail(fields, name, "must be UTF-8 in NFC without control characters");
        return NULL;
    }
    size_t chars = (size_t)g_utf8_strlen(text, -1);
    if (chars == 0 || chars > max_chars) {
        char why[80];
        g_snprintf(why, sizeof why, "must have 1 to %zu characters", max_chars);
        json_fields_fail(fields, name, why);
        return NULL;
    }
    return text;
}

const char *json_fields_text(struct json_fields *fields, const char *name, size_t max_chars,
                             enum json_need need)
{
    return read_text(fields, name, max_chars, need, false);
}

const char *json_fields_multiline(struct json_fields *fields, const char *name, size_t max_chars,
                                  enum json_need need)
{
    return read_text(fields, name, max_chars, need, true);
}

const char *json_fields_slug(struct json_fields *fields, const char *name, enum json_need need)
{
    const char *text = find_string(fields, name, need);
    if (text != NULL && !id_is_slug(text)) {
        json_fields_fail(fields, name, "must be 1 to 64 of a-z, 0-9 and '-', no '-' at the ends");
        return NULL;
    }
    return text;
}

const char *json_fields_raw(struct json_fields *fields, const char *name, size_t max_bytes,
                            enum json_need need)
{
    const char *text = find_string(fields, name, need);
    if (text != NULL && strlen(text) > max_bytes) {
        char why[80];
        g_snprintf(why, sizeof why, "must have at most %zu bytes", max_bytes);
        json_fields_fail(fields, name, why);
        return NULL;
    }
    return text;
}

int json_fields_choice(struct json_fields *fields, const char *name, const char *const *choices,
                       int absent, enum json_need need)
{
    const char *text = find_string(fields, name, need);
    if (text == NULL)
        return absent;
    for (int i = 0; choices[i] != NULL; i++) {
        if (strcmp(choices[i], text) == 0)
            return i;
    }
    g_autofree char *list = g_strjoinv(", ", (char **)choices);
    g_autofree char *why = g_strconcat("must be one of ", list, NULL);
    json_fields_fail(fields, name, why);
    return absent;
}

int64_t json_fields_integer(struct json_fields *fields, const char *name, int64_t least,
                            int64_t most, int64_t absent, enum json_need need)
{
    const json_t *value = find(fields, name, need);
    if (value == NULL)
        return absent;
    if (!json_is_integer(value) || json_integer_value(value) < least ||
        json_integer_value(value) > most) {
        char why[100];
        g_snprintf(why, sizeof why,
                   "must be a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                   (gint64)least, (gint64)most);
        json_fields_fail(fields, name, why);
        return absent;
    }
    return json_integer_value(value);
}

double json_fields_number(struct json_fields *fields, const char *name, double least, double most,
                          double absent, enum json_need need)
{
    const json_t *value = find(fields, name, need);
    if (value == NULL)
        return absent;
    /* Written so that what is not a number is refused, too. */
    if (!json_is_number(value) ||
        !(json_number_value(value) >= least && json_number_value(value) <= most)) {
        char why[100];
        g_snprintf(why, sizeof why, "must be a number from %g to %g", least, most);
        json_fields_fail(fields, name, why);
        return absent;
    }
    return json_number_value(value);
}

bool json_fields_boolean(struct json_fields *fields, const char *name, bool absent,
                         enum json_need need)
{
    const json_t *value = find(fields, name, need);
    if (value == NULL)
        return absent;
    if (!json_is_boolean(value))
        json_fields_fail(fields, name, "must be true or false");
    return json_is_true(value);
}

const json_t *json_fields_array(struct json_fields *fields, const char *name, size_t max_items,
                                enum json_need need)
{
    const json_t *value = find(fields, name, need);
    if (value == NULL)
        return NULL;
    if (!json_is_array(value) || json_array_size(value) > max_items) {
        char why[80];
        g_snprintf(why, sizeof why, "must be a list of at most %zu items", max_items);
        json_fields_fail(fields, name, why);
        return NULL;
    }
    return value;
}

const json_t *json_fields_object(struct json_fields *fields, const char *name, enum json_need need)
{
    const json_t *value = find(fields, name, need);
    if (value != NULL && !json_is_object(value)) {
        json_fields_fail(fields, name, "must be an object");
        return NULL;
    }
    return value;
}

bool json_fields_end(struct json_fields *fields)
{
    const char *key;
    json_t *value;
    if (fields->failed || fields->object == NULL)
        return !fields->failed;
    json_object_foreach ((json_t *)fields->object, key, value) {
        bool is_known = false;
        for (unsigned i = 0; i < fields->known_count && !is_known; i++)
            is_known = strcmp(fields->known[i], key) == 0;
        if (!is_known) {
            json_fields_fail(fields, key, "is not a field of this command");
            break;
        }
    }
    return !fields->failed;
}

char *json_canonical(const json_t *value)
{
    return json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
}
