/* Frames of a source to its taps, and to the shards. */
#include "bridge/video/broadcast.h"
#include "bridge/video/relay.h"

#include <glib.h>
#include <semaphore.h>
#include <string.h>

struct stage {
    struct shard *shard;
    struct queue *queue;
    struct relay *relay;
    struct intake *intake;
    struct relay_source *source;
    atomic_uint tapped;
    atomic_uint last;
    atomic_uint last_restart;
};

static void on_frame(struct coded_frame *frame, void *arg)
{
    struct stage *stage = arg;
    stage->last = frame->timestamp;
    stage->last_restart = frame->is_restart;
    stage->tapped++;
}

static void open_stage(struct stage *stage)
{
    memset(stage, 0, sizeof *stage);
    stage->queue = queue_new();
    stage->shard = shard_new(0);
    struct relay_config config = {
        .name = "test", .shards = &stage->shard, .shard_count = 1, .main_queue = stage->queue};
    stage->relay = relay_new(&config);
    stage->intake = intake_new();
    stage->source = relay_add(stage->relay, stage->intake, stage);
    relay_set_tap(stage->relay, stage->source, on_frame, stage);
}

static void close_stage(struct stage *stage)
{
    relay_free(stage->relay);
    intake_unref(stage->intake);
    shard_free(stage->shard);
    queue_free(stage->queue);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

static struct coded_frame *draw(bool is_key, uint32_t number, size_t size)
{
    struct coded_frame *frame = coded_frame_new(CODED_VP8, size);
    memset(frame->bytes, 0, size);
    frame->is_key = is_key;
    frame->timestamp = number;
    return frame;
}

static void await_frames(struct stage *stage, unsigned count)
{
    while (stage->tapped < count)
        g_thread_yield();
}

static void frames_reach_the_tap_in_order(void)
{
    struct stage stage;
    open_stage(&stage);
    for (unsigned i = 0; i < 20; i++)
        g_assert_true(intake_push(stage.intake, draw(i == 0, i, 3000)));
    await_frames(&stage, 20);
    g_assert_cmpuint(stage.last, ==, 19);
    g_assert_cmpuint(relay_source_stream(stage.source), !=, 0);
    close_stage(&stage);
}

static void a_removed_source_is_let_go_at_once(void)
{
    struct stage stage;
    open_stage(&stage);
    intake_push(stage.intake, draw(true, 1, 100));
    await_frames(&stage, 1);
    relay_remove(stage.relay, stage.source);
    g_assert_false(intake_push(stage.intake, draw(true, 2, 100)));
    g_assert_cmpuint(stage.tapped, ==, 1);
    /* And may come back. */
    stage.source = relay_add(stage.relay, stage.intake, &stage);
    relay_set_tap(stage.relay, stage.source, on_frame, &stage);
    g_assert_false(intake_push(stage.intake, draw(false, 3, 100)));
    g_assert_true(intake_push(stage.intake, draw(true, 4, 100)));
    await_frames(&stage, 2);
    g_assert_cmpuint(stage.last, ==, 4);
    g_assert_cmpuint(stage.last_restart, ==, 1);
    close_stage(&stage);
}

static void a_full_intake_lets_go_up_to_the_next_key_frame(void)
{
    struct intake *intake = intake_new();
    struct wake *wake = wake_new();
    struct coded_frame *frame;
    unsigned pushed = 0;
    intake_open(intake, wake);
    while (intake_push(intake, draw(pushed == 0, pushed, 10)))
        pushed++;
    for (unsigned i = 0; i < pushed; i++) {
        frame = intake_pop(intake);
        g_assert_cmpuint(frame->timestamp, ==, i);
        coded_frame_unref(frame);
    }
    g_assert_null(intake_pop(intake));
    g_assert_false(intake_push(intake, draw(false, 100, 10)));
    g_assert_true(intake_push(intake, draw(true, 101, 10)));
    frame = intake_pop(intake);
    g_assert_true(frame->is_restart);
    coded_frame_unref(frame);
    intake_push(intake, draw(false, 102, 10)); /* freed with the intake */
    intake_unref(intake);
    wake_unref(wake);
}

static void wait_for(void *arg)
{
    while (sem_wait(arg) != 0)
        continue;
}

static void what_does_not_fit_is_not_sent_in_part(void)
{
    struct shard *shard = shard_new(0);
    sem_t read_on;
    sem_init(&read_on, 0, 0);
    struct broadcast *broadcast = broadcast_new(&shard, 1);
    struct coded_frame *large = draw(true, 1, CODED_SIZE_MAX), *small = draw(false, 2, 100),
                       *key = draw(true, 3, 100);
    shard_post(shard, wait_for, &read_on); /* the shard lags */
    g_assert_false(broadcast_send(broadcast, large));
    g_assert_false(broadcast_send(broadcast, small)); /* it refers to the large one */
    g_assert_false(broadcast_send(broadcast, key));
    sem_post(&read_on);
    while (!broadcast_send(broadcast, key))
        g_thread_yield();
    g_assert_true(broadcast_send(broadcast, small));
    coded_frame_unref(large);
    coded_frame_unref(small);
    coded_frame_unref(key);
    broadcast_free(broadcast);
    shard_free(shard);
    sem_destroy(&read_on);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/relay/" #name, name)
    ADD(frames_reach_the_tap_in_order);
    ADD(a_removed_source_is_let_go_at_once);
    ADD(a_full_intake_lets_go_up_to_the_next_key_frame);
    ADD(what_does_not_fit_is_not_sent_in_part);
    return g_test_run();
}
