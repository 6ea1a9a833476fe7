#include "client/room/projector.h"

#include "common/clock.h"

#include <gio/gio.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define TURN_US     5000
#define IDLE_US     50000
#define SMALL_LINES 180

struct projector {
    pthread_mutex_t lock; /* of all below, and of the projections */
    pthread_t thread;
    bool is_over;
    GPtrArray *projections;
    /* The main thread's. */
    GHashTable *films; /* what -> struct film; owned */
    GCancellable *cancellable;
};

struct projection {
    struct projector *projector;
    struct canvas *canvas;
    struct film *film;
    /* Where it is. */
    enum film_size size;
    unsigned index;
    int64_t next_us; /* 0: begins anew */
};

/* ---- the thread ---- */

/* The next key frame from here on: there is one every second. */
static unsigned find_key(const struct film *film, enum film_size size, unsigned from)
{
    unsigned length = film_length(film);
    for (unsigned i = 0; i < length; i++) {
        if (film_frame(film, size, (from + i) % length)->is_key)
            return (from + i) % length;
    }
    return 0;
}

static void send(struct projection *projection, int64_t now_us)
{
    const struct coded_frame *kept =
        film_frame(projection->film, projection->size, projection->index);
    struct coded_frame *frame = coded_frame_new(kept->codec, kept->size);
    frame->is_key = kept->is_key;
    frame->width = kept->width;
    frame->height = kept->height;
    frame->capture_us = now_us;
    frame->timestamp = coded_timestamp(now_us);
    memcpy(frame->bytes, kept->bytes, kept->size);
    canvas_send(projection->canvas, frame);
    coded_frame_unref(frame);
}

static void turn(struct projection *projection, int64_t now_us)
{
    const struct film *film = projection->film;
    unsigned lines = canvas_wanted(projection->canvas);
    enum film_size size = lines > SMALL_LINES ? FILM_LARGE : FILM_SMALL;
    if (film == NULL || lines == 0) {
        projection->next_us = 0;
        return;
    }
    if (projection->next_us > now_us)
        return;
    bool is_anew = projection->next_us == 0 || size != projection->size;
    if (canvas_take_request(projection->canvas) || is_anew)
        projection->index = find_key(film, size, projection->index % film_length(film));
    projection->size = size;
    send(projection, now_us);
    projection->index = (projection->index + 1) % film_length(film);
    int64_t from_us = is_anew ? now_us : projection->next_us;
    projection->next_us = MAX(from_us + 1000000 / film_fps(film), now_us - 100000);
}

static void *run(void *arg)
{
    struct projector *projector = arg;
    bool is_over = false;
    pthread_setname_np(pthread_self(), "projector");
    while (!is_over) {
        int64_t now_us = clock_monotonic_us();
        bool is_busy = false;
        pthread_mutex_lock(&projector->lock);
        for (unsigned i = 0; i < projector->projections->len; i++) {
            struct projection *projection = projector->projections->pdata[i];
            turn(projection, now_us);
            is_busy |= projection->next_us != 0;
        }
        is_over = projector->is_over;
        pthread_mutex_unlock(&projector->lock);
        g_usleep(is_busy ? TURN_US : IDLE_US);
    }
    return NULL;
}

/* ---- films ---- */

struct order {
    struct projector *projector;
    char *what;
    uint8_t number;
    projector_loaded done;
    void *arg;
};

static void order_free(void *data)
{
    struct order *order = data;
    g_free(order->what);
    g_free(order);
}

static void destroy_film(void *film)
{
    film_unref(film);
}

static void make(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const struct order *order = data;
    GError *error = NULL;
    unsigned number = order->number;
    (void)source;
    (void)cancellable;
    bool is_drawn =
        strcmp(order->what, "pattern") == 0 || sscanf(order->what, "pattern:%3u", &number) == 1;
    struct film *film =
        is_drawn ? film_draw((uint8_t)number, &error) : film_load(order->what, &error);
    if (film != NULL)
        g_task_return_pointer(task, film, destroy_film);
    else
        g_task_return_error(task, error);
}

