/* Params as somebody sends them who wants to do harm: good ones with one thing wrong. */
#include "tests/unit/meeting/chance.h"

#include <string.h>

/* As `mutate` puts them; a value that would have been good by accident does no harm. */
static const char *const values[] = {
    "null",
    "true",
    "0",
    "-1",
    "1e308",
    "0.1",
    "9223372036854775807",
    "-9223372036854775808",
    "''",
    "' '",
    "'\\u202e\\u2066đảo chiều'",
    "'e\\u0302\\u0323'", /* not NFC */
    "'a\\r\\nb'",
    "'<script>alert(1)</script>'",
    "'../../etc/passwd'",
    "'r1'",
    "'r4294967297'",
    "'hue'",
    "'chu-toa'",
    "'HUE'",
    "[]",
    "[[]]",
    "['hue','hue']",
    "['chu-toa',null]",
    "{}",
    "{'id':{}}",
};

static json_t *long_text(GRand *rand)
{
    g_autofree char *text = g_strnfill((gsize)g_rand_int_range(rand, 150, 20000), 'a');
    return json_string(text);
}

static json_t *hostile_value(GRand *rand)
{
    guint32 which = (guint32)g_rand_int_range(rand, 0, (gint32)G_N_ELEMENTS(values) + 2);
    if (which < G_N_ELEMENTS(values))
        return world_json(values[which]);
    if (which == G_N_ELEMENTS(values))
        return long_text(rand);
    json_t *list = json_array();
    for (int i = g_rand_int_range(rand, 1, 200); i > 0; i--)
        json_array_append_new(list, world_json(values[i % (int)G_N_ELEMENTS(values)]));
    return list;
}

static const char *some_key(GRand *rand, json_t *object)
{
    int skip = g_rand_int_range(rand, 0, MAX(1, (gint32)json_object_size(object)));
    void *at = json_object_iter(object);
    while (at != NULL && skip-- > 0)
        at = json_object_iter_next(object, at);
    return at != NULL ? json_object_iter_key(at) : NULL;
}

/* Down to an object inside, sometimes: a room of a list, a person of a room. */
static json_t *some_object(GRand *rand, json_t *params)
{
    json_t *object = params;
    for (int depth = 0; depth < 3 && g_rand_boolean(rand); depth++) {
        const char *key = some_key(rand, object);
        json_t *inner = key != NULL ? json_object_get(object, key) : NULL;
        if (json_is_array(inner) && json_array_size(inner) > 0)
            inner = json_array_get(
                inner, (size_t)g_rand_int_range(rand, 0, (gint32)json_array_size(inner)));
        if (!json_is_object(inner))
            break;
        object = inner;
    }
    return object;
}

enum chance_harm chance_mutate(GRand *rand, json_t *params)
{
    json_t *object = some_object(rand, params);
    const char *key = some_key(rand, object);
    if (key == NULL || g_rand_int_range(rand, 0, 8) == 0) {
        json_object_set_new(object, "colour", hostile_value(rand));
        return CHANCE_UNKNOWN_FIELD;
    }
    g_autofree char *name = g_strdup(key);
    if (g_rand_int_range(rand, 0, 5) == 0)
        json_object_del(object, name);
    else
        json_object_set_new(object, name, hostile_value(rand));
    return CHANCE_WRONG_VALUE;
}
