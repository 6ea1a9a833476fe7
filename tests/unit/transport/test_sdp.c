/* Descriptions as Chromium, webrtcbin and aiortc write them (tests/fuzz/seeds/sdp), and our own. */
#include "bridge/transport/sdp.h"

#include <gio/gio.h>
#include <string.h>

#define OUR_FINGERPRINT                                                                            \
    "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:"   \
    "CD:EF"

static const char *const our_candidates[] = {"candidate:1 1 UDP 2015363327 192.0.2.1 4000 typ host",
                                             NULL};

static struct sdp_local make_local(void)
{
    return (struct sdp_local){
        .ice_ufrag = "ours",
        .ice_pwd = "OurOwnPasswordIsLong12+/",
        .fingerprint = OUR_FINGERPRINT,
        .cname = "our-cname",
        .media[SDP_MEDIUM_AUDIO] = {{true, true}, 1234},
        .session_id = 77,
        .session_version = 3,
        .candidates = our_candidates,
    };
}

static char *read_seed(const char *name)
{
    g_autofree char *path = g_build_filename(SEEDS, "sdp", name, NULL);
    g_autoptr(GError) error = NULL;
    char *text;
    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    return text;
}

static void parse(const char *text, enum sdp_type type, struct sdp_session *session)
{
    g_autoptr(GError) error = NULL;
    sdp_parse(text, type, session, &error);
    g_assert_no_error(error);
}

static void parse_seed(const char *name, struct sdp_session *session)
{
    g_autofree char *text = read_seed(name);
    parse(text, SDP_OFFER, session);
}

/* The text with every `from` replaced. */
static char *replace(const char *text, const char *from, const char *to)
{
    g_auto(GStrv) parts = g_strsplit(text, from, -1);
    g_assert_nonnull(parts[1]); /* it was there */
    return g_strjoinv(to, parts);
}

