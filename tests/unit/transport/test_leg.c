/* Two legs, offerer and answerer: what they agree on, and that media flows. */
#include "stage.h"

#include "bridge/transport/leg_private.h"
#include "common/clock.h"

#include <string.h>

static void frames_cross_in_both_directions(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    struct leg_counters counters;
    stage_open(&stage);
    peers_connect(&stage, &offerer, &answerer);
    peers_check_media(&offerer, &answerer);
    peers_check_media(&answerer, &offerer);
    leg_counters(answerer.leg, &counters);
    g_assert_cmpuint(counters.rtp_received, ==, 50);
    g_assert_cmpuint(counters.rtp_sent, ==, 50);
    g_assert_cmpuint(counters.rtp_lost, ==, 0);
    g_assert_cmpuint(counters.srtp_failures, ==, 0);
    g_assert_cmpuint(counters.send_errors, ==, 0);
    g_assert_cmpint(counters.level_dbov, ==, -20);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
}

static void media_goes_on_through_an_ice_restart(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    stage_open(&stage);
    peers_connect(&stage, &offerer, &answerer);
    peers_check_media(&offerer, &answerer);
    peers_negotiate(&offerer, &answerer, true);
    peers_check_media(&offerer, &answerer);
    peers_check_media(&answerer, &offerer);
    g_assert_false(offerer.was_failed || answerer.was_failed);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
}

static void move(struct peer *peer, void *arg)
{
    (void)arg;
    leg_move(peer->leg, &peer->error);
    g_assert_no_error(peer->error);
    g_assert_cmpint(leg_get_state(peer->leg), ==, LEG_DISCONNECTED);
}

/* The keys stay: the peer takes it for the restart that it is to him. */
static void media_goes_on_from_another_address(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    stage_open(&stage);
    peers_connect(&stage, &offerer, &answerer);
    peers_check_media(&offerer, &answerer);
    stage_run(&offerer, move, NULL);
    while (offerer.state != LEG_DISCONNECTED)
        stage_step(&stage);
    peers_negotiate(&offerer, &answerer, false);
    peers_await_connected(&offerer, &answerer);
    peers_check_media(&offerer, &answerer);
    peers_check_media(&answerer, &offerer);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
}

/* Takes the lines that begin with "a=candidate:" out of a description; gives them one by one to the
 * other side. */
static GPtrArray *cut_candidates(struct peer *peer)
{
    g_auto(GStrv) lines = g_strsplit(peer->description, "\r\n", -1);
    GPtrArray *candidates = g_ptr_array_new_with_free_func(g_free);
    GString *rest = g_string_new(NULL);
    for (size_t i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++) {
        if (g_str_has_prefix(lines[i], "a=candidate:"))
            g_ptr_array_add(candidates, g_strdup(lines[i] + 2));
        else if (strcmp(lines[i], "a=end-of-candidates") != 0)
            g_string_append_printf(rest, "%s\r\n", lines[i]);
    }
    g_free(peer->description);
    peer->description = g_string_free(rest, FALSE);
    return candidates;
}

static void add_candidates(struct peer *peer, void *arg)
{
    GPtrArray *candidates = arg;
    for (unsigned i = 0; i < candidates->len; i++)
        leg_add_candidate(peer->leg, candidates->pdata[i], "0");
    leg_add_candidate(peer->leg, "", "0");
}

/* Keeps only the candidates of a transport. */
static void keep_candidates(struct peer *peer, const char *transport)
{
    g_auto(GStrv) lines = g_strsplit(peer->description, "\r\n", -1);
    GString *kept = g_string_new(NULL);
    for (size_t i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++) {
        bool is_candidate = g_str_has_prefix(lines[i], "a=candidate:");
        if (!is_candidate || strstr(lines[i], transport) != NULL)
            g_string_append_printf(kept, "%s\r\n", lines[i]);
    }
    g_free(peer->description);
    peer->description = g_string_free(kept, FALSE);
}

