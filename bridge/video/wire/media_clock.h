/* When a picture was taken, by this machine's clock. A peer's sender reports tie its RTP clocks to
 * its NTP clock (RFC 3550 section 6.4.1), and the reports' arrival ties that to ours: the quickest
 * report counts, as the others were only held up on the way. Sound and pictures of a peer share one
 * struct peer_clock, so that what was taken together stays together.
 *
 * Thread: one owner; no allocation. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct peer_clock {
    bool is_known;
    int64_t offset_us; /* from the peer's NTP clock to our monotonic one */
};

/* A sender report with this NTP time came. */
void peer_clock_note(struct peer_clock *clock, uint64_t ntp_time, int64_t arrival_us);

/* One RTP stream of a peer. */
struct media_clock {
    uint32_t clock_rate;
    bool has_report, has_packet;
    uint32_t report_timestamp, packet_timestamp;
    int64_t report_ntp_us, packet_us;
};

void media_clock_report(struct media_clock *clock, uint64_t ntp_time, uint32_t timestamp);
/* When what has this timestamp was taken; `arrival_us` ties the clock before there are reports.
 * Never after its arrival. */
int64_t media_clock_capture_us(struct media_clock *clock, const struct peer_clock *peer,
                               uint32_t timestamp, int64_t arrival_us);
