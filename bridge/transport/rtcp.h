/* RTCP (RFC 3550 section 6): what is read of compound packets, the reports that are written, and
 * the reception statistics behind them.
 *
 * Thread: any, one at a time; no allocation. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rtcp_type { RTCP_SR = 200, RTCP_RR = 201, RTCP_SDES = 202, RTCP_BYE = 203 };

/* RFC 3550 section 6.4.1. */
struct rtcp_report_block {
    uint32_t ssrc;
    uint8_t fraction_lost; /* of 256, since the last report */
    int32_t cumulative_lost;
    uint32_t highest_sequence;
    uint32_t jitter;        /* in the stream's clock */
    uint32_t last_sr;       /* middle 32 bits of the NTP time of the last SR; 0: none yet */
    uint32_t delay_last_sr; /* in 1/65536 s */
};

/* Called with what a compound packet holds. */
struct rtcp_reader {
    void (*sender_report)(uint32_t ssrc, uint64_t ntp, uint32_t rtp_timestamp, void *arg);
    void (*report_block)(const struct rtcp_report_block *block, void *arg);
    void (*bye)(uint32_t ssrc, void *arg);
};

/* False for what is not whole RTCP: what came before the fault has been told. Types that are not
 * known are passed over; reduced-size packets (RFC 5506) are fine. */
bool rtcp_read(const uint8_t *bytes, size_t size, const struct rtcp_reader *reader, void *arg);

/* Reception of one SSRC: RFC 3550 A.1, A.3 and A.8. */
struct rtcp_reception {
    uint32_t ssrc;
    bool is_started;
    uint32_t clock_rate;
    uint32_t cycles;
    uint16_t max_sequence;
    uint32_t base_sequence;
    uint64_t received;
    uint64_t expected_prior, received_prior;
    int32_t transit;
    uint32_t jitter; /* times 16, in the stream's clock */
    uint32_t last_sr;
    int64_t last_sr_us;
};

void rtcp_reception_start(struct rtcp_reception *reception, uint32_t ssrc, uint32_t clock_rate);
void rtcp_reception_packet(struct rtcp_reception *reception, uint16_t sequence_number,
                           uint32_t timestamp, int64_t arrival_us);
void rtcp_reception_sender_report(struct rtcp_reception *reception, uint64_t ntp, int64_t now_us);
uint64_t rtcp_reception_lost(const struct rtcp_reception *reception);
uint32_t rtcp_reception_jitter_us(const struct rtcp_reception *reception);
/* The next report block; starts a new interval. */
void rtcp_reception_report(struct rtcp_reception *reception, int64_t now_us,
                           struct rtcp_report_block *block);

/* Round trip by a report block about us, RFC 3550 section 6.4.1; 0: not known. `ntp_now` is
 * rtcp_ntp() of its arrival. */
uint32_t rtcp_round_trip_us(const struct rtcp_report_block *block, uint64_t ntp_now);
/* UTC as an NTP timestamp: seconds since 1900 in the upper half. */
uint64_t rtcp_ntp(int64_t utc_us);

/* What a report says of our own stream. */
struct rtcp_sender {
    uint32_t ssrc;
    uint32_t rtp_timestamp; /* of the moment `ntp` */
    uint64_t ntp;
    uint32_t packets, octets;
    bool has_sent; /* SR instead of RR */
};

#define RTCP_REPORT_MAX 256

/* SR or RR with `blocks`, and SDES with the cname (at most 100 bytes); the size. */
size_t rtcp_write_report(uint8_t bytes[RTCP_REPORT_MAX], const struct rtcp_sender *sender,
                         const struct rtcp_report_block *blocks, unsigned block_count,
                         const char *cname);
size_t rtcp_write_bye(uint8_t *bytes, uint32_t ssrc);
