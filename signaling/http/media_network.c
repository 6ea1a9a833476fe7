#include "signaling/http/media_network.h"

#include <gio/gio.h>
#include <string.h>

#define CREDENTIAL_SECONDS ((int64_t)24 * 3600)
#define BRIDGE_SECONDS     ((int64_t)365 * 24 * 3600) /* the bridge is told once */

static bool fail(GError **error, const char *key, const char *value, const char *form)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "[media] %s: \"%s\" is not %s", key,
                value, form);
    return false;
}

/* "host:port" */
static bool split_place(const char *text, char **host, unsigned *port)
{
    const char *colon = strrchr(text, ':');
    guint64 number;
    if (colon == NULL || colon == text ||
        !g_ascii_string_to_unsigned(colon + 1, 10, 1, 65535, &number, NULL))
        return false;
    *host = g_strndup(text, (size_t)(colon - text));
    *port = (unsigned)number;
    return true;
}

static bool is_place(const char *text)
{
    g_autofree char *host = NULL;
    unsigned port;
    return split_place(text, &host, &port);
}

/* "40000-49999" */
static bool split_ports(const char *text, unsigned *least, unsigned *most)
{
    g_auto(GStrv) parts = g_strsplit(text, "-", 3);
    guint64 first, last;
    if (g_strv_length(parts) != 2 ||
        !g_ascii_string_to_unsigned(parts[0], 10, 1024, 65535, &first, NULL) ||
        !g_ascii_string_to_unsigned(parts[1], 10, first, 65535, &last, NULL))
        return false;
    *least = (unsigned)first;
    *most = (unsigned)last;
    return true;
}

static bool check_addresses(const struct config *config, GError **error)
{
    for (unsigned i = 0; config->media_addresses != NULL && config->media_addresses[i] != NULL;
         i++) {
        if (!g_hostname_is_ip_address(config->media_addresses[i]))
            return fail(error, "addresses", config->media_addresses[i], "an IP address");
    }
    return config->media_public_address == NULL ||
           g_hostname_is_ip_address(config->media_public_address) ||
           fail(error, "public-address", config->media_public_address, "an IP address");
}

static bool is_yes(const char *text)
{
    return g_strcmp0(text, "yes") == 0;
}

bool media_network_has_tcp(const struct config *config)
{
    return is_yes(config->media_ice_tcp);
}

bool media_network_check(const struct config *config, GError **error)
{
    unsigned least, most;
    const char *ice = config->media_ice, *tcp = config->media_ice_tcp;
    if (!check_addresses(config, error))
        return false;
    if (config->media_ports != NULL && !split_ports(config->media_ports, &least, &most))
        return fail(error, "ports", config->media_ports, "LEAST-MOST, from 1024 to 65535");
    if (ice != NULL && strcmp(ice, "full") != 0 && strcmp(ice, "lite") != 0)
        return fail(error, "ice", ice, "full or lite");
    if (tcp != NULL && strcmp(tcp, "yes") != 0 && strcmp(tcp, "no") != 0)
        return fail(error, "ice-tcp", tcp, "yes or no");
    if (config->media_stun != NULL && !is_place(config->media_stun))
        return fail(error, "stun", config->media_stun, "HOST:PORT");
    if (config->media_turn != NULL && !is_place(config->media_turn))
        return fail(error, "turn", config->media_turn, "HOST:PORT");
    if (config->media_turn != NULL && config->media_turn_secret == NULL)
        return fail(error, "turn-secret", "", "given; the TURN server's shared secret is");
    return true;
}

/* RFC draft-uberti-behave-turn-rest: the user is "expiry:name", the password its HMAC-SHA1. */
static char *turn_password(const char *secret, const char *user)
{
    guint8 digest[20];
    gsize size = sizeof digest;
    g_autoptr(GHmac) hmac = g_hmac_new(G_CHECKSUM_SHA1, (const guchar *)secret, strlen(secret));
    g_hmac_update(hmac, (const guchar *)user, (gssize)strlen(user));
    g_hmac_get_digest(hmac, digest, &size);
    return g_base64_encode(digest, size);
}

static char *turn_user(const char *who, int64_t now_us, int64_t seconds)
{
    return g_strdup_printf("%" G_GINT64_FORMAT ":%s", (gint64)(now_us / G_USEC_PER_SEC + seconds),
                           who);
}

json_t *media_network_for_bridge(const struct config *config)
{
    json_t *network = json_object();
    unsigned least, most;
    if (config->media_addresses != NULL) {
        json_t *addresses = json_array();
        for (unsigned i = 0; config->media_addresses[i] != NULL; i++)
            json_array_append_new(addresses, json_string(config->media_addresses[i]));
        json_object_set_new(network, "addresses", addresses);
    }
    if (config->media_public_address != NULL)
        json_object_set_new(network, "public_address", json_string(config->media_public_address));
    if (config->media_ports != NULL && split_ports(config->media_ports, &least, &most))
        json_object_set_new(network, "ports", json_pack("[i, i]", (int)least, (int)most));
    json_object_set_new(network, "ice_lite",
                        json_boolean(g_strcmp0(config->media_ice, "lite") == 0));
    json_object_set_new(network, "ice_tcp", json_boolean(media_network_has_tcp(config)));
    if (config->media_stun != NULL)
        json_object_set_new(network, "stun", json_string(config->media_stun));
    if (config->media_turn != NULL && is_yes(config->media_turn_for_bridge)) {
        g_autofree char *user = turn_user("bridge", g_get_real_time(), BRIDGE_SECONDS);
        g_autofree char *password = turn_password(config->media_turn_secret, user);
        json_object_set_new(network, "turn",
                            json_sprintf("turn:%s|%s@%s", user, password, config->media_turn));
    }
    return network;
}

json_t *media_network_ice_servers(const struct config *config, const char *who, int64_t now_us)
{
    json_t *servers = json_array();
    if (config->media_stun != NULL)
        json_array_append_new(
            servers, json_pack("{s:[o]}", "urls", json_sprintf("stun:%s", config->media_stun)));
    if (config->media_turn != NULL) {
        g_autofree char *user = turn_user(who, now_us, CREDENTIAL_SECONDS);
        g_autofree char *password = turn_password(config->media_turn_secret, user);
        json_array_append_new(servers,
                              json_pack("{s:[o, o], s:s, s:s}", "urls",
                                        json_sprintf("turn:%s?transport=udp", config->media_turn),
                                        json_sprintf("turn:%s?transport=tcp", config->media_turn),
                                        "username", user, "credential", password));
    }
    return servers;
}
