#include "bridge/transport/leg_private.h"

#include "common/clock.h"
#include "common/log.h"

#include <openssl/rand.h>
#include <string.h>

#define CONNECT_WITHIN_US 30000000

const char *leg_state_name(enum leg_state state)
{
    static const char *const names[] = {"new",          "connecting", "connected",
                                        "disconnected", "failed",     "closed"};
    return names[state];
}

enum leg_state leg_get_state(const struct leg *leg)
{
    return leg->state;
}

const char *leg_srtp_profile(const struct leg *leg)
{
    return leg->srtp != NULL ? srtp_suite_name(leg->suite) : NULL;
}

void leg_enter(struct leg *leg, enum leg_state state)
{
    if (leg->state == state || leg->state == LEG_CLOSED || leg->is_refused)
        return;
    leg->state = state;
    if (state != LEG_CONNECTING)
        leg->connect_until_us = 0;
    log_debug("leg %s leg=%s", leg_state_name(state), leg->name);
    if (leg->handlers.state != NULL)
        leg->handlers.state(leg, state, leg->arg);
}

static void refuse(struct leg *leg)
{
    leg_enter(leg, LEG_FAILED);
    leg->is_refused = true;
}

/* ---- DTLS ---- */

/* Before ICE has a pair nothing can be sent; the peer's first flight may be here all the same. */
static void on_dtls_send(const uint8_t *bytes, size_t size, void *arg)
{
    struct leg *leg = arg;
    if (ice_send(leg->ice, bytes, size) || leg->flight == NULL || size > RTP_PACKET_MAX ||
        leg->flight_count == LEG_FLIGHT_MAX)
        return;
    struct leg_datagram *datagram = &leg->flight[leg->flight_count++];
    datagram->size = (uint16_t)size;
    memcpy(datagram->bytes, bytes, size);
}

static void flush_flight(struct leg *leg)
{
    for (unsigned i = 0; i < leg->flight_count; i++)
        ice_send(leg->ice, leg->flight[i].bytes, leg->flight[i].size);
    leg->flight_count = 0;
}

static void on_dtls_done(const struct dtls_keys *keys, void *arg)
{
    struct leg *leg = arg;
    bool is_client = leg->role == LEG_OFFERER;
    g_autoptr(GError) error = NULL;
    g_free(leg->flight);
    leg->flight = NULL;
    leg->flight_count = 0;
    leg->suite = keys->suite;
    leg->srtp = srtp_endpoint_new(keys->suite, is_client ? &keys->client : &keys->server,
                                  is_client ? &keys->server : &keys->client, &error);
    if (leg->srtp == NULL) {
        log_error("%s leg=%s", error->message, leg->name);
        refuse(leg);
        return;
    }
    leg_enter(leg, LEG_CONNECTED);
}

static void on_dtls_failed(const char *why, void *arg)
{
    struct leg *leg = arg;
    log_warning("dtls: %s leg=%s", why, leg->name);
    refuse(leg);
}

static void on_dtls_closed(void *arg)
{
    leg_enter(arg, LEG_CLOSED);
}

void leg_expect_peer(struct leg *leg, const char *fingerprint)
{
    static const struct dtls_handlers handlers = {on_dtls_send, on_dtls_done, on_dtls_failed,
                                                  on_dtls_closed};
    leg->has_remote = true;
    g_strlcpy(leg->remote_fingerprint, fingerprint, sizeof leg->remote_fingerprint);
    leg->dtls =
        dtls_new(shard_context(leg->shard), leg->role == LEG_OFFERER, fingerprint, &handlers, leg);
    leg->flight = g_new0(struct leg_datagram, LEG_FLIGHT_MAX);
}

/* ---- ICE ---- */

static void on_ice_connected(struct leg *leg)
{
    flush_flight(leg);
    if (leg->srtp != NULL)
        leg_enter(leg, LEG_CONNECTED);
    else if (leg->role == LEG_OFFERER && leg->dtls != NULL)
        dtls_start(leg->dtls);
}

