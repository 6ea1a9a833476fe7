#include "client/room/floor_view.h"

#include <glib.h>
#include <string.h>

/* 2026-11-23T08:30:00Z */
#define NOW_US G_GINT64_CONSTANT(1795422600000000)

static json_t *load(const char *text)
{
    json_t *value = json_loads(text, 0, NULL);
    g_assert_nonnull(value);
    return value;
}

/* da-nang's room; hue speaks, ca-mau waits first. */
static struct floor_view *view_new(void)
{
    struct floor_view *view = floor_view_new();
    json_t *hello = load(
        "{\"role\":\"site\",\"site\":\"da-nang\",\"state\":{"
        "\"meeting\":{\"title\":\"Hội nghị trực tuyến\"},"
        "\"sites\":[{\"id\":\"da-nang\",\"name\":\"Thành phố Đà Nẵng\",\"muted\":false},"
        "{\"id\":\"hue\",\"name\":\"Thành phố Huế\"},{\"id\":\"ca-mau\",\"name\":\"Tỉnh Cà Mau\"}],"
        "\"floor\":{\"holders\":[{\"request\":\"r1\",\"site\":\"hue\",\"state\":\"granted\"}],"
        "\"queue\":[{\"request\":\"r2\",\"site\":\"ca-mau\",\"state\":\"accepted\"}]}}}");
    floor_view_start(view, hello);
    json_decref(hello);
    return view;
}

static void event(struct floor_view *view, const char *type, const char *body)
{
    g_autofree char *text = g_strdup_printf("{\"type\":\"%s\",\"body\":%s}", type, body);
    json_t *value = load(text);
    floor_view_event(view, value, NOW_US, true);
    json_decref(value);
}

static void assert_speakers(const struct floor_view *view, const char *names)
{
    g_autofree char *speakers = floor_view_speakers(view);
    g_assert_cmpstr(speakers, ==, names);
}

static void ask(struct floor_view *view)
{
    event(view, "floor.requested", "{\"request\":\"r3\",\"site\":\"da-nang\"}");
    event(view, "floor.accepted", "{\"request\":\"r3\",\"position\":2}");
}

static void a_snapshot_shows_title_name_and_speaker(void)
{
    struct floor_view *view = view_new();
    g_assert_cmpstr(floor_view_title(view), ==, "Hội nghị trực tuyến");
    g_assert_cmpstr(floor_view_own_name(view), ==, "Thành phố Đà Nẵng");
    assert_speakers(view, "Thành phố Huế");
    g_assert_cmpint(floor_view_place(view), ==, 0);
    g_assert_null(floor_view_own_request(view));
    floor_view_free(view);
}

static void a_request_gets_a_place_when_it_is_accepted(void)
{
    struct floor_view *view = view_new();
    event(view, "floor.requested", "{\"request\":\"r3\",\"site\":\"da-nang\"}");
    g_assert_cmpstr(floor_view_own_request(view), ==, "r3");
    g_assert_cmpint(floor_view_place(view), ==, 0);
    event(view, "floor.accepted", "{\"request\":\"r3\",\"position\":2}");
    g_assert_cmpint(floor_view_place(view), ==, 2);
    floor_view_free(view);
}

static void the_place_moves_up_and_ends_with_the_floor(void)
{
    struct floor_view *view = view_new();
    ask(view);
    event(view, "floor.cancelled", "{\"request\":\"r2\",\"site\":\"ca-mau\"}");
    g_assert_cmpint(floor_view_place(view), ==, 1);
    event(view, "floor.released", "{\"request\":\"r1\",\"site\":\"hue\"}");
    assert_speakers(view, "");
    event(view, "floor.granted", "{\"request\":\"r3\",\"site\":\"da-nang\",\"seconds\":null}");
    assert_speakers(view, "Thành phố Đà Nẵng");
    g_assert_cmpint(floor_view_place(view), ==, 0);
    g_assert_true(floor_view_is_speaking(view));
    event(view, "floor.revoked", "{\"request\":\"r3\",\"site\":\"da-nang\",\"why\":null}");
    g_assert_false(floor_view_is_speaking(view));
    g_assert_null(floor_view_own_request(view));
    floor_view_free(view);
}