/* A network that lets no UDP through: all that the two know of each other is TCP. */
static void media_flows_over_tcp_alone(void)
{
    struct stage stage;
    struct peer offerer = {.has_tcp = true}, answerer = {.has_tcp = true};
    stage_open(&stage);
    peer_open(&offerer, &stage, LEG_OFFERER);
    peer_open(&answerer, &stage, LEG_ANSWERER);
    peer_make_offer(&offerer, false);
    keep_candidates(&offerer, " TCP ");
    peer_answer(&answerer, &offerer);
    keep_candidates(&answerer, " TCP ");
    g_assert_nonnull(strstr(answerer.description, "tcptype passive"));
    peer_accept(&offerer, &answerer);
    peers_await_connected(&offerer, &answerer);
    peers_check_media(&offerer, &answerer);
    peers_check_media(&answerer, &offerer);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
}

static void a_lite_side_only_answers_checks(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {.is_lite = true};
    stage_open(&stage);
    peer_open(&offerer, &stage, LEG_OFFERER);
    peer_open(&answerer, &stage, LEG_ANSWERER);
    peer_make_offer(&offerer, false);
    peer_answer(&answerer, &offerer);
    g_assert_nonnull(strstr(answerer.description, "\r\na=ice-lite\r\n"));
    peer_accept(&offerer, &answerer);
    peers_await_connected(&offerer, &answerer);
    peers_check_media(&offerer, &answerer);
    peers_check_media(&answerer, &offerer);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
}

static void candidates_may_come_one_by_one(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    stage_open(&stage);
    peer_open(&offerer, &stage, LEG_OFFERER);
    peer_open(&answerer, &stage, LEG_ANSWERER);
    peer_make_offer(&offerer, false);
    GPtrArray *offered = cut_candidates(&offerer);
    peer_answer(&answerer, &offerer);
    GPtrArray *answered = cut_candidates(&answerer);
    peer_accept(&offerer, &answerer);
    g_assert_cmpuint(offered->len, ==, 1);
    g_assert_cmpuint(answered->len, ==, 1);
    stage_run(&answerer, add_candidates, offered);
    stage_run(&offerer, add_candidates, answered);
    peers_await_connected(&offerer, &answerer);
    peers_check_media(&offerer, &answerer);
    g_ptr_array_unref(offered);
    g_ptr_array_unref(answered);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
}

/* A browser hides its addresses behind names of mDNS; the pair is found from the checks it sends.
 */
static void a_peer_without_usable_candidates_is_found(void)
{
    static const char *const useless[] = {
        "candidate:1 1 udp 2113937151 5f0c2b3e-6c3a-4c6e-9d2e-0a1b2c3d4e5f.local 54321 typ host",
        "candidate:2 1 tcp 1518280447 127.0.0.1 9 typ host tcptype active",
        "candidate:3 2 udp 2113937150 127.0.0.1 54322 typ host",
        "candidate:4 1 udp 2113937150 not-an-address 54322 typ host",
        "candidate:",
        "candidate:5 1 udp",
        "candidate:6 1 udp 99999999999999999999 127.0.0.1 99999 typ host",
        "a=candidate:7 1 udp 1 127.0.0.1 5 typ host",
        "nonsense",
    };
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    GPtrArray *candidates = g_ptr_array_new();
    for (size_t i = 0; i < G_N_ELEMENTS(useless); i++)
        g_ptr_array_add(candidates, (void *)useless[i]);
    stage_open(&stage);
    peer_open(&offerer, &stage, LEG_OFFERER);
    peer_open(&answerer, &stage, LEG_ANSWERER);
    peer_make_offer(&offerer, false);
    g_ptr_array_unref(cut_candidates(&offerer));
    peer_answer(&answerer, &offerer);
    stage_run(&answerer, add_candidates, candidates);
    peer_accept(&offerer, &answerer);
    peers_await_connected(&offerer, &answerer);
    peers_check_media(&answerer, &offerer);
    g_ptr_array_unref(candidates);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
}

static void report(struct peer *peer, void *arg)
{
    (void)arg;
    leg_send_report(peer->leg, clock_monotonic_us());
}

