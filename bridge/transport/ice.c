#include "bridge/transport/ice.h"

#include <gio/gio.h>
#include <nice/agent.h>
#include <nice/interfaces.h>
#include <stdlib.h>
#include <string.h>

#define COMPONENT 1

struct ice {
    NiceAgent *agent;
    GMainContext *context;
    guint stream;
    struct ice_handlers handlers;
    void *arg;
    char *ufrag, *pwd;
    bool is_gathered, is_gathering;
    bool is_connected;
    bool has_relay, has_tcp;
    char *public_address;
    /* The selected pair's socket and far end, when it is plain UDP. */
    GSocket *direct;
    struct sockaddr_storage peer;
    socklen_t peer_size;
};

/* ---- the selected pair ---- */

static bool is_same_address(const struct sockaddr *a, const struct sockaddr *b)
{
    NiceAddress first, second;
    nice_address_set_from_sockaddr(&first, a);
    nice_address_set_from_sockaddr(&second, b);
    return nice_address_equal(&first, &second);
}

/* Whether the socket is the candidate's own base: not so for what was learnt through a relay, whose
 * packets need a wrapping that only libnice gives. */
static bool is_base_of(GSocket *socket, const NiceCandidate *local)
{
    struct sockaddr_storage bound = {0}, base = {0};
    socklen_t size = sizeof bound;
    nice_address_copy_to_sockaddr(&local->base_addr, (struct sockaddr *)&base);
    return getsockname(g_socket_get_fd(socket), (struct sockaddr *)&bound, &size) == 0 &&
           bound.ss_family == base.ss_family &&
           is_same_address((struct sockaddr *)&bound, (struct sockaddr *)&base);
}

static void drop_direct_socket(struct ice *ice)
{
    if (ice->direct != NULL)
        g_object_unref(ice->direct);
    ice->direct = NULL;
}

static void find_direct_socket(struct ice *ice)
{
    NiceCandidate *local = NULL, *remote = NULL;
    drop_direct_socket(ice);
    if (!nice_agent_get_selected_pair(ice->agent, ice->stream, COMPONENT, &local, &remote) ||
        local->transport != NICE_CANDIDATE_TRANSPORT_UDP ||
        local->type == NICE_CANDIDATE_TYPE_RELAYED)
        return;
    g_autoptr(GSocket) socket = nice_agent_get_selected_socket(ice->agent, ice->stream, COMPONENT);
    if (socket == NULL || g_socket_is_closed(socket) || !is_base_of(socket, local))
        return;
    nice_address_copy_to_sockaddr(&remote->addr, (struct sockaddr *)&ice->peer);
    ice->peer_size =
        ice->peer.ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    ice->direct = g_steal_pointer(&socket);
}

int ice_direct_socket(const struct ice *ice, const struct sockaddr **address, socklen_t *size)
{
    *address = (const struct sockaddr *)&ice->peer;
    *size = ice->peer_size;
    /* libnice closes a socket that has gone wrong; its number may be another's by then. */
    if (!ice->is_connected || ice->direct == NULL || g_socket_is_closed(ice->direct))
        return -1;
    return g_socket_get_fd(ice->direct);
}

static void on_selected_pair(NiceAgent *agent, guint stream, guint component, NiceCandidate *local,
                             NiceCandidate *remote, gpointer data)
{
    (void)agent;
    (void)stream;
    (void)component;
    (void)local;
    (void)remote;
    find_direct_socket(data);
}

