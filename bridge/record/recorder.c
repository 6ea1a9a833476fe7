#include "bridge/record/record.h"

#include "bridge/record/finish.h"
#include "bridge/record/part.h"
#include "bridge/record/recover.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/queue.h"
#include "common/ring.h"

#include <errno.h>
#include <gio/gio.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Items on their way from the audio thread. 4,096 packets are more than a second of 64 speakers, or
 * 40 s of one: so long may the disk stall. The last ones are kept for those that begin and end a
 * speech, which would be missed far more than 20 ms of it. */
#define ITEMS          4096
#define ITEMS_RESERVED 256
#define PAYLOAD_MAX    1275 /* RFC 6716 section 3.2.1: the largest frame; and every name */
#define LEG_SIZE       129
#define PROGRAM        ""
#define SETTLE_MS      250
/* Coded frames on their way: some five seconds. */
#define FRAMES 128

enum item_kind { ITEM_PACKET, ITEM_BEGIN, ITEM_END };

struct item {
    enum item_kind kind;
    int64_t time_samples;
    char leg[LEG_SIZE]; /* "": the program */
    uint16_t size;      /* of the payload: a packet, or for ITEM_BEGIN the name without an end */
    uint8_t payload[PAYLOAD_MAX];
};

struct recorder {
    unsigned number;
    char *path; /* "part-001" */
    char *part_dir;
    struct item *items;
    struct ring *free_items; /* recorder thread -> audio thread */
    struct ring *filled;     /* audio thread -> recorder thread */
    atomic_uint_fast64_t dropped;
    atomic_int_fast64_t start_us; /* of time 0; 0: not known yet */
    /* Coded frames, by enum recorder_kind; is_torn is the pushing thread's. */
    struct ring *frames[RECORDER_KINDS];
    bool is_torn[RECORDER_KINDS];
    atomic_int_fast64_t sound_delay_us[RECORDER_KINDS];
    atomic_bool is_stopping;
    int wake_fd;
    pthread_t thread;
    struct queue *main_queue; /* for `done` */
    /* The recorder thread's. */
    struct part *part;
    GError *error;
    int64_t duration_us;
    /* Given to recorder_watch(); the main thread's. */
    void (*failed)(const char *why, void *arg);
    void *failed_arg;
    /* Given to recorder_stop(). */
    void (*done)(const struct recorder_result *result, void *arg);
    void *done_arg;
};

/* ---- the audio thread ---- */

static void put(struct recorder *recorder, enum item_kind kind, int64_t time_samples,
                const char *leg, const void *payload, size_t size)
{
    bool has_room = kind != ITEM_PACKET || ring_size(recorder->free_items) > ITEMS_RESERVED;
    struct item *item = has_room && size <= PAYLOAD_MAX ? ring_pop(recorder->free_items) : NULL;
    if (item == NULL) {
        atomic_fetch_add_explicit(&recorder->dropped, 1, memory_order_relaxed);
        return;
    }
    item->kind = kind;
    item->time_samples = time_samples;
    g_strlcpy(item->leg, leg, sizeof item->leg);
    item->size = (uint16_t)size;
    memcpy(item->payload, payload, size);
    ring_push(recorder->filled, item);
    eventfd_write(recorder->wake_fd, 1);
}

void recorder_program(struct recorder *recorder, int64_t time_samples, struct frame *frame)
{
    put(recorder, ITEM_PACKET, time_samples, PROGRAM, frame->payload, frame->size);
}

void recorder_speaker_begin(struct recorder *recorder, int64_t time_samples, const char *leg,
                            const char *name)
{
    put(recorder, ITEM_BEGIN, time_samples, leg, name, MIN(strlen(name), PAYLOAD_MAX));
}

void recorder_speaker_packet(struct recorder *recorder, int64_t time_samples, const char *leg,
                             const uint8_t *opus, size_t size)
{
    put(recorder, ITEM_PACKET, time_samples, leg, opus, size);
}

void recorder_speaker_end(struct recorder *recorder, int64_t time_samples, const char *leg)
{
    put(recorder, ITEM_END, time_samples, leg, "", 0);
}

void recorder_starts_at(struct recorder *recorder, int64_t monotonic_us)
{
    atomic_store_explicit(&recorder->start_us, monotonic_us, memory_order_relaxed);
}

