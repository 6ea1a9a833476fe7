#include "bridge/audio/level.h"

#include <glib.h>
#include <math.h>

static void fill_tone(int16_t *samples, size_t count, double amplitude, double frequency)
{
    for (size_t i = 0; i < count; i++)
        samples[i] = (int16_t)lrint(amplitude * sin(2 * M_PI * frequency * (double)i / 48000));
}

static void silence_is_at_minus_127(void)
{
    int16_t samples[960] = {0};
    g_assert_cmpint(level_dbov(samples, 960), ==, -127);
    g_assert_cmpint(level_peak(samples, 960), ==, 0);
    samples[3] = 1;
    g_assert_cmpint(level_dbov(samples, 960), ==, -120);
}

static void a_full_square_is_at_0_and_a_full_sine_at_minus_3(void)
{
    int16_t samples[960];
    for (int i = 0; i < 960; i++)
        samples[i] = i % 2 == 0 ? 32767 : -32768;
    g_assert_cmpint(level_dbov(samples, 960), ==, 0);
    g_assert_cmpint(level_peak(samples, 960), ==, 32768);
    fill_tone(samples, 960, 32767, 1000);
    g_assert_cmpint(level_dbov(samples, 960), ==, -3);
    fill_tone(samples, 960, 3276.7, 1000);
    g_assert_cmpint(level_dbov(samples, 960), ==, -23);
    g_assert_cmpfloat_with_epsilon(level_rms(samples, 960), 3276.7 / sqrt(2), 1);
}

static void goertzel_tells_one_tone_from_another(void)
{
    int16_t samples[4800];
    fill_tone(samples, 4800, 3276.7, 1000);
    g_assert_cmpfloat_with_epsilon(level_goertzel(samples, 4800, 48000, 1000), -20, 0.05);
    g_assert_cmpfloat(level_goertzel(samples, 4800, 48000, 1020), <, -80);
    g_assert_cmpfloat(level_goertzel(samples, 4800, 48000, 440), <, -80);
    fill_tone(samples, 4800, 0, 1000);
    g_assert_cmpfloat(level_goertzel(samples, 4800, 48000, 1000), ==, -200);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/level/silence_is_at_minus_127", silence_is_at_minus_127);
    g_test_add_func("/level/a_full_square_is_at_0_and_a_full_sine_at_minus_3",
                    a_full_square_is_at_0_and_a_full_sine_at_minus_3);
    g_test_add_func("/level/goertzel_tells_one_tone_from_another",
                    goertzel_tells_one_tone_from_another);
    return g_test_run();
}
