/* The bridge's end of a line test (docs/protocol.md, "The line test"): gives a leg its own sound
 * back a while later, answers its pings, sends load when asked. While it runs, what the leg says
 * goes nowhere else.
 *
 * Thread: the leg's shard; handlers too.
 * Memory: belongs to its maker; line_test_free() before leg_free(), also from a handler. Allocates
 * nothing per packet. */
#pragma once

#include "bridge/transport/leg.h"

#define LINE_TEST_ECHO_MS      1500
#define LINE_TEST_SECONDS      20 /* unless another length is asked for */
#define LINE_TEST_SECONDS_MAX  60
#define LINE_TEST_LOAD_SECONDS 8     /* of load that one test may ask for */
#define LINE_TEST_KBPS_MAX     20000 /* whatever a configuration says */

struct line_test;

struct line_test_config {
    uint32_t ssrc, peer_ssrc; /* of the probes; peer_ssrc 0: none, only the echo */
    unsigned seconds;         /* it ends by itself after that */
    unsigned load_kbps_max;   /* 0: no load */
};

/* `ended` when its time is over; it then does nothing more. */
struct line_test *line_test_new(struct shard *shard, struct leg *leg,
                                const struct line_test_config *config, void (*ended)(void *arg),
                                void *arg);
void line_test_free(struct line_test *test);

/* What the leg's handler got. */
void line_test_take(struct line_test *test, unsigned medium, const struct rtp_packet *packet,
                    int64_t arrival_us);

/* This end's own measures. */
struct line_test_measures {
    unsigned milliseconds;              /* that the test has run */
    uint64_t sound_packets, sound_lost; /* of the leg's sound */
    uint32_t jitter_us;
    uint32_t rtt_us;      /* by RTCP; 0: not known */
    uint32_t pings;       /* received */
    uint32_t pings_lost;  /* by the highest number received */
    uint32_t echo_frames; /* sent back */
};
void line_test_measure(const struct line_test *test, struct line_test_measures *measures);
