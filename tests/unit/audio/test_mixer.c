#include "bridge/audio/level.h"
#include "bridge/audio/mixer.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FRAME MIXER_FRAME

/* Frame `index` of an endless sine. */
static void tone(int16_t samples[FRAME], double amplitude, double frequency, int index)
{
    for (int i = 0; i < FRAME; i++)
        samples[i] =
            (int16_t)lrint(amplitude * sin(2 * M_PI * frequency * (index * FRAME + i) / 48000));
}

static bool add(struct mixer *mixer, struct voice *voice, const int16_t samples[FRAME])
{
    int32_t wide[FRAME];
    for (int i = 0; i < FRAME; i++)
        wide[i] = samples[i];
    return mixer_add(mixer, voice, wide);
}

/* What comes out is what went in, but for the limiter's delay. */
static void check_same(const int16_t out[FRAME], const int16_t in[FRAME])
{
    g_assert_cmpmem(out + LIMITER_DELAY, (FRAME - LIMITER_DELAY) * sizeof *out, in,
                    (FRAME - LIMITER_DELAY) * sizeof *in);
}

static int largest_step(const int16_t *samples, unsigned count)
{
    int largest = 0;
    for (unsigned i = 1; i < count; i++)
        largest = MAX(largest, abs(samples[i] - samples[i - 1]));
    return largest;
}

static void an_open_voice_is_heard_bit_for_bit(void)
{
    struct mixer mixer;
    struct voice voice = {.is_open = true, .was_open = true};
    struct limiter limiter = {0};
    int16_t in[FRAME], out[FRAME];
    tone(in, 20000, 440, 0);
    mixer_begin(&mixer);
    g_assert_true(add(&mixer, &voice, in));
    g_assert_true(mixer_read(&mixer, NULL, &limiter, out));
    check_same(out, in);
}

static void nobody_hears_himself(void)
{
    struct mixer mixer;
    struct voice one = {.is_open = true, .was_open = true}, other = one;
    struct limiter limiter = {0};
    int16_t first[FRAME], second[FRAME], out[FRAME];
    tone(first, 32767, 440, 0); /* loud enough for the limiter to work on the sum of both */
    tone(second, 9000, 700, 0);
    mixer_begin(&mixer);
    add(&mixer, &one, first);
    add(&mixer, &other, second);
    g_assert_true(mixer_read(&mixer, &one, &limiter, out));
    check_same(out, second);
}

static void the_only_speaker_hears_exactly_nothing(void)
{
    struct mixer mixer;
    struct voice voice = {.is_open = true, .was_open = true};
    struct limiter limiter = {0};
    int16_t in[FRAME], out[FRAME];
    tone(in, 32767, 440, 0);
    mixer_begin(&mixer);
    add(&mixer, &voice, in);
    g_assert_false(mixer_read(&mixer, &voice, &limiter, out));
    g_assert_cmpint(level_peak(out, FRAME), ==, 0);
}

static void a_closed_voice_is_exactly_zero_at_full_scale(void)
{
    struct mixer mixer;
    struct voice voice = {0};
    struct limiter limiter = {0};
    int16_t in[FRAME], out[FRAME];
    for (int i = 0; i < FRAME; i++)
        in[i] = i % 2 == 0 ? INT16_MAX : INT16_MIN;
    mixer_begin(&mixer);
    g_assert_false(add(&mixer, &voice, in));
    g_assert_false(mixer_read(&mixer, NULL, &limiter, out));
    g_assert_cmpint(level_peak(out, FRAME), ==, 0);
}

