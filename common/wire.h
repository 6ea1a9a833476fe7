/* JSON-RPC 2.0 over a local stream socket, one object a line: how signaling and the bridge talk.
 * Either side may call the other. docs/protocol.md ("Control") lists the methods.
 *
 * Thread: the GMainContext given to wire_new(); every callback runs there.
 * Memory: a wire belongs to its maker; wire_free() may be called from any callback of its own. */
#pragma once

#include <glib.h>
#include <jansson.h>

#define WIRE_LINE_MAX    (1024 * 1024) /* a longer line ends the connection */
#define WIRE_CLOSED      (-32000)      /* the error's code when a connection ends under a call */
#define WIRE_BACKLOG_MAX (16 * 1024 * 1024) /* unsent bytes that end the connection */

struct wire;
/* A request that waits for its answer. */
struct wire_request;

struct wire_handlers {
    /* A request (answer it once, now or later, with wire_answer() or wire_refuse()) or, with
     * `request` NULL, a notification. `params` is borrowed; NULL when absent. */
    void (*call)(struct wire *wire, const char *method, json_t *params,
                 struct wire_request *request, void *arg);
    /* The connection is over; pending wire_call()s have been told. Free the wire here or later. */
    void (*closed)(struct wire *wire, const char *why, void *arg);
};

/* `fd` is a connected stream socket, now the wire's. `context` NULL: the default. */
struct wire *wire_new(int fd, GMainContext *context, const struct wire_handlers *handlers,
                      void *arg);
void wire_free(struct wire *wire);

/* `result` or `error` (a JSON-RPC error object) is borrowed; exactly one is not NULL. A connection
 * that ends first gives an error with the code WIRE_CLOSED. */
typedef void (*wire_reply)(json_t *result, json_t *error, void *arg);

/* `params` is stolen. `reply` may be NULL. */
void wire_call(struct wire *wire, const char *method, json_t *params, wire_reply reply, void *arg);
void wire_notify(struct wire *wire, const char *method, json_t *params);

/* Each frees the request; `result` is stolen. Harmless after the connection has ended. */
void wire_answer(struct wire_request *request, json_t *result);
void wire_refuse(struct wire_request *request, int code, const char *message);
