#include "client/room/line.h"

#include "bridge/audio/level.h"
#include "client/room/ear.h"
#include "client/room/microphone.h"
#include "common/clock.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#define TICK_US       20000
#define FRAME_SAMPLES 960
#define BEHIND_TICKS  10 /* then the clock jumps instead of hurrying */
#define POOL_FRAMES   4096
#define OUTLET_FRAMES 1024
#define VOICE_LEVEL   60 /* as RFC 6464 writes it: louder than -60 dBov */

struct line {
    struct lines *lines;
    unsigned shard;
    uint32_t stream;
    struct inbox *inbox;
    /* The main thread's. */
    struct line_news news;
    void *arg;
    bool is_gone;
    /* The media thread's. */
    struct ear *ear;
    struct clip *clip;
    bool repeats;
    unsigned position;
    bool is_talking; /* the tick before had a packet, too */
    uint64_t sent;
    struct microphone *microphone;
    uint32_t microphone_timestamp; /* a device has a clock of its own */
    void (*heard)(const int16_t samples[960], void *arg);
    void *heard_arg;
};

struct lines {
    struct shard *const *shards;
    unsigned shard_count;
    struct queue *to_media, *to_main;
    atomic_bool is_over;
    pthread_t thread;
    /* The media thread's. */
    GPtrArray *all; /* of struct line */
    struct outlet **outlets;
    struct frame_pool *pool;
    struct ear_tick now;
};

/* ---- news, from the media thread to the main thread ---- */

struct told {
    struct line *line;
    int hz;
    bool is_on;
    int64_t at_us, edge_us;
    json_t *report;
    char *id;
    bool is_last;
};

static void take_tone(void *arg)
{
    struct told *told = arg;
    if (!told->line->is_gone)
        told->line->news.tone(told->hz, told->is_on, told->at_us, told->edge_us, told->line->arg);
    g_free(told);
}

static void on_tone(int hz, bool is_on, int64_t at_us, int64_t edge_us, void *arg)
{
    struct line *line = arg;
    struct told *told = g_new0(struct told, 1);
    *told =
        (struct told){.line = line, .hz = hz, .is_on = is_on, .at_us = at_us, .edge_us = edge_us};
    queue_post(line->lines->to_main, take_tone, told);
}

static void take_played(void *arg)
{
    struct told *told = arg;
    if (!told->line->is_gone)
        told->line->news.played(told->at_us, told->line->arg);
    g_free(told);
}

static void take_report(void *arg)
{
    struct told *told = arg;
    if (!told->line->is_gone)
        told->line->news.report(told->report, told->id, told->is_last, told->line->arg);
    else
        json_decref(told->report);
    g_free(told->id);
    g_free(told);
}

/* ---- the tick ---- */

static void send_packet(struct line *line, const struct clip_packet *packet, uint32_t timestamp)
{
    struct lines *lines = line->lines;
    struct frame *frame = packet->size <= FRAME_PAYLOAD_MAX ? frame_pool_take(lines->pool) : NULL;
    if (frame == NULL)
        return;
    frame->stream = line->stream;
    frame->timestamp = timestamp;
    frame->marker = !line->is_talking; /* RFC 3551 section 4.1 */
    frame->level_dbov = (int8_t)packet->level;
    frame->voice = packet->level < VOICE_LEVEL;
    frame->size = (uint16_t)packet->size;
    memcpy(frame->payload, packet->opus, packet->size);
    if (outlet_push(lines->outlets[line->shard], frame))
        line->sent++;
    frame_unref(frame);
    line->is_talking = true;
}

/* All that the device has brought: its clock is not ours, so that there is none now and then, or
 * two. Their timestamps count its samples. */
static void say_live(struct line *line)
{
    struct clip_packet packet;
    while (microphone_take(line->microphone, &packet)) {
        send_packet(line, &packet, line->microphone_timestamp);
        line->microphone_timestamp += FRAME_SAMPLES;
    }
}

