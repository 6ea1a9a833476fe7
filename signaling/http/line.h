/* Line tests and what a rehearsal finds of each room (docs/protocol.md, "The line test"): methods
 * of the WebSocket. None of it is an event; the journal does not know of it.
 *
 * Each: true with `*result`, or with none when the answer comes later; false with `refusal`.
 *
 * Thread: main. */
#pragma once

#include "signaling/http/service.h"

bool line_start(struct service *service, struct session *session, const struct rpc_request *request,
                json_t **result, struct refusal *refusal);
bool line_stop(struct service *service, struct session *session, const struct rpc_request *request,
               json_t **result, struct refusal *refusal);
bool line_result(struct service *service, struct session *session,
                 const struct rpc_request *request, json_t **result, struct refusal *refusal);
bool readiness_tick(struct service *service, struct session *session,
                    const struct rpc_request *request, json_t **result, struct refusal *refusal);