static void deferring_and_reordering_move_a_request(void)
{
    struct floor_view *view = view_new();
    ask(view);
    event(view, "floor.deferred", "{\"request\":\"r2\",\"position\":2}");
    g_assert_cmpint(floor_view_place(view), ==, 1);
    event(view, "floor.reordered", "{\"request\":\"r2\",\"position\":1}");
    g_assert_cmpint(floor_view_place(view), ==, 2);
    floor_view_free(view);
}

static void muting_is_followed_for_the_own_room_alone(void)
{
    struct floor_view *view = view_new();
    event(view, "site.muted", "{\"site\":\"hue\"}");
    g_assert_false(floor_view_is_muted(view));
    event(view, "site.muted", "{\"site\":\"da-nang\"}");
    g_assert_true(floor_view_is_muted(view));
    event(view, "site.unmuted", "{\"site\":\"da-nang\"}");
    g_assert_false(floor_view_is_muted(view));
    floor_view_free(view);
}

static void a_change_of_title_is_shown(void)
{
    struct floor_view *view = view_new();
    event(view, "meeting.updated", "{\"title\":\"Hội nghị giao ban\"}");
    g_assert_cmpstr(floor_view_title(view), ==, "Hội nghị giao ban");
    event(view, "meeting.updated", "{\"floors\":2}");
    g_assert_cmpstr(floor_view_title(view), ==, "Hội nghị giao ban");
    floor_view_free(view);
}

static void a_new_snapshot_replaces_the_old(void)
{
    struct floor_view *view = view_new();
    json_t *hello = load("{\"site\":\"hue\",\"state\":{\"meeting\":{\"title\":\"Khác\"},"
                         "\"sites\":[{\"id\":\"hue\",\"name\":\"Huế\",\"muted\":true}],"
                         "\"floor\":{\"holders\":[],\"queue\":[]}}}");
    floor_view_start(view, hello);
    json_decref(hello);
    g_assert_cmpstr(floor_view_title(view), ==, "Khác");
    g_assert_cmpstr(floor_view_own_name(view), ==, "Huế");
    g_assert_true(floor_view_is_muted(view));
    assert_speakers(view, "");
    floor_view_free(view);
}

static void a_terminals_control_characters_are_not_shown(void)
{
    struct floor_view *view = view_new();
    event(view, "meeting.updated", "{\"title\":\"\\u001b[2J\"}");
    g_assert_cmpstr(floor_view_title(view), ==, "?");
    json_t *hello = load("{\"site\":\"x\\u001b\",\"state\":{\"sites\":[{\"id\":\"y\\u0007\"}],"
                         "\"floor\":{\"holders\":[{\"request\":\"r\",\"site\":\"\\u001b]0;\"}]}}}");
    floor_view_start(view, hello);
    json_decref(hello);
    g_autofree char *speakers = floor_view_speakers(view);
    g_assert_null(strchr(speakers, '\033'));
    g_assert_null(strchr(floor_view_own_name(view), '\033'));
    floor_view_free(view);
}

static void what_a_hostile_server_leaves_out_breaks_nothing(void)
{
    static const char *const hellos[] = {
        "{}", "{\"state\":[]}", "{\"site\":4,\"state\":{}}",
        "{\"state\":{\"sites\":[1,{}],\"floor\":{\"queue\":[{}]}}}"};
    static const char *const events[] = {"{}", "[]", "{\"type\":5}", "{\"type\":\"floor.granted\"}",
                                         "{\"type\":\"floor.accepted\",\"body\":{\"request\":[]}}"};
    struct floor_view *view = floor_view_new();
    for (size_t i = 0; i < G_N_ELEMENTS(hellos); i++) {
        json_t *hello = load(hellos[i]);
        floor_view_start(view, hello);
        json_decref(hello);
        for (size_t k = 0; k < G_N_ELEMENTS(events); k++) {
            json_t *value = load(events[k]);
            floor_view_event(view, value, NOW_US, true);
            json_decref(value);
        }
        assert_speakers(view, "");
        g_assert_nonnull(floor_view_own_name(view));
    }
    floor_view_free(view);
}

