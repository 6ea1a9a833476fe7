/* Reading one m-line and its attributes. Nothing here knows of the transport. */
#include "bridge/transport/sdp_read.h"

#include <string.h>

#define TOKEN_MAX 64 /* bytes of a media type, a protocol, a format */

/* ---- numbers and parameters ---- */

/* A decimal number of at most `most` at the beginning; `*rest` is what follows. */
static bool read_number(const char *text, guint64 most, guint64 *number, const char **rest)
{
    char *end;
    if (!g_ascii_isdigit(text[0]))
        return false;
    *number = g_ascii_strtoull(text, &end, 10);
    *rest = end;
    return *number <= most;
}

/* "111 something": the codec of that payload type and the rest; NULL for a type that the m-line
 * does not name, which is passed over. */
static struct sdp_codec *read_codec(struct sdp_media *media, const char *value, const char **rest)
{
    guint64 type;
    if (!read_number(value, 127, &type, rest) || **rest != ' ')
        return NULL;
    ++*rest;
    for (unsigned i = 0; i < media->codec_count; i++) {
        if (media->codecs[i].payload_type == type)
            return &media->codecs[i];
    }
    return NULL;
}

/* The value of a parameter in "a=1;b=2"; NULL when it is not there. It ends at ';' or the end. */
static const char *find_parameter(const char *fmtp, const char *name)
{
    size_t length = strlen(name);
    while (fmtp != NULL) {
        fmtp += strspn(fmtp, " ;");
        if (g_ascii_strncasecmp(fmtp, name, length) == 0 && fmtp[length] == '=')
            return fmtp + length + 1;
        fmtp = strchr(fmtp, ';');
    }
    return NULL;
}

/* ---- attributes ---- */

struct place {
    struct sdp_media *media;
    GStringChunk *texts;
    GError **error;
};

/* "111 opus/48000/2". */
static bool read_rtpmap(struct place *place, const char *value)
{
    static const struct {
        const char *name;
        guint64 clock_rate;
        enum sdp_codec_kind kind;
    } known[] = {
        {"opus", 48000, SDP_CODEC_OPUS}, {"VP8", 90000, SDP_CODEC_VP8},
        {"H264", 90000, SDP_CODEC_H264}, {"rtx", 0, SDP_CODEC_RTX},
        {"red", 0, SDP_CODEC_RED},
    };
    const char *name, *rest;
    guint64 clock_rate, channels = 1;
    struct sdp_codec *codec = read_codec(place->media, value, &name);
    if (codec == NULL)
        return true;
    const char *slash = strchr(name, '/');
    if (slash == NULL || !read_number(slash + 1, UINT32_MAX, &clock_rate, &rest) ||
        (*rest == '/' && !read_number(rest + 1, 255, &channels, &rest)))
        return sdp_refuse_media(place->error, place->media, "bad a=rtpmap of payload type %u",
                                codec->payload_type);
    codec->name = g_string_chunk_insert_len(place->texts, name, slash - name);
    codec->clock_rate = (uint32_t)clock_rate;
    codec->channels = (uint8_t)channels;
    codec->kind = SDP_CODEC_OTHER;
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        if (g_ascii_strcasecmp(codec->name, known[i].name) == 0 &&
            (known[i].clock_rate == 0 || known[i].clock_rate == clock_rate))
            codec->kind = known[i].kind;
    }
    return true;
}

static bool read_fmtp(struct place *place, const char *value)
{
    const char *parameters;
    struct sdp_codec *codec = read_codec(place->media, value, &parameters);
    if (codec != NULL)
        codec->fmtp = g_string_chunk_insert(place->texts, parameters);
    return true;
}

