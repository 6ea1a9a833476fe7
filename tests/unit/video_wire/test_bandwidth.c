/* The estimate over a line that is drawn up: a rate, a queue in front of it, loss. */
#include "bridge/video/wire/bandwidth.h"

#include <glib.h>
#include <string.h>

#define PACKET      1200
#define WAY_US      30000
#define FEEDBACK_US 60000
#define QUEUE_US    400000             /* longer than this nothing waits: it is lost */
#define CLOCK_US    INT64_C(777000000) /* the peer's is ahead */
#define PENDING_MAX 4096

struct line {
    struct bandwidth bandwidth;
    uint32_t rate_bps;
    unsigned loss_percent;
    bool is_cut;
    GRand *random;
    int64_t now_us, free_us; /* the line's end of what waits */
    double due_us;           /* of the next packet */
    uint16_t number, told;
    int64_t arrivals_us[PENDING_MAX]; /* by number; -1: lost */
};

static void begin(struct line *line, uint32_t rate_bps)
{
    memset(line, 0, sizeof *line);
    bandwidth_init(&line->bandwidth);
    line->rate_bps = rate_bps;
    line->random = g_rand_new_with_seed(3);
    line->now_us = 50000000;
    line->due_us = (double)line->now_us;
}

static void end(struct line *line)
{
    g_rand_free(line->random);
}

static void send_packet(struct line *line)
{
    int64_t now_us = line->now_us, took_us = (int64_t)PACKET * 8 * 1000000 / line->rate_bps;
    int64_t *arrival_us = &line->arrivals_us[line->number % PENDING_MAX];
    bandwidth_sent(&line->bandwidth, line->number++, PACKET, now_us);
    line->free_us = MAX(line->free_us, now_us);
    bool is_lost = line->free_us - now_us > QUEUE_US ||
                   (unsigned)g_rand_int_range(line->random, 0, 100) < line->loss_percent;
    *arrival_us = -1;
    if (is_lost)
        return;
    line->free_us += took_us;
    *arrival_us = line->free_us + WAY_US;
}

static void tell(struct line *line)
{
    while (line->told != line->number) {
        int64_t arrival_us = line->arrivals_us[line->told % PENDING_MAX];
        if (arrival_us > line->now_us - WAY_US)
            break;
        bandwidth_told(&line->bandwidth, line->told++, arrival_us < 0 ? -1 : arrival_us + CLOCK_US,
                       line->now_us);
    }
    bandwidth_judge(&line->bandwidth, line->now_us);
}

/* Sends at this rate for so long, or as the estimate says (0). */
static void run(struct line *line, uint32_t bitrate_bps, unsigned ms)
{
    int64_t until_us = line->now_us + (int64_t)ms * 1000, next_us = line->now_us;
    line->due_us = (double)line->now_us;
    for (; line->now_us < until_us; line->now_us += 1000) {
        while (line->due_us <= (double)line->now_us) {
            uint32_t rate = bitrate_bps != 0 ? bitrate_bps : bandwidth_estimate(&line->bandwidth);
            send_packet(line);
            line->due_us += PACKET * 8e6 / rate;
        }
        if (line->now_us >= next_us) {
            next_us += FEEDBACK_US;
            if (!line->is_cut)
                tell(line);
            bandwidth_tick(&line->bandwidth, line->now_us);
        }
    }
}

static uint32_t estimate(const struct line *line)
{
    return bandwidth_estimate(&line->bandwidth);
}

static void a_line_that_drops_is_followed_within_two_seconds(void)
{
    struct line line;
    begin(&line, 10000000);
    run(&line, 1500000, 8000);
    g_assert_cmpuint(estimate(&line), >, 1500000);
    line.rate_bps = 400000;
    run(&line, 1500000, 2000);
    g_assert_cmpuint(estimate(&line), <, 420000);
    g_assert_cmpuint(estimate(&line), >, 200000);
    end(&line);
}

static void the_estimate_settles_near_what_the_line_carries(void)
{
    struct line line;
    begin(&line, 2000000);
    run(&line, 0, 20000);
    uint64_t sum = 0;
    for (unsigned i = 0; i < 100; i++) {
        run(&line, 0, 300);
        sum += estimate(&line);
    }
    g_assert_cmpuint(sum / 100, >, 1300000);
    g_assert_cmpuint(sum / 100, <, 2200000);
    end(&line);
}

