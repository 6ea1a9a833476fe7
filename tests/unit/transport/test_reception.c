#include "bridge/transport/reception.h"

#include <glib.h>

#define CLOCK    48000
#define FRAME_US 20000
#define FRAME    960

static void receive(struct reception *reception, unsigned index)
{
    g_assert_true(
        reception_packet(reception, (uint16_t)index, index * FRAME, (int64_t)index * FRAME_US));
}

static void a_source_without_packets_has_nothing_to_report(void)
{
    struct reception reception;
    struct rtcp_report_block block;
    reception_init(&reception, 5, CLOCK);
    g_assert_false(reception_report(&reception, 0, &block));
    g_assert_cmpuint(reception_lost(&reception), ==, 0);
    g_assert_cmpuint(reception_jitter_us(&reception), ==, 0);
}

static void the_extended_number_counts_cycles(void)
{
    struct reception reception;
    struct rtcp_report_block block;
    reception_init(&reception, 5, CLOCK);
    for (unsigned i = 65000; i < 65536 * 2 + 10; i++)
        receive(&reception, i);
    g_assert_true(reception_report(&reception, 0, &block));
    g_assert_cmpuint(block.ssrc, ==, 5);
    g_assert_cmphex(block.highest_sequence_number, ==, 0x20009);
    g_assert_cmpint(block.cumulative_lost, ==, 0);
    g_assert_cmpuint(block.fraction_lost, ==, 0);
}

static void loss_is_told_whole_and_by_interval(void)
{
    struct reception reception;
    struct rtcp_report_block block;
    reception_init(&reception, 5, CLOCK);
    for (unsigned i = 0; i < 100; i++) {
        if (i % 4 != 1)
            receive(&reception, i);
    }
    g_assert_true(reception_report(&reception, 0, &block));
    g_assert_cmpint(block.cumulative_lost, ==, 25);
    g_assert_cmpuint(block.fraction_lost, ==, 64);
    for (unsigned i = 100; i < 200; i++)
        receive(&reception, i);
    g_assert_true(reception_report(&reception, 0, &block));
    g_assert_cmpint(block.cumulative_lost, ==, 25);
    g_assert_cmpuint(block.fraction_lost, ==, 0);
    g_assert_cmpuint(reception_lost(&reception), ==, 25);
}

static void reordered_packets_over_the_wrap_are_not_lost(void)
{
    static const uint16_t order[] = {65534, 0, 65535, 2, 1, 3};
    struct reception reception;
    struct rtcp_report_block block;
    reception_init(&reception, 5, CLOCK);
    for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
        g_assert_true(reception_packet(&reception, order[i], 0, 0));
    g_assert_true(reception_report(&reception, 0, &block));
    g_assert_cmphex(block.highest_sequence_number, ==, 0x10003);
    g_assert_cmpint(block.cumulative_lost, ==, 0);
}

static void duplicates_make_the_reported_loss_negative(void)
{
    struct reception reception;
    struct rtcp_report_block block;
    reception_init(&reception, 5, CLOCK);
    for (unsigned i = 0; i < 10; i++) {
        receive(&reception, i);
        receive(&reception, i);
    }
    g_assert_true(reception_report(&reception, 0, &block));
    g_assert_cmpint(block.cumulative_lost, ==, -10);
    g_assert_cmpuint(block.fraction_lost, ==, 0);
    g_assert_cmpuint(reception_lost(&reception), ==, 0);
}

static void two_in_sequence_after_a_jump_are_a_restart(void)
{
    struct reception reception;
    struct rtcp_report_block block;
    reception_init(&reception, 5, CLOCK);
    receive(&reception, 10);
    receive(&reception, 12);
    g_assert_false(reception_packet(&reception, 30000, 0, 0)); /* a stray one */
    receive(&reception, 13);
    g_assert_false(reception_packet(&reception, 40000, 0, 0));
    g_assert_true(reception_packet(&reception, 40001, 0, 0));
    g_assert_true(reception_report(&reception, 0, &block));
    g_assert_cmpuint(block.highest_sequence_number, ==, 40001);
    g_assert_cmpint(block.cumulative_lost, ==, 0);
    g_assert_cmpuint(reception_lost(&reception), ==, 1); /* number 11 stays counted */
}

/* Every second packet comes 10 ms late: |D| is 480 units throughout, to which the mean converges.
 */
static void jitter_converges_to_the_mean_deviation(void)
{
    struct reception reception;
    reception_init(&reception, 5, CLOCK);
    for (unsigned i = 0; i < 500; i++)
        reception_packet(&reception, (uint16_t)i, i * FRAME,
                         (int64_t)i * FRAME_US + (i % 2 == 0 ? 0 : 10000));
    g_assert_cmpuint(reception_jitter_us(&reception), >, 9900);
    g_assert_cmpuint(reception_jitter_us(&reception), <=, 10000);
}

static void even_arrival_over_the_timestamps_wrap_has_no_jitter(void)
{
    struct reception reception;
    reception_init(&reception, 5, CLOCK);
    for (unsigned i = 0; i < 100; i++)
        reception_packet(&reception, (uint16_t)i, UINT32_MAX - 50 * FRAME + i * FRAME,
                         (int64_t)i * FRAME_US);
    g_assert_cmpuint(reception_jitter_us(&reception), ==, 0);
}

static void the_delay_since_a_sender_report_is_told(void)
{
    struct reception reception;
    struct rtcp_report_block block;
    reception_init(&reception, 5, CLOCK);
    receive(&reception, 1);
    g_assert_true(reception_report(&reception, 1000000, &block));
    g_assert_cmpuint(block.last_sender_report, ==, 0);
    g_assert_cmpuint(block.delay_since_last_report, ==, 0);
    reception_sender_report(&reception, 0x1122334455667788, 2000000);
    g_assert_true(reception_report(&reception, 3500000, &block));
    g_assert_cmphex(block.last_sender_report, ==, 0x33445566);
    g_assert_cmpuint(block.delay_since_last_report, ==, 98304);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reception/a_source_without_packets_has_nothing_to_report",
                    a_source_without_packets_has_nothing_to_report);
    g_test_add_func("/reception/the_extended_number_counts_cycles",
                    the_extended_number_counts_cycles);
    g_test_add_func("/reception/loss_is_told_whole_and_by_interval",
                    loss_is_told_whole_and_by_interval);
    g_test_add_func("/reception/reordered_packets_over_the_wrap_are_not_lost",
                    reordered_packets_over_the_wrap_are_not_lost);
    g_test_add_func("/reception/duplicates_make_the_reported_loss_negative",
                    duplicates_make_the_reported_loss_negative);
    g_test_add_func("/reception/two_in_sequence_after_a_jump_are_a_restart",
                    two_in_sequence_after_a_jump_are_a_restart);
    g_test_add_func("/reception/jitter_converges_to_the_mean_deviation",
                    jitter_converges_to_the_mean_deviation);
    g_test_add_func("/reception/even_arrival_over_the_timestamps_wrap_has_no_jitter",
                    even_arrival_over_the_timestamps_wrap_has_no_jitter);
    g_test_add_func("/reception/the_delay_since_a_sender_report_is_told",
                    the_delay_since_a_sender_report_is_told);
    return g_test_run();
}
