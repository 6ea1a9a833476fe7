/* The media plane with the bridge itself: started, lost, taken over, ended. */
#include "tests/unit/bus/desk.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_bridge_is_started_beside_us(void)
{
    struct desk desk;
    desk_prepare(&desk);
    desk_start(&desk, NULL);
    g_assert_false(media_plane_is_ready(desk.plane));
    desk_await(&desk, "ready new");
    g_assert_true(media_plane_is_ready(desk.plane));
    /* In a session of its own: what ends ours does not end it. */
    pid_t bridge = desk_child();
    g_assert_cmpint(getsid(bridge), ==, bridge);
    g_autofree char *log = g_build_filename(desk.directory, "bridge.log", NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(log, &text, NULL, NULL));
    g_assert_nonnull(strstr(text, "ready with 1 shards"));
    desk_close(&desk);
}

static void ending_it_leaves_no_process_behind(void)
{
    struct desk desk;
    desk_open(&desk);
    pid_t bridge = desk_child();
    g_assert_cmpint(bridge, >, 0);
    desk_close(&desk);
    g_assert_cmpint(desk_child(), ==, 0);
    g_assert_cmpint(kill(bridge, 0), ==, -1);
}

static void a_bridge_that_has_just_been_started_is_ended_too(void)
{
    struct desk desk;
    desk_prepare(&desk);
    desk_start(&desk, NULL);
    while (desk_child() == 0)
        g_main_context_iteration(NULL, TRUE);
    g_assert_false(media_plane_is_ready(desk.plane));
    desk_close(&desk);
    g_assert_cmpint(desk_child(), ==, 0);
}

static void a_killed_bridge_is_started_again(void)
{
    struct desk desk;
    desk_open(&desk);
    pid_t first = desk_child();
    for (int i = 0; i < 2; i++) {
        kill(desk_child(), SIGKILL);
        desk_await(&desk, "lost");
        g_assert_false(media_plane_is_ready(desk.plane));
        desk_await(&desk, "ready new");
    }
    g_assert_cmpint(desk_child(), !=, first);
    g_assert_cmpint(kill(first, 0), ==, -1); /* no zombie */
    desk_close(&desk);
}

static void a_running_bridge_is_taken_over_with_its_legs(void)
{
    struct desk desk;
    desk_open(&desk);
    pid_t bridge = desk_child();
    g_autofree char *answer = desk_offer(&desk, "hue", desk_sdp);
    g_assert_cmpstr(answer, ==, "answer");
    desk_await(&desk, "recording started 1 part-001/program.webm");
    desk_leave_bridge(&desk);
    g_assert_cmpint(desk_child(), ==, bridge);
    desk_start(&desk, NULL);
    media_plane_follow(desk.plane, desk.world->meeting);
    desk_await(&desk, "ready old");
    json_t *conferences = desk_conferences(&desk);
    json_t *legs = json_object_get(json_array_get(conferences, 0), "legs");
    g_assert_cmpuint(json_array_size(legs), ==, 1);
    json_decref(conferences);
    /* The part goes on: nothing is begun anew, and its end is told by its number. */
    desk_assert_untold(&desk, "recording");
    desk_do(&desk, "chair", "meeting.pause", "{}");
    g_assert_cmpstr(desk_await(&desk, "recording"), ==, "recording stopped 1");
    g_assert_cmpint(desk_child(), ==, bridge);
    desk_close(&desk);
    g_assert_cmpint(kill(bridge, 0), ==, -1);
}

static void a_conference_that_nobody_follows_is_closed(void)
{
    struct desk desk;
    desk_open(&desk);
    g_autofree char *answer = desk_offer(&desk, "hue", desk_sdp);
    desk_await(&desk, "recording started");
    desk_leave_bridge(&desk);
    desk_start(&desk, NULL);
    desk_await(&desk, "ready new"); /* its legs are nobody's */
    json_t *conferences = desk_conferences(&desk);
    g_assert_cmpuint(json_array_size(conferences), ==, 0);
    json_decref(conferences);
    desk_close(&desk);
}

