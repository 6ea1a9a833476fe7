/* A leg's packets on their way in. Nothing here allocates, but for the first packet of an SSRC. */
#include "bridge/transport/leg_private.h"

#include "bridge/transport/red.h"
#include "common/clock.h"

#include <string.h>

/* A duplicate on the line is no fault. */
static bool is_accepted(struct leg *leg, enum srtp_result result)
{
    if (result != SRTP_OK && result != SRTP_REPLAYED)
        LEG_COUNT(leg, srtp_failures);
    return result == SRTP_OK;
}

bool leg_packet_level(const struct leg *leg, const struct rtp_packet *packet, int *level_dbov)
{
    bool voice;
    return leg->audio_level_id != 0 &&
           rtp_read_audio_level(packet, leg->audio_level_id, level_dbov, &voice);
}

static void follow_reception(struct leg *leg, const struct rtp_packet *packet, int64_t now_us)
{
    int level_dbov;
    struct reception *reception = &leg->reception;
    if (reception->ssrc != packet->ssrc || reception->clock_rate == 0) {
        leg->lost_before += reception_lost(reception);
        reception_init(reception, packet->ssrc, LEG_CLOCK_RATE);
    }
    reception_packet(reception, packet->sequence_number, packet->timestamp, now_us);
    LEG_COUNT(leg, rtp_received);
    LEG_SHOW(leg, rtp_lost, leg->lost_before + reception_lost(reception));
    LEG_SHOW(leg, jitter_us, reception_jitter_us(reception));
    if (leg_packet_level(leg, packet, &level_dbov))
        LEG_SHOW(leg, level_dbov, level_dbov);
}

/* The frames of a RED packet as packets of their own, numbered back from its own: what has come
 * already is a duplicate to the jitter buffer, what was lost is not lost any more. */
static void receive_red(struct leg *leg, const struct rtp_packet *packet, int64_t now_us)
{
    struct red_block blocks[RED_BLOCKS_MAX];
    unsigned count = red_parse(packet, blocks);
    for (unsigned i = 0; i < count; i++) {
        struct rtp_packet frame = *packet;
        if (blocks[i].payload_type != leg->opus_payload_type)
            continue;
        frame.payload_type = blocks[i].payload_type;
        frame.sequence_number = (uint16_t)(packet->sequence_number - (count - 1 - i));
        frame.timestamp = blocks[i].timestamp;
        frame.payload = blocks[i].payload;
        frame.payload_size = blocks[i].size;
        leg->handlers.rtp(leg, LEG_MEDIUM_AUDIO, &frame, now_us, leg->arg);
    }
}

static void receive_rtp(struct leg *leg, uint8_t *bytes, size_t size)
{
    struct rtp_packet packet;
    int64_t now_us = clock_monotonic_us();
    /* The header is not encrypted: what nobody asked for is not worth decrypting. */
    if (size < RTP_HEADER_SIZE || leg->payload_media[bytes[1] & 0x7f] == 0)
        return;
    if (!is_accepted(leg, srtp_endpoint_unprotect_rtp(leg->srtp, bytes, &size)) ||
        !rtp_parse(&packet, bytes, size))
        return;
    if (leg->is_probing && packet.ssrc == leg->probe_peer_ssrc) {
        if (leg->handlers.rtp != NULL)
            leg->handlers.rtp(leg, LEG_MEDIUM_PROBE, &packet, now_us, leg->arg);
        return;
    }
    bool is_red = packet.payload_type == leg->red_payload_type;
    if (packet.payload_type != leg->opus_payload_type && !is_red) {
        leg_receive_picture(leg, &packet, now_us);
        return;
    }
    follow_reception(leg, &packet, now_us);
    if (leg->handlers.rtp != NULL && is_red)
        receive_red(leg, &packet, now_us);
    else if (leg->handlers.rtp != NULL)
        leg->handlers.rtp(leg, LEG_MEDIUM_AUDIO, &packet, now_us, leg->arg);
}

static void receive_rtcp(struct leg *leg, uint8_t *bytes, size_t size)
{
    if (is_accepted(leg, srtp_endpoint_unprotect_rtcp(leg->srtp, bytes, &size)))
        leg_receive_rtcp(leg, bytes, size);
}

void leg_receive(struct leg *leg, const uint8_t *bytes, size_t size)
{
    _Alignas(4) uint8_t packet[RTP_PACKET_MAX];
    enum rtp_demux kind = rtp_demux(bytes, size);
    if (kind == RTP_DEMUX_DTLS && leg->dtls != NULL) {
        dtls_receive(leg->dtls, bytes, size);
    } else if (leg->srtp != NULL && size <= sizeof packet &&
               (kind == RTP_DEMUX_RTP || kind == RTP_DEMUX_RTCP)) {
        memcpy(packet, bytes, size);
        if (kind == RTP_DEMUX_RTP)
            receive_rtp(leg, packet, size);
        else
            receive_rtcp(leg, packet, size);
    }
}
