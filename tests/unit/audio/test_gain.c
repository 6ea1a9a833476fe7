#include "bridge/audio/gain.h"
#include "bridge/audio/limiter.h"
#include "tests/unit/audio/speech.h"

#include <ebur128.h>
#include <glib.h>
#include <math.h>
#include <string.h>

#define FRAME  GAIN_FRAME
#define TARGET (-23.0f)

static void start(struct gain *gain)
{
    gain_init(gain, TARGET, 30, NULL);
}

/* Reads seconds of a voice through the gain; measures the last `measured` of them, as libebur128
 * does. */
static double loudness(struct gain *gain, struct speech *speech, double seconds, double measured)
{
    ebur128_state *meter = ebur128_init(1, 48000, EBUR128_MODE_I);
    double lufs;
    unsigned frames = (unsigned)(seconds * 50), from = (unsigned)((seconds - measured) * 50);
    for (unsigned n = 0; n < frames; n++) {
        int16_t heard[FRAME];
        float samples[FRAME];
        speech_read(speech, heard, FRAME);
        for (int i = 0; i < FRAME; i++)
            samples[i] = heard[i];
        gain_run(gain, samples);
        for (int i = 0; i < FRAME; i++)
            samples[i] /= 32768;
        if (n >= from)
            ebur128_add_frames_float(meter, samples, FRAME);
    }
    g_assert_cmpint(ebur128_loudness_global(meter, &lufs), ==, EBUR128_SUCCESS);
    ebur128_destroy(&meter);
    return lufs;
}

static void every_voice_is_as_loud_after_5_s(void)
{
    for (int lufs = -48; lufs <= -12; lufs += 4) {
        struct gain gain;
        struct speech speech = speech_new(110 + 3 * (lufs + 50), lufs);
        start(&gain);
        loudness(&gain, &speech, 5, 5);
        double after = loudness(&gain, &speech, 10, 10);
        g_assert_cmpfloat(fabs(after - (double)TARGET), <, 2);
    }
}

static void the_gain_is_bounded(void)
{
    struct gain gain;
    struct speech whisper = speech_new(200, -58);
    gain_init(&gain, TARGET, 20, NULL);
    loudness(&gain, &whisper, 20, 5);
    g_assert_cmpfloat(gain.gain_db, <=, 20);
    g_assert_cmpfloat(gain.gain_db, >, 15);
}

static void run_noise(struct gain *gain, unsigned frames, int amplitude)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(5);
    for (unsigned n = 0; n < frames; n++) {
        float samples[FRAME];
        for (int i = 0; i < FRAME; i++)
            samples[i] = amplitude > 0 ? (float)g_rand_int_range(rand, -amplitude, amplitude) : 0;
        gain_run(gain, samples);
    }
}

static void noise_and_silence_do_not_move_it(void)
{
    struct gain gain;
    struct speech speech = speech_new(140, -35);
    start(&gain);
    run_noise(&gain, 500, 300);
    g_assert_cmpfloat(gain.gain_db, ==, 0);
    loudness(&gain, &speech, 10, 5);
    float learnt = gain.gain_db;
    g_assert_cmpfloat(learnt, >, 9);
    run_noise(&gain, 1500, 60);
    run_noise(&gain, 1500, 0);
    g_assert_cmpfloat(fabsf(gain.gain_db - learnt), <, 1);
}

static void a_steady_tone_is_no_speech(void)
{
    struct gain gain;
    start(&gain);
    for (int n = 0; n < 500; n++) {
        float samples[FRAME];
        for (int i = 0; i < FRAME; i++)
            samples[i] = (float)(300 * sin(2 * M_PI * 440 * (n * FRAME + i) / 48000));
        gain_run(&gain, samples);
    }
    g_assert_cmpfloat(gain.gain_db, ==, 0);
}

/* Once it is learnt, nobody hears it move. */
static void it_does_not_pump(void)
{
    struct gain gain;
    struct speech speech = speech_new(140, -35);
    start(&gain);
    loudness(&gain, &speech, 15, 5);
    float least = gain.gain_db, most = gain.gain_db;
    for (int second = 0; second < 60; second++) {
        loudness(&gain, &speech, 1, 1);
        least = fminf(least, gain.gain_db);
        most = fmaxf(most, gain.gain_db);
    }
    g_assert_cmpfloat(most - least, <, 2);
}

static void what_was_learnt_is_not_learnt_again(void)
{
    struct gain first, second;
    struct speech speech = speech_new(140, -42);
    start(&first);
    loudness(&first, &speech, 10, 5);
    struct gain_memory memory = gain_recall(&first);
    gain_init(&second, TARGET, 30, &memory);
    g_assert_cmpfloat(fabs(loudness(&second, &speech, 3, 3) - (double)TARGET), <, 2.5);
}

static void without_a_target_nothing_is_changed(void)
{
    struct gain gain;
    float samples[FRAME];
    gain_init(&gain, 0, 30, NULL);
    for (int i = 0; i < FRAME; i++)
        samples[i] = (float)i;
    for (int n = 0; n < 100; n++)
        gain_run(&gain, samples);
    g_assert_cmpfloat(samples[FRAME - 1], ==, FRAME - 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/gain/" #name, name)
    ADD(every_voice_is_as_loud_after_5_s);
    ADD(the_gain_is_bounded);
    ADD(noise_and_silence_do_not_move_it);
    ADD(a_steady_tone_is_no_speech);
    ADD(it_does_not_pump);
    ADD(what_was_learnt_is_not_learnt_again);
    ADD(without_a_target_nothing_is_changed);
    return g_test_run();
}
