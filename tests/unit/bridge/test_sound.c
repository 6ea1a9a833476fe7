/* Sound through the bridge itself: real legs over real sockets, told apart by their tones. */
#include "tests/unit/bridge/room.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

/* Far apart, and no multiples of each other. */
#define CHAIR    440
#define DA_NANG  700
#define INTRUDER 1130
#define LOUD     0.1 /* -20 dBFS */

/* In dBFS. The codec's own noise beside two tones of this loudness was measured (the worst of 16
 * half seconds) at -46 with 32 kb/s, -75 with the 96 that the tests ask the bridge for. */
#define PRESENT (-26.0)
#define ABSENT  (-60.0)

#define assert_hears(room, frequency)   g_assert_cmpfloat(room_hear(room, frequency), >, PRESENT)
#define assert_deaf_to(room, frequency) g_assert_cmpfloat(room_hear(room, frequency), <, ABSENT)

/* Chair and Đà Nẵng have the floor and are heard; Huế only listens. */
struct meeting {
    struct hall hall;
    struct room *chair, *da_nang, *hue;
};

static void meeting_open(struct meeting *meeting)
{
    hall_open(&meeting->hall);
    hall_set_floor(&meeting->hall, "chu-toa", "da-nang", NULL);
    meeting->chair = room_join(&meeting->hall, "chu-toa", CHAIR, LOUD);
    meeting->da_nang = room_join(&meeting->hall, "da-nang", DA_NANG, LOUD);
    meeting->hue = room_join(&meeting->hall, "hue", 0, 0);
    room_await_tone(meeting->hue, CHAIR);
    room_await_tone(meeting->hue, DA_NANG);
}

static void speakers_are_heard_by_all_but_themselves(void)
{
    struct meeting meeting;
    meeting_open(&meeting);
    assert_hears(meeting.hue, CHAIR);
    assert_hears(meeting.hue, DA_NANG);
    assert_hears(meeting.chair, DA_NANG);
    assert_deaf_to(meeting.chair, CHAIR);
    assert_hears(meeting.da_nang, CHAIR);
    assert_deaf_to(meeting.da_nang, DA_NANG);
    hall_close(&meeting.hall);
}

static void await_sound(struct room *room, const char *state)
{
    while (strcmp(room_sound_told(room), state) != 0)
        g_main_context_iteration(NULL, TRUE);
}

static void who_is_loud_unasked_is_named(void)
{
    struct meeting meeting;
    meeting_open(&meeting);
    struct room *intruder = room_join(&meeting.hall, "can-tho", INTRUDER, 0.99);
    await_sound(intruder, "unasked");
    g_assert_cmpstr(room_sound_told(meeting.chair), ==, "");
    g_assert_cmpstr(room_sound_told(meeting.hue), ==, "");
    hall_set_floor(&meeting.hall, "chu-toa", "can-tho", NULL);
    await_sound(intruder, "ok");
    await_sound(meeting.da_nang, "unasked");
    hall_close(&meeting.hall);
}

static void who_has_no_floor_is_heard_by_nobody(void)
{
    struct meeting meeting;
    meeting_open(&meeting);
    struct room *intruder = room_join(&meeting.hall, "can-tho", INTRUDER, 0.99);
    room_await_tone(intruder, CHAIR);
    assert_hears(intruder, DA_NANG);
    assert_deaf_to(meeting.hue, INTRUDER);
    assert_deaf_to(meeting.chair, INTRUDER);
    assert_deaf_to(meeting.da_nang, INTRUDER);
    /* It was sent all the same. */
    g_assert_cmpint(hall_counter(&meeting.hall, "can-tho", "rtp_received"), >, 50);
    hall_close(&meeting.hall);
}

static void a_revoked_speaker_is_cut_and_hears_the_rest(void)
{
    struct meeting meeting;
    meeting_open(&meeting);
    hall_set_floor(&meeting.hall, "chu-toa", NULL);
    /* What was on its way has passed with the first half second. */
    room_hear(meeting.hue, DA_NANG);
    assert_deaf_to(meeting.hue, DA_NANG);
    assert_hears(meeting.hue, CHAIR);
    assert_hears(meeting.da_nang, CHAIR);
    assert_deaf_to(meeting.chair, DA_NANG);
    hall_set_floor(&meeting.hall, "chu-toa", "da-nang", NULL);
    room_await_tone(meeting.hue, DA_NANG);
    hall_close(&meeting.hall);
}

static void a_declared_speaker_may_come_later(void)
{
    struct hall hall;
    hall_open(&hall);
    hall_set_floor(&hall, "chu-toa", "da-nang", NULL);
    struct room *hue = room_join(&hall, "hue", 0, 0);
    room_join(&hall, "chu-toa", CHAIR, LOUD);
    room_await_tone(hue, CHAIR);
    struct room *da_nang = room_join(&hall, "da-nang", DA_NANG, LOUD);
    room_await_tone(hue, DA_NANG);
    room_await_tone(da_nang, CHAIR);
    assert_deaf_to(da_nang, DA_NANG);
    hall_close(&hall);
}

