#include "bridge/video/relay.h"

#include "bridge/video/broadcast.h"

#include <glib-unix.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/eventfd.h>
#include <time.h>

struct relay {
    char *name;
    struct shard *const *shards;
    unsigned shard_count;
    struct queue *main_queue;
    void (*keyframe)(struct relay_source *source, void *arg);
    void *arg;
    GPtrArray *sources; /* the main thread's list */
    struct queue *queue;
    struct wake *wake;
    pthread_t thread;
    /* The relay's thread's. */
    GMainContext *context;
    GMainLoop *loop;
    GPtrArray *running; /* of struct relay_source */
};

struct relay_source {
    struct relay *relay;
    struct intake *intake;
    struct broadcast *broadcast;
    void *arg;
    atomic_uint references; /* news on their way to the main thread hold one */
    bool is_removed;        /* the main thread's */
    atomic_int codec;       /* of the newest frame; -1: none yet */
    atomic_uint_fast64_t bytes;
    /* The relay's thread's. */
    relay_tap tap;
    void *tap_arg;
};

/* ---- news for the main thread ---- */

static void source_unref(struct relay_source *source)
{
    if (atomic_fetch_sub(&source->references, 1) == 1)
        g_free(source);
}

static void take_keyframe_need(void *arg)
{
    struct relay_source *source = arg;
    if (!source->is_removed && source->relay->keyframe != NULL)
        source->relay->keyframe(source, source->relay->arg);
    source_unref(source);
}

static void tell_keyframe_need(struct relay_source *source)
{
    atomic_fetch_add(&source->references, 1);
    queue_post(source->relay->main_queue, take_keyframe_need, source);
}

/* ---- the relay's thread ---- */

static void pass_on(struct relay_source *source)
{
    struct coded_frame *frame;
    while ((frame = intake_pop(source->intake)) != NULL) {
        atomic_store_explicit(&source->codec, (int)frame->codec, memory_order_relaxed);
        atomic_fetch_add_explicit(&source->bytes, frame->size, memory_order_relaxed);
        if (!broadcast_send(source->broadcast, frame))
            tell_keyframe_need(source);
        if (source->tap != NULL)
            source->tap(frame, source->tap_arg);
        coded_frame_unref(frame);
    }
}

static gboolean on_wake(gint fd, GIOCondition condition, gpointer data)
{
    struct relay *relay = data;
    eventfd_t wakes;
    (void)condition;
    eventfd_read(fd, &wakes);
    for (unsigned i = 0; i < relay->running->len; i++)
        pass_on(relay->running->pdata[i]);
    return G_SOURCE_CONTINUE;
}

static void *run(void *arg)
{
    struct relay *relay = arg;
    pthread_setname_np(pthread_self(), "relay");
    g_main_context_push_thread_default(relay->context);
    g_main_loop_run(relay->loop);
    g_main_context_pop_thread_default(relay->context);
    return NULL;
}

/* ---- calls that cross over ---- */

struct call {
    struct relay *relay;
    struct relay_source *source;
    relay_tap tap;
    void *tap_arg;
    sem_t done;
};

/* Runs `crossing` on the relay's thread and waits for it: a few microseconds, as nothing there
 * waits. */
static void cross(struct call *call, queue_call crossing)
{
    sem_init(&call->done, 0, 0);
    queue_post(call->relay->queue, crossing, call);
    while (sem_wait(&call->done) != 0)
        continue; /* interrupted */
    sem_destroy(&call->done);
}

static void run_add(void *arg)
{
    struct call *call = arg;
    g_ptr_array_add(call->relay->running, call->source);
    sem_post(&call->done);
}

static void run_remove(void *arg)
{
    struct call *call = arg;
    g_ptr_array_remove(call->relay->running, call->source);
    sem_post(&call->done);
}

static void run_tap(void *arg)
{
    struct call *call = arg;
    call->source->tap = call->tap;
    call->source->tap_arg = call->tap_arg;
    sem_post(&call->done);
}

static void run_end(void *arg)
{
    struct call *call = arg;
    g_main_loop_quit(call->relay->loop);
    sem_post(&call->done);
}

