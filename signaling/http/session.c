#include "signaling/http/session.h"

#include "common/clock.h"
#include "common/log.h"
#include "signaling/http/counted_stream.h"

#include <string.h>

/* What libsoup takes as one message; more closes the connection (1009). What lies between this and
 * RPC_FRAME_MAX is refused with `too-large` and the connection stays. */
#define MESSAGE_MAX ((guint64)256 * 1024)

/* Bytes a second beside messages: control frames, which libsoup answers unasked and without a
 * bound, and the begun message that is not whole yet. */
#define CONTROL_RATE_MAX ((guint64)1024 * 1024)

/* How many times its rate of frames a peer may send before it is no longer told but dropped. */
#define UNRULY_TIMES 10

/* How long a peer may take to answer a close frame. */
#define CLOSE_SECONDS 5

static void end(struct session *session, enum session_end how)
{
    if (session->is_ended)
        return;
    session->is_ended = true;
    session->handlers->ended(session, how, session->arg);
}

/* The connection is over: its reference goes. */
static void release(struct session *session)
{
    if (session->is_gone)
        return;
    session->is_gone = true;
    g_clear_handle_id(&session->close_timer, g_source_remove);
    session->handlers->gone(session, session->arg);
    session_unref(session);
}

void session_drop(struct session *session, const char *why)
{
    if (session->is_gone)
        return;
    log_info("session dropped session=%s address=%s why=%s", session->id, session->address, why);
    session_ref(session);
    end(session, SESSION_LOST);
    g_signal_handlers_disconnect_by_data(session->socket, session);
    g_io_stream_close_async(session->stream, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
    release(session);
    session_unref(session);
}

static void refuse_frame(struct session *session, enum error_code code, const char *reason,
                         const char *message)
{
    struct refusal refusal = {0};
    refusal_set(&refusal, code, reason, "", "%s", message);
    session_send_take(session, rpc_error(NULL, &refusal));
}

static bool take_frame(const struct session *session, struct bucket *bucket, unsigned times)
{
    return bucket_take(bucket, (double)times * session->limits->frames_per_second,
                       (double)times * session->limits->frames_burst, clock_monotonic_us());
}

static void on_message(SoupWebsocketConnection *socket, SoupWebsocketDataType type, GBytes *message,
                       struct session *session)
{
    (void)socket;
    if (session->is_ended)
        return;
    session_ref(session);
    size_t size;
    const char *text = g_bytes_get_data(message, &size);
    session->taken += size;
    if (!take_frame(session, &session->frames, 1)) {
        if (take_frame(session, &session->refusals, UNRULY_TIMES))
            refuse_frame(session, ERROR_TOO_MANY, "too-many", "too many frames a second");
        else
            session_drop(session, "sends too many frames");
    } else if (type != SOUP_WEBSOCKET_DATA_TEXT) {
        refuse_frame(session, ERROR_NOT_JSON, "not-json", "frames are text");
        session_close(session, SOUP_WEBSOCKET_CLOSE_UNSUPPORTED_DATA, "not text");
    } else if (size > RPC_FRAME_MAX) {
        refuse_frame(session, ERROR_TOO_LARGE, "too-large", "a frame may have 65536 bytes");
    } else {
        session->handlers->frame(session, size > 0 ? text : "", size, session->arg);
    }
    session_unref(session);
}

static void on_closed(SoupWebsocketConnection *socket, struct session *session)
{
    gushort code = soup_websocket_connection_get_close_code(socket);
    bool is_orderly = code == SOUP_WEBSOCKET_CLOSE_NORMAL ||
                      code == SOUP_WEBSOCKET_CLOSE_GOING_AWAY ||
                      code == SOUP_WEBSOCKET_CLOSE_NO_STATUS;
    session_ref(session);
    end(session, is_orderly ? SESSION_CLOSED : SESSION_LOST);
    release(session);
    session_unref(session);
}

struct session *session_new(GIOStream *stream, GUri *uri, const char *address,
                            const struct session_handlers *handlers,
                            const struct session_limits *limits, void *arg)
{
    struct session *session = g_new0(struct session, 1);
    session->references = 2; /* the caller's and the connection's */
    session->handlers = handlers;
    session->limits = limits;
    session->arg = arg;
    session->heard_us = session->flowing_us = clock_monotonic_us();
    id_uuid(session->id);
    g_strlcpy(session->address, address != NULL ? address : "?", sizeof session->address);
    session->stream = counted_stream_new(stream);
    session->socket = soup_websocket_connection_new(
        session->stream, uri, SOUP_WEBSOCKET_CONNECTION_SERVER, NULL, "nhipcau.v1", NULL);
    soup_websocket_connection_set_max_incoming_payload_size(session->socket, MESSAGE_MAX);
    soup_websocket_connection_set_keepalive_interval(session->socket, limits->silence_seconds / 3);
    g_signal_connect(session->socket, "message", G_CALLBACK(on_message), session);
    g_signal_connect(session->socket, "closed", G_CALLBACK(on_closed), session);
    return session;
}

struct session *session_ref(struct session *session)
{
    session->references++;
    return session;
}

void session_unref(struct session *session)
{
    if (--session->references > 0)
        return;
    g_signal_handlers_disconnect_by_data(session->socket, session);
    g_object_unref(session->socket);
    g_object_unref(session->stream);
    json_decref(session->stats);
    identity_free(session->identity);
    g_free(session->meeting);
    g_free(session->leg);
    g_free(session);
}

/* RFC 6455 section 5.2, without a mask. */
static size_t framed_size(size_t payload)
{
    if (payload < 126)
        return payload + 2;
    return payload + (payload <= 0xffff ? 4 : 10);
}

size_t session_backlog(const struct session *session)
{
    guint64 written = counted_stream_written(session->stream);
    return session->sent > written ? (size_t)(session->sent - written) : 0;
}

void session_send(struct session *session, GBytes *frame)
{
    if (session->is_ended ||
        soup_websocket_connection_get_state(session->socket) != SOUP_WEBSOCKET_STATE_OPEN)
        return;
    /* Control frames, libsoup's own, are written but not in `sent`: catch up when all is out. */
    session->sent = MAX(session->sent, counted_stream_written(session->stream));
    /* What waits counts, not what comes now: one answer may be larger than the bound. */
    if (session_backlog(session) > session->limits->backlog_max) {
        session_drop(session, "too slow for what it is sent");
        return;
    }
    session->sent += framed_size(g_bytes_get_size(frame));
    soup_websocket_connection_send_message(session->socket, SOUP_WEBSOCKET_DATA_TEXT, frame);
}

void session_send_take(struct session *session, GBytes *frame)
{
    session_send(session, frame);
    g_bytes_unref(frame);
}

void session_notify(struct session *session, const char *method, json_t *params)
{
    session_send_take(session, rpc_notification(method, params));
}

static gboolean give_up(gpointer arg)
{
    struct session *session = arg;
    session->close_timer = 0;
    session_drop(session, "does not answer the closing");
    return G_SOURCE_REMOVE;
}

void session_close(struct session *session, unsigned short code, const char *why)
{
    if (session->is_ended)
        return;
    session_ref(session);
    end(session, SESSION_ENDED);
    if (!session->is_gone) {
        session->close_timer = g_timeout_add_seconds(CLOSE_SECONDS, give_up, session);
        if (soup_websocket_connection_get_state(session->socket) == SOUP_WEBSOCKET_STATE_OPEN)
            soup_websocket_connection_close(session->socket, code, why);
    }
    session_unref(session);
}

void session_tick(struct session *session, int64_t now_us)
{
    if (session->is_ended)
        return;
    int64_t patience_us = (int64_t)session->limits->silence_seconds * G_USEC_PER_SEC;
    guint64 got = counted_stream_read(session->stream);
    guint64 put = counted_stream_written(session->stream);
    guint64 control = got - MIN(got, session->taken);
    bool is_flood = control > session->seen_control + CONTROL_RATE_MAX;
    if (got != session->seen_read)
        session->heard_us = now_us;
    GOutputStream *output = g_io_stream_get_output_stream(session->stream);
    if (put != session->seen_written ||
        g_pollable_output_stream_is_writable(G_POLLABLE_OUTPUT_STREAM(output)))
        session->flowing_us = now_us;
    session->seen_read = got;
    session->seen_control = control;
    session->seen_written = put;
    if (is_flood)
        session_drop(session, "sends too much");
    else if (now_us - session->heard_us > patience_us)
        session_drop(session, "silent");
    else if (now_us - session->flowing_us > patience_us)
        session_drop(session, "reads nothing");
}
