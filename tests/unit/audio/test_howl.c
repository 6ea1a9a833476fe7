#include "bridge/audio/howl.h"
#include "tests/unit/audio/speech.h"

#include <glib.h>
#include <math.h>

#define FRAME HOWL_FRAME

struct room {
    struct howl howl;
    struct speech speech;
    int64_t time;
};

/* A tone that begins with `amplitude` and grows by `db_per_second`, over a voice if there is one.
 * Returns the frame at which it was called a howl; -1: never. */
static int listen(struct room *room, double hz, double amplitude, double db_per_second, int frames)
{
    int64_t begin = room->time;
    for (int n = 0; n < frames; n++) {
        int16_t voice[FRAME] = {0};
        float samples[FRAME];
        if (room->speech.level > 0)
            speech_read(&room->speech, voice, FRAME);
        for (int i = 0; i < FRAME; i++, room->time++) {
            double grown = pow(10, db_per_second / 20 * (double)(room->time - begin) / 48000);
            double tone =
                fmin(amplitude * grown, 28000) * sin(2 * M_PI * hz * (double)room->time / 48000);
            samples[i] = (float)fmax(-32768, fmin(32767, tone + voice[i]));
        }
        if (howl_hear(&room->howl, samples))
            return n;
    }
    return -1;
}

static void a_growing_tone_is_a_howl_within_two_seconds(void)
{
    for (int hz = 200; hz < 5000; hz += 333) {
        struct room room = {0};
        int at = listen(&room, hz, 300, 20, 200);
        g_assert_cmpint(at, >, 10);
        g_assert_cmpint(at, <, 100);
    }
}

static void a_howl_that_grows_over_a_voice_is_heard(void)
{
    struct room room = {.speech = speech_new(130, -30)};
    g_assert_cmpint(listen(&room, 1200, 30, 15, 400), >, 0);
}

static void a_voice_is_no_howl(void)
{
    for (int pitch = 90; pitch < 400; pitch += 30) {
        struct room room = {.speech = speech_new(pitch, -23)};
        g_assert_cmpint(listen(&room, 0, 0, 0, 3000), ==, -1);
    }
}

static void a_tone_that_is_switched_on_is_no_howl(void)
{
    struct room room = {0};
    listen(&room, 0, 0, 0, 7);
    g_assert_cmpint(listen(&room, 1000, 8000, 0, 1000), ==, -1);
}

static void noise_is_no_howl(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(4);
    struct howl howl = {0};
    for (int n = 0; n < 1000; n++) {
        float samples[FRAME];
        for (int i = 0; i < FRAME; i++)
            samples[i] = (float)g_rand_double_range(rand, -8000, 8000);
        g_assert_false(howl_hear(&howl, samples));
    }
}

static void it_is_over_when_the_tone_is(void)
{
    struct room room = {0};
    g_assert_cmpint(listen(&room, 900, 300, 20, 200), >, 0);
    float silence[FRAME] = {0};
    int frames = 0;
    while (howl_hear(&room.howl, silence) && frames < 500)
        frames++;
    g_assert_cmpint(frames, >, 25);
    g_assert_cmpint(frames, <, 100);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/howl/" #name, name)
    ADD(a_growing_tone_is_a_howl_within_two_seconds);
    ADD(a_howl_that_grows_over_a_voice_is_heard);
    ADD(a_voice_is_no_howl);
    ADD(a_tone_that_is_switched_on_is_no_howl);
    ADD(noise_is_no_howl);
    ADD(it_is_over_when_the_tone_is);
    return g_test_run();
}
