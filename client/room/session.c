#include "client/room/session.h"

#include "client/room/join.h"
#include "client/room/media.h"
#include "client/room/network.h"
#include "common/clock.h"

#include <string.h>

#define FIRST_DELAY_MS 200
#define LAST_DELAY_MS  5000
#define MESSAGE_MOST   (8 * 1024 * 1024) /* a snapshot of a large meeting */
#define PING_SECONDS   5
#define SILENCE_US     (15 * G_USEC_PER_SEC) /* then the line is dead, whatever TCP believes */

struct pending {
    session_reply reply;
    void *arg;
};

struct session {
    SoupSession *soup;
    GCancellable *cancellable;
    struct link link;
    char *client;
    bool is_insecure;
    struct session_handlers handlers;
    void *arg;

    char *token, *room;
    SoupWebsocketConnection *socket; /* NULL: none */
    int64_t heard_us;                /* when the server was last heard */
    GHashTable *pending;             /* id -> struct pending */
    gint64 next_id;
    bool has_joined, is_greeted, is_catching_up, is_over;
    uint64_t seq; /* of the last event seen */
    unsigned delay_ms;
    guint retry_timer, watch_timer;
    struct media *media;
};

static void begin(struct session *session);

/* ---- trouble ---- */

static gboolean on_retry(gpointer data)
{
    struct session *session = data;
    session->retry_timer = 0;
    begin(session);
    return G_SOURCE_REMOVE;
}

/* Many rooms lose their server in the same moment; they do not come back in the same one. */
static void retry(struct session *session, const char *what)
{
    if (session->is_over || session->retry_timer != 0)
        return;
    session->handlers.trouble(TROUBLE_PASSING, what, session->arg);
    guint delay_ms = session->delay_ms / 2 + g_random_int_range(0, (gint)session->delay_ms / 2);
    session->retry_timer = g_timeout_add(delay_ms, on_retry, session);
    session->delay_ms = MIN(session->delay_ms * 2, LAST_DELAY_MS);
}