static void on_ice_state(enum ice_state state, void *arg)
{
    struct leg *leg = arg;
    if (leg->is_gone)
        return;
    switch (state) {
    case ICE_CONNECTING:
        if (leg->srtp == NULL)
            leg_enter(leg, LEG_CONNECTING);
        break;
    case ICE_CONNECTED:
        on_ice_connected(leg);
        break;
    case ICE_DISCONNECTED:
        leg_enter(leg, LEG_DISCONNECTED);
        break;
    case ICE_FAILED:
        leg_enter(leg, LEG_FAILED);
        break;
    }
}

static void on_ice_candidate(const char *candidate, void *arg)
{
    struct leg *leg = arg;
    if (leg->handlers.candidate != NULL)
        leg->handlers.candidate(leg, candidate, leg->audio_mid, leg->arg);
}

static void on_ice_receive(const uint8_t *bytes, size_t size, void *arg)
{
    struct leg *leg = arg;
    if (!leg->is_gone)
        leg_receive(leg, bytes, size);
}

void leg_start_connecting(struct leg *leg)
{
    if (leg->state != LEG_CONNECTED)
        leg->connect_until_us = clock_monotonic_us() + CONNECT_WITHIN_US;
}

void leg_add_candidate(struct leg *leg, const char *candidate, const char *mid)
{
    (void)mid; /* all is bundled */
    if (candidate[0] != '\0' && !ice_add_remote(leg->ice, candidate))
        log_debug("candidate passed over leg=%s", leg->name);
}

/* ---- life ---- */

static void fill_random(void *bytes, size_t size)
{
    if (RAND_bytes(bytes, (int)size) != 1)
        g_error("the system's random source failed");
}

uint32_t leg_random(void)
{
    uint32_t number;
    fill_random(&number, sizeof number);
    return number;
}

/* RFC 7022 section 4.2: 96 random bits in Base64. */
static void make_cname(char cname[LEG_CNAME_SIZE])
{
    uint8_t bytes[12];
    fill_random(bytes, sizeof bytes);
    g_autofree char *text = g_base64_encode(bytes, sizeof bytes);
    g_strlcpy(cname, text, LEG_CNAME_SIZE);
}

static struct leg *make_leg(struct shard *shard, const struct leg_config *config)
{
    struct leg *leg = g_new0(struct leg, 1);
    leg->shard = shard;
    leg->role = config->role;
    leg->name = g_strdup(config->name);
    leg->handlers = config->handlers;
    leg->arg = config->arg;
    leg->ice_settings.stun_server = g_strdup(config->stun_server);
    leg->ice_settings.turn_server = g_strdup(config->turn_server);
    leg->ice_settings.addresses = g_strdupv((char **)config->addresses);
    leg->ice_settings.port_min = config->port_min;
    leg->ice_settings.port_max = config->port_max;
    leg->ice_settings.public_address = g_strdup(config->public_address);
    leg->ice_settings.has_tcp = config->has_tcp;
    leg->audio_ssrc = leg_random() | 1;
    /* Not near the wrap, so that a lost first packet cannot hide it (RFC 3711 section 3.3.1). */
    leg->sequence_number = (uint16_t)(leg_random() & 0x7fff);
    leg->timestamp_offset = leg_random();
    leg->session_id = leg_random();
    leg->opus_payload_type = leg->red_payload_type = -1;
    make_cname(leg->cname);
    leg->has_pictures = config->has_pictures;
    leg->is_ice_lite = config->is_lite;
    leg_init_pictures(leg);
    atomic_init(&leg->seen.level_dbov, -127);
    g_strlcpy(leg->audio_mid, "0", sizeof leg->audio_mid);
    return leg;
}

static void destroy(void *arg)
{
    struct leg *leg = arg;
    leg_free_pictures(leg);
    dtls_free(leg->dtls);
    ice_free(leg->ice);
    g_free(leg->ice_settings.stun_server);
    g_free(leg->ice_settings.turn_server);
    g_free(leg->ice_settings.public_address);
    g_strfreev(leg->ice_settings.addresses);
    srtp_endpoint_free(leg->srtp);
    g_free(leg->flight);
    g_free(leg->name);
    g_free(leg);
}