static void it_grows_past_what_is_sent_with_care(void)
{
    struct line line;
    begin(&line, 10000000);
    run(&line, 300000, 5000);
    g_assert_cmpuint(estimate(&line), >, 1300000);
    g_assert_cmpuint(estimate(&line), <, 1700000);
    end(&line);
}

static void where_more_failed_it_is_tried_more_and_more_rarely(void)
{
    struct line line;
    unsigned failures = 0, first_half = 0;
    begin(&line, 600000);
    for (unsigned i = 0; i < 2400; i++) { /* four minutes; a rendition of 300 kb/s or one of 900 */
        uint32_t before = estimate(&line);
        run(&line, before > 1000000 ? 900000 : 300000, 100);
        failures += estimate(&line) < before;
        first_half = i < 1200 ? failures : first_half;
    }
    g_assert_cmpuint(failures, >, 0);
    g_assert_cmpuint(failures - first_half, <=, first_half);
    g_assert_cmpuint(failures, <, 24);
    end(&line);
}

static void a_bad_line_is_not_a_full_one(void)
{
    struct line line;
    begin(&line, 10000000);
    line.loss_percent = 5;
    run(&line, 1000000, 10000);
    g_assert_cmpuint(estimate(&line), >=, 900000);
    end(&line);
}

static void a_line_that_falls_silent_carries_less_and_less(void)
{
    struct line line;
    begin(&line, 10000000);
    run(&line, 1000000, 3000);
    line.is_cut = true;
    run(&line, 1000000, 5000);
    g_assert_cmpuint(estimate(&line), <, 200000);
    end(&line);
}

static void a_pause_of_ours_changes_nothing(void)
{
    struct line line;
    begin(&line, 10000000);
    run(&line, 1000000, 3000);
    uint32_t before = estimate(&line);
    for (unsigned i = 0; i < 100; i++)
        bandwidth_tick(&line.bandwidth, line.now_us += 100000);
    g_assert_cmpuint(estimate(&line), ==, before);
    run(&line, 1000000, 1000);
    g_assert_cmpuint(estimate(&line), >=, before);
    end(&line);
}

static void the_peers_own_estimate_is_a_limit(void)
{
    struct bandwidth bandwidth;
    bandwidth_init(&bandwidth);
    bandwidth_remb(&bandwidth, 350000);
    g_assert_cmpuint(bandwidth_estimate(&bandwidth), ==, 350000);
    bandwidth_remb(&bandwidth, UINT64_MAX);
    g_assert_cmpuint(bandwidth_estimate(&bandwidth), ==, BANDWIDTH_START_BPS);
}

static void reports_of_loss_are_enough_to_go_by(void)
{
    struct bandwidth bandwidth;
    int64_t now_us = 1000000;
    bandwidth_init(&bandwidth);
    for (unsigned i = 0; i < 5; i++, now_us += 1000000) {
        bandwidth_sent(&bandwidth, 0, 1000, now_us);
        bandwidth_reported(&bandwidth, 100, now_us);
    }
    g_assert_cmpuint(bandwidth_estimate(&bandwidth), <, 500000);
    uint32_t before = bandwidth_estimate(&bandwidth);
    bandwidth_reported(&bandwidth, 0, now_us + 60000000); /* nothing was sent meanwhile */
    g_assert_cmpuint(bandwidth_estimate(&bandwidth), ==, before);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/bandwidth/" #name, name)
    ADD(a_line_that_drops_is_followed_within_two_seconds);
    ADD(the_estimate_settles_near_what_the_line_carries);
    ADD(it_grows_past_what_is_sent_with_care);
    ADD(where_more_failed_it_is_tried_more_and_more_rarely);
    ADD(a_bad_line_is_not_a_full_one);
    ADD(a_line_that_falls_silent_carries_less_and_less);
    ADD(a_pause_of_ours_changes_nothing);
    ADD(the_peers_own_estimate_is_a_limit);
    ADD(reports_of_loss_are_enough_to_go_by);
    return g_test_run();
}
