/* The bridge's control socket, spoken to as signaling and as worse than that. */
#include "tests/unit/bridge/bridge_process.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static json_t *hello(struct bridge_process *bridge)
{
    return bridge_call(bridge, "bridge.hello", json_pack("{s:i}", "version", 1));
}

static void create(struct bridge_process *bridge, const char *conference)
{
    bridge_do(bridge, "conference.create",
              json_pack("{s:s, s:s}", "conference", conference, "name", "Hội nghị thử"));
}

/* How many conferences it says it has. */
static size_t conferences(struct bridge_process *bridge)
{
    json_t *greeting = hello(bridge);
    size_t count = json_array_size(json_object_get(greeting, "conferences"));
    json_decref(greeting);
    return count;
}

static void assert_refused(struct bridge_process *bridge, const char *method, json_t *params,
                           const char *field)
{
    g_autofree char *message = bridge_refusal(bridge, method, params, BRIDGE_INVALID);
    if (!g_str_has_prefix(message, field))
        g_error("%s was refused with \"%s\", not for its %s", method, message, field);
}

static void hello_tells_version_and_process(void)
{
    struct bridge_process bridge;
    bridge_open(&bridge);
    json_t *greeting = hello(&bridge);
    g_assert_cmpint(json_integer_value(json_object_get(greeting, "version")), ==, 1);
    g_assert_cmpint(json_integer_value(json_object_get(greeting, "pid")), ==, bridge.pid);
    g_assert_cmpuint(json_array_size(json_object_get(greeting, "conferences")), ==, 0);
    json_decref(greeting);
    assert_refused(&bridge, "bridge.hello", json_pack("{s:i}", "version", 2), "version");
    bridge_close(&bridge);
}

static void what_does_not_fit_is_refused_by_name(void)
{
    struct bridge_process bridge;
    bridge_open(&bridge);
    create(&bridge, "demo");
    assert_refused(&bridge, "conference.create",
                   json_pack("{s:s, s:s, s:i}", "conference", "d", "name", "D", "colour", 1),
                   "colour");
    assert_refused(&bridge, "conference.create", json_pack("{s:s}", "conference", "d"), "name");
    assert_refused(&bridge, "conference.create",
                   json_pack("{s:s, s:s}", "conference", "../d", "name", "D"), "conference");
    assert_refused(&bridge, "conference.floor",
                   json_pack("{s:s, s:s}", "conference", "demo", "speakers", "hue"), "speakers");
    assert_refused(&bridge, "bridge.stats", json_pack("[i]", 1), "params");
    assert_refused(&bridge, "bridge.shutdown", json_pack("{s:b}", "now", 1), "now");
    assert_refused(
        &bridge, "recording.start",
        json_pack("{s:s, s:s, s:s}", "conference", "demo", "directory", "here", "title", "T"),
        "directory");
    g_autofree char *unknown = bridge_refusal(&bridge, "conference.dance", NULL, -32601);
    g_assert_cmpuint(conferences(&bridge), ==, 1);
    bridge_close(&bridge);
}

static void a_leg_is_named_by_a_slug(void)
{
    static const char *const bad[] = {"",  "../../etc", "account./hue",        "account.",
                                      "/", "Hue",       "account.account.hue", "hue\n"};
    struct bridge_process bridge;
    bridge_open(&bridge);
    create(&bridge, "demo");
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        assert_refused(
            &bridge, "leg.offer",
            json_pack("{s:s, s:s, s:s}", "conference", "demo", "leg", bad[i], "sdp", "v=0"), "leg");
        assert_refused(&bridge, "conference.floor",
                       json_pack("{s:s, s:[{s:s, s:s}]}", "conference", "demo", "speakers", "leg",
                                 bad[i], "name", "N"),
                       "speakers");
    }
    bridge_do(&bridge, "leg.remove",
              json_pack("{s:s, s:s}", "conference", "demo", "leg", "account.thu-ky"));
    bridge_close(&bridge);
}

static void an_offer_that_is_none_makes_no_leg(void)
{
    struct bridge_process bridge;
    bridge_open(&bridge);
    create(&bridge, "demo");
    assert_refused(&bridge, "leg.offer",
                   json_pack("{s:s, s:s, s:s}", "conference", "demo", "leg", "hue", "sdp", "hello"),
                   "invalid sdp: ");
    json_t *greeting = hello(&bridge);
    json_t *conference = json_array_get(json_object_get(greeting, "conferences"), 0);
    g_assert_cmpuint(json_array_size(json_object_get(conference, "legs")), ==, 0);
    json_decref(greeting);
    bridge_close(&bridge);
}

