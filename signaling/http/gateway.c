#include "signaling/http/gateway.h"

#include "common/clock.h"
#include "common/log.h"
#include "signaling/http/methods.h"

#include <string.h>

#define PATH          "/api/v1/ws"
#define PROTOCOL      "nhipcau.v1"
#define HELLO_SECONDS 10 /* for the first request */

struct gateway {
    struct service *service;
    struct session_limits limits;
    GHashTable *open;  /* of struct session, each with the time it opened */
    GHashTable *alive; /* of struct session: those too that are still being closed */
    bool is_closing;
    struct gateway_counts counts;
};

static void on_frame(struct session *session, const char *text, size_t size, void *arg)
{
    struct gateway *gateway = arg;
    gateway->counts.frames++;
    methods_handle(gateway->service, session, text, size);
}

static void on_ended(struct session *session, enum session_end how, void *arg)
{
    struct gateway *gateway = arg;
    if (how == SESSION_LOST)
        gateway->counts.lost++;
    log_debug("session ended session=%s address=%s how=%d", session->id, session->address,
              (int)how);
    g_hash_table_remove(gateway->open, session);
    attendance_leave(gateway->service->attendance, session, how);
}

static void on_gone(struct session *session, void *arg)
{
    struct gateway *gateway = arg;
    g_hash_table_remove(gateway->alive, session);
}

static const struct session_handlers session_handlers = {
    .frame = on_frame,
    .ended = on_ended,
    .gone = on_gone,
};

/* The handshake's answer is out: the connection is a WebSocket now. */
static void on_upgraded(SoupServerMessage *message, struct gateway *gateway)
{
    g_autofree char *address = g_strdup(soup_server_message_get_remote_host(message));
    g_autoptr(GUri) uri = g_uri_ref(soup_server_message_get_uri(message));
    g_autoptr(GIOStream) stream = soup_server_message_steal_connection(message);
    listener_release_timeout(stream);
    struct session *session =
        session_new(stream, uri, address, &session_handlers, &gateway->limits, gateway);
    g_hash_table_add(gateway->alive, session);
    gateway->counts.opened++;
    g_hash_table_insert(gateway->open, session,
                        GSIZE_TO_POINTER(clock_monotonic_us() / G_USEC_PER_SEC));
    session_unref(session); /* the connection holds it */
}

static void refuse(SoupServerMessage *message, unsigned status, const char *why)
{
    soup_server_message_set_status(message, status, NULL);
    soup_server_message_set_response(message, "text/plain; charset=utf-8", SOUP_MEMORY_COPY, why,
                                     strlen(why));
}

static bool offers_protocol(SoupServerMessage *message)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
    const char *offered = soup_message_headers_get_list(headers, "Sec-WebSocket-Protocol");
    return offered != NULL && soup_header_contains(offered, PROTOCOL);
}

static void on_request(SoupServer *server, SoupServerMessage *message, const char *path,
                       GHashTable *query, gpointer arg)
{
    struct gateway *gateway = arg;
    (void)server;
    (void)query;
    char *protocols[] = {(char *)PROTOCOL, NULL};
    if (strcmp(path, PATH) != 0) {
        refuse(message, SOUP_STATUS_NOT_FOUND, "there is nothing here\n");
    } else if (gateway->is_closing ||
               g_hash_table_size(gateway->open) >= gateway->service->config->sessions) {
        refuse(message, SOUP_STATUS_SERVICE_UNAVAILABLE, "too many sessions\n");
    } else if (!offers_protocol(message)) {
        refuse(message, SOUP_STATUS_BAD_REQUEST, "a WebSocket of " PROTOCOL " is spoken here\n");
    } else if (soup_websocket_server_process_handshake(message, NULL, protocols, NULL, NULL)) {
        g_signal_connect(message, "wrote-informational", G_CALLBACK(on_upgraded), gateway);
    }
}

struct gateway *gateway_new(struct service *service)
{
    const struct config *config = service->config;
    struct gateway *gateway = g_new0(struct gateway, 1);
    gateway->service = service;
    gateway->limits = (struct session_limits){
        .frames_per_second = config->frames_per_second,
        .frames_burst = config->frames_burst,
        .silence_seconds = config->silence_seconds,
        .backlog_max = (size_t)config->backlog_kib * 1024,
    };
    gateway->open = g_hash_table_new(NULL, NULL);
    gateway->alive = g_hash_table_new(NULL, NULL);
    soup_server_add_early_handler(service->server, PATH, on_request, gateway, NULL);
    return gateway;
}

/* The sessions, each with a reference of its own: what is done to one may end others. */
static GPtrArray *referenced(GHashTable *set)
{
    GPtrArray *sessions = g_ptr_array_new_with_free_func((GDestroyNotify)session_unref);
    GHashTableIter iter;
    gpointer session;
    g_hash_table_iter_init(&iter, set);
    while (g_hash_table_iter_next(&iter, &session, NULL))
        g_ptr_array_add(sessions, session_ref(session));
    return sessions;
}

void gateway_free(struct gateway *gateway)
{
    if (gateway == NULL)
        return;
    g_autoptr(GPtrArray) left = referenced(gateway->alive);
    for (unsigned i = 0; i < left->len; i++)
        session_drop(left->pdata[i], "the server ends");
    g_hash_table_unref(gateway->alive);
    g_hash_table_unref(gateway->open);
    g_free(gateway);
}

void gateway_tick(struct gateway *gateway, int64_t now_us)
{
    g_autoptr(GPtrArray) sessions = referenced(gateway->open);
    for (unsigned i = 0; i < sessions->len; i++) {
        struct session *session = sessions->pdata[i];
        int64_t opened_s = (int64_t)GPOINTER_TO_SIZE(g_hash_table_lookup(gateway->open, session));
        session_tick(session, now_us);
        if (session->identity == NULL && now_us / G_USEC_PER_SEC - opened_s > HELLO_SECONDS)
            session_close(session, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, "no session.hello");
    }
}

void gateway_close(struct gateway *gateway)
{
    gateway->is_closing = true;
    g_autoptr(GPtrArray) sessions = referenced(gateway->open);
    for (unsigned i = 0; i < sessions->len; i++)
        session_close(sessions->pdata[i], SOUP_WEBSOCKET_CLOSE_GOING_AWAY, "the server ends");
}

static bool came_by(const struct session *session, const char *key)
{
    return session->identity != NULL && (g_strcmp0(session->identity->key, key) == 0 ||
                                         g_strcmp0(session->identity->parent, key) == 0);
}

unsigned gateway_revoke(struct gateway *gateway, const char *key)
{
    unsigned ended = 0;
    g_autoptr(GPtrArray) open = referenced(gateway->open);
    for (unsigned i = 0; i < open->len; i++) {
        struct session *session = open->pdata[i];
        if (came_by(session, key)) {
            /* A lost room's media may stay a while; a revoked one's may not. */
            if (session->leg != NULL && gateway->service->plane != NULL)
                media_plane_remove_leg(gateway->service->plane, session->meeting, session->leg);
            session_close(session, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, "revoked");
            ended++;
        }
    }
    return ended;
}

bool gateway_is_empty(const struct gateway *gateway)
{
    return g_hash_table_size(gateway->alive) == 0;
}

struct gateway_counts gateway_count(const struct gateway *gateway)
{
    struct gateway_counts counts = gateway->counts;
    GHashTableIter iter;
    gpointer session;
    counts.sessions = g_hash_table_size(gateway->open);
    g_hash_table_iter_init(&iter, gateway->open);
    while (g_hash_table_iter_next(&iter, &session, NULL))
        counts.backlog += session_backlog(session);
    return counts;
}
