/* A leg's packets. Receiving and sending allocate nothing. */
#include "bridge/transport/leg_private.h"

#include "common/clock.h"

#include <errno.h>
#include <string.h>

#define OPUS_CLOCK 48000
#define REPORT_INTERVAL_US                                                                         \
    5000000 /* RFC 3550's least for small groups, less half to one and a half */
/* One report with one block, the cname, a goodbye. */
#define REPORT_SIZE_MAX 384
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
        reception_init(&leg->reception, packet->ssrc, OPUS_CLOCK);
    reception_packet(&leg->reception, packet->sequence_number, packet->timestamp, now_us);
    COUNT(rtp_received);
    SHOW(rtp_lost, reception_lost(&leg->reception));
    SHOW(jitter_us, reception_jitter_us(&leg->reception));
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

/* What the peer says of our sound. */
static void read_report(struct leg *leg, const struct rtcp_packet *packet)
{
    for (unsigned i = 0; i < packet->report.block_count; i++) {
        const struct rtcp_report_block *block = &packet->report.blocks[i];
        uint32_t round_trip_us;
        if (block->ssrc != leg->audio_ssrc)
            continue;
        if (rtcp_round_trip_us(block, rtcp_ntp_time(clock_utc_us()), &round_trip_us))
            SHOW(rtt_us, MAX(round_trip_us, 1)); /* 0 would read as not known */
        SHOW(peer_lost, block->cumulative_lost > 0 ? (uint32_t)block->cumulative_lost : 0);
    }
}

static void receive_rtcp(struct leg *leg, uint8_t *bytes, size_t size)
{
    struct rtcp_reader reader;
    struct rtcp_packet packet;
    enum srtp_result result = srtp_endpoint_unprotect_rtcp(leg->srtp, bytes, &size);
    if (result == SRTP_REPLAYED)
        return;
    if (result != SRTP_OK || !rtcp_reader_init(&reader, bytes, size)) {
        COUNT(srtp_failures);
        return;
    }
    while (rtcp_next(&reader, &packet)) {
        if (packet.kind != RTCP_SENDER_REPORT && packet.kind != RTCP_RECEIVER_REPORT)
            continue;
        if (packet.kind == RTCP_SENDER_REPORT && leg->reception.has_packets &&
            leg->reception.ssrc == packet.sender_ssrc)
            reception_sender_report(&leg->reception, packet.report.sender.ntp_time,
                                    clock_monotonic_us());
        read_report(leg, &packet);
    }
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

/* A sender report once something was sent, a receiver report before; then the cname. */
static size_t write_report(const struct leg *leg, uint8_t bytes[REPORT_SIZE_MAX],
                           const struct rtcp_report_block *blocks, unsigned block_count)
{
    struct rtcp_sender_info sender = {
        .ntp_time = rtcp_ntp_time(clock_utc_us()),
        .rtp_timestamp = leg->last_timestamp,
        .packet_count = leg->packets_sent,
        .octet_count = leg->octets_sent,
    };
    size_t size = leg->packets_sent > 0
                      ? rtcp_write_sender_report(bytes, REPORT_SIZE_MAX, leg->audio_ssrc, &sender,
                                                 blocks, block_count)
                      : rtcp_write_receiver_report(bytes, REPORT_SIZE_MAX, leg->audio_ssrc, blocks,
                                                   block_count);
    return size +
           rtcp_write_description(bytes + size, REPORT_SIZE_MAX - size, leg->audio_ssrc, leg->name);
}

void leg_tick(struct leg *leg, int64_t now_us)
{
    uint8_t bytes[REPORT_SIZE_MAX + SRTP_OVERHEAD_MAX];
    struct rtcp_report_block block;
    if (leg->srtp == NULL || leg->state != LEG_CONNECTED || now_us < leg->next_report_us)
        return;
    /* Spread over the interval, so that the reports of many legs do not fall together. */
    leg->next_report_us =
        now_us + REPORT_INTERVAL_US / 2 + g_random_int_range(0, REPORT_INTERVAL_US);
    bool has_block = reception_report(&leg->reception, now_us, &block);
    size_t size = write_report(leg, bytes, &block, has_block ? 1 : 0);
    send_rtcp(leg, bytes, size);
}

void leg_send_bye(struct leg *leg)
{
    uint8_t bytes[REPORT_SIZE_MAX + SRTP_OVERHEAD_MAX];
    size_t size = write_report(leg, bytes, NULL, 0);
    size += rtcp_write_goodbye(bytes + size, REPORT_SIZE_MAX - size, leg->audio_ssrc);
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
