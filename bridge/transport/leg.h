/* A leg: one peer connection. ICE (libnice), DTLS-SRTP (OpenSSL, libsrtp), RTP and RTCP, one
 * bundled transport with rtcp-mux (RFC 8843, RFC 5764). The bridge answers (LEG_ANSWERER: passive
 * side of DTLS, ICE controlled unless the peer is lite); the room client offers (LEG_OFFERER:
 * active side, controlling).
 *
 * Thread: every function and every handler runs on the leg's shard; leg_counters() may be read on
 * any thread.
 * Memory: belongs to its maker; leg_free() may be called from a handler, and no handler is called
 * after it. Sending allocates nothing. */
#pragma once

#include "bridge/transport/frame.h"
#include "bridge/transport/rtp.h"
#include "bridge/transport/shard.h"
#include "bridge/video/coded.h"

struct leg;

enum leg_role { LEG_ANSWERER, LEG_OFFERER };

enum leg_state {
    LEG_NEW,
    LEG_CONNECTING,   /* candidates are being tried, DTLS shakes hands: at most 30 s */
    LEG_CONNECTED,    /* media flows */
    LEG_DISCONNECTED, /* nothing heard for a while; may come back */
    LEG_FAILED,       /* no way to the peer: only an ICE restart helps. Or the peer is not who its
                         description says: nothing helps */
    LEG_CLOSED        /* the peer said goodbye (DTLS close_notify) */
};

const char *leg_state_name(enum leg_state state); /* "connecting"…, as in docs/protocol.md */

struct leg_handlers {
    void (*state)(struct leg *leg, enum leg_state state, void *arg);
    /* A local candidate to tell the peer: "candidate:…", "" at their end. */
    void (*candidate)(struct leg *leg, const char *candidate, const char *mid, void *arg);
    /* A received RTP packet, authenticated and decrypted; `medium` by its m-line. Valid during the
     * call only. Per packet: keep to the hot path's rules. */
    void (*rtp)(struct leg *leg, unsigned medium, const struct rtp_packet *packet,
                int64_t arrival_us, void *arg);
    /* A whole picture of the peer's, of LEG_MEDIUM_VIDEO or LEG_MEDIUM_CONTENT, once that has been
     * opened by leg_open_video(). Its reference is given away. */
    void (*picture)(struct leg *leg, unsigned medium, struct coded_frame *frame, void *arg);
    /* The peer cannot go on (or begin) without a key frame of a stream that it is sent, set by
     * leg_set_video_stream(). Comes again every half a second until there was one. */
    void (*keyframe)(struct leg *leg, unsigned medium, uint32_t stream, void *arg);
};

#define LEG_MEDIUM_AUDIO   0u
#define LEG_MEDIUM_VIDEO   1u
#define LEG_MEDIUM_CONTENT 2u
#define LEG_MEDIUM_PROBE   3u /* of a line test, see leg_open_probe() */

struct leg_config {
    enum leg_role role;
    const char *name; /* for the log: "demo/da-nang"; copied */
    const char *stun_server,
        *turn_server; /* "host:port" / "turn:user:password@host:port", or NULL */
    struct leg_handlers handlers;
    void *arg;
    /* IP addresses of this machine to be reached at, NULL-ended; NULL: all, loopback too. */
    const char *const *addresses;
    uint16_t port_min, port_max; /* for a firewall to let through; 0: any */
    const char *public_address;  /* told in place of the host's own, behind a 1:1 NAT; NULL: none */
    bool is_lite;                /* ICE lite: LEG_ANSWERER only */
    bool has_tcp;                /* ICE-TCP candidates (RFC 6544) as well */
    bool has_pictures; /* takes part in the media of pictures as offered, or offers them */
};

/* NULL with `error` if ICE cannot be set up (no sockets left, an address that is not ours). */
struct leg *leg_new(struct shard *shard, const struct leg_config *config, GError **error);
/* Says goodbye to the peer. The pointer is void at once, the memory goes on the shard's next turn:
 * libraries that the call came through are still at work on it. */
void leg_free(struct leg *leg);

/* LEG_ANSWERER: takes an offer, answers. A later offer with new ICE credentials restarts ICE.
 * The answer is to be freed with g_free(). */
char *leg_answer(struct leg *leg, const char *offer, GError **error);
/* LEG_OFFERER. */
char *leg_offer(struct leg *leg, bool restart_ice, GError **error);
/* LEG_OFFERER whose machine is on another network now: looks for addresses anew. What was sent the
 * old way is lost; the keys stay. An offer is due, without a further restart. */