static void say_clip(struct line *line)
{
    struct clip_packet packet = clip_get(line->clip, line->position++);
    send_packet(line, &packet, (uint32_t)line->lines->now.samples);
    if (line->position < clip_length(line->clip))
        return;
    line->position = 0;
    if (line->repeats)
        return;
    g_clear_pointer(&line->clip, clip_unref);
    struct told *told = g_new0(struct told, 1);
    told->line = line;
    told->at_us = clock_monotonic_us();
    queue_post(line->lines->to_main, take_played, told);
}

static void say(struct line *line)
{
    if (line->microphone != NULL)
        say_live(line);
    else if (line->clip != NULL)
        say_clip(line);
    else
        line->is_talking = false;
}

static void tick(struct lines *lines)
{
    int16_t samples[EAR_FRAME];
    for (unsigned i = 0; i < lines->all->len; i++) {
        struct line *line = lines->all->pdata[i];
        say(line);
        lines->now.now_us = clock_monotonic_us();
        ear_hear(line->ear, &lines->now, samples);
        if (line->heard != NULL)
            line->heard(samples, line->heard_arg);
    }
    for (unsigned i = 0; i < lines->shard_count; i++)
        outlet_flush(lines->outlets[i]);
}

static void sleep_until(int64_t due_us)
{
    struct timespec due = {due_us / 1000000, due_us % 1000000 * 1000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) != 0)
        continue;
}

static void await_tick(struct ear_tick *now)
{
    now->due_us += TICK_US;
    now->samples += FRAME_SAMPLES;
    sleep_until(now->due_us);
    int64_t behind = (clock_monotonic_us() - now->due_us) / TICK_US;
    now->has_jumped = behind > BEHIND_TICKS;
    if (!now->has_jumped)
        return;
    now->due_us += behind * TICK_US;
    now->samples += behind * FRAME_SAMPLES;
}

static void *run(void *arg)
{
    struct lines *lines = arg;
    pthread_setname_np(pthread_self(), "media");
    lines->now.due_us = clock_monotonic_us();
    while (!atomic_load(&lines->is_over)) {
        await_tick(&lines->now);
        queue_run(lines->to_media);
        tick(lines);
    }
    queue_run(lines->to_media);
    return NULL;
}

/* ---- life ---- */

struct lines *lines_new(struct shard *const *shards, unsigned shard_count)
{
    struct lines *lines = g_new0(struct lines, 1);
    lines->shards = shards;
    lines->shard_count = shard_count;
    lines->to_media = queue_new();
    lines->to_main = queue_new();
    queue_attach(lines->to_main, NULL);
    lines->all = g_ptr_array_new();
    lines->pool = frame_pool_new(POOL_FRAMES);
    lines->outlets = g_new0(struct outlet *, shard_count);
    for (unsigned i = 0; i < shard_count; i++)
        lines->outlets[i] = outlet_new(shards[i], OUTLET_FRAMES);
    if (pthread_create(&lines->thread, NULL, run, lines) != 0)
        g_error("no thread for the sound");
    return lines;
}

void lines_stop(struct lines *lines)
{
    atomic_store(&lines->is_over, true);
    pthread_join(lines->thread, NULL);
    queue_free(lines->to_media);
    queue_free(lines->to_main);
    g_assert(lines->all->len == 0);
    for (unsigned i = 0; i < lines->shard_count; i++)
        outlet_free(lines->outlets[i]);
}

void lines_free(struct lines *lines)
{
    frame_pool_free(lines->pool);
    g_ptr_array_unref(lines->all);
    g_free(lines->outlets);
    g_free(lines);
}

static void add(void *arg)
{
    struct line *line = arg;
    g_ptr_array_add(line->lines->all, line);
}

struct line *line_new(struct lines *lines, unsigned shard, bool decodes,
                      const struct line_news *news, void *arg)
{
    struct line *line = g_new0(struct line, 1);
    line->lines = lines;
    line->shard = shard;
    line->stream = stream_id_new();
    if (news != NULL)
        line->news = *news;
    line->arg = arg;
    line->ear = ear_new(decodes, on_tone, line);
    line->inbox = ear_inbox(line->ear);
    queue_post(lines->to_media, add, line);
    return line;
}

static void destroy(void *arg)
{
    struct line *line = arg;
    ear_free(line->ear);
    clip_unref(line->clip);
    microphone_free(line->microphone);
    g_free(line);
}

