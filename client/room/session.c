#include "client/room/session.h"

#include "client/room/call.h"

#include <string.h>

#define FIRST_DELAY_MS 200
#define LAST_DELAY_MS  5000
#define MESSAGE_MOST   (8 * 1024 * 1024) /* a snapshot of a large meeting */
#define MEDIA_RETRY_MS 1000

struct pending {
    session_reply reply;
    void *arg;
};

struct session {
    SoupSession *soup;
    GCancellable *cancellable;
    char *base, *key, *client;
    bool is_insecure;
    struct shard *shard;
    struct line *line;
    struct queue *main_queue;
    struct session_handlers handlers;
    void *arg;

    char *token, *room;
    SoupWebsocketConnection *socket; /* NULL: none */
    GHashTable *pending;             /* id -> struct pending */
    gint64 next_id;
    bool has_joined, is_greeted, is_over;
    uint64_t seq;
    unsigned delay_ms;
    guint retry_timer, media_timer;
    struct call *call; /* NULL: no media yet */
    bool media_is_up;
};

static void begin(struct session *session);
static void offer_media(struct session *session);

/* ---- trying again ---- */

static gboolean on_retry(gpointer data)
{
    struct session *session = data;
    session->retry_timer = 0;
    begin(session);
    return G_SOURCE_REMOVE;
}

static void retry(struct session *session, const char *what)
{
    if (session->is_over || session->retry_timer != 0)
        return;
    session->handlers.trouble(what, false, session->arg);
    session->retry_timer = g_timeout_add(session->delay_ms, on_retry, session);
    session->delay_ms = MIN(session->delay_ms * 2, LAST_DELAY_MS);
}

