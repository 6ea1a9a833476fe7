/* JSON-RPC 2.0 as rooms speak it (docs/protocol.md, "The WebSocket"): one object a text frame.
 * Reading is strict: a frame over the limit, nesting that is too deep, a key given twice, members
 * that JSON-RPC does not know and batches are refused, each with an error that says so.
 *
 * Thread: any, one at a time. */
#pragma once

#include "signaling/errors.h"
#include "signaling/meeting/meeting.h"

#define RPC_FRAME_MAX ((size_t)64 * 1024)
#define RPC_DEPTH_MAX 16 /* levels of arrays and objects */
#define RPC_ID_MAX    64 /* bytes of an id that is a text */

/* JSON of at most `limit` bytes, read as strictly as said above; NULL with `refusal`. */
json_t *rpc_load(const char *text, size_t size, size_t limit, struct refusal *refusal);

struct rpc_request {
    json_t *document; /* owned; the rest points into it */
    const char *method;
    json_t *params; /* an object, or NULL */
    json_t *id;     /* a text or an integer; NULL: a notification, which gets no answer */
};

/* False with `refusal` (code ERROR_NOT_JSON: the connection is to be closed); `request->id` is then
 * still set when it could be read. rpc_request_clear() in either case. */
bool rpc_parse(const char *text, size_t size, struct rpc_request *request, struct refusal *refusal);
void rpc_request_clear(struct rpc_request *request);

/* Frames to send. `id` is borrowed (NULL: null); `result` and `params` are stolen. */
GBytes *rpc_result(const json_t *id, json_t *result);
/* The same with one member more, whose value is JSON already. */
GBytes *rpc_result_with(const json_t *id, json_t *result, const char *member, const char *json);
GBytes *rpc_error(const json_t *id, const struct refusal *refusal);
GBytes *rpc_notification(const char *method, json_t *params);

/* The error object of JSON-RPC, {code, message, data: {reason, field?}}. */
json_t *rpc_error_object(const struct refusal *refusal);

/* Turns what json_fields_end() refused into `invalid` with its field. */
void rpc_refuse_fields(struct refusal *refusal, const struct json_fields *fields);
