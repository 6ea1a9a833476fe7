#include "signaling/http/listen.h"

#include "common/log.h"
#include "signaling/auth/certificate.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

/* A whole country joins within the same minute; the standard backlog is 10. */
#define BACKLOG 1024
/* Connections beside the WebSockets: pages, documents, what is still signing in. */
#define OTHERS_MAX 2000
/* How long a connection may be silent: in its handshake, within a request, between two. */
#define SILENCE_SECONDS 30
#define ACCEPT_AT_ONCE  64
#define PAUSE_MS        500

struct listener {
    SoupServer *server;
    GTlsCertificate *certificate;
    GSocket *socket;
    GSource *source;
    guint pause;       /* a timer, while no descriptor is left */
    GCancellable *end; /* of handshakes that go on when the listener ends */
    unsigned connections_max;
    unsigned *connections; /* open; outlives the listener as long as there are any */
};

GTlsCertificate *listen_certificate(const struct config *config, GError **error)
{
    g_autofree char *directory = g_build_filename(config->data, "tls", NULL);
    g_autofree char *own_certificate = g_build_filename(directory, "cert.pem", NULL);
    g_autofree char *own_key = g_build_filename(directory, "key.pem", NULL);
    const char *certificate_path = config->certificate, *key_path = config->private_key;
    if (certificate_path == NULL) {
        certificate_path = own_certificate;
        key_path = own_key;
        if (g_mkdir_with_parents(directory, 0700) != 0) {
            g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: cannot be made: %s",
                        directory, g_strerror(errno));
            return NULL;
        }
        if (!certificate_ensure(certificate_path, key_path, error))
            return NULL;
    }
    GTlsCertificate *certificate =
        g_tls_certificate_new_from_files(certificate_path, key_path, error);
    if (certificate == NULL) {
        g_prefix_error(error, "%s, %s: ", certificate_path, key_path);
        return NULL;
    }
    g_autofree char *fingerprint = certificate_fingerprint(certificate);
    log_info("certificate file=%s sha256=%s", certificate_path, fingerprint);
    return certificate;
}

static GSocket *open_socket(const char *address, unsigned port, GError **error)
{
    g_autoptr(GSocketAddress) bind_to = g_inet_socket_address_new_from_string(address, port);
    g_autoptr(GSocket) socket = g_socket_new(g_socket_address_get_family(bind_to),
                                             G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
    if (socket == NULL)
        return NULL;
    g_socket_set_blocking(socket, FALSE);
    g_socket_set_listen_backlog(socket, BACKLOG);
    if (!g_socket_bind(socket, bind_to, TRUE, error) || !g_socket_listen(socket, error))
        return NULL;
    return g_steal_pointer(&socket);
}

/* Taking connections in. */

static void on_connection_gone(gpointer connections, GObject *connection)
{
    (void)connection;
    --*(unsigned *)connections;
    g_rc_box_release(connections);
}

struct newcomer {
    struct listener *listener;
    GSocketAddress *local, *remote;
};

/* libsoup gets a connection when its handshake is done: what never gets so far costs it nothing. */
static void on_handshake(GObject *connection, GAsyncResult *result, gpointer arg)
{
    struct newcomer *newcomer = arg;
    g_autoptr(GError) error = NULL;
    /* After a fault, the listener's end among them, the listener is not touched. */
    if (!g_tls_connection_handshake_finish(G_TLS_CONNECTION(connection), result, &error))
        log_debug("a handshake failed why=%s", error->message);
    else if (!soup_server_accept_iostream(newcomer->listener->server, G_IO_STREAM(connection),
                                          newcomer->local, newcomer->remote, &error))
        log_warning("a connection was not taken why=%s", error->message);
    g_object_unref(newcomer->local);
    g_object_unref(newcomer->remote);
    g_free(newcomer);
}

/* Clients show no certificates. Without saying so each connection loads all of the system's: 3.6
 * MiB, and most of a handshake's time. */
static GIOStream *begin_tls(const struct listener *listener, GIOStream *plain)
{
    GType type = g_tls_backend_get_server_connection_type(g_tls_backend_get_default());
    return g_initable_new(type, NULL, NULL, "base-io-stream", plain, "certificate",
                          listener->certificate, "database", NULL, NULL);
}

static void take_connection(struct listener *listener, GSocket *socket)
{
    if (*listener->connections >= listener->connections_max) {
        g_socket_close(socket, NULL);
        return;
    }
    g_socket_set_timeout(socket, SILENCE_SECONDS);
    /* Frames are small, and somebody waits for each. */
    g_socket_set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
    g_autoptr(GSocketAddress) local = g_socket_get_local_address(socket, NULL);
    g_autoptr(GSocketAddress) remote = g_socket_get_remote_address(socket, NULL);
    g_autoptr(GSocketConnection) plain = g_socket_connection_factory_create_connection(socket);
    g_autoptr(GIOStream) connection =
        local != NULL && remote != NULL ? begin_tls(listener, G_IO_STREAM(plain)) : NULL;
    if (connection == NULL)
        return; /* it is gone already */
    ++*listener->connections;
    g_object_weak_ref(G_OBJECT(connection), on_connection_gone,
                      g_rc_box_acquire(listener->connections));
    struct newcomer *newcomer = g_new(struct newcomer, 1);
    *newcomer = (struct newcomer){listener, g_steal_pointer(&local), g_steal_pointer(&remote)};
    g_tls_connection_handshake_async(G_TLS_CONNECTION(connection), G_PRIORITY_DEFAULT,
                                     listener->end, on_handshake, newcomer);
}

static void watch(struct listener *listener);

static gboolean go_on(gpointer arg)
{
    struct listener *listener = arg;
    listener->pause = 0;
    watch(listener);
    return G_SOURCE_REMOVE;
}

static gboolean on_incoming(GSocket *socket, GIOCondition condition, gpointer arg)
{
    struct listener *listener = arg;
    (void)condition;
    for (unsigned i = 0; i < ACCEPT_AT_ONCE; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GSocket) accepted = g_socket_accept(socket, NULL, &error);
        if (accepted != NULL) {
            take_connection(listener, accepted);
            continue;
        }
        if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES))
            break;
        /* The connection still waits in the backlog: looking at it all the time helps nobody. */
        log_error("no descriptor is left for a connection; raise the limit on open files");
        listener->pause = g_timeout_add(PAUSE_MS, go_on, listener);
        g_clear_pointer(&listener->source, g_source_unref);
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

