/* The answers to session.hello: given in the next turn of the main loop, to all at once who came in
 * before it. When a whole country comes back at the same moment, the state of its meeting is then
 * written out once for many, and the more there are the more share it.
 *
 * An answer and the session's place among those who hear events are one step: nothing can come
 * between them.
 *
 * Thread: main. */
#pragma once

#include "signaling/http/service.h"

struct greeter;

struct greeter *greeter_new(struct service *service);
/* Who still waits is not answered. */
void greeter_free(struct greeter *greeter);

/* `id` is the request's. `since` -1: the state; else the events after it. */
void greeter_greet(struct greeter *greeter, struct session *session, const json_t *id,
                   int64_t since);