static void set_floor_apart(struct meeting *meeting, const char *leg, bool talk)
{
    bridge_do(&meeting->hall.bridge, "conference.floor",
              json_pack("{s:s, s:[{s:s, s:s}, {s:s, s:s}], s:[{s:[s, s], s:b}]}", "conference",
                        "demo", "speakers", "leg", "chu-toa", "name", "A", "leg", "da-nang", "name",
                        "B", "apart", "legs", leg, "can-tho", "talk", talk));
}

static void a_consult_is_heard_by_those_in_it_and_by_nobody_else(void)
{
    struct meeting meeting;
    meeting_open(&meeting);
    struct room *can_tho = room_join(&meeting.hall, "can-tho", INTRUDER, LOUD);
    room_await_tone(can_tho, CHAIR);
    set_floor_apart(&meeting, "chu-toa", true);
    room_await_tone(meeting.chair, INTRUDER);
    room_await_tone(can_tho, CHAIR);
    room_hear(can_tho, DA_NANG); /* what was on its way */
    assert_deaf_to(can_tho, DA_NANG);
    assert_deaf_to(meeting.chair, DA_NANG);
    assert_deaf_to(can_tho, INTRUDER);
    assert_deaf_to(meeting.hue, CHAIR);
    assert_deaf_to(meeting.hue, INTRUDER);
    assert_hears(meeting.hue, DA_NANG);
    hall_set_floor(&meeting.hall, "chu-toa", "da-nang", NULL);
    room_await_tone(meeting.hue, CHAIR);
    room_await_tone(can_tho, DA_NANG);
    room_hear(meeting.chair, INTRUDER);
    assert_deaf_to(meeting.chair, INTRUDER);
    assert_deaf_to(meeting.hue, INTRUDER);
    hall_close(&meeting.hall);
}

static void who_waits_in_the_lobby_is_sent_nothing(void)
{
    struct meeting meeting;
    meeting_open(&meeting);
    set_floor_apart(&meeting, "hue", false);
    int sent = hall_counter(&meeting.hall, "hue", "rtp_sent");
    int chair = hall_counter(&meeting.hall, "chu-toa", "rtp_sent");
    while (hall_counter(&meeting.hall, "chu-toa", "rtp_sent") < chair + 50)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpint(hall_counter(&meeting.hall, "hue", "rtp_sent"), <, sent + 10);
    hall_set_floor(&meeting.hall, "chu-toa", "da-nang", NULL);
    room_await_tone(meeting.hue, CHAIR);
    hall_close(&meeting.hall);
}

static void sound_goes_on_while_nobody_controls(void)
{
    struct meeting meeting;
    int is_here = 0;
    const char *state = NULL;
    meeting_open(&meeting);
    bridge_disconnect(&meeting.hall.bridge);
    assert_hears(meeting.hue, DA_NANG);
    assert_hears(meeting.chair, DA_NANG);
    bridge_connect(&meeting.hall.bridge);
    json_t *greeting =
        bridge_call(&meeting.hall.bridge, "bridge.hello", json_pack("{s:i}", "version", 1));
    json_t *conference = json_array_get(json_object_get(greeting, "conferences"), 0);
    json_t *legs = json_object_get(conference, "legs");
    g_assert_cmpuint(json_array_size(json_object_get(conference, "speakers")), ==, 2);
    g_assert_cmpuint(json_array_size(legs), ==, 3);
    for (size_t i = 0; i < 3; i++) {
        state = json_string_value(json_object_get(json_array_get(legs, i), "state"));
        is_here += strcmp(state, "connected") == 0;
    }
    g_assert_cmpint(is_here, ==, 3);
    json_decref(greeting);
    assert_hears(meeting.hue, DA_NANG);
    hall_close(&meeting.hall);
}

static void a_room_that_comes_again_takes_its_leg_over(void)
{
    struct meeting meeting;
    meeting_open(&meeting);
    room_leave(meeting.da_nang);
    assert_hears(meeting.hue, CHAIR);
    meeting.da_nang = room_join(&meeting.hall, "da-nang", INTRUDER, LOUD);
    room_await_tone(meeting.hue, INTRUDER);
    assert_deaf_to(meeting.hue, DA_NANG);
    assert_deaf_to(meeting.da_nang, INTRUDER);
    assert_hears(meeting.da_nang, CHAIR);
    hall_close(&meeting.hall);
}

static void a_removed_leg_is_told_goodbye(void)
{
    struct meeting meeting;
    meeting_open(&meeting);
    bridge_do(&meeting.hall.bridge, "leg.remove",
              json_pack("{s:s, s:s}", "conference", "demo", "leg", "da-nang"));
    g_assert_cmpint(hall_counter(&meeting.hall, "da-nang", "rtp_received"), ==, -1);
    room_hear(meeting.hue, DA_NANG);
    assert_deaf_to(meeting.hue, DA_NANG);
    assert_hears(meeting.hue, CHAIR);
    hall_close(&meeting.hall);
}

