/* One stream to many legs: the shard's way (a frame by reference, protected by OpenSSL, sent on the
 * selected socket) against the plain way (libsrtp and nice_agent_send() for each leg), paced at 50
 * frames a second, in CPU time of the sending thread. The receivers are real legs; they are held
 * while it is measured, since waking them would be charged to the sender. */
#include "bridge/transport/leg_private.h"
#include "common/clock.h"

#include <openssl/rand.h>
#include <pthread.h>
#include <srtp2/srtp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS       5
#define TICKS        50 /* a round of each way is one second */
#define TICK_US      20000
#define PAYLOAD_SIZE 80     /* 32 kb/s */
#define RECEIVERS    2      /* shards */
#define PAUSE_US     500000 /* for the receivers to catch up */

struct bench {
    unsigned count;
    struct shard *sending, *receiving[RECEIVERS];
    struct leg **senders, **receivers;
    srtp_t *sessions; /* the plain way's, one a leg */
    uint32_t stream;
    struct frame_pool *pool;
    struct outlet *outlet;
    struct frame *frame; /* of the plain way's present tick */
    atomic_uint connected;
};

/* ---- running something on a shard and waiting for it ---- */

struct run {
    void (*call)(struct bench *bench, unsigned leg);
    struct bench *bench;
    unsigned leg;
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool is_done;
};

static void do_run(void *arg)
{
    struct run *run = arg;
    run->call(run->bench, run->leg);
    pthread_mutex_lock(&run->lock);
    run->is_done = true;
    pthread_cond_signal(&run->done);
    pthread_mutex_unlock(&run->lock);
}

static void run_on(struct shard *shard, void (*call)(struct bench *bench, unsigned leg),
                   struct bench *bench, unsigned leg)
{
    struct run run = {call, bench, leg, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
    shard_post(shard, do_run, &run);
    pthread_mutex_lock(&run.lock);
    while (!run.is_done)
        pthread_cond_wait(&run.done, &run.lock);
    pthread_mutex_unlock(&run.lock);
}

/* ---- legs ---- */

static char *description;

static void on_state(struct leg *leg, enum leg_state state, void *arg)
{
    struct bench *bench = arg;
    (void)leg;
    if (state == LEG_CONNECTED)
        atomic_fetch_add(&bench->connected, 1);
}

static struct leg *make_leg(struct bench *bench, struct shard *shard, enum leg_role role)
{
    static const char *const loopback[] = {"127.0.0.1", NULL};
    GError *error = NULL;
    struct leg_config config = {.role = role,
                                .name = "bench",
                                .handlers = {.state = on_state},
                                .arg = bench,
                                .addresses = loopback};
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
    description = leg_offer(bench->receivers[i], false, NULL);
}

static void answer(struct bench *bench, unsigned i)
{
    g_autofree char *sdp = description;
    bench->senders[i] = make_leg(bench, bench->sending, LEG_ANSWERER);
    description = leg_answer(bench->senders[i], sdp, NULL);
    leg_set_audio_stream(bench->senders[i], bench->stream);
}

static void accept_answer(struct bench *bench, unsigned i)
{
    leg_accept_answer(bench->receivers[i], description, NULL);
    g_clear_pointer(&description, g_free);
}

static void free_sender(struct bench *bench, unsigned i)
{
    leg_free(bench->senders[i]);
}

static void free_receiver(struct bench *bench, unsigned i)
{
    leg_free(bench->receivers[i]);
}

static srtp_t make_session(void)
{
    uint8_t key[28];
    srtp_policy_t policy;
    srtp_t session;
    memset(&policy, 0, sizeof policy);
    RAND_bytes(key, sizeof key);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    policy.ssrc.type = ssrc_any_outbound;
    policy.key = key;
    if (srtp_create(&session, &policy) != srtp_err_status_ok)
        g_error("libsrtp made no session");
    return session;
}

static void open_bench(struct bench *bench, unsigned count)
{
    *bench = (struct bench){.count = count,
                            .sending = shard_new(0),
                            .senders = g_new0(struct leg *, count),
                            .receivers = g_new0(struct leg *, count),
                            .sessions = g_new0(srtp_t, count),
                            .stream = stream_id_new(),
                            .pool = frame_pool_new(16)};
    for (unsigned i = 0; i < RECEIVERS; i++)
        bench->receiving[i] = shard_new(1 + i);
    bench->outlet = outlet_new(bench->sending, 16);
    for (unsigned i = 0; i < count; i++) {
        run_on(receiving_shard(bench, i), offer, bench, i);
        run_on(bench->sending, answer, bench, i);
        run_on(receiving_shard(bench, i), accept_answer, bench, i);
    }
    while (atomic_load(&bench->connected) < 2 * count)
        usleep(10000);
    for (unsigned i = 0; i < count; i++)
        bench->sessions[i] = make_session();
}

static void close_bench(struct bench *bench)
{
    outlet_free(bench->outlet);
    for (unsigned i = 0; i < bench->count; i++) {
        run_on(bench->sending, free_sender, bench, i);
        run_on(receiving_shard(bench, i), free_receiver, bench, i);
        srtp_dealloc(bench->sessions[i]);
    }
    shard_free(bench->sending);
    for (unsigned i = 0; i < RECEIVERS; i++)
        shard_free(bench->receiving[i]);
    frame_pool_free(bench->pool);
    g_free(bench->senders);
    g_free(bench->receivers);
    g_free(bench->sessions);
}

/* ---- the two ways ---- */

static struct frame *next_frame(struct bench *bench)
{
    static uint32_t timestamp;
    struct frame *frame = frame_pool_take(bench->pool);
    g_assert(frame != NULL);
    frame->stream = bench->stream;
    frame->timestamp = timestamp += 960;
    frame->level_dbov = 20;
    frame->size = PAYLOAD_SIZE;
    RAND_bytes(frame->payload, PAYLOAD_SIZE);
    return frame;
}

static void tick_shards_way(struct bench *bench)
{
    struct frame *frame = next_frame(bench);
    outlet_push(bench->outlet, frame);
    outlet_flush(bench->outlet);
    frame_unref(frame);
}

static void send_plainly(struct bench *bench, unsigned unused)
{
    (void)unused;
    for (unsigned i = 0; i < bench->count; i++) {
        _Alignas(4) uint8_t bytes[RTP_PACKET_MAX];
        struct leg *leg = bench->senders[i];
        size_t header =
            rtp_write_header(bytes, (uint8_t)leg->opus_payload_type, false, leg->sequence_number++,
                             bench->frame->timestamp, leg->audio_ssrc, leg->audio_level_id,
                             (uint8_t)bench->frame->level_dbov, true);
        memcpy(bytes + header, bench->frame->payload, bench->frame->size);
        int size = (int)header + bench->frame->size;
        if (srtp_protect(bench->sessions[i], bytes, &size) != srtp_err_status_ok)
            g_error("libsrtp did not protect");
        ice_send(leg->ice, bytes, (size_t)size);
    }
}

static void tick_plain_way(struct bench *bench)
{
    bench->frame = next_frame(bench);
    run_on(bench->sending, send_plainly, bench, 0);
    frame_unref(bench->frame);
}

static void tick_nothing(struct bench *bench)
{
    (void)bench;
}

static void wait_for_lock(void *arg)
{
    pthread_mutex_t *lock = arg;
    pthread_mutex_lock(lock);
    pthread_mutex_unlock(lock);
}

static void do_nothing(struct bench *bench, unsigned unused)
{
    (void)bench;
    (void)unused;
}

/* One second of paced ticks; CPU time of the sending thread. */
static int64_t run_round(struct bench *bench, void (*tick)(struct bench *bench))
{
    pthread_mutex_t hold = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&hold);
    for (unsigned i = 0; i < RECEIVERS; i++)
        shard_post(bench->receiving[i], wait_for_lock, &hold);
    int64_t used_us = shard_cpu_us(bench->sending);
    int64_t due_us = clock_monotonic_us();
    for (unsigned i = 0; i < TICKS; i++) {
        tick(bench);
        due_us += TICK_US;
        int64_t left_us = due_us - clock_monotonic_us();
        if (left_us > 0)
            usleep((useconds_t)left_us);
    }
    used_us = shard_cpu_us(bench->sending) - used_us;
    pthread_mutex_unlock(&hold);
    usleep(PAUSE_US);
    for (unsigned i = 0; i < RECEIVERS; i++)
        run_on(bench->receiving[i], do_nothing, bench, 0);
    return used_us;
}