static void on_made(GObject *source, GAsyncResult *result, gpointer data)
{
    struct order *order = g_task_get_task_data(G_TASK(result));
    g_autoptr(GError) error = NULL;
    struct film *film = g_task_propagate_pointer(G_TASK(result), &error);
    (void)source;
    (void)data;
    if (g_cancellable_is_cancelled(g_task_get_cancellable(G_TASK(result)))) {
        film_unref(film);
        return;
    }
    if (film != NULL)
        g_hash_table_replace(order->projector->films, g_strdup(order->what), film);
    order->done(film, error != NULL ? error->message : NULL, order->arg);
}

/* Two rooms that ask for the same file at once may have it made twice; the later one is kept. */
void projector_load(struct projector *projector, const char *what, uint8_t number,
                    projector_loaded done, void *arg)
{
    struct order *order = g_new0(struct order, 1);
    order->projector = projector;
    order->what =
        strcmp(what, "pattern") == 0 ? g_strdup_printf("pattern:%u", number) : g_strdup(what);
    order->number = number;
    order->done = done;
    order->arg = arg;
    struct film *known = g_hash_table_lookup(projector->films, order->what);
    if (known != NULL) {
        done(known, NULL, arg);
        order_free(order);
        return;
    }
    GTask *task = g_task_new(NULL, projector->cancellable, on_made, NULL);
    g_task_set_check_cancellable(task, FALSE);
    g_task_set_task_data(task, order, order_free);
    g_task_run_in_thread(task, make);
    g_object_unref(task);
}

/* ---- projections ---- */

struct projection *projection_new(struct projector *projector, struct shard *shard)
{
    struct projection *projection = g_new0(struct projection, 1);
    projection->projector = projector;
    projection->canvas = canvas_new(shard);
    pthread_mutex_lock(&projector->lock);
    g_ptr_array_add(projector->projections, projection);
    pthread_mutex_unlock(&projector->lock);
    return projection;
}

void projection_free(struct projection *projection)
{
    if (projection == NULL)
        return;
    pthread_mutex_lock(&projection->projector->lock);
    g_ptr_array_remove(projection->projector->projections, projection);
    pthread_mutex_unlock(&projection->projector->lock);
    canvas_free(projection->canvas);
    film_unref(projection->film);
    g_free(projection);
}

struct canvas *projection_canvas(const struct projection *projection)
{
    return projection->canvas;
}

void projection_show(struct projection *projection, struct film *film)
{
    pthread_mutex_lock(&projection->projector->lock);
    film_unref(projection->film);
    projection->film = film != NULL ? film_ref(film) : NULL;
    projection->index = 0;
    projection->next_us = 0;
    pthread_mutex_unlock(&projection->projector->lock);
}

/* ---- life ---- */

struct projector *projector_new(void)
{
    struct projector *projector = g_new0(struct projector, 1);
    pthread_mutex_init(&projector->lock, NULL);
    projector->projections = g_ptr_array_new();
    projector->films = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, destroy_film);
    projector->cancellable = g_cancellable_new();
    if (pthread_create(&projector->thread, NULL, run, projector) != 0)
        g_error("no thread for the pictures");
    return projector;
}

void projector_free(struct projector *projector)
{
    if (projector == NULL)
        return;
    g_cancellable_cancel(projector->cancellable);
    pthread_mutex_lock(&projector->lock);
    projector->is_over = true;
    pthread_mutex_unlock(&projector->lock);
    pthread_join(projector->thread, NULL);
    g_ptr_array_unref(projector->projections);
    g_hash_table_unref(projector->films);
    g_object_unref(projector->cancellable);
    pthread_mutex_destroy(&projector->lock);
    g_free(projector);
}