static void assert_refused(const char *text, enum sdp_type type, const char *message)
{
    struct sdp_session session;
    g_autoptr(GError) error = NULL;
    g_assert_false(sdp_parse(text, type, &session, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    g_assert_cmpstr(error->message, ==, message);
    sdp_session_clear(&session);
}

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        g_error("no \"%s\" in:\n%s", part, text);
}

static unsigned count(const char *text, const char *part)
{
    g_auto(GStrv) parts = g_strsplit(text, part, -1);
    return g_strv_length(parts) - 1;
}

/* A small offer of sound that is right. */
#define HEAD "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
#define TRANSPORT                                                                                  \
    "a=ice-ufrag:peer\r\na=ice-pwd:peersPasswordIsLong123+\r\na=setup:actpass\r\n"                 \
    "a=fingerprint:sha-256 " OUR_FINGERPRINT "\r\na=rtcp-mux\r\n"
#define AUDIO                                                                                      \
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n" TRANSPORT                            \
    "a=mid:a\r\na=rtpmap:111 opus/48000/2\r\n"
#define OFFER HEAD "a=group:BUNDLE a\r\n" AUDIO

/* ---- reading what peers offer ---- */

static void reads_chromiums_sound(void)
{
    struct sdp_session session;
    parse_seed("chromium.sdp", &session);
    const struct sdp_media *audio = sdp_find_media(&session, SDP_MEDIUM_AUDIO);
    g_assert_true(audio == &session.media[0]);
    g_assert_cmpstr(audio->mid, ==, "0");
    g_assert_true(audio->direction.sends && audio->direction.receives);
    g_assert_true(audio->has_rtcp_mux && audio->has_rtcp_rsize);
    g_assert_cmpuint(audio->codec_count, ==, 8);
    const struct sdp_codec *opus = sdp_find_codec(audio, SDP_CODEC_OPUS);
    g_assert_cmpuint(opus->payload_type, ==, 111);
    g_assert_cmpuint(opus->clock_rate, ==, 48000);
    g_assert_cmpuint(opus->channels, ==, 2);
    g_assert_cmpstr(opus->fmtp, ==, "minptime=10;useinbandfec=1");
    g_assert_cmpuint(opus->feedback, ==, SDP_FEEDBACK_TRANSPORT_CC);
    g_assert_cmpuint(sdp_find_codec(audio, SDP_CODEC_RED)->payload_type, ==, 63);
    const struct sdp_extension *level = sdp_find_extension(audio, SDP_EXTENSION_AUDIO_LEVEL);
    g_assert_cmpuint(level->id, ==, 1);
    g_assert_true(level->has_vad);
    g_assert_cmpuint(sdp_find_extension(audio, SDP_EXTENSION_MID)->id, ==, 4);
    g_assert_null(sdp_find_extension(audio, SDP_EXTENSION_RID));
    g_assert_cmpuint(audio->ssrc_count, ==, 1);
    g_assert_cmpuint(audio->ssrcs[0].ssrc, ==, 2993159172);
    g_assert_cmpstr(audio->ssrcs[0].cname, ==, "MBj6mqcRvT1ga7KY");
    sdp_session_clear(&session);
}

static void reads_chromiums_pictures(void)
{
    struct sdp_session session;
    parse_seed("chromium.sdp", &session);
    const struct sdp_media *video = sdp_find_media(&session, SDP_MEDIUM_VIDEO);
    const struct sdp_media *content = sdp_find_media(&session, SDP_MEDIUM_CONTENT);
    g_assert_true(video == &session.media[1] && content == &session.media[2]);
    const struct sdp_codec *vp8 = sdp_find_video_codec(video);
    g_assert_cmpuint(vp8->payload_type, ==, 96);
    g_assert_cmpuint(vp8->feedback, ==,
                     SDP_FEEDBACK_NACK | SDP_FEEDBACK_PLI | SDP_FEEDBACK_FIR | SDP_FEEDBACK_REMB |
                         SDP_FEEDBACK_TRANSPORT_CC);
    g_assert_cmpint(video->codecs[1].kind, ==, SDP_CODEC_RTX);
    g_assert_cmpint(video->codecs[1].associated, ==, 96);
    const struct sdp_codec *h264 = sdp_find_codec(video, SDP_CODEC_H264);
    g_assert_cmphex(h264->profile_level_id, ==, 0x42001f);
    g_assert_cmpuint(h264->packetization_mode, ==, 1);
    g_assert_cmpuint(sdp_find_extension(video, SDP_EXTENSION_RID)->id, ==, 10);
    g_assert_cmpuint(content->ssrc_count, ==, 2);
    sdp_session_clear(&session);
}

static void reads_chromiums_transport(void)
{
    struct sdp_session session;
    parse_seed("chromium.sdp", &session);
    g_assert_cmpstr(session.ice_ufrag, ==, "zROt");
    g_assert_cmpstr(session.ice_pwd, ==, "CrxY53YZaGzgqADGw4YECDDR");
    g_assert_cmpint(session.setup, ==, SDP_SETUP_ACTPASS);
    g_assert_cmpstr(session.fingerprint, ==,
                    "D2:08:F0:89:56:EB:8F:34:0C:C3:B8:BE:44:76:2E:FD:0D:2B:0C:C6:2A:1D:43:42:98:70:"
                    "59:86:86:F7:9B:5E");
    g_assert_true(session.has_bundle && session.is_trickle);
    g_assert_false(session.is_ice_lite || session.is_gathered);
    sdp_session_clear(&session);
}

static void reads_webrtcbins_bundle_only_line(void)
{
    struct sdp_session session;
    parse_seed("webrtcbin.sdp", &session);
    const struct sdp_media *video = sdp_find_media(&session, SDP_MEDIUM_VIDEO);
    g_assert_nonnull(video);
    g_assert_cmpstr(video->mid, ==, "video1");
    g_assert_false(video->is_rejected);
    g_assert_cmpuint(sdp_find_codec(&session.media[0], SDP_CODEC_OPUS)->payload_type, ==, 97);
    g_assert_cmpstr(session.media[0].ssrcs[0].cname, ==, "user@room");
    g_assert_cmpuint(session.candidate_count, ==, 9);
    g_assert_cmpstr(session.candidates[1], ==,
                    "candidate:2 1 TCP 1015021823 192.0.2.2 9 typ host tcptype active");
    sdp_session_clear(&session);
}

/* aiortc gives each line a transport of its own: that of the first one counts. */
static void reads_aiortcs_first_transport(void)
{
    struct sdp_session session;
    parse_seed("aiortc.sdp", &session);
    g_assert_cmpstr(session.ice_ufrag, ==, "N40V");
    g_assert_cmpuint(session.candidate_count, ==, 2);
    g_assert_true(session.is_gathered);
    g_assert_false(session.is_trickle);
    const struct sdp_media *video = sdp_find_media(&session, SDP_MEDIUM_VIDEO);
    g_assert_cmpuint(sdp_find_video_codec(video)->payload_type, ==, 97);
    sdp_session_clear(&session);
}

static void the_first_line_of_the_bundle_has_the_transport(void)
{
    g_autofree char *aiortc = read_seed("aiortc.sdp");
    g_autofree char *swapped = replace(aiortc, "BUNDLE 0 1", "BUNDLE 1 0");
    struct sdp_session session;
    parse(swapped, SDP_OFFER, &session);
    g_assert_cmpstr(session.ice_ufrag, ==, "ohXm");
    sdp_session_clear(&session);
}

static void a_labelled_line_is_the_content_wherever_it_stands(void)
{
    g_autofree char *chromium = read_seed("chromium.sdp");
    static const char *const attributes[] = {"a=mid:1\r\na=label:content\r\n",
                                             "a=mid:1\r\na=content:slides\r\n"};
    for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++) {
        g_autofree char *labelled = replace(chromium, "a=mid:1\r\n", attributes[i]);
        struct sdp_session session;
        parse(labelled, SDP_OFFER, &session);
        g_assert_cmpstr(sdp_find_media(&session, SDP_MEDIUM_CONTENT)->mid, ==, "1");
        g_assert_cmpstr(sdp_find_media(&session, SDP_MEDIUM_VIDEO)->mid, ==, "2");
        sdp_session_clear(&session);
    }
}

