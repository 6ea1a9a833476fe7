#include "stage.h"

#include <string.h>

#define FRAMES 50

void stage_open(struct stage *stage)
{
    memset(stage, 0, sizeof *stage);
    stage->context = g_main_context_new();
    stage->queue = queue_new();
    queue_attach(stage->queue, stage->context);
    stage->offering = shard_new(0);
    stage->answering = shard_new(1);
}

void stage_close(struct stage *stage)
{
    shard_free(stage->offering);
    shard_free(stage->answering);
    queue_free(stage->queue);
    g_main_context_unref(stage->context);
}

void stage_step(struct stage *stage)
{
    g_main_context_iteration(stage->context, TRUE);
}

struct run {
    struct peer *peer;
    peer_call call;
    void *arg;
};

static void finish_run(void *arg)
{
    struct stage *stage = arg;
    stage->is_done = true;
}

static void do_run(void *arg)
{
    struct run *run = arg;
    struct stage *stage = run->peer->stage;
    run->call(run->peer, run->arg);
    queue_post(stage->queue, finish_run, stage);
}

void stage_run(struct peer *peer, peer_call call, void *arg)
{
    struct run run = {peer, call, arg};
    peer->stage->is_done = false;
    shard_post(peer->shard, do_run, &run);
    while (!peer->stage->is_done)
        stage_step(peer->stage);
}

/* ---- news ---- */

struct state_news {
    struct peer *peer;
    enum leg_state state;
};

static void take_state(void *arg)
{
    struct state_news *news = arg;
    struct peer *peer = news->peer;
    peer->state = news->state;
    peer->was_connected |= news->state == LEG_CONNECTED;
    peer->was_failed |= news->state == LEG_FAILED;
    g_free(news);
}

static void on_state(struct leg *leg, enum leg_state state, void *arg)
{
    struct peer *peer = arg;
    struct state_news *news = g_new(struct state_news, 1);
    (void)leg;
    *news = (struct state_news){peer, state};
    queue_post(peer->stage->queue, take_state, news);
    if (peer->on_state != NULL)
        peer->on_state(peer, state);
}

struct packet_news {
    struct peer *peer;
    uint16_t sequence_number;
    uint32_t timestamp;
    uint8_t byte;
};

static void take_packet(void *arg)
{
    struct packet_news *news = arg;
    struct peer *peer = news->peer;
    if (peer->received++ == 0)
        peer->is_in_order = true;
    else if (rtp_sequence_distance(peer->last_sequence_number, news->sequence_number) != 1 ||
             news->timestamp - peer->last_timestamp != 960)
        peer->is_in_order = false;
    peer->last_sequence_number = news->sequence_number;
    peer->last_timestamp = news->timestamp;
    peer->last_byte = news->byte;
    g_free(news);
}

static void on_rtp(struct leg *leg, unsigned medium, const struct rtp_packet *packet,
                   int64_t arrival_us, void *arg)
{
    struct peer *peer = arg;
    struct packet_news *news = g_new(struct packet_news, 1);
    (void)leg;
    (void)arrival_us;
    g_assert_cmpuint(medium, ==, LEG_MEDIUM_AUDIO);
    g_assert_cmpuint(packet->payload_size, ==, 40);
    *news =
        (struct packet_news){peer, packet->sequence_number, packet->timestamp, packet->payload[39]};
    queue_post(peer->stage->queue, take_packet, news);
    if (peer->on_rtp != NULL)
        peer->on_rtp(peer);
}

static void on_picture(struct leg *leg, unsigned medium, struct coded_frame *frame, void *arg)
{
    struct peer *peer = arg;
    (void)leg;
    peer->on_picture(peer, medium, frame);
}

static void on_keyframe(struct leg *leg, unsigned medium, uint32_t stream, void *arg)
{
    struct peer *peer = arg;
    (void)leg;
    peer->on_keyframe(peer, medium, stream);
}

/* ---- life ---- */

