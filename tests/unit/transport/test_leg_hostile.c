/* What a leg bears: strangers, peers that are not who they say, and going at any moment. */
#include "stage.h"

#include "bridge/transport/leg_private.h"
#include "bridge/transport/shard_legs.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

static void spoil_fingerprint(struct peer *peer)
{
    char *digits = strstr(peer->description, "a=fingerprint:sha-256 ") + 22;
    digits[0] = digits[0] == 'A' ? 'B' : 'A';
}

/* `is_answer`: the lie is in the answer, else in the offer. */
static void check_lie(bool is_answer)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    struct leg_counters counters;
    stage_open(&stage);
    peer_open(&offerer, &stage, LEG_OFFERER);
    peer_open(&answerer, &stage, LEG_ANSWERER);
    peer_make_offer(&offerer, false);
    if (!is_answer)
        spoil_fingerprint(&offerer);
    peer_answer(&answerer, &offerer);
    if (is_answer)
        spoil_fingerprint(&answerer);
    peer_accept(&offerer, &answerer);
    while (!offerer.was_failed || !answerer.was_failed)
        stage_step(&stage);
    /* Who was deceived has not let anything pass. */
    struct peer *deceived = is_answer ? &offerer : &answerer;
    struct peer *liar = is_answer ? &answerer : &offerer;
    g_assert_false(deceived->was_connected);
    peer_send(deceived, 10);
    peer_send(liar, 10);
    leg_counters(deceived->leg, &counters);
    g_assert_cmpuint(counters.rtp_sent, ==, 0);
    g_assert_cmpuint(counters.rtp_received, ==, 0);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
}

static void a_wrong_fingerprint_in_an_answer_passes_no_media(void)
{
    check_lie(true);
}

static void a_wrong_fingerprint_in_an_offer_passes_no_media(void)
{
    check_lie(false);
}

static void try_offer(struct peer *peer, void *arg)
{
    peer->description = leg_answer(peer->leg, arg, &peer->error);
}

static void check_refused(struct peer *peer, const char *offer, const char *why)
{
    stage_run(peer, try_offer, (void *)offer);
    g_assert_null(peer->description);
    g_assert_nonnull(strstr(peer->error->message, why));
    g_clear_error(&peer->error);
}

static void a_peer_may_not_become_another(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    stage_open(&stage);
    peers_connect(&stage, &offerer, &answerer);
    peer_make_offer(&offerer, true);
    spoil_fingerprint(&offerer);
    check_refused(&answerer, offerer.description, "fingerprint has changed");
    g_clear_pointer(&offerer.description, g_free);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
}

static void nonsense_is_refused_by_name(void)
{
    static const char *const bad[] = {"", "hello", "v=0\r\n", "v=0\r\nm=audio 9 RTP/AVP 0\r\n"};
    struct stage stage;
    struct peer answerer = {0};
    stage_open(&stage);
    peer_open(&answerer, &stage, LEG_ANSWERER);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        check_refused(&answerer, bad[i], "invalid sdp");
    peer_close(&answerer);
    stage_close(&stage);
}

/* The address in a description's only candidate. */
static struct sockaddr_in address_of(const struct peer *peer)
{
    const char *line = strstr(peer->description, "a=candidate:");
    g_auto(GStrv) words = g_strsplit(line, " ", 7);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(words[5]))};
    g_assert_cmpint(inet_pton(AF_INET, words[4], &address.sin_addr), ==, 1);
    return address;
}

/* What looks like STUN, DTLS, RTP, RTCP and nothing at all, of every size. */
static void send_garbage(const struct sockaddr_in *to)
{
    static const uint8_t first_bytes[] = {0, 1, 20, 22, 23, 63, 64, 128, 144, 191, 192, 255};
    uint8_t bytes[1600];
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(fd, >=, 0);
    for (size_t size = 0; size < sizeof bytes; size += 37) {
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)g_test_rand_int();
        bytes[0] = first_bytes[size % sizeof first_bytes];
        sendto(fd, bytes, size, MSG_DONTWAIT, (const struct sockaddr *)to, sizeof *to);
    }
    close(fd);
}

