/* Shards and outlets: frames go from a producing thread to every leg that is subscribed. */
#include "stage.h"

#include <pthread.h>
#include <string.h>

struct place {
    struct shard *shard;
    bool is_on_shard;
};

static void note_place(void *arg)
{
    struct place *place = arg;
    place->is_on_shard = shard_is_current(place->shard);
}

static void posted_calls_run_on_the_shards_thread(void)
{
    struct place place = {shard_new(0), false};
    g_assert_false(shard_is_current(place.shard));
    shard_post(place.shard, note_place, &place);
    shard_free(place.shard);
    g_assert_true(place.is_on_shard);
}

struct number {
    GArray *numbers;
    int value;
};

static void append_number(void *arg)
{
    struct number *number = arg;
    g_array_append_val(number->numbers, number->value);
}

static void what_was_posted_runs_in_order_before_the_end(void)
{
    struct shard *shard = shard_new(0);
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(int));
    struct number calls[100];
    for (int i = 0; i < 100; i++) {
        calls[i] = (struct number){numbers, i};
        shard_post(shard, append_number, &calls[i]);
    }
    shard_free(shard);
    g_assert_cmpuint(numbers->len, ==, 100);
    for (int i = 0; i < 100; i++)
        g_assert_cmpint(g_array_index(numbers, int, i), ==, i);
    g_array_unref(numbers);
}

static void streams_have_numbers_of_their_own(void)
{
    uint32_t first = stream_id_new();
    g_assert_cmpuint(first, !=, 0);
    g_assert_cmpuint(stream_id_new(), !=, first);
}

/* ---- outlets ---- */

static struct frame *make_frame(struct frame_pool *pool, uint32_t stream, unsigned number)
{
    struct frame *frame = frame_pool_take(pool);
    g_assert_nonnull(frame);
    frame->stream = stream;
    frame->timestamp = 960 * number;
    frame->marker = false;
    frame->level_dbov = 20;
    frame->size = 40;
    memset(frame->payload, (int)number, frame->size);
    return frame;
}

static bool push_frame(struct outlet *outlet, struct frame_pool *pool, uint32_t stream,
                       unsigned number)
{
    struct frame *frame = make_frame(pool, stream, number);
    bool is_pushed = outlet_push(outlet, frame);
    frame_unref(frame);
    return is_pushed;
}

static void wait_for_lock(void *arg)
{
    pthread_mutex_t *lock = arg;
    pthread_mutex_lock(lock);
    pthread_mutex_unlock(lock);
}

static void a_full_outlet_refuses_and_keeps_nothing(void)
{
    struct shard *shard = shard_new(0);
    struct frame_pool *pool = frame_pool_new(8);
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    unsigned pushed = 0;
    /* A shard that is busy with something else. */
    pthread_mutex_lock(&lock);
    shard_post(shard, wait_for_lock, &lock);
    struct outlet *outlet = outlet_new(shard, 4);
    for (unsigned i = 0; i < 8; i++)
        pushed += push_frame(outlet, pool, 1, i);
    pthread_mutex_unlock(&lock);
    g_assert_cmpuint(pushed, ==, 4);
    outlet_free(outlet);
    shard_free(shard);
    frame_pool_free(pool); /* asserts that every frame is back */
}

static void frames_that_nobody_hears_come_back(void)
{
    struct shard *shard = shard_new(0);
    struct frame_pool *pool = frame_pool_new(4);
    struct outlet *outlet = outlet_new(shard, 4);
    for (unsigned i = 0; i < 1000; i++) {
        struct frame *frame = frame_pool_take(pool);
        if (frame == NULL) {
            g_thread_yield();
            continue;
        }
        frame->stream = i % 3;
        if (outlet_push(outlet, frame))
            outlet_flush(outlet);
        frame_unref(frame);
    }
    outlet_free(outlet);
    shard_free(shard);
    frame_pool_free(pool);
}

/* ---- legs ---- */

static void subscribe(struct peer *peer, void *arg)
{
    leg_set_audio_stream(peer->leg, *(uint32_t *)arg);
}

static void await_frames(struct peer *peer, unsigned count)
{
    while (peer->received < count)
        stage_step(peer->stage);
    g_assert_cmpuint(peer->received, ==, count);
    g_assert_true(peer->is_in_order);
}

#define LEGS  50
#define TICKS 20

static void every_subscribed_leg_receives_the_frames(void)
{
    static struct peer offerers[LEGS], answerers[LEGS];
    struct stage stage;
    uint32_t stream = stream_id_new();
    struct frame_pool *pool = frame_pool_new(64);
    stage_open(&stage);
    for (unsigned i = 0; i < LEGS; i++) {
        peer_open(&offerers[i], &stage, LEG_OFFERER);
        peer_open(&answerers[i], &stage, LEG_ANSWERER);
        peers_negotiate(&offerers[i], &answerers[i], false);
        stage_run(&answerers[i], subscribe, &stream);
    }
    for (unsigned i = 0; i < LEGS; i++)
        peers_await_connected(&offerers[i], &answerers[i]);
    struct outlet *outlet = outlet_new(stage.answering, 64);
    /* At once, without waiting for the shard to know of the outlet. */
    for (unsigned i = 0; i < TICKS; i++) {
        g_assert_true(push_frame(outlet, pool, stream, i));
        outlet_flush(outlet);
    }
    for (unsigned i = 0; i < LEGS; i++)
        await_frames(&offerers[i], TICKS);
    outlet_free(outlet);
    for (unsigned i = 0; i < LEGS; i++)
        peers_close(&offerers[i], &answerers[i]);
    stage_close(&stage);
    frame_pool_free(pool);
}