static void counters_tell_of_the_sound(void)
{
    struct meeting meeting;
    meeting_open(&meeting);
    g_assert_cmpint(hall_counter(&meeting.hall, NULL, "ticks"), >, 0);
    g_assert_cmpint(hall_counter(&meeting.hall, NULL, "decodes"), >, 0);
    g_assert_cmpint(hall_counter(&meeting.hall, NULL, "encodes"), >, 0);
    g_assert_cmpint(hall_counter(&meeting.hall, NULL, "speakers"), ==, 2);
    g_assert_cmpint(hall_counter(&meeting.hall, "hue", "rtp_sent"), >, 0);
    g_assert_cmpint(hall_counter(&meeting.hall, "hue", "rtp_received"), ==, 0);
    g_assert_cmpint(hall_counter(&meeting.hall, "da-nang", "rtp_received"), >, 0);
    g_assert_cmpint(hall_counter(&meeting.hall, "da-nang", "srtp_failures"), ==, 0);
    g_assert_cmpstr(room_state_told(meeting.da_nang), ==, "connected");
    hall_close(&meeting.hall);
}

static void a_conference_may_close_in_mid_speech(void)
{
    struct meeting meeting;
    meeting_open(&meeting);
    json_decref(bridge_call(&meeting.hall.bridge, "recording.start",
                            json_pack("{s:s, s:s, s:s}", "conference", "demo", "directory",
                                      meeting.hall.bridge.directory, "title", "T")));
    assert_hears(meeting.hue, DA_NANG);
    bridge_do(&meeting.hall.bridge, "conference.close", json_pack("{s:s}", "conference", "demo"));
    g_autofree char *manifest =
        g_build_filename(meeting.hall.bridge.directory, "part-001", "manifest.json", NULL);
    g_assert_true(g_file_test(manifest, G_FILE_TEST_EXISTS));
    hall_close(&meeting.hall);
}

/* A bridge whose files cannot grow beyond 16 KiB, as on a disk that is full. */
static void meeting_open_on_small_disk(struct meeting *meeting)
{
    struct rlimit limit, small;
    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &limit), ==, 0);
    small = (struct rlimit){16 * 1024, limit.rlim_max};
    signal(SIGXFSZ, SIG_IGN); /* a failed write instead; the program inherits both */
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &small), ==, 0);
    meeting_open(meeting);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

static void a_full_disk_is_told_of_and_the_meeting_goes_on(void)
{
    struct meeting meeting;
    meeting_open_on_small_disk(&meeting);
    struct bridge_process *bridge = &meeting.hall.bridge;
    json_decref(bridge_call(bridge, "recording.start",
                            json_pack("{s:s, s:s, s:s}", "conference", "demo", "directory",
                                      bridge->directory, "title", "T")));
    while (meeting.hall.recording_failures == 0)
        g_main_context_iteration(NULL, TRUE);
    assert_hears(meeting.hue, DA_NANG);
    g_autofree char *why =
        bridge_refusal(bridge, "recording.stop", json_pack("{s:s}", "conference", "demo"), 1);
    assert_hears(meeting.hue, CHAIR);
    g_assert_cmpuint(meeting.hall.recording_failures, ==, 1); /* once */
    hall_close(&meeting.hall);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sound/speakers_are_heard_by_all_but_themselves",
                    speakers_are_heard_by_all_but_themselves);
    g_test_add_func("/sound/who_is_loud_unasked_is_named", who_is_loud_unasked_is_named);
    g_test_add_func("/sound/who_has_no_floor_is_heard_by_nobody",
                    who_has_no_floor_is_heard_by_nobody);
    g_test_add_func("/sound/a_revoked_speaker_is_cut_and_hears_the_rest",
                    a_revoked_speaker_is_cut_and_hears_the_rest);
    g_test_add_func("/sound/a_declared_speaker_may_come_later", a_declared_speaker_may_come_later);
    g_test_add_func("/sound/a_consult_is_heard_by_those_in_it_and_by_nobody_else",
                    a_consult_is_heard_by_those_in_it_and_by_nobody_else);
    g_test_add_func("/sound/who_waits_in_the_lobby_is_sent_nothing",
                    who_waits_in_the_lobby_is_sent_nothing);
    g_test_add_func("/sound/sound_goes_on_while_nobody_controls",
                    sound_goes_on_while_nobody_controls);
    g_test_add_func("/sound/a_room_that_comes_again_takes_its_leg_over",
                    a_room_that_comes_again_takes_its_leg_over);
    g_test_add_func("/sound/a_removed_leg_is_told_goodbye", a_removed_leg_is_told_goodbye);
    g_test_add_func("/sound/counters_tell_of_the_sound", counters_tell_of_the_sound);
    g_test_add_func("/sound/a_conference_may_close_in_mid_speech",
                    a_conference_may_close_in_mid_speech);
    g_test_add_func("/sound/a_full_disk_is_told_of_and_the_meeting_goes_on",
                    a_full_disk_is_told_of_and_the_meeting_goes_on);
    return g_test_run();
}