static void make_leg(struct peer *peer, void *arg)
{
    static const char *const loopback[] = {"127.0.0.1", NULL};
    (void)arg;
    struct leg_config config = {
        .role = peer->role,
        .name = peer->role == LEG_OFFERER ? "test/offerer" : "test/answerer",
        .handlers = {on_state, NULL, on_rtp},
        .arg = peer,
        .addresses = loopback,
        .has_pictures = peer->has_pictures,
        .has_tcp = peer->has_tcp,
        .is_lite = peer->is_lite,
    };
    if (peer->on_picture != NULL)
        config.handlers.picture = on_picture;
    if (peer->on_keyframe != NULL)
        config.handlers.keyframe = on_keyframe;
    peer->leg = leg_new(peer->shard, &config, &peer->error);
    g_assert_no_error(peer->error);
}

void peer_open(struct peer *peer, struct stage *stage, enum leg_role role)
{
    peer->stage = stage;
    peer->role = role;
    peer->shard = role == LEG_OFFERER ? stage->offering : stage->answering;
    stage_run(peer, make_leg, NULL);
}

static void free_leg(struct peer *peer, void *arg)
{
    (void)arg;
    leg_free(peer->leg);
    peer->leg = NULL;
}

void peer_close(struct peer *peer)
{
    stage_run(peer, free_leg, NULL);
    g_clear_pointer(&peer->description, g_free);
    g_clear_error(&peer->error);
}

/* ---- descriptions ---- */

static void make_offer(struct peer *peer, void *arg)
{
    peer->description = leg_offer(peer->leg, *(bool *)arg, &peer->error);
}

void peer_make_offer(struct peer *peer, bool restart)
{
    stage_run(peer, make_offer, &restart);
    g_assert_no_error(peer->error);
}

static void answer_offer(struct peer *peer, void *arg)
{
    peer->description = leg_answer(peer->leg, arg, &peer->error);
}

void peer_answer(struct peer *peer, struct peer *from)
{
    stage_run(peer, answer_offer, from->description);
    g_assert_no_error(peer->error);
    g_clear_pointer(&from->description, g_free);
}

static void accept_answer(struct peer *peer, void *arg)
{
    leg_accept_answer(peer->leg, arg, &peer->error);
}

void peer_accept(struct peer *peer, struct peer *from)
{
    stage_run(peer, accept_answer, from->description);
    g_assert_no_error(peer->error);
    g_clear_pointer(&from->description, g_free);
}

void peers_negotiate(struct peer *offerer, struct peer *answerer, bool restart)
{
    peer_make_offer(offerer, restart);
    peer_answer(answerer, offerer);
    peer_accept(offerer, answerer);
}

void peers_await_connected(struct peer *offerer, struct peer *answerer)
{
    while (offerer->state != LEG_CONNECTED || answerer->state != LEG_CONNECTED) {
        g_assert_false(offerer->was_failed || answerer->was_failed);
        stage_step(offerer->stage);
    }
}

void peers_connect(struct stage *stage, struct peer *offerer, struct peer *answerer)
{
    peer_open(offerer, stage, LEG_OFFERER);
    peer_open(answerer, stage, LEG_ANSWERER);
    peers_negotiate(offerer, answerer, false);
    peers_await_connected(offerer, answerer);
}

void peers_close(struct peer *offerer, struct peer *answerer)
{
    peer_close(offerer);
    peer_close(answerer);
}

/* ---- media ---- */

static void send_frames(struct peer *peer, void *arg)
{
    unsigned count = *(unsigned *)arg;
    struct frame_pool *pool = frame_pool_new(1);
    for (unsigned i = 0; i < count; i++) {
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

void peer_send(struct peer *from, unsigned count)
{
    stage_run(from, send_frames, &count);
}

void peers_check_media(struct peer *from, struct peer *to)
{
    to->received = 0;
    peer_send(from, FRAMES);
    while (to->received < FRAMES)
        stage_step(to->stage);
    g_assert_true(to->is_in_order);
    g_assert_cmpuint(to->last_byte, ==, FRAMES - 1);
}
