/* What a leg says of itself and takes from its peer: offers and answers. */
#include "bridge/transport/leg_private.h"

#include "bridge/transport/identity.h"

#include <gio/gio.h>
#include <string.h>

static bool invalid(GError **error, const char *why)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "invalid sdp: %s", why);
    return false;
}

/* `offer` NULL: an offer of our own. */
static char *describe(struct leg *leg, const struct sdp_session *offer)
{
    g_auto(GStrv) candidates = ice_local_candidates(leg->ice);
    struct sdp_local local = {
        .ice_ufrag = ice_ufrag(leg->ice),
        .ice_pwd = ice_pwd(leg->ice),
        .fingerprint = identity_fingerprint(),
        .cname = leg->cname,
        .media[SDP_MEDIUM_AUDIO] = {{.sends = true, .receives = true}, leg->audio_ssrc},
        .session_id = leg->session_id,
        .session_version = ++leg->session_version,
        .candidates = (const char *const *)candidates,
        .is_gathered = ice_is_gathered(leg->ice),
        .is_ice_lite = leg->is_ice_lite,
    };
    leg_describe_pictures(leg, &local);
    return offer != NULL ? sdp_write_answer(offer, &local) : sdp_write_offer(&local);
}

/* Who offers and has failed may be on another network by now. */
static bool restart_ice(struct leg *leg, GError **error)
{
    if (leg->role == LEG_OFFERER && leg->state == LEG_FAILED)
        return leg_renew_ice(leg, error);
    if (ice_restart(leg->ice))
        return true;
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "ICE could not be restarted");
    return false;
}

static void take_audio(struct leg *leg, const struct sdp_media *audio)
{
    const struct sdp_extension *level = sdp_find_extension(audio, SDP_EXTENSION_AUDIO_LEVEL);
    leg->opus_payload_type = sdp_find_codec(audio, SDP_CODEC_OPUS)->payload_type;
    const struct sdp_codec *red = sdp_find_red(audio);
    leg->red_payload_type = red != NULL ? red->payload_type : -1;
    leg->audio_level_id = level != NULL ? level->id : 0;
    leg->peer_receives = audio->direction.receives;
    g_strlcpy(leg->audio_mid, audio->mid, sizeof leg->audio_mid);
}

/* What both an offer and an answer tell of the peer. */
static bool take_remote(struct leg *leg, const struct sdp_session *remote, GError **error)
{
    if (!ice_set_remote(leg->ice, remote->ice_ufrag, remote->ice_pwd))
        return invalid(error, "the ICE credentials were refused");
    bool is_new_way = strcmp(leg->remote_ufrag, remote->ice_ufrag) != 0;
    g_strlcpy(leg->remote_ufrag, remote->ice_ufrag, sizeof leg->remote_ufrag);
    take_audio(leg, sdp_find_media(remote, SDP_MEDIUM_AUDIO));
    leg_take_pictures(leg, remote);
    if (!leg->has_remote)
        leg_expect_peer(leg, remote->fingerprint);
    if (is_new_way)
        leg_start_connecting(leg);
    for (unsigned i = 0; i < remote->candidate_count; i++)
        ice_add_remote(leg->ice, remote->candidates[i]);
    return true;
}

static bool is_same_peer(const struct leg *leg, const struct sdp_session *remote, GError **error)
{
    if (!leg->has_remote || g_strcmp0(leg->remote_fingerprint, remote->fingerprint) == 0)
        return true;
    return invalid(error, "the fingerprint has changed; begin a new connection");
}

static char *answer_to(struct leg *leg, const struct sdp_session *offer, GError **error)
{
    bool is_restart = leg->has_remote && strcmp(leg->remote_ufrag, offer->ice_ufrag) != 0;
    if (!is_same_peer(leg, offer, error) || (is_restart && !restart_ice(leg, error)))
        return NULL;
    if (offer->is_ice_lite && !leg->is_ice_lite)
        ice_take_control(leg->ice);
    return take_remote(leg, offer, error) ? describe(leg, offer) : NULL;
}

char *leg_answer(struct leg *leg, const char *offer, GError **error)
{
    struct sdp_session session;
    char *answer = NULL;
    if (sdp_parse(offer, SDP_OFFER, &session, error))
        answer = answer_to(leg, &session, error);
    sdp_session_clear(&session);
    return answer;
}

bool leg_move(struct leg *leg, GError **error)
{
    if (!leg_renew_ice(leg, error))
        return false;
    if (leg->state == LEG_CONNECTED)
        leg_enter(leg, LEG_DISCONNECTED);
    return true;
}

char *leg_offer(struct leg *leg, bool restart, GError **error)
{
    if (restart && !restart_ice(leg, error))
        return NULL;
    return describe(leg, NULL);
}

bool leg_accept_answer(struct leg *leg, const char *answer, GError **error)
{
    struct sdp_session session;
    bool is_good = sdp_parse(answer, SDP_ANSWER, &session, error) &&
                   is_same_peer(leg, &session, error) && take_remote(leg, &session, error);
    sdp_session_clear(&session);
    return is_good;
}
