/* A leg's line test packets: RTP on an SSRC of their own, so that nothing of the sound's sequence
 * numbers, reports or jitter is touched. */
#include "bridge/transport/leg_private.h"

#include "common/clock.h"

#include <string.h>

#define PACKET_SIZE_MAX (RTP_HEADER_SIZE + FRAME_PAYLOAD_MAX + SRTP_OVERHEAD_MAX)

void leg_open_probe(struct leg *leg, uint32_t ssrc, uint32_t peer_ssrc)
{
    /* One SSRC's numbers go on: SRTP protects each once. */
    if (leg->probe_ssrc != ssrc)
        leg->probe_sequence_number = (uint16_t)(leg_random() & 0x7fff);
    leg->probe_ssrc = ssrc;
    leg->probe_peer_ssrc = peer_ssrc;
    leg->is_probing = true;
}

void leg_close_probe(struct leg *leg)
{
    leg->is_probing = false;
}

bool leg_send_probe(struct leg *leg, const uint8_t *payload, size_t size)
{
    _Alignas(4) uint8_t bytes[PACKET_SIZE_MAX];
    if (!leg->is_probing || leg->is_gone || leg->state != LEG_CONNECTED ||
        size > FRAME_PAYLOAD_MAX || leg->probe_ssrc == leg->audio_ssrc)
        return false;
    size_t total = rtp_write_header(
        bytes, (uint8_t)leg->opus_payload_type, false, leg->probe_sequence_number,
        (uint32_t)(clock_monotonic_us() * 48 / 1000), leg->probe_ssrc, 0, 0, false);
    memcpy(bytes + total, payload, size);
    total += size;
    leg->probe_sequence_number++; /* whatever comes of it: a number is protected once at most */
    return srtp_endpoint_protect_rtp(leg->srtp, bytes, &total, sizeof bytes) == SRTP_OK &&
           ice_send(leg->ice, bytes, total);
}

uint32_t leg_audio_clock(const struct leg *leg)
{
    int64_t since_us = clock_monotonic_us() - leg->last_sent_us;
    return leg->last_timestamp + (uint32_t)(since_us * LEG_CLOCK_RATE / 1000000) -
           leg->timestamp_offset;
}