static void a_strangers_garbage_does_nothing(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    struct leg_counters counters;
    stage_open(&stage);
    peer_open(&offerer, &stage, LEG_OFFERER);
    peer_open(&answerer, &stage, LEG_ANSWERER);
    peer_make_offer(&offerer, false);
    peer_answer(&answerer, &offerer);
    struct sockaddr_in address = address_of(&answerer);
    send_garbage(&address);
    peer_accept(&offerer, &answerer);
    peers_await_connected(&offerer, &answerer);
    send_garbage(&address);
    peers_check_media(&offerer, &answerer);
    peers_check_media(&answerer, &offerer);
    leg_counters(answerer.leg, &counters);
    g_assert_cmpuint(counters.srtp_failures, ==, 0);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
}

/* The same from the validated pair itself, which a peer can always do. */
static void send_garbage_inside(struct peer *peer, void *arg)
{
    static const uint8_t first_bytes[] = {0, 20, 22, 23, 63, 128, 144, 191, 255};
    uint8_t bytes[1600];
    (void)arg;
    for (size_t size = 1; size < sizeof bytes; size += 37) {
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)g_random_int();
        bytes[0] = first_bytes[size % sizeof first_bytes];
        if (size > 1 && bytes[0] >= 128 && size % 2 == 0)
            bytes[1] = SDP_OWN_OPUS_PAYLOAD_TYPE;
        ice_send(peer->leg->ice, bytes, size);
    }
}

static void a_peers_garbage_does_nothing(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    struct leg_counters counters;
    stage_open(&stage);
    peers_connect(&stage, &offerer, &answerer);
    stage_run(&offerer, send_garbage_inside, NULL);
    peers_check_media(&offerer, &answerer);
    leg_counters(answerer.leg, &counters);
    g_assert_cmpuint(counters.srtp_failures, >, 0);
    g_assert_cmpuint(counters.rtp_received, ==, 50);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
}

/* Authentic RTCP of many sources: what a peer with the keys can make libsrtp remember. */
static void report_for_many(struct peer *peer, void *arg)
{
    (void)arg;
    for (uint32_t ssrc = 1; ssrc <= 2 * SRTP_INBOUND_SSRCS_MAX; ssrc++) {
        uint8_t bytes[64];
        size_t size = rtcp_write_receiver_report(bytes, 32, ssrc, NULL, 0);
        g_assert_cmpint(srtp_endpoint_protect_rtcp(peer->leg->srtp, bytes, &size, sizeof bytes), ==,
                        SRTP_OK);
        ice_send(peer->leg->ice, bytes, size);
    }
}

static void a_peer_may_not_have_any_number_of_sources(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    struct leg_counters counters;
    stage_open(&stage);
    peers_connect(&stage, &offerer, &answerer);
    peers_check_media(&offerer, &answerer);
    stage_run(&offerer, report_for_many, NULL);
    /* A known source goes on. */
    peers_check_media(&offerer, &answerer);
    leg_counters(answerer.leg, &counters);
    g_assert_cmpuint(counters.srtp_failures, >=, SRTP_INBOUND_SSRCS_MAX);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
}

/* ---- going ---- */

static void leave_when_connected(struct peer *peer, enum leg_state state)
{
    if (state != LEG_CONNECTED)
        return;
    leg_free(peer->leg);
    peer->leg = NULL;
}

static void check_leaves_when_connected(struct peer *leaving, struct peer *offerer,
                                        struct peer *answerer)
{
    struct stage stage;
    stage_open(&stage);
    leaving->on_state = leave_when_connected;
    peer_open(offerer, &stage, LEG_OFFERER);
    peer_open(answerer, &stage, LEG_ANSWERER);
    peers_negotiate(offerer, answerer, false);
    while (!leaving->was_connected)
        stage_step(&stage);
    peers_close(offerer, answerer);
    stage_close(&stage);
}

