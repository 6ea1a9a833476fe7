#include "signaling/http/rpc.h"

#include <string.h>

/* The deepest nesting of arrays and objects, so that what is too deep never reaches the parser,
 * which recurses. Brackets inside texts do not count. */
static unsigned nesting(const char *text, size_t size)
{
    unsigned depth = 0, deepest = 0;
    bool in_text = false;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (in_text) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_text = false;
        } else if (c == '"') {
            in_text = true;
        } else if (c == '{' || c == '[') {
            depth++;
            deepest = MAX(deepest, depth);
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return deepest;
}

static bool refuse_request(struct refusal *refusal, const char *message)
{
    refusal_set(refusal, ERROR_INVALID_REQUEST, "invalid-request", "", "%s", message);
    return false;
}

json_t *rpc_load(const char *text, size_t size, size_t limit, struct refusal *refusal)
{
    if (size > limit) {
        refusal_set(refusal, ERROR_TOO_LARGE, "too-large", "", "at most %zu bytes are taken",
                    limit);
        return NULL;
    }
    if (nesting(text, size) > RPC_DEPTH_MAX) {
        refuse_request(refusal, "nested too deeply");
        return NULL;
    }
    json_error_t error;
    json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (value == NULL && json_error_code(&error) == json_error_duplicate_key)
        refuse_request(refusal, "a key is given twice");
    else if (value == NULL)
        refusal_set(refusal, ERROR_NOT_JSON, "not-json", "", "this is not JSON");
    return value;
}

static bool id_is_usable(const json_t *id)
{
    if (json_is_integer(id))
        return true;
    return json_is_string(id) && json_string_length(id) <= RPC_ID_MAX;
}

static bool read_members(struct rpc_request *request, struct refusal *refusal)
{
    const char *key, *version = NULL;
    json_t *value;
    json_object_foreach (request->document, key, value) {
        if (strcmp(key, "jsonrpc") == 0)
            version = json_string_value(value);
        else if (strcmp(key, "id") == 0)
            request->id = value;
        else if (strcmp(key, "method") == 0)
            request->method = json_string_value(value);
        else if (strcmp(key, "params") == 0)
            request->params = value;
        else
            return refuse_request(refusal, "only jsonrpc, id, method and params are known");
    }
    if (g_strcmp0(version, "2.0") != 0)
        return refuse_request(refusal, "jsonrpc must be \"2.0\"");
    if (request->method == NULL)
        return refuse_request(refusal, "method must be a text");
    return true;
}

bool rpc_parse(const char *text, size_t size, struct rpc_request *request, struct refusal *refusal)
{
    memset(request, 0, sizeof *request);
    request->document = rpc_load(text, size, RPC_FRAME_MAX, refusal);
    if (request->document == NULL)
        return false;
    if (json_is_array(request->document))
        return refuse_request(refusal, "batches are not supported: one request a frame");
    if (!json_is_object(request->document))
        return refuse_request(refusal, "a request is an object");
    bool is_known = read_members(request, refusal);
    if (request->id != NULL && !id_is_usable(request->id)) {
        request->id = NULL;
        return refuse_request(refusal, "id must be an integer or a text of at most 64 bytes");
    }
    if (!is_known)
        return false;
    if (request->params != NULL && !json_is_object(request->params)) {
        refusal_set(refusal, ERROR_INVALID, "invalid", "params", "params must be an object");
        return false;
    }
    return true;
}

void rpc_request_clear(struct rpc_request *request)
{
    json_decref(request->document);
    memset(request, 0, sizeof *request);
}

static GBytes *to_frame(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    g_assert(text != NULL);
    return g_bytes_new_with_free_func(text, strlen(text), free, text);
}

/* A copy of the id, or null. */
static json_t *answer_id(const json_t *id)
{
    return id != NULL ? json_copy((json_t *)id) : json_null();
}

GBytes *rpc_result(const json_t *id, json_t *result)
{
    return to_frame(
        json_pack("{s:s, s:o, s:o}", "jsonrpc", "2.0", "id", answer_id(id), "result", result));
}

GBytes *rpc_result_with(const json_t *id, json_t *result, const char *member, const char *json)
{
    g_autoptr(GBytes) plain = rpc_result(id, result);
    gsize size;
    const char *text = g_bytes_get_data(plain, &size);
    /* Before the two braces that end the result and the answer: the result is the last member. */
    GString *frame = g_string_sized_new(size + strlen(member) + strlen(json) + 8);
    g_string_append_len(frame, text, (gssize)size - 2);
    g_string_append_printf(frame, ",\"%s\":", member);
    g_string_append(frame, json);
    g_string_append(frame, "}}");
    return g_string_free_to_bytes(frame);
}

/* A text that was cut to fit its array may end within a character. */
static json_t *cut_text(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    return json_string(valid);
}

json_t *rpc_error_object(const struct refusal *refusal)
{
    json_t *data = json_pack("{s:s}", "reason", refusal->reason);
    if (refusal->field[0] != '\0')
        json_object_set_new(data, "field", cut_text(refusal->field));
    return json_pack("{s:i, s:o, s:o}", "code", refusal->code, "message",
                     cut_text(refusal->message), "data", data);
}

GBytes *rpc_error(const json_t *id, const struct refusal *refusal)
{
    return to_frame(json_pack("{s:s, s:o, s:o}", "jsonrpc", "2.0", "id", answer_id(id), "error",
                              rpc_error_object(refusal)));
}

GBytes *rpc_notification(const char *method, json_t *params)
{
    return to_frame(json_pack("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method", method, "params",
                              params != NULL ? params : json_object()));
}

void rpc_refuse_fields(struct refusal *refusal, const struct json_fields *fields)
{
    refusal_set(refusal, ERROR_INVALID, "invalid", fields->bad_field, "%s %s", fields->bad_field,
                fields->why);
}
