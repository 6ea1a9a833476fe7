/* RTP packets (RFC 3550 section 5) and header extensions (RFC 8285), read through bounds-checked
 * parsing into one struct and written into buffers of the caller's.
 *
 * Thread: any; no state, no allocation. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RTP_HEADER_SIZE 12
#define RTP_PACKET_MAX  1500

struct rtp_packet {
    uint8_t payload_type;
    bool marker;
    uint16_t sequence_number;
    uint32_t timestamp;
    uint32_t ssrc;
    uint8_t csrc_count;
    uint32_t csrc[15];
    uint16_t extension_profile; /* 0xBEDE: one byte, 0x100x: two bytes; 0: none */
    const uint8_t *extension;   /* its data, without the four bytes before; NULL: none */
    size_t extension_size;
    const uint8_t *payload; /* without padding; points into the packet that was parsed */
    size_t payload_size;
};

/* False for what is not a whole RTP version 2 packet. */
bool rtp_parse(struct rtp_packet *packet, const uint8_t *bytes, size_t size);

/* The extension element `id` (1 to 14 for one-byte, 1 to 255 for two-byte headers); NULL when it
 * is not there. */
const uint8_t *rtp_find_extension(const struct rtp_packet *packet, uint8_t id, size_t *size);

/* RFC 6464. False when the element is missing. level_dbov is -127 to 0. */
bool rtp_read_audio_level(const struct rtp_packet *packet, uint8_t id, int *level_dbov,
                          bool *voice);

/* Writes a header, with the audio level as a one-byte extension when `level_id` is not 0; returns
 * its size (at most RTP_HEADER_SIZE + 8). `level_dbov` is 0 to 127 as on the wire. */
size_t rtp_write_header(uint8_t *bytes, uint8_t payload_type, bool marker, uint16_t sequence_number,
                        uint32_t timestamp, uint32_t ssrc, uint8_t level_id, uint8_t level_dbov,
                        bool voice);

/* Signed distance b - a of sequence numbers modulo 2^16. */
static inline int rtp_sequence_distance(uint16_t a, uint16_t b)
{
    return (int16_t)(uint16_t)(b - a);
}

/* RTP or RTCP, for packets of a rtcp-mux transport (RFC 5761 section 4); and STUN, DTLS, SRTP by
 * the first byte (RFC 7983 section 7). */
bool rtp_is_rtcp(const uint8_t *bytes, size_t size);
enum rtp_demux { RTP_DEMUX_STUN, RTP_DEMUX_DTLS, RTP_DEMUX_RTP, RTP_DEMUX_RTCP, RTP_DEMUX_OTHER };
enum rtp_demux rtp_demux(const uint8_t *bytes, size_t size);