static void watch(struct listener *listener)
{
    listener->source = g_socket_create_source(listener->socket, G_IO_IN, NULL);
    g_source_set_callback(listener->source, G_SOURCE_FUNC(on_incoming), listener, NULL);
    g_source_attach(listener->source, NULL);
}

void listener_release_timeout(GIOStream *connection)
{
    g_autoptr(GIOStream) plain = NULL;
    if (!G_IS_TLS_CONNECTION(connection))
        return;
    g_object_get(connection, "base-io-stream", &plain, NULL);
    g_socket_set_timeout(g_socket_connection_get_socket(G_SOCKET_CONNECTION(plain)), 0);
}

/* Where it listens. */

static char *own_url(GInetAddress *address, unsigned port)
{
    bool is_ip6 = g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6;
    g_autofree char *text = g_inet_address_get_is_any(address)
                                ? g_strdup(is_ip6 ? "::1" : "127.0.0.1")
                                : g_inet_address_to_string(address);
    return g_strdup_printf(is_ip6 ? "https://[%s]:%u" : "https://%s:%u", text, port);
}

static bool find_urls(GSocket *socket, const struct config *config, struct listen_urls *urls,
                      GError **error)
{
    g_autoptr(GSocketAddress) bound = g_socket_get_local_address(socket, error);
    if (bound == NULL)
        return false;
    GInetAddress *host = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(bound));
    unsigned port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound));
    urls->own = own_url(host, port);
    if (config->public_url != NULL)
        urls->public = g_strdup(config->public_url);
    else if (g_inet_address_get_is_any(host))
        urls->public = g_strdup_printf("https://%s:%u", g_get_host_name(), port);
    else
        urls->public = g_strdup(urls->own);
    if (g_str_has_suffix(urls->public, "/"))
        urls->public[strlen(urls->public) - 1] = '\0';
    return true;
}

struct listener *listener_new(SoupServer *server, GTlsCertificate *certificate,
                              const struct config *config, struct listen_urls *urls, GError **error)
{
    unsigned port;
    g_autofree char *address = NULL;
    if (!config_parse_listen(config->listen, &address, &port, error))
        return NULL;
    g_autoptr(GSocket) socket = open_socket(address, port, error);
    if (socket == NULL || !find_urls(socket, config, urls, error)) {
        g_prefix_error(error, "cannot listen on %s: ", config->listen);
        return NULL;
    }
    struct listener *listener = g_new0(struct listener, 1);
    listener->server = server;
    listener->certificate = certificate;
    listener->socket = g_steal_pointer(&socket);
    listener->connections_max = config->sessions + OTHERS_MAX;
    listener->connections = g_rc_box_new0(unsigned);
    listener->end = g_cancellable_new();
    watch(listener);
    return listener;
}

void listener_free(struct listener *listener)
{
    if (listener == NULL)
        return;
    if (listener->source != NULL) {
        g_source_destroy(listener->source);
        g_source_unref(listener->source);
    }
    g_clear_handle_id(&listener->pause, g_source_remove);
    g_cancellable_cancel(listener->end);
    g_object_unref(listener->end);
    g_socket_close(listener->socket, NULL);
    g_object_unref(listener->socket);
    g_rc_box_release(listener->connections);
    g_free(listener);
}
