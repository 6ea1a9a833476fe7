#include "bridge/transport/leg_private.h"

#include "bridge/transport/identity.h"
#include "common/log.h"

#include <gio/gio.h>
#include <openssl/rand.h>
#include <string.h>

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

static void enter(struct leg *leg, enum leg_state state)
{
    if (leg->state == state || leg->state == LEG_CLOSED)
        return;
    leg->state = state;
    log_debug("leg %s leg=%s", leg_state_name(state), leg->name);
    if (leg->handlers.state != NULL)
        leg->handlers.state(leg, state, leg->arg);
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
    leg->srtp = srtp_endpoint_new(keys->suite, is_client ? &keys->client : &keys->server,
                                  is_client ? &keys->server : &keys->client, &error);
    if (leg->srtp == NULL) {
        log_error("%s leg=%s", error->message, leg->name);
        enter(leg, LEG_FAILED);
        return;
    }
    g_clear_pointer(&leg->flight, g_free);
    leg->suite = keys->suite;
    enter(leg, LEG_CONNECTED);
}

static void on_dtls_failed(const char *why, void *arg)
{
    struct leg *leg = arg;
    log_warning("dtls: %s leg=%s", why, leg->name);
    enter(leg, LEG_FAILED);
}

static void on_dtls_closed(void *arg)
{
    enter(arg, LEG_CLOSED);
}

static void make_dtls(struct leg *leg)
{
    static const struct dtls_handlers handlers = {on_dtls_send, on_dtls_done, on_dtls_failed,
                                                  on_dtls_closed};
    leg->dtls = dtls_new(shard_context(leg->shard), leg->role == LEG_OFFERER,
                         leg->remote_fingerprint, &handlers, leg);
    leg->flight = g_new0(struct leg_datagram, LEG_FLIGHT_MAX);
}

/* ---- ICE ---- */

static void on_ice_state(enum ice_state state, void *arg)
{
    struct leg *leg = arg;
    switch (state) {
    case ICE_CONNECTING:
        if (leg->srtp == NULL)
            enter(leg, LEG_CONNECTING);
        break;
    case ICE_CONNECTED:
        flush_flight(leg);
        if (leg->srtp != NULL)
            enter(leg, LEG_CONNECTED);
        else if (leg->role == LEG_OFFERER && leg->dtls != NULL)
            dtls_start(leg->dtls);
        break;
    case ICE_DISCONNECTED:
        enter(leg, LEG_DISCONNECTED);
        break;
    case ICE_FAILED:
        enter(leg, LEG_FAILED);
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
    leg_receive(arg, bytes, size);
}

/* ---- life ---- */

static uint32_t random_u32(void)
{
    uint32_t number;
    if (RAND_bytes((unsigned char *)&number, sizeof number) != 1)
        g_error("the system's random source failed");
    return number;
}

struct leg *leg_new(struct shard *shard, const struct leg_config *config, GError **error)
{
    static const struct ice_handlers handlers = {on_ice_state, on_ice_candidate, on_ice_receive};
    struct leg *leg = g_new0(struct leg, 1);
    leg->shard = shard;
    leg->role = config->role;
    leg->name = g_strdup(config->name);
    leg->handlers = config->handlers;
    leg->arg = config->arg;
    leg->audio_ssrc = random_u32() | 1;
    leg->sequence_number = (uint16_t)(random_u32() & 0x7fff); /* RFC 3711: not near the wrap */
    leg->timestamp_offset = random_u32();
    leg->session_id = random_u32();
    leg->opus_payload_type = -1;
    atomic_init(&leg->seen.level_dbov, -127);
    g_strlcpy(leg->audio_mid, "0", sizeof leg->audio_mid);
    struct ice_config ice = {.is_controlling = config->role == LEG_OFFERER,
                             .stun_server = config->stun_server,
                             .turn_server = config->turn_server};
    leg->ice = ice_new(shard_context(shard), &ice, &handlers, leg, error);
    if (leg->ice == NULL || !ice_gather(leg->ice, error)) {
        ice_free(leg->ice);
        g_free(leg->name);
        g_free(leg);
        return NULL;
    }
    shard_add_leg(shard, leg);
    return leg;
}

void leg_free(struct leg *leg)
{
    if (leg == NULL)
        return;
    /* Nothing is told any more. */
    memset(&leg->handlers, 0, sizeof leg->handlers);
    leg_set_audio_stream(leg, 0);
    if (leg->srtp != NULL) {
        leg_send_bye(leg);
        dtls_close(leg->dtls);
    }
    shard_remove_leg(leg->shard, leg);
    dtls_free(leg->dtls);
    ice_free(leg->ice);
    srtp_endpoint_free(leg->srtp);
    g_free(leg->flight);
    g_free(leg->name);
    g_free(leg);
}

/* ---- descriptions ---- */

static struct sdp_local local_description(struct leg *leg)
{
    leg->session_version++;
    return (struct sdp_local){
        .ice_ufrag = ice_ufrag(leg->ice),
        .ice_pwd = ice_pwd(leg->ice),
        .fingerprint = identity_fingerprint(),
        .cname = leg->name,
        .audio_ssrc = leg->audio_ssrc,
        .session_id = leg->session_id,
        .session_version = leg->session_version,
    };
}

static bool invalid(GError **error, const char *why)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "invalid sdp: %s", why);
    return false;
}