/* ---- whoever has pictures ---- */

void recorder_picture(struct recorder *recorder, enum recorder_kind kind, struct coded_frame *frame,
                      int64_t sound_delay_us)
{
    if (frame->codec != CODED_VP8 || (recorder->is_torn[kind] && !frame->is_key))
        return;
    atomic_store_explicit(&recorder->sound_delay_us[kind], sound_delay_us, memory_order_relaxed);
    recorder->is_torn[kind] = !ring_push(recorder->frames[kind], coded_frame_ref(frame));
    if (recorder->is_torn[kind]) {
        coded_frame_unref(frame);
        atomic_fetch_add_explicit(&recorder->dropped, 1, memory_order_relaxed);
        return;
    }
    eventfd_write(recorder->wake_fd, 1);
}

uint64_t recorder_dropped(const struct recorder *recorder)
{
    return atomic_load_explicit(&recorder->dropped, memory_order_relaxed);
}

/* ---- the recorder thread ---- */

static bool write_item(struct recorder *recorder, const struct item *item, GError **error)
{
    g_autofree char *name = NULL;
    switch (item->kind) {
    case ITEM_BEGIN:
        name = g_utf8_make_valid((const char *)item->payload, item->size);
        return part_begin(recorder->part, item->time_samples, item->leg, name, error);
    case ITEM_END:
        return part_end(recorder->part, item->time_samples, item->leg, error);
    case ITEM_PACKET:
        return part_packet(recorder->part, item->time_samples, item->leg, item->payload, item->size,
                           error);
    }
    return true;
}

/* Nothing changes the error between its making and the recorder's end. */
static void tell_failure(void *arg)
{
    struct recorder *recorder = arg;
    if (recorder->failed != NULL)
        recorder->failed(recorder->error->message, recorder->failed_arg);
}

/* After the first error (a full disk) nothing more is written; what is there stays whole. */
static void check(struct recorder *recorder, bool is_good)
{
    if (is_good)
        return;
    log_error("recording stops: %s", recorder->error->message);
    queue_post(recorder->main_queue, tell_failure, recorder);
}

/* What was taken before the first sound is before the recording. */
static bool write_frame(struct recorder *recorder, enum recorder_kind kind,
                        const struct coded_frame *frame, GError **error)
{
    int64_t start_us = atomic_load_explicit(&recorder->start_us, memory_order_relaxed);
    int64_t delay_us = atomic_load_explicit(&recorder->sound_delay_us[kind], memory_order_relaxed);
    int64_t time_us = frame->capture_us + delay_us - start_us;
    if (start_us == 0 || time_us < 0)
        return true;
    return part_frame(recorder->part, kind == RECORDER_PICTURE ? PART_PICTURE : PART_SLIDES,
                      time_us * 48 / 1000, frame, error);
}

static void drain_frames(struct recorder *recorder, enum recorder_kind kind)
{
    struct coded_frame *frame;
    while ((frame = ring_pop(recorder->frames[kind])) != NULL) {
        if (recorder->error == NULL)
            check(recorder, write_frame(recorder, kind, frame, &recorder->error));
        coded_frame_unref(frame);
    }
}

static void drain(struct recorder *recorder)
{
    struct item *item;
    for (int kind = 0; kind < RECORDER_KINDS; kind++)
        drain_frames(recorder, (enum recorder_kind)kind);
    while ((item = ring_pop(recorder->filled)) != NULL) {
        if (recorder->error == NULL)
            check(recorder, write_item(recorder, item, &recorder->error));
        ring_push(recorder->free_items, item);
    }
    if (recorder->error == NULL)
        check(recorder, part_settle(recorder->part, clock_monotonic_us(), &recorder->error));
}

static gboolean drop_queue(gpointer data)
{
    queue_free(data);
    return G_SOURCE_REMOVE;
}

static void recorder_free(struct recorder *recorder)
{
    ring_free(recorder->filled, NULL);
    ring_free(recorder->free_items, NULL);
    for (unsigned i = 0; i < RECORDER_KINDS; i++)
        ring_free(recorder->frames[i], coded_frame_destroy);
    if (recorder->wake_fd >= 0)
        close(recorder->wake_fd);
    g_clear_error(&recorder->error);
    g_free(recorder->items);
    g_free(recorder->path);
    g_free(recorder->part_dir);
    g_free(recorder);
}

