#include "bridge/transport/sdp.h"

#include <gio/gio.h>
#include <gst/sdp/gstsdpmessage.h>
#include <string.h>

#define AUDIO_LEVEL_URI "urn:ietf:params:rtp-hdrext:ssrc-audio-level"

static bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool refuse(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "invalid sdp: %s", what);
    return false;
}

/* A media line's attribute, or else the session's. */
static const char *attribute(const GstSDPMessage *message, const GstSDPMedia *media,
                             const char *name)
{
    const char *value = gst_sdp_media_get_attribute_val(media, name);
    return value != NULL ? value : gst_sdp_message_get_attribute_val(message, name);
}

static bool has_attribute(const GstSDPMedia *media, const char *name)
{
    return gst_sdp_media_get_attribute_val(media, name) != NULL;
}

static struct sdp_direction read_direction(const GstSDPMedia *media)
{
    if (has_attribute(media, "inactive"))
        return (struct sdp_direction){false, false};
    if (has_attribute(media, "sendonly"))
        return (struct sdp_direction){true, false};
    if (has_attribute(media, "recvonly"))
        return (struct sdp_direction){false, true};
    return (struct sdp_direction){true, true};
}

/* "111 opus/48000/2": the payload type when the codec is `name` (case does not matter). */
static int rtpmap_type(const char *value, const char *name)
{
    char *rest;
    guint64 type = g_ascii_strtoull(value, &rest, 10);
    size_t length = strlen(name);
    if (rest == value || *rest != ' ' || type > 127)
        return -1;
    return g_ascii_strncasecmp(rest + 1, name, length) == 0 ? (int)type : -1;
}

/* The format parameters of a payload type; "" when there are none. */
static const char *find_fmtp(const GstSDPMedia *media, int type)
{
    for (guint i = 0;; i++) {
        const char *value = gst_sdp_media_get_attribute_val_n(media, "fmtp", i);
        if (value == NULL)
            return "";
        char *rest;
        if (g_ascii_strtoull(value, &rest, 10) == (guint64)type && *rest == ' ')
            return rest + 1;
    }
}

static bool is_baseline(const char *fmtp)
{
    g_autofree char *lower = g_ascii_strdown(fmtp, -1);
    return strstr(lower, "packetization-mode=1") != NULL &&
           (strstr(lower, "profile-level-id=42e0") != NULL ||
            strstr(lower, "profile-level-id=42c0") != NULL);
}

static void read_codecs(const GstSDPMedia *from, struct sdp_media *media)
{
    media->opus_payload_type = media->vp8_payload_type = media->h264_payload_type = -1;
    for (guint i = 0;; i++) {
        const char *value = gst_sdp_media_get_attribute_val_n(from, "rtpmap", i);
        if (value == NULL)
            break;
        int opus = rtpmap_type(value, "opus/48000");
        int vp8 = rtpmap_type(value, "VP8/90000");
        int h264 = rtpmap_type(value, "H264/90000");
        if (opus >= 0 && media->opus_payload_type < 0)
            media->opus_payload_type = opus;
        if (vp8 >= 0 && media->vp8_payload_type < 0)
            media->vp8_payload_type = vp8;
        if (h264 >= 0 && media->h264_payload_type < 0 && is_baseline(find_fmtp(from, h264))) {
            media->h264_payload_type = h264;
            g_strlcpy(media->h264_fmtp, find_fmtp(from, h264), sizeof media->h264_fmtp);
        }
    }
}

/* "1 urn:…" or "1/sendrecv urn:…". */
static uint8_t find_extmap(const GstSDPMedia *media, const char *uri)
{
    for (guint i = 0;; i++) {
        const char *value = gst_sdp_media_get_attribute_val_n(media, "extmap", i);
        if (value == NULL)
            return 0;
        guint64 id = g_ascii_strtoull(value, NULL, 10);
        const char *space = strchr(value, ' ');
        /* 15 cannot be written in the one-byte form. */
        if (space != NULL && id >= 1 && id <= 14 && g_str_has_prefix(space + 1, uri))
            return (uint8_t)id;
    }
}