/* ---- the main thread ---- */

struct relay *relay_new(const struct relay_config *config)
{
    struct relay *relay = g_new0(struct relay, 1);
    relay->name = g_strdup(config->name);
    relay->shards = config->shards;
    relay->shard_count = config->shard_count;
    relay->main_queue = config->main_queue;
    relay->keyframe = config->keyframe;
    relay->arg = config->arg;
    relay->sources = g_ptr_array_new();
    relay->running = g_ptr_array_new();
    relay->queue = queue_new();
    relay->wake = wake_new();
    relay->context = g_main_context_new();
    relay->loop = g_main_loop_new(relay->context, FALSE);
    queue_attach(relay->queue, relay->context);
    GSource *wake = g_unix_fd_source_new(wake_fd(relay->wake), G_IO_IN);
    g_source_set_callback(wake, G_SOURCE_FUNC(on_wake), relay, NULL);
    g_source_attach(wake, relay->context);
    g_source_unref(wake);
    if (pthread_create(&relay->thread, NULL, run, relay) != 0)
        g_error("no thread for the pictures of %s", relay->name);
    return relay;
}

struct relay_source *relay_add(struct relay *relay, struct intake *intake, void *arg)
{
    struct relay_source *source = g_new0(struct relay_source, 1);
    struct call call = {.relay = relay, .source = source};
    atomic_init(&source->references, 1);
    atomic_init(&source->codec, -1);
    source->relay = relay;
    source->intake = intake_ref(intake);
    source->broadcast = broadcast_new(relay->shards, relay->shard_count);
    broadcast_set_delay(source->broadcast, RELAY_SOUND_DELAY_US);
    source->arg = arg;
    g_ptr_array_add(relay->sources, source);
    cross(&call, run_add);
    intake_open(intake, relay->wake);
    return source;
}

void relay_remove(struct relay *relay, struct relay_source *source)
{
    struct call call = {.relay = relay, .source = source};
    struct coded_frame *frame;
    intake_close(source->intake);
    cross(&call, run_remove);
    g_ptr_array_remove(relay->sources, source);
    /* What it had still to come is not for whoever adds it again. */
    while ((frame = intake_pop(source->intake)) != NULL)
        coded_frame_unref(frame);
    source->is_removed = true;
    broadcast_free(source->broadcast);
    intake_unref(source->intake);
    source_unref(source);
}

void relay_free(struct relay *relay)
{
    struct call call = {.relay = relay};
    if (relay == NULL)
        return;
    while (relay->sources->len > 0)
        relay_remove(relay, relay->sources->pdata[0]);
    cross(&call, run_end);
    pthread_join(relay->thread, NULL);
    queue_free(relay->queue);
    g_main_loop_unref(relay->loop);
    g_main_context_unref(relay->context);
    g_ptr_array_unref(relay->sources);
    g_ptr_array_unref(relay->running);
    wake_unref(relay->wake);
    g_free(relay->name);
    g_free(relay);
}

void *relay_source_arg(const struct relay_source *source)
{
    return source->arg;
}

uint32_t relay_source_stream(const struct relay_source *source)
{
    return broadcast_stream(source->broadcast);
}

bool relay_source_codec(const struct relay_source *source, enum coded_codec *codec)
{
    int newest = atomic_load_explicit(&source->codec, memory_order_relaxed);
    if (newest >= 0)
        *codec = (enum coded_codec)newest;
    return newest >= 0;
}

uint64_t relay_source_bytes(const struct relay_source *source)
{
    return atomic_load_explicit(&source->bytes, memory_order_relaxed);
}

void relay_set_tap(struct relay *relay, struct relay_source *source, relay_tap tap, void *arg)
{
    struct call call = {.relay = relay, .source = source, .tap = tap, .tap_arg = arg};
    cross(&call, run_tap);
}

int64_t relay_cpu_us(const struct relay *relay)
{
    clockid_t clock;
    struct timespec used;
    if (pthread_getcpuclockid(relay->thread, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return 0;
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}
