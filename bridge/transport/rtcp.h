/* RTCP packets (RFC 3550 section 6, RFC 4585, RFC 5104): read one by one out of a compound or
 * reduced-size (RFC 5506) datagram through bounds-checked parsing, and written into buffers of the
 * caller's.
 *
 *     struct rtcp_reader reader;
 *     struct rtcp_packet packet;
 *     if (rtcp_reader_init(&reader, bytes, size))
 *         while (rtcp_next(&reader, &packet))
 *             …
 *
 * Thread: any; no state, no allocation. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RTCP_REPORT_BLOCKS_MAX 31  /* RFC 3550: a count of five bits */
#define RTCP_CNAME_MAX         255 /* bytes, without an end */
#define RTCP_SSRCS_MAX         31

enum rtcp_kind {
    RTCP_SENDER_REPORT,
    RTCP_RECEIVER_REPORT,
    RTCP_SOURCE_DESCRIPTION,
    RTCP_GOODBYE,
    RTCP_NACK,         /* RFC 4585 section 6.2.1 */
    RTCP_PLI,          /* RFC 4585 section 6.3.1 */
    RTCP_FIR,          /* RFC 5104 section 4.3.1 */
    RTCP_REMB,         /* draft-alvestrand-rmcat-remb-03 */
    RTCP_TRANSPORT_CC, /* draft-holmer-rmcat-transport-wide-cc-extensions */
    RTCP_OTHER         /* whole, but of no use here */
};

struct rtcp_report_block {
    uint32_t ssrc;                    /* whose packets are reported on */
    uint8_t fraction_lost;            /* of 256, since the report before */
    int32_t cumulative_lost;          /* 24 bits with sign on the wire */
    uint32_t highest_sequence_number; /* extended by the cycles */
    uint32_t jitter;                  /* in units of the RTP clock */
    uint32_t last_sender_report;      /* middle 32 bits of its NTP time; 0: none came yet */
    uint32_t delay_since_last_report; /* in 1/65536 s */
};

struct rtcp_sender_info {
    uint64_t ntp_time; /* rtcp_ntp_time() */
    uint32_t rtp_timestamp;
    uint32_t packet_count;
    uint32_t octet_count; /* of payload */
};

/* All pointers point into the datagram. */
struct rtcp_packet {
    enum rtcp_kind kind;
    uint32_t sender_ssrc; /* of SDES and BYE the first one named; 0: none */
    union {
        struct {
            struct rtcp_sender_info sender; /* of a sender report only */
            unsigned block_count;
            struct rtcp_report_block blocks[RTCP_REPORT_BLOCKS_MAX];
        } report;
        struct {
            const char *cname; /* of the first chunk that has one, not ended; NULL: none */
            size_t cname_size;
            uint32_t ssrc; /* whose cname it is */
        } description;
        struct {
            unsigned ssrc_count;
            uint32_t ssrcs[RTCP_SSRCS_MAX];
        } goodbye;
        /* NACK, PLI, TRANSPORT_CC: RFC 4585 section 6.1. */
        struct {
            uint32_t media_ssrc;
            const uint8_t *information; /* NACK: rtcp_nack_read() */
            size_t information_size;
        } feedback;
        struct {
            unsigned ssrc_count; /* what is asked of more sources than fit is not seen */
            uint32_t ssrcs[RTCP_SSRCS_MAX];
            uint8_t command_sequence_numbers[RTCP_SSRCS_MAX];
        } fir;
        struct {
            uint64_t bitrate_bps;
            unsigned ssrc_count;
            uint32_t ssrcs[RTCP_SSRCS_MAX];
        } remb;
    };
};

struct rtcp_reader {
    const uint8_t *bytes;
    size_t size;
    size_t offset;
};

/* False for what is not a whole datagram of RTCP: every version 2, the lengths add up to the size,
 * padding in the last packet only. The order that RFC 3550 asks of compounds is not enforced, as
 * RFC 5506 lifts it. */
bool rtcp_reader_init(struct rtcp_reader *reader, const uint8_t *bytes, size_t size);

/* The next packet; false at the end. A packet whose inside does not fit its length or that is of
 * another kind comes as RTCP_OTHER. */
bool rtcp_next(struct rtcp_reader *reader, struct rtcp_packet *packet);

/* The sequence numbers that a NACK asks for, in its order; at most `capacity`. */
unsigned rtcp_nack_read(const struct rtcp_packet *nack, uint16_t *lost, unsigned capacity);

/* The writers each write one packet and return its size, 0 if it does not fit `capacity`. Put one
 * behind the other for a compound: a report, then a description (RFC 3550 section 6.1). */
size_t rtcp_write_sender_report(uint8_t *bytes, size_t capacity, uint32_t ssrc,
                                const struct rtcp_sender_info *sender,
                                const struct rtcp_report_block *blocks, unsigned block_count);
size_t rtcp_write_receiver_report(uint8_t *bytes, size_t capacity, uint32_t ssrc,
                                  const struct rtcp_report_block *blocks, unsigned block_count);
/* SDES with one chunk; `cname` has at most RTCP_CNAME_MAX bytes. */
size_t rtcp_write_description(uint8_t *bytes, size_t capacity, uint32_t ssrc, const char *cname);
size_t rtcp_write_goodbye(uint8_t *bytes, size_t capacity, uint32_t ssrc);
/* `lost` ascending modulo 2^16, count at least 1. */
size_t rtcp_write_nack(uint8_t *bytes, size_t capacity, uint32_t ssrc, uint32_t media_ssrc,
                       const uint16_t *lost, unsigned count);
size_t rtcp_write_pli(uint8_t *bytes, size_t capacity, uint32_t ssrc, uint32_t media_ssrc);
/* A repetition of a request has its number again, a new one the next (RFC 5104 section 4.3.1.1). */
size_t rtcp_write_fir(uint8_t *bytes, size_t capacity, uint32_t ssrc, uint32_t media_ssrc,
                      uint8_t command_sequence_number);
/* `count` is at most RTCP_SSRCS_MAX. */
size_t rtcp_write_remb(uint8_t *bytes, size_t capacity, uint32_t ssrc, uint64_t bitrate_bps,
                       const uint32_t *ssrcs, unsigned count);

/* NTP time (seconds since 1900, 32.32) of microseconds of UTC since 1970. */
uint64_t rtcp_ntp_time(int64_t utc_us);

/* RFC 3550 section 6.4.1: the round trip that a report block about us tells, `now` being the NTP
 * time at which it came. False while the peer has had no sender report of ours, or for a block that
 * cannot be true. */
bool rtcp_round_trip_us(const struct rtcp_report_block *block, uint64_t now,
                        uint32_t *round_trip_us);
