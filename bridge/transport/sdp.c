/* Reading a description: the session's level, which line is which medium, the transport. */
#include "bridge/transport/sdp.h"

#include "bridge/transport/sdp_read.h"

#include <gio/gio.h>
#include <string.h>

#define PROTOCOL "UDP/TLS/RTP/SAVPF"

bool sdp_refuse(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "invalid sdp: %s", what);
    return false;
}

bool sdp_refuse_media(GError **error, const struct sdp_media *media, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    /* There is one m=audio of use, but may be more than one m=video. */
    if (strcmp(media->type, "audio") == 0 || media->mid[0] == '\0')
        return sdp_refuse(error, "m=%s: %s", media->type, what);
    return sdp_refuse(error, "m=%s (mid %s): %s", media->type, media->mid, what);
}

bool sdp_is_token(const char *text, size_t most)
{
    size_t length = 0;
    while (length <= most && text[length] != '\0') {
        /* RFC 8866's token-char, and '/' for protocols. */
        if (!g_ascii_isalnum(text[length]) && strchr("!#$%&'*+-.^_`{|}~/", text[length]) == NULL)
            return false;
        length++;
    }
    return length > 0 && length <= most;
}

/* ---- media ---- */

static bool is_type(const struct sdp_media *media, const char *type)
{
    return !media->is_rejected && g_strcmp0(media->type, type) == 0;
}

static bool is_labelled_content(const struct sdp_media *media)
{
    return g_strcmp0(media->label, "content") == 0 || g_strcmp0(media->content, "slides") == 0;
}

static bool has_medium(const struct sdp_session *session, enum sdp_medium medium)
{
    return sdp_find_media(session, medium) != NULL;
}

/* The lines that say what they are come first; the others get what is left, in their order. */
static void assign_media(struct sdp_session *session)
{
    for (unsigned i = 0; i < session->media_count; i++) {
        struct sdp_media *media = &session->media[i];
        if (is_type(media, "video") && is_labelled_content(media) &&
            !has_medium(session, SDP_MEDIUM_CONTENT))
            media->medium = SDP_MEDIUM_CONTENT;
    }
    for (unsigned i = 0; i < session->media_count; i++) {
        struct sdp_media *media = &session->media[i];
        if (media->medium != SDP_MEDIUM_NONE)
            continue;
        if (is_type(media, "audio")) {
            if (!has_medium(session, SDP_MEDIUM_AUDIO))
                media->medium = SDP_MEDIUM_AUDIO;
        } else if (is_type(media, "video") && !is_labelled_content(media)) {
            if (!has_medium(session, SDP_MEDIUM_VIDEO))
                media->medium = SDP_MEDIUM_VIDEO;
            else if (!has_medium(session, SDP_MEDIUM_CONTENT))
                media->medium = SDP_MEDIUM_CONTENT;
        }
    }
}

static bool check_mids(const struct sdp_session *session, GError **error)
{
    for (unsigned i = 0; i < session->media_count; i++) {
        for (unsigned j = 0; j < i; j++) {
            const char *mid = session->media[i].mid;
            if (mid[0] != '\0' && strcmp(mid, session->media[j].mid) == 0)
                return sdp_refuse(error, "two m-lines with a=mid:%s", mid);
        }
    }
    return true;
}

/* Marks the lines that a=group:BUNDLE names and remembers the first one of use: it has the
 * transport (RFC 8843 section 7.2). */
static void read_bundle(const GstSDPMessage *message, struct sdp_session *session)
{
    const char *value = NULL;
    bool has_transport = false;
    for (guint i = 0; !session->has_bundle; i++) {
        value = gst_sdp_message_get_attribute_val_n(message, "group", i);
        if (value == NULL)
            return;
        session->has_bundle = g_str_has_prefix(value, "BUNDLE ");
    }
    g_auto(GStrv) mids = g_strsplit(value + strlen("BUNDLE "), " ", SDP_MEDIA_MAX + 1);
    for (unsigned i = 0; mids[i] != NULL; i++) {
        for (unsigned j = 0; mids[i][0] != '\0' && j < session->media_count; j++) {
            struct sdp_media *media = &session->media[j];
            if (strcmp(media->mid, mids[i]) != 0)
                continue;
            media->is_bundled = true;
            if (!has_transport && media->medium != SDP_MEDIUM_NONE) {
                has_transport = true;
                session->transport = j;
            }
        }
    }
}

/* A bundle of one needs no group. */
static void read_single(struct sdp_session *session)
{
    unsigned count = 0;
    for (unsigned i = 0; i < session->media_count; i++) {
        if (session->media[i].medium == SDP_MEDIUM_NONE)
            continue;
        session->transport = i;
        count++;
    }
    if (count == 1)
        session->media[session->transport].is_bundled = true;
}

