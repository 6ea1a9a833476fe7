/* Hostile frames into the JSON-RPC reader. Whatever comes: a request that is taken is one, one that
 * is refused is refused with a reason, and either can be answered by a frame that is JSON. */
#include "signaling/http/rpc.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define must(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "line %d: %s does not hold\n", __LINE__, #condition);                  \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* The frame is one JSON object with the request's id (null: it had none that could be read). */
static void check_frame(GBytes *frame, const json_t *id)
{
    gsize size;
    const char *text = g_bytes_get_data(frame, &size);
    json_t *object = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    must(json_is_object(object));
    const json_t *answered = json_object_get(object, "id");
    must(id != NULL ? json_equal(answered, id) : json_is_null(answered));
    json_decref(object);
    g_bytes_unref(frame);
}

/* Reads a field as the server's methods do, so that field names of any kind come to be refused. */
static void read_fields(const struct rpc_request *request)
{
    struct json_fields fields;
    struct refusal refusal = {0};
    json_fields_begin(&fields, request->params);
    json_fields_raw(&fields, "sdp", 1000, JSON_REQUIRED);
    json_fields_text(&fields, "client", 20, JSON_OPTIONAL);
    if (json_fields_end(&fields))
        return;
    rpc_refuse_fields(&refusal, &fields);
    check_frame(rpc_error(request->id, &refusal), request->id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rpc_request request;
    struct refusal refusal = {0};
    if (rpc_parse((const char *)data, size, &request, &refusal)) {
        must(request.method != NULL);
        must(request.id == NULL || json_is_integer(request.id) || json_is_string(request.id));
        must(request.params == NULL || json_is_object(request.params));
        read_fields(&request);
        json_t *result = json_incref(request.params);
        check_frame(rpc_result(request.id, result != NULL ? result : json_object()), request.id);
    } else {
        must(refusal.code != 0 && refusal.reason != NULL && refusal.message[0] != '\0');
        check_frame(rpc_error(request.id, &refusal), request.id);
    }
    rpc_request_clear(&request);
    return 0;
}
