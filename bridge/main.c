/* nhipcau-bridge: the media plane. Arguments, signals, the main loop. */
#include "bridge/control.h"
#include "common/log.h"

#include <glib-unix.h>
#include <glib.h>
#include <gst/gst.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

/* A bridge that nobody wants any more, its signaling having gone for good, ends by itself. */
#define IDLE_CHECK_SECONDS 60
#define IDLE_CHECKS_MAX    10

struct program {
    GMainLoop *loop;
    struct bridge bridge;
    struct control *control;
    unsigned idle_checks;
};

static struct {
    char *socket;
    int shards, bitrate, complexity;
    gboolean version;
} options = {.bitrate = 32000, .complexity = 5};

static const GOptionEntry entries[] = {
    {"socket", 0, 0, G_OPTION_ARG_FILENAME, &options.socket, "Control socket (required)", "PATH"},
    {"shards", 0, 0, G_OPTION_ARG_INT, &options.shards, "Media threads; default: the cores", "N"},
    {"bitrate", 0, 0, G_OPTION_ARG_INT, &options.bitrate, "Of each Opus encode; default 32000",
     "BPS"},
    {"complexity", 0, 0, G_OPTION_ARG_INT, &options.complexity, "Of Opus, 0 to 10; default 5", "N"},
    {"version", 0, 0, G_OPTION_ARG_NONE, &options.version, "Print the version", NULL},
    {NULL, 0, 0, 0, NULL, NULL, NULL},
};

static bool read_arguments(int *argc, char ***argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new("- the media bridge of Nhịp Cầu");
    g_autoptr(GError) error = NULL;
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, &error)) {
        fprintf(stderr, "nhipcau-bridge: %s\n", error->message);
        return false;
    }
    if (options.version)
        return true;
    const char *wrong =
        options.socket == NULL                               ? "--socket is missing"
        : options.shards < 0 || options.shards > 256         ? "--shards: 1 to 256"
        : options.bitrate < 6000 || options.bitrate > 510000 ? "--bitrate: 6000 to 510000"
        : options.complexity < 0 || options.complexity > 10  ? "--complexity: 0 to 10"
                                                             : NULL;
    if (wrong != NULL)
        fprintf(stderr, "nhipcau-bridge: %s\n", wrong);
    return wrong == NULL;
}

/* Each room costs a few descriptors. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void quit(void *arg)
{
    struct program *program = arg;
    g_main_loop_quit(program->loop);
}

static gboolean on_terminate(gpointer data)
{
    struct program *program = data;
    log_info("ending: recordings are being finished");
    control_shutdown(program->control);
    return G_SOURCE_CONTINUE;
}

static gboolean on_idle_check(gpointer data)
{
    struct program *program = data;
    program->idle_checks = control_is_idle(program->control) ? program->idle_checks + 1 : 0;
    if (program->idle_checks >= IDLE_CHECKS_MAX) {
        log_info("nobody has needed this bridge for %d minutes", IDLE_CHECKS_MAX);
        g_main_loop_quit(program->loop);
    }
    return G_SOURCE_CONTINUE;
}

static void start_shards(struct bridge *bridge)
{
    bridge->shard_count = options.shards > 0 ? (unsigned)options.shards : g_get_num_processors();
    bridge->shards = g_new0(struct shard *, bridge->shard_count);
    for (unsigned i = 0; i < bridge->shard_count; i++)
        bridge->shards[i] = shard_new(i);
}

static void stop_shards(struct bridge *bridge)
{
    for (unsigned i = 0; i < bridge->shard_count; i++)
        shard_free(bridge->shards[i]);
    g_free(bridge->shards);
}

static bool run(struct program *program)
{
    struct bridge *bridge = &program->bridge;
    g_autoptr(GError) error = NULL;
    bridge->main_queue = queue_new();
    queue_attach(bridge->main_queue, NULL);
    bridge->bitrate_bps = options.bitrate;
    bridge->complexity = options.complexity;
    bridge->conferences = g_hash_table_new(g_str_hash, g_str_equal);
    start_shards(bridge);
    program->loop = g_main_loop_new(NULL, FALSE);
    program->control = control_new(bridge, options.socket, quit, program, &error);
    if (program->control != NULL) {
        g_unix_signal_add(SIGTERM, on_terminate, program);
        g_unix_signal_add(SIGINT, on_terminate, program);
        g_timeout_add_seconds(IDLE_CHECK_SECONDS, on_idle_check, program);
        log_info("ready with %u shards on %s", bridge->shard_count, options.socket);
        g_main_loop_run(program->loop);
    } else {
        log_error("%s", error->message);
    }
    stop_shards(bridge);
    queue_free(bridge->main_queue); /* the last words of the shards */
    control_free(program->control);
    g_hash_table_unref(bridge->conferences);
    g_main_loop_unref(program->loop);
    return error == NULL;
}

int main(int argc, char **argv)
{
    struct program program = {0};
    if (!read_arguments(&argc, &argv))
        return EXIT_FAILURE;
    if (options.version) {
        puts("nhipcau-bridge " NHIPCAU_VERSION);
        return EXIT_SUCCESS;
    }
    log_init("bridge", LOG_LEVEL_INFO);
    /* A log or a control connection whose reader has died is no reason to die too. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    raise_descriptor_limit();
    gst_init(NULL, NULL);
    bool is_good = run(&program);
    gst_deinit();
    g_free(options.socket);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