/* A line of pictures that cannot be used is left to be rejected; without sound there is nothing. */
static bool check_use(struct sdp_media *media, GError **error)
{
    bool is_sound = media->medium == SDP_MEDIUM_AUDIO;
    if (strcmp(media->protocol, PROTOCOL) != 0) {
        media->medium = SDP_MEDIUM_NONE;
        return !is_sound || sdp_refuse_media(error, media, "its protocol is not " PROTOCOL);
    }
    if (is_sound && sdp_find_codec(media, SDP_CODEC_OPUS) == NULL)
        return sdp_refuse_media(error, media, "no a=rtpmap of opus/48000/2");
    if (!is_sound && sdp_find_video_codec(media) == NULL) {
        media->medium = SDP_MEDIUM_NONE;
        return true;
    }
    return media->has_rtcp_mux || sdp_refuse_media(error, media, "no a=rtcp-mux");
}

static struct sdp_direction session_direction(const GstSDPMessage *message)
{
    struct sdp_direction direction = {true, true};
    if (gst_sdp_message_get_attribute_val(message, "inactive") != NULL)
        direction.sends = direction.receives = false;
    else if (gst_sdp_message_get_attribute_val(message, "sendonly") != NULL)
        direction.receives = false;
    else if (gst_sdp_message_get_attribute_val(message, "recvonly") != NULL)
        direction.sends = false;
    return direction;
}

static bool read_media(const GstSDPMessage *message, struct sdp_session *session, GError **error)
{
    guint count = gst_sdp_message_medias_len(message);
    if (count > SDP_MEDIA_MAX)
        return sdp_refuse(error, "%u m-lines, at most %d are taken", count, SDP_MEDIA_MAX);
    session->media = g_new0(struct sdp_media, MAX(count, 1));
    for (; session->media_count < count; session->media_count++) {
        if (!sdp_read_line(gst_sdp_message_get_media(message, session->media_count),
                           &session->media[session->media_count], session->texts, error))
            return false;
    }
    assign_media(session);
    for (guint i = 0; i < count; i++) {
        struct sdp_media *media = &session->media[i];
        const GstSDPMedia *from = gst_sdp_message_get_media(message, i);
        if (media->medium == SDP_MEDIUM_NONE)
            continue;
        media->direction = sdp_read_direction(from, session_direction(message));
        if (!sdp_read_attributes(from, media, session->texts, error) || !check_use(media, error))
            return false;
    }
    return check_mids(session, error);
}

static bool check_bundle(const GstSDPMessage *message, struct sdp_session *session, GError **error)
{
    if (!has_medium(session, SDP_MEDIUM_AUDIO))
        return sdp_refuse(error, "no m=audio");
    read_bundle(message, session);
    if (!session->has_bundle)
        read_single(session);
    for (unsigned i = 0; i < session->media_count; i++) {
        struct sdp_media *media = &session->media[i];
        if (media->medium == SDP_MEDIUM_AUDIO && !media->is_bundled)
            return session->has_bundle ? sdp_refuse_media(error, media, "not in a=group:BUNDLE")
                                       : sdp_refuse(error, "no a=group:BUNDLE");
        if (!media->is_bundled)
            media->medium = SDP_MEDIUM_NONE;
    }
    return true;
}

/* ---- transport ---- */

/* Where the transport is described: in a line, or else for the session. */
struct source {
    const GstSDPMessage *message;
    const GstSDPMedia *from;
    const struct sdp_media *media;
    GError **error;
};

static const char *find_attribute(const struct source *source, const char *name)
{
    const char *value = gst_sdp_media_get_attribute_val(source->from, name);
    return value != NULL ? value : gst_sdp_message_get_attribute_val(source->message, name);
}

/* RFC 8839 section 5.4: `least` to 256 ice-chars. */
static bool read_ice_token(const struct source *source, const char *name, size_t least,
                           char token[SDP_TOKEN_SIZE])
{
    const char *value = find_attribute(source, name);
    if (value == NULL)
        return sdp_refuse_media(source->error, source->media, "no a=%s", name);
    size_t length = strlen(value);
    bool is_good = length >= least && length < SDP_TOKEN_SIZE;
    for (size_t i = 0; is_good && i < length; i++)
        is_good = g_ascii_isalnum(value[i]) || value[i] == '+' || value[i] == '/';
    if (!is_good)
        return sdp_refuse_media(source->error, source->media, "bad a=%s", name);
    g_strlcpy(token, value, SDP_TOKEN_SIZE);
    return true;
}

