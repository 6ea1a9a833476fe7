/* A leg's packets on their way out. Nothing here allocates. */
#include "bridge/transport/leg_private.h"

#include "common/clock.h"

#include <errno.h>
#include <string.h>

#define PACKET_SIZE_MAX (RTP_HEADER_SIZE + 8 + FRAME_PAYLOAD_MAX + SRTP_OVERHEAD_MAX)

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
    leg->sequence_number++; /* whatever comes of it: a number is protected once at most */
    if (srtp_endpoint_protect_rtp(leg->srtp, bytes, &size, PACKET_SIZE_MAX) != SRTP_OK)
        return 0;
    leg->last_timestamp = timestamp;
    leg->packets_sent++;
    leg->octets_sent += frame->size;
    return size;
}

/* A message that the kernel refuses is passed over; when the line is full the rest is dropped, as
 * late sound is worth nothing. */
static void send_directly(struct leg *leg, int fd, struct mmsghdr *messages, unsigned count)
{
    unsigned next = 0, sent = 0;
    while (next < count) {
        int taken = sendmmsg(fd, messages + next, count - next, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (taken > 0) {
            next += (unsigned)taken;
            sent += (unsigned)taken;
        } else if (errno == EAGAIN || errno == ENOBUFS) {
            break;
        } else if (errno != EINTR) {
            next++;
        }
    }
    atomic_fetch_add_explicit(&leg->seen.rtp_sent, sent, memory_order_relaxed);
    atomic_fetch_add_explicit(&leg->seen.send_errors, count - sent, memory_order_relaxed);
}

static void send_through_ice(struct leg *leg, const struct mmsghdr *messages, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const struct iovec *part = messages[i].msg_hdr.msg_iov;
        if (ice_send(leg->ice, part->iov_base, part->iov_len))
            LEG_COUNT(leg, rtp_sent);
        else
            LEG_COUNT(leg, send_errors);
    }
}

void leg_send_frames(struct leg *leg, struct frame *const *frames, unsigned count)
{
    _Alignas(4) uint8_t packets[SHARD_BATCH][PACKET_SIZE_MAX]; /* 40 KiB of stack, not cleared */
    struct mmsghdr messages[SHARD_BATCH];
    struct iovec parts[SHARD_BATCH];
    const struct sockaddr *address;
    socklen_t address_size;
    unsigned ready = 0;
    if (leg->state != LEG_CONNECTED || !leg->peer_receives || leg->is_gone)
        return;
    int fd = ice_direct_socket(leg->ice, &address, &address_size);
    for (unsigned i = 0; i < count && i < SHARD_BATCH; i++) {
        size_t size = write_packet(leg, frames[i], packets[ready]);
        if (size == 0) {
            LEG_COUNT(leg, send_errors);
            continue;
        }
        parts[ready] = (struct iovec){packets[ready], size};
        messages[ready] = (struct mmsghdr){.msg_hdr = {.msg_name = (void *)address,
                                                       .msg_namelen = address_size,
                                                       .msg_iov = &parts[ready],
                                                       .msg_iovlen = 1}};
        ready++;
    }
    leg->last_sent_us = clock_monotonic_us();
    if (fd >= 0)
        send_directly(leg, fd, messages, ready);
    else
        send_through_ice(leg, messages, ready);
}

void leg_send_frame(struct leg *leg, const struct frame *frame)
{
    struct frame *one = (struct frame *)frame;
    leg_send_frames(leg, &one, 1);
}
