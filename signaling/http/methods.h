/* What a session may ask: session.hello, then media.*; everything else is a command for the core,
 * by whom the session stands for.
 *
 * Thread: main. */
#pragma once

#include "signaling/http/service.h"

/* One frame; its answer is sent to the session. */
void methods_handle(struct service *service, struct session *session, const char *text,
                    size_t size);