static bool is_fingerprint(const char *text)
{
    if (strlen(text) != SDP_FINGERPRINT_SIZE - 1)
        return false;
    for (size_t i = 0; i < SDP_FINGERPRINT_SIZE - 1; i++) {
        if (i % 3 == 2 ? text[i] != ':' : !g_ascii_isxdigit(text[i]))
            return false;
    }
    return true;
}

/* RFC 8122 lets a peer give several; the one in SHA-256 is taken. */
static bool read_fingerprint(const struct source *source, char fingerprint[SDP_FINGERPRINT_SIZE])
{
    bool is_in_line = gst_sdp_media_get_attribute_val(source->from, "fingerprint") != NULL;
    for (guint i = 0;; i++) {
        const char *value =
            is_in_line ? gst_sdp_media_get_attribute_val_n(source->from, "fingerprint", i)
                       : gst_sdp_message_get_attribute_val_n(source->message, "fingerprint", i);
        if (value == NULL)
            return sdp_refuse_media(source->error, source->media, "no a=fingerprint%s",
                                    i > 0 ? " of sha-256" : "");
        if (g_ascii_strncasecmp(value, "sha-256 ", 8) != 0)
            continue;
        if (!is_fingerprint(value + 8))
            return sdp_refuse_media(source->error, source->media, "bad a=fingerprint");
        g_autofree char *upper = g_ascii_strup(value + 8, -1);
        g_strlcpy(fingerprint, upper, SDP_FINGERPRINT_SIZE);
        return true;
    }
}

/* The offerer is to be the DTLS client. */
static bool read_setup(const struct source *source, enum sdp_type type, enum sdp_setup *setup)
{
    static const char *const names[] = {"actpass", "active", "passive"};
    const char *value = find_attribute(source, "setup");
    if (value == NULL)
        return sdp_refuse_media(source->error, source->media, "no a=setup");
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(value, names[i]) != 0)
            continue;
        *setup = (enum sdp_setup)i;
        if (type == SDP_OFFER ? *setup != SDP_SETUP_PASSIVE : *setup == SDP_SETUP_PASSIVE)
            return true;
        return sdp_refuse_media(source->error, source->media, "a=setup:%s, but the %s", names[i],
                                type == SDP_OFFER ? "answer will be passive"
                                                  : "answer has to be passive");
    }
    return sdp_refuse_media(source->error, source->media, "bad a=setup");
}

static bool read_candidates(const struct source *source, struct sdp_session *session)
{
    for (guint i = 0;; i++) {
        const char *value = gst_sdp_media_get_attribute_val_n(source->from, "candidate", i);
        if (value == NULL)
            return true;
        if (session->candidate_count == SDP_CANDIDATES_MAX)
            return sdp_refuse_media(source->error, source->media, "more than %d a=candidate",
                                    SDP_CANDIDATES_MAX);
        g_autofree char *candidate = g_strconcat("candidate:", value, NULL);
        session->candidates[session->candidate_count++] =
            g_string_chunk_insert(session->texts, candidate);
    }
}

static bool read_transport(const GstSDPMessage *message, enum sdp_type type,
                           struct sdp_session *session, GError **error)
{
    struct source source = {message, gst_sdp_message_get_media(message, session->transport),
                            &session->media[session->transport], error};
    const char *options = find_attribute(&source, "ice-options");
    const GstSDPOrigin *origin = gst_sdp_message_get_origin(message);
    if (origin->sess_id != NULL)
        g_strlcpy(session->session_id, origin->sess_id, sizeof session->session_id);
    session->is_ice_lite = gst_sdp_message_get_attribute_val(message, "ice-lite") != NULL;
    session->is_trickle = options != NULL && strstr(options, "trickle") != NULL;
    session->is_gathered = find_attribute(&source, "end-of-candidates") != NULL;
    return read_ice_token(&source, "ice-ufrag", 4, session->ice_ufrag) &&
           read_ice_token(&source, "ice-pwd", 22, session->ice_pwd) &&
           read_fingerprint(&source, session->fingerprint) &&
           read_setup(&source, type, &session->setup) && read_candidates(&source, session);
}

/* ---- the whole ---- */

static bool check_text(const char *text, size_t size, GError **error)
{
    if (size > SDP_TEXT_MAX)
        return sdp_refuse(error, "more than %d bytes", SDP_TEXT_MAX);
    if (!g_str_has_prefix(text, "v=0\r\n") && !g_str_has_prefix(text, "v=0\n"))
        return sdp_refuse(error, "it does not begin with v=0");
    if (!g_utf8_validate(text, (gssize)size, NULL))
        return sdp_refuse(error, "not UTF-8");
    for (size_t i = 0; i < size; i++) {
        if (g_ascii_iscntrl(text[i]) && strchr("\r\n\t", text[i]) == NULL)
            return sdp_refuse(error, "a control character at byte %zu", i);
    }
    return true;
}