/* What the bridge answers to a peer that is not there. */
static char *offer(struct bridge_process *bridge, const char *session, const char *ufrag,
                   const char *fingerprint)
{
    g_autofree char *sdp =
        g_strdup_printf("v=0\r\no=- %s 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE a\r\n"
                        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:%s\r\n"
                        "a=ice-pwd:peersPasswordIsLong123+\r\na=setup:actpass\r\n"
                        "a=fingerprint:sha-256 %s:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
                        "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n"
                        "a=rtcp-mux\r\na=mid:a\r\na=rtpmap:111 opus/48000/2\r\n",
                        session, ufrag, fingerprint);
    json_t *answer =
        bridge_call(bridge, "leg.offer",
                    json_pack("{s:s, s:s, s:s}", "conference", "demo", "leg", "hue", "sdp", sdp));
    char *text = g_strdup(json_string_value(json_object_get(answer, "sdp")));
    json_decref(answer);
    return text;
}

/* The value of an attribute; g_free(). */
static char *attribute(const char *sdp, const char *name)
{
    const char *start = strstr(sdp, name);
    g_assert_nonnull(start);
    return g_strndup(start + strlen(name), strcspn(start + strlen(name), " \r\n"));
}

#define SSRC  "a=ssrc:"
#define UFRAG "a=ice-ufrag:"

static void new_credentials_restart_ice_another_fingerprint_replaces(void)
{
    struct bridge_process bridge;
    bridge_open(&bridge);
    create(&bridge, "demo");
    g_autofree char *first = offer(&bridge, "1", "peer", "01");
    g_autofree char *restarted = offer(&bridge, "1", "again", "01");
    g_autofree char *replaced = offer(&bridge, "1", "other", "02");
    g_autofree char *ssrc = attribute(first, SSRC), *same = attribute(restarted, SSRC),
                    *other = attribute(replaced, SSRC);
    g_autofree char *ufrag = attribute(first, UFRAG), *new = attribute(restarted, UFRAG);
    g_assert_cmpstr(ssrc, ==, same); /* the leg is the same, its ICE is not */
    g_assert_cmpstr(ufrag, !=, new);
    g_assert_cmpstr(ssrc, !=, other);
    json_t *greeting = hello(&bridge);
    json_t *conference = json_array_get(json_object_get(greeting, "conferences"), 0);
    g_assert_cmpuint(json_array_size(json_object_get(conference, "legs")), ==, 1);
    json_decref(greeting);
    bridge_close(&bridge);
}

/* A program that lost its connection and makes another, with the one certificate that it has. */
static void new_credentials_of_another_session_replace(void)
{
    struct bridge_process bridge;
    bridge_open(&bridge);
    create(&bridge, "demo");
    g_autofree char *first = offer(&bridge, "1", "peer", "01");
    g_autofree char *again = offer(&bridge, "2", "peer", "01");
    g_autofree char *replaced = offer(&bridge, "3", "other", "01");
    g_autofree char *ssrc = attribute(first, SSRC), *same = attribute(again, SSRC),
                    *other = attribute(replaced, SSRC);
    g_assert_cmpstr(ssrc, ==, same); /* the way is as it was: the peer counts its offers so */
    g_assert_cmpstr(ssrc, !=, other);
    bridge_close(&bridge);
}

static void the_network_is_what_signaling_says(void)
{
    struct bridge_process bridge;
    bridge_open(&bridge);
    json_t *network =
        json_pack("{s:[s], s:s, s:[i, i], s:b, s:b}", "addresses", "127.0.0.1", "public_address",
                  "198.51.100.7", "ports", 41000, 41999, "ice_lite", true, "ice_tcp", true);
    json_decref(bridge_call(&bridge, "bridge.hello",
                            json_pack("{s:i, s:o}", "version", 1, "network", network)));
    create(&bridge, "demo");
    g_autofree char *answer = offer(&bridge, "1", "peer", "01");
    g_assert_nonnull(strstr(answer, "a=ice-lite"));
    g_assert_nonnull(strstr(answer, " 198.51.100.7 41"));
    g_assert_nonnull(strstr(answer, "tcptype passive"));
    g_assert_null(strstr(answer, " 127.0.0.1 4"));
    json_t *wrong = json_pack("{s:i, s:{s:[s]}}", "version", 1, "network", "addresses", "here");
    g_autofree char *why = bridge_refusal(&bridge, "bridge.hello", wrong, -32602);
    g_assert_nonnull(strstr(why, "addresses must be IP addresses"));
    bridge_close(&bridge);
}

