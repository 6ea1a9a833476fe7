/* Session descriptions (RFC 8866, RFC 8829) as this program uses them: what a peer offered or
 * answered, read into one bounded struct, and the answers and offers that it writes.
 *
 * Only what browsers and modern peers do is taken: one bundle (RFC 8843), rtcp-mux (RFC 5761),
 * UDP/TLS/RTP/SAVPF (RFC 5764), DTLS fingerprints in SHA-256 (RFC 8122), Opus, VP8, H.264. An
 * m-line that is of no use is rejected (port 0), never an error; what is needed and missing or bad
 * is an error that names it. The offerer is actpass and becomes the DTLS client, the answerer is
 * passive.
 *
 * Thread: any; no state. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define SDP_TEXT_MAX         65536 /* bytes of a description */
#define SDP_MEDIA_MAX        16    /* m-lines */
#define SDP_CODECS_MAX       64    /* of an m-line, as the next two */
#define SDP_EXTENSIONS_MAX   32
#define SDP_SSRCS_MAX        32
#define SDP_RIDS_MAX         4  /* layers of simulcast */
#define SDP_RID_SIZE         17 /* RFC 8852: letters and digits; longer ones are passed over */
#define SDP_CANDIDATES_MAX   64
#define SDP_TOKEN_SIZE       257 /* ICE: at most 256 characters */
#define SDP_MID_SIZE         33
#define SDP_FINGERPRINT_SIZE 96 /* "AB:CD:…" of SHA-256, with its end */

enum sdp_type { SDP_OFFER, SDP_ANSWER };

/* What an m-line is to a meeting; the same numbers as LEG_MEDIUM_…. */
enum sdp_medium {
    SDP_MEDIUM_AUDIO,
    SDP_MEDIUM_VIDEO,
    SDP_MEDIUM_CONTENT, /* slides: a=label:content, a=content:slides, or a second m=video */
    SDP_MEDIUM_COUNT,
    SDP_MEDIUM_NONE = SDP_MEDIUM_COUNT /* rejected, or to be rejected */
};

enum sdp_setup { SDP_SETUP_ACTPASS, SDP_SETUP_ACTIVE, SDP_SETUP_PASSIVE };

/* As a pair of facts, from the writer's side. */
struct sdp_direction {
    bool sends, receives;
};

enum sdp_codec_kind {
    SDP_CODEC_OPUS, /* RFC 7587 */
    SDP_CODEC_VP8,  /* RFC 7741 */
    SDP_CODEC_H264, /* RFC 6184 */
    SDP_CODEC_RTX,  /* RFC 4588: repeats `associated` */
    SDP_CODEC_RED,  /* RFC 2198 */
    SDP_CODEC_OTHER
};

/* a=rtcp-fb (RFC 4585, RFC 5104), as a set. */
enum sdp_feedback {
    SDP_FEEDBACK_NACK = 1 << 0,
    SDP_FEEDBACK_PLI = 1 << 1,
    SDP_FEEDBACK_FIR = 1 << 2,
    SDP_FEEDBACK_REMB = 1 << 3,
    SDP_FEEDBACK_TRANSPORT_CC = 1 << 4,
};

struct sdp_codec {
    enum sdp_codec_kind kind;
    uint8_t payload_type;
    uint8_t channels;           /* 1 when not said */
    uint8_t packetization_mode; /* H.264 */
    int16_t associated;         /* RTX: a payload type; -1: none */
    uint32_t clock_rate;        /* Hz; 0 without a=rtpmap */
    uint32_t profile_level_id;  /* H.264: three bytes; 0x42000a when not said */
    unsigned feedback;          /* of enum sdp_feedback */
    const char *name;           /* "opus", as written; "" without a=rtpmap */
    const char *fmtp;           /* "minptime=10;…", as written; NULL: none */
};

enum sdp_extension_kind {
    SDP_EXTENSION_AUDIO_LEVEL, /* RFC 6464 */
    SDP_EXTENSION_MID,         /* RFC 8843 section 15 */
    SDP_EXTENSION_RID,         /* RFC 8852, as the next */
    SDP_EXTENSION_REPAIRED_RID,
    SDP_EXTENSION_TRANSPORT_CC,
    SDP_EXTENSION_ABS_SEND_TIME,
    SDP_EXTENSION_OTHER
};

#define SDP_URI_AUDIO_LEVEL  "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
#define SDP_URI_MID          "urn:ietf:params:rtp-hdrext:sdes:mid"
#define SDP_URI_RID          "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
#define SDP_URI_REPAIRED_RID "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
#define SDP_URI_TRANSPORT_CC                                                                       \
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
#define SDP_URI_ABS_SEND_TIME "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"

struct sdp_extension {
    enum sdp_extension_kind kind;
    uint8_t id;   /* 1 to 255 */
    bool has_vad; /* RFC 6464: the V bit tells something; so unless "vad=off" */
};

struct sdp_ssrc {
    uint32_t ssrc;
    uint32_t rtx;      /* what repairs it, by a=ssrc-group:FID (RFC 5576); 0: not said */
    const char *cname; /* NULL: not said */
};

