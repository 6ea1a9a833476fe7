#include "bridge/audio/audio.h"

#include "bridge/audio/tick.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/queue.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define TICK_US (20 * 1000)
#define LATE_US (5 * 1000)
#define SKIP_US (3 * TICK_US) /* later than this, what was missed stays missed */

/* Frames are back within milliseconds; these last for 15 ticks of as many speakers as there can
 * be, and for 5 s of three. */
#define POOL_FRAMES   1024
#define OUTLET_FRAMES 512
#define POOL_REAP_MS  100

struct audio {
    char *name;
    unsigned shard_count;
    struct source_config source;
    int64_t epoch_us;
    struct roster *roster; /* the last that was posted; the tick's by now or soon */
    struct queue *queue;
    pthread_t thread;

    /* The audio thread's. */
    struct tick *tick;
    struct frame_pool *pool;
    struct outlet **outlets;
    bool is_over;

    atomic_uint_fast64_t late_ticks;
    atomic_int_fast64_t late_max_us, late_sum_us;
    atomic_uint_fast64_t lateness[AUDIO_LATENESS_BUCKETS];
};

/* ---- the audio thread ---- */

static bool push_frame(struct frame *frame, void *arg)
{
    struct audio *audio = arg;
    bool all = true;
    for (unsigned i = 0; i < audio->shard_count; i++)
        all &= outlet_push(audio->outlets[i], frame);
    return all;
}

static void flush_outlets(void *arg)
{
    struct audio *audio = arg;
    for (unsigned i = 0; i < audio->shard_count; i++)
        outlet_flush(audio->outlets[i]);
}

/* Ahead of other threads where the system lets us. */
static void hurry(void)
{
    struct sched_param parameter = {.sched_priority = sched_get_priority_min(SCHED_FIFO)};
    pthread_setname_np(pthread_self(), "audio");
    if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameter) != 0)
        setpriority(PRIO_PROCESS, 0, -11); /* of this thread alone, on Linux */
}

