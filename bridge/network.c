#include "bridge/network.h"

#include "common/json.h"

#include <gio/gio.h>
#include <stdatomic.h>

#define ADDRESSES_MAX 32
#define TEXT_MAX      256

struct network {
    atomic_uint references;
    char **addresses; /* NULL: all */
    char *public_address, *stun, *turn;
    uint16_t port_min, port_max;
    bool is_lite, has_tcp;
};

static bool is_address(const char *text)
{
    return text != NULL && g_hostname_is_ip_address(text);
}

static char **read_addresses(struct json_fields *fields)
{
    const json_t *list = json_fields_array(fields, "addresses", ADDRESSES_MAX, JSON_OPTIONAL);
    if (json_array_size(list) == 0)
        return NULL;
    g_autoptr(GStrvBuilder) addresses = g_strv_builder_new();
    size_t index;
    json_t *entry;
    json_array_foreach ((json_t *)list, index, entry) {
        if (is_address(json_string_value(entry)))
            g_strv_builder_add(addresses, json_string_value(entry));
        else
            json_fields_fail(fields, "addresses", "must be IP addresses");
    }
    return g_strv_builder_end(addresses);
}

static void read_ports(struct json_fields *fields, struct network *network)
{
    const json_t *ports = json_fields_array(fields, "ports", 2, JSON_OPTIONAL);
    json_int_t least = json_integer_value(json_array_get(ports, 0));
    json_int_t most = json_integer_value(json_array_get(ports, 1));
    if (ports == NULL)
        return;
    if (least < 1024 || most > 65535 || most < least)
        json_fields_fail(fields, "ports", "must be two numbers from 1024 to 65535");
    network->port_min = (uint16_t)least;
    network->port_max = (uint16_t)most;
}

struct network *network_new(const json_t *settings, char why[160])
{
    struct network *network = g_new0(struct network, 1);
    struct json_fields fields;
    atomic_init(&network->references, 1);
    json_fields_begin(&fields, settings);
    network->addresses = read_addresses(&fields);
    network->public_address =
        g_strdup(json_fields_raw(&fields, "public_address", TEXT_MAX, JSON_OPTIONAL));
    network->stun = g_strdup(json_fields_raw(&fields, "stun", TEXT_MAX, JSON_OPTIONAL));
    network->turn = g_strdup(json_fields_raw(&fields, "turn", TEXT_MAX, JSON_OPTIONAL));
    network->is_lite = json_fields_boolean(&fields, "ice_lite", false, JSON_OPTIONAL);
    network->has_tcp = json_fields_boolean(&fields, "ice_tcp", false, JSON_OPTIONAL);
    read_ports(&fields, network);
    if (network->public_address != NULL && !is_address(network->public_address))
        json_fields_fail(&fields, "public_address", "must be an IP address");
    if (json_fields_end(&fields))
        return network;
    g_snprintf(why, 160, "%s %s", fields.bad_field, fields.why);
    network_unref(network);
    return NULL;
}

struct network *network_ref(struct network *network)
{
    atomic_fetch_add_explicit(&network->references, 1, memory_order_relaxed);
    return network;
}

void network_unref(struct network *network)
{
    if (network == NULL ||
        atomic_fetch_sub_explicit(&network->references, 1, memory_order_acq_rel) != 1)
        return;
    g_strfreev(network->addresses);
    g_free(network->public_address);
    g_free(network->stun);
    g_free(network->turn);
    g_free(network);
}

void network_fill(const struct network *network, struct leg_config *config)
{
    config->addresses = (const char *const *)network->addresses;
    config->public_address = network->public_address;
    config->port_min = network->port_min;
    config->port_max = network->port_max;
    config->is_lite = network->is_lite;
    config->has_tcp = network->has_tcp;
    config->stun_server = network->stun;
    config->turn_server = network->turn;
}
