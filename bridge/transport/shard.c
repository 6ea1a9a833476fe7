#include "bridge/transport/shard.h"

#include "bridge/transport/shard_legs.h"
#include "common/ring.h"

#include <glib-unix.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct shard {
    pthread_t thread;
    struct queue *queue;
    int media_fd; /* an eventfd: frames wait in an outlet */
    unsigned index;
    /* The thread's own. */
    GMainContext *context;
    GMainLoop *loop;
    GPtrArray *outlets;
    GSource *pace; /* ready when an outlet's rest is over */
    GPtrArray *legs;
    GPtrArray *picture_legs; /* that have pictures */
    GSource *tick;           /* while there are such; NULL: there are none */
    GHashTable *streams;     /* stream -> struct stream: those that legs here are sent */
};

struct outlet {
    struct shard *shard;
    struct ring *ring;
    int64_t rest_until_us; /* the shard's */
};

/* Packets of pictures are kept a while, for the legs that miss some. */
#define HISTORY_PACKETS 512 /* more than a second of a good picture; a power of two */
#define TICK_MS         20

/* A large picture goes out in pieces: a line of 10 Mb/s has it in its queue for a moment instead of
 * losing its end, and the sound of all legs does not wait for it. 10 packets in 5 ms are 19 Mb/s.
 */
#define PACE_PACKETS 10
#define PACE_US      5000

struct stream {
    GPtrArray *legs;
    struct frame **history; /* by the packet's number; NULL: none came yet */
    struct outlet *outlet;  /* that they came through */
};

uint32_t stream_id_new(void)
{
    static atomic_uint last;
    return atomic_fetch_add(&last, 1) + 1;
}

/* ---- media out ---- */

static struct stream *find_stream(const struct shard *shard, uint32_t number)
{
    return g_hash_table_lookup(shard->streams, GUINT_TO_POINTER(number));
}

static void drop_history(struct stream *stream)
{
    for (unsigned i = 0; stream->history != NULL && i < HISTORY_PACKETS; i++) {
        if (stream->history[i] != NULL)
            frame_unref(stream->history[i]);
    }
    g_clear_pointer(&stream->history, g_free);
}

static void stream_free(gpointer data)
{
    struct stream *stream = data;
    drop_history(stream);
    g_ptr_array_unref(stream->legs);
    g_free(stream);
}

static void keep(struct stream *stream, struct outlet *outlet, struct frame *frame)
{
    if (stream->history == NULL)
        stream->history = g_new0(struct frame *, HISTORY_PACKETS);
    struct frame **slot = &stream->history[frame->number % HISTORY_PACKETS];
    if (*slot != NULL)
        frame_unref(*slot);
    *slot = frame_ref(frame);
    stream->outlet = outlet;
}

const struct frame *shard_find_packet(const struct shard *shard, uint32_t number, uint16_t packet)
{
    const struct stream *stream = find_stream(shard, number);
    if (stream == NULL || stream->history == NULL)
        return NULL;
    const struct frame *frame = stream->history[packet % HISTORY_PACKETS];
    return frame != NULL && frame->number == packet ? frame : NULL;
}

/* A run of frames of one stream to each of its legs. A leg that with this goes over from another
 * stream leaves that one's list, not this one's. */
static void send_run(struct shard *shard, struct outlet *outlet, struct frame *const *frames,
                     unsigned count)
{
    struct stream *stream = find_stream(shard, frames[0]->stream);
    if (stream == NULL)
        return;
    for (unsigned i = 0; frames[0]->is_picture && i < count; i++)
        keep(stream, outlet, frames[i]);
    for (unsigned i = 0; i < stream->legs->len; i++)
        leg_send_frames(stream->legs->pdata[i], frames, count);
}

static void rest(struct shard *shard, struct outlet *outlet)
{
    int64_t ready_us = g_source_get_ready_time(shard->pace);
    outlet->rest_until_us = g_get_monotonic_time() + PACE_US;
    if (ready_us < 0 || ready_us > outlet->rest_until_us)
        g_source_set_ready_time(shard->pace, outlet->rest_until_us);
}

