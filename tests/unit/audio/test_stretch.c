#include "bridge/audio/level.h"
#include "bridge/audio/stretch.h"
#include "tests/unit/audio/speech.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define COUNT 960

static void tone(int16_t *samples, unsigned count, double hz)
{
    for (unsigned i = 0; i < count; i++)
        samples[i] = (int16_t)lrint(10000 * sin(2 * M_PI * hz * i / 48000));
}

/* The largest bend: what a click would be. */
static int sharpest(const int16_t *samples, unsigned count)
{
    int most = 0;
    for (unsigned i = 2; i < count; i++)
        most = MAX(most, abs(samples[i] - 2 * samples[i - 1] + samples[i - 2]));
    return most;
}

static void a_tone_is_shortened_by_whole_periods(void)
{
    for (int hz = 90; hz < 2000; hz += 37) {
        int16_t samples[COUNT];
        tone(samples, COUNT, hz);
        int bend = sharpest(samples, COUNT);
        unsigned taken = stretch_shorten(samples, COUNT, STRETCH_MAX, 0.9f);
        g_assert_cmpuint(taken, >=, STRETCH_MIN);
        double periods = taken * hz / 48000.0;
        g_assert_cmpfloat(fabs(periods - round(periods)), <, 0.06);
        g_assert_cmpint(sharpest(samples, COUNT - taken), <=, bend * 11 / 10 + 4);
    }
}

static void a_tone_is_lengthened_by_whole_periods(void)
{
    for (int hz = 90; hz < 2000; hz += 37) {
        int16_t samples[COUNT + STRETCH_MAX];
        tone(samples, COUNT, hz);
        int bend = sharpest(samples, COUNT);
        unsigned added = stretch_lengthen(samples, COUNT, STRETCH_MAX, 0.9f);
        g_assert_cmpuint(added, >=, STRETCH_MIN);
        g_assert_cmpint(sharpest(samples, COUNT + added), <=, bend * 11 / 10 + 4);
        g_assert_cmpfloat(
            fabs(level_goertzel(samples, COUNT + added, 48000, hz) - 20 * log10(10000 / 32767.0)),
            <, 0.6);
    }
}

static void both_ends_stay_as_they_are(void)
{
    int16_t before[COUNT], after[COUNT + STRETCH_MAX];
    tone(before, COUNT, 150);
    memcpy(after, before, sizeof before);
    unsigned added = stretch_lengthen(after, COUNT, STRETCH_MAX, 0.5f);
    g_assert_cmpint(after[0], ==, before[0]);
    g_assert_cmpint(after[COUNT + added - 1], ==, before[COUNT - 1]);
    memcpy(after, before, sizeof before);
    unsigned taken = stretch_shorten(after, COUNT, STRETCH_MAX, 0.5f);
    g_assert_cmpint(abs(after[0] - before[0]), <=, 30);
    g_assert_cmpint(after[COUNT - taken - 1], ==, before[COUNT - 1]);
}

static void noise_is_left_alone_unless_anything_will_do(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    int16_t samples[COUNT];
    for (int i = 0; i < COUNT; i++)
        samples[i] = (int16_t)g_rand_int_range(rand, -9000, 9000);
    g_assert_cmpuint(stretch_shorten(samples, COUNT, STRETCH_MAX, 0.7f), ==, 0);
    g_assert_cmpuint(stretch_shorten(samples, COUNT, STRETCH_MAX, -1), >=, STRETCH_MIN);
}

static void no_more_than_asked_is_taken(void)
{
    int16_t samples[COUNT] = {0};
    g_assert_cmpuint(stretch_shorten(samples, COUNT, STRETCH_MIN - 1, -1), ==, 0);
    for (unsigned most = STRETCH_MIN; most < 2 * STRETCH_MAX; most += 37) {
        memset(samples, 0, sizeof samples);
        unsigned taken = stretch_shorten(samples, COUNT, most, -1);
        g_assert_cmpuint(taken, >=, STRETCH_MIN);
        g_assert_cmpuint(taken, <=, MIN(most, STRETCH_MAX));
    }
}

static void a_frame_that_is_too_short_is_left_alone(void)
{
    int16_t samples[240 + STRETCH_MAX] = {0};
    g_assert_cmpuint(stretch_shorten(samples, 240, STRETCH_MAX, -1), ==, 0);
    g_assert_cmpuint(stretch_lengthen(samples, 240, STRETCH_MAX, -1), ==, 0);
}

static void speech_has_places_to_stretch(void)
{
    struct speech speech = speech_new(140, -23);
    unsigned frames = 0, stretched = 0;
    for (; frames < 500; frames++) {
        int16_t samples[COUNT];
        speech_read(&speech, samples, COUNT);
        stretched += stretch_shorten(samples, COUNT, STRETCH_MAX, 0.7f) > 0;
    }
    g_assert_cmpuint(stretched, >, frames / 4);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stretch/a_tone_is_shortened_by_whole_periods",
                    a_tone_is_shortened_by_whole_periods);
    g_test_add_func("/stretch/a_tone_is_lengthened_by_whole_periods",
                    a_tone_is_lengthened_by_whole_periods);
    g_test_add_func("/stretch/both_ends_stay_as_they_are", both_ends_stay_as_they_are);
    g_test_add_func("/stretch/noise_is_left_alone_unless_anything_will_do",
                    noise_is_left_alone_unless_anything_will_do);
    g_test_add_func("/stretch/no_more_than_asked_is_taken", no_more_than_asked_is_taken);
    g_test_add_func("/stretch/a_frame_that_is_too_short_is_left_alone",
                    a_frame_that_is_too_short_is_left_alone);
    g_test_add_func("/stretch/speech_has_places_to_stretch", speech_has_places_to_stretch);
    return g_test_run();
}
