#include "client/room/way.h"

#include "common/log.h"

#include <gio/gio.h>
#include <string.h>

/* "host:port" with the host's address; NULL if there is none. g_free(). */
static char *look_up(const char *place)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocketConnectable) parsed = g_network_address_parse(place, 3478, &error);
    if (parsed == NULL)
        return NULL;
    const char *host = g_network_address_get_hostname(G_NETWORK_ADDRESS(parsed));
    guint16 port = g_network_address_get_port(G_NETWORK_ADDRESS(parsed));
    if (g_hostname_is_ip_address(host))
        return g_strdup_printf("%s:%u", host, port);
    g_autoptr(GResolver) resolver = g_resolver_get_default();
    GList *found = g_resolver_lookup_by_name(resolver, host, NULL, &error);
    if (found == NULL) {
        log_warning("%s is not found: %s", host, error->message);
        return NULL;
    }
    g_autofree char *address = g_inet_address_to_string(found->data);
    g_resolver_free_addresses(found);
    return g_strdup_printf("%s:%u", address, port);
}

static void take_url(struct way *way, const char *url, const json_t *server)
{
    const char *user = json_string_value(json_object_get(server, "username"));
    const char *password = json_string_value(json_object_get(server, "credential"));
    bool is_turn = g_str_has_prefix(url, "turn:");
    if ((!is_turn && !g_str_has_prefix(url, "stun:")) || (is_turn ? way->turn : way->stun) != NULL)
        return;
    g_autofree char *place = g_strndup(url + 5, strcspn(url + 5, "?"));
    g_autofree char *address = look_up(place);
    if (address != NULL && !is_turn)
        way->stun = g_steal_pointer(&address);
    else if (address != NULL && user != NULL && password != NULL)
        way->turn = g_strdup_printf("turn:%s|%s@%s", user, password, address);
}

void way_read(struct way *way, const json_t *hello)
{
    size_t i, j;
    json_t *server, *url;
    way_clear(way);
    way->has_tcp = json_is_true(json_object_get(hello, "ice_tcp"));
    json_array_foreach (json_object_get(hello, "ice_servers"), i, server) {
        json_array_foreach (json_object_get(server, "urls"), j, url) {
            if (json_is_string(url))
                take_url(way, json_string_value(url), server);
        }
    }
}

void way_clear(struct way *way)
{
    g_clear_pointer(&way->stun, g_free);
    g_clear_pointer(&way->turn, g_free);
    way->has_tcp = false;
}