static void read_media(const GstSDPMedia *from, struct sdp_media *media)
{
    const char *name = gst_sdp_media_get_media(from);
    const char *mid = gst_sdp_media_get_attribute_val(from, "mid");
    const char *label = gst_sdp_media_get_attribute_val(from, "label");
    const char *content = gst_sdp_media_get_attribute_val(from, "content");
    const char *ssrc = gst_sdp_media_get_attribute_val(from, "ssrc");
    g_strlcpy(media->media_name, name != NULL ? name : "", sizeof media->media_name);
    g_strlcpy(media->protocol, from->proto != NULL ? from->proto : "", sizeof media->protocol);
    g_strlcpy(media->mid, mid != NULL ? mid : "", sizeof media->mid);
    media->kind = g_strcmp0(name, "audio") == 0   ? SDP_AUDIO
                  : g_strcmp0(name, "video") == 0 ? SDP_VIDEO
                                                  : SDP_OTHER;
    media->is_content = g_strcmp0(label, "content") == 0 || g_strcmp0(content, "slides") == 0;
    media->direction = read_direction(from);
    media->ssrc = ssrc != NULL ? (uint32_t)g_ascii_strtoull(ssrc, NULL, 10) : 0;
    media->audio_level_id = find_extmap(from, AUDIO_LEVEL_URI);
    for (guint i = 0; i < gst_sdp_media_formats_len(from); i++) {
        if (i > 0)
            g_strlcat(media->formats, " ", sizeof media->formats);
        g_strlcat(media->formats, gst_sdp_media_get_format(from, i), sizeof media->formats);
    }
    read_codecs(from, media);
    bool is_usable = media->kind == SDP_AUDIO
                         ? media->opus_payload_type >= 0
                         : media->vp8_payload_type >= 0 || media->h264_payload_type >= 0;
    /* A bundled line may have port 0 with bundle-only (RFC 8843 section 6). */
    bool is_off = gst_sdp_media_get_port(from) == 0 && !has_attribute(from, "bundle-only");
    media->is_rejected = is_off || media->kind == SDP_OTHER || !is_usable ||
                         strstr(media->protocol, "RTP/SAVP") == NULL;
}

static bool read_setup(const char *value, enum sdp_setup *setup)
{
    static const char *const names[] = {"actpass", "active", "passive"};
    for (size_t i = 0; value != NULL && i < G_N_ELEMENTS(names); i++) {
        if (strcmp(names[i], value) == 0) {
            *setup = (enum sdp_setup)i;
            return true;
        }
    }
    return false;
}

/* The SHA-256 fingerprint among those that there are. */
static bool read_fingerprint(const GstSDPMessage *message, const GstSDPMedia *media,
                             struct sdp_session *session)
{
    for (int level = 0; level < 2; level++) {
        for (guint i = 0;; i++) {
            const char *value =
                level == 0 ? gst_sdp_media_get_attribute_val_n(media, "fingerprint", i)
                           : gst_sdp_message_get_attribute_val_n(message, "fingerprint", i);
            if (value == NULL)
                break;
            if (g_ascii_strncasecmp(value, "sha-256 ", 8) != 0 || strlen(value + 8) != 95)
                continue;
            g_autofree char *upper = g_ascii_strup(value + 8, -1);
            g_strlcpy(session->fingerprint, upper, sizeof session->fingerprint);
            return true;
        }
    }
    return false;
}

static bool is_ice_token(const char *text, size_t least)
{
    size_t length = text != NULL ? strlen(text) : 0;
    for (size_t i = 0; i < length; i++) {
        if (!g_ascii_isalnum(text[i]) && text[i] != '+' && text[i] != '/')
            return false;
    }
    return length >= least && length < SDP_TOKEN_SIZE;
}

