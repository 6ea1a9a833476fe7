#include "common/json.h"

#include <glib.h>
#include <string.h>

static json_t *parse(const char *text)
{
    json_t *value = json_loads(text, 0, NULL);
    g_assert_nonnull(value);
    return value;
}

static void reads_every_kind_of_field(void)
{
    json_t *object = parse("{\"site\":\"da-nang\",\"title\":\"Phó Chủ tịch\",\"seconds\":60,"
                           "\"kind\":\"opinion\",\"on\":true,\"list\":[1]}");
    static const char *const kinds[] = {"prepared", "opinion", NULL};
    struct json_fields fields;
    json_fields_begin(&fields, object);
    g_assert_cmpstr(json_fields_slug(&fields, "site", JSON_REQUIRED), ==, "da-nang");
    g_assert_cmpstr(json_fields_text(&fields, "title", 200, JSON_REQUIRED), ==, "Phó Chủ tịch");
    g_assert_cmpint(json_fields_integer(&fields, "seconds", 10, 600, -1, JSON_REQUIRED), ==, 60);
    g_assert_cmpint(json_fields_choice(&fields, "kind", kinds, -1, JSON_REQUIRED), ==, 1);
    g_assert_true(json_fields_boolean(&fields, "on", false, JSON_REQUIRED));
    g_assert_cmpuint(json_array_size(json_fields_array(&fields, "list", 5, JSON_REQUIRED)), ==, 1);
    g_assert_null(json_fields_text(&fields, "why", 10, JSON_OPTIONAL));
    g_assert_true(json_fields_end(&fields));
    json_decref(object);
}

static void names_the_field_that_is_wrong(void)
{
    static const struct {
        const char *text, *field;
    } cases[] = {
        {"{}", "site"},
        {"{\"site\":7}", "site"},
        {"{\"site\":\"Đà Nẵng\"}", "site"},
        {"{\"site\":\"a\",\"why\":\"12345678901\"}", "why"},
        {"{\"site\":\"a\",\"why\":\"\"}", "why"},
        {"{\"site\":\"a\",\"seconds\":1.5}", "seconds"},
        {"{\"site\":\"a\",\"seconds\":9}", "seconds"},
        {"{\"site\":\"a\",\"surprise\":1}", "surprise"},
        {"{\"site\":\"a\",\"why\":\"a\\u0000b\"}", "why"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        json_t *object = json_loads(cases[i].text, JSON_ALLOW_NUL, NULL);
        g_assert_nonnull(object);
        struct json_fields fields;
        json_fields_begin(&fields, object);
        json_fields_slug(&fields, "site", JSON_REQUIRED);
        json_fields_text(&fields, "why", 10, JSON_OPTIONAL);
        json_fields_integer(&fields, "seconds", 10, 600, 0, JSON_OPTIONAL);
        g_assert_false(json_fields_end(&fields));
        g_assert_cmpstr(fields.bad_field, ==, cases[i].field);
        json_decref(object);
    }
}

static void refuses_params_that_are_not_an_object(void)
{
    json_t *list = parse("[1]");
    struct json_fields fields;
    json_fields_begin(&fields, list);
    g_assert_false(json_fields_end(&fields));
    g_assert_cmpstr(fields.bad_field, ==, "params");
    json_decref(list);
}

static void canonical_form_is_sorted_and_compact(void)
{
    json_t *object = parse("{ \"b\" : [1, 2], \"a\": \"Đà Nẵng\" }");
    char *text = json_canonical(object);
    g_assert_cmpstr(text, ==, "{\"a\":\"Đà Nẵng\",\"b\":[1,2]}");
    free(text);
    json_decref(object);
}

/* The name comes from outside and goes back in the answer's JSON. */
static void cuts_a_long_name_between_characters(void)
{
    struct json_fields fields;
    g_autoptr(GString) name = g_string_new("ab");
    for (int i = 0; i < 40; i++)
        g_string_append(name, "Đ");
    json_t *object = json_object();
    json_object_set_new(object, name->str, json_true());
    json_fields_begin(&fields, object);
    g_assert_false(json_fields_end(&fields));
    g_assert_true(g_utf8_validate(fields.bad_field, -1, NULL));
    g_assert_cmpuint(strlen(fields.bad_field), ==, 2 + 30 * strlen("Đ"));
    json_decref(object);
}

static void numbers_keep_to_their_limits(void)
{
    static const char *const bad[] = {"{\"loss\": -0.1}", "{\"loss\": 100.1}", "{\"loss\": \"1\"}",
                                      "{\"loss\": true}"};
    struct json_fields fields;
    json_t *object = json_loads("{\"loss\": 1.5, \"rtt\": 3}", 0, NULL);
    json_fields_begin(&fields, object);
    g_assert_cmpfloat(json_fields_number(&fields, "loss", 0, 100, -1, JSON_REQUIRED), ==, 1.5);
    g_assert_cmpfloat(json_fields_number(&fields, "rtt", 0, 100, -1, JSON_REQUIRED), ==, 3);
    g_assert_cmpfloat(json_fields_number(&fields, "jitter", 0, 100, -1, JSON_OPTIONAL), ==, -1);
    g_assert_true(json_fields_end(&fields));
    json_decref(object);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        object = json_loads(bad[i], 0, NULL);
        json_fields_begin(&fields, object);
        json_fields_number(&fields, "loss", 0, 100, -1, JSON_REQUIRED);
        g_assert_false(json_fields_end(&fields));
        g_assert_cmpstr(fields.bad_field, ==, "loss");
        json_decref(object);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json/reads_every_kind_of_field", reads_every_kind_of_field);
    g_test_add_func("/json/names_the_field_that_is_wrong", names_the_field_that_is_wrong);
    g_test_add_func("/json/refuses_params_that_are_not_an_object",
                    refuses_params_that_are_not_an_object);
    g_test_add_func("/json/canonical_form_is_sorted_and_compact",
                    canonical_form_is_sorted_and_compact);
    g_test_add_func("/json/cuts_a_long_name_between_characters",
                    cuts_a_long_name_between_characters);
    g_test_add_func("/json/numbers_keep_to_their_limits", numbers_keep_to_their_limits);
    return g_test_run();
}