static void the_sessions_level_fills_in_for_the_line(void)
{
    struct sdp_session session;
    parse(HEAD "a=group:BUNDLE a\r\na=recvonly\r\na=ice-lite\r\n" TRANSPORT
               "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:a\r\na=rtcp-mux\r\n"
               "a=rtpmap:96 OPUS/48000/2\r\n",
          SDP_OFFER, &session);
    g_assert_cmpstr(session.ice_ufrag, ==, "peer");
    g_assert_true(session.is_ice_lite);
    g_assert_false(session.media[0].direction.sends);
    g_assert_true(session.media[0].direction.receives);
    sdp_session_clear(&session);
}

static void a_lower_case_fingerprint_among_others_is_taken(void)
{
    g_autofree char *lower = g_ascii_strdown("sha-256 " OUR_FINGERPRINT, -1);
    g_autofree char *several = g_strconcat("sha-1 00:11:22\r\na=fingerprint:", lower, NULL);
    g_autofree char *offer = replace(OFFER, "sha-256 " OUR_FINGERPRINT, several);
    struct sdp_session session;
    parse(offer, SDP_OFFER, &session);
    g_assert_cmpstr(session.fingerprint, ==, OUR_FINGERPRINT);
    sdp_session_clear(&session);
}

static void one_line_needs_no_bundle_group(void)
{
    struct sdp_session session;
    struct sdp_local local = make_local();
    parse(HEAD AUDIO, SDP_OFFER, &session);
    g_autofree char *answer = sdp_write_answer(&session, &local);
    g_assert_cmpuint(count(answer, "a=group:BUNDLE"), ==, 0);
    sdp_session_clear(&session);
}

static void lines_with_bare_newlines_are_read(void)
{
    g_autofree char *offer = replace(OFFER, "\r\n", "\n");
    struct sdp_session session;
    parse(offer, SDP_OFFER, &session);
    sdp_session_clear(&session);
}

static void ids_beyond_one_byte_are_not_used(void)
{
    struct sdp_session session;
    parse(OFFER "a=extmap:15 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
                "a=extmap:4096 urn:ietf:params:rtp-hdrext:sdes:mid\r\n",
          SDP_OFFER, &session);
    g_assert_null(sdp_find_extension(&session.media[0], SDP_EXTENSION_AUDIO_LEVEL));
    g_assert_null(sdp_find_extension(&session.media[0], SDP_EXTENSION_MID));
    sdp_session_clear(&session);
}