static void remove_line(void *arg)
{
    struct line *line = arg;
    g_ptr_array_remove(line->lines->all, line);
    queue_post(line->lines->to_main, destroy, line);
}

void line_free(struct line *line)
{
    line->is_gone = true;
    queue_post(line->lines->to_media, remove_line, line);
}

uint32_t line_stream(const struct line *line)
{
    return line->stream;
}

struct inbox *line_inbox(struct line *line)
{
    return line->inbox;
}

int64_t line_delay_us(const struct line *line)
{
    return ear_delay_us(line->ear);
}

/* ---- orders, from the main thread to the media thread ---- */

struct order {
    struct line *line;
    struct clip *clip;
    bool repeats, tells, is_last;
    int hz[TONES_MAX];
    unsigned count;
    char *id;
    void (*heard)(const int16_t samples[960], void *arg);
    void *arg;
    struct microphone *microphone;
};

static struct order *order_new(struct line *line)
{
    struct order *order = g_new0(struct order, 1);
    order->line = line;
    return order;
}

static void do_say(void *arg)
{
    struct order *order = arg;
    clip_unref(order->line->clip);
    order->line->clip = order->clip;
    order->line->repeats = order->repeats;
    order->line->position = 0;
    g_free(order);
}

void line_say(struct line *line, struct clip *clip, bool repeats)
{
    struct order *order = order_new(line);
    order->clip = clip != NULL && clip_length(clip) > 0 ? clip_ref(clip) : NULL;
    order->repeats = repeats;
    queue_post(line->lines->to_media, do_say, order);
}

static void do_listen(void *arg)
{
    struct order *order = arg;
    ear_listen(order->line->ear, order->hz, order->count, order->tells);
    g_free(order);
}

void line_listen(struct line *line, const int *hz, unsigned count, bool tells)
{
    struct order *order = order_new(line);
    order->count = MIN(count, (unsigned)TONES_MAX);
    order->tells = tells;
    memcpy(order->hz, hz, order->count * sizeof *hz);
    queue_post(line->lines->to_media, do_listen, order);
}

static void do_reset(void *arg)
{
    struct line *line = arg;
    line->sent = 0;
    ear_reset(line->ear, clock_monotonic_us());
}

void line_reset(struct line *line)
{
    queue_post(line->lines->to_media, do_reset, line);
}

static void do_report(void *arg)
{
    struct order *order = arg;
    struct told *told = g_new0(struct told, 1);
    told->line = order->line;
    told->id = order->id;
    told->is_last = order->is_last;
    told->report = ear_report(order->line->ear, clock_monotonic_us());
    json_object_set_new(told->report, "sent_packets", json_integer((json_int_t)order->line->sent));
    queue_post(order->line->lines->to_main, take_report, told);
    g_free(order);
}

void line_report(struct line *line, const char *id, bool is_last)
{
    struct order *order = order_new(line);
    order->id = g_strdup(id);
    order->is_last = is_last;
    queue_post(line->lines->to_media, do_report, order);
}

static void do_use_devices(void *arg)
{
    struct order *order = arg;
    order->line->heard_arg = order->arg;
    order->line->heard = order->heard;
    order->line->microphone = order->microphone;
    g_free(order);
}

struct microphone *line_use_devices(struct line *line,
                                    void (*heard)(const int16_t samples[960], void *arg), void *arg)
{
    struct order *order = order_new(line);
    struct microphone *microphone = microphone_new();
    order->heard = heard;
    order->arg = arg;
    order->microphone = microphone;
    queue_post(line->lines->to_media, do_use_devices, order);
    return microphone;
}

struct dropped {
    struct line *line;
    sem_t done;
};

static void do_drop_devices(void *arg)
{
    struct dropped *dropped = arg;
    dropped->line->heard = NULL;
    sem_post(&dropped->done);
}

void line_drop_devices(struct line *line)
{
    struct dropped dropped = {.line = line};
    sem_init(&dropped.done, 0, 0);
    queue_post(line->lines->to_media, do_drop_devices, &dropped);
    while (sem_wait(&dropped.done) != 0)
        continue;
    sem_destroy(&dropped.done);
}
