/* A leg's inside, for leg.c (life, descriptions, states) and leg_media.c (packets).
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

    struct ice *ice;
    struct dtls *dtls;
    struct srtp_endpoint *srtp; /* NULL until the keys are there */
    enum srtp_suite suite;
    struct leg_datagram *flight; /* NULL once connected */
    unsigned flight_count;

    bool has_remote;
    char remote_ufrag[SDP_TOKEN_SIZE];
    char remote_fingerprint[SDP_FINGERPRINT_SIZE];
    char audio_mid[SDP_MID_SIZE];
    int opus_payload_type;
    uint8_t audio_level_id;
    uint64_t session_id, session_version;

    /* What is sent. */
    uint32_t audio_ssrc;
    uint16_t sequence_number;
    uint32_t timestamp_offset;
    uint32_t last_timestamp;
    uint32_t stream;
    uint32_t packets_sent, octets_sent;

    /* What arrives. */
    struct reception reception;
    int64_t next_report_us;

    /* leg_counters(): written by the shard, read by any thread. */
    struct {
        atomic_uint_fast64_t rtp_received, rtp_sent, send_errors, srtp_failures, rtp_lost;
        atomic_uint_fast32_t jitter_us, rtt_us, peer_lost;
        atomic_int level_dbov;
    } seen;
};

void leg_receive(struct leg *leg, const uint8_t *bytes, size_t size);
void leg_send_bye(struct leg *leg);
