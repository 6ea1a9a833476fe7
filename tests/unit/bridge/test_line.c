/* Line tests: a room hears itself, is heard by nobody, and measures. */
#include "tests/unit/bridge/room.h"

#include <string.h>

#define CHAIR    440
#define CAN_THO  1130
#define LOUD     0.1
#define PRESENT  (-26.0)
#define ABSENT   (-60.0)
#define KBPS     2000 /* the bridge's own default */
#define REFUSED  3
#define NO_PROBE 0u

#define assert_hears(room, frequency)   g_assert_cmpfloat(room_hear(room, frequency), >, PRESENT)
#define assert_deaf_to(room, frequency) g_assert_cmpfloat(room_hear(room, frequency), <, ABSENT)

/* The chair has the floor; Huế listens; Cần Thơ tests its line. */
struct meeting {
    struct hall hall;
    struct room *chair, *hue, *can_tho;
};

static json_t *leg_params(const char *leg)
{
    return json_pack("{s:s, s:s}", "conference", "demo", "leg", leg);
}

static json_t *start(struct meeting *meeting, uint32_t ssrc, int seconds)
{
    json_t *params = leg_params("can-tho");
    if (ssrc != NO_PROBE)
        json_object_set_new(params, "ssrc", json_integer(ssrc));
    json_object_set_new(params, "seconds", json_integer(seconds));
    return bridge_call(&meeting->hall.bridge, "line.start", params);
}

static void meeting_open(struct meeting *meeting)
{
    hall_open(&meeting->hall);
    hall_set_floor(&meeting->hall, "chu-toa", NULL);
    meeting->chair = room_join(&meeting->hall, "chu-toa", CHAIR, LOUD);
    meeting->hue = room_join(&meeting->hall, "hue", 0, 0);
    meeting->can_tho = room_join(&meeting->hall, "can-tho", CAN_THO, LOUD);
    room_await_tone(meeting->can_tho, CHAIR);
    room_await_tone(meeting->hue, CHAIR);
}

static void a_room_hears_itself_and_is_heard_by_nobody(void)
{
    struct meeting meeting;
    meeting_open(&meeting);
    json_decref(start(&meeting, NO_PROBE, 60));
    room_await_tone(meeting.can_tho, CAN_THO);
    assert_hears(meeting.can_tho, CAN_THO);
    assert_deaf_to(meeting.can_tho, CHAIR);
    assert_deaf_to(meeting.hue, CAN_THO);
    assert_deaf_to(meeting.chair, CAN_THO);
    assert_hears(meeting.hue, CHAIR);
    hall_close(&meeting.hall);
}

static void after_a_test_the_meeting_is_heard_again(void)
{
    struct meeting meeting;
    meeting_open(&meeting);
    json_decref(start(&meeting, NO_PROBE, 60));
    room_await_tone(meeting.can_tho, CAN_THO);
    json_t *measures = bridge_call(&meeting.hall.bridge, "line.stop", leg_params("can-tho"));
    g_assert_cmpint(json_integer_value(json_object_get(measures, "sound_packets")), >, 20);
    g_assert_cmpint(json_integer_value(json_object_get(measures, "echo_frames")), >, 10);
    g_assert_cmpint(json_integer_value(json_object_get(measures, "sound_lost")), ==, 0);
    json_decref(measures);
    room_await_tone(meeting.can_tho, CHAIR);
    room_hear(meeting.can_tho, CHAIR);
    assert_deaf_to(meeting.can_tho, CAN_THO);
    hall_close(&meeting.hall);
}

static void await_end(struct meeting *meeting, const char *reason)
{
    while (meeting->hall.line_ended == NULL)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpstr(json_string_value(json_object_get(meeting->hall.line_ended, "reason")), ==,
                    reason);
    g_assert_cmpstr(json_string_value(json_object_get(meeting->hall.line_ended, "leg")), ==,
                    "can-tho");
}

static void the_floor_ends_a_test(void)
{
    struct meeting meeting;
    meeting_open(&meeting);
    json_decref(start(&meeting, NO_PROBE, 60));
    room_await_tone(meeting.can_tho, CAN_THO);
    hall_set_floor(&meeting.hall, "chu-toa", "can-tho", NULL);
    await_end(&meeting, "floor");
    room_await_tone(meeting.hue, CAN_THO);
    room_await_tone(meeting.can_tho, CHAIR);
    g_free(bridge_refusal(&meeting.hall.bridge, "line.start", leg_params("can-tho"), REFUSED));
    hall_close(&meeting.hall);
}

static void set_apart(struct meeting *meeting)
{
    bridge_do(&meeting->hall.bridge, "conference.floor",
              json_pack("{s:s, s:[{s:s, s:s}], s:[{s:[s, s], s:b}]}", "conference", "demo",
                        "speakers", "leg", "chu-toa", "name", "chu-toa", "apart", "legs", "can-tho",
                        "hue", "talk", 1));
}

static void talking_apart_ends_a_test_and_allows_none(void)
{
    struct meeting meeting;
    meeting_open(&meeting);
    json_decref(start(&meeting, NO_PROBE, 60));
    room_await_tone(meeting.can_tho, CAN_THO);
    set_apart(&meeting);
    room_await_tone(meeting.hue, CAN_THO);
    g_free(bridge_refusal(&meeting.hall.bridge, "line.start", leg_params("can-tho"), REFUSED));
    assert_deaf_to(meeting.chair, CAN_THO);
    hall_close(&meeting.hall);
}