static void only_constrained_baseline_of_h264_is_taken(void)
{
    static const struct {
        const char *fmtp;
        bool is_taken;
    } cases[] = {
        {"packetization-mode=1;profile-level-id=42e01f", true},
        {"profile-level-id=42C01F; packetization-mode=1", true},
        {"packetization-mode=0;profile-level-id=42e01f", false},
        {"profile-level-id=42e01f", false},
        {"packetization-mode=1", false},
        {"packetization-mode=1;profile-level-id=64001f", false},
        {"packetization-mode=1;profile-level-id=42001f", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *offer = g_strconcat(
            HEAD "a=group:BUNDLE a v\r\n" AUDIO "m=video 9 UDP/TLS/RTP/SAVPF 102\r\na=mid:v\r\n"
                 "a=rtcp-mux\r\na=rtpmap:102 H264/90000\r\na=fmtp:102 ",
            cases[i].fmtp, "\r\n", NULL);
        struct sdp_session session;
        parse(offer, SDP_OFFER, &session);
        g_assert_cmpint(sdp_find_media(&session, SDP_MEDIUM_VIDEO) != NULL, ==, cases[i].is_taken);
        sdp_session_clear(&session);
    }
}

/* ---- refusing ---- */

static void what_is_missing_or_bad_is_named(void)
{
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"a=ice-ufrag:peer\r\n", "", "invalid sdp: m=audio: no a=ice-ufrag"},
        {"a=ice-ufrag:peer", "a=ice-ufrag:abc", "invalid sdp: m=audio: bad a=ice-ufrag"},
        {"a=ice-ufrag:peer", "a=ice-ufrag:p e e r", "invalid sdp: m=audio: bad a=ice-ufrag"},
        {"a=ice-pwd:peersPasswordIsLong123+\r\n", "", "invalid sdp: m=audio: no a=ice-pwd"},
        {"peersPasswordIsLong123+", "peers-password-is-not-ice",
         "invalid sdp: m=audio: bad a=ice-pwd"},
        {"a=fingerprint:sha-256 " OUR_FINGERPRINT "\r\n", "",
         "invalid sdp: m=audio: no a=fingerprint"},
        {"sha-256 " OUR_FINGERPRINT, "sha-1 00:11",
         "invalid sdp: m=audio: no a=fingerprint of "
         "sha-256"},
        {OUR_FINGERPRINT, "01:23", "invalid sdp: m=audio: bad a=fingerprint"},
        {"01:23", "0g:23", "invalid sdp: m=audio: bad a=fingerprint"},
        {"a=setup:actpass\r\n", "", "invalid sdp: m=audio: no a=setup"},
        {"a=setup:actpass", "a=setup:holdconn", "invalid sdp: m=audio: bad a=setup"},
        {"a=setup:actpass", "a=setup:passive",
         "invalid sdp: m=audio: a=setup:passive, but the answer will be passive"},
        {"a=rtcp-mux\r\n", "", "invalid sdp: m=audio: no a=rtcp-mux"},
        {"UDP/TLS/RTP/SAVPF", "RTP/AVP",
         "invalid sdp: m=audio: its protocol is not UDP/TLS/RTP/SAVPF"},
        {"opus/48000/2", "PCMU/8000", "invalid sdp: m=audio: no a=rtpmap of opus/48000/2"},
        {"opus/48000/2", "opus", "invalid sdp: m=audio: bad a=rtpmap of payload type 111"},
        {"SAVPF 111", "SAVPF 111 200", "invalid sdp: m=audio: bad payload type"},
        {"SAVPF 111", "SAVPF 111 111", "invalid sdp: m=audio: payload type 111 twice"},
        {"a=mid:a", "a=mid:(a)", "invalid sdp: m=audio: bad a=mid"},
        {"BUNDLE a", "BUNDLE b", "invalid sdp: m=audio: not in a=group:BUNDLE"},
        {"m=audio 9", "m=audio 0", "invalid sdp: no m=audio"},
        {"m=audio", "m=text", "invalid sdp: no m=audio"},
        {"v=0\r\n", "v=1\r\n", "invalid sdp: it does not begin with v=0"},
        {"s=-", "s=\x01", "invalid sdp: a control character at byte 31"},
        {"s=-", "s=\xff", "invalid sdp: not UTF-8"},
        {"a=mid:a\r\n", "a=mid:a\r\na=ssrc:x\r\n", "invalid sdp: m=audio: bad a=ssrc"},
        {"a=mid:a\r\n", "a=mid:a\r\na=extmap:0 urn:x\r\n", "invalid sdp: m=audio: bad a=extmap"},
        {"a=mid:a\r\n", "a=mid:a\r\na=extmap:1 urn:x\r\na=extmap:1 urn:y\r\n",
         "invalid sdp: m=audio: two a=extmap with id 1"},
        {"a=mid:a\r\na=rtpmap:111 opus/48000/2\r\n",
         "a=mid:a\r\na=rtpmap:111 opus/48000/2\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:a\r\n",
         "invalid sdp: two m-lines with a=mid:a"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = replace(OFFER, cases[i].from, cases[i].to);
        assert_refused(text, SDP_OFFER, cases[i].message);
    }
    assert_refused("", SDP_OFFER, "invalid sdp: it does not begin with v=0");
    assert_refused(HEAD, SDP_OFFER, "invalid sdp: no m=audio");
}