bool sdp_parse(const char *text, enum sdp_type type, struct sdp_session *session, GError **error)
{
    GstSDPMessage *message;
    memset(session, 0, sizeof *session);
    session->texts = g_string_chunk_new(1024);
    size_t size = strnlen(text, SDP_TEXT_MAX + 1);
    if (!check_text(text, size, error))
        return false;
    gst_sdp_message_new(&message);
    bool is_good =
        gst_sdp_message_parse_buffer((const guint8 *)text, (guint)size, message) == GST_SDP_OK
            ? read_media(message, session, error) && check_bundle(message, session, error) &&
                  read_transport(message, type, session, error)
            : sdp_refuse(error, "not made of the lines of a session description");
    gst_sdp_message_free(message);
    return is_good;
}

void sdp_session_clear(struct sdp_session *session)
{
    g_free(session->media);
    if (session->texts != NULL)
        g_string_chunk_free(session->texts);
    session->media = NULL;
    session->texts = NULL;
    session->media_count = session->candidate_count = 0;
}

const struct sdp_media *sdp_find_media(const struct sdp_session *session, enum sdp_medium medium)
{
    for (unsigned i = 0; i < session->media_count; i++) {
        if (session->media[i].medium == medium)
            return &session->media[i];
    }
    return NULL;
}

const struct sdp_codec *sdp_find_codec(const struct sdp_media *media, enum sdp_codec_kind kind)
{
    for (unsigned i = 0; i < media->codec_count; i++) {
        if (media->codecs[i].kind == kind)
            return &media->codecs[i];
    }
    return NULL;
}

/* RFC 6184 section 8.1: profile 66 with constraint_set1. */
static bool is_constrained_baseline(const struct sdp_codec *codec)
{
    return codec->profile_level_id >> 16 == 0x42 && (codec->profile_level_id & 0x4000) != 0;
}

static bool is_video_codec(const struct sdp_codec *codec)
{
    return codec->kind == SDP_CODEC_VP8 ||
           (codec->kind == SDP_CODEC_H264 && codec->packetization_mode == 1 &&
            is_constrained_baseline(codec));
}

const struct sdp_codec *sdp_find_video_codec(const struct sdp_media *media)
{
    for (unsigned i = 0; i < media->codec_count; i++) {
        if (is_video_codec(&media->codecs[i]))
            return &media->codecs[i];
    }
    return NULL;
}

const struct sdp_codec *sdp_find_video_codec_of(const struct sdp_media *media,
                                                enum sdp_codec_kind kind)
{
    for (unsigned i = 0; i < media->codec_count; i++) {
        if (media->codecs[i].kind == kind && is_video_codec(&media->codecs[i]))
            return &media->codecs[i];
    }
    return NULL;
}

/* "111/111": every block is of that payload type. */
static bool is_red_of(const struct sdp_codec *codec, unsigned payload_type)
{
    g_auto(GStrv) types = g_strsplit(codec->fmtp != NULL ? codec->fmtp : "", "/", -1);
    for (unsigned i = 0; types[i] != NULL; i++) {
        guint64 type;
        if (!g_ascii_string_to_unsigned(g_strstrip(types[i]), 10, 0, 127, &type, NULL) ||
            type != payload_type)
            return false;
    }
    return types[0] != NULL;
}

const struct sdp_codec *sdp_find_red(const struct sdp_media *media)
{
    const struct sdp_codec *opus = sdp_find_codec(media, SDP_CODEC_OPUS);
    for (unsigned i = 0; opus != NULL && i < media->codec_count; i++) {
        const struct sdp_codec *codec = &media->codecs[i];
        if (codec->kind == SDP_CODEC_RED && codec->clock_rate == opus->clock_rate &&
            is_red_of(codec, opus->payload_type))
            return codec;
    }
    return NULL;
}

const struct sdp_codec *sdp_find_rtx(const struct sdp_media *media, const struct sdp_codec *codec)
{
    for (unsigned i = 0; i < media->codec_count; i++) {
        const struct sdp_codec *rtx = &media->codecs[i];
        if (rtx->kind == SDP_CODEC_RTX && rtx->associated == codec->payload_type)
            return rtx;
    }
    return NULL;
}

const struct sdp_extension *sdp_find_extension(const struct sdp_media *media,
                                               enum sdp_extension_kind kind)
{
    for (unsigned i = 0; i < media->extension_count; i++) {
        if (media->extensions[i].kind == kind && media->extensions[i].id <= 14)
            return &media->extensions[i];
    }
    return NULL;
}
