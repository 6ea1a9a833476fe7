/* A leg's inside, for leg.c (life, states), leg_describe.c (offers, answers), leg_receive.c,
 * leg_send.c and leg_report.c (RTCP).
 *
 * Thread: the shard's, but for `seen`, which any thread may read. */
#pragma once

#include "bridge/transport/dtls.h"
#include "bridge/transport/ice.h"
#include "bridge/transport/leg.h"
#include "bridge/transport/reception.h"
#include "bridge/transport/sdp.h"
#include "bridge/transport/shard_legs.h"
#include "bridge/transport/srtp.h"

/* A DTLS flight that cannot be sent before ICE has a pair. */
#define LEG_FLIGHT_MAX 6

#define LEG_CNAME_SIZE 17

#define LEG_CLOCK_RATE 48000 /* of Opus, RFC 7587 section 4.1 */

#define LEG_COUNT(leg, field) atomic_fetch_add_explicit(&(leg)->seen.field, 1, memory_order_relaxed)
#define LEG_SHOW(leg, field, value)                                                                \
    atomic_store_explicit(&(leg)->seen.field, value, memory_order_relaxed)

struct leg_datagram {
    uint16_t size;
    uint8_t bytes[RTP_PACKET_MAX];
};

struct leg {
    struct shard *shard;
    enum leg_role role;
    char *name;
    struct leg_handlers handlers;
    void *arg;
    enum leg_state state;
    bool is_gone;             /* leg_free() has been called */
    bool is_refused;          /* DTLS has failed: no other state comes */
    int64_t connect_until_us; /* LEG_CONNECTING is LEG_FAILED after this; 0: not running */

    struct ice *ice;
    struct dtls *dtls;
    struct srtp_endpoint *srtp;  /* NULL until the keys are there */
    enum srtp_suite suite;       /* once they are */
    struct leg_datagram *flight; /* NULL once connected */
    unsigned flight_count;

    bool has_remote;
    char remote_ufrag[SDP_TOKEN_SIZE];
    char remote_fingerprint[SDP_FINGERPRINT_SIZE];
    char audio_mid[SDP_MID_SIZE];
    int opus_payload_type;
    uint8_t audio_level_id;
    bool peer_receives; /* by the direction of its description */
    uint64_t session_id, session_version;

    /* What is sent. */
    char cname[LEG_CNAME_SIZE]; /* random (RFC 7022): says nothing of who it is */
    uint32_t audio_ssrc;
    uint16_t sequence_number;
    uint32_t timestamp_offset;
    uint32_t last_timestamp;
    int64_t last_sent_us;
    uint32_t stream;
    uint32_t packets_sent, octets_sent;

    /* Line tests. */
    bool is_probing;
    uint32_t probe_ssrc, probe_peer_ssrc;
    uint16_t probe_sequence_number;

    /* What arrives. */
    struct reception reception;
    uint64_t lost_before; /* by SSRCs before the present one */
    int64_t next_report_us;

    /* leg_counters(): written by the shard, read by any thread. */
    struct {
        atomic_uint_fast64_t rtp_received, rtp_sent, send_errors, srtp_failures, rtp_lost;
        atomic_uint_fast32_t jitter_us, rtt_us, peer_lost;
        atomic_int level_dbov;
    } seen;
};

void leg_enter(struct leg *leg, enum leg_state state);
uint32_t leg_random(void);
/* The peer's description is known: whom to expect. */
void leg_expect_peer(struct leg *leg, const char *fingerprint);
/* Candidates are to be tried (again). */
void leg_start_connecting(struct leg *leg);

/* A datagram from the validated pair. */
void leg_receive(struct leg *leg, const uint8_t *bytes, size_t size);
void leg_receive_rtcp(struct leg *leg, const uint8_t *bytes, size_t size);
void leg_send_report(struct leg *leg, int64_t now_us);
void leg_send_bye(struct leg *leg);
