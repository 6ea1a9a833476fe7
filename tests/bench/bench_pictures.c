/* One stream of pictures (1.5 Mb/s, 25 a second, a key frame every four seconds) to 10 and to 100
 * legs: CPU time of the thread that cuts it into packets and of the shard that sends. Only the
 * latter may grow. The receivers are real legs on shards of their own, and acknowledge what comes.
 */
#include "bridge/transport/leg.h"
#include "bridge/video/broadcast.h"
#include "common/clock.h"

#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FRAME_US   40000
#define FRAMES     250 /* ten seconds */
#define KEY_EVERY  100
#define KEY_SIZE   60000
#define DELTA_SIZE 6960
#define RECEIVERS  2 /* shards */

struct bench {
    unsigned count;
    struct shard *sending, *receiving[RECEIVERS];
    struct leg **senders, **receivers;
    struct broadcast *broadcast;
    char *description;
    atomic_uint connected;
    atomic_uint_fast64_t frames;
};

struct run {
    void (*call)(struct bench *bench, unsigned leg);
    struct bench *bench;
    unsigned leg;
    sem_t done;
};

static void do_run(void *arg)
{
    struct run *run = arg;
    run->call(run->bench, run->leg);
    sem_post(&run->done);
}

static void run_on(struct shard *shard, void (*call)(struct bench *bench, unsigned leg),
                   struct bench *bench, unsigned leg)
{
    struct run run = {.call = call, .bench = bench, .leg = leg};
    sem_init(&run.done, 0, 0);
    shard_post(shard, do_run, &run);
    while (sem_wait(&run.done) != 0)
        continue;
    sem_destroy(&run.done);
}

static void on_state(struct leg *leg, enum leg_state state, void *arg)
{
    struct bench *bench = arg;
    (void)leg;
    if (state == LEG_CONNECTED)
        atomic_fetch_add(&bench->connected, 1);
}

static void on_picture(struct leg *leg, unsigned medium, struct coded_frame *frame, void *arg)
{
    struct bench *bench = arg;
    (void)leg;
    (void)medium;
    atomic_fetch_add_explicit(&bench->frames, 1, memory_order_relaxed);
    coded_frame_unref(frame);
}

static struct leg *make_leg(struct bench *bench, struct shard *shard, enum leg_role role)
{
    static const char *const loopback[] = {"127.0.0.1", NULL};
    GError *error = NULL;
    struct leg_config config = {.role = role,
                                .name = "bench",
                                .handlers = {.state = on_state, .picture = on_picture},
                                .arg = bench,
                                .addresses = loopback,
                                .has_pictures = true};
    struct leg *leg = leg_new(shard, &config, &error);
    if (leg == NULL)
        g_error("%s (raise the limit of open files?)", error->message);
    return leg;
}

static struct shard *receiving_shard(struct bench *bench, unsigned i)
{
    return bench->receiving[i % RECEIVERS];
}

static void offer(struct bench *bench, unsigned i)
{
    bench->receivers[i] = make_leg(bench, receiving_shard(bench, i), LEG_OFFERER);
    leg_open_video(bench->receivers[i], LEG_MEDIUM_VIDEO, true, 0);
    bench->description = leg_offer(bench->receivers[i], false, NULL);
}

static void answer(struct bench *bench, unsigned i)
{
    g_autofree char *sdp = bench->description;
    bench->senders[i] = make_leg(bench, bench->sending, LEG_ANSWERER);
    bench->description = leg_answer(bench->senders[i], sdp, NULL);
    leg_set_video_stream(bench->senders[i], LEG_MEDIUM_VIDEO, broadcast_stream(bench->broadcast));
}

static void accept_answer(struct bench *bench, unsigned i)
{
    leg_accept_answer(bench->receivers[i], bench->description, NULL);
    g_clear_pointer(&bench->description, g_free);
}

static void free_sender(struct bench *bench, unsigned i)
{
    leg_free(bench->senders[i]);
}

static void free_receiver(struct bench *bench, unsigned i)
{
    leg_free(bench->receivers[i]);
}

static void open_bench(struct bench *bench, unsigned count)
{
    *bench = (struct bench){.count = count,
                            .sending = shard_new(0),
                            .senders = g_new0(struct leg *, count),
                            .receivers = g_new0(struct leg *, count)};
    bench->broadcast = broadcast_new(&bench->sending, 1);
    for (unsigned i = 0; i < RECEIVERS; i++)
        bench->receiving[i] = shard_new(1 + i);
    for (unsigned i = 0; i < count; i++) {
        run_on(receiving_shard(bench, i), offer, bench, i);
        run_on(bench->sending, answer, bench, i);
        run_on(receiving_shard(bench, i), accept_answer, bench, i);
    }
    while (atomic_load(&bench->connected) < 2 * count)
        usleep(10000);
}

static void close_bench(struct bench *bench)
{
    broadcast_free(bench->broadcast);
    for (unsigned i = 0; i < bench->count; i++) {
        run_on(bench->sending, free_sender, bench, i);
        run_on(receiving_shard(bench, i), free_receiver, bench, i);
    }
    shard_free(bench->sending);
    for (unsigned i = 0; i < RECEIVERS; i++)
        shard_free(bench->receiving[i]);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    g_free(bench->senders);
    g_free(bench->receivers);
}

static int64_t own_cpu_us(void)
{
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

static struct coded_frame *draw(bool is_key, int64_t now_us)
{
    static const uint8_t head[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x02};
    struct coded_frame *frame = coded_frame_new(CODED_VP8, is_key ? KEY_SIZE : DELTA_SIZE);
    memset(frame->bytes, 0x5a, frame->size);
    memcpy(frame->bytes, head, sizeof head);
    frame->bytes[0] = is_key ? 0x10 : 0x11;
    frame->is_key = is_key;
    frame->timestamp = coded_timestamp(now_us);
    return frame;
}

static void measure(unsigned count)
{
    struct bench bench;
    struct leg_counters counters;
    uint64_t packets = 0;
    open_bench(&bench, count);
    int64_t sent_us = shard_cpu_us(bench.sending), cut_us = own_cpu_us();
    int64_t due_us = clock_monotonic_us();
    for (unsigned i = 0; i < FRAMES; i++) {
        struct coded_frame *frame = draw(i % KEY_EVERY == 0, due_us);
        broadcast_send(bench.broadcast, frame);
        coded_frame_unref(frame);
        due_us += FRAME_US;
        usleep((useconds_t)MAX(due_us - clock_monotonic_us(), 1));
    }
    double seconds = (double)FRAMES * FRAME_US / 1e6;
    sent_us = shard_cpu_us(bench.sending) - sent_us;
    cut_us = own_cpu_us() - cut_us;
    for (unsigned i = 0; i < count; i++) {
        leg_counters(bench.senders[i], &counters);
        packets += counters.video_packets_sent;
    }
    printf("legs %3u: cut %.2f ms/s, send %.1f ms/s, %.2f us a packet, frames whole %.2f %%\n",
           count, (double)cut_us / 1000 / seconds, (double)sent_us / 1000 / seconds,
           (double)sent_us / (double)packets,
           100.0 * (double)atomic_load(&bench.frames) / ((double)count * FRAMES));
    close_bench(&bench);
}

int main(void)
{
    measure(10);
    measure(100);
    return 0;
}
