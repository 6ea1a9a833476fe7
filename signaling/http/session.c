#include "signaling/http/session.h"

#include "common/clock.h"
#include "common/log.h"
#include "signaling/http/buffered_stream.h"

#include <string.h>

/* What libsoup takes as one message; more closes the connection (1009). What lies between this and
 * RPC_FRAME_MAX is refused with `too-large` and the connection stays. */
#define MESSAGE_MAX ((guint64)256 * 1024)

/* Bytes a second of pongs, which libsoup answers unasked and without a bound. */
#define CONTROL_RATE_MAX ((guint64)64 * 1024)

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
    session->heard_us = clock_monotonic_us();
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

static void on_pong(SoupWebsocketConnection *socket, GBytes *message, struct session *session)
{
    (void)socket;
    (void)message;
    session->heard_us = clock_monotonic_us();
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
    session->stream = buffered_stream_new(stream);
    session->socket = soup_websocket_connection_new(
        session->stream, uri, SOUP_WEBSOCKET_CONNECTION_SERVER, NULL, "nhipcau.v1", NULL);
    soup_websocket_connection_set_max_incoming_payload_size(session->socket, MESSAGE_MAX);
    g_signal_connect(session->socket, "message", G_CALLBACK(on_message), session);
    g_signal_connect(session->socket, "pong", G_CALLBACK(on_pong), session);
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
    g_free(session->client);
    g_free(session->leg);
    g_free(session);
}

size_t session_backlog(const struct session *session)
{
    return buffered_stream_waiting(session->stream);
}

/* A text frame's header: final, without a mask (RFC 6455 section 5.2). Returns its size. */
static size_t write_header(uint8_t header[10], size_t payload)
{
    unsigned length_bytes = payload < 126 ? 0 : payload <= 0xffff ? 2 : 8;
    header[0] = 0x81;
    header[1] = length_bytes == 0 ? (uint8_t)payload : length_bytes == 2 ? 126 : 127;
    for (unsigned i = 0; i < length_bytes; i++)
        header[2 + i] = (uint8_t)((uint64_t)payload >> (8 * (length_bytes - 1 - i)));
    return 2 + length_bytes;
}

void session_send(struct session *session, GBytes *frame)
{
    if (session->is_ended ||
        soup_websocket_connection_get_state(session->socket) != SOUP_WEBSOCKET_STATE_OPEN)
        return;
    /* What the peer has not taken counts, not what comes now: one answer may be larger than the
     * bound, and so may what one turn of the loop makes. */
    if (session_backlog(session) > session->limits->backlog_max) {
        buffered_stream_flush(session->stream);
        if (session_backlog(session) > session->limits->backlog_max) {
            session_drop(session, "too slow for what it is sent");
            return;
        }
    }
    uint8_t header[10];
    gsize size;
    const void *payload = g_bytes_get_data(frame, &size);
    buffered_stream_push(session->stream, header, write_header(header, size));
    buffered_stream_push(session->stream, payload, size);
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

/* An empty ping. Not libsoup's own: it would have a timer for each connection. */
static void ping(struct session *session, int64_t now_us)
{
    static const uint8_t frame[] = {0x89, 0};
    session->pinged_us = now_us;
    if (soup_websocket_connection_get_state(session->socket) == SOUP_WEBSOCKET_STATE_OPEN)
        buffered_stream_push(session->stream, frame, sizeof frame);
}

void session_tick(struct session *session, int64_t now_us)
{
    if (session->is_ended)
        return;
    int64_t patience_us = (int64_t)session->limits->silence_seconds * G_USEC_PER_SEC;
    guint64 written = buffered_stream_written(session->stream);
    guint64 control = buffered_stream_control(session->stream);
    bool is_flood = control - session->seen_control > CONTROL_RATE_MAX;
    if (control != session->seen_control)
        session->heard_us = now_us;
    if (written != session->seen_written || session_backlog(session) == 0)
        session->flowing_us = now_us;
    session->seen_written = written;
    session->seen_control = control;
    if (is_flood)
        session_drop(session, "sends too many pings");
    else if (now_us - session->heard_us > patience_us)
        session_drop(session, "silent");
    else if (now_us - session->flowing_us > patience_us)
        session_drop(session, "reads nothing");
    else if (now_us - session->pinged_us >= patience_us / 3)
        ping(session, now_us);
}
