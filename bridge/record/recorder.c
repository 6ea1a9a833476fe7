#include "bridge/record/record.h"

#include "bridge/record/part.h"
#include "common/log.h"
#include "common/queue.h"
#include "common/ring.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Items on their way from the audio thread. 4,096 packets are more than a second of 64 speakers:
 * so long may the disk stall. */
#define ITEMS       4096
#define PAYLOAD_MAX 1275
#define LEG_SIZE    129
#define NAME_SIZE   610
#define PROGRAM     ""

enum item_kind { ITEM_PACKET, ITEM_BEGIN, ITEM_END };

struct item {
    enum item_kind kind;
    int64_t time_samples;
    char leg[LEG_SIZE]; /* "": the program */
    uint16_t size;      /* of a packet's payload; for ITEM_BEGIN the name is the payload */
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
    struct item *item = size <= PAYLOAD_MAX ? ring_pop(recorder->free_items) : NULL;
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
    put(recorder, ITEM_BEGIN, time_samples, leg, name, MIN(strlen(name) + 1, (size_t)NAME_SIZE));
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

/* ---- the recorder thread ---- */

static bool write_item(struct recorder *recorder, const struct item *item, GError **error)
{
    char name[NAME_SIZE];
    switch (item->kind) {
    case ITEM_BEGIN:
        g_strlcpy(name, (const char *)item->payload, MIN(sizeof name, item->size));
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
static void drain(struct recorder *recorder)
{
    struct item *item;
    while ((item = ring_pop(recorder->filled)) != NULL) {
        if (recorder->error == NULL && !write_item(recorder, item, &recorder->error)) {
            log_error("recording stops: %s", recorder->error->message);
            queue_post(recorder->main_queue, tell_failure, recorder);
        }
        ring_push(recorder->free_items, item);
    }
}

static gboolean drop_queue(gpointer data)
{
    queue_free(data);
    return G_SOURCE_REMOVE;
}

static void finish(void *arg)
{
    struct recorder *recorder = arg;
    struct recorder_result result = {recorder->path, recorder->duration_us, recorder->error};
    pthread_join(recorder->thread, NULL);
    recorder->done(&result, recorder->done_arg);
    ring_free(recorder->filled, NULL);
    ring_free(recorder->free_items, NULL);
    close(recorder->wake_fd);
    g_clear_error(&recorder->error);
    g_free(recorder->items);
    g_free(recorder->path);
    g_free(recorder->part_dir);
    /* This runs from the queue itself. */
    g_idle_add(drop_queue, recorder->main_queue);
    g_free(recorder);
}

static void *run(void *arg)
{
    struct recorder *recorder = arg;
    eventfd_t wakes;
    pthread_setname_np(pthread_self(), "recorder");
    while (!atomic_load(&recorder->is_stopping)) {
        /* Blocks until something is there. */
        eventfd_read(recorder->wake_fd, &wakes);
        drain(recorder);
    }
    drain(recorder);
    uint64_t dropped = atomic_load(&recorder->dropped);
    if (dropped > 0)
        log_warning("the disk was too slow: %llu packets were not recorded",
                    (unsigned long long)dropped);
    GError *close_error = NULL;
    part_close(recorder->part, &close_error);
    if (recorder->error == NULL)
        recorder->error = close_error;
    else
        g_clear_error(&close_error);
    GError *finish_error = NULL;
    if (!part_finish(recorder->part_dir, false, &recorder->duration_us, &finish_error)) {
        if (recorder->error == NULL)
            recorder->error = finish_error;
        else
            g_clear_error(&finish_error);
    }
    queue_post(recorder->main_queue, finish, recorder);
    return NULL;
}

/* ---- the main thread ---- */

static unsigned next_number(const char *directory)
{
    for (unsigned number = 1;; number++) {
        char name[16];
        snprintf(name, sizeof name, "part-%03u", number);
        g_autofree char *path = g_build_filename(directory, name, NULL);
        if (!g_file_test(path, G_FILE_TEST_EXISTS))
            return number;
    }
}

struct recorder *recorder_new(const char *directory, const char *title, GError **error)
{
    unsigned number = next_number(directory);
    g_autofree char *path = g_strdup_printf("part-%03u", number);
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
    for (unsigned i = 0; i < ITEMS; i++)
        ring_push(recorder->free_items, &recorder->items[i]);
    recorder->wake_fd = eventfd(0, EFD_CLOEXEC);
    recorder->main_queue = queue_new();
    queue_attach(recorder->main_queue, NULL);
    if (pthread_create(&recorder->thread, NULL, run, recorder) != 0)
        g_error("no thread for the recorder");
    return recorder;
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

unsigned recorder_recover(const char *directory, GError **error)
{
    unsigned recovered = 0;
    for (unsigned number = 1;; number++) {
        char name[16];
        int64_t duration_us;
        snprintf(name, sizeof name, "part-%03u", number);
        g_autofree char *part_dir = g_build_filename(directory, name, NULL);
        if (!g_file_test(part_dir, G_FILE_TEST_IS_DIR))
            return recovered;
        if (part_is_finished(part_dir))
            continue;
        if (!part_finish(part_dir, true, &duration_us, error)) {
            g_prefix_error(error, "%s: ", part_dir);
            return recovered;
        }
        log_info("finished what an ended recorder had left: %s", part_dir);
        recovered++;
    }
}