static void end(struct session *session, const char *what)
{
    if (session->is_over)
        return;
    session->is_over = true;
    session->handlers.trouble(what, true, session->arg);
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

/* ---- events ---- */

static void take_event(struct session *session, const json_t *event)
{
    uint64_t seq = (uint64_t)json_integer_value(json_object_get(event, "seq"));
    if (seq != session->seq + 1) {
        g_autofree char *what =
            g_strdup_printf("event %" G_GUINT64_FORMAT " came after %" G_GUINT64_FORMAT,
                            (guint64)seq, (guint64)session->seq);
        session->handlers.trouble(what, false, session->arg);
        if (seq <= session->seq)
            return;
    }
    session->seq = seq;
    session->handlers.event(event, session->arg);
}

static void take_notification(struct session *session, const char *method, const json_t *params)
{
    if (strcmp(method, "event") == 0) {
        take_event(session, params);
    } else if (strcmp(method, "session.replaced") == 0) {
        end(session, "the room has been opened elsewhere");
    } else if (strcmp(method, "media.candidate") == 0) {
        const char *candidate = json_string_value(json_object_get(params, "candidate"));
        const char *mid = json_string_value(json_object_get(params, "mid"));
        if (session->call != NULL && candidate != NULL)
            call_candidate(session->call, candidate, mid != NULL ? mid : "0");
    } else if (strcmp(method, "media.ready") == 0) {
        offer_media(session);
    } else {
        session->handlers.notification(method, params, session->arg);
    }
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
    if (method != NULL)
        take_notification(session, method, json_object_get(message, "params"));
    else if (json_is_object(message))
        take_answer(session, message);
    json_decref(message);
}

/* ---- hello ---- */

static void on_hello(const json_t *result, const json_t *error, void *arg)
{
    struct session *session = arg;
    if (error != NULL) {
        const char *why = json_string_value(json_object_get(error, "message"));
        if (json_integer_value(json_object_get(error, "code")) == 0)
            return; /* the line was lost: that is seen elsewhere */
        /* A token that has run out: the link gives another. */
        g_clear_pointer(&session->token, g_free);
        soup_websocket_connection_close(session->socket, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
        session->handlers.trouble(why, false, session->arg);
        return;
    }
    const json_t *events = json_object_get(result, "events"), *event;
    session->delay_ms = FIRST_DELAY_MS;
    session->is_greeted = true;
    if (!session->has_joined) {
        const char *site = json_string_value(json_object_get(result, "site"));
        const char *role = json_string_value(json_object_get(result, "role"));
        session->has_joined = true;
        session->room = g_strdup(site != NULL ? site : role);
        session->seq = (uint64_t)json_integer_value(json_object_get(result, "seq"));
        session->handlers.joined(result, session->arg);
    } else {
        uint64_t since = session->seq;
        size_t index;
        json_array_foreach((json_t *)events, index, event) take_event(session, event);
        session->handlers.resumed(since, json_array_size(events), session->arg);
    }
    if (!session->media_is_up)
        offer_media(session);
}

static void say_hello(struct session *session)
{
    json_t *params = json_pack("{s:s, s:s}", "token", session->token, "client", session->client);
    if (session->has_joined)
        json_object_set_new(params, "since", json_integer((json_int_t)session->seq));
    session_call(session, "session.hello", params, on_hello, session);
}

/* ---- media ---- */

static gboolean on_media_timer(gpointer data)
{
    struct session *session = data;
    session->media_timer = 0;
    if (session->is_greeted && !session->media_is_up)
        offer_media(session);
    return G_SOURCE_REMOVE;
}

static void retry_media(struct session *session)
{
    if (session->media_timer == 0 && !session->is_over)
        session->media_timer = g_timeout_add(MEDIA_RETRY_MS, on_media_timer, session);
}

static void on_answer(const json_t *result, const json_t *error, void *arg)
{
    struct session *session = arg;
    const char *sdp = json_string_value(json_object_get(result, "sdp"));
    if (sdp != NULL && session->call != NULL) {
        call_answer(session->call, sdp);
    } else if (error != NULL) {
        session->handlers.trouble(json_string_value(json_object_get(error, "message")), false,
                                  session->arg);
        retry_media(session);
    }
}

static void on_offer(const char *sdp, void *arg)
{
    struct session *session = arg;
    if (!session_call(session, "media.offer", json_pack("{s:s}", "sdp", sdp), on_answer, session))
        retry_media(session);
}

static void on_candidate(const char *candidate, const char *mid, void *arg)
{
    session_call(arg, "media.candidate",
                 json_pack("{s:s, s:s}", "candidate", candidate, "mid", mid), NULL, NULL);
}

static void on_media_state(enum leg_state state, void *arg)
{
    struct session *session = arg;
    session->media_is_up = state == LEG_CONNECTED || state == LEG_DISCONNECTED;
    session->handlers.media(leg_state_name(state), session->arg);
    if (state == LEG_FAILED || state == LEG_CLOSED)
        retry_media(session);
}

static void on_media_failed(const char *why, void *arg)
{
    struct session *session = arg;
    session->media_is_up = false;
    session->handlers.trouble(why, false, session->arg);
    retry_media(session);
}

static void offer_media(struct session *session)
{
    static const struct call_handlers handlers = {on_offer, on_candidate, on_media_state,
                                                  on_media_failed};
    call_free(session->call);
    session->media_is_up = false;
    session->call = call_new(session->shard, session->room, session->line, session->main_queue,
                             &handlers, session);
}

/* ---- joining ---- */

static void on_closed(SoupWebsocketConnection *socket, gpointer data)
{
    struct session *session = data;
    if (session->socket != socket)
        return;
    g_signal_handlers_disconnect_by_data(socket, session);
    g_clear_object(&session->socket);
    session->is_greeted = false;
    fail_pending(session);
    retry(session, "the connection to the server was lost");
}

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
    soup_websocket_connection_set_max_incoming_payload_size(socket, MESSAGE_MOST);
    soup_websocket_connection_set_keepalive_interval(socket, 5);
    g_signal_connect(socket, "message", G_CALLBACK(on_message), session);
    g_signal_connect(socket, "closed", G_CALLBACK(on_closed), session);
    say_hello(session);
}

static gboolean on_certificate(SoupMessage *message, GTlsCertificate *certificate,
                               GTlsCertificateFlags flags, gpointer data)
{
    const struct session *session = data;
    (void)message;
    (void)certificate;
    (void)flags;
    return session->is_insecure;
}

static SoupMessage *message_to(struct session *session, const char *method, const char *path)
{
    g_autofree char *address = g_strconcat(session->base, path, NULL);
    SoupMessage *message = soup_message_new(method, address);
    if (session->is_insecure)
        g_signal_connect(message, "accept-certificate", G_CALLBACK(on_certificate), session);
    return message;
}

static void connect_websocket(struct session *session)
{
    char *protocols[] = {(char *)"nhipcau.v1", NULL};
    SoupMessage *message = message_to(session, "GET", "/api/v1/ws");
    soup_session_websocket_connect_async(session->soup, message, NULL, protocols,
                                         G_PRIORITY_DEFAULT, session->cancellable, on_websocket,
                                         session);
    g_object_unref(message);
}

struct join {
    struct session *session;
    SoupMessage *message;
};

static void on_joined(GObject *source, GAsyncResult *result, gpointer data)
{
    struct join *join = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) body =
        soup_session_send_and_read_finish(SOUP_SESSION(source), result, &error);
    g_autoptr(SoupMessage) message = join->message;
    struct session *session = join->session;
    g_free(join);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    guint status = soup_message_get_status(message);
    if (body == NULL) {
        bool is_trust = g_error_matches(error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE);
        retry(session, is_trust ? "the server's certificate is not trusted: give it with --ca FILE"
                                : error->message);
    } else if (status == 401 || status == 403 || status == 404) {
        end(session, "the link is not valid, or has been revoked");
    } else if (status != 200) {
        retry(session, status == 429 ? "too many tries; waiting" : "the server cannot answer");
    } else {
        gsize size;
        const char *text = g_bytes_get_data(body, &size);
        json_t *answer = json_loadb(text, size, 0, NULL);
        session->token = g_strdup(json_string_value(json_object_get(answer, "token")));
        json_decref(answer);
        if (session->token != NULL)
            connect_websocket(session);
        else
            retry(session, "the server's answer to the link cannot be read");
    }
}