struct sdp_media {
    enum sdp_medium medium;
    const char *type;     /* "audio", "video", "application"… */
    const char *protocol; /* "UDP/TLS/RTP/SAVPF" */
    const char *format;   /* the first one; a rejection repeats it */
    char mid[SDP_MID_SIZE];
    const char *label; /* a=label, NULL: not said; as the next two */
    const char *content;
    const char *msid;
    bool is_rejected; /* by the peer: port 0, and not for a=bundle-only */
    bool is_bundled;
    bool has_rtcp_mux;
    bool has_rtcp_rsize; /* RFC 5506 */
    struct sdp_direction direction;
    unsigned codec_count, extension_count, ssrc_count;
    struct sdp_codec codecs[SDP_CODECS_MAX]; /* in the m-line's order: the peer's preference */
    struct sdp_extension extensions[SDP_EXTENSIONS_MAX];
    struct sdp_ssrc ssrcs[SDP_SSRCS_MAX];
    unsigned rid_count; /* layers that a=simulcast (RFC 8853) says are sent */
    char rids[SDP_RIDS_MAX][SDP_RID_SIZE];
};

/* The attributes of an m-line are read only if it has a medium. The transport is that of the first
 * line of the bundle that has one; what the line leaves out is taken from the session's level. */
struct sdp_session {
    char ice_ufrag[SDP_TOKEN_SIZE], ice_pwd[SDP_TOKEN_SIZE];
    char session_id[SDP_TOKEN_SIZE]; /* of o=: the same as long as the peer is (RFC 8829) */
    bool is_ice_lite;
    bool is_trickle;  /* a=ice-options:trickle (RFC 8840) */
    bool is_gathered; /* a=end-of-candidates */
    bool has_bundle;  /* false: there is only one line of use */
    enum sdp_setup setup;
    char fingerprint[SDP_FINGERPRINT_SIZE]; /* SHA-256, upper case */
    unsigned transport;                     /* index of the line that has it */
    unsigned media_count;
    struct sdp_media *media;
    unsigned candidate_count;
    const char *candidates[SDP_CANDIDATES_MAX]; /* "candidate:…" */
    GStringChunk *texts;                        /* owns the texts above */
};

/* False with an error such as "invalid sdp: m=audio: no a=ice-ufrag" (G_IO_ERROR_INVALID_DATA).
 * Clear the session in either case. After success there is sound with Opus, a transport, and a
 * setup that lets the offerer be the DTLS client. */
bool sdp_parse(const char *text, enum sdp_type type, struct sdp_session *session, GError **error);
void sdp_session_clear(struct sdp_session *session);

/* NULL when there is none. */
const struct sdp_media *sdp_find_media(const struct sdp_session *session, enum sdp_medium medium);
/* The peer's most preferred one of a kind. */
const struct sdp_codec *sdp_find_codec(const struct sdp_media *media, enum sdp_codec_kind kind);
/* RED (RFC 2198) of the line's Opus and nothing else; NULL when it is not offered. */
const struct sdp_codec *sdp_find_red(const struct sdp_media *media);
/* The codec that pictures go in: the peer's most preferred one of VP8 and H.264, the latter in
 * constrained baseline with packetization-mode 1. */
const struct sdp_codec *sdp_find_video_codec(const struct sdp_media *media);
/* The same of one kind only. */
const struct sdp_codec *sdp_find_video_codec_of(const struct sdp_media *media,
                                                enum sdp_codec_kind kind);
/* What repairs a codec (RFC 4588); NULL when there is none. */
const struct sdp_codec *sdp_find_rtx(const struct sdp_media *media, const struct sdp_codec *codec);
/* NULL as well when its id does not fit one-byte headers (1 to 14). */
const struct sdp_extension *sdp_find_extension(const struct sdp_media *media,
                                               enum sdp_extension_kind kind);

/* What this side wants of a medium. */
struct sdp_local_media {
    struct sdp_direction direction;
    uint32_t ssrc; /* sent with, if it sends */
    uint32_t rtx;  /* and repaired with; 0: nothing is */
};

/* This side of a connection. */
struct sdp_local {
    const char *ice_ufrag, *ice_pwd, *fingerprint;
    const char *cname; /* RFC 7022: one for all SSRCs */
    struct sdp_local_media media[SDP_MEDIUM_COUNT];
    uint64_t session_id, session_version;
    const char *const *candidates; /* "candidate:…", NULL-ended; NULL: none yet */
    bool is_gathered;              /* those are all */
    bool is_ice_lite;              /* RFC 8839 section 5.3 */
};

/* What comes of an offered line: what this side wants, as far as the peer takes part in it. */
struct sdp_direction sdp_answer_direction(const struct sdp_media *offered,
                                          struct sdp_direction wanted);

/* The answer to a parsed offer, with its m-lines in their order: sound with the offer's Opus and
 * audio level, pictures with VP8 and H.264 as far as offered, in the offer's order. A medium with
 * nothing wanted stays in the bundle as a=inactive. Passive side of DTLS. g_free(). */
char *sdp_write_answer(const struct sdp_session *offer, const struct sdp_local *local);

#define SDP_OWN_OPUS_PAYLOAD_TYPE 111
#define SDP_OWN_AUDIO_LEVEL_ID    1
/* Of pictures, in both media, in the order of preference; one more is what repairs it. */
#define SDP_OWN_H264_PAYLOAD_TYPE 102
#define SDP_OWN_VP8_PAYLOAD_TYPE  96
#define SDP_OWN_MID_ID            2
#define SDP_OWN_TRANSPORT_CC_ID   3
/* An offer of sound, and of the pictures that are wanted in any direction; actpass. g_free(). */
char *sdp_write_offer(const struct sdp_local *local);
