#include "signaling/http/listen.h"

#include "common/log.h"
#include "signaling/auth/certificate.h"

#include <errno.h>
#include <string.h>

/* A whole country joins within the same minute; the standard backlog is 10. */
#define BACKLOG 1024

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
    g_socket_set_listen_backlog(socket, BACKLOG);
    if (!g_socket_bind(socket, bind_to, TRUE, error) || !g_socket_listen(socket, error))
        return NULL;
    return g_steal_pointer(&socket);
}

static char *url_of(GInetAddress *address, unsigned port)
{
    bool is_ip6 = g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6;
    g_autofree char *text = g_inet_address_get_is_any(address)
                                ? g_strdup(is_ip6 ? "::1" : "127.0.0.1")
                                : g_inet_address_to_string(address);
    return g_strdup_printf(is_ip6 ? "https://[%s]:%u" : "https://%s:%u", text, port);
}

bool listen_start(SoupServer *server, const struct config *config, char **url, char **public_url,
                  GError **error)
{
    unsigned port;
    g_autofree char *address = NULL;
    if (!config_parse_listen(config->listen, &address, &port, error))
        return false;
    g_autoptr(GSocket) socket = open_socket(address, port, error);
    if (socket == NULL ||
        !soup_server_listen_socket(server, socket, SOUP_SERVER_LISTEN_HTTPS, error)) {
        g_prefix_error(error, "cannot listen on %s: ", config->listen);
        return false;
    }
    g_autoptr(GSocketAddress) bound = g_socket_get_local_address(socket, error);
    if (bound == NULL)
        return false;
    GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS(bound);
    GInetAddress *host = g_inet_socket_address_get_address(inet);
    port = g_inet_socket_address_get_port(inet);
    *url = url_of(host, port);
    if (config->public_url != NULL)
        *public_url = g_strdup(config->public_url);
    else if (g_inet_address_get_is_any(host))
        *public_url = g_strdup_printf("https://%s:%u", g_get_host_name(), port);
    else
        *public_url = g_strdup(*url);
    if (g_str_has_suffix(*public_url, "/"))
        (*public_url)[strlen(*public_url) - 1] = '\0';
    return true;
}
