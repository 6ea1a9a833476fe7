/* Tones as they are made, sent as Opus, decoded and found again. */
#include "bridge/audio/decode.h"
#include "client/room/clips.h"
#include "client/room/tones.h"

#include <glib.h>
#include <math.h>

struct told {
    int hz;
    bool is_on;
    int64_t at_us, edge_us;
};

struct listener {
    struct tones *tones;
    struct told told[16];
    unsigned count;
    int64_t due_us;
};

static void on_told(int hz, bool is_on, int64_t at_us, int64_t edge_us, void *arg)
{
    struct listener *listener = arg;
    g_assert_cmpuint(listener->count, <, G_N_ELEMENTS(listener->told));
    listener->told[listener->count++] = (struct told){hz, is_on, at_us, edge_us};
}

static void hear(struct listener *listener, const int16_t samples[TONES_FRAME])
{
    tones_take(listener->tones, samples, listener->due_us);
    listener->due_us += 20000;
}

/* `frames` of a sine that begins at phase 0. */
static void hear_sine(struct listener *listener, int hz, double amplitude, unsigned frames)
{
    int16_t samples[TONES_FRAME];
    for (unsigned frame = 0; frame < frames; frame++) {
        for (unsigned i = 0; i < TONES_FRAME; i++)
            samples[i] =
                (int16_t)lrint(amplitude * sin(2 * G_PI * hz * (frame * TONES_FRAME + i) / 48000));
        hear(listener, samples);
    }
}

static struct listener *listen(const int *hz, unsigned count, bool tells)
{
    struct listener *listener = g_new0(struct listener, 1);
    listener->tones = tones_new(on_told, listener);
    tones_listen(listener->tones, hz, count, tells);
    return listener;
}

static void forget(struct listener *listener)
{
    tones_free(listener->tones);
    g_free(listener);
}

static double level_of(const struct tones *tones, const char *name)
{
    json_t *report = tones_report(tones);
    g_assert_true(json_is_real(json_object_get(report, name)));
    double level = json_real_value(json_object_get(report, name));
    json_decref(report);
    return level;
}

/* Within `most` dB. */
static void assert_level(const struct tones *tones, const char *name, double level, double most)
{
    g_assert_cmpfloat_with_epsilon(level_of(tones, name), level, most);
}

static void a_full_sine_is_at_0_dbfs(void)
{
    static const int hz[] = {440};
    struct listener *listener = listen(hz, 1, false);
    hear_sine(listener, 440, 32767, 50);
    assert_level(listener->tones, "440", 0, 0.05);
    forget(listener);
}

static void tones_40_hz_apart_are_told_apart_in_reports(void)
{
    static const int hz[] = {440, 480};
    struct listener *listener = listen(hz, 2, false);
    hear_sine(listener, 440, 3277, 50);
    assert_level(listener->tones, "440", -20, 0.05);
    g_assert_cmpfloat(level_of(listener->tones, "480"), <, -70);
    forget(listener);
}

static void a_report_is_the_mean_power_since_the_reset(void)
{
    static const int hz[] = {440};
    struct listener *listener = listen(hz, 1, false);
    hear_sine(listener, 440, 3277, 50);
    hear_sine(listener, 440, 0, 50);
    assert_level(listener->tones, "440", -23, 0.1);
    tones_reset(listener->tones);
    g_assert_cmpfloat(level_of(listener->tones, "440"), ==, -200);
    hear_sine(listener, 440, 3277, 5);
    assert_level(listener->tones, "440", -20, 0.05);
    forget(listener);
}

static void beginning_and_end_are_told_with_their_times(void)
{
    static const int hz[] = {440, 640};
    struct listener *listener = listen(hz, 2, true);
    hear_sine(listener, 440, 0, 10);
    hear_sine(listener, 640, 3277, 10);
    hear_sine(listener, 640, 0, 10);
    g_assert_cmpuint(listener->count, ==, 2);
    g_assert_cmpint(listener->told[0].hz, ==, 640);
    g_assert_true(listener->told[0].is_on);
    g_assert_cmpint(listener->told[0].at_us, ==, 10 * 20000);
    g_assert_false(listener->told[1].is_on);
    g_assert_cmpint(listener->told[1].at_us, ==, 20 * 20000);
    forget(listener);
}

static void a_tone_after_silence_has_its_edge(void)
{
    static const int hz[] = {1000};
    struct listener *listener = listen(hz, 1, true);
    int16_t samples[TONES_FRAME] = {0};
    for (unsigned i = 480; i < TONES_FRAME; i++)
        samples[i] = (int16_t)lrint(8000 * sin(2 * G_PI * 1000 * (i - 480) / 48000));
    hear(listener, samples);
    g_assert_cmpuint(listener->count, ==, 1);
    g_assert_cmpint(listener->told[0].at_us, ==, 0);
    g_assert_cmpint(listener->told[0].edge_us, >=, 10000);
    g_assert_cmpint(listener->told[0].edge_us, <, 10200);
    forget(listener);
}