static void on_state(NiceAgent *agent, guint stream, guint component, guint state, gpointer data)
{
    struct ice *ice = data;
    (void)agent;
    (void)stream;
    (void)component;
    switch (state) {
    case NICE_COMPONENT_STATE_CONNECTING:
        ice->handlers.state(ICE_CONNECTING, ice->arg);
        break;
    case NICE_COMPONENT_STATE_CONNECTED:
    case NICE_COMPONENT_STATE_READY:
        find_direct_socket(ice);
        if (!ice->is_connected) {
            ice->is_connected = true;
            ice->handlers.state(ICE_CONNECTED, ice->arg);
        }
        break;
    case NICE_COMPONENT_STATE_DISCONNECTED:
        if (ice->is_connected) {
            ice->is_connected = false;
            ice->handlers.state(ICE_DISCONNECTED, ice->arg);
        }
        break;
    case NICE_COMPONENT_STATE_FAILED:
        ice->is_connected = false;
        ice->handlers.state(ICE_FAILED, ice->arg);
        break;
    default:
        break;
    }
}

/* ---- candidates ---- */

/* libnice writes and reads the whole line, "a=candidate:…"; the protocol has the value only. */
static char *candidate_text(struct ice *ice, NiceCandidate *candidate)
{
    g_autofree char *line = nice_agent_generate_local_candidate_sdp(ice->agent, candidate);
    const char *text = g_str_has_prefix(line, "a=") ? line + 2 : line;
    if (ice->public_address == NULL || candidate->type != NICE_CANDIDATE_TYPE_HOST)
        return g_strdup(text);
    /* RFC 8839 section 5.1: foundation, component, transport, priority, then the address. */
    g_auto(GStrv) words = g_strsplit(text, " ", 6);
    if (g_strv_length(words) == 6) {
        g_free(words[4]);
        words[4] = g_strdup(ice->public_address);
    }
    return g_strjoinv(" ", words);
}

static void on_candidate(NiceAgent *agent, NiceCandidate *candidate, gpointer data)
{
    struct ice *ice = data;
    (void)agent;
    if (ice->is_gathering)
        return; /* they go into the description */
    g_autofree char *text = candidate_text(ice, candidate);
    ice->handlers.candidate(text, ice->arg);
}

static void on_gathered(NiceAgent *agent, guint stream, gpointer data)
{
    struct ice *ice = data;
    (void)agent;
    (void)stream;
    ice->is_gathered = true;
    if (!ice->is_gathering)
        ice->handlers.candidate("", ice->arg);
}

char **ice_local_candidates(struct ice *ice)
{
    GPtrArray *texts = g_ptr_array_new();
    GSList *candidates = nice_agent_get_local_candidates(ice->agent, ice->stream, COMPONENT);
    for (GSList *each = candidates; each != NULL; each = each->next)
        g_ptr_array_add(texts, candidate_text(ice, each->data));
    g_slist_free_full(candidates, (GDestroyNotify)nice_candidate_free);
    g_ptr_array_add(texts, NULL);
    return (char **)g_ptr_array_free(texts, FALSE);
}

bool ice_is_gathered(const struct ice *ice)
{
    return ice->is_gathered;
}

bool ice_add_remote(struct ice *ice, const char *candidate)
{
    /* A name of mDNS would block on look-up; the peer is found peer-reflexively instead. */
    if (!g_str_has_prefix(candidate, "candidate:") || strstr(candidate, ".local ") != NULL)
        return false;
    g_autofree char *line = g_strconcat("a=", candidate, NULL);
    NiceCandidate *parsed = nice_agent_parse_remote_candidate_sdp(ice->agent, ice->stream, line);
    if (parsed == NULL)
        return false;
    GSList list = {parsed, NULL};
    bool is_taken = parsed->component_id == COMPONENT &&
                    (parsed->transport == NICE_CANDIDATE_TRANSPORT_UDP || ice->has_tcp) &&
                    nice_agent_set_remote_candidates(ice->agent, ice->stream, COMPONENT, &list) > 0;
    nice_candidate_free(parsed);
    return is_taken;
}

void ice_take_control(struct ice *ice)
{
    g_object_set(ice->agent, "controlling-mode", TRUE, NULL);
}

bool ice_set_remote(struct ice *ice, const char *ufrag, const char *pwd)
{
    return nice_agent_set_remote_credentials(ice->agent, ice->stream, ufrag, pwd);
}