static int compare(const void *a, const void *b)
{
    int64_t first = *(const int64_t *)a, second = *(const int64_t *)b;
    return (first > second) - (first < second);
}

static double median(int64_t values[ROUNDS])
{
    qsort(values, ROUNDS, sizeof values[0], compare);
    int64_t middle = values[ROUNDS / 2];
    return (double)middle;
}

static uint64_t count_errors(const struct bench *bench)
{
    uint64_t errors = 0;
    for (unsigned i = 0; i < bench->count; i++) {
        struct leg_counters counters;
        leg_counters(bench->senders[i], &counters);
        errors += counters.send_errors;
    }
    return errors;
}

static void measure(unsigned count)
{
    struct bench bench;
    int64_t shards_us[ROUNDS], plain_us[ROUNDS], idle_us[ROUNDS];
    open_bench(&bench, count);
    for (unsigned i = 0; i < ROUNDS; i++) {
        shards_us[i] = run_round(&bench, tick_shards_way);
        plain_us[i] = run_round(&bench, tick_plain_way);
        idle_us[i] = run_round(&bench, tick_nothing);
    }
    /* libnice's own timers cost the same either way. */
    double idle = median(idle_us), packets = (double)count * TICKS;
    double shards = (median(shards_us) - idle) / packets;
    double plain = (median(plain_us) - idle) / packets;
    printf("%3u legs: shard %.2f us a packet, libsrtp + nice_agent_send %.2f, ratio %.2f "
           "(idle %.2f %% of a core, %llu send errors)\n",
           count, shards, plain, plain / shards, 100 * idle / (TICKS * TICK_US),
           (unsigned long long)count_errors(&bench));
    fflush(stdout);
    close_bench(&bench);
}

int main(void)
{
    measure(100);
    measure(400);
    return 0;
}
