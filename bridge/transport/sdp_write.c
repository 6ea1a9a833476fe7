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
                           "t=0 0\r\n%s",
                           (guint64)local->session_id, (guint64)local->session_version,
                           local->is_ice_lite ? "a=ice-lite\r\n" : "");
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
static void write_source(GString *sdp, const struct sdp_local *local, enum sdp_medium medium,
                         bool is_repaired)
{
    static const char *const tracks[] = {"audio", "video", "content"};
    const struct sdp_local_media *media = &local->media[medium];
    g_string_append_printf(sdp, "a=msid:nhipcau %s\r\n", tracks[medium]);
    if (is_repaired)
        g_string_append_printf(sdp, "a=ssrc-group:FID %u %u\r\n", media->ssrc, media->rtx);
    g_string_append_printf(sdp, "a=ssrc:%u cname:%s\r\n", media->ssrc, local->cname);
    if (is_repaired)
        g_string_append_printf(sdp, "a=ssrc:%u cname:%s\r\n", media->rtx, local->cname);
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
    g_string_append_printf(sdp, "a=extmap:%u " SDP_URI_AUDIO_LEVEL "%s\r\n", id,
                           has_vad ? "" : " vad=off");
}

/* ---- pictures ---- */

/* What of the offer's feedback is made use of. */
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
        {SDP_FEEDBACK_TRANSPORT_CC, "transport-cc"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(taken); i++) {
        if ((codec->feedback & taken[i].feedback) != 0)
            g_string_append_printf(sdp, "a=rtcp-fb:%u %s\r\n", codec->payload_type, taken[i].name);
    }
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
    write_extension(sdp, media, SDP_EXTENSION_MID, SDP_URI_MID);
}

/* In the offer's order: whether redundancy is worth its bits is the sender's to say. */
static char *format_audio(const struct sdp_codec *opus, const struct sdp_codec *red)
{
    if (red == NULL)
        return g_strdup_printf("%u", opus->payload_type);
    const struct sdp_codec *first = red < opus ? red : opus, *second = red < opus ? opus : red;
    return g_strdup_printf("%u %u", first->payload_type, second->payload_type);
}

static void answer_audio(GString *sdp, const struct sdp_session *offer,
                         const struct sdp_media *media, const struct sdp_local *local)
{
    const struct sdp_codec *opus = sdp_find_codec(media, SDP_CODEC_OPUS);
    const struct sdp_extension *level = sdp_find_extension(media, SDP_EXTENSION_AUDIO_LEVEL);
    const struct sdp_codec *red = sdp_find_red(media);
    g_autofree char *formats = format_audio(opus, red);
    accept_line(sdp, offer, media, local, formats);
    if (level != NULL)
        write_audio_level(sdp, level->id, level->has_vad);
    write_opus(sdp, opus->payload_type);
    if (red != NULL)
        g_string_append_printf(sdp, "a=rtpmap:%u red/48000/2\r\na=fmtp:%u %u/%u\r\n",
                               red->payload_type, red->payload_type, opus->payload_type,
                               opus->payload_type);
}

/* Both codecs, as far as they are offered, so that whatever a view is made of can be sent on as it
 * is; the offer's order is the peer's preference. */
static unsigned choose_codecs(const struct sdp_media *media, const struct sdp_codec *codecs[2])
{
    const struct sdp_codec *vp8 = sdp_find_video_codec_of(media, SDP_CODEC_VP8);
    const struct sdp_codec *h264 = sdp_find_video_codec_of(media, SDP_CODEC_H264);
    unsigned count = 0;
    if (vp8 != NULL && (h264 == NULL || vp8 < h264))
        codecs[count++] = vp8;
    if (h264 != NULL)
        codecs[count++] = h264;
    if (vp8 != NULL && h264 != NULL && h264 < vp8)
        codecs[count++] = vp8;
    return count;
}

static void write_simulcast(GString *sdp, const struct sdp_media *media)
{
    if (media->rid_count == 0 || sdp_find_extension(media, SDP_EXTENSION_RID) == NULL)
        return;
    for (unsigned i = 0; i < media->rid_count; i++)
        g_string_append_printf(sdp, "a=rid:%s recv\r\n", media->rids[i]);
    g_string_append(sdp, "a=simulcast:recv ");
    for (unsigned i = 0; i < media->rid_count; i++)
        g_string_append_printf(sdp, "%s%s", i > 0 ? ";" : "", media->rids[i]);
    g_string_append(sdp, "\r\n");
}

static void answer_video(GString *sdp, const struct sdp_session *offer,
                         const struct sdp_media *media, const struct sdp_local *local)
{
    static const struct {
        enum sdp_extension_kind kind;
        const char *uri;
    } taken[] = {
        {SDP_EXTENSION_TRANSPORT_CC, SDP_URI_TRANSPORT_CC},
        /* Chromium cannot offer simulcast again once an answer has left this out. */
        {SDP_EXTENSION_RID, SDP_URI_RID},
        {SDP_EXTENSION_REPAIRED_RID, SDP_URI_REPAIRED_RID},
    };
    const struct sdp_codec *codecs[2];
    unsigned count = choose_codecs(media, codecs);
    g_autoptr(GString) formats = g_string_new(NULL);
    for (unsigned i = 0; i < count; i++) {
        const struct sdp_codec *rtx = sdp_find_rtx(media, codecs[i]);
        g_string_append_printf(formats, "%s%u", i > 0 ? " " : "", codecs[i]->payload_type);
        if (rtx != NULL)
            g_string_append_printf(formats, " %u", rtx->payload_type);
    }
    accept_line(sdp, offer, media, local, formats->str);
    for (size_t i = 0; i < G_N_ELEMENTS(taken); i++)
        write_extension(sdp, media, taken[i].kind, taken[i].uri);
    for (unsigned i = 0; i < count; i++)
        write_video(sdp, codecs[i], sdp_find_rtx(media, codecs[i]));
}

