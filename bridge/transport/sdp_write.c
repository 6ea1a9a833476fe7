/* Writing descriptions: a handful of fixed lines, so that what peers get can be read here. */
#include "bridge/transport/sdp.h"

#include <string.h>

static const char *direction_name(bool sends, bool receives)
{
    if (sends)
        return receives ? "sendrecv" : "sendonly";
    return receives ? "recvonly" : "inactive";
}

static void write_head(GString *sdp, const struct sdp_local *local)
{
    g_string_append_printf(sdp,
                           "v=0\r\n"
                           "o=nhipcau %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                           " IN IP4 127.0.0.1\r\n"
                           "s=-\r\n"
                           "t=0 0\r\n",
                           (guint64)local->session_id, (guint64)local->session_version);
}

static void write_transport(GString *sdp, const struct sdp_local *local, const char *mid,
                            const char *setup)
{
    g_string_append_printf(sdp,
                           "c=IN IP4 0.0.0.0\r\n"
                           "a=mid:%s\r\n"
                           "a=ice-ufrag:%s\r\n"
                           "a=ice-pwd:%s\r\n"
                           "a=ice-options:trickle\r\n"
                           "a=fingerprint:sha-256 %s\r\n"
                           "a=setup:%s\r\n"
                           "a=rtcp-mux\r\n",
                           mid, local->ice_ufrag, local->ice_pwd, local->fingerprint, setup);
    for (size_t i = 0; local->candidates != NULL && local->candidates[i] != NULL; i++)
        g_string_append_printf(sdp, "a=%s\r\n", local->candidates[i]);
    if (local->is_gathered)
        g_string_append(sdp, "a=end-of-candidates\r\n");
}

static void write_audio(GString *sdp, const struct sdp_local *local, int payload_type,
                        uint8_t level_id)
{
    g_string_append_printf(sdp,
                           "a=rtpmap:%d opus/48000/2\r\n"
                           "a=fmtp:%d minptime=10;useinbandfec=1\r\n"
                           "a=ptime:20\r\n",
                           payload_type, payload_type);
    /* Without "vad=on", which is the default (RFC 6464 section 4) and which aiortc cannot read. */
    if (level_id != 0)
        g_string_append_printf(sdp, "a=extmap:%u urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n",
                               level_id);
    g_string_append_printf(sdp,
                           "a=msid:nhipcau audio\r\n"
                           "a=ssrc:%u cname:%s\r\n",
                           local->audio_ssrc, local->cname);
}

/* Pictures are not sent or wanted: a valid line that keeps its place in the bundle. */
static void write_inactive_video(GString *sdp, const struct sdp_media *media)
{
    if (media->vp8_payload_type >= 0)
        g_string_append_printf(sdp, "a=rtpmap:%d VP8/90000\r\n", media->vp8_payload_type);
    else
        g_string_append_printf(sdp, "a=rtpmap:%d H264/90000\r\na=fmtp:%d %s\r\n",
                               media->h264_payload_type, media->h264_payload_type,
                               media->h264_fmtp);
    g_string_append(sdp, "a=inactive\r\n");
}

static void answer_media(GString *sdp, const struct sdp_session *offer, unsigned index,
                         const struct sdp_local *local)
{
    const struct sdp_media *media = &offer->media[index];
    bool is_sound = (int)index == offer->audio;
    if (media->is_rejected || (media->kind == SDP_AUDIO && !is_sound)) {
        g_string_append_printf(sdp,
                               "m=%s 0 %s %s\r\nc=IN IP4 0.0.0.0\r\na=mid:%s\r\na=inactive\r\n",
                               media->media_name, media->protocol, media->formats, media->mid);
        return;
    }
    int type = is_sound                       ? media->opus_payload_type
               : media->vp8_payload_type >= 0 ? media->vp8_payload_type
                                              : media->h264_payload_type;
    g_string_append_printf(sdp, "m=%s 9 %s %d\r\n", media->media_name, media->protocol, type);
    write_transport(sdp, local, media->mid, "passive");
    if (!is_sound) {
        write_inactive_video(sdp, media);
        return;
    }
    g_string_append_printf(sdp, "a=%s\r\n",
                           direction_name(media->direction.receives, media->direction.sends));
    write_audio(sdp, local, type, media->audio_level_id);
}

char *sdp_write_answer(const struct sdp_session *offer, const struct sdp_local *local)
{
    GString *sdp = g_string_new(NULL);
    write_head(sdp, local);
    g_string_append(sdp, "a=group:BUNDLE");
    for (unsigned i = 0; i < offer->media_count; i++) {
        const struct sdp_media *media = &offer->media[i];
        bool is_second_sound = media->kind == SDP_AUDIO && (int)i != offer->audio;
        if (!media->is_rejected && !is_second_sound)
            g_string_append_printf(sdp, " %s", media->mid);
    }
    g_string_append(sdp, "\r\na=msid-semantic: WMS nhipcau\r\n");
    for (unsigned i = 0; i < offer->media_count; i++)
        answer_media(sdp, offer, i, local);
    return g_string_free(sdp, FALSE);
}

char *sdp_write_offer(const struct sdp_local *local)
{
    GString *sdp = g_string_new(NULL);
    write_head(sdp, local);
    g_string_append(sdp, "a=group:BUNDLE 0\r\na=msid-semantic: WMS nhipcau\r\n");
    g_string_append_printf(sdp, "m=audio 9 UDP/TLS/RTP/SAVPF %d\r\n", SDP_OWN_OPUS_PAYLOAD_TYPE);
    write_transport(sdp, local, "0", "actpass");
    g_string_append(sdp, "a=sendrecv\r\n");
    write_audio(sdp, local, SDP_OWN_OPUS_PAYLOAD_TYPE, SDP_OWN_AUDIO_LEVEL_ID);
    return g_string_free(sdp, FALSE);
}