static void event_at(struct floor_view *view, const char *time, const char *type, const char *body)
{
    g_autofree char *text =
        g_strdup_printf("{\"type\":\"%s\",\"time\":\"%s\",\"body\":%s}", type, time, body);
    json_t *value = load(text);
    floor_view_event(view, value, NOW_US, true);
    json_decref(value);
}

/* The server's clock is 100 s ahead of this machine's. */
static void an_allowance_runs_down_by_the_servers_clock(void)
{
    struct floor_view *view = view_new();
    int seconds;
    g_assert_false(floor_view_time_left(view, NOW_US, &seconds));
    ask(view);
    event_at(view, "2026-11-23T08:31:40.000000Z", "floor.granted",
             "{\"request\":\"r3\",\"site\":\"da-nang\",\"seconds\":300}");
    g_assert_true(floor_view_time_left(view, NOW_US, &seconds));
    g_assert_cmpint(seconds, ==, 300);
    g_assert_true(floor_view_time_left(view, NOW_US + 240 * G_USEC_PER_SEC, &seconds));
    g_assert_cmpint(seconds, ==, 60);
    event(view, "floor.extended", "{\"request\":\"r3\",\"seconds\":400}");
    g_assert_true(floor_view_time_left(view, NOW_US + 240 * G_USEC_PER_SEC, &seconds));
    g_assert_cmpint(seconds, ==, 160);
    g_assert_true(floor_view_time_left(view, NOW_US + 405 * G_USEC_PER_SEC, &seconds));
    g_assert_cmpint(seconds, ==, -5);
    event(view, "floor.released", "{\"request\":\"r3\",\"site\":\"da-nang\"}");
    g_assert_false(floor_view_time_left(view, NOW_US, &seconds));
    floor_view_free(view);
}

static void messages_to_this_room_are_kept_and_clean(void)
{
    struct floor_view *view = view_new();
    event(view, "message.sent", "{\"from\":\"hue\",\"to\":null,\"text\":\"Xin chào\"}");
    event(view, "message.sent", "{\"from\":\"hue\",\"to\":\"ca-mau\",\"text\":\"riêng\"}");
    event(view, "message.sent", "{\"from\":\"ca-mau\",\"to\":\"da-nang\",\"text\":\"\\u001b[2J\"}");
    g_assert_cmpstr(floor_view_message(view, 0), ==, "Tỉnh Cà Mau: ?");
    g_assert_cmpstr(floor_view_message(view, 1), ==, "Thành phố Huế: Xin chào");
    g_assert_null(floor_view_message(view, 2));
    floor_view_free(view);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/floor_view/a_snapshot_shows_title_name_and_speaker",
                    a_snapshot_shows_title_name_and_speaker);
    g_test_add_func("/floor_view/a_request_gets_a_place_when_it_is_accepted",
                    a_request_gets_a_place_when_it_is_accepted);
    g_test_add_func("/floor_view/the_place_moves_up_and_ends_with_the_floor",
                    the_place_moves_up_and_ends_with_the_floor);
    g_test_add_func("/floor_view/deferring_and_reordering_move_a_request",
                    deferring_and_reordering_move_a_request);
    g_test_add_func("/floor_view/muting_is_followed_for_the_own_room_alone",
                    muting_is_followed_for_the_own_room_alone);
    g_test_add_func("/floor_view/a_change_of_title_is_shown", a_change_of_title_is_shown);
    g_test_add_func("/floor_view/a_new_snapshot_replaces_the_old", a_new_snapshot_replaces_the_old);
    g_test_add_func("/floor_view/a_terminals_control_characters_are_not_shown",
                    a_terminals_control_characters_are_not_shown);
    g_test_add_func("/floor_view/what_a_hostile_server_leaves_out_breaks_nothing",
                    what_a_hostile_server_leaves_out_breaks_nothing);
    g_test_add_func("/floor_view/an_allowance_runs_down_by_the_servers_clock",
                    an_allowance_runs_down_by_the_servers_clock);
    g_test_add_func("/floor_view/messages_to_this_room_are_kept_and_clean",
                    messages_to_this_room_are_kept_and_clean);
    return g_test_run();
}
