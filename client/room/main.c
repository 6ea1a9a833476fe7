/* nhipcau-room: a meeting room. Arguments, threads, the main loop. */
#include "client/room/devices.h"
#include "client/room/headless.h"
#include "client/room/screen.h"
#include "common/log.h"

#include <glib-unix.h>
#include <gst/gst.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

struct program {
    struct options options;
    GMainLoop *loop;
    SoupSession *soup;
    struct shard **shards;
    unsigned shard_count;
    struct queue *main_queue;
    struct lines *lines;
    struct headless *headless; /* NULL: a room with devices */
};

static gboolean on_interrupt(gpointer data)
{
    struct program *program = data;
    if (program->headless != NULL)
        headless_end(program->headless);
    else
        g_main_loop_quit(program->loop);
    return G_SOURCE_CONTINUE;
}

static bool make_soup(struct program *program)
{
    g_autoptr(GError) error = NULL;
    /* Each room has a WebSocket for as long as it is there. */
    program->soup =
        soup_session_new_with_options("max-conns", 10000, "max-conns-per-host", 10000, "timeout",
                                      30, "user-agent", "nhipcau-room/" NHIPCAU_VERSION, NULL);
    if (program->options.ca_file == NULL)
        return true;
    /* GnuTLS wants the whole path. */
    g_autofree char *path = g_canonicalize_filename(program->options.ca_file, NULL);
    g_autoptr(GTlsDatabase) database = g_tls_file_database_new(path, &error);
    if (database == NULL) {
        fprintf(stderr, "nhipcau-room: --ca %s: %s\n", program->options.ca_file, error->message);
        return false;
    }
    soup_session_set_tls_database(program->soup, database);
    return true;
}

static unsigned count_shards(const struct options *options)
{
    unsigned links = g_strv_length(options->links);
    if (options->threads > 0)
        return (unsigned)options->threads;
    return MIN(links, g_get_num_processors());
}

static void start_media(struct program *program)
{
    program->shard_count = count_shards(&program->options);
    program->shards = g_new0(struct shard *, program->shard_count);
    for (unsigned i = 0; i < program->shard_count; i++)
        program->shards[i] = shard_new(i);
    program->lines = lines_new(program->shards, program->shard_count);
}

static void stop_media(struct program *program)
{
    lines_stop(program->lines);
    for (unsigned i = 0; i < program->shard_count; i++)
        shard_free(program->shards[i]);
    lines_free(program->lines);
    g_free(program->shards);
}

static bool run_screen(struct program *program)
{
    g_autoptr(GError) error = NULL;
    struct screen *screen = screen_new(&program->options, program->soup, program->shards[0],
                                       program->lines, program->main_queue, program->loop, &error);
    if (screen == NULL) {
        fprintf(stderr, "nhipcau-room: %s\n", error->message);
        return false;
    }
    g_main_loop_run(program->loop);
    bool is_good = screen_is_good(screen);
    screen_free(screen);
    return is_good;
}

static bool run_headless(struct program *program)
{
    struct headless *headless =
        headless_new(&program->options, program->soup, program->shards, program->shard_count,
                     program->lines, program->main_queue, program->loop);
    program->headless = headless;
    g_main_loop_run(program->loop);
    bool is_good = headless_is_good(headless);
    program->headless = NULL;
    headless_free(headless);
    return is_good;
}

static bool run(struct program *program)
{
    program->loop = g_main_loop_new(NULL, FALSE);
    program->main_queue = queue_new();
    queue_attach(program->main_queue, NULL);
    g_unix_signal_add(SIGINT, on_interrupt, program);
    g_unix_signal_add(SIGTERM, on_interrupt, program);
    start_media(program);
    bool is_good = program->options.is_headless ? run_headless(program) : run_screen(program);
    stop_media(program);
    queue_free(program->main_queue); /* the last words of the shards */
    g_main_loop_unref(program->loop);
    return is_good;
}

static bool list_devices(const struct options *options)
{
    g_autoptr(GError) error = NULL;
    if (devices_list(options, &error))
        return true;
    fprintf(stderr, "nhipcau-room: %s\n", error->message);
    return false;
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv)
{
    struct program program = {0};
    bool is_fault, is_good = false;
    if (!options_read(&program.options, &argc, &argv, &is_fault)) {
        options_clear(&program.options);
        return is_fault ? EXIT_FAILURE : EXIT_SUCCESS;
    }
    log_init("room", LOG_LEVEL_WARNING);
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    if (program.options.lists_devices)
        is_good = list_devices(&program.options);
    else if (make_soup(&program))
        is_good = run(&program);
    g_clear_object(&program.soup);
    options_clear(&program.options);
    if (gst_is_initialized())
        gst_deinit();
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
