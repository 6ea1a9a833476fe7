/* Session descriptions (RFC 8866, RFC 8829) as this program uses them: what a peer offered or
 * answered, read into one bounded struct, and the answers and offers that it writes.
 *
 * Only what browsers and modern peers do is taken: BUNDLE (RFC 8843), rtcp-mux (RFC 5761),
 * UDP/TLS/RTP/SAVPF, DTLS fingerprints in SHA-256. What is not of use is rejected m-line by m-line
 * (port 0), never an error; what is needed and missing is an error that names it.
 *
 * Thread: any; no state. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define SDP_TEXT_MAX         65536 /* bytes of a description */
#define SDP_MEDIA_MAX        8
#define SDP_CANDIDATES_MAX   64
#define SDP_TOKEN_SIZE       257 /* ICE: at most 256 characters */
#define SDP_MID_SIZE         33
#define SDP_FINGERPRINT_SIZE 96 /* "AB:CD:…" of SHA-256, with its end */

enum sdp_kind { SDP_AUDIO, SDP_VIDEO, SDP_OTHER };
enum sdp_setup { SDP_SETUP_ACTPASS, SDP_SETUP_ACTIVE, SDP_SETUP_PASSIVE };

/* Directions as a pair of facts, from the writer's side. */
struct sdp_direction {
    bool sends, receives;
};

/* A codec as it was found: Opus for sound; VP8 or H.264 for pictures. -1: not there. */
struct sdp_media {
    enum sdp_kind kind;
    char mid[SDP_MID_SIZE];
    bool is_rejected; /* port 0, or not of a kind that we can use */
    bool is_content;  /* a=label:content or a=content:slides */
    struct sdp_direction direction;
    int opus_payload_type;
    int vp8_payload_type;
    int h264_payload_type; /* constrained baseline, packetization-mode 1 */
    char h264_fmtp[128];
    uint8_t audio_level_id; /* RFC 6464; 0: not offered */
    uint32_t ssrc;          /* the first a=ssrc; 0: none */
    char media_name[16];    /* "audio", "application"…; as written back in an answer */
    char protocol[32];
    char formats[128]; /* the m-line's formats, for a rejected line */
};

struct sdp_session {
    char ice_ufrag[SDP_TOKEN_SIZE], ice_pwd[SDP_TOKEN_SIZE];
    bool is_ice_lite;
    enum sdp_setup setup;
    char fingerprint[SDP_FINGERPRINT_SIZE]; /* SHA-256, upper case */
    struct sdp_media media[SDP_MEDIA_MAX];
    unsigned media_count;
    int audio;                            /* index of the first usable audio line; -1: none */
    char *candidates[SDP_CANDIDATES_MAX]; /* "candidate:…"; owned */
    unsigned candidate_count;
};

/* False with an error such as "invalid sdp: m=audio has no a=ice-ufrag". Clear the session in
 * either case. */
bool sdp_parse(const char *text, struct sdp_session *session, GError **error);
void sdp_session_clear(struct sdp_session *session);

/* This side of a connection. */
struct sdp_local {
    const char *ice_ufrag, *ice_pwd, *fingerprint;
    const char *cname;
    uint32_t audio_ssrc;
    uint64_t session_id, session_version;
    const char *const *candidates; /* "candidate:…", NULL-ended; NULL: none yet */
    bool is_gathered;              /* those are all */
};

/* The answer to a parsed offer: sound both ways with the offer's Opus; pictures inactive. Passive
 * side of DTLS. g_free(). */
char *sdp_write_answer(const struct sdp_session *offer, const struct sdp_local *local);

#define SDP_OWN_OPUS_PAYLOAD_TYPE 111
#define SDP_OWN_AUDIO_LEVEL_ID    1
/* The offer of a room client: sound both ways, actpass. g_free(). */
char *sdp_write_offer(const struct sdp_local *local);