static void fault(struct session *session, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void fault(struct session *session, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    session->handlers.trouble(TROUBLE_FAULT, what, session->arg);
}

static void end(struct session *session, const char *what)
{
    if (session->is_over)
        return;
    session->is_over = true;
    media_stop(session->media);
    session->handlers.trouble(TROUBLE_FINAL, what, session->arg);
}

/* ---- calls ---- */

bool session_call(struct session *session, const char *method, json_t *params, session_reply reply,
                  void *arg)
{
    if (session->socket == NULL ||
        soup_websocket_connection_get_state(session->socket) != SOUP_WEBSOCKET_STATE_OPEN) {
        json_decref(params);
        return false;
    }
    gint64 *id = g_new(gint64, 1);
    struct pending *pending = g_new0(struct pending, 1);
    *id = ++session->next_id;
    *pending = (struct pending){reply, arg};
    g_hash_table_insert(session->pending, id, pending);
    json_t *request = json_pack("{s:s, s:I, s:s, s:o*}", "jsonrpc", "2.0", "id", (json_int_t)*id,
                                "method", method, "params", params);
    char *text = json_dumps(request, JSON_COMPACT);
    soup_websocket_connection_send_text(session->socket, text);
    free(text);
    json_decref(request);
    return true;
}

/* Every call gets its answer: those that the lost connection took with it, too. */
static void fail_pending(struct session *session)
{
    json_t *error = json_pack("{s:i, s:s}", "code", 0, "message", "the connection was lost");
    GHashTableIter iter;
    gpointer value;
    g_autoptr(GArray) waiting = g_array_new(FALSE, FALSE, sizeof(struct pending));
    g_hash_table_iter_init(&iter, session->pending);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        g_array_append_vals(waiting, value, 1);
    g_hash_table_remove_all(session->pending);
    for (unsigned i = 0; i < waiting->len; i++) {
        struct pending pending = g_array_index(waiting, struct pending, i);
        if (pending.reply != NULL)
            pending.reply(NULL, error, pending.arg);
    }
    json_decref(error);
}

static void take_answer(struct session *session, const json_t *message)
{
    gint64 id = json_integer_value(json_object_get(message, "id"));
    struct pending *found = g_hash_table_lookup(session->pending, &id);
    if (found == NULL)
        return;
    struct pending pending = *found;
    const json_t *error = json_object_get(message, "error");
    g_hash_table_remove(session->pending, &id);
    if (pending.reply != NULL)
        pending.reply(error == NULL ? json_object_get(message, "result") : NULL, error,
                      pending.arg);
}

/* ---- the connection's end ---- */

/* Lets go of the connection; what its peer still says is not heard. */
static SoupWebsocketConnection *steal_socket(struct session *session)
{
    SoupWebsocketConnection *socket = g_steal_pointer(&session->socket);
    if (socket != NULL)
        g_signal_handlers_disconnect_by_data(socket, session);
    if (session->watch_timer != 0)
        g_source_remove(session->watch_timer);
    session->watch_timer = 0;
    session->is_greeted = false;
    return socket;
}

static void lose(struct session *session, const char *why)
{
    g_autoptr(SoupWebsocketConnection) socket = steal_socket(session);
    fail_pending(session);
    retry(session, why);
}

static void on_closed(SoupWebsocketConnection *socket, gpointer data)
{
    (void)socket;
    lose(data, "the connection to the server was lost");
}

/* Moved to another network: no need to wait for the silence. */
static bool has_moved(struct session *session)
{
    return session->socket != NULL &&
           !network_still_has(soup_websocket_connection_get_io_stream(session->socket));
}

static void on_network_changed(GNetworkMonitor *monitor, gboolean is_available, gpointer data)
{
    struct session *session = data;
    (void)monitor;
    (void)is_available;
    if (!has_moved(session))
        return;
    lose(session, "this machine's network address has changed");
    media_move(session->media);
}

static void on_pong(SoupWebsocketConnection *socket, GBytes *bytes, gpointer data)
{
    struct session *session = data;
    (void)socket;
    (void)bytes;
    session->heard_us = clock_monotonic_us();
}

/* A cable that was pulled closes nothing. */
static gboolean on_watch(gpointer data)
{
    struct session *session = data;
    bool is_silent = clock_monotonic_us() - session->heard_us >= SILENCE_US;
    bool is_elsewhere = has_moved(session);
    if (!is_silent && !is_elsewhere)
        return G_SOURCE_CONTINUE;
    session->watch_timer = 0;
    lose(session, is_elsewhere ? "this machine's network address has changed"
                               : "the server has not been heard for 15 s");
    if (is_elsewhere)
        media_move(session->media);
    return G_SOURCE_REMOVE;
}

/* ---- what the server says by itself ---- */

static void take_event(struct session *session, const json_t *event)
{
    uint64_t seq = (uint64_t)json_integer_value(json_object_get(event, "seq"));
    if (seq != session->seq + 1)
        fault(session, "event %" G_GUINT64_FORMAT " came after %" G_GUINT64_FORMAT, (guint64)seq,
              (guint64)session->seq);
    if (seq <= session->seq)
        return;
    session->seq = seq;
    session->handlers.event(event, session->arg);
}

static void take_notification(struct session *session, const char *method, const json_t *params)
{
    if (strcmp(method, "media.hint") == 0)
        media_take_hint(session->media, params);
    if (strcmp(method, "event") == 0)
        take_event(session, params);
    else if (strcmp(method, "session.replaced") == 0)
        end(session, "the room has been opened elsewhere with the same link");
    else if (strcmp(method, "media.candidate") == 0)
        media_take_candidate(session->media, params);
    else if (strcmp(method, "media.ready") == 0)
        media_renew(session->media);
    else if (strcmp(method, "media.state") == 0)
        media_take_state(session->media, params);
    else
        session->handlers.notification(method, params, session->arg);
}

static void on_message(SoupWebsocketConnection *socket, gint type, GBytes *bytes, gpointer data)
{
    struct session *session = data;
    gsize size;
    const char *text = g_bytes_get_data(bytes, &size);
    json_t *message = json_loadb(text, size, 0, NULL);
    const char *method = json_string_value(json_object_get(message, "method"));
    (void)socket;
    (void)type;
    session->heard_us = clock_monotonic_us();
    if (session->is_over)
        ;
    else if (!json_is_object(message))
        fault(session, "the server sent what is not JSON-RPC");
    else if (method != NULL)
        take_notification(session, method, json_object_get(message, "params"));
    else
        take_answer(session, message);
    json_decref(message);
}

/* ---- hello ---- */

static void start(struct session *session, const json_t *hello)
{
    const char *site = json_string_value(json_object_get(hello, "site"));
    const char *role = json_string_value(json_object_get(hello, "role"));
    if (session->room == NULL)
        session->room = g_strdup(site != NULL ? site : role != NULL ? role : "?");
    session->has_joined = true;
    session->seq = (uint64_t)json_integer_value(json_object_get(hello, "seq"));
    session->handlers.joined(hello, session->arg);
}

static void resume(struct session *session, const json_t *hello)
{
    json_t *events = json_object_get(hello, "events"), *event;
    uint64_t since = session->seq;
    uint64_t end_seq = (uint64_t)json_integer_value(json_object_get(hello, "seq"));
    size_t index;
    session->is_catching_up = true;
    json_array_foreach (events, index, event)
        take_event(session, event);
    session->is_catching_up = false;
    if (session->seq != end_seq)
        fault(session,
              "after event %" G_GUINT64_FORMAT " the server gave events up to %" G_GUINT64_FORMAT
              ", but the last one is %" G_GUINT64_FORMAT,
              (guint64)since, (guint64)session->seq, (guint64)end_seq);
    session->seq = end_seq;
    session->handlers.resumed(since, json_array_size(events), session->arg);
}

static void refuse_hello(struct session *session, const json_t *error)
{
    const json_t *data = json_object_get(error, "data");
    const char *why = json_string_value(json_object_get(error, "message"));
    const char *field = json_string_value(json_object_get(data, "field"));
    if (g_strcmp0(field, "since") == 0) {
        fault(session, "the server has lost events that this room has seen: all begins anew");
        session->has_joined = false;
    }
    g_clear_pointer(&session->token, g_free); /* it may have run out: the link gives another */
    lose(session, why != NULL ? why : "the server refuses the room");
}

static void on_hello(const json_t *result, const json_t *error, void *arg)
{
    struct session *session = arg;
    if (session->socket == NULL)
        return; /* the connection was lost under it */
    if (!json_is_object(result)) {
        refuse_hello(session, error);
        return;
    }
    session->delay_ms = FIRST_DELAY_MS;
    session->is_greeted = true;
    if (session->has_joined)
        resume(session, result);
    else
        start(session, result);
    media_resume(session->media, session->room, result);
}

static void say_hello(struct session *session)
{
    json_t *params = json_pack("{s:s, s:s}", "token", session->token, "client", session->client);
    if (session->has_joined)
        json_object_set_new(params, "since", json_integer((json_int_t)session->seq));
    if (!session_call(session, "session.hello", params, on_hello, session))
        lose(session, "the connection to the server was lost");
}

/* ---- media ---- */

static void on_media(const char *state, const char *profile, void *arg)
{
    struct session *session = arg;
    session->handlers.media(state, profile, session->arg);
}

static void on_media_trouble(const char *what, void *arg)
{
    struct session *session = arg;
    session->handlers.trouble(TROUBLE_PASSING, what, session->arg);
}

/* ---- joining ---- */

static void on_websocket(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(GError) error = NULL;
    SoupWebsocketConnection *socket =
        soup_session_websocket_connect_finish(SOUP_SESSION(source), result, &error);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return; /* the session is gone */
    struct session *session = data;
    if (socket == NULL) {
        retry(session, error->message);
        return;
    }
    session->socket = socket;
    session->heard_us = clock_monotonic_us();
    session->watch_timer = g_timeout_add_seconds(PING_SECONDS, on_watch, session);
    soup_websocket_connection_set_max_incoming_payload_size(socket, MESSAGE_MOST);
    soup_websocket_connection_set_keepalive_interval(socket, PING_SECONDS);
    g_signal_connect(socket, "message", G_CALLBACK(on_message), session);
    g_signal_connect(socket, "pong", G_CALLBACK(on_pong), session);
    g_signal_connect(socket, "closed", G_CALLBACK(on_closed), session);
    say_hello(session);
}

static void connect_websocket(struct session *session)
{
    char *protocols[] = {(char *)"nhipcau.v1", NULL};
    g_autoptr(SoupMessage) message =
        join_message("GET", &session->link, "/api/v1/ws", session->is_insecure);
    /* The limit on messages is on what they unpack to only if nothing is packed. */
    soup_message_disable_feature(message, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);
    soup_session_websocket_connect_async(session->soup, message, NULL, protocols,
                                         G_PRIORITY_DEFAULT, session->cancellable, on_websocket,
                                         session);
}

static void on_joined(enum join_outcome outcome, const char *text, void *arg)
{
    struct session *session = arg;
    bool is_final = outcome == JOIN_REFUSED || (outcome == JOIN_UNTRUSTED && !session->has_joined);
    if (outcome == JOIN_DONE) {
        session->token = g_strdup(text);
        connect_websocket(session);
    } else if (is_final) {
        end(session, text);
    } else {
        retry(session, text);
    }
}

static void begin(struct session *session)
{
    if (session->token != NULL)
        connect_websocket(session);
    else
        join_ask(session->soup, &session->link, session->is_insecure, session->cancellable,
                 on_joined, session);
}

/* ---- life ---- */

struct session *session_new(const struct session_config *config,
                            const struct session_handlers *handlers, void *arg)
{
    struct session *session = g_new0(struct session, 1);
    session->soup = g_object_ref(config->soup);
    session->cancellable = g_cancellable_new();
    session->link.base = g_strdup(config->link->base);
    session->link.key = g_strdup(config->link->key);
    session->client = g_strdup(config->client);
    session->is_insecure = config->is_insecure;
    session->handlers = *handlers;
    session->arg = arg;
    session->pending = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    session->delay_ms = FIRST_DELAY_MS;
    session->media = media_new(session, config, on_media, on_media_trouble, session);
    g_signal_connect(g_network_monitor_get_default(), "network-changed",
                     G_CALLBACK(on_network_changed), session);
    begin(session);
    return session;
}

static void on_farewell(SoupWebsocketConnection *socket, gpointer data)
{
    (void)data;
    g_object_unref(socket);
}

/* The connection lives on until the server has answered the goodbye, or for libsoup's patience. */
static void say_goodbye(SoupWebsocketConnection *socket)
{
    if (soup_websocket_connection_get_state(socket) != SOUP_WEBSOCKET_STATE_OPEN) {
        g_object_unref(socket);
        return;
    }
    g_signal_connect(socket, "closed", G_CALLBACK(on_farewell), NULL);
    soup_websocket_connection_close(socket, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
}

void session_free(struct session *session)
{
    if (session == NULL)
        return;
    session->is_over = true;
    g_signal_handlers_disconnect_by_data(g_network_monitor_get_default(), session);
    g_cancellable_cancel(session->cancellable);
    if (session->retry_timer != 0)
        g_source_remove(session->retry_timer);
    media_stop(session->media);
    SoupWebsocketConnection *socket = steal_socket(session);
    if (socket != NULL)
        say_goodbye(socket);
    fail_pending(session);
    media_free(session->media);
    g_hash_table_unref(session->pending);
    g_object_unref(session->cancellable);
    g_object_unref(session->soup);
    link_clear(&session->link);
    g_free(session->client);
    g_free(session->token);
    g_free(session->room);
    g_free(session);
}

const char *session_room(const struct session *session)
{
    return session->room;
}

bool session_is_greeted(const struct session *session)
{
    return session->is_greeted;
}

struct media *session_media(struct session *session)
{
    return session->media;
}

bool session_is_catching_up(const struct session *session)
{
    return session->is_catching_up;
}
