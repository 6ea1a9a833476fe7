/* Writing descriptions: a handful of fixed lines, so that what peers get can be read here. */
#include "bridge/transport/sdp.h"

#include <string.h>

static const char *direction_name(struct sdp_direction direction)
{
    if (direction.sends)
        return direction.receives ? "sendrecv" : "sendonly";
    return direction.receives ? "recvonly" : "inactive";
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

static void write_transport(GString *sdp, const struct sdp_local *local, const char *setup)
{
    g_string_append_printf(sdp,
                           "a=ice-ufrag:%s\r\n"
                           "a=ice-pwd:%s\r\n"
                           "a=ice-options:trickle\r\n"
                           "a=fingerprint:sha-256 %s\r\n"
                           "a=setup:%s\r\n"
                           "a=rtcp-mux\r\n",
                           local->ice_ufrag, local->ice_pwd, local->fingerprint, setup);
}

static void write_candidates(GString *sdp, const struct sdp_local *local)
{
    for (size_t i = 0; local->candidates != NULL && local->candidates[i] != NULL; i++)
        g_string_append_printf(sdp, "a=%s\r\n", local->candidates[i]);
    if (local->is_gathered)
        g_string_append(sdp, "a=end-of-candidates\r\n");
}

/* What is sent, in RFC 8830's and RFC 5576's words. */
static void write_source(GString *sdp, const struct sdp_local *local, enum sdp_medium medium)
{
    static const char *const tracks[] = {"audio", "video", "content"};
    g_string_append_printf(sdp,
                           "a=msid:nhipcau %s\r\n"
                           "a=ssrc:%u cname:%s\r\n",
                           tracks[medium], local->media[medium].ssrc, local->cname);
}

/* ---- sound ---- */

static void write_opus(GString *sdp, unsigned payload_type)
{
    g_string_append_printf(sdp,
                           "a=rtpmap:%u opus/48000/2\r\n"
                           "a=fmtp:%u minptime=10;useinbandfec=1\r\n"
                           "a=ptime:20\r\n",
                           payload_type, payload_type);
}

static void write_audio_level(GString *sdp, unsigned id, bool has_vad)
{
    g_string_append_printf(sdp, "a=extmap:%u urn:ietf:params:rtp-hdrext:ssrc-audio-level%s\r\n", id,
                           has_vad ? "" : " vad=off");
}

/* ---- pictures ---- */

/* What of the offer's feedback is made use of: transport-cc is not, so it must not be promised. */
static void write_feedback(GString *sdp, const struct sdp_codec *codec)
{
    static const struct {
        unsigned feedback;
        const char *name;
    } taken[] = {
        {SDP_FEEDBACK_NACK, "nack"},
        {SDP_FEEDBACK_PLI, "nack pli"},
        {SDP_FEEDBACK_FIR, "ccm fir"},
        {SDP_FEEDBACK_REMB, "goog-remb"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(taken); i++) {
        if ((codec->feedback & taken[i].feedback) != 0)
            g_string_append_printf(sdp, "a=rtcp-fb:%u %s\r\n", codec->payload_type, taken[i].name);
    }
}

static const struct sdp_codec *find_rtx(const struct sdp_media *media,
                                        const struct sdp_codec *codec)
{
    for (unsigned i = 0; i < media->codec_count; i++) {
        const struct sdp_codec *rtx = &media->codecs[i];
        if (rtx->kind == SDP_CODEC_RTX && rtx->associated == codec->payload_type)
            return rtx;
    }
    return NULL;
}

static void write_video(GString *sdp, const struct sdp_codec *codec, const struct sdp_codec *rtx)
{
    g_string_append_printf(sdp, "a=rtpmap:%u %s/90000\r\n", codec->payload_type,
                           codec->kind == SDP_CODEC_VP8 ? "VP8" : "H264");
    if (codec->kind == SDP_CODEC_H264)
        g_string_append_printf(sdp, "a=fmtp:%u %s\r\n", codec->payload_type, codec->fmtp);
    write_feedback(sdp, codec);
    if (rtx != NULL)
        g_string_append_printf(sdp, "a=rtpmap:%u rtx/90000\r\na=fmtp:%u apt=%u\r\n",
                               rtx->payload_type, rtx->payload_type, codec->payload_type);
}

/* ---- an answer ---- */

struct sdp_direction sdp_answer_direction(const struct sdp_media *offered,
                                          struct sdp_direction wanted)
{
    return (struct sdp_direction){.sends = wanted.sends && offered->direction.receives,
                                  .receives = wanted.receives && offered->direction.sends};
}

/* The transport is repeated even here: aiortc asks for it in every line. */
static void reject(GString *sdp, const struct sdp_media *media, const struct sdp_local *local)
{
    g_string_append_printf(sdp, "m=%s 0 %s %s\r\nc=IN IP4 0.0.0.0\r\n", media->type,
                           media->protocol, media->format);
    if (media->mid[0] != '\0')
        g_string_append_printf(sdp, "a=mid:%s\r\n", media->mid);
    write_transport(sdp, local, "passive");
    g_string_append(sdp, "a=inactive\r\n");
}

static void write_extension(GString *sdp, const struct sdp_media *media,
                            enum sdp_extension_kind kind, const char *uri)
{
    const struct sdp_extension *extension = sdp_find_extension(media, kind);
    if (extension != NULL)
        g_string_append_printf(sdp, "a=extmap:%u %s\r\n", extension->id, uri);
}

/* The line and what is common to all media. */
static void accept_line(GString *sdp, const struct sdp_session *offer,
                        const struct sdp_media *media, const struct sdp_local *local,
                        const char *formats)
{
    g_string_append_printf(sdp, "m=%s 9 %s %s\r\nc=IN IP4 0.0.0.0\r\n", media->type,
                           media->protocol, formats);
    if (media->mid[0] != '\0')
        g_string_append_printf(sdp, "a=mid:%s\r\n", media->mid);
    write_transport(sdp, local, "passive");
    if (media == &offer->media[offer->transport])
        write_candidates(sdp, local);
    if (media->has_rtcp_rsize)
        g_string_append(sdp, "a=rtcp-rsize\r\n");
    write_extension(sdp, media, SDP_EXTENSION_MID, "urn:ietf:params:rtp-hdrext:sdes:mid");
}

static void answer_audio(GString *sdp, const struct sdp_session *offer,
                         const struct sdp_media *media, const struct sdp_local *local)
{
    const struct sdp_codec *opus = sdp_find_codec(media, SDP_CODEC_OPUS);
    const struct sdp_extension *level = sdp_find_extension(media, SDP_EXTENSION_AUDIO_LEVEL);
    g_autofree char *formats = g_strdup_printf("%u", opus->payload_type);
    accept_line(sdp, offer, media, local, formats);
    if (level != NULL)
        write_audio_level(sdp, level->id, level->has_vad);
    write_opus(sdp, opus->payload_type);
}

static void answer_video(GString *sdp, const struct sdp_session *offer,
                         const struct sdp_media *media, const struct sdp_local *local)
{
    const struct sdp_codec *codec = sdp_find_video_codec(media);
    const struct sdp_codec *rtx = find_rtx(media, codec);
    g_autofree char *formats =
        rtx != NULL ? g_strdup_printf("%u %u", codec->payload_type, rtx->payload_type)
                    : g_strdup_printf("%u", codec->payload_type);
    accept_line(sdp, offer, media, local, formats);
    /* Chromium cannot offer simulcast again once an answer has left this out. */
    write_extension(sdp, media, SDP_EXTENSION_RID, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id");
    write_video(sdp, codec, rtx);
}

static void answer_media(GString *sdp, const struct sdp_session *offer,
                         const struct sdp_media *media, const struct sdp_local *local)
{
    if (media->medium == SDP_MEDIUM_NONE) {
        reject(sdp, media, local);
        return;
    }
    if (media->medium == SDP_MEDIUM_AUDIO)
        answer_audio(sdp, offer, media, local);
    else
        answer_video(sdp, offer, media, local);
    struct sdp_direction direction =
        sdp_answer_direction(media, local->media[media->medium].direction);
    g_string_append_printf(sdp, "a=%s\r\n", direction_name(direction));
    if (direction.sends)
        write_source(sdp, local, media->medium);
}

/* The line with the transport comes first, as in the offer. */
static void write_bundle(GString *sdp, const struct sdp_session *offer)
{
    g_string_append_printf(sdp, "a=group:BUNDLE %s", offer->media[offer->transport].mid);
    for (unsigned i = 0; i < offer->media_count; i++) {
        if (i != offer->transport && offer->media[i].medium != SDP_MEDIUM_NONE)
            g_string_append_printf(sdp, " %s", offer->media[i].mid);
    }
    g_string_append(sdp, "\r\n");
}

char *sdp_write_answer(const struct sdp_session *offer, const struct sdp_local *local)
{
    GString *sdp = g_string_new(NULL);
    write_head(sdp, local);
    if (offer->has_bundle)
        write_bundle(sdp, offer);
    g_string_append(sdp, "a=msid-semantic: WMS nhipcau\r\n");
    for (unsigned i = 0; i < offer->media_count; i++)
        answer_media(sdp, offer, &offer->media[i], local);
    return g_string_free(sdp, FALSE);
}

/* ---- an offer ---- */

char *sdp_write_offer(const struct sdp_local *local)
{
    const struct sdp_local_media *audio = &local->media[SDP_MEDIUM_AUDIO];
    GString *sdp = g_string_new(NULL);
    write_head(sdp, local);
    g_string_append_printf(sdp,
                           "a=group:BUNDLE 0\r\n"
                           "a=msid-semantic: WMS nhipcau\r\n"
                           "m=audio 9 UDP/TLS/RTP/SAVPF %d\r\n"
                           "c=IN IP4 0.0.0.0\r\n"
                           "a=mid:0\r\n",
                           SDP_OWN_OPUS_PAYLOAD_TYPE);
    write_transport(sdp, local, "actpass");
    write_candidates(sdp, local);
    g_string_append(sdp, "a=rtcp-rsize\r\n");
    write_audio_level(sdp, SDP_OWN_AUDIO_LEVEL_ID, true);
    write_opus(sdp, SDP_OWN_OPUS_PAYLOAD_TYPE);
    g_string_append_printf(sdp, "a=%s\r\n", direction_name(audio->direction));
    if (audio->direction.sends)
        write_source(sdp, local, SDP_MEDIUM_AUDIO);
    return g_string_free(sdp, FALSE);
}
