/* Two legs, offerer and answerer, on two shards over real sockets of this machine. */
#include "bridge/transport/leg.h"
#include "common/queue.h"

#include <string.h>

#define FRAMES 50

struct peer {
    struct shard *shard;
    struct leg *leg;
    struct pair *pair;
    bool is_connected, is_failed;
    unsigned received;
    uint8_t last[64];
    int last_level;
    uint32_t first_timestamp, last_timestamp;
};

/* The test's thread waits on `queue`; the shards post what happens. */
struct pair {
    struct queue *queue;
    GMainContext *context;
    struct peer offerer, answerer;
    char *description;
    GError *error;
    bool is_done;
};

struct call {
    struct pair *pair;
    struct peer *peer;
    void (*run)(struct pair *pair, struct peer *peer);
};

static void finish_call(void *arg)
{
    struct pair *pair = arg;
    pair->is_done = true;
}

static void run_call(void *arg)
{
    struct call *call = arg;
    call->run(call->pair, call->peer);
    queue_post(call->pair->queue, finish_call, call->pair);
}

/* Runs something on a peer's shard and waits for it. The pair's fields are handed over by the
 * queues. */
static void on_shard(struct pair *pair, struct peer *peer,
                     void (*run)(struct pair *pair, struct peer *peer))
{
    struct call call = {pair, peer, run};
    pair->is_done = false;
    shard_post(peer->shard, run_call, &call);
    do
        g_main_context_iteration(pair->context, TRUE);
    while (!pair->is_done);
}

struct news {
    struct peer *peer;
    enum leg_state state;
};

static void take_state(void *arg)
{
    struct news *news = arg;
    news->peer->is_connected = news->state == LEG_CONNECTED;
    news->peer->is_failed = news->peer->is_failed || news->state == LEG_FAILED;
    g_free(news);
}

static void on_state(struct leg *leg, enum leg_state state, void *arg)
{
    struct peer *peer = arg;
    struct news *news = g_new0(struct news, 1);
    (void)leg;
    *news = (struct news){peer, state};
    queue_post(peer->pair->queue, take_state, news);
}

struct arrival {
    struct peer *peer;
    uint32_t timestamp;
    size_t size;
    uint8_t payload[64];
};

static void take_arrival(void *arg)
{
    struct arrival *arrival = arg;
    struct peer *peer = arrival->peer;
    if (peer->received++ == 0)
        peer->first_timestamp = arrival->timestamp;
    peer->last_timestamp = arrival->timestamp;
    memcpy(peer->last, arrival->payload, sizeof peer->last);
    g_free(arrival);
}

static void on_rtp(struct leg *leg, unsigned medium, const struct rtp_packet *packet,
                   int64_t arrival_us, void *arg)
{
    struct peer *peer = arg;
    (void)leg;
    (void)arrival_us;
    g_assert_cmpuint(medium, ==, LEG_MEDIUM_AUDIO);
    struct arrival *arrival = g_new0(struct arrival, 1);
    arrival->peer = peer;
    arrival->timestamp = packet->timestamp;
    arrival->size = MIN(packet->payload_size, sizeof arrival->payload);
    memcpy(arrival->payload, packet->payload, arrival->size);
    queue_post(peer->pair->queue, take_arrival, arrival);
}

static void make_leg(struct pair *pair, struct peer *peer)
{
    struct leg_config config = {
        .role = peer == &pair->offerer ? LEG_OFFERER : LEG_ANSWERER,
        .name = peer == &pair->offerer ? "test/offerer" : "test/answerer",
        .handlers = {on_state, NULL, on_rtp},
        .arg = peer,
    };
    peer->leg = leg_new(peer->shard, &config, &pair->error);
    g_assert_no_error(pair->error);
}

static void make_offer(struct pair *pair, struct peer *peer)
{
    pair->description = leg_offer(peer->leg, false, &pair->error);
}

static void make_restarting_offer(struct pair *pair, struct peer *peer)
{
    pair->description = leg_offer(peer->leg, true, &pair->error);
}

static void answer_offer(struct pair *pair, struct peer *peer)
{
    char *offer = pair->description;
    pair->description = leg_answer(peer->leg, offer, &pair->error);
    g_free(offer);
}

static void accept_answer(struct pair *pair, struct peer *peer)
{
    leg_accept_answer(peer->leg, pair->description, &pair->error);
    g_clear_pointer(&pair->description, g_free);
}

static void free_leg(struct pair *pair, struct peer *peer)
{
    (void)pair;
    leg_free(peer->leg);
    peer->leg = NULL;
}

static void open_pair(struct pair *pair)
{
    memset(pair, 0, sizeof *pair);
    pair->context = g_main_context_new();
    pair->queue = queue_new();
    queue_attach(pair->queue, pair->context);
    pair->offerer = (struct peer){.shard = shard_new(0), .pair = pair};
    pair->answerer = (struct peer){.shard = shard_new(1), .pair = pair};
    on_shard(pair, &pair->offerer, make_leg);
    on_shard(pair, &pair->answerer, make_leg);
}

static void negotiate(struct pair *pair, void (*offer)(struct pair *pair, struct peer *peer))
{
    on_shard(pair, &pair->offerer, offer);
    on_shard(pair, &pair->answerer, answer_offer);
    g_assert_no_error(pair->error);
    on_shard(pair, &pair->offerer, accept_answer);
    g_assert_no_error(pair->error);
}