static void declaring_twice_does_no_harm(void)
{
    struct bridge_process bridge;
    bridge_open(&bridge);
    create(&bridge, "demo");
    create(&bridge, "demo");
    g_assert_cmpuint(conferences(&bridge), ==, 1);
    for (int i = 0; i < 2; i++)
        bridge_do(&bridge, "conference.floor",
                  json_pack("{s:s, s:[{s:s, s:s}]}", "conference", "demo", "speakers", "leg", "hue",
                            "name", "Huế"));
    for (int i = 0; i < 2; i++)
        bridge_do(&bridge, "conference.close", json_pack("{s:s}", "conference", "demo"));
    g_assert_cmpuint(conferences(&bridge), ==, 0);
    bridge_close(&bridge);
}

static void a_floor_for_too_many_is_refused_whole(void)
{
    struct bridge_process bridge;
    bridge_open(&bridge);
    create(&bridge, "demo");
    bridge_do(&bridge, "conference.floor",
              json_pack("{s:s, s:[{s:s, s:s}]}", "conference", "demo", "speakers", "leg", "hue",
                        "name", "Huế"));
    json_t *speakers = json_array();
    for (int i = 0; i < 65; i++) {
        g_autofree char *leg = g_strdup_printf("room-%d", i);
        json_array_append_new(speakers, json_pack("{s:s, s:s}", "leg", leg, "name", leg));
    }
    g_autofree char *message =
        bridge_refusal(&bridge, "conference.floor",
                       json_pack("{s:s, s:o}", "conference", "demo", "speakers", speakers), 1);
    json_t *greeting = hello(&bridge);
    json_t *conference = json_array_get(json_object_get(greeting, "conferences"), 0);
    json_t *declared = json_object_get(conference, "speakers");
    g_assert_cmpuint(json_array_size(declared), ==, 1);
    g_assert_cmpstr(json_string_value(json_array_get(declared, 0)), ==, "hue");
    json_decref(greeting);
    bridge_close(&bridge);
}

/* ---- the socket ---- */

static void await_end_of_file(int fd)
{
    char byte;
    while (read(fd, &byte, 1) > 0)
        continue;
    close(fd);
}

static void hostile_lines_end_only_their_connection(void)
{
    static const char *const lines[] = {"\n",         "hello\n", "[]\n", "{\"a\":1,\"a\":2}\n",
                                        "\xff\xfe\n", "null\n"};
    struct bridge_process bridge;
    bridge_open(&bridge);
    create(&bridge, "demo");
    bridge_disconnect(&bridge);
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        int fd = bridge_socket(&bridge);
        g_assert_cmpint(write(fd, lines[i], strlen(lines[i])), >, 0);
        await_end_of_file(fd);
    }
    bridge_connect(&bridge);
    g_assert_cmpuint(conferences(&bridge), ==, 1);
    bridge_close(&bridge);
}

static void an_endless_line_ends_its_connection(void)
{
    struct bridge_process bridge;
    g_autofree char *block = g_strnfill(64 * 1024, '{');
    ssize_t sent;
    bridge_open(&bridge);
    bridge_disconnect(&bridge);
    int fd = bridge_socket(&bridge);
    do
        sent = send(fd, block, 64 * 1024, MSG_NOSIGNAL);
    while (sent > 0);
    close(fd);
    bridge_connect(&bridge);
    json_decref(hello(&bridge));
    bridge_close(&bridge);
}

static void a_new_connection_replaces_the_old(void)
{
    struct bridge_process bridge;
    bridge_open(&bridge);
    create(&bridge, "demo");
    struct wire *old = bridge.wire;
    bridge.wire = NULL;
    bridge_connect(&bridge);
    struct wire *new = bridge.wire;
    g_assert_cmpuint(conferences(&bridge), ==, 1);
    while (bridge.wire != NULL) /* the old one is told of its end */
        g_main_context_iteration(NULL, TRUE);
    g_assert_true(old != new);
    bridge.wire = new;
    json_decref(hello(&bridge));
    bridge_close(&bridge);
}

static void the_socket_is_its_owners_alone(void)
{
    struct bridge_process bridge;
    GStatBuf info;
    bridge_open(&bridge);
    g_assert_cmpint(g_stat(bridge.socket_path, &info), ==, 0);
    g_assert_cmpint(info.st_mode & 0777, ==, 0600);
    bridge_close(&bridge);
}

static void a_second_bridge_stays_out(void)
{
    struct bridge_process bridge;
    bridge_open(&bridge);
    struct bridge_process second = bridge;
    bridge_start(&second, -1);
    g_assert_true(WEXITSTATUS(bridge_await_exit(&second)) == EXIT_FAILURE);
    json_decref(hello(&bridge));
    bridge_close(&bridge);
}

