/* session.hello: who it is, for which meeting, and what it has missed. The answer, and then the
 * events, in one go: nothing can come between them.
 *
 * Thread: main. */
#pragma once

#include "signaling/http/service.h"

/* True: answered. False: `refusal`; the session may try again. */
bool hello(struct service *service, struct session *session, const struct rpc_request *request,
           struct refusal *refusal);