/* What both an offer and an answer tell of the peer. */
static bool take_remote(struct leg *leg, const struct sdp_session *remote, GError **error)
{
    const struct sdp_media *audio = &remote->media[remote->audio];
    if (leg->has_remote && g_strcmp0(leg->remote_fingerprint, remote->fingerprint) != 0)
        return invalid(error, "the fingerprint has changed; begin a new connection");
    leg->opus_payload_type = audio->opus_payload_type;
    leg->audio_level_id = audio->audio_level_id;
    g_strlcpy(leg->audio_mid, audio->mid, sizeof leg->audio_mid);
    g_strlcpy(leg->remote_ufrag, remote->ice_ufrag, sizeof leg->remote_ufrag);
    if (!leg->has_remote) {
        leg->has_remote = true;
        g_strlcpy(leg->remote_fingerprint, remote->fingerprint, sizeof leg->remote_fingerprint);
        make_dtls(leg);
    }
    if (!ice_set_remote(leg->ice, remote->ice_ufrag, remote->ice_pwd))
        return invalid(error, "the ICE credentials were refused");
    for (unsigned i = 0; i < remote->candidate_count; i++)
        ice_add_remote(leg->ice, remote->candidates[i]);
    return true;
}

static char *answer_to(struct leg *leg, const struct sdp_session *offer, GError **error)
{
    if (offer->setup == SDP_SETUP_PASSIVE) {
        invalid(error, "a=setup:passive: the bridge is the passive side itself");
        return NULL;
    }
    bool is_restart = leg->has_remote && strcmp(leg->remote_ufrag, offer->ice_ufrag) != 0;
    if (is_restart && !ice_restart(leg->ice)) {
        invalid(error, "ICE could not be restarted");
        return NULL;
    }
    if (!take_remote(leg, offer, error))
        return NULL;
    g_auto(GStrv) candidates = ice_local_candidates(leg->ice);
    struct sdp_local local = local_description(leg);
    local.candidates = (const char *const *)candidates;
    local.is_gathered = ice_is_gathered(leg->ice);
    return sdp_write_answer(offer, &local);
}

char *leg_answer(struct leg *leg, const char *offer, GError **error)
{
    struct sdp_session session;
    char *answer = NULL;
    if (sdp_parse(offer, &session, error))
        answer = answer_to(leg, &session, error);
    sdp_session_clear(&session);
    return answer;
}

char *leg_offer(struct leg *leg, bool restart_ice, GError **error)
{
    if (restart_ice && !ice_restart(leg->ice)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "ICE could not be restarted");
        return NULL;
    }
    g_auto(GStrv) candidates = ice_local_candidates(leg->ice);
    struct sdp_local local = local_description(leg);
    local.candidates = (const char *const *)candidates;
    local.is_gathered = ice_is_gathered(leg->ice);
    return sdp_write_offer(&local);
}

bool leg_accept_answer(struct leg *leg, const char *answer, GError **error)
{
    struct sdp_session session;
    bool is_good = sdp_parse(answer, &session, error);
    if (is_good && session.setup != SDP_SETUP_PASSIVE)
        is_good = invalid(error, "the answer is not a=setup:passive");
    is_good = is_good && take_remote(leg, &session, error);
    sdp_session_clear(&session);
    return is_good;
}

void leg_add_candidate(struct leg *leg, const char *candidate, const char *mid)
{
    (void)mid; /* all is bundled */
    if (candidate[0] != '\0' && !ice_add_remote(leg->ice, candidate))
        log_debug("candidate passed over leg=%s", leg->name);
}
