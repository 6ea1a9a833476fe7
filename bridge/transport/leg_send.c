/* A leg's packets on their way out. Nothing here allocates. */
#include "bridge/transport/leg_private.h"

#include "common/clock.h"

#include <errno.h>
#include <string.h>

void leg_set_audio_stream(struct leg *leg, uint32_t stream)
{
    if (leg->stream == stream)
        return;
    shard_subscribe(leg->shard, leg, leg->stream, stream);
    leg->stream = stream;
}

/* Writes one frame of sound; returns its size. */
static size_t write_packet(struct leg *leg, const struct frame *frame, uint8_t *bytes)
{
    bool has_level = leg->audio_level_id != 0 && frame->level_dbov >= 0;
    uint32_t timestamp = leg->timestamp_offset + frame->timestamp;
    size_t size = rtp_write_header(bytes, (uint8_t)leg->opus_payload_type, frame->marker,
                                   leg->sequence_number, timestamp, leg->audio_ssrc,
                                   has_level ? leg->audio_level_id : 0,
                                   has_level ? (uint8_t)frame->level_dbov : 0, frame->voice);
    memcpy(bytes + size, frame->payload, frame->size);
    leg->sequence_number++; /* whatever comes of it: a number is protected once at most */
    leg->last_timestamp = timestamp;
    leg->packets_sent++;
    leg->octets_sent += frame->size;
    return size + frame->size;
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

void leg_batch_add(struct leg *leg, struct leg_batch *batch, size_t size)
{
    if (srtp_endpoint_protect_rtp(leg->srtp, batch->packets[batch->count], &size,
                                  LEG_PACKET_SIZE_MAX) != SRTP_OK) {
        LEG_COUNT(leg, send_errors);
        return;
    }
    batch->sizes[batch->count++] = (uint16_t)size;
}

void leg_batch_send(struct leg *leg, struct leg_batch *batch)
{
    struct mmsghdr messages[SHARD_BATCH];
    struct iovec parts[SHARD_BATCH];
    const struct sockaddr *address;
    socklen_t address_size;
    int fd = ice_direct_socket(leg->ice, &address, &address_size);
    for (unsigned i = 0; i < batch->count; i++) {
        parts[i] = (struct iovec){batch->packets[i], batch->sizes[i]};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_name = (void *)address,
                                                   .msg_namelen = address_size,
                                                   .msg_iov = &parts[i],
                                                   .msg_iovlen = 1}};
    }
    if (fd >= 0)
        send_directly(leg, fd, messages, batch->count);
    else
        send_through_ice(leg, messages, batch->count);
    batch->count = 0;
}

void leg_send_frames(struct leg *leg, struct frame *const *frames, unsigned count)
{
    struct leg_batch batch; /* 40 KiB of stack, not cleared */
    if (leg->state != LEG_CONNECTED || leg->is_gone)
        return;
    if (frames[0]->is_picture) {
        leg_send_pictures(leg, frames, count);
        return;
    }
    if (!leg->peer_receives)
        return;
    batch.count = 0;
    for (unsigned i = 0; i < count && i < SHARD_BATCH; i++)
        leg_batch_add(leg, &batch, write_packet(leg, frames[i], batch.packets[batch.count]));
    leg->last_sent_us = clock_monotonic_us();
    leg_batch_send(leg, &batch);
}

void leg_send_frame(struct leg *leg, const struct frame *frame)
{
    struct frame *one = (struct frame *)frame;
    leg_send_frames(leg, &one, 1);
}
