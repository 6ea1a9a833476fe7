/* One room's conversation with the server (docs/protocol.md): joins by a link, says hello over the
 * WebSocket, calls, takes events in order, comes back by itself for ever, and keeps its media up.
 *
 * Thread: the main thread, default GMainContext; handlers too.
 * Memory: belongs to its maker; session_free() may not be called from a handler. */
#pragma once

#include "client/room/line.h"
#include "client/room/link.h"

#include <jansson.h>
#include <libsoup/soup.h>

struct session;

struct session_handlers {
    /* The first hello: `hello` holds session, role, site, seq, state. */
    void (*joined)(const json_t *hello, void *arg);
    /* A later hello: so many events were missed and have come. */
    void (*resumed)(uint64_t since, size_t events, void *arg);
    /* `event` as in the protocol. */
    void (*event)(const json_t *event, void *arg);
    /* media.hint and further notifications. */
    void (*notification)(const char *method, const json_t *params, void *arg);
    void (*media)(const char *state, void *arg);
    /* Something is wrong and goes on being tried (`is_final` false), or this is the end. */
    void (*trouble)(const char *what, bool is_final, void *arg);
};

struct session_config {
    SoupSession *soup;
    const struct link *link;
    bool is_insecure; /* any certificate will do */
    struct shard *shard;
    struct line *line; /* outlives the session */
    struct queue *main_queue;
    const char *client; /* name and version for the server */
};

struct session *session_new(const struct session_config *config,
                            const struct session_handlers *handlers, void *arg);
/* Says goodbye. */
void session_free(struct session *session);

/* The room's slug, or the role for a link without a room; NULL before it is known. */
const char *session_room(const struct session *session);

/* `params` is stolen. `reply` once, with `result` or `error` (both borrowed). False when there is
 * no connection now (then no reply comes). */
typedef void (*session_reply)(const json_t *result, const json_t *error, void *arg);
bool session_call(struct session *session, const char *method, json_t *params, session_reply reply,
                  void *arg);