static void await_connected(struct pair *pair)
{
    while (!pair->offerer.is_connected || !pair->answerer.is_connected) {
        g_assert_false(pair->offerer.is_failed || pair->answerer.is_failed);
        g_main_context_iteration(pair->context, TRUE);
    }
}

static void close_pair(struct pair *pair)
{
    if (pair->offerer.leg != NULL)
        on_shard(pair, &pair->offerer, free_leg);
    if (pair->answerer.leg != NULL)
        on_shard(pair, &pair->answerer, free_leg);
    shard_free(pair->offerer.shard);
    shard_free(pair->answerer.shard);
    queue_free(pair->queue);
    g_main_context_unref(pair->context);
    g_free(pair->description);
    g_clear_error(&pair->error);
}

static void send_frames(struct pair *pair, struct peer *peer)
{
    struct frame_pool *pool = frame_pool_new(4);
    (void)pair;
    for (unsigned i = 0; i < FRAMES; i++) {
        struct frame *frame = frame_pool_take(pool);
        frame->timestamp = 960 * i;
        frame->level_dbov = 20;
        frame->size = 40;
        memset(frame->payload, (int)i, frame->size);
        leg_send_frame(peer->leg, frame);
        frame_unref(frame);
    }
    frame_pool_free(pool);
}

static void check_frames_cross(struct pair *pair, struct peer *from, struct peer *to)
{
    to->received = 0;
    on_shard(pair, from, send_frames);
    while (to->received < FRAMES)
        g_main_context_iteration(pair->context, TRUE);
    g_assert_cmpuint(to->last[0], ==, FRAMES - 1);
    g_assert_cmpuint(to->last_timestamp - to->first_timestamp, ==, 960 * (FRAMES - 1));
}

static void frames_cross_in_both_directions(void)
{
    struct pair pair;
    struct leg_counters counters;
    open_pair(&pair);
    negotiate(&pair, make_offer);
    await_connected(&pair);
    check_frames_cross(&pair, &pair.offerer, &pair.answerer);
    check_frames_cross(&pair, &pair.answerer, &pair.offerer);
    leg_counters(pair.answerer.leg, &counters);
    g_assert_cmpuint(counters.rtp_received, ==, FRAMES);
    g_assert_cmpuint(counters.rtp_lost, ==, 0);
    g_assert_cmpint(counters.level_dbov, ==, -20);
    close_pair(&pair);
}

static void media_goes_on_through_an_ice_restart(void)
{
    struct pair pair;
    open_pair(&pair);
    negotiate(&pair, make_offer);
    await_connected(&pair);
    check_frames_cross(&pair, &pair.offerer, &pair.answerer);
    negotiate(&pair, make_restarting_offer);
    await_connected(&pair);
    check_frames_cross(&pair, &pair.offerer, &pair.answerer);
    check_frames_cross(&pair, &pair.answerer, &pair.offerer);
    close_pair(&pair);
}

/* Another certificate than the description promised. */
static void spoil_fingerprint(struct pair *pair, struct peer *peer)
{
    answer_offer(pair, peer);
    char *digits = strstr(pair->description, "a=fingerprint:sha-256 ") + 22;
    digits[0] = digits[0] == 'A' ? 'B' : 'A';
}

static void a_wrong_fingerprint_passes_no_media(void)
{
    struct pair pair;
    open_pair(&pair);
    on_shard(&pair, &pair.offerer, make_offer);
    on_shard(&pair, &pair.answerer, spoil_fingerprint);
    on_shard(&pair, &pair.offerer, accept_answer);
    g_assert_no_error(pair.error);
    while (!pair.offerer.is_failed)
        g_main_context_iteration(pair.context, TRUE);
    g_assert_false(pair.offerer.is_connected);
    close_pair(&pair);
}

static void a_leg_may_go_in_mid_handshake(void)
{
    struct pair pair;
    open_pair(&pair);
    negotiate(&pair, make_offer);
    on_shard(&pair, &pair.answerer, free_leg);
    on_shard(&pair, &pair.offerer, free_leg);
    close_pair(&pair);
}

static void refuses_nonsense(struct pair *pair, struct peer *peer)
{
    static const char *const bad[] = {"", "hello", "v=0\r\n", "v=0\r\nm=audio 9 RTP/AVP 0\r\n"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_null(leg_answer(peer->leg, bad[i], &pair->error));
        g_assert_nonnull(strstr(pair->error->message, "invalid sdp"));
        g_clear_error(&pair->error);
    }
}

static void nonsense_is_refused_by_name(void)
{
    struct pair pair;
    open_pair(&pair);
    on_shard(&pair, &pair.answerer, refuses_nonsense);
    close_pair(&pair);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/leg/frames_cross_in_both_directions", frames_cross_in_both_directions);
    g_test_add_func("/leg/media_goes_on_through_an_ice_restart",
                    media_goes_on_through_an_ice_restart);
    g_test_add_func("/leg/a_wrong_fingerprint_passes_no_media",
                    a_wrong_fingerprint_passes_no_media);
    g_test_add_func("/leg/a_leg_may_go_in_mid_handshake", a_leg_may_go_in_mid_handshake);
    g_test_add_func("/leg/nonsense_is_refused_by_name", nonsense_is_refused_by_name);
    return g_test_run();
}