static void faults_of_pictures_name_their_line(void)
{
    g_autofree char *chromium = read_seed("chromium.sdp");
    g_autofree char *text =
        replace(chromium, "a=mid:2\r\n", "a=mid:2\r\na=extmap:14 urn:again\r\n");
    assert_refused(text, SDP_OFFER, "invalid sdp: m=video (mid 2): two a=extmap with id 14");
    g_autofree char *same = replace(chromium, "a=mid:2", "a=mid:1");
    assert_refused(same, SDP_OFFER, "invalid sdp: two m-lines with a=mid:1");
}

static void everything_has_a_bound(void)
{
    static const struct {
        const char *line;
        unsigned most;
        const char *message;
    } cases[] = {
        {"a=candidate:%u 1 udp 1 192.0.2.1 9 typ host\r\n", SDP_CANDIDATES_MAX,
         "invalid sdp: m=audio: more than 64 a=candidate"},
        {"a=ssrc:%u cname:x\r\n", SDP_SSRCS_MAX, "invalid sdp: m=audio: more than 32 SSRCs"},
        {"a=extmap:%u urn:x\r\n", SDP_EXTENSIONS_MAX,
         "invalid sdp: m=audio: more than 32 a=extmap"},
        {"m=text 0 x %u\r\n", SDP_MEDIA_MAX - 1, "invalid sdp: 17 m-lines, at most 16 are taken"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) text = g_string_new(OFFER);
        struct sdp_session session;
        for (unsigned j = 1; j <= cases[i].most; j++) {
            g_autofree char *number = g_strdup_printf("%u", j);
            g_autofree char *line = replace(cases[i].line, "%u", number);
            g_string_append(text, line);
        }
        parse(text->str, SDP_OFFER, &session);
        sdp_session_clear(&session);
        g_autofree char *line = replace(cases[i].line, "%u", "99");
        g_string_append(text, line);
        assert_refused(text->str, SDP_OFFER, cases[i].message);
    }
    g_autoptr(GString) types = g_string_new("SAVPF");
    for (unsigned i = 0; i <= SDP_CODECS_MAX; i++)
        g_string_append_printf(types, " %u", i);
    g_autofree char *crowded = replace(OFFER, "SAVPF 111", types->str);
    assert_refused(crowded, SDP_OFFER, "invalid sdp: m=audio: more than 64 payload types");
    g_autofree char *padding = g_strnfill(SDP_TEXT_MAX, 'x');
    g_autofree char *huge = g_strconcat(OFFER, "a=", padding, "\r\n", NULL);
    assert_refused(huge, SDP_OFFER, "invalid sdp: more than 65536 bytes");
}

static void every_cut_of_an_offer_is_read_or_refused(void)
{
    g_autofree char *text = read_seed("webrtcbin.sdp");
    for (size_t size = strlen(text); size > 0; size--) {
        struct sdp_session session;
        g_autoptr(GError) error = NULL;
        g_autofree char *cut = g_strndup(text, size - 1);
        if (sdp_parse(cut, SDP_OFFER, &session, &error)) {
            struct sdp_local local = make_local();
            g_free(sdp_write_answer(&session, &local));
        } else {
            g_assert_true(g_str_has_prefix(error->message, "invalid sdp: "));
        }
        sdp_session_clear(&session);
    }
}

/* ---- answering ---- */

static void answers_chromium_with_sound_and_inactive_pictures(void)
{
    struct sdp_session offer, answer;
    struct sdp_local local = make_local();
    parse_seed("chromium.sdp", &offer);
    g_autofree char *text = sdp_write_answer(&offer, &local);
    assert_has(text, "a=group:BUNDLE 0 1 2\r\n");
    assert_has(text, "m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\n");
    assert_has(text, "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n");
    assert_has(text, "a=fmtp:111 minptime=10;useinbandfec=1\r\n");
    assert_has(text, "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n");
    assert_has(text, "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n");
    /* Or else Chromium cannot offer simulcast again. */
    g_assert_cmpuint(count(text, "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"),
                     ==, 2);
    assert_has(text, "a=sendrecv\r\na=msid:nhipcau audio\r\na=ssrc:1234 cname:our-cname\r\n");
    g_assert_cmpuint(count(text, "m=video 9 UDP/TLS/RTP/SAVPF 96 97 108 109\r\n"), ==, 2);
    g_assert_cmpuint(count(text, "a=inactive\r\n"), ==, 2);
    g_assert_cmpuint(count(text, "a=rtcp-fb:96 nack pli\r\n"), ==, 2);
    g_assert_cmpuint(count(text, "a=rtcp-fb:108 transport-cc\r\n"), ==, 2);
    g_assert_cmpuint(count(text, "a=simulcast"), ==, 0); /* nothing is received */
    g_assert_cmpuint(count(text, "a=candidate"), ==, 1); /* in the bundle's first line alone */
    g_assert_cmpuint(count(text, "stereo"), ==, 0);
    parse(text, SDP_ANSWER, &answer);
    g_assert_cmpuint(answer.media_count, ==, 3);
    g_assert_cmpstr(answer.ice_ufrag, ==, "ours");
    g_assert_cmpstr(answer.fingerprint, ==, OUR_FINGERPRINT);
    g_assert_cmpint(answer.setup, ==, SDP_SETUP_PASSIVE);
    g_assert_cmpuint(answer.candidate_count, ==, 1);
    for (unsigned i = 0; i < 3; i++)
        g_assert_cmpstr(answer.media[i].mid, ==, offer.media[i].mid);
    sdp_session_clear(&offer);
    sdp_session_clear(&answer);
}

