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
#include "bridge/transport/transport_cc.h"
#include "bridge/video/wire/bandwidth.h"
#include "bridge/video/wire/receiver.h"
#include "bridge/video/wire/sender.h"

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

#define LEG_PICTURE_MEDIA 2  /* LEG_MEDIUM_VIDEO, LEG_MEDIUM_CONTENT */
#define LEG_SSRCS         16 /* of pictures, whose medium is remembered */

/* One medium of pictures. */
struct leg_pictures {
    struct leg *leg;
    unsigned medium;
    char mid[SDP_MID_SIZE];
    bool is_sent;              /* the peer takes it */
    struct receiver *receiver; /* NULL: not negotiated yet */
    struct sender sender;
    unsigned rendition_count, rendition; /* the one that it is at, of the largest first */
    struct leg_rendition renditions[LEG_RENDITIONS_MAX];
    int64_t key_asked_us;  /* by the peer; 0: never */
    int64_t room_since_us; /* the line has room for the next one up; 0: not */
};

struct leg {
    struct shard *shard;
    enum leg_role role;
    bool is_ice_lite; /* this side */
    char *name;
    struct leg_handlers handlers;
    void *arg;
    enum leg_state state;
    bool is_gone;             /* leg_free() has been called */
    bool is_refused;          /* DTLS has failed: no other state comes */
    int64_t connect_until_us; /* LEG_CONNECTING is LEG_FAILED after this; 0: not running */

    struct ice *ice;
    /* What it was made with, for another one: see leg_renew_ice(). */
    struct {
        char *stun_server, *turn_server;
        char **addresses;
        uint16_t port_min, port_max;
        char *public_address;
        bool has_tcp;
    } ice_settings;
    struct dtls *dtls;
    struct srtp_endpoint *srtp;  /* NULL until the keys are there */
    enum srtp_suite suite;       /* once they are */
    struct leg_datagram *flight; /* NULL once connected */
    unsigned flight_count;

    bool has_remote;
    char remote_ufrag[SDP_TOKEN_SIZE];
    char remote_fingerprint[SDP_FINGERPRINT_SIZE];
    char audio_mid[SDP_MID_SIZE];
    int opus_payload_type, red_payload_type; /* -1: none */
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

    /* Pictures. */
    bool has_pictures; /* wanted */
    bool is_ticking;   /* and negotiated */
    struct leg_pictures pictures[LEG_PICTURE_MEDIA];
    uint8_t payload_media[128]; /* by payload type: which media, a bit each (1 << LEG_MEDIUM_…) */
    uint8_t mid_id, transport_cc_id;
    struct {
        uint32_t ssrc;
        unsigned medium;
    } ssrc_media[LEG_SSRCS];
    unsigned ssrc_next;
    struct peer_clock peer_clock;
    struct transport_cc_log *arrivals; /* NULL: not agreed on */
    uint32_t arrivals_ssrc;            /* of the newest packet in it */
    uint16_t transport_number;         /* of the next packet of pictures that is sent */
    unsigned picture_ticks;
    bool has_remb; /* and no transport-wide feedback: the peer is to be told what comes through */
    uint32_t remb_bps;
    uint64_t remb_packets, remb_lost; /* when it was told last */
    uint32_t repair_room;             /* bytes of repairs that the line may be given now */
    struct bandwidth bandwidth;

    /* leg_counters(): written by the shard, read by any thread. */
    struct {
        atomic_uint_fast64_t rtp_received, rtp_sent, send_errors, srtp_failures, rtp_lost;
        atomic_uint_fast32_t jitter_us, rtt_us, peer_lost;
        atomic_int level_dbov;
        atomic_uint_fast64_t video_packets_received, video_bytes_received, video_packets_sent,
            video_frames, video_lost, video_nacks_sent, video_repairs_received, video_repairs_sent,
            video_restarts, video_keyframe_requests;
        atomic_uint_fast32_t video_width, video_height, estimate_bps, video_stream, video_next;
    } seen;
};

void leg_enter(struct leg *leg, enum leg_state state);
uint32_t leg_random(void);
/* The peer's description is known: whom to expect. */
void leg_expect_peer(struct leg *leg, const char *fingerprint);
/* Begins ICE anew with the addresses that this machine has now, which may be others than when the
 * leg was made; the keys stay. Not from a handler of ICE's. */
bool leg_renew_ice(struct leg *leg, GError **error);
/* Candidates are to be tried (again). */
void leg_start_connecting(struct leg *leg);

/* A datagram from the validated pair. */
void leg_receive(struct leg *leg, const uint8_t *bytes, size_t size);
void leg_receive_rtcp(struct leg *leg, const uint8_t *bytes, size_t size);
void leg_send_report(struct leg *leg, int64_t now_us);
void leg_send_bye(struct leg *leg);

/* Any RTCP but reports, with SRTP_OVERHEAD_MAX bytes of room behind it. */
void leg_send_rtcp(struct leg *leg, uint8_t *bytes, size_t size, size_t capacity);

/* A batch on its way out, of packets that are protected already. */
#define LEG_PACKET_SIZE_MAX                                                                        \
    (RTP_HEADER_SIZE + 8 + 2 + FRAME_PAYLOAD_MAX + SRTP_OVERHEAD_MAX) /* with RTX's number */
struct leg_batch {
    unsigned count;
    uint16_t sizes[SHARD_BATCH];
    _Alignas(4) uint8_t packets[SHARD_BATCH][(LEG_PACKET_SIZE_MAX + 3) / 4 * 4];
};
/* Protects the packet of `size` bytes that stands at packets[count] and counts it in. */
void leg_batch_add(struct leg *leg, struct leg_batch *batch, size_t size);
void leg_batch_send(struct leg *leg, struct leg_batch *batch);

/* leg_video.c. */
void leg_init_pictures(struct leg *leg);
void leg_free_pictures(struct leg *leg);
void leg_unsubscribe_pictures(struct leg *leg);
/* What the peer's description says of pictures; and ours of them. */
void leg_take_pictures(struct leg *leg, const struct sdp_session *remote);
void leg_describe_pictures(const struct leg *leg, struct sdp_local *local);
/* An authenticated packet of a payload type that may be of pictures. */
void leg_receive_picture(struct leg *leg, const struct rtp_packet *packet, int64_t now_us);
struct leg_pictures *leg_pictures_of(const struct leg *leg, unsigned medium);
void leg_receive_picture_rtcp(struct leg *leg, const struct rtcp_packet *packet, int64_t now_us);
/* leg_video_send.c. */
struct leg_pictures *leg_find_sender(struct leg *leg, uint32_t ssrc);
int64_t leg_round_trip_us(const struct leg *leg);
void leg_repair_pictures(struct leg *leg, const struct rtcp_packet *nack, int64_t now_us);
void leg_need_keyframe(struct leg *leg, uint32_t ssrc, int64_t now_us);
void leg_take_arrivals(struct leg *leg, const struct rtcp_packet *feedback, int64_t now_us);
/* What the peer says of pictures that we send. */
void leg_take_picture_block(struct leg *leg, const struct rtcp_report_block *block);
void leg_tick_sending(struct leg *leg, int64_t now_us);
/* Those of `frames`, all of one stream, that go to the peer. */
void leg_send_pictures(struct leg *leg, struct frame *const *frames, unsigned count);
