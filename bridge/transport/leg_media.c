/* A leg's packets. Receiving and sending allocate nothing. */
#include "bridge/transport/leg_private.h"

#include "common/clock.h"

#include <errno.h>
#include <string.h>

#define OPUS_CLOCK 48000
#define REPORT_INTERVAL_US                                                                         \
    5000000 /* RFC 3550's least for small groups, less half to one and a half */
#define PACKET_SIZE_MAX (RTP_HEADER_SIZE + 8 + FRAME_PAYLOAD_MAX + SRTP_OVERHEAD_MAX)

#define COUNT(field)       atomic_fetch_add_explicit(&leg->seen.field, 1, memory_order_relaxed)
#define SHOW(field, value) atomic_store_explicit(&leg->seen.field, value, memory_order_relaxed)

/* ---- in ---- */

bool leg_packet_level(const struct leg *leg, const struct rtp_packet *packet, int *level_dbov)
{
    bool voice;
    return leg->audio_level_id != 0 &&
           rtp_read_audio_level(packet, leg->audio_level_id, level_dbov, &voice);
}

static void follow_reception(struct leg *leg, const struct rtp_packet *packet, int64_t now_us)
{
    int level;
    if (leg->reception.ssrc != packet->ssrc || leg->reception.clock_rate == 0)
        rtcp_reception_start(&leg->reception, packet->ssrc, OPUS_CLOCK);
    rtcp_reception_packet(&leg->reception, packet->sequence_number, packet->timestamp, now_us);
    COUNT(rtp_received);
    SHOW(rtp_lost, rtcp_reception_lost(&leg->reception));
    SHOW(jitter_us, rtcp_reception_jitter_us(&leg->reception));
    if (leg_packet_level(leg, packet, &level))
        SHOW(level_dbov, level);
}

static void receive_rtp(struct leg *leg, uint8_t *bytes, size_t size)
{
    struct rtp_packet packet;
    int64_t now_us = clock_monotonic_us();
    enum srtp_result result = srtp_endpoint_unprotect_rtp(leg->srtp, bytes, &size);
    if (result == SRTP_REPLAYED)
        return; /* a duplicate on the line is no fault */
    if (result != SRTP_OK || !rtp_parse(&packet, bytes, size)) {
        COUNT(srtp_failures);
        return;
    }
    if (packet.payload_type != leg->opus_payload_type)
        return;
    follow_reception(leg, &packet, now_us);
    if (leg->handlers.rtp != NULL)
        leg->handlers.rtp(leg, LEG_MEDIUM_AUDIO, &packet, now_us, leg->arg);
}

static void on_sender_report(uint32_t ssrc, uint64_t ntp, uint32_t rtp_timestamp, void *arg)
{
    struct leg *leg = arg;
    (void)rtp_timestamp;
    if (leg->reception.is_started && leg->reception.ssrc == ssrc)
        rtcp_reception_sender_report(&leg->reception, ntp, clock_monotonic_us());
}

static void on_report_block(const struct rtcp_report_block *block, void *arg)
{
    struct leg *leg = arg;
    if (block->ssrc != leg->audio_ssrc)
        return;
    uint32_t round_trip = rtcp_round_trip_us(block, rtcp_ntp(clock_utc_us()));
    /* A peer's arithmetic is not ours to trust. */
    if (round_trip > 0 && round_trip < 60000000)
        SHOW(rtt_us, round_trip);
    SHOW(peer_lost, block->cumulative_lost > 0 ? (uint32_t)block->cumulative_lost : 0);
}

static void receive_rtcp(struct leg *leg, uint8_t *bytes, size_t size)
{
    static const struct rtcp_reader reader = {on_sender_report, on_report_block, NULL};
    enum srtp_result result = srtp_endpoint_unprotect_rtcp(leg->srtp, bytes, &size);
    if (result == SRTP_REPLAYED)
        return;
    if (result != SRTP_OK || !rtcp_read(bytes, size, &reader, leg))
        COUNT(srtp_failures);
}

void leg_receive(struct leg *leg, const uint8_t *bytes, size_t size)
{
    uint8_t packet[RTP_PACKET_MAX];
    if (size > sizeof packet)
        return;
    enum rtp_demux kind = rtp_demux(bytes, size);
    if (kind == RTP_DEMUX_DTLS && leg->dtls != NULL) {
        dtls_receive(leg->dtls, bytes, size);
    } else if (leg->srtp != NULL && (kind == RTP_DEMUX_RTP || kind == RTP_DEMUX_RTCP)) {
        memcpy(packet, bytes, size);
        if (kind == RTP_DEMUX_RTP)
            receive_rtp(leg, packet, size);
        else
            receive_rtcp(leg, packet, size);
    }
}

/* ---- out ---- */

void leg_set_audio_stream(struct leg *leg, uint32_t stream)
{
    if (leg->stream == stream)
        return;
    shard_subscribe(leg->shard, leg, leg->stream, stream);
    leg->stream = stream;
}