static void opening_and_closing_takes_one_frame_and_does_not_click(void)
{
    enum { FRAMES = 6 };
    struct mixer mixer;
    struct voice voice = {0};
    struct limiter limiter = {0};
    int16_t in[FRAME], out[FRAMES * FRAME];
    for (int frame = 0; frame < FRAMES; frame++) {
        voice.is_open = frame == 1 || frame == 2 || frame == 3;
        tone(in, 20000, 200, frame);
        mixer_begin(&mixer);
        add(&mixer, &voice, in);
        mixer_read(&mixer, NULL, &limiter, out + frame * FRAME);
    }
    /* A 200 Hz sine moves by at most 2 pi 200 / 48000 of its amplitude, the ramp by pi / 2 / 480 of
     * it. */
    int natural = (int)ceil(20000 * 2 * M_PI * 200 / 48000);
    int ramp = (int)ceil(20000 * M_PI / 2 / MIXER_RAMP);
    g_assert_cmpint(largest_step(out, FRAMES * FRAME), <=, natural + ramp + 2);
    g_assert_cmpint(level_peak(out, FRAME), ==, 0);
    g_assert_cmpint(level_peak(out + 1 * FRAME, FRAME), >, 15000);
    g_assert_cmpint(level_peak(out + 4 * FRAME, FRAME), >, 5000);
    g_assert_cmpint(level_peak(out + 4 * FRAME + MIXER_RAMP + LIMITER_DELAY,
                               FRAME - MIXER_RAMP - LIMITER_DELAY),
                    ==, 0);
    g_assert_cmpint(level_peak(out + 5 * FRAME, FRAME), ==, 0);
}

static void a_constant_comes_and_goes_without_a_click(void)
{
    enum { FRAMES = 4 };
    struct mixer mixer;
    struct voice voice = {0};
    struct limiter limiter = {0};
    int16_t in[FRAME], out[FRAMES * FRAME];
    for (int i = 0; i < FRAME; i++)
        in[i] = 24000;
    for (int frame = 0; frame < FRAMES; frame++) {
        voice.is_open = frame == 1 || frame == 2;
        mixer_begin(&mixer);
        add(&mixer, &voice, in);
        mixer_read(&mixer, NULL, &limiter, out + frame * FRAME);
    }
    g_assert_cmpint(largest_step(out, FRAMES * FRAME), <=,
                    (int)(24000 * M_PI / 2 / MIXER_RAMP) + 2);
    g_assert_cmpint(out[2 * FRAME], ==, 24000);
}

static void the_sum_stays_under_minus_1_dbfs(void)
{
    enum { FRAMES = 50, VOICES = 6 };
    struct mixer mixer;
    struct voice voices[VOICES];
    struct limiter limiter = {0};
    int16_t in[FRAME];
    static int16_t out[FRAMES * FRAME];
    memset(voices, 0, sizeof voices);
    for (int frame = 0; frame < FRAMES; frame++) {
        mixer_begin(&mixer);
        for (int i = 0; i < VOICES; i++) {
            voices[i].is_open = voices[i].was_open = true;
            tone(in, frame < 10 ? 4000 : 30000, 300 + 130 * i, frame);
            add(&mixer, &voices[i], in);
        }
        mixer_read(&mixer, NULL, &limiter, out + frame * FRAME);
    }
    g_assert_cmpint(level_peak(out, FRAMES * FRAME), <=, LIMITER_PEAK);
    /* It is turned down, not cut off: the tones are there, and what is not in them is not. */
    const int16_t *settled = out + (FRAMES - 10) * FRAME;
    double wanted = level_goertzel(settled, 9600, 48000, 300);
    double distortion = level_goertzel(settled, 9600, 48000, 1400);
    g_assert_cmpfloat(wanted, >, -20);
    g_assert_cmpfloat(distortion, <, wanted - 30);
}

static void the_limiter_lets_go_again(void)
{
    struct mixer mixer;
    struct voice one = {.is_open = true, .was_open = true}, other = one;
    struct limiter limiter = {0};
    int16_t in[FRAME], out[FRAME];
    for (int frame = 0; frame < 100; frame++) {
        tone(in, 20000, 440, frame);
        mixer_begin(&mixer);
        add(&mixer, &one, in);
        if (frame < 5)
            add(&mixer, &other, in);
        mixer_read(&mixer, NULL, &limiter, out);
        if (frame == 5)
            g_assert_cmpint(level_peak(out + LIMITER_DELAY, FRAME - LIMITER_DELAY), <, 17500);
    }
    check_same(out, in);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/mixer/" #name, name)
    ADD(an_open_voice_is_heard_bit_for_bit);
    ADD(nobody_hears_himself);
    ADD(the_only_speaker_hears_exactly_nothing);
    ADD(a_closed_voice_is_exactly_zero_at_full_scale);
    ADD(opening_and_closing_takes_one_frame_and_does_not_click);
    ADD(a_constant_comes_and_goes_without_a_click);
    ADD(the_sum_stays_under_minus_1_dbfs);
    ADD(the_limiter_lets_go_again);
    return g_test_run();
}
