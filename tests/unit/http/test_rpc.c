#include "signaling/http/rpc.h"

#include <string.h>

static struct refusal refuse(const char *text)
{
    struct rpc_request request;
    struct refusal refusal = {0};
    g_assert_false(rpc_parse(text, strlen(text), &request, &refusal));
    rpc_request_clear(&request);
    return refusal;
}

static void test_a_request_is_read(void)
{
    const char *text =
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"floor.grant\",\"params\":{\"a\":1}}";
    struct rpc_request request;
    struct refusal refusal;
    g_assert_true(rpc_parse(text, strlen(text), &request, &refusal));
    g_assert_cmpstr(request.method, ==, "floor.grant");
    g_assert_cmpint(json_integer_value(request.id), ==, 7);
    g_assert_cmpint(json_integer_value(json_object_get(request.params, "a")), ==, 1);
    rpc_request_clear(&request);
}

static void test_a_request_without_id_is_a_notification(void)
{
    const char *text = "{\"jsonrpc\":\"2.0\",\"method\":\"x\"}";
    struct rpc_request request;
    struct refusal refusal;
    g_assert_true(rpc_parse(text, strlen(text), &request, &refusal));
    g_assert_null(request.id);
    g_assert_null(request.params);
    rpc_request_clear(&request);
}

static void test_what_is_not_json_is_told_apart(void)
{
    const char *const texts[] = {"", "{", "{}x", "\xff", "{\"a\":\"\xc3\"}", "nul", "{'a':1}"};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_cmpint(refuse(texts[i]).code, ==, ERROR_NOT_JSON);
}

static void test_what_is_not_a_request_is_refused(void)
{
    const char *const texts[] = {
        "1",
        "[]",
        "null",
        "{}",
        "{\"jsonrpc\":2.0,\"method\":\"x\"}",
        "{\"jsonrpc\":\"2.0\"}",
        "{\"jsonrpc\":\"2.0\",\"method\":null}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"id\":null}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"id\":1.0}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"id\":[1]}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"result\":1}",
        "{\"jsonrpc\":\"2.0\",\"jsonrpc\":\"2.0\",\"method\":\"x\"}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":{\"a\":{\"b\":1,\"b\":2}}}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_cmpint(refuse(texts[i]).code, ==, ERROR_INVALID_REQUEST);
}

static void test_params_must_be_an_object(void)
{
    struct refusal refusal = refuse("{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":[1]}");
    g_assert_cmpint(refusal.code, ==, ERROR_INVALID);
    g_assert_cmpstr(refusal.field, ==, "params");
}

static void test_a_refused_request_keeps_its_id(void)
{
    const char *text = "{\"jsonrpc\":\"1.0\",\"id\":\"a\",\"method\":\"x\"}";
    struct rpc_request request;
    struct refusal refusal;
    g_assert_false(rpc_parse(text, strlen(text), &request, &refusal));
    g_assert_cmpstr(json_string_value(request.id), ==, "a");
    rpc_request_clear(&request);
}

static void test_nesting_is_bounded_outside_texts_only(void)
{
    g_autofree char *open = g_strnfill(10000, '[');
    g_assert_cmpint(refuse(open).code, ==, ERROR_INVALID_REQUEST);
    g_autofree char *text = g_strdup_printf(
        "{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":{\"a\":\"\\\"%s\"}}", open);
    struct rpc_request request;
    struct refusal refusal;
    g_assert_true(rpc_parse(text, strlen(text), &request, &refusal));
    rpc_request_clear(&request);
}

static void test_a_large_frame_is_refused_unread(void)
{
    g_autofree char *text = g_strnfill(RPC_FRAME_MAX + 1, ' ');
    g_assert_cmpint(refuse(text).code, ==, ERROR_TOO_LARGE);
}

static json_t *load(GBytes *frame)
{
    gsize size;
    const char *text = g_bytes_get_data(frame, &size);
    json_t *value = json_loadb(text, size, 0, NULL);
    g_assert_nonnull(value);
    g_bytes_unref(frame);
    return value;
}

static void test_a_member_of_json_is_put_into_the_result(void)
{
    json_t *id = json_string("a}}");
    json_t *frame = load(rpc_result_with(id, json_pack("{s:i}", "seq", 7), "state", "{\"x\":[]}"));
    json_t *wanted = json_pack("{s:s, s:s, s:{s:i, s:{s:[]}}}", "jsonrpc", "2.0", "id", "a}}",
                               "result", "seq", 7, "state", "x");
    g_assert_true(json_equal(frame, wanted));
    json_decref(frame);
    json_decref(wanted);
    json_decref(id);
}

static void test_an_error_carries_reason_and_field(void)
{
    struct refusal refusal = {0};
    refusal_set(&refusal, ERROR_INVALID, "invalid", "sdp", "sdp is missing");
    json_t *id = json_integer(3);
    json_t *frame = load(rpc_error(id, &refusal));
    json_t *wanted = json_pack("{s:s, s:i, s:{s:i, s:s, s:{s:s, s:s}}}", "jsonrpc", "2.0", "id", 3,
                               "error", "code", -32602, "message", "sdp is missing", "data",
                               "reason", "invalid", "field", "sdp");
    g_assert_true(json_equal(frame, wanted));
    json_decref(frame);
    json_decref(wanted);
    json_decref(id);
}

static void test_a_field_cut_within_a_character_is_still_sent(void)
{
    struct refusal refusal = {0};
    g_autofree char *name = g_strnfill(62, 'x');
    g_autofree char *field = g_strconcat(name, "\xe1\xbb\x8b\xe1\xbb\x8b", NULL);
    refusal_set(&refusal, ERROR_INVALID, "invalid", field, "%s", field);
    json_t *frame = load(rpc_error(NULL, &refusal));
    const json_t *data = json_object_get(json_object_get(frame, "error"), "data");
    g_assert_true(g_str_has_prefix(json_string_value(json_object_get(data, "field")), name));
    json_decref(frame);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rpc/a_request_is_read", test_a_request_is_read);
    g_test_add_func("/rpc/a_request_without_id_is_a_notification",
                    test_a_request_without_id_is_a_notification);
    g_test_add_func("/rpc/what_is_not_json_is_told_apart", test_what_is_not_json_is_told_apart);
    g_test_add_func("/rpc/what_is_not_a_request_is_refused", test_what_is_not_a_request_is_refused);
    g_test_add_func("/rpc/params_must_be_an_object", test_params_must_be_an_object);
    g_test_add_func("/rpc/a_refused_request_keeps_its_id", test_a_refused_request_keeps_its_id);
    g_test_add_func("/rpc/nesting_is_bounded_outside_texts_only",
                    test_nesting_is_bounded_outside_texts_only);
    g_test_add_func("/rpc/a_large_frame_is_refused_unread", test_a_large_frame_is_refused_unread);
    g_test_add_func("/rpc/a_member_of_json_is_put_into_the_result",
                    test_a_member_of_json_is_put_into_the_result);
    g_test_add_func("/rpc/an_error_carries_reason_and_field",
                    test_an_error_carries_reason_and_field);
    g_test_add_func("/rpc/a_field_cut_within_a_character_is_still_sent",
                    test_a_field_cut_within_a_character_is_still_sent);
    return g_test_run();
}