/* Two streams on one timeline, as the listeners' mix and a speaker's own are. */
static void changing_streams_makes_no_jump(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    uint32_t streams[2] = {stream_id_new(), stream_id_new()};
    struct frame_pool *pool = frame_pool_new(64);
    unsigned tick = 0;
    stage_open(&stage);
    peers_connect(&stage, &offerer, &answerer);
    struct outlet *outlet = outlet_new(stage.answering, 64);
    for (unsigned change = 0; change < 6; change++) {
        stage_run(&answerer, subscribe, &streams[change % 2]);
        for (unsigned i = 0; i < 5; i++, tick++) {
            push_frame(outlet, pool, streams[0], tick);
            push_frame(outlet, pool, streams[1], tick);
            outlet_flush(outlet);
        }
        await_frames(&offerer, tick);
        g_assert_cmpuint(offerer.last_byte, ==, tick - 1);
    }
    outlet_free(outlet);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
    frame_pool_free(pool);
}

static void a_leg_that_is_not_subscribed_is_sent_nothing(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    uint32_t stream = stream_id_new(), other = stream_id_new(), none = 0;
    struct frame_pool *pool = frame_pool_new(64);
    stage_open(&stage);
    peers_connect(&stage, &offerer, &answerer);
    struct outlet *outlet = outlet_new(stage.answering, 64);
    stage_run(&answerer, subscribe, &stream);
    stage_run(&answerer, subscribe, &none);
    for (unsigned i = 0; i < 5; i++)
        push_frame(outlet, pool, stream, i);
    for (unsigned i = 0; i < 5; i++)
        push_frame(outlet, pool, other, i);
    outlet_flush(outlet);
    /* What is sent afterwards is the first thing that comes. */
    peers_check_media(&answerer, &offerer);
    outlet_free(outlet);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
    frame_pool_free(pool);
}

/* A burst that is longer than one batch of the shard. */
static void a_long_burst_arrives_whole_and_in_order(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    uint32_t stream = stream_id_new();
    struct frame_pool *pool = frame_pool_new(128);
    stage_open(&stage);
    peers_connect(&stage, &offerer, &answerer);
    struct outlet *outlet = outlet_new(stage.answering, 128);
    stage_run(&answerer, subscribe, &stream);
    for (unsigned i = 0; i < 100; i++)
        g_assert_true(push_frame(outlet, pool, stream, i));
    outlet_flush(outlet);
    await_frames(&offerer, 100);
    outlet_free(outlet);
    peers_close(&offerer, &answerer);
    stage_close(&stage);
    frame_pool_free(pool);
}

static void a_subscribed_leg_may_go(void)
{
    struct stage stage;
    struct peer offerer = {0}, answerer = {0};
    uint32_t stream = stream_id_new();
    struct frame_pool *pool = frame_pool_new(64);
    stage_open(&stage);
    peers_connect(&stage, &offerer, &answerer);
    struct outlet *outlet = outlet_new(stage.answering, 64);
    stage_run(&answerer, subscribe, &stream);
    peer_close(&answerer);
    for (unsigned i = 0; i < 5; i++) {
        push_frame(outlet, pool, stream, i);
        outlet_flush(outlet);
    }
    outlet_free(outlet);
    peer_close(&offerer);
    stage_close(&stage);
    frame_pool_free(pool);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/shard/posted_calls_run_on_the_shards_thread",
                    posted_calls_run_on_the_shards_thread);
    g_test_add_func("/shard/what_was_posted_runs_in_order_before_the_end",
                    what_was_posted_runs_in_order_before_the_end);
    g_test_add_func("/shard/streams_have_numbers_of_their_own", streams_have_numbers_of_their_own);
    g_test_add_func("/shard/a_full_outlet_refuses_and_keeps_nothing",
                    a_full_outlet_refuses_and_keeps_nothing);
    g_test_add_func("/shard/frames_that_nobody_hears_come_back",
                    frames_that_nobody_hears_come_back);
    g_test_add_func("/shard/every_subscribed_leg_receives_the_frames",
                    every_subscribed_leg_receives_the_frames);
    g_test_add_func("/shard/changing_streams_makes_no_jump", changing_streams_makes_no_jump);
    g_test_add_func("/shard/a_leg_that_is_not_subscribed_is_sent_nothing",
                    a_leg_that_is_not_subscribed_is_sent_nothing);
    g_test_add_func("/shard/a_long_burst_arrives_whole_and_in_order",
                    a_long_burst_arrives_whole_and_in_order);
    g_test_add_func("/shard/a_subscribed_leg_may_go", a_subscribed_leg_may_go);
    return g_test_run();
}