static void a_closed_meetings_conference_ends(void)
{
    struct desk desk;
    desk_open(&desk);
    desk_await(&desk, "recording started 1");
    desk_do(&desk, "chair", "meeting.close", "{}");
    desk_await(&desk, "recording stopped 1");
    json_t *conferences = desk_conferences(&desk);
    g_assert_cmpuint(json_array_size(conferences), ==, 0);
    json_decref(conferences);
    g_autofree char *answer = desk_offer(&desk, "hue", desk_sdp);
    g_assert_true(g_str_has_prefix(answer, "away: "));
    desk_close(&desk);
}

static void assert_finished(const struct desk *desk, const char *part)
{
    g_autofree char *manifest =
        g_build_filename(desk->directory, "recordings", meeting_id(desk->world->meeting), part,
                         "manifest.json", NULL);
    if (!g_file_test(manifest, G_FILE_TEST_EXISTS))
        g_error("there is no %s", manifest);
}

static void a_new_bridge_records_a_further_part(void)
{
    struct desk desk;
    desk_open(&desk);
    desk_await(&desk, "recording started 1");
    kill(desk_child(), SIGKILL);
    desk_await(&desk, "lost");
    desk_await(&desk, "recording started 2 part-002/program.webm");
    assert_finished(&desk, "part-001");
    desk_close(&desk);
}

static void an_end_in_mid_meeting_is_the_recordings_end_too(void)
{
    struct desk desk;
    desk_open(&desk);
    desk_await(&desk, "recording started 1");
    media_plane_free(desk.plane, true);
    desk.plane = NULL;
    desk_await(&desk, "recording stopped 1");
    assert_finished(&desk, "part-001");
    desk_close(&desk);
}

static void a_pause_ends_the_part_and_resuming_begins_the_next(void)
{
    struct desk desk;
    desk_open(&desk);
    desk_await(&desk, "recording started 1");
    desk_do(&desk, "chair", "meeting.pause", "{}");
    desk_do(&desk, "chair", "meeting.resume", "{}"); /* while the part is being finished */
    desk_await(&desk, "recording stopped 1");
    desk_await(&desk, "recording started 2");
    desk_close(&desk);
}

static void a_recording_that_cannot_be_does_not_stop_the_meeting(void)
{
    struct desk desk;
    desk_prepare(&desk);
    g_autofree char *path = g_build_filename(desk.directory, "recordings", NULL);
    g_assert_true(g_file_set_contents(path, "no directory", -1, NULL));
    desk_start(&desk, NULL);
    media_plane_follow(desk.plane, desk.world->meeting);
    desk_await(&desk, "recording failed");
    g_autofree char *answer = desk_offer(&desk, "hue", desk_sdp);
    g_assert_cmpstr(answer, ==, "answer");
    desk_close(&desk);
}

static void offers_are_answered_once_and_with_the_reason(void)
{
    struct desk desk;
    desk_prepare(&desk);
    desk_start(&desk, NULL);
    media_plane_follow(desk.plane, desk.world->meeting);
    g_autofree char *early = desk_offer(&desk, "hue", desk_sdp);
    g_assert_true(g_str_has_prefix(early, "away: "));
    desk_await(&desk, "ready new");
    g_autofree char *good = desk_offer(&desk, "account.thu-ky", desk_sdp);
    g_assert_cmpstr(good, ==, "answer");
    g_autofree char *bad = desk_offer(&desk, "hue", "hello");
    g_assert_true(g_str_has_prefix(bad, "refused: invalid sdp: "));
    desk_close(&desk);
}

/* An offer that is under way when the bridge dies is answered as well. */
static void take_answer(const char *answer, const char *error, bool is_away, void *arg)
{
    unsigned *answers = arg;
    g_assert_null(answer);
    g_assert_nonnull(error);
    g_assert_true(is_away);
    (*answers)++;
}