/* Writes and protects one frame; 0 when it cannot be sent. */
static size_t write_packet(struct leg *leg, const struct frame *frame,
                           uint8_t bytes[PACKET_SIZE_MAX])
{
    bool has_level = leg->audio_level_id != 0 && frame->level_dbov >= 0;
    uint32_t timestamp = leg->timestamp_offset + frame->timestamp;
    size_t size = rtp_write_header(bytes, (uint8_t)leg->opus_payload_type, frame->marker,
                                   leg->sequence_number, timestamp, leg->audio_ssrc,
                                   has_level ? leg->audio_level_id : 0,
                                   has_level ? (uint8_t)frame->level_dbov : 0, frame->voice);
    memcpy(bytes + size, frame->payload, frame->size);
    size += frame->size;
    if (srtp_endpoint_protect_rtp(leg->srtp, bytes, &size) != SRTP_OK)
        return 0;
    leg->sequence_number++;
    leg->last_timestamp = timestamp;
    leg->packets_sent++;
    leg->octets_sent += frame->size;
    return size;
}

static void send_directly(struct leg *leg, int fd, struct mmsghdr *messages, unsigned count)
{
    int sent = sendmmsg(fd, messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    unsigned done = sent > 0 ? (unsigned)sent : 0;
    atomic_fetch_add_explicit(&leg->seen.rtp_sent, done, memory_order_relaxed);
    atomic_fetch_add_explicit(&leg->seen.send_errors, count - done, memory_order_relaxed);
}

void leg_send_frames(struct leg *leg, struct frame *const *frames, unsigned count)
{
    static _Thread_local uint8_t packets[SHARD_BATCH][PACKET_SIZE_MAX];
    struct mmsghdr messages[SHARD_BATCH];
    struct iovec parts[SHARD_BATCH];
    const struct sockaddr *address;
    socklen_t address_size;
    unsigned ready = 0;
    if (leg->srtp == NULL || leg->state != LEG_CONNECTED)
        return;
    int fd = ice_direct_socket(leg->ice, &address, &address_size);
    for (unsigned i = 0; i < count && i < SHARD_BATCH; i++) {
        size_t size = write_packet(leg, frames[i], packets[ready]);
        if (size == 0) {
            COUNT(send_errors);
            continue;
        }
        parts[ready] = (struct iovec){packets[ready], size};
        messages[ready] = (struct mmsghdr){.msg_hdr = {.msg_name = (void *)address,
                                                       .msg_namelen = address_size,
                                                       .msg_iov = &parts[ready],
                                                       .msg_iovlen = 1}};
        ready++;
    }
    if (fd >= 0) {
        send_directly(leg, fd, messages, ready);
        return;
    }
    for (unsigned i = 0; i < ready; i++) {
        if (ice_send(leg->ice, packets[i], parts[i].iov_len))
            COUNT(rtp_sent);
        else
            COUNT(send_errors);
    }
}

void leg_send_frame(struct leg *leg, const struct frame *frame)
{
    struct frame *one = (struct frame *)frame;
    leg_send_frames(leg, &one, 1);
}

/* ---- reports ---- */

static void send_rtcp(struct leg *leg, uint8_t *bytes, size_t size)
{
    if (srtp_endpoint_protect_rtcp(leg->srtp, bytes, &size) == SRTP_OK)
        ice_send(leg->ice, bytes, size);
}

void leg_tick(struct leg *leg, int64_t now_us)
{
    uint8_t bytes[RTCP_REPORT_MAX + SRTP_OVERHEAD_MAX];
    struct rtcp_report_block block;
    if (leg->srtp == NULL || leg->state != LEG_CONNECTED || now_us < leg->next_report_us)
        return;
    /* Spread over the interval, so that the reports of many legs do not fall together. */
    leg->next_report_us =
        now_us + REPORT_INTERVAL_US / 2 + g_random_int_range(0, REPORT_INTERVAL_US);
    struct rtcp_sender sender = {
        .ssrc = leg->audio_ssrc,
        .rtp_timestamp = leg->last_timestamp,
        .ntp = rtcp_ntp(clock_utc_us()),
        .packets = leg->packets_sent,
        .octets = leg->octets_sent,
        .has_sent = leg->packets_sent > 0,
    };
    if (leg->reception.is_started)
        rtcp_reception_report(&leg->reception, now_us, &block);
    size_t size =
        rtcp_write_report(bytes, &sender, &block, leg->reception.is_started ? 1 : 0, leg->name);
    send_rtcp(leg, bytes, size);
}

void leg_send_bye(struct leg *leg)
{
    uint8_t bytes[RTCP_REPORT_MAX + SRTP_OVERHEAD_MAX];
    struct rtcp_sender sender = {.ssrc = leg->audio_ssrc};
    size_t size = rtcp_write_report(bytes, &sender, NULL, 0, leg->name);
    size += rtcp_write_bye(bytes + size, leg->audio_ssrc);
    send_rtcp(leg, bytes, size);
}

void leg_counters(const struct leg *leg, struct leg_counters *counters)
{
#define READ(field) atomic_load_explicit(&leg->seen.field, memory_order_relaxed)
    counters->rtp_received = READ(rtp_received);
    counters->rtp_sent = READ(rtp_sent);
    counters->send_errors = READ(send_errors);
    counters->srtp_failures = READ(srtp_failures);
    counters->rtp_lost = READ(rtp_lost);
    counters->jitter_us = (uint32_t)READ(jitter_us);
    counters->rtt_us = (uint32_t)READ(rtt_us);
    counters->peer_lost = (uint32_t)READ(peer_lost);
    counters->level_dbov = READ(level_dbov);
#undef READ
}