/* "96 nack pli", or "* …" for all. */
static bool read_rtcp_fb(struct place *place, const char *value)
{
    static const struct {
        const char *name;
        unsigned feedback;
    } known[] = {
        {"nack", SDP_FEEDBACK_NACK},
        {"nack pli", SDP_FEEDBACK_PLI},
        {"ccm fir", SDP_FEEDBACK_FIR},
        {"goog-remb", SDP_FEEDBACK_REMB},
        {"transport-cc", SDP_FEEDBACK_TRANSPORT_CC},
    };
    const char *name = value + 2;
    bool is_for_all = g_str_has_prefix(value, "* ");
    struct sdp_codec *codec = is_for_all ? NULL : read_codec(place->media, value, &name);
    for (size_t i = 0; (codec != NULL || is_for_all) && i < G_N_ELEMENTS(known); i++) {
        if (strcmp(name, known[i].name) != 0)
            continue;
        for (unsigned j = 0; j < place->media->codec_count; j++) {
            struct sdp_codec *each = &place->media->codecs[j];
            if (is_for_all || each == codec)
                each->feedback |= known[i].feedback;
        }
    }
    return true;
}

static enum sdp_extension_kind extension_kind(const char *uri, size_t length)
{
    static const char *const known[] = {
        [SDP_EXTENSION_AUDIO_LEVEL] = SDP_URI_AUDIO_LEVEL,
        [SDP_EXTENSION_MID] = SDP_URI_MID,
        [SDP_EXTENSION_RID] = SDP_URI_RID,
        [SDP_EXTENSION_REPAIRED_RID] = SDP_URI_REPAIRED_RID,
        [SDP_EXTENSION_TRANSPORT_CC] = SDP_URI_TRANSPORT_CC,
        [SDP_EXTENSION_ABS_SEND_TIME] = SDP_URI_ABS_SEND_TIME,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        if (strlen(known[i]) == length && memcmp(known[i], uri, length) == 0)
            return (enum sdp_extension_kind)i;
    }
    return SDP_EXTENSION_OTHER;
}

/* RFC 8285 section 8: "1 urn:…", "1/recvonly urn:… attributes". Ids from 256 up are placeholders of
 * an offer for more than fit and are passed over. */
static bool read_extmap(struct place *place, const char *value)
{
    struct sdp_media *media = place->media;
    const char *rest;
    guint64 id;
    if (!read_number(value, 4351, &id, &rest) || id == 0 || (rest = strchr(rest, ' ')) == NULL)
        return sdp_refuse_media(place->error, media, "bad a=extmap");
    if (id > 255)
        return true;
    for (unsigned i = 0; i < media->extension_count; i++) {
        if (media->extensions[i].id == id)
            return sdp_refuse_media(place->error, media, "two a=extmap with id %u", (unsigned)id);
    }
    if (media->extension_count == SDP_EXTENSIONS_MAX)
        return sdp_refuse_media(place->error, media, "more than %d a=extmap", SDP_EXTENSIONS_MAX);
    const char *uri = ++rest;
    rest += strcspn(rest, " ");
    media->extensions[media->extension_count++] =
        (struct sdp_extension){.kind = extension_kind(uri, (size_t)(rest - uri)),
                               .id = (uint8_t)id,
                               .has_vad = strstr(rest, " vad=off") == NULL};
    return true;
}

/* RFC 5576: "1234 cname:…"; an SSRC has a line for each of its attributes. */
static bool read_ssrc(struct place *place, const char *value)
{
    struct sdp_media *media = place->media;
    const char *rest;
    guint64 number;
    unsigned i = 0;
    if (!read_number(value, UINT32_MAX, &number, &rest) || (*rest != '\0' && *rest != ' '))
        return sdp_refuse_media(place->error, media, "bad a=ssrc");
    while (i < media->ssrc_count && media->ssrcs[i].ssrc != number)
        i++;
    if (i == media->ssrc_count) {
        if (i == SDP_SSRCS_MAX)
            return sdp_refuse_media(place->error, media, "more than %d SSRCs", SDP_SSRCS_MAX);
        media->ssrcs[media->ssrc_count++] = (struct sdp_ssrc){.ssrc = (uint32_t)number};
    }
    if (g_str_has_prefix(rest, " cname:"))
        media->ssrcs[i].cname = g_string_chunk_insert(place->texts, rest + strlen(" cname:"));
    return true;
}

