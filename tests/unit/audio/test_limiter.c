#include "bridge/audio/level.h"
#include "bridge/audio/limiter.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define FRAME LIMITER_FRAME

static void what_is_not_too_loud_passes_bit_for_bit(void)
{
    struct limiter limiter = {0};
    int32_t in[4 * FRAME];
    int16_t out[4 * FRAME];
    for (int i = 0; i < 4 * FRAME; i++)
        in[i] = (int32_t)lrint(24000 * sin(2 * M_PI * 440 * i / 48000));
    for (int n = 0; n < 4; n++)
        g_assert_true(limiter_run(&limiter, in + n * FRAME, out + n * FRAME));
    for (int i = LIMITER_DELAY; i < 4 * FRAME; i++)
        g_assert_cmpint(out[i], ==, in[i - LIMITER_DELAY]);
}

/* A bang out of silence, wherever in the frame: turned down before it comes, not cut. */
static void a_bang_is_turned_down_before_it_comes(void)
{
    for (int at = 0; at < FRAME; at += 37) {
        struct limiter limiter = {0};
        int32_t in[3 * FRAME];
        int16_t out[3 * FRAME];
        for (int i = 0; i < 3 * FRAME; i++) {
            double loud = i >= FRAME + at ? 100000 : 1000;
            in[i] = (int32_t)lrint(loud * sin(2 * M_PI * 1000 * i / 48000));
        }
        for (int n = 0; n < 3; n++)
            limiter_run(&limiter, in + n * FRAME, out + n * FRAME);
        int flat = 0;
        for (int i = 1; i < 3 * FRAME; i++) {
            g_assert_cmpint(abs(out[i]), <=, LIMITER_PEAK);
            flat += abs(out[i]) == LIMITER_PEAK && out[i] == out[i - 1];
        }
        g_assert_cmpint(flat, ==, 0);
    }
}

/* A quarter of the sampling rate, where samples lie 3 dB under the peak between them. */
static void what_lies_between_two_samples_is_limited_too(void)
{
    struct limiter limiter = {0};
    int32_t in[FRAME];
    int16_t out[FRAME];
    for (int i = 0; i < FRAME; i++)
        in[i] = (int32_t)lrint(40000 * sin(M_PI / 2 * i + M_PI / 4));
    for (int n = 0; n < 20; n++)
        limiter_run(&limiter, in, out);
    g_assert_cmpint(level_peak(out, FRAME), <=, (int)(LIMITER_PEAK * 0.76));
    g_assert_cmpint(level_peak(out, FRAME), >=, (int)(LIMITER_PEAK * 0.65));
}

static void anything_stays_under_the_peak(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(11);
    struct limiter limiter = {0};
    for (int n = 0; n < 2000; n++) {
        int32_t in[FRAME];
        int16_t out[FRAME];
        int most = g_rand_int_range(rand, 1, 1 << 22);
        for (int i = 0; i < FRAME; i++)
            in[i] = g_rand_int_range(rand, -most, most);
        limiter_run(&limiter, in, out);
        g_assert_cmpint(level_peak(out, FRAME), <=, LIMITER_PEAK);
    }
}

static void it_lets_up_within_a_second(void)
{
    struct limiter limiter = {0};
    int32_t in[FRAME];
    int16_t out[FRAME];
    for (int n = 0; n < 60; n++) {
        for (int i = 0; i < FRAME; i++)
            in[i] = (n < 10 ? 60000 : 10000) * (i % 100 < 50 ? 1 : -1);
        limiter_run(&limiter, in, out);
    }
    g_assert_cmpint(level_peak(out, FRAME), >=, 9900);
}

static void silence_is_exactly_nothing(void)
{
    struct limiter limiter = {0};
    int32_t in[FRAME] = {[FRAME - 1] = 5};
    int16_t out[FRAME];
    g_assert_false(limiter_run(&limiter, in, out));
    in[FRAME - 1] = 0;
    g_assert_true(limiter_run(&limiter, in, out));
    g_assert_cmpint(out[LIMITER_DELAY - 1], ==, 5);
    g_assert_false(limiter_run(&limiter, in, out));
    g_assert_cmpint(level_peak(out, FRAME), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/limiter/" #name, name)
    ADD(what_is_not_too_loud_passes_bit_for_bit);
    ADD(a_bang_is_turned_down_before_it_comes);
    ADD(what_lies_between_two_samples_is_limited_too);
    ADD(anything_stays_under_the_peak);
    ADD(it_lets_up_within_a_second);
    ADD(silence_is_exactly_nothing);
    return g_test_run();
}