static void sleep_until(int64_t due_us)
{
    struct timespec due = {.tv_sec = due_us / 1000000, .tv_nsec = due_us % 1000000 * 1000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
        continue;
}

static unsigned lateness_bucket(int64_t late_us)
{
    unsigned bucket = 0;
    while (bucket < AUDIO_LATENESS_BUCKETS - 1 && late_us > AUDIO_LATENESS_US(bucket))
        bucket++;
    return bucket;
}

static void note_lateness(struct audio *audio, int64_t late_us)
{
    atomic_fetch_add_explicit(&audio->lateness[lateness_bucket(late_us)], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&audio->late_sum_us, late_us, memory_order_relaxed);
    if (late_us > LATE_US)
        atomic_fetch_add_explicit(&audio->late_ticks, 1, memory_order_relaxed);
    if (late_us > atomic_load_explicit(&audio->late_max_us, memory_order_relaxed))
        atomic_store_explicit(&audio->late_max_us, late_us, memory_order_relaxed);
}

/* Tick n is due at start + n * 20 ms whatever happened to those before. A little lateness is made
 * good by ticks in quick succession, which the listeners' jitter buffers even out; after more,
 * ticks are left out and the timeline goes on where it would have been. */
static void *run(void *arg)
{
    struct audio *audio = arg;
    int64_t start_us = audio->epoch_us;
    hurry();
    for (int64_t index = (clock_monotonic_us() - start_us) / TICK_US; !audio->is_over; index++) {
        int64_t due_us = start_us + index * TICK_US;
        sleep_until(due_us);
        int64_t late_us = clock_monotonic_us() - due_us;
        note_lateness(audio, late_us);
        if (late_us > SKIP_US)
            index += late_us / TICK_US;
        queue_run(audio->queue);
        tick_run(audio->tick, index * AUDIO_FRAME_SAMPLES);
    }
    return NULL;
}

/* ---- calls that cross over ---- */

static void take_roster(void *arg)
{
    struct roster *roster = arg;
    struct audio *audio = roster->arg;
    tick_set_roster(audio->tick, roster);
}

struct recorder_news {
    struct audio *audio;
    struct recorder *recorder;
    sem_t taken;
};

static void take_recorder(void *arg)
{
    struct recorder_news *news = arg;
    tick_set_recorder(news->audio->tick, news->recorder);
    sem_post(&news->taken);
}

static void take_end(void *arg)
{
    struct audio *audio = arg;
    audio->is_over = true;
}

/* ---- the main thread ---- */

struct audio *audio_new(const struct audio_config *config)
{
    struct audio *audio = g_new0(struct audio, 1);
    audio->name = g_strdup(config->name);
    audio->shard_count = config->shard_count;
    audio->source = (struct source_config){config->bitrate_bps, config->complexity, config->tuning};
    audio->epoch_us = config->epoch_us != 0 ? config->epoch_us : clock_monotonic_us();
    audio->queue = queue_new();
    audio->pool = frame_pool_new(POOL_FRAMES);
    audio->outlets = g_new0(struct outlet *, config->shard_count);
    for (unsigned i = 0; i < config->shard_count; i++)
        audio->outlets[i] = outlet_new(config->shards[i], OUTLET_FRAMES);
    struct tick_config tick = {.outlets = {push_frame, flush_outlets, audio},
                               .pool = audio->pool,
                               .bitrate_bps = config->bitrate_bps,
                               .complexity = config->complexity,
                               .max_decoded = config->tuning.max_decoded,
                               .epoch_us = audio->epoch_us};
    audio->tick = tick_new(&tick);
    if (pthread_create(&audio->thread, NULL, run, audio) != 0)
        g_error("no thread for the sound of %s", audio->name);
    return audio;
}

static void free_retired(struct audio *audio)
{
    struct roster *roster;
    while ((roster = tick_take_retired(audio->tick)) != NULL)
        roster_free_retired(roster);
}

static gboolean reap_pool(gpointer data)
{
    struct frame_pool *pool = data;
    if (!frame_pool_is_whole(pool))
        return G_SOURCE_CONTINUE;
    frame_pool_free(pool);
    return G_SOURCE_REMOVE;
}

void audio_free(struct audio *audio)
{
    if (audio == NULL)
        return;
    queue_post(audio->queue, take_end, audio);
    pthread_join(audio->thread, NULL);
    if (audio->late_ticks > 0)
        log_info("sound was not always in time meeting=%s late_ticks=%" PRIuFAST64
                 " late_max_us=%" PRIdFAST64,
                 audio->name, audio->late_ticks, audio->late_max_us);
    queue_free(audio->queue);
    tick_free(audio->tick);
    for (unsigned i = 0; i < audio->shard_count; i++)
        outlet_free(audio->outlets[i]);
    /* The shards still hold the last frames, for a moment. */
    if (reap_pool(audio->pool) == G_SOURCE_CONTINUE)
        g_timeout_add(POOL_REAP_MS, reap_pool, audio->pool);
    g_free(audio->outlets);
    g_free(audio->name);
    g_free(audio);
}

uint32_t audio_listener_stream(const struct audio *audio)
{
    return tick_listener_stream(audio->tick);
}

bool audio_set_speakers(struct audio *audio, struct audio_speaker *speakers, unsigned count)
{
    if (count > AUDIO_MAX_SPEAKERS)
        return false;
    free_retired(audio);
    audio->roster = roster_new(audio->roster, speakers, count, &audio->source);
    audio->roster->arg = audio;
    queue_post(audio->queue, take_roster, audio->roster);
    return true;
}

void audio_set_recorder(struct audio *audio, struct recorder *recorder)
{
    struct recorder_news news = {.audio = audio, .recorder = recorder};
    sem_init(&news.taken, 0, 0);
    queue_post(audio->queue, take_recorder, &news);
    while (sem_wait(&news.taken) != 0)
        continue; /* interrupted */
    sem_destroy(&news.taken);
}

static void take_settling(void *arg)
{
    sem_post(arg);
}

/* Who leaves is read a last time by the tick after the roster's: a call that comes after it. */
void audio_settle(struct audio *audio)
{
    sem_t passed;
    sem_init(&passed, 0, 0);
    for (int i = 0; i < 2; i++) {
        queue_post(audio->queue, take_settling, &passed);
        while (sem_wait(&passed) != 0)
            continue; /* interrupted */
    }
    sem_destroy(&passed);
}

static uint64_t read_count(const atomic_uint_fast64_t *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

static int64_t thread_cpu_us(pthread_t thread)
{
    clockid_t clock;
    struct timespec used;
    if (pthread_getcpuclockid(thread, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return 0;
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

void audio_counters(const struct audio *audio, struct audio_counters *counters)
{
    const struct tick_counters *tick = tick_counters(audio->tick);
    *counters = (struct audio_counters){
        .ticks = read_count(&tick->ticks),
        .late_ticks = read_count(&audio->late_ticks),
        .late_max_us = atomic_load_explicit(&audio->late_max_us, memory_order_relaxed),
        .encodes = read_count(&tick->encodes),
        .decodes = read_count(&tick->decodes),
        .concealed = read_count(&tick->concealed),
        .mixed_frames = read_count(&tick->mixed_frames),
        .dropped_frames = read_count(&tick->dropped_frames),
        .passed_over = read_count(&tick->passed_over),
        .stretched = read_count(&tick->stretched),
        .lateness_sum_us = atomic_load_explicit(&audio->late_sum_us, memory_order_relaxed),
        .cpu_us = thread_cpu_us(audio->thread),
    };
    for (unsigned i = 0; i < AUDIO_LATENESS_BUCKETS; i++)
        counters->lateness[i] = read_count(&audio->lateness[i]);
}

bool audio_is_howling(const struct audio *audio, const char *leg, int *level_dbov)
{
    for (unsigned i = 0; audio->roster != NULL && i < audio->roster->count; i++) {
        const struct source *source = audio->roster->places[i].source;
        if (strcmp(source->leg, leg) != 0)
            continue;
        *level_dbov = atomic_load_explicit(&source->howl_dbov, memory_order_relaxed);
        return *level_dbov <= 0;
    }
    return false;
}
