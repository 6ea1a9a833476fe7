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
    uint16_t port_min, port_max; /* UDP ports, for a firewall to let through; 0: any */
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
};
void leg_counters(const struct leg *leg, struct leg_counters *counters);