/* RFC 5576 section 4.2: "FID 1 2": the second repairs the first. Lines of a=ssrc may come later. */
static bool read_ssrc_group(struct place *place, const char *value)
{
    struct sdp_media *media = place->media;
    const char *rest;
    guint64 first, second;
    if (!g_str_has_prefix(value, "FID "))
        return true;
    if (!read_number(value + strlen("FID "), UINT32_MAX, &first, &rest) || *rest != ' ' ||
        !read_number(rest + 1, UINT32_MAX, &second, &rest) || *rest != '\0')
        return sdp_refuse_media(place->error, media, "bad a=ssrc-group");
    g_autofree char *line = g_strdup_printf("%u", (unsigned)first);
    if (!read_ssrc(place, line))
        return false;
    for (unsigned i = 0; i < media->ssrc_count; i++) {
        if (media->ssrcs[i].ssrc == first)
            media->ssrcs[i].rtx = (uint32_t)second;
    }
    return true;
}

/* RFC 8853 section 5.1: "send q;h;~f recv …"; of alternatives the first counts, a paused one too.
 * What is not a rid that fits is passed over. */
static bool read_simulcast(struct place *place, const char *value)
{
    struct sdp_media *media = place->media;
    g_auto(GStrv) words = g_strsplit(value, " ", 5);
    for (unsigned i = 0; words[i] != NULL && words[i + 1] != NULL; i += 2) {
        if (strcmp(words[i], "send") != 0)
            continue;
        g_auto(GStrv) layers = g_strsplit(words[i + 1], ";", SDP_RIDS_MAX + 1);
        for (unsigned j = 0; layers[j] != NULL && media->rid_count < SDP_RIDS_MAX; j++) {
            const char *rid = layers[j] + (layers[j][0] == '~');
            size_t length = strcspn(rid, ",;");
            bool is_good = length > 0 && length < SDP_RID_SIZE;
            for (size_t k = 0; is_good && k < length; k++)
                is_good = g_ascii_isalnum(rid[k]) || rid[k] == '-' || rid[k] == '_';
            if (is_good)
                g_strlcpy(media->rids[media->rid_count++], rid, length + 1);
        }
    }
    return true;
}

static bool read_msid(struct place *place, const char *value)
{
    place->media->msid = g_string_chunk_insert(place->texts, value);
    return true;
}

static bool read_rtcp_mux(struct place *place, const char *value)
{
    (void)value;
    place->media->has_rtcp_mux = true;
    return true;
}

static bool read_rtcp_rsize(struct place *place, const char *value)
{
    (void)value;
    place->media->has_rtcp_rsize = true;
    return true;
}

/* What a codec's parameters mean, once its name is known too. */
static void read_parameters(struct sdp_codec *codec)
{
    const char *rest, *value;
    guint64 number;
    if (codec->kind == SDP_CODEC_RTX) {
        value = find_parameter(codec->fmtp, "apt");
        if (value != NULL && read_number(value, 127, &number, &rest))
            codec->associated = (int16_t)number;
    } else if (codec->kind == SDP_CODEC_H264) {
        value = find_parameter(codec->fmtp, "packetization-mode");
        if (value != NULL && read_number(value, 2, &number, &rest))
            codec->packetization_mode = (uint8_t)number;
        value = find_parameter(codec->fmtp, "profile-level-id");
        if (value != NULL)
            codec->profile_level_id = (uint32_t)g_ascii_strtoull(value, NULL, 16) & 0xffffff;
    }
}

bool sdp_read_attributes(const GstSDPMedia *from, struct sdp_media *media, GStringChunk *texts,
                         GError **error)
{
    static const struct {
        const char *name;
        bool (*read)(struct place *place, const char *value);
    } readers[] = {
        {"rtpmap", read_rtpmap},
        {"fmtp", read_fmtp},
        {"rtcp-fb", read_rtcp_fb},
        {"extmap", read_extmap},
        {"ssrc", read_ssrc},
        {"msid", read_msid},
        {"rtcp-mux", read_rtcp_mux},
        {"rtcp-rsize", read_rtcp_rsize},
        {"ssrc-group", read_ssrc_group},
        {"simulcast", read_simulcast},
    };
    struct place place = {media, texts, error};
    for (guint i = 0; i < gst_sdp_media_attributes_len(from); i++) {
        const GstSDPAttribute *attribute = gst_sdp_media_get_attribute(from, i);
        const char *value = attribute->value != NULL ? attribute->value : "";
        for (size_t j = 0; j < G_N_ELEMENTS(readers); j++) {
            if (strcmp(attribute->key, readers[j].name) == 0 && !readers[j].read(&place, value))
                return false;
        }
    }
    for (unsigned i = 0; i < media->codec_count; i++)
        read_parameters(&media->codecs[i]);
    return true;
}

