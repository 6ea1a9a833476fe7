#include "bridge/audio/filter.h"

#include <glib.h>
#include <math.h>

#define COUNT 96000

static double response(struct hum_filter *hum, struct k_filter *k, double hz)
{
    static float samples[COUNT];
    double squares = 0;
    for (int i = 0; i < COUNT; i++)
        samples[i] = (float)(1000 * sin(2 * M_PI * hz * i / 48000));
    if (hum != NULL)
        hum_filter_run(hum, samples, COUNT);
    else
        k_filter_run(k, samples, COUNT);
    for (int i = COUNT / 2; i < COUNT; i++)
        squares += (double)samples[i] * samples[i];
    return 10 * log10(fmax(squares / (COUNT / 2.0) / 500000, 1e-20));
}

static double hum_response(double hz)
{
    struct hum_filter filter;
    hum_filter_init(&filter);
    return response(&filter, NULL, hz);
}

static double k_response(double hz)
{
    struct k_filter filter;
    k_filter_init(&filter);
    return response(NULL, &filter, hz);
}

static void mains_hum_is_taken_out(void)
{
    g_assert_cmpfloat(hum_response(50), <, -60);
    g_assert_cmpfloat(hum_response(100), <, -40);
    g_assert_cmpfloat(hum_response(150), <, -40);
    g_assert_cmpfloat(hum_response(49.5), <, -25); /* as it wanders */
}

static void a_voice_is_left_as_it_is(void)
{
    static const double voice[] = {120, 180, 220, 300, 1000, 3000, 8000, 15000};
    for (unsigned i = 0; i < G_N_ELEMENTS(voice); i++)
        g_assert_cmpfloat(fabs(hum_response(voice[i])), <, 1);
}

static void direct_current_is_taken_out(void)
{
    static float samples[COUNT];
    struct hum_filter filter;
    hum_filter_init(&filter);
    for (int i = 0; i < COUNT; i++)
        samples[i] = 5000;
    hum_filter_run(&filter, samples, COUNT);
    g_assert_cmpfloat(fabsf(samples[COUNT - 1]), <, 0.5);
}

static void silence_becomes_exactly_nothing(void)
{
    static float samples[COUNT];
    struct hum_filter filter;
    hum_filter_init(&filter);
    samples[0] = 30000;
    for (int i = 1; i < COUNT; i++)
        samples[i] = 0;
    hum_filter_run(&filter, samples, COUNT);
    for (unsigned i = 0; i < COUNT / 960; i++)
        hum_filter_run(&filter, samples + COUNT - 960, 960);
    for (unsigned i = 0; i < HUM_STAGES; i++)
        g_assert_cmpfloat(filter.stages[i].state[0], ==, 0);
}

/* BS.1770: 997 Hz is weighted by +0.691 dB; what the formula takes off again. */
static void loudness_is_weighed_as_the_standard_says(void)
{
    g_assert_cmpfloat(fabs(k_response(997) - 0.691), <, 0.02);
    g_assert_cmpfloat(fabs(k_response(10000) - 4.0), <, 0.1);
    g_assert_cmpfloat(fabs(k_response(38.1) + 6.0), <, 0.3);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/filter/" #name, name)
    ADD(mains_hum_is_taken_out);
    ADD(a_voice_is_left_as_it_is);
    ADD(direct_current_is_taken_out);
    ADD(silence_becomes_exactly_nothing);
    ADD(loudness_is_weighed_as_the_standard_says);
    return g_test_run();
}
