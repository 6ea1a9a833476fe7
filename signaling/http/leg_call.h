/* What a session asks the bridge about its own leg: a line test, a look at a layout. None of it is
 * an event; the journal does not know of it.
 *
 * Thread: main. */
#pragma once

#include "signaling/http/service.h"

/* Forwards the request's params to the bridge's `method`; the answer goes to the session when it
 * comes. False with `refusal` when the session has no media of its own, or the bridge is away. */
bool leg_call(struct service *service, struct session *session, const struct rpc_request *request,
              const char *method, struct refusal *refusal);

/* media.preview: who leads or runs the meeting looks at a layout for himself. */
bool media_preview(struct service *service, struct session *session,
                   const struct rpc_request *request, json_t **result, struct refusal *refusal);