static void drain(struct shard *shard, struct outlet *outlet)
{
    struct frame *run[SHARD_BATCH];
    struct frame *frame;
    unsigned count = 0, pictures = 0;
    if (outlet->rest_until_us > g_get_monotonic_time())
        return;
    do {
        frame = pictures < PACE_PACKETS ? ring_pop(outlet->ring) : NULL;
        pictures += frame != NULL && frame->is_picture;
        bool is_same = frame != NULL && count > 0 && run[0]->stream == frame->stream;
        if (count > 0 && (!is_same || count == SHARD_BATCH)) {
            send_run(shard, outlet, run, count);
            while (count > 0)
                frame_unref(run[--count]);
        }
        if (frame != NULL)
            run[count++] = frame;
    } while (frame != NULL);
    if (pictures == PACE_PACKETS)
        rest(shard, outlet);
}

static gboolean on_media(gint fd, GIOCondition condition, gpointer data)
{
    struct shard *shard = data;
    eventfd_t wakes;
    (void)condition;
    eventfd_read(fd, &wakes);
    for (unsigned i = 0; i < shard->outlets->len; i++)
        drain(shard, shard->outlets->pdata[i]);
    return G_SOURCE_CONTINUE;
}

/* Outlets that still rest ask for the next time. */
static gboolean on_pace(gpointer data)
{
    struct shard *shard = data;
    int64_t next_us = -1;
    g_source_set_ready_time(shard->pace, -1);
    for (unsigned i = 0; i < shard->outlets->len; i++) {
        struct outlet *outlet = shard->outlets->pdata[i];
        drain(shard, outlet);
        if (outlet->rest_until_us > g_get_monotonic_time() &&
            (next_us < 0 || outlet->rest_until_us < next_us))
            next_us = outlet->rest_until_us;
    }
    g_source_set_ready_time(shard->pace, next_us);
    return G_SOURCE_CONTINUE;
}

static gboolean dispatch_pace(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)source;
    return callback(data);
}

/* Its first frames may have been flushed before the shard knew of it. */
static void add_outlet(void *arg)
{
    struct outlet *outlet = arg;
    g_ptr_array_add(outlet->shard->outlets, outlet);
    drain(outlet->shard, outlet);
}

static void destroy_frame(void *frame)
{
    frame_unref(frame);
}

static void remove_outlet(void *arg)
{
    struct outlet *outlet = arg;
    GHashTableIter iter;
    gpointer value;
    g_ptr_array_remove(outlet->shard->outlets, outlet);
    g_hash_table_iter_init(&iter, outlet->shard->streams);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct stream *stream = value;
        if (stream->outlet == outlet)
            drop_history(stream);
    }
    ring_free(outlet->ring, destroy_frame);
    g_free(outlet);
}

struct outlet *outlet_new(struct shard *shard, unsigned capacity)
{
    struct outlet *outlet = g_new0(struct outlet, 1);
    outlet->shard = shard;
    outlet->ring = ring_new(capacity);
    shard_post(shard, add_outlet, outlet);
    return outlet;
}

void outlet_free(struct outlet *outlet)
{
    if (outlet != NULL)
        shard_post(outlet->shard, remove_outlet, outlet);
}

bool outlet_push(struct outlet *outlet, struct frame *frame)
{
    if (ring_push(outlet->ring, frame_ref(frame)))
        return true;
    frame_unref(frame);
    return false;
}

void outlet_flush(struct outlet *outlet)
{
    eventfd_write(outlet->shard->media_fd, 1);
}

/* ---- legs ---- */

void shard_add_leg(struct shard *shard, struct leg *leg)
{
    g_ptr_array_add(shard->legs, leg);
}

void shard_subscribe(struct shard *shard, struct leg *leg, uint32_t from, uint32_t to)
{
    struct stream *stream = from != 0 ? find_stream(shard, from) : NULL;
    if (stream != NULL) {
        g_ptr_array_remove_fast(stream->legs, leg);
        if (stream->legs->len == 0)
            g_hash_table_remove(shard->streams, GUINT_TO_POINTER(from));
    }
    if (to == 0)
        return;
    stream = find_stream(shard, to);
    if (stream == NULL) {
        stream = g_new0(struct stream, 1);
        stream->legs = g_ptr_array_new();
        g_hash_table_insert(shard->streams, GUINT_TO_POINTER(to), stream);
    }
    g_ptr_array_add(stream->legs, leg);
}

void shard_remove_leg(struct shard *shard, struct leg *leg)
{
    g_ptr_array_remove_fast(shard->legs, leg);
    g_ptr_array_remove_fast(shard->picture_legs, leg);
    if (shard->picture_legs->len > 0 || shard->tick == NULL)
        return;
    g_source_destroy(shard->tick);
    g_clear_pointer(&shard->tick, g_source_unref);
}