static void what_is_only_measured_is_not_told(void)
{
    static const int hz[] = {440};
    struct listener *listener = listen(hz, 1, false);
    hear_sine(listener, 440, 3277, 10);
    g_assert_cmpuint(listener->count, ==, 0);
    forget(listener);
}

static void a_tone_does_not_flicker_at_its_edge(void)
{
    static const int hz[] = {440};
    struct listener *listener = listen(hz, 1, true);
    double edge = 32767 * pow(10, TONES_ON_DBFS / 20);
    for (unsigned i = 0; i < 10; i++) {
        hear_sine(listener, 440, edge * 1.1, 1);
        hear_sine(listener, 440, edge * 0.7, 1);
    }
    g_assert_cmpuint(listener->count, ==, 1);
    forget(listener);
}

/* A clip as a room hears it: `frames` packets, over its end and on from its beginning. */
static void hear_clip(struct listener *listener, const struct clip *clip, unsigned frames)
{
    struct decoder *decoder = decoder_new();
    int16_t samples[TONES_FRAME];
    for (unsigned i = 0; i < frames; i++) {
        struct clip_packet packet = clip_get(clip, i % clip_length(clip));
        g_assert_true(decoder_decode(decoder, packet.opus, packet.size, samples, TONES_FRAME));
        hear(listener, samples);
    }
    decoder_free(decoder);
}

static void a_rendered_tone_has_its_level_and_no_seam(void)
{
    static const int hz[] = {1000};
    struct clip *clip = clip_new_tone(1000, -20);
    struct listener *listener = listen(hz, 1, true);
    g_assert_cmpuint(clip_length(clip), ==, 50);
    hear_clip(listener, clip, 10); /* the decoder comes in */
    tones_reset(listener->tones);
    hear_clip(listener, clip, 500);
    assert_level(listener->tones, "1000", -20, 1);
    g_assert_cmpuint(listener->count, ==, 1);
    forget(listener);
    clip_unref(clip);
}

static void a_packet_says_the_level_of_its_tone(void)
{
    struct clip *clip = clip_new_tone(500, -20);
    for (unsigned i = 0; i < clip_length(clip); i++)
        g_assert_cmpuint(clip_get(clip, i).level, ==, 23); /* a sine's mean is 3 dB below its top */
    clip_unref(clip);
}

static void the_rooms_own_tones_are_told_apart(void)
{
    int hz[CLIPS_AUTO_TONES];
    for (unsigned i = 0; i < CLIPS_AUTO_TONES; i++)
        hz[i] = clips_auto_tone(i);
    g_assert_cmpint(clips_auto_tone(CLIPS_AUTO_TONES), ==, hz[0]);
    for (unsigned own = 0; own < CLIPS_AUTO_TONES; own += 7) {
        struct clip *clip = clip_new_tone(hz[own], -20);
        struct listener *listener = listen(hz, CLIPS_AUTO_TONES, false);
        hear_clip(listener, clip, 10);
        tones_reset(listener->tones);
        hear_clip(listener, clip, 50);
        for (unsigned i = 0; i < CLIPS_AUTO_TONES; i++) {
            g_autofree char *name = g_strdup_printf("%d", hz[i]);
            if (i == own)
                assert_level(listener->tones, name, -20, 1.5);
            else
                g_assert_cmpfloat(level_of(listener->tones, name), <, TONES_ON_DBFS);
        }
        forget(listener);
        clip_unref(clip);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tones/a_full_sine_is_at_0_dbfs", a_full_sine_is_at_0_dbfs);
    g_test_add_func("/tones/tones_40_hz_apart_are_told_apart_in_reports",
                    tones_40_hz_apart_are_told_apart_in_reports);
    g_test_add_func("/tones/a_report_is_the_mean_power_since_the_reset",
                    a_report_is_the_mean_power_since_the_reset);
    g_test_add_func("/tones/beginning_and_end_are_told_with_their_times",
                    beginning_and_end_are_told_with_their_times);
    g_test_add_func("/tones/a_tone_after_silence_has_its_edge", a_tone_after_silence_has_its_edge);
    g_test_add_func("/tones/what_is_only_measured_is_not_told", what_is_only_measured_is_not_told);
    g_test_add_func("/tones/a_tone_does_not_flicker_at_its_edge",
                    a_tone_does_not_flicker_at_its_edge);
    g_test_add_func("/tones/a_rendered_tone_has_its_level_and_no_seam",
                    a_rendered_tone_has_its_level_and_no_seam);
    g_test_add_func("/tones/a_packet_says_the_level_of_its_tone",
                    a_packet_says_the_level_of_its_tone);
    g_test_add_func("/tones/the_rooms_own_tones_are_told_apart",
                    the_rooms_own_tones_are_told_apart);
    return g_test_run();
}