static void reports_tell_the_round_trip(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    struct leg_counters counters;
    stage_open(&stage);
    peers_connect(&stage, &offerer, &answerer);
    do {
        /* A sender report, and the other side's report on it. */
        peers_check_media(&offerer, &answerer);
        stage_run(&offerer, report, NULL);
        peers_check_media(&offerer, &answerer);
        stage_run(&answerer, report, NULL);
        peers_check_media(&answerer, &offerer);
        leg_counters(offerer.leg, &counters);
    } while (counters.rtt_us == 0);
    g_assert_cmpuint(counters.rtt_us, <, 10000000);
    g_assert_cmpuint(counters.peer_lost, ==, 0);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
}

static void a_peer_that_does_not_listen_is_sent_nothing(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    struct leg_counters counters;
    stage_open(&stage);
    peer_open(&offerer, &stage, LEG_OFFERER);
    peer_open(&answerer, &stage, LEG_ANSWERER);
    peer_make_offer(&offerer, false);
    g_auto(GStrv) halves = g_strsplit(offerer.description, "a=sendrecv", 2);
    g_free(offerer.description);
    offerer.description = g_strjoinv("a=sendonly", halves);
    peer_answer(&answerer, &offerer);
    g_assert_nonnull(strstr(answerer.description, "a=recvonly"));
    peer_accept(&offerer, &answerer);
    peers_await_connected(&offerer, &answerer);
    peers_check_media(&offerer, &answerer);
    peer_send(&answerer, 10);
    leg_counters(answerer.leg, &counters);
    g_assert_cmpuint(counters.rtp_sent, ==, 0);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
}

static void a_leg_that_goes_tells_its_peer(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    stage_open(&stage);
    peers_connect(&stage, &offerer, &answerer);
    peers_check_media(&offerer, &answerer);
    peer_close(&offerer);
    while (answerer.state != LEG_CLOSED)
        stage_step(&stage);
    peer_close(&answerer);
    stage_close(&stage);
}

static void tick_later(struct peer *peer, void *arg)
{
    leg_tick(peer->leg, clock_monotonic_us() + *(int64_t *)arg);
}

static void a_leg_that_never_connects_fails_in_the_end(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    int64_t later_us = 29000000;
    stage_open(&stage);
    peer_open(&offerer, &stage, LEG_OFFERER);
    peer_open(&answerer, &stage, LEG_ANSWERER);
    peer_make_offer(&offerer, false);
    peer_answer(&answerer, &offerer);
    stage_run(&answerer, tick_later, &later_us);
    g_assert_false(answerer.was_failed);
    later_us = 31000000;
    stage_run(&answerer, tick_later, &later_us);
    g_assert_true(answerer.was_failed);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/leg/frames_cross_in_both_directions", frames_cross_in_both_directions);
    g_test_add_func("/leg/media_goes_on_from_another_address", media_goes_on_from_another_address);
    g_test_add_func("/leg/media_goes_on_through_an_ice_restart",
                    media_goes_on_through_an_ice_restart);
    g_test_add_func("/leg/media_flows_over_tcp_alone", media_flows_over_tcp_alone);
    g_test_add_func("/leg/a_lite_side_only_answers_checks", a_lite_side_only_answers_checks);
    g_test_add_func("/leg/candidates_may_come_one_by_one", candidates_may_come_one_by_one);
    g_test_add_func("/leg/a_peer_without_usable_candidates_is_found",
                    a_peer_without_usable_candidates_is_found);
    g_test_add_func("/leg/reports_tell_the_round_trip", reports_tell_the_round_trip);
    g_test_add_func("/leg/a_peer_that_does_not_listen_is_sent_nothing",
                    a_peer_that_does_not_listen_is_sent_nothing);
    g_test_add_func("/leg/a_leg_that_goes_tells_its_peer", a_leg_that_goes_tells_its_peer);
    g_test_add_func("/leg/a_leg_that_never_connects_fails_in_the_end",
                    a_leg_that_never_connects_fails_in_the_end);
    return g_test_run();
}