static bool is_repaired(const struct sdp_media *media, const struct sdp_local *local)
{
    const struct sdp_codec *codec =
        media->medium == SDP_MEDIUM_AUDIO ? NULL : sdp_find_video_codec(media);
    return codec != NULL && local->media[media->medium].rtx != 0 &&
           sdp_find_rtx(media, codec) != NULL;
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
    if (media->medium != SDP_MEDIUM_AUDIO && direction.receives)
        write_simulcast(sdp, media);
    if (direction.sends)
        write_source(sdp, local, media->medium, is_repaired(media, local));
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

static bool is_offered(const struct sdp_local *local, unsigned medium)
{
    struct sdp_direction direction = local->media[medium].direction;
    return medium == SDP_MEDIUM_AUDIO || direction.sends || direction.receives;
}

static void offer_line(GString *sdp, const struct sdp_local *local, unsigned medium,
                       const char *formats)
{
    g_string_append_printf(sdp,
                           "m=%s 9 UDP/TLS/RTP/SAVPF %s\r\n"
                           "c=IN IP4 0.0.0.0\r\n"
                           "a=mid:%u\r\n",
                           medium == SDP_MEDIUM_AUDIO ? "audio" : "video", formats, medium);
    write_transport(sdp, local, "actpass");
    if (medium == SDP_MEDIUM_AUDIO)
        write_candidates(sdp, local);
    g_string_append(sdp, "a=rtcp-rsize\r\n");
}

static void write_own_codec(GString *sdp, enum sdp_codec_kind kind, uint8_t payload_type)
{
    const struct sdp_codec codec = {
        .kind = kind,
        .payload_type = payload_type,
        .fmtp = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
        .feedback =
            SDP_FEEDBACK_NACK | SDP_FEEDBACK_PLI | SDP_FEEDBACK_FIR | SDP_FEEDBACK_TRANSPORT_CC,
    };
    const struct sdp_codec rtx = {.payload_type = (uint8_t)(payload_type + 1)};
    write_video(sdp, &codec, &rtx);
}

static void offer_video(GString *sdp, const struct sdp_local *local, unsigned medium)
{
    g_autofree char *formats =
        g_strdup_printf("%d %d %d %d", SDP_OWN_H264_PAYLOAD_TYPE, SDP_OWN_H264_PAYLOAD_TYPE + 1,
                        SDP_OWN_VP8_PAYLOAD_TYPE, SDP_OWN_VP8_PAYLOAD_TYPE + 1);
    offer_line(sdp, local, medium, formats);
    if (medium == SDP_MEDIUM_CONTENT)
        g_string_append(sdp, "a=label:content\r\n");
    g_string_append_printf(sdp,
                           "a=extmap:%d " SDP_URI_MID "\r\n"
                           "a=extmap:%d " SDP_URI_TRANSPORT_CC "\r\n",
                           SDP_OWN_MID_ID, SDP_OWN_TRANSPORT_CC_ID);
    write_own_codec(sdp, SDP_CODEC_H264, SDP_OWN_H264_PAYLOAD_TYPE);
    write_own_codec(sdp, SDP_CODEC_VP8, SDP_OWN_VP8_PAYLOAD_TYPE);
}

char *sdp_write_offer(const struct sdp_local *local)
{
    g_autofree char *opus = g_strdup_printf("%d", SDP_OWN_OPUS_PAYLOAD_TYPE);
    GString *sdp = g_string_new(NULL);
    write_head(sdp, local);
    g_string_append(sdp, "a=group:BUNDLE");
    for (unsigned medium = 0; medium < SDP_MEDIUM_COUNT; medium++) {
        if (is_offered(local, medium))
            g_string_append_printf(sdp, " %u", medium);
    }
    g_string_append(sdp, "\r\na=msid-semantic: WMS nhipcau\r\n");
    for (unsigned medium = 0; medium < SDP_MEDIUM_COUNT; medium++) {
        const struct sdp_local_media *media = &local->media[medium];
        if (!is_offered(local, medium))
            continue;
        if (medium == SDP_MEDIUM_AUDIO) {
            offer_line(sdp, local, medium, opus);
            write_audio_level(sdp, SDP_OWN_AUDIO_LEVEL_ID, true);
            write_opus(sdp, SDP_OWN_OPUS_PAYLOAD_TYPE);
        } else {
            offer_video(sdp, local, medium);
        }
        g_string_append_printf(sdp, "a=%s\r\n", direction_name(media->direction));
        if (media->direction.sends)
            write_source(sdp, local, medium, media->rtx != 0);
    }
    return g_string_free(sdp, FALSE);
}