static void a_dead_bridges_socket_is_replaced(void)
{
    struct bridge_process bridge;
    bridge_open(&bridge);
    bridge_kill(&bridge);
    g_assert_true(g_file_test(bridge.socket_path, G_FILE_TEST_EXISTS));
    bridge_start(&bridge, -1);
    bridge_connect(&bridge);
    json_decref(hello(&bridge));
    bridge_close(&bridge);
}

static void a_file_in_the_sockets_place_is_left_alone(void)
{
    struct bridge_process bridge;
    g_autofree char *content = NULL;
    bridge_prepare(&bridge);
    g_assert_true(g_file_set_contents(bridge.socket_path, "mine", -1, NULL));
    bridge_start(&bridge, -1);
    g_assert_true(WEXITSTATUS(bridge_await_exit(&bridge)) == EXIT_FAILURE);
    g_assert_true(g_file_get_contents(bridge.socket_path, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, "mine");
    bridge_remove(&bridge);
}

/* ---- life and death ---- */

static void a_log_without_a_reader_is_no_reason_to_die(void)
{
    struct bridge_process bridge;
    int ends[2];
    g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
    bridge_prepare(&bridge);
    bridge_start(&bridge, ends[1]);
    bridge_connect(&bridge);
    close(ends[0]);
    close(ends[1]);
    create(&bridge, "demo"); /* is logged */
    kill(bridge.pid, SIGHUP);
    g_assert_cmpuint(conferences(&bridge), ==, 1);
    bridge_close(&bridge);
}

static json_t *start_recording(struct bridge_process *bridge, const char *conference,
                               const char *directory)
{
    return bridge_call(bridge, "recording.start",
                       json_pack("{s:s, s:s, s:s}", "conference", conference, "directory",
                                 directory, "title", "Hội nghị thử"));
}

static void assert_finished(const struct bridge_process *bridge, const char *part)
{
    g_autofree char *manifest = g_build_filename(bridge->directory, part, "manifest.json", NULL);
    g_assert_true(g_file_test(manifest, G_FILE_TEST_EXISTS));
}

static void shutdown_answers_finishes_the_recording_and_ends(void)
{
    struct bridge_process bridge;
    bridge_open(&bridge);
    create(&bridge, "demo");
    json_decref(start_recording(&bridge, "demo", bridge.directory));
    bridge_do(&bridge, "bridge.shutdown", NULL);
    g_assert_cmpint(bridge_await_exit(&bridge), ==, 0);
    assert_finished(&bridge, "part-001");
    bridge_disconnect(&bridge);
    bridge_remove(&bridge);
}

static void a_closed_conference_is_waited_for_at_the_end(void)
{
    struct bridge_process bridge;
    bridge_open(&bridge);
    create(&bridge, "demo");
    json_decref(start_recording(&bridge, "demo", bridge.directory));
    wire_call(bridge.wire, "conference.close", json_pack("{s:s}", "conference", "demo"), NULL,
              NULL);
    bridge_do(&bridge, "bridge.shutdown", NULL);
    g_assert_cmpint(bridge_await_exit(&bridge), ==, 0);
    assert_finished(&bridge, "part-001");
    bridge_disconnect(&bridge);
    bridge_remove(&bridge);
}

static void a_recording_is_told_of_in_hello(void)
{
    struct bridge_process bridge;
    int part = 0, is_recording = 0;
    bridge_open(&bridge);
    create(&bridge, "demo");
    for (int i = 0; i < 2; i++) { /* the second is harmless */
        json_t *place = start_recording(&bridge, "demo", bridge.directory);
        g_assert_cmpstr(json_string_value(json_object_get(place, "path")), ==, "part-001");
        json_decref(place);
    }
    json_t *greeting = hello(&bridge);
    json_unpack(greeting, "{s:[{s:b, s:i}]}", "conferences", "recording", &is_recording, "part",
                &part);
    g_assert_true(is_recording);
    g_assert_cmpint(part, ==, 1);
    json_decref(greeting);
    json_t *stopped =
        bridge_call(&bridge, "recording.stop", json_pack("{s:s}", "conference", "demo"));
    g_assert_cmpint(json_integer_value(json_object_get(stopped, "part")), ==, 1);
    g_assert_nonnull(json_object_get(stopped, "duration_us"));
    json_decref(stopped);
    assert_finished(&bridge, "part-001");
    bridge_close(&bridge);
}

static void a_killed_bridges_part_is_finished_before_the_next(void)
{
    struct bridge_process bridge;
    bridge_open(&bridge);
    create(&bridge, "demo");
    json_decref(start_recording(&bridge, "demo", bridge.directory));
    bridge_kill(&bridge);
    bridge_start(&bridge, -1);
    bridge_connect(&bridge);
    create(&bridge, "demo");
    json_t *place = start_recording(&bridge, "demo", bridge.directory);
    g_assert_cmpint(json_integer_value(json_object_get(place, "part")), ==, 2);
    json_decref(place);
    assert_finished(&bridge, "part-001");
    bridge_close(&bridge);
}

static void one_directory_has_one_writer(void)
{
    struct bridge_process bridge;
    bridge_open(&bridge);
    create(&bridge, "one");
    create(&bridge, "two");
    json_decref(start_recording(&bridge, "one", bridge.directory));
    g_autofree char *message =
        bridge_refusal(&bridge, "recording.start",
                       json_pack("{s:s, s:s, s:s}", "conference", "two", "directory",
                                 bridge.directory, "title", "T"),
                       1);
    bridge_close(&bridge);
}

static void a_disk_that_refuses_leaves_the_conference(void)
{
    struct bridge_process bridge;
    bridge_open(&bridge);
    create(&bridge, "demo");
    g_autofree char *nowhere = g_build_filename(bridge.directory, "bridge.sock.lock", NULL);
    g_autofree char *message = bridge_refusal(
        &bridge, "recording.start",
        json_pack("{s:s, s:s, s:s}", "conference", "demo", "directory", nowhere, "title", "T"), 1);
    g_assert_nonnull(strstr(message, nowhere));
    g_assert_cmpuint(conferences(&bridge), ==, 1);
    json_decref(start_recording(&bridge, "demo", bridge.directory));
    bridge_close(&bridge);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control/hello_tells_version_and_process", hello_tells_version_and_process);
    g_test_add_func("/control/what_does_not_fit_is_refused_by_name",
                    what_does_not_fit_is_refused_by_name);
    g_test_add_func("/control/a_leg_is_named_by_a_slug", a_leg_is_named_by_a_slug);
    g_test_add_func("/control/an_offer_that_is_none_makes_no_leg",
                    an_offer_that_is_none_makes_no_leg);
    g_test_add_func("/control/new_credentials_of_another_session_replace",
                    new_credentials_of_another_session_replace);
    g_test_add_func("/control/the_network_is_what_signaling_says",
                    the_network_is_what_signaling_says);
    g_test_add_func("/control/new_credentials_restart_ice_another_fingerprint_replaces",
                    new_credentials_restart_ice_another_fingerprint_replaces);
    g_test_add_func("/control/declaring_twice_does_no_harm", declaring_twice_does_no_harm);
    g_test_add_func("/control/a_floor_for_too_many_is_refused_whole",
                    a_floor_for_too_many_is_refused_whole);
    g_test_add_func("/control/hostile_lines_end_only_their_connection",
                    hostile_lines_end_only_their_connection);
    g_test_add_func("/control/an_endless_line_ends_its_connection",
                    an_endless_line_ends_its_connection);
    g_test_add_func("/control/a_new_connection_replaces_the_old",
                    a_new_connection_replaces_the_old);
    g_test_add_func("/control/the_socket_is_its_owners_alone", the_socket_is_its_owners_alone);
    g_test_add_func("/control/a_second_bridge_stays_out", a_second_bridge_stays_out);
    g_test_add_func("/control/a_dead_bridges_socket_is_replaced",
                    a_dead_bridges_socket_is_replaced);
    g_test_add_func("/control/a_file_in_the_sockets_place_is_left_alone",
                    a_file_in_the_sockets_place_is_left_alone);
    g_test_add_func("/control/a_log_without_a_reader_is_no_reason_to_die",
                    a_log_without_a_reader_is_no_reason_to_die);
    g_test_add_func("/control/shutdown_answers_finishes_the_recording_and_ends",
                    shutdown_answers_finishes_the_recording_and_ends);
    g_test_add_func("/control/a_closed_conference_is_waited_for_at_the_end",
                    a_closed_conference_is_waited_for_at_the_end);
    g_test_add_func("/control/a_recording_is_told_of_in_hello", a_recording_is_told_of_in_hello);
    g_test_add_func("/control/a_killed_bridges_part_is_finished_before_the_next",
                    a_killed_bridges_part_is_finished_before_the_next);
    g_test_add_func("/control/one_directory_has_one_writer", one_directory_has_one_writer);
    g_test_add_func("/control/a_disk_that_refuses_leaves_the_conference",
                    a_disk_that_refuses_leaves_the_conference);
    return g_test_run();
}
