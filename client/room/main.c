/* nhipcau-room: a meeting room. Arguments, threads, the main loop. */
#include "client/room/device_list.h"
#include "client/room/headless.h"
#include "client/room/screen.h"
#include "common/log.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <gst/gst.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXIT_CONFIG 78 /* as sysexits.h has it: a service is not to be started anew for that */

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

static int run_screen(struct program *program)
{
    g_autoptr(GError) error = NULL;
    struct screen *screen = screen_new(&program->options, program->soup, program->shards[0],
                                       program->lines, program->main_queue, program->loop, &error);
    if (screen == NULL) {
        fprintf(stderr, "nhipcau-room: %s\n", error->message);
        return EXIT_CONFIG;
    }
    g_main_loop_run(program->loop);
    int status = screen_status(screen);
    screen_free(screen);
    return status;
}

static int run_headless(struct program *program)
{
    struct headless *headless =
        headless_new(&program->options, program->soup, program->shards, program->shard_count,
                     program->lines, program->main_queue, program->loop);
    program->headless = headless;
    g_main_loop_run(program->loop);
    bool is_good = headless_is_good(headless);
    program->headless = NULL;
    headless_free(headless);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run(struct program *program)
{
    program->loop = g_main_loop_new(NULL, FALSE);
    program->main_queue = queue_new();
    queue_attach(program->main_queue, NULL);
    g_unix_signal_add(SIGINT, on_interrupt, program);
    g_unix_signal_add(SIGTERM, on_interrupt, program);
    start_media(program);
    int status =
        program->options.action == ACTION_HEADLESS ? run_headless(program) : run_screen(program);
    stop_media(program);
    queue_free(program->main_queue); /* the last words of the shards */
    g_main_loop_unref(program->loop);
    return status;
}

static int print_devices(const struct options *options)
{
    g_autoptr(GError) error = NULL;
    if (device_list_print(options->is_english, &error))
        return EXIT_SUCCESS;
    fprintf(stderr, "nhipcau-room: %s\n", error->message);
    return EXIT_FAILURE;
}

/* A reader of a pipe that does not read must not stop the program. */
static void keep_from_waiting(int fd)
{
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode))
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int act(struct program *program)
{
    enum action action = program->options.action;
    if (action == ACTION_DEVICES)
        return print_devices(&program->options);
    if (!make_soup(program))
        return EXIT_CONFIG;
    if (action == ACTION_CHECK_CONFIG) {
        puts("nhipcau-room: the configuration is good");
        return EXIT_SUCCESS;
    }
    if (action == ACTION_ROOM)
        keep_from_waiting(STDERR_FILENO);
    return run(program);
}

int main(int argc, char **argv)
{
    struct program program = {0};
    int status = EXIT_SUCCESS;
    setlocale(LC_CTYPE, "");
    switch (options_read(&program.options, &argc, &argv)) {
    case OPTIONS_SHOWN:
        break;
    case OPTIONS_USAGE:
        status = EXIT_FAILURE;
        break;
    case OPTIONS_CONFIG:
        status = EXIT_CONFIG;
        break;
    case OPTIONS_GOOD:
        log_init("room", program.options.log_level);
        signal(SIGPIPE, SIG_IGN);
        raise_descriptor_limit();
        status = act(&program);
        break;
    }
    g_clear_object(&program.soup);
    options_clear(&program.options);
    if (gst_is_initialized())
        gst_deinit();
    return status;
}
