#include "client/room/network.h"

/* Below TLS ("base-io-stream") and libsoup's own layer ("base-iostream"). */
static GSocketConnection *find_connection(GIOStream *stream)
{
    static const char *const properties[] = {"base-io-stream", "base-iostream"};
    if (G_IS_SOCKET_CONNECTION(stream))
        return g_object_ref(G_SOCKET_CONNECTION(stream));
    for (size_t i = 0; i < G_N_ELEMENTS(properties); i++) {
        g_autoptr(GIOStream) base = NULL;
        if (g_object_class_find_property(G_OBJECT_GET_CLASS(stream), properties[i]) == NULL)
            continue;
        g_object_get(stream, properties[i], &base, NULL);
        return base != NULL ? find_connection(base) : NULL;
    }
    return NULL;
}

/* Only an address of ours can be bound to; a port is not taken for that. */
static bool can_bind(GInetAddress *address)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocketAddress) any_port = g_inet_socket_address_new(address, 0);
    g_autoptr(GSocket) socket = g_socket_new(g_inet_address_get_family(address),
                                             G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
    return socket == NULL || g_socket_bind(socket, any_port, FALSE, &error) ||
           !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_FAILED);
}

bool network_still_has(GIOStream *stream)
{
    g_autoptr(GSocketConnection) connection = find_connection(stream);
    g_autoptr(GSocketAddress) local =
        connection != NULL ? g_socket_connection_get_local_address(connection, NULL) : NULL;
    if (!G_IS_INET_SOCKET_ADDRESS(local))
        return true;
    return can_bind(g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(local)));
}