static void answers_webrtcbin_and_aiortc_in_their_own_numbers(void)
{
    static const struct {
        const char *name, *audio, *video;
        bool has_level;
    } cases[] = {
        {"webrtcbin.sdp", "m=audio 9 UDP/TLS/RTP/SAVPF 97\r\n",
         "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n", false},
        {"aiortc.sdp", "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\n",
         "m=video 9 UDP/TLS/RTP/SAVPF 97 98 101 102\r\n", true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct sdp_session offer, answer;
        struct sdp_local local = make_local();
        parse_seed(cases[i].name, &offer);
        g_autofree char *text = sdp_write_answer(&offer, &local);
        assert_has(text, cases[i].audio);
        assert_has(text, cases[i].video);
        g_assert_cmpuint(count(text, "ssrc-audio-level"), ==, cases[i].has_level ? 1 : 0);
        parse(text, SDP_ANSWER, &answer);
        sdp_session_clear(&offer);
        sdp_session_clear(&answer);
    }
}

/* Taking pictures is a matter of wanting them. */
static void wanted_pictures_are_answered_in_their_direction(void)
{
    struct sdp_session offer, answer;
    struct sdp_local local = make_local();
    local.media[SDP_MEDIUM_VIDEO] = (struct sdp_local_media){{true, true}, 5678, 5679};
    local.media[SDP_MEDIUM_CONTENT] = (struct sdp_local_media){{false, true}, 0, 0};
    parse_seed("chromium.sdp", &offer);
    g_autofree char *text = sdp_write_answer(&offer, &local);
    parse(text, SDP_ANSWER, &answer);
    const struct sdp_media *video = sdp_find_media(&answer, SDP_MEDIUM_VIDEO);
    const struct sdp_media *content = sdp_find_media(&answer, SDP_MEDIUM_CONTENT);
    g_assert_true(video->direction.sends && video->direction.receives);
    g_assert_cmpuint(video->ssrcs[0].ssrc, ==, 5678);
    g_assert_cmpuint(video->ssrcs[0].rtx, ==, 5679);
    g_assert_false(content->direction.sends);
    g_assert_true(content->direction.receives);
    g_assert_cmpuint(content->ssrc_count, ==, 0);
    sdp_session_clear(&offer);
    sdp_session_clear(&answer);
}

static void layers_of_simulcast_are_taken_and_received(void)
{
    struct sdp_session offer;
    struct sdp_local local = make_local();
    local.media[SDP_MEDIUM_VIDEO] = (struct sdp_local_media){{false, true}, 0, 0};
    parse_seed("chromium.sdp", &offer);
    const struct sdp_media *video = sdp_find_media(&offer, SDP_MEDIUM_VIDEO);
    g_assert_cmpuint(video->rid_count, ==, 3);
    g_assert_cmpstr(video->rids[0], ==, "q");
    g_assert_cmpstr(video->rids[2], ==, "f");
    g_autofree char *text = sdp_write_answer(&offer, &local);
    assert_has(text, "a=rid:q recv\r\na=rid:h recv\r\na=rid:f recv\r\na=simulcast:recv q;h;f\r\n");
    g_assert_cmpuint(count(text, SDP_URI_REPAIRED_RID), ==, 2);
    sdp_session_clear(&offer);
}

static void rids_that_are_no_names_are_passed_over(void)
{
    struct sdp_session offer;
    parse(HEAD "a=group:BUNDLE a v\r\n" AUDIO "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\n"
               "a=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n"
               "a=simulcast:recv x send ~lo,alt;;a/b;12345678901234567;hi;3;4;5;6\r\n",
          SDP_OFFER, &offer);
    const struct sdp_media *video = sdp_find_media(&offer, SDP_MEDIUM_VIDEO);
    g_assert_cmpuint(video->rid_count, ==, 2);
    g_assert_cmpstr(video->rids[0], ==, "lo");
    g_assert_cmpstr(video->rids[1], ==, "hi");
    sdp_session_clear(&offer);
}

static void a_direction_is_what_both_sides_take_part_in(void)
{
    static const struct {
        const char *offered, *answered;
    } cases[] = {{"sendrecv", "sendrecv"},
                 {"sendonly", "recvonly"},
                 {"recvonly", "sendonly"},
                 {"inactive", "inactive"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *offer_text = g_strconcat(OFFER "a=", cases[i].offered, "\r\n", NULL);
        g_autofree char *expected = g_strconcat("a=", cases[i].answered, "\r\n", NULL);
        struct sdp_session offer;
        struct sdp_local local = make_local();
        parse(offer_text, SDP_OFFER, &offer);
        g_autofree char *text = sdp_write_answer(&offer, &local);
        assert_has(text, expected);
        sdp_session_clear(&offer);
    }
}

static void lines_of_no_use_are_rejected_in_their_place(void)
{
    struct sdp_session offer, answer;
    struct sdp_local local = make_local();
    parse(HEAD "a=group:BUNDLE d a s\r\n"
               "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:d\r\n" AUDIO
               "m=audio 9 UDP/TLS/RTP/SAVPF 0 8\r\na=mid:s\r\n"
               "m=video 9 RTP/AVP 96\r\na=mid:old\r\na=rtpmap:96 VP8/90000\r\n"
               "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:gone\r\na=rtpmap:96 VP8/90000\r\n",
          SDP_OFFER, &offer);
    g_autofree char *text = sdp_write_answer(&offer, &local);
    assert_has(text, "a=group:BUNDLE a\r\n");
    assert_has(text, "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
                     "a=mid:d\r\na=ice-ufrag:ours\r\n");
    assert_has(text, "a=inactive\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n");
    assert_has(text, "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:s\r\n");
    assert_has(text, "m=video 0 RTP/AVP 96\r\nc=IN IP4 0.0.0.0\r\na=mid:old\r\n");
    assert_has(text, "m=video 0 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:gone\r\n");
    parse(text, SDP_ANSWER, &answer);
    g_assert_cmpuint(answer.media_count, ==, offer.media_count);
    sdp_session_clear(&offer);
    sdp_session_clear(&answer);
}

static void a_level_without_voice_bit_is_answered_so(void)
{
    struct sdp_session offer;
    struct sdp_local local = make_local();
    parse(OFFER "a=extmap:3 urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=off\r\n", SDP_OFFER,
          &offer);
    g_assert_false(sdp_find_extension(&offer.media[0], SDP_EXTENSION_AUDIO_LEVEL)->has_vad);
    g_autofree char *text = sdp_write_answer(&offer, &local);
    assert_has(text, "a=extmap:3 urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=off\r\n");
    sdp_session_clear(&offer);
}

/* ---- offering ---- */

static void our_offer_and_answer_understand_each_other(void)
{
    struct sdp_session offer, answer;
    struct sdp_local local = make_local();
    local.is_gathered = true;
    g_autofree char *offer_text = sdp_write_offer(&local);
    parse(offer_text, SDP_OFFER, &offer);
    g_assert_cmpint(offer.setup, ==, SDP_SETUP_ACTPASS);
    g_assert_cmpstr(offer.ice_pwd, ==, local.ice_pwd);
    g_assert_true(offer.is_gathered && offer.is_trickle);
    g_assert_cmpuint(offer.candidate_count, ==, 1);
    g_assert_cmpstr(offer.candidates[0], ==, our_candidates[0]);
    const struct sdp_media *audio = sdp_find_media(&offer, SDP_MEDIUM_AUDIO);
    g_assert_cmpuint(sdp_find_codec(audio, SDP_CODEC_OPUS)->payload_type, ==,
                     SDP_OWN_OPUS_PAYLOAD_TYPE);
    g_assert_cmpuint(sdp_find_extension(audio, SDP_EXTENSION_AUDIO_LEVEL)->id, ==,
                     SDP_OWN_AUDIO_LEVEL_ID);
    g_assert_cmpuint(audio->ssrcs[0].ssrc, ==, 1234);
    g_assert_cmpstr(audio->ssrcs[0].cname, ==, "our-cname");
    g_assert_cmpstr(audio->msid, ==, "nhipcau audio");
    g_autofree char *answer_text = sdp_write_answer(&offer, &local);
    parse(answer_text, SDP_ANSWER, &answer);
    g_assert_true(answer.media[0].direction.sends && answer.media[0].direction.receives);
    sdp_session_clear(&offer);
    sdp_session_clear(&answer);
}

static void an_offer_may_only_listen(void)
{
    struct sdp_session offer;
    struct sdp_local local = make_local();
    local.media[SDP_MEDIUM_AUDIO].direction.sends = false;
    g_autofree char *text = sdp_write_offer(&local);
    parse(text, SDP_OFFER, &offer);
    g_assert_false(offer.media[0].direction.sends);
    g_assert_cmpuint(offer.media[0].ssrc_count, ==, 0);
    sdp_session_clear(&offer);
}

static void an_offer_may_have_pictures(void)
{
    struct sdp_session offer, answer;
    struct sdp_local local = make_local();
    local.media[SDP_MEDIUM_VIDEO] = (struct sdp_local_media){{true, true}, 5, 6};
    local.media[SDP_MEDIUM_CONTENT] = (struct sdp_local_media){{true, false}, 7, 8};
    g_autofree char *text = sdp_write_offer(&local);
    parse(text, SDP_OFFER, &offer);
    g_assert_cmpuint(offer.media_count, ==, 3);
    const struct sdp_media *content = sdp_find_media(&offer, SDP_MEDIUM_CONTENT);
    g_assert_cmpstr(content->label, ==, "content");
    g_assert_cmpuint(content->ssrcs[0].rtx, ==, 8);
    g_assert_cmpint(sdp_find_video_codec(content)->kind, ==, SDP_CODEC_H264);
    g_assert_nonnull(sdp_find_video_codec_of(content, SDP_CODEC_VP8));
    g_autofree char *answer_text = sdp_write_answer(&offer, &local);
    parse(answer_text, SDP_ANSWER, &answer);
    g_assert_true(answer.media[1].direction.sends && answer.media[1].direction.receives);
    g_assert_false(answer.media[2].direction.sends);
    sdp_session_clear(&offer);
    sdp_session_clear(&answer);
}

static void an_answer_has_to_be_passive(void)
{
    g_autofree char *active = replace(OFFER, "a=setup:actpass", "a=setup:active");
    assert_refused(active, SDP_ANSWER,
                   "invalid sdp: m=audio: a=setup:active, but the answer has to be passive");
    assert_refused(OFFER, SDP_ANSWER,
                   "invalid sdp: m=audio: a=setup:actpass, but the answer has to be passive");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/sdp/" #name, name)
    TEST(reads_chromiums_sound);
    TEST(reads_chromiums_pictures);
    TEST(reads_chromiums_transport);
    TEST(reads_webrtcbins_bundle_only_line);
    TEST(reads_aiortcs_first_transport);
    TEST(the_first_line_of_the_bundle_has_the_transport);
    TEST(a_labelled_line_is_the_content_wherever_it_stands);
    TEST(the_sessions_level_fills_in_for_the_line);
    TEST(a_lower_case_fingerprint_among_others_is_taken);
    TEST(one_line_needs_no_bundle_group);
    TEST(lines_with_bare_newlines_are_read);
    TEST(ids_beyond_one_byte_are_not_used);
    TEST(only_constrained_baseline_of_h264_is_taken);
    TEST(what_is_missing_or_bad_is_named);
    TEST(faults_of_pictures_name_their_line);
    TEST(everything_has_a_bound);
    TEST(every_cut_of_an_offer_is_read_or_refused);
    TEST(answers_chromium_with_sound_and_inactive_pictures);
    TEST(answers_webrtcbin_and_aiortc_in_their_own_numbers);
    TEST(wanted_pictures_are_answered_in_their_direction);
    TEST(layers_of_simulcast_are_taken_and_received);
    TEST(rids_that_are_no_names_are_passed_over);
    TEST(a_direction_is_what_both_sides_take_part_in);
    TEST(lines_of_no_use_are_rejected_in_their_place);
    TEST(a_level_without_voice_bit_is_answered_so);
    TEST(our_offer_and_answer_understand_each_other);
    TEST(an_offer_may_only_listen);
    TEST(an_offer_may_have_pictures);
    TEST(an_answer_has_to_be_passive);
#undef TEST
    return g_test_run();
}