static void an_offer_under_way_is_answered_when_the_bridge_dies(void)
{
    struct desk desk;
    unsigned answers = 0;
    desk_open(&desk);
    json_decref(desk_conferences(&desk));
    kill(desk_child(), SIGSTOP);
    media_plane_offer(desk.plane, meeting_id(desk.world->meeting), "hue", desk_sdp, take_answer,
                      &answers);
    kill(desk_child(), SIGKILL);
    desk_await(&desk, "lost");
    g_assert_cmpuint(answers, ==, 1);
    desk_await(&desk, "ready new");
    desk_close(&desk);
}

static void a_bridge_that_does_not_greet_is_replaced(void)
{
    struct desk desk;
    desk_open(&desk);
    pid_t hanging = desk_child();
    desk_leave_bridge(&desk);
    kill(hanging, SIGSTOP);
    desk_start(&desk, NULL); /* the system takes the connection in its stead */
    desk_await(&desk, "ready new");
    g_assert_cmpint(desk_child(), !=, hanging);
    desk_close(&desk);
}

/* A script in the bridge's place. */
static char *write_script(const struct desk *desk, const char *text)
{
    char *path = g_build_filename(desk->directory, "script", NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpint(chmod(path, 0700), ==, 0);
    return path;
}

static gboolean wake(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

static size_t starts_of(const char *path)
{
    g_autofree char *text = NULL;
    gsize size = 0;
    return g_file_get_contents(path, &text, &size, NULL) ? size : 0;
}

static void a_bridge_that_keeps_dying_is_started_ever_more_seldom(void)
{
    struct desk desk;
    desk_prepare(&desk);
    g_autofree char *count = g_build_filename(desk.directory, "count", NULL);
    g_autofree char *text = g_strdup_printf("#!/bin/sh\nprintf x >>%s\nexit 3\n", count);
    g_autofree char *script = write_script(&desk, text);
    gint64 began_us = g_get_monotonic_time();
    guint timer = g_timeout_add(20, wake, NULL);
    desk_start(&desk, script);
    while (starts_of(count) < 4)
        g_main_context_iteration(NULL, TRUE);
    /* 100, 200 and 400 ms lie between the four. */
    g_assert_cmpint(g_get_monotonic_time() - began_us, >=, 700000);
    g_source_remove(timer);
    desk_close(&desk);
}

static void a_program_that_is_not_there_is_tried_again(void)
{
    struct desk desk;
    desk_prepare(&desk);
    g_autofree char *link = g_build_filename(desk.directory, "bridge", NULL);
    desk_start(&desk, link);
    g_autofree char *answer = desk_offer(&desk, "hue", desk_sdp);
    g_assert_true(g_str_has_prefix(answer, "away: "));
    g_assert_cmpint(symlink(g_getenv("NHIPCAU_BRIDGE_PROGRAM"), link), ==, 0);
    desk_await(&desk, "ready new");
    desk_close(&desk);
}

#define ADD(name) g_test_add_func("/media_plane/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(a_bridge_is_started_beside_us);
    ADD(ending_it_leaves_no_process_behind);
    ADD(a_bridge_that_has_just_been_started_is_ended_too);
    ADD(a_killed_bridge_is_started_again);
    ADD(a_running_bridge_is_taken_over_with_its_legs);
    ADD(a_conference_that_nobody_follows_is_closed);
    ADD(a_closed_meetings_conference_ends);
    ADD(a_new_bridge_records_a_further_part);
    ADD(an_end_in_mid_meeting_is_the_recordings_end_too);
    ADD(a_pause_ends_the_part_and_resuming_begins_the_next);
    ADD(a_recording_that_cannot_be_does_not_stop_the_meeting);
    ADD(offers_are_answered_once_and_with_the_reason);
    ADD(an_offer_under_way_is_answered_when_the_bridge_dies);
    ADD(a_bridge_that_does_not_greet_is_replaced);
    ADD(a_bridge_that_keeps_dying_is_started_ever_more_seldom);
    ADD(a_program_that_is_not_there_is_tried_again);
    return g_test_run();
}
