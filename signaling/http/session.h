/* One WebSocket connection: frames in and out, within limits. Who is behind it and in which meeting
 * is kept here too, but is not looked at.
 *
 * A session is ended by its peer, by session_close(), or by session_tick() when it is silent or
 * slow. In every case `ended` is called exactly once, and `gone` once what was still to be sent has
 * been sent or given up.
 *
 * Thread: main. Memory: reference counted; the connection holds a reference until `gone`. */
#pragma once

#include "common/ids.h"
#include "signaling/auth/identity.h"
#include "signaling/auth/limiter.h"
#include "signaling/http/rpc.h"

#include <libsoup/soup.h>

struct session;

enum session_end {
    SESSION_CLOSED, /* by its peer, in the WebSocket's own way */
    SESSION_LOST,   /* it broke, or was silent, slow or unruly */
    SESSION_ENDED,  /* by session_close() */
};

struct session_handlers {
    /* A text frame, of RPC_FRAME_MAX at most. */
    void (*frame)(struct session *session, const char *text, size_t size, void *arg);
    void (*ended)(struct session *session, enum session_end how, void *arg);
    void (*gone)(struct session *session, void *arg);
};

struct session_limits {
    unsigned frames_per_second, frames_burst;
    unsigned silence_seconds; /* a ping each third of it */
    size_t backlog_max;       /* bytes */
};

struct session {
    /* The users' own: set by session.hello. */
    struct identity *identity;   /* NULL before */
    char id[ID_UUID_SIZE];       /* as events name it */
    char *meeting;               /* NULL: none */
    char *client;                /* its program's name; NULL: not told */
    char *leg;                   /* its media's name at the bridge; NULL: none */
    bool has_hint, hint_audible; /* the last media.hint */
    json_t *stats;               /* the last media.stats; NULL: none */
    char address[64];            /* of the peer, for logs */

    /* session.c's. */
    unsigned references;
    SoupWebsocketConnection *socket;
    GIOStream *stream;
    const struct session_handlers *handlers;
    void *arg;
    const struct session_limits *limits;
    struct bucket frames, refusals;
    guint64 seen_written, seen_control; /* at the last tick */
    int64_t heard_us;                   /* monotonic: when something came last */
    int64_t pinged_us;
    int64_t flowing_us; /* when output moved last, or none was waiting */
    guint close_timer;  /* gives a peer up that does not answer the closing */
    bool is_ended, is_gone;
};

/* Takes over `stream`, whose WebSocket handshake is done. `handlers` and `limits` stay the
 * caller's. The returned reference is the caller's. */
struct session *session_new(GIOStream *stream, GUri *uri, const char *address,
                            const struct session_handlers *handlers,
                            const struct session_limits *limits, void *arg);
struct session *session_ref(struct session *session);
void session_unref(struct session *session);

/* Queues a frame. A peer that is too slow for what it is sent loses its connection; nobody else
 * waits for it. */
void session_send(struct session *session, GBytes *frame);
/* The same; `frame` is stolen. */
void session_send_take(struct session *session, GBytes *frame);
void session_notify(struct session *session, const char *method, json_t *params);

/* Bytes that wait for the peer. */
size_t session_backlog(const struct session *session);

/* After what was sent has gone out. `code`: RFC 6455 section 7.4. */
void session_close(struct session *session, unsigned short code, const char *why);

/* At once, without waiting for its peer: one that does not keep to the rules. */
void session_drop(struct session *session, const char *why);

/* Call about once a second: ends silent and stuck sessions. */
void session_tick(struct session *session, int64_t now_us);