static struct ice *make_ice(struct leg *leg, GError **error)
{
    static const struct ice_handlers handlers = {on_ice_state, on_ice_candidate, on_ice_receive};
    struct ice_config config = {
        .is_controlling = leg->role == LEG_OFFERER,
        .stun_server = leg->ice_settings.stun_server,
        .turn_server = leg->ice_settings.turn_server,
        .addresses = (const char *const *)leg->ice_settings.addresses,
        .port_min = leg->ice_settings.port_min,
        .port_max = leg->ice_settings.port_max,
        .public_address = leg->ice_settings.public_address,
        .is_lite = leg->is_ice_lite,
        .has_tcp = leg->ice_settings.has_tcp,
    };
    struct ice *ice = ice_new(shard_context(leg->shard), &config, &handlers, leg, error);
    if (ice != NULL && !ice_gather(ice, error))
        g_clear_pointer(&ice, ice_free);
    return ice;
}

bool leg_renew_ice(struct leg *leg, GError **error)
{
    struct ice *ice = make_ice(leg, error);
    if (ice == NULL)
        return false;
    ice_free(leg->ice);
    leg->ice = ice;
    return true;
}

struct leg *leg_new(struct shard *shard, const struct leg_config *config, GError **error)
{
    struct leg *leg = make_leg(shard, config);
    leg->ice = make_ice(leg, error);
    if (leg->ice == NULL) {
        destroy(leg);
        return NULL;
    }
    shard_add_leg(shard, leg);
    return leg;
}

static void leave(void *arg)
{
    struct leg *leg = arg;
    leg_set_audio_stream(leg, 0);
    leg_unsubscribe_pictures(leg);
    shard_remove_leg(leg->shard, leg);
    if (leg->srtp != NULL) {
        leg_send_bye(leg);
        dtls_close(leg->dtls);
    }
    destroy(leg);
}

/* The rest waits for the shard's next turn: the call may come out of this leg's ICE or DTLS, or out
 * of the shard's walk over its legs. */
void leg_free(struct leg *leg)
{
    if (leg == NULL || leg->is_gone)
        return;
    leg->is_gone = true;
    memset(&leg->handlers, 0, sizeof leg->handlers);
    shard_post(leg->shard, leave, leg);
}

void leg_tick(struct leg *leg, int64_t now_us)
{
    if (leg->is_gone)
        return;
    if (leg->connect_until_us != 0 && now_us > leg->connect_until_us) {
        log_warning("no connection within %d s leg=%s", CONNECT_WITHIN_US / 1000000, leg->name);
        leg_enter(leg, LEG_FAILED);
    } else if (leg->srtp != NULL && leg->state == LEG_CONNECTED && now_us >= leg->next_report_us) {
        leg_send_report(leg, now_us);
    }
}

void leg_counters(const struct leg *leg, struct leg_counters *counters)
{
#define READ(field) atomic_load_explicit(&leg->seen.field, memory_order_relaxed)
    counters->rtp_received = READ(rtp_received);
    counters->rtp_sent = READ(rtp_sent);
    counters->send_errors = READ(send_errors);
    counters->srtp_failures = READ(srtp_failures);
    counters->rtp_lost = READ(rtp_lost);
    counters->jitter_us = (uint32_t)READ(jitter_us);
    counters->rtt_us = (uint32_t)READ(rtt_us);
    counters->peer_lost = (uint32_t)READ(peer_lost);
    counters->level_dbov = READ(level_dbov);
    counters->video_packets_received = READ(video_packets_received);
    counters->video_bytes_received = READ(video_bytes_received);
    counters->video_packets_sent = READ(video_packets_sent);
    counters->video_frames = READ(video_frames);
    counters->video_lost = READ(video_lost);
    counters->video_nacks_sent = READ(video_nacks_sent);
    counters->video_repairs_received = READ(video_repairs_received);
    counters->video_repairs_sent = READ(video_repairs_sent);
    counters->video_restarts = READ(video_restarts);
    counters->video_keyframe_requests = READ(video_keyframe_requests);
    counters->video_width = (uint32_t)READ(video_width);
    counters->video_height = (uint32_t)READ(video_height);
    counters->estimate_bps = (uint32_t)READ(estimate_bps);
    counters->video_stream = (uint32_t)READ(video_stream);
    counters->video_next = (uint32_t)READ(video_next);
#undef READ
}