struct sdp_direction sdp_read_direction(const GstSDPMedia *from, struct sdp_direction otherwise)
{
    static const struct {
        const char *name;
        struct sdp_direction direction;
    } known[] = {
        {"sendrecv", {true, true}},
        {"sendonly", {true, false}},
        {"recvonly", {false, true}},
        {"inactive", {false, false}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        if (gst_sdp_media_get_attribute_val(from, known[i].name) != NULL)
            return known[i].direction;
    }
    return otherwise;
}

/* ---- the line itself ---- */

static bool read_payload_types(const GstSDPMedia *from, struct sdp_media *media, GError **error)
{
    guint count = gst_sdp_media_formats_len(from);
    if (count > SDP_CODECS_MAX)
        return sdp_refuse_media(error, media, "more than %d payload types", SDP_CODECS_MAX);
    for (guint i = 0; i < count; i++) {
        guint64 type;
        const char *rest;
        if (!read_number(gst_sdp_media_get_format(from, i), 127, &type, &rest) || *rest != '\0')
            return sdp_refuse_media(error, media, "bad payload type");
        for (guint j = 0; j < i; j++) {
            if (media->codecs[j].payload_type == type)
                return sdp_refuse_media(error, media, "payload type %u twice", (unsigned)type);
        }
        media->codecs[media->codec_count++] = (struct sdp_codec){
            .kind = SDP_CODEC_OTHER,
            .payload_type = (uint8_t)type,
            .channels = 1,
            .associated = -1,
            .profile_level_id = 0x42000a,
            .name = "",
        };
    }
    return true;
}

static const char *keep(GStringChunk *texts, const char *text)
{
    return text != NULL ? g_string_chunk_insert(texts, text) : NULL;
}

bool sdp_read_line(const GstSDPMedia *from, struct sdp_media *media, GStringChunk *texts,
                   GError **error)
{
    const char *mid = gst_sdp_media_get_attribute_val(from, "mid");
    media->medium = SDP_MEDIUM_NONE;
    media->type = keep(texts, from->media != NULL ? from->media : "");
    media->protocol = keep(texts, from->proto != NULL ? from->proto : "");
    media->format =
        keep(texts, gst_sdp_media_formats_len(from) > 0 ? gst_sdp_media_get_format(from, 0) : "");
    if (!sdp_is_token(media->type, TOKEN_MAX) || !sdp_is_token(media->protocol, TOKEN_MAX) ||
        !sdp_is_token(media->format, TOKEN_MAX))
        return sdp_refuse(error, "bad m= line");
    if (mid != NULL && !sdp_is_token(mid, SDP_MID_SIZE - 1))
        return sdp_refuse_media(error, media, "bad a=mid");
    g_strlcpy(media->mid, mid != NULL ? mid : "", sizeof media->mid);
    media->label = keep(texts, gst_sdp_media_get_attribute_val(from, "label"));
    media->content = keep(texts, gst_sdp_media_get_attribute_val(from, "content"));
    /* A line of a bundle may have port 0 with bundle-only (RFC 8843 section 6). */
    media->is_rejected = gst_sdp_media_get_port(from) == 0 &&
                         gst_sdp_media_get_attribute_val(from, "bundle-only") == NULL;
    bool is_known = strcmp(media->type, "audio") == 0 || strcmp(media->type, "video") == 0;
    return !is_known || media->is_rejected || read_payload_types(from, media, error);
}
