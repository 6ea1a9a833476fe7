/* session.hello: who it is and for which meeting. What the meeting is, or what was missed of it, is
 * answered by the greeter.
 *
 * Thread: main. */
#pragma once

#include "signaling/http/service.h"

/* True: it will be answered. False: `refusal`; the session may try again. */
bool hello(struct service *service, struct session *session, const struct rpc_request *request,
           struct refusal *refusal);