bool leg_move(struct leg *leg, GError **error);
bool leg_accept_answer(struct leg *leg, const char *answer, GError **error);
/* A candidate of the peer; one that cannot be used (an mDNS name, an unknown transport) is passed
 * over, never an error. */
void leg_add_candidate(struct leg *leg, const char *candidate, const char *mid);

/* The level (RFC 6464) that a packet of this leg carries, -127 to 0 dBov; false when it says none.
 */
bool leg_packet_level(const struct leg *leg, const struct rtp_packet *packet, int *level_dbov);

/* Which stream's frames the leg is sent as its sound; 0: none. Sequence numbers and timestamps go
 * on without a jump, as all streams of a conference share one timeline. */
void leg_set_audio_stream(struct leg *leg, uint32_t stream);
/* The same for LEG_MEDIUM_VIDEO and LEG_MEDIUM_CONTENT: streams of pictures. The stream before goes
 * on until a key frame of the new one comes, which is asked for by the handler; sequence numbers,
 * timestamps and picture ids go on without a jump. A stream in a codec that the peer does not take
 * is not sent: leg_takes_codec(). */
void leg_set_video_stream(struct leg *leg, unsigned medium, uint32_t stream);
/* The same picture in several sizes, the largest first: the leg goes from one to the other by what
 * its line carries, down at once and up with care. */
#define LEG_RENDITIONS_MAX 8
struct leg_rendition {
    uint32_t stream;
    uint32_t bitrate_bps; /* that it needs */
};
void leg_set_video_renditions(struct leg *leg, unsigned medium,
                              const struct leg_rendition *renditions, unsigned count);
bool leg_takes_codec(const struct leg *leg, unsigned medium, enum coded_codec codec);

/* Pictures of the peer that are wanted: none, or those of at most this many lines (0: any), as far
 * as it offers several sizes. */
void leg_open_video(struct leg *leg, unsigned medium, bool is_open, unsigned lines);
/* Asks the peer for a key frame, twice a second at most. */
void leg_request_keyframe(struct leg *leg, unsigned medium);

/* Sends one frame at once (the room client's way out, which has one leg a room). */
void leg_send_frame(struct leg *leg, const struct frame *frame);

/* A line test's packets go out under `ssrc`, which the leg keeps to for its life, and what comes
 * under `peer_ssrc` is handed on as LEG_MEDIUM_PROBE until leg_close_probe(). Neither is one of the
 * sound's. */
void leg_open_probe(struct leg *leg, uint32_t ssrc, uint32_t peer_ssrc);
void leg_close_probe(struct leg *leg);
/* False when it was not sent: not connected, too large, a full line. */
bool leg_send_probe(struct leg *leg, const uint8_t *payload, size_t size);
/* Where the sound's clock stands now, as in struct frame: for sound that is sent without a stream.
 */
uint32_t leg_audio_clock(const struct leg *leg);

enum leg_state leg_get_state(const struct leg *leg);
/* The protection profile that DTLS chose, srtp_suite_name(); NULL before there are keys. */
const char *leg_srtp_profile(const struct leg *leg);

struct leg_counters {
    uint64_t rtp_received, rtp_sent, send_errors, srtp_failures;
    uint64_t rtp_lost;  /* by gaps in the peer's sequence numbers, RFC 3550 A.3 */
    uint32_t jitter_us; /* RFC 3550 A.8, sound */
    uint32_t rtt_us;    /* from receiver reports; 0: not known yet */
    uint32_t peer_lost; /* of what we sent, by the peer's reports */
    int level_dbov;     /* the last level heard, -127 to 0; -127: silent or not known */
    /* Pictures, of both media together. */
    uint64_t video_packets_received, video_bytes_received, video_packets_sent;
    uint64_t video_frames;           /* of the peer's, that came out whole */
    uint64_t video_lost;             /* packets, by the sequence numbers */
    uint64_t video_nacks_sent;       /* packets asked for */
    uint64_t video_repairs_received; /* packets that came by RTX */
    uint64_t video_repairs_sent;
    uint64_t video_restarts;            /* times that frames were let go up to a key frame */
    uint64_t video_keyframe_requests;   /* to the peer */
    uint32_t video_width, video_height; /* of the newest picture of LEG_MEDIUM_VIDEO */
    uint32_t estimate_bps;              /* what the line to the peer carries; 0: not known yet */
    /* The streams of LEG_MEDIUM_VIDEO: the one that is sent, and the one that it goes to; 0: none
     */
    uint32_t video_stream, video_next;
};
void leg_counters(const struct leg *leg, struct leg_counters *counters);