/* ICE and DTLS of the bundle: those of its first usable line. */
static bool read_transport(const GstSDPMessage *message, const GstSDPMedia *media,
                           struct sdp_session *session, GError **error)
{
    const char *name = gst_sdp_media_get_media(media);
    const char *ufrag = attribute(message, media, "ice-ufrag");
    const char *pwd = attribute(message, media, "ice-pwd");
    if (!is_ice_token(ufrag, 4))
        return refuse(error, "m=%s has no valid a=ice-ufrag", name);
    if (!is_ice_token(pwd, 22))
        return refuse(error, "m=%s has no valid a=ice-pwd", name);
    if (!read_fingerprint(message, media, session))
        return refuse(error, "m=%s has no a=fingerprint in sha-256", name);
    if (!read_setup(attribute(message, media, "setup"), &session->setup))
        return refuse(error, "m=%s has no a=setup of actpass, active or passive", name);
    if (!has_attribute(media, "rtcp-mux"))
        return refuse(error, "m=%s has no a=rtcp-mux", name);
    g_strlcpy(session->ice_ufrag, ufrag, sizeof session->ice_ufrag);
    g_strlcpy(session->ice_pwd, pwd, sizeof session->ice_pwd);
    session->is_ice_lite = gst_sdp_message_get_attribute_val(message, "ice-lite") != NULL;
    return true;
}

static void read_candidates(const GstSDPMedia *media, struct sdp_session *session)
{
    for (guint i = 0; session->candidate_count < SDP_CANDIDATES_MAX; i++) {
        const char *value = gst_sdp_media_get_attribute_val_n(media, "candidate", i);
        if (value == NULL)
            return;
        session->candidates[session->candidate_count++] = g_strconcat("candidate:", value, NULL);
    }
}

static bool read_message(const GstSDPMessage *message, struct sdp_session *session, GError **error)
{
    guint count = gst_sdp_message_medias_len(message);
    int first = -1;
    if (count == 0)
        return refuse(error, "there is no m= line");
    if (count > SDP_MEDIA_MAX)
        return refuse(error, "there are %u m= lines, at most %d are taken", count, SDP_MEDIA_MAX);
    for (guint i = 0; i < count; i++) {
        struct sdp_media *media = &session->media[i];
        read_media(gst_sdp_message_get_media(message, i), media);
        session->media_count++;
        if (media->is_rejected)
            continue;
        first = first < 0 ? (int)i : first;
        session->audio = session->audio < 0 && media->kind == SDP_AUDIO ? (int)i : session->audio;
        read_candidates(gst_sdp_message_get_media(message, i), session);
    }
    if (session->audio < 0)
        return refuse(error, "there is no m=audio line with opus/48000 that can be used");
    return read_transport(message, gst_sdp_message_get_media(message, (guint)first), session,
                          error);
}

bool sdp_parse(const char *text, struct sdp_session *session, GError **error)
{
    memset(session, 0, sizeof *session);
    session->audio = -1;
    size_t size = strnlen(text, SDP_TEXT_MAX + 1);
    if (size > SDP_TEXT_MAX)
        return refuse(error, "it is longer than %d bytes", SDP_TEXT_MAX);
    if (!g_str_has_prefix(text, "v=0"))
        return refuse(error, "it does not begin with v=0");
    GstSDPMessage *message;
    gst_sdp_message_new(&message);
    bool is_good =
        gst_sdp_message_parse_buffer((const guint8 *)text, (guint)size, message) == GST_SDP_OK;
    is_good = is_good ? read_message(message, session, error)
                      : refuse(error, "it cannot be read as lines of a session description");
    gst_sdp_message_free(message);
    return is_good;
}

void sdp_session_clear(struct sdp_session *session)
{
    for (unsigned i = 0; i < session->candidate_count; i++)
        g_free(session->candidates[i]);
    session->candidate_count = 0;
}