static gboolean on_second(gpointer data)
{
    struct shard *shard = data;
    int64_t now_us = g_get_monotonic_time();
    for (unsigned i = 0; i < shard->legs->len; i++)
        leg_tick(shard->legs->pdata[i], now_us);
    return G_SOURCE_CONTINUE;
}

/* What pictures need more often: packets that are missed are asked for within a moment. */
static gboolean on_tick(gpointer data)
{
    struct shard *shard = data;
    int64_t now_us = g_get_monotonic_time();
    for (unsigned i = 0; i < shard->picture_legs->len; i++)
        leg_tick_pictures(shard->picture_legs->pdata[i], now_us);
    return G_SOURCE_CONTINUE;
}

void shard_add_picture_leg(struct shard *shard, struct leg *leg)
{
    g_ptr_array_add(shard->picture_legs, leg);
    if (shard->tick != NULL)
        return;
    shard->tick = g_timeout_source_new(TICK_MS);
    g_source_set_callback(shard->tick, on_tick, shard, NULL);
    g_source_attach(shard->tick, shard->context);
}

/* ---- the thread ---- */

static GSourceFuncs pace_functions = {.dispatch = dispatch_pace};

static void attach(struct shard *shard, GSource *source, GSourceFunc call, int priority)
{
    g_source_set_priority(source, priority);
    g_source_set_callback(source, call, shard, NULL);
    g_source_attach(source, shard->context);
    g_source_unref(source);
}

static void *run(void *arg)
{
    struct shard *shard = arg;
    char name[16];
    snprintf(name, sizeof name, "shard-%u", shard->index);
    pthread_setname_np(pthread_self(), name);
    shard->context = g_main_context_new();
    shard->loop = g_main_loop_new(shard->context, FALSE);
    shard->outlets = g_ptr_array_new();
    shard->legs = g_ptr_array_new();
    shard->picture_legs = g_ptr_array_new();
    shard->streams = g_hash_table_new_full(NULL, NULL, NULL, stream_free);
    g_main_context_push_thread_default(shard->context);
    queue_attach(shard->queue, shard->context);
    attach(shard, g_unix_fd_source_new(shard->media_fd, G_IO_IN), G_SOURCE_FUNC(on_media),
           G_PRIORITY_HIGH);
    shard->pace = g_source_new(&pace_functions, sizeof *shard->pace);
    attach(shard, shard->pace, on_pace, G_PRIORITY_HIGH);
    attach(shard, g_timeout_source_new_seconds(1), on_second, G_PRIORITY_DEFAULT);
    g_main_loop_run(shard->loop);
    /* Legs that were just freed go now, and then what they leave to their libraries' idle sources.
     */
    do {
        while (g_main_context_iteration(shard->context, FALSE))
            continue;
    } while (queue_run(shard->queue) > 0);
    queue_free(shard->queue);
    g_assert(shard->legs->len == 0 && shard->outlets->len == 0);
    g_hash_table_unref(shard->streams);
    g_ptr_array_unref(shard->picture_legs);
    g_ptr_array_unref(shard->legs);
    g_ptr_array_unref(shard->outlets);
    g_main_context_pop_thread_default(shard->context);
    g_main_loop_unref(shard->loop);
    g_main_context_unref(shard->context);
    return NULL;
}

struct shard *shard_new(unsigned index)
{
    struct shard *shard = g_new0(struct shard, 1);
    shard->index = index;
    shard->queue = queue_new();
    shard->media_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    g_assert(shard->media_fd >= 0);
    if (pthread_create(&shard->thread, NULL, run, shard) != 0)
        g_error("no thread for shard %u", index);
    return shard;
}

static void quit(void *arg)
{
    struct shard *shard = arg;
    g_main_loop_quit(shard->loop);
}

void shard_free(struct shard *shard)
{
    if (shard == NULL)
        return;
    shard_post(shard, quit, shard);
    pthread_join(shard->thread, NULL);
    close(shard->media_fd);
    g_free(shard);
}

void shard_post(struct shard *shard, queue_call call, void *arg)
{
    queue_post(shard->queue, call, arg);
}

int64_t shard_cpu_us(const struct shard *shard)
{
    clockid_t clock;
    struct timespec used;
    if (pthread_getcpuclockid(shard->thread, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return 0;
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

GMainContext *shard_context(struct shard *shard)
{
    return shard->context;
}

bool shard_is_current(const struct shard *shard)
{
    return pthread_equal(shard->thread, pthread_self());
}