/* ---- life ---- */

static void on_receive(NiceAgent *agent, guint stream, guint component, guint size, gchar *bytes,
                       gpointer data)
{
    struct ice *ice = data;
    (void)agent;
    (void)stream;
    (void)component;
    ice->handlers.receive((const uint8_t *)bytes, size, ice->arg);
}

static bool add_address(NiceAgent *agent, const char *text)
{
    NiceAddress address;
    nice_address_init(&address);
    return nice_address_set_from_string(&address, text) &&
           nice_agent_add_local_address(agent, &address);
}

/* Every address of this machine, loopback too: a meeting may be tried, or live, on one machine. */
static void add_own_addresses(NiceAgent *agent)
{
    GList *texts = nice_interfaces_get_local_ips(TRUE);
    for (GList *each = texts; each != NULL; each = each->next) {
        const char *text = each->data;
        /* A link-local address needs a scope, which a candidate cannot say. */
        if (!g_str_has_prefix(text, "fe80:") && !g_str_has_prefix(text, "169.254."))
            add_address(agent, text);
    }
    g_list_free_full(texts, g_free);
}

static bool add_addresses(NiceAgent *agent, const char *const *addresses, GError **error)
{
    if (addresses == NULL)
        add_own_addresses(agent);
    for (size_t i = 0; addresses != NULL && addresses[i] != NULL; i++) {
        if (!add_address(agent, addresses[i])) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                        "\"%s\" is not an IP address to listen on", addresses[i]);
            return false;
        }
    }
    return true;
}

static void set_stun(NiceAgent *agent, const char *server)
{
    g_auto(GStrv) parts = g_strsplit(server, ":", 2);
    g_object_set(agent, "stun-server", parts[0], "stun-server-port",
                 parts[1] != NULL ? (guint)atoi(parts[1]) : 3478u, NULL);
}

/* "turn:user|password@host:port"; a user's name may have a colon in it. */
static bool set_turn(struct ice *ice, const char *server)
{
    const char *text = g_str_has_prefix(server, "turn:") ? server + 5 : server;
    const char *at = strrchr(text, '@');
    if (at == NULL)
        return false;
    g_autofree char *who = g_strndup(text, (gsize)(at - text));
    g_auto(GStrv) account = g_strsplit(who, strchr(who, '|') != NULL ? "|" : ":", 2);
    g_auto(GStrv) place = g_strsplit(at + 1, ":", 2);
    guint port = place[1] != NULL ? (guint)atoi(place[1]) : 3478u;
    if (account[0] == NULL || account[1] == NULL || place[0] == NULL)
        return false;
    /* Over TCP as well: where no UDP goes out, not even to a relay. */
    return nice_agent_set_relay_info(ice->agent, ice->stream, COMPONENT, place[0], port, account[0],
                                     account[1], NICE_RELAY_TYPE_TURN_UDP) &&
           nice_agent_set_relay_info(ice->agent, ice->stream, COMPONENT, place[0], port, account[0],
                                     account[1], NICE_RELAY_TYPE_TURN_TCP);
}

static void read_credentials(struct ice *ice)
{
    g_free(ice->ufrag);
    g_free(ice->pwd);
    nice_agent_get_local_credentials(ice->agent, ice->stream, &ice->ufrag, &ice->pwd);
}

static bool set_up(struct ice *ice, const struct ice_config *config, GError **error)
{
    if (!add_addresses(ice->agent, config->addresses, error))
        return false;
    if (config->stun_server != NULL)
        set_stun(ice->agent, config->stun_server);
    ice->stream = nice_agent_add_stream(ice->agent, 1);
    if (config->turn_server != NULL && !set_turn(ice, config->turn_server)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "the turn server is not \"turn:user:password@host:port\"");
        return false;
    }
    ice->has_relay = config->turn_server != NULL;
    if (config->port_min != 0)
        nice_agent_set_port_range(ice->agent, ice->stream, COMPONENT, config->port_min,
                                  config->port_max);
    read_credentials(ice);
    return true;
}