/* On the main thread, from the queue itself, which can therefore not be freed here. */
static void finish(void *arg)
{
    struct recorder *recorder = arg;
    struct recorder_result result = {recorder->path, recorder->duration_us, recorder->error};
    pthread_join(recorder->thread, NULL);
    recorder->done(&result, recorder->done_arg);
    g_idle_add(drop_queue, recorder->main_queue);
    recorder_free(recorder);
}

static void keep_first_error(struct recorder *recorder, GError *error)
{
    if (recorder->error == NULL)
        recorder->error = error;
    else
        g_clear_error(&error);
}

static void end_part(struct recorder *recorder)
{
    GError *error = NULL;
    uint64_t dropped = recorder_dropped(recorder);
    if (dropped > 0)
        log_warning("the disk was too slow: %llu packets were not recorded path=%s",
                    (unsigned long long)dropped, recorder->part_dir);
    part_close(g_steal_pointer(&recorder->part), dropped, &error);
    keep_first_error(recorder, error);
    error = NULL;
    record_finish_part(recorder->part_dir, false, &recorder->duration_us, &error);
    keep_first_error(recorder, error);
}

static void *run(void *arg)
{
    struct recorder *recorder = arg;
    struct pollfd wake = {.fd = recorder->wake_fd, .events = POLLIN};
    eventfd_t wakes;
    pthread_setname_np(pthread_self(), "recorder");
    while (!atomic_load(&recorder->is_stopping)) {
        if (poll(&wake, 1, SETTLE_MS) > 0)
            eventfd_read(recorder->wake_fd, &wakes);
        drain(recorder);
    }
    drain(recorder);
    end_part(recorder);
    queue_post(recorder->main_queue, finish, recorder);
    return NULL;
}

/* ---- the main thread ---- */

static bool start_thread(struct recorder *recorder, GError **error)
{
    recorder->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int code = recorder->wake_fd < 0 ? errno : 0;
    if (code == 0) {
        recorder->main_queue = queue_new();
        queue_attach(recorder->main_queue, NULL);
        code = pthread_create(&recorder->thread, NULL, run, recorder);
    }
    if (code == 0)
        return true;
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "no thread to record with: %s",
                g_strerror(code));
    return false;
}

struct recorder *recorder_new(const char *directory, const char *title, GError **error)
{
    unsigned number = record_next_number(directory);
    g_autofree char *path = record_part_name(number);
    g_autofree char *part_dir = g_build_filename(directory, path, NULL);
    struct part *part = part_new(part_dir, number, title, error);
    if (part == NULL)
        return NULL;
    struct recorder *recorder = g_new0(struct recorder, 1);
    recorder->number = number;
    recorder->path = g_steal_pointer(&path);
    recorder->part_dir = g_steal_pointer(&part_dir);
    recorder->part = part;
    recorder->items = g_new0(struct item, ITEMS);
    recorder->free_items = ring_new(ITEMS);
    recorder->filled = ring_new(ITEMS);
    for (unsigned i = 0; i < RECORDER_KINDS; i++)
        recorder->frames[i] = ring_new(FRAMES);
    for (unsigned i = 0; i < ITEMS; i++)
        ring_push(recorder->free_items, &recorder->items[i]);
    if (start_thread(recorder, error))
        return recorder;
    part_close(part, 0, NULL);
    if (recorder->main_queue != NULL)
        queue_free(recorder->main_queue);
    recorder_free(recorder);
    return NULL;
}

unsigned recorder_part(const struct recorder *recorder)
{
    return recorder->number;
}

const char *recorder_path(const struct recorder *recorder)
{
    return recorder->path;
}

void recorder_watch(struct recorder *recorder, void (*failed)(const char *why, void *arg),
                    void *arg)
{
    recorder->failed = failed;
    recorder->failed_arg = arg;
}

void recorder_stop(struct recorder *recorder,
                   void (*done)(const struct recorder_result *result, void *arg), void *arg)
{
    recorder->done = done;
    recorder->done_arg = arg;
    atomic_store(&recorder->is_stopping, true);
    eventfd_write(recorder->wake_fd, 1);
}