static void a_leg_may_go_from_its_state_handler(void)
{
    for (unsigned i = 0; i < 2; i++) {
        struct peer offerer = {0}, answerer = {0};
        check_leaves_when_connected(i == 0 ? &offerer : &answerer, &offerer, &answerer);
    }
}

static void leave(struct peer *peer)
{
    leg_free(peer->leg);
    peer->leg = NULL;
}

static void a_leg_may_go_from_its_packet_handler(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {.on_rtp = leave};
    stage_open(&stage);
    peers_connect(&stage, &offerer, &answerer);
    peer_send(&offerer, 50);
    while (answerer.received == 0)
        stage_step(&stage);
    /* It has told, and was told, that it is over: nothing comes after the one packet. */
    while (offerer.state != LEG_CLOSED)
        stage_step(&stage);
    g_assert_cmpuint(answerer.received, ==, 1);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
}

static void leave_when_failed(struct peer *peer, enum leg_state state)
{
    if (state == LEG_FAILED)
        leave(peer);
}

static void a_leg_may_go_because_its_peer_has_lied(void)
{
    struct stage stage;
    struct peer offerer = {.on_state = leave_when_failed};
    struct peer answerer = {.on_state = leave_when_failed};
    stage_open(&stage);
    peer_open(&offerer, &stage, LEG_OFFERER);
    peer_open(&answerer, &stage, LEG_ANSWERER);
    peer_make_offer(&offerer, false);
    peer_answer(&answerer, &offerer);
    spoil_fingerprint(&answerer);
    peer_accept(&offerer, &answerer);
    while (!offerer.was_failed || !answerer.was_failed)
        stage_step(&stage);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
}

static void let_time_pass(struct peer *peer, void *arg)
{
    for (unsigned i = *(unsigned *)arg; i > 0; i--)
        g_main_context_iteration(shard_context(peer->shard), FALSE);
}

static void a_leg_may_go_at_any_moment(void)
{
    for (unsigned turns = 0; turns < 60; turns += 3) {
        struct stage stage;
        struct peer offerer = {0}, answerer = {0};
        stage_open(&stage);
        peer_open(&offerer, &stage, LEG_OFFERER);
        peer_open(&answerer, &stage, LEG_ANSWERER);
        peers_negotiate(&offerer, &answerer, false);
        for (unsigned i = 0; i < turns; i++) {
            unsigned one = 1;
            stage_run(i % 2 == 0 ? &offerer : &answerer, let_time_pass, &one);
        }
        peers_close(&offerer, &answerer);
        stage_close(&stage);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/leg/a_wrong_fingerprint_in_an_answer_passes_no_media",
                    a_wrong_fingerprint_in_an_answer_passes_no_media);
    g_test_add_func("/leg/a_wrong_fingerprint_in_an_offer_passes_no_media",
                    a_wrong_fingerprint_in_an_offer_passes_no_media);
    g_test_add_func("/leg/a_peer_may_not_become_another", a_peer_may_not_become_another);
    g_test_add_func("/leg/nonsense_is_refused_by_name", nonsense_is_refused_by_name);
    g_test_add_func("/leg/a_strangers_garbage_does_nothing", a_strangers_garbage_does_nothing);
    g_test_add_func("/leg/a_peers_garbage_does_nothing", a_peers_garbage_does_nothing);
    g_test_add_func("/leg/a_peer_may_not_have_any_number_of_sources",
                    a_peer_may_not_have_any_number_of_sources);
    g_test_add_func("/leg/a_leg_may_go_from_its_state_handler",
                    a_leg_may_go_from_its_state_handler);
    g_test_add_func("/leg/a_leg_may_go_from_its_packet_handler",
                    a_leg_may_go_from_its_packet_handler);
    g_test_add_func("/leg/a_leg_may_go_because_its_peer_has_lied",
                    a_leg_may_go_because_its_peer_has_lied);
    g_test_add_func("/leg/a_leg_may_go_at_any_moment", a_leg_may_go_at_any_moment);
    return g_test_run();
}