static void a_test_ends_by_itself(void)
{
    struct meeting meeting;
    meeting_open(&meeting);
    json_decref(start(&meeting, NO_PROBE, 2));
    await_end(&meeting, "time");
    const json_t *measures = json_object_get(meeting.hall.line_ended, "measures");
    g_assert_cmpint(json_integer_value(json_object_get(measures, "milliseconds")), >=, 2000);
    room_await_tone(meeting.can_tho, CHAIR);
    g_free(bridge_refusal(&meeting.hall.bridge, "line.stop", leg_params("can-tho"), REFUSED));
    hall_close(&meeting.hall);
}

static void who_is_not_there_tests_nothing(void)
{
    struct meeting meeting;
    meeting_open(&meeting);
    g_free(bridge_refusal(&meeting.hall.bridge, "line.start", leg_params("ca-mau"), REFUSED));
    g_free(bridge_refusal(&meeting.hall.bridge, "line.start", leg_params("chu-toa"), REFUSED));
    hall_close(&meeting.hall);
}

static void await_probes(struct meeting *meeting, unsigned pongs, unsigned loads,
                         struct room_probes *probes)
{
    room_get_probes(meeting->can_tho, probes);
    while (probes->pongs < pongs || probes->loads < loads)
        room_get_probes(meeting->can_tho, probes);
}

static struct probe make(enum probe_kind kind, uint8_t step, uint32_t number)
{
    return (struct probe){.kind = kind, .step = step, .number = number, .sent_us = 1000 + number};
}

static void open_test(struct meeting *meeting)
{
    meeting_open(meeting);
    json_t *started = start(meeting, ROOM_PROBE_SSRC, 60);
    g_assert_cmpint(json_integer_value(json_object_get(started, "kbps")), ==, KBPS);
    room_open_probe(meeting->can_tho,
                    (uint32_t)json_integer_value(json_object_get(started, "ssrc")));
    json_decref(started);
}

static void pongs_tell_what_has_come(void)
{
    struct meeting meeting;
    struct room_probes probes;
    struct probe ping = make(PROBE_PING, 0, 0), lost = make(PROBE_PING, 0, 5);
    struct probe load = make(PROBE_LOAD, 3, 0);
    open_test(&meeting);
    room_send_probe(meeting.can_tho, &ping);
    room_send_probe(meeting.can_tho, &load);
    room_send_probe(meeting.can_tho, &lost);
    await_probes(&meeting, 2, 0, &probes);
    g_assert_cmpuint(probes.last_pong.ping_number, ==, 5);
    g_assert_cmpuint(probes.last_pong.pings, ==, 2);
    g_assert_cmpuint(probes.last_pong.step, ==, 3);
    g_assert_cmpuint(probes.last_pong.load_packets, ==, 1);
    g_assert_cmpuint(probes.last_pong.load_bytes, ==, PROBE_SIZE);
    json_t *measures = bridge_call(&meeting.hall.bridge, "line.stop", leg_params("can-tho"));
    g_assert_cmpint(json_integer_value(json_object_get(measures, "pings")), ==, 2);
    g_assert_cmpint(json_integer_value(json_object_get(measures, "pings_lost")), ==, 4);
    json_decref(measures);
    hall_close(&meeting.hall);
}

/* What was granted is all that there is, whatever is asked. */
static void load_keeps_to_its_limit(void)
{
    struct meeting meeting;
    struct room_probes probes;
    struct probe ask = make(PROBE_ASK, 1, 0), ping = make(PROBE_PING, 0, 0);
    open_test(&meeting);
    ask.kbps = 1000000;
    ask.milliseconds = 1000;
    room_send_probe(meeting.can_tho, &ask);
    await_probes(&meeting, 0, 100, &probes);
    int64_t begin_us = g_get_monotonic_time();
    while (g_get_monotonic_time() < begin_us + 1500000)
        g_main_context_iteration(NULL, FALSE);
    ask = make(PROBE_ASK, 1, 1); /* the same step is not begun anew */
    room_send_probe(meeting.can_tho, &ask);
    room_send_probe(meeting.can_tho, &ping);
    await_probes(&meeting, 1, 0, &probes);
    g_assert_cmpuint(probes.load_bytes, <=, KBPS * 1000 / 8);
    g_assert_cmpuint(probes.load_bytes, >, KBPS * 1000 / 8 / 2);
    hall_close(&meeting.hall);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/line/a_room_hears_itself_and_is_heard_by_nobody",
                    a_room_hears_itself_and_is_heard_by_nobody);
    g_test_add_func("/line/after_a_test_the_meeting_is_heard_again",
                    after_a_test_the_meeting_is_heard_again);
    g_test_add_func("/line/the_floor_ends_a_test", the_floor_ends_a_test);
    g_test_add_func("/line/talking_apart_ends_a_test_and_allows_none",
                    talking_apart_ends_a_test_and_allows_none);
    g_test_add_func("/line/a_test_ends_by_itself", a_test_ends_by_itself);
    g_test_add_func("/line/who_is_not_there_tests_nothing", who_is_not_there_tests_nothing);
    g_test_add_func("/line/pongs_tell_what_has_come", pongs_tell_what_has_come);
    g_test_add_func("/line/load_keeps_to_its_limit", load_keeps_to_its_limit);
    return g_test_run();
}
