#include "bridge/sound_watch.h"

#include <glib.h>

static enum sound_state see(struct sound_seen *seen, bool may_speak, int level_dbov, unsigned looks)
{
    struct sound_look look = {.may_speak = may_speak, .level_dbov = level_dbov};
    while (looks-- > 0)
        sound_see(seen, &look);
    return seen->state;
}

static void who_is_loud_for_over_a_second_is_named(void)
{
    struct sound_seen seen = {0};
    g_assert_cmpint(see(&seen, false, -20, 1000 / SOUND_WATCH_MS), ==, SOUND_OK);
    g_assert_cmpint(see(&seen, false, -20, 1), ==, SOUND_UNASKED);
}

static void a_cough_is_no_alarm(void)
{
    struct sound_seen seen = {0};
    for (int minute = 0; minute < 10; minute++) {
        g_assert_cmpint(see(&seen, false, -10, 3), ==, SOUND_OK);
        g_assert_cmpint(see(&seen, false, -60, 20), ==, SOUND_OK);
    }
}

static void a_pause_for_breath_does_not_end_it(void)
{
    struct sound_seen seen = {0};
    see(&seen, false, -20, 50);
    g_assert_cmpint(see(&seen, false, -127, 10), ==, SOUND_UNASKED);
    see(&seen, false, -20, 3);
    g_assert_cmpint(see(&seen, false, -127, 20), ==, SOUND_OK);
}

static void who_gets_the_floor_is_forgiven_at_once(void)
{
    struct sound_seen seen = {0};
    see(&seen, false, -20, 50);
    g_assert_cmpint(see(&seen, true, -20, 1), ==, SOUND_OK);
    g_assert_cmpint(see(&seen, false, -20, 1), ==, SOUND_OK);
}

static void a_speaker_who_howls_is_named(void)
{
    struct sound_seen seen = {0};
    struct sound_look look = {.may_speak = true, .is_howling = true, .level_dbov = -3};
    g_assert_cmpint(sound_see(&seen, &look), ==, SOUND_HOWL);
    look.is_howling = false;
    g_assert_cmpint(sound_see(&seen, &look), ==, SOUND_OK);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/sound_watch/" #name, name)
    ADD(who_is_loud_for_over_a_second_is_named);
    ADD(a_cough_is_no_alarm);
    ADD(a_pause_for_breath_does_not_end_it);
    ADD(who_gets_the_floor_is_forgiven_at_once);
    ADD(a_speaker_who_howls_is_named);
    return g_test_run();
}
