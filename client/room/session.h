/* One room's conversation with the server (docs/protocol.md): joins by a link, says hello over the
 * WebSocket, calls, takes events in order, comes back by itself for ever, and keeps its media up.
 *
 * Thread: the main thread, default GMainContext; handlers too.
 * Memory: belongs to its maker; session_free() may not be called from a handler. */
#pragma once

#include "client/room/line.h"
#include "client/room/link.h"
#include "client/room/pictures.h"

#include <jansson.h>
#include <libsoup/soup.h>

struct session;

enum trouble {
    TROUBLE_PASSING, /* is being tried again */
    TROUBLE_FAULT,   /* the server broke the protocol: an event is missing, was given twice… */
    TROUBLE_FINAL    /* the session is over; nothing more comes */
};

struct session_handlers {
    /* The first hello: `hello` holds session, role, site, seq, state. Once more only if the server
     * has lost events that this room has seen, and all begins anew. */
    void (*joined)(const json_t *hello, void *arg);
    /* A later hello: so many events were missed and have come. */
    void (*resumed)(uint64_t since, size_t events, void *arg);
    /* `event` as in the protocol. */
    void (*event)(const json_t *event, void *arg);
    /* media.hint and further notifications; `params` may be NULL. */
    void (*notification)(const char *method, const json_t *params, void *arg);
    /* leg_state_name(); `profile` as leg_srtp_profile(), NULL before there are keys. */
    void (*media)(const char *state, const char *profile, void *arg);
    /* `what` is for a person, but may be the server's words: show it as such. */
    void (*trouble)(enum trouble kind, const char *what, void *arg);
};

struct session_config {
    SoupSession *soup;
    const struct link *link; /* copied */
    bool is_insecure;        /* any certificate will do */
    struct shard *shard;
    struct line *line;                    /* outlives the session */
    const struct room_pictures *pictures; /* likewise; NULL: neither sends nor takes any */
    struct queue *main_queue;
    const char *client; /* name and version for the server */
};

struct session *session_new(const struct session_config *config,
                            const struct session_handlers *handlers, void *arg);
/* Says goodbye; the farewell goes out while the main context is iterated. */
void session_free(struct session *session);

/* The room's slug, or the role for a link without a room; NULL before it is known. */
const char *session_room(const struct session *session);
/* Whether there is a connection that has been said hello on. */
bool session_is_greeted(const struct session *session);

/* Whether the events that come now are those that were missed. */
bool session_is_catching_up(const struct session *session);

/* `params` is stolen. `reply` once, with `result` or `error` (both borrowed; of a server that keeps
 * to the protocol exactly one is not NULL). False when there is no connection now (then no reply
 * comes). */
typedef void (*session_reply)(const json_t *result, const json_t *error, void *arg);
bool session_call(struct session *session, const char *method, json_t *params, session_reply reply,
                  void *arg);

/* Its media, for line tests. Borrowed. */
struct media;
struct media *session_media(struct session *session);
