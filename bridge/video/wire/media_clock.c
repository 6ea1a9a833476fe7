#include "bridge/video/wire/media_clock.h"

#define DRIFT_STEP_US 250     /* let in per report: clocks differ by some 50 ppm at most */
#define JUMP_US       5000000 /* the peer set its clock */
#define OLDEST_US     5000000 /* no picture is taken longer than this before it comes */

static int64_t ntp_us(uint64_t ntp_time)
{
    return (int64_t)(ntp_time >> 32) * 1000000 +
           (int64_t)(((ntp_time & 0xffffffff) * 1000000) >> 32);
}

void peer_clock_note(struct peer_clock *clock, uint64_t ntp_time, int64_t arrival_us)
{
    int64_t offset_us = arrival_us - ntp_us(ntp_time);
    int64_t later_us = offset_us - clock->offset_us;
    if (!clock->is_known || later_us < 0 || later_us > JUMP_US)
        clock->offset_us = offset_us;
    else
        clock->offset_us += later_us < DRIFT_STEP_US ? later_us : DRIFT_STEP_US;
    clock->is_known = true;
}

void media_clock_report(struct media_clock *clock, uint64_t ntp_time, uint32_t timestamp)
{
    clock->has_report = true;
    clock->report_ntp_us = ntp_us(ntp_time);
    clock->report_timestamp = timestamp;
}

static int64_t since_us(const struct media_clock *clock, uint32_t from, uint32_t to)
{
    return (int64_t)(int32_t)(to - from) * 1000000 / (int64_t)clock->clock_rate;
}

int64_t media_clock_capture_us(struct media_clock *clock, const struct peer_clock *peer,
                               uint32_t timestamp, int64_t arrival_us)
{
    int64_t capture_us;
    if (clock->has_report && peer->is_known) {
        capture_us = clock->report_ntp_us + since_us(clock, clock->report_timestamp, timestamp) +
                     peer->offset_us;
    } else {
        int64_t expected_us =
            clock->packet_us + since_us(clock, clock->packet_timestamp, timestamp);
        if (!clock->has_packet || arrival_us < expected_us ||
            arrival_us > expected_us + OLDEST_US) {
            clock->has_packet = true;
            clock->packet_us = arrival_us;
            clock->packet_timestamp = timestamp;
        }
        capture_us = clock->packet_us + since_us(clock, clock->packet_timestamp, timestamp);
    }
    if (capture_us > arrival_us || capture_us < arrival_us - OLDEST_US)
        return arrival_us;
    return capture_us;
}