static void begin(struct session *session)
{
    if (session->token != NULL) {
        connect_websocket(session);
        return;
    }
    struct join *join = g_new0(struct join, 1);
    json_t *body = json_pack("{s:s}", "key", session->key);
    char *text = json_dumps(body, JSON_COMPACT);
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    free(text);
    json_decref(body);
    join->session = session;
    join->message = message_to(session, "POST", "/api/v1/join");
    soup_message_set_request_body_from_bytes(join->message, "application/json", bytes);
    soup_session_send_and_read_async(session->soup, join->message, G_PRIORITY_DEFAULT,
                                     session->cancellable, on_joined, join);
}

/* ---- life ---- */

struct session *session_new(const struct session_config *config,
                            const struct session_handlers *handlers, void *arg)
{
    struct session *session = g_new0(struct session, 1);
    session->soup = g_object_ref(config->soup);
    session->cancellable = g_cancellable_new();
    session->base = g_strdup(config->link->base);
    session->key = g_strdup(config->link->key);
    session->client = g_strdup(config->client);
    session->is_insecure = config->is_insecure;
    session->shard = config->shard;
    session->line = config->line;
    session->main_queue = config->main_queue;
    session->handlers = *handlers;
    session->arg = arg;
    session->pending = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    session->delay_ms = FIRST_DELAY_MS;
    begin(session);
    return session;
}

void session_free(struct session *session)
{
    if (session == NULL)
        return;
    session->is_over = true;
    g_cancellable_cancel(session->cancellable);
    if (session->retry_timer != 0)
        g_source_remove(session->retry_timer);
    if (session->media_timer != 0)
        g_source_remove(session->media_timer);
    call_free(session->call);
    if (session->socket != NULL) {
        g_signal_handlers_disconnect_by_data(session->socket, session);
        if (soup_websocket_connection_get_state(session->socket) == SOUP_WEBSOCKET_STATE_OPEN)
            soup_websocket_connection_close(session->socket, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
        g_object_unref(session->socket);
    }
    fail_pending(session);
    g_hash_table_unref(session->pending);
    g_object_unref(session->cancellable);
    g_object_unref(session->soup);
    g_free(session->base);
    g_free(session->key);
    g_free(session->client);
    g_free(session->token);
    g_free(session->room);
    g_free(session);
}

const char *session_room(const struct session *session)
{
    return session->room;
}