struct ice *ice_new(GMainContext *context, const struct ice_config *config,
                    const struct ice_handlers *handlers, void *arg, GError **error)
{
    struct ice *ice = g_new0(struct ice, 1);
    ice->handlers = *handlers;
    ice->arg = arg;
    ice->context = g_main_context_ref(context);
    NiceAgentOption options = NICE_AGENT_OPTION_REGULAR_NOMINATION | NICE_AGENT_OPTION_ICE_TRICKLE |
                              NICE_AGENT_OPTION_CONSENT_FRESHNESS;
    if (config->is_lite)
        options |= NICE_AGENT_OPTION_LITE_MODE;
    ice->has_tcp = config->has_tcp;
    ice->public_address = g_strdup(config->public_address);
    ice->agent = nice_agent_new_full(context, NICE_COMPATIBILITY_RFC5245, options);
    g_object_set(ice->agent, "upnp", FALSE, "ice-tcp", (gboolean)config->has_tcp,
                 "controlling-mode", (gboolean)(config->is_controlling && !config->is_lite), NULL);
    if (!set_up(ice, config, error)) {
        ice_free(ice);
        return NULL;
    }
    g_signal_connect(ice->agent, "new-candidate-full", G_CALLBACK(on_candidate), ice);
    g_signal_connect(ice->agent, "candidate-gathering-done", G_CALLBACK(on_gathered), ice);
    g_signal_connect(ice->agent, "component-state-changed", G_CALLBACK(on_state), ice);
    g_signal_connect(ice->agent, "new-selected-pair-full", G_CALLBACK(on_selected_pair), ice);
    nice_agent_attach_recv(ice->agent, ice->stream, COMPONENT, context, on_receive, ice);
    return ice;
}

/* The relay has been told; the agent's last reference goes. */
static void on_agent_closed(GObject *agent, GAsyncResult *result, gpointer data)
{
    (void)result;
    (void)data;
    g_object_unref(agent);
}

void ice_free(struct ice *ice)
{
    if (ice == NULL)
        return;
    g_signal_handlers_disconnect_by_data(ice->agent, ice);
    if (ice->stream != 0)
        nice_agent_attach_recv(ice->agent, ice->stream, COMPONENT, ice->context, NULL, NULL);
    if (ice->has_relay) {
        /* Allocations would live on for ten minutes and count against the relay's quota. */
        nice_agent_close_async(ice->agent, on_agent_closed, NULL);
    } else {
        if (ice->stream != 0)
            nice_agent_remove_stream(ice->agent, ice->stream);
        g_object_unref(ice->agent);
    }
    drop_direct_socket(ice);
    g_main_context_unref(ice->context);
    g_free(ice->ufrag);
    g_free(ice->pwd);
    g_free(ice->public_address);
    g_free(ice);
}

bool ice_gather(struct ice *ice, GError **error)
{
    ice->is_gathering = true;
    bool is_good = nice_agent_gather_candidates(ice->agent, ice->stream);
    ice->is_gathering = false;
    if (!is_good)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
                    "ICE found no address to listen on, or no socket is left");
    return is_good;
}

const char *ice_ufrag(const struct ice *ice)
{
    return ice->ufrag;
}

const char *ice_pwd(const struct ice *ice)
{
    return ice->pwd;
}

bool ice_restart(struct ice *ice)
{
    if (!nice_agent_restart_stream(ice->agent, ice->stream))
        return false;
    read_credentials(ice);
    return true;
}

bool ice_send(struct ice *ice, const uint8_t *bytes, size_t size)
{
    return nice_agent_send(ice->agent, ice->stream, COMPONENT, (guint)size, (const gchar *)bytes) ==
           (gint)size;
}
