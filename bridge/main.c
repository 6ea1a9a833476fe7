/* nhipcau-bridge: the media plane. Arguments, signals, the main loop. */
#include "bridge/audio/audio.h"
#include "bridge/control.h"
#include "bridge/line_test.h"
#include "bridge/network.h"
#include "bridge/studio_options.h"
#include "bridge/video/studio/encoder.h"
#include "common/log.h"

#include <glib-unix.h>
#include <glib.h>
#include <gst/gst.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
    char *log_level;
    int shards, bitrate, complexity, line_test_kbps, line_tests;
    int max_decoded, loudness, gain_max;
    char *renditions, *vp8_encoder, *h264_encoder;
    int video_fps;
    gboolean no_pass_through;
    gboolean version;
} options = {.bitrate = 32000,
             .complexity = 5,
             .line_test_kbps = 2000,
             .line_tests = 20,
             .max_decoded = 6,
             .loudness = -23,
             .gain_max = 30,
             .video_fps = 25};

static const char *const log_levels[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARNING] = "warning",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

static const GOptionEntry entries[] = {
    {"socket", 0, 0, G_OPTION_ARG_FILENAME, &options.socket, "Control socket (required)", "PATH"},
    {"shards", 0, 0, G_OPTION_ARG_INT, &options.shards, "Media threads; default: the cores", "N"},
    {"bitrate", 0, 0, G_OPTION_ARG_INT, &options.bitrate, "Of each Opus encode; default 32000",
     "BPS"},
    {"complexity", 0, 0, G_OPTION_ARG_INT, &options.complexity, "Of Opus, 0 to 10; default 5", "N"},
    {"max-decoded", 0, 0, G_OPTION_ARG_INT, &options.max_decoded,
     "Speakers heard at once, the loudest; 0: all; default 6", "N"},
    {"loudness", 0, 0, G_OPTION_ARG_INT, &options.loudness,
     "Every speaker is brought to, -36 to -16 LUFS; 0: left as he is; default -23", "LUFS"},
    {"gain-max", 0, 0, G_OPTION_ARG_INT, &options.gain_max,
     "At most so much louder, 0 to 40; default 30", "DB"},
    {"renditions", 0, 0, G_OPTION_ARG_STRING, &options.renditions,
     "Of the composed picture, the largest first; \"\": none; default " STUDIO_RENDITIONS_DEFAULT,
     "LINES:KBPS,…"},
    {"video-fps", 0, 0, G_OPTION_ARG_INT, &options.video_fps,
     "Composed pictures a second, 5 to 60; default 25", "N"},
    {"vp8-encoder", 0, 0, G_OPTION_ARG_STRING, &options.vp8_encoder,
     "GStreamer's element; default vp8enc", "NAME"},
    {"h264-encoder", 0, 0, G_OPTION_ARG_STRING, &options.h264_encoder,
     "The same: openh264enc (default), x264enc, vah264enc, v4l2h264enc", "NAME"},
    {"no-pass-through", 0, 0, G_OPTION_ARG_NONE, &options.no_pass_through,
     "Compose and encode even what is one picture from edge to edge", NULL},
    {"line-test-kbps", 0, 0, G_OPTION_ARG_INT, &options.line_test_kbps,
     "Most load of a line test, each way; 0: none; default 2000", "N"},
    {"line-tests", 0, 0, G_OPTION_ARG_INT, &options.line_tests,
     "Line tests at once; 0: none; default 20", "N"},
    {"log-level", 0, 0, G_OPTION_ARG_STRING, &options.log_level,
     "error, warning, info (default) or debug", "LEVEL"},
    {"version", 0, 0, G_OPTION_ARG_NONE, &options.version, "Print the version", NULL},
    {NULL, 0, 0, 0, NULL, NULL, NULL},
};

static const char description[] =
    "The bridge outlives the signaling that started it, and keeps its rooms. SIGTERM ends it once\n"
    "its recordings are finished. It ends by itself when for ten minutes neither signaling nor "
    "any\n"
    "room has been connected.";

static bool read_log_level(enum log_level *level)
{
    *level = LOG_LEVEL_INFO;
    for (unsigned i = 0; options.log_level != NULL && i < G_N_ELEMENTS(log_levels); i++) {
        if (strcmp(options.log_level, log_levels[i]) == 0) {
            *level = i;
            return true;
        }
    }
    return options.log_level == NULL;
}

static const char *find_fault(enum log_level *level)
{
    if (options.socket == NULL)
        return "--socket is missing";
    if (options.shards < 0 || options.shards > 256)
        return "--shards: 1 to 256";
    if (options.bitrate < 6000 || options.bitrate > 510000)
        return "--bitrate: 6000 to 510000";
    if (options.complexity < 0 || options.complexity > 10)
        return "--complexity: 0 to 10";
    if (options.max_decoded < 0 || options.max_decoded > AUDIO_MAX_SPEAKERS)
        return "--max-decoded: 0 to 64";
    if (options.loudness != 0 && (options.loudness < -36 || options.loudness > -16))
        return "--loudness: -36 to -16, or 0";
    if (options.gain_max < 0 || options.gain_max > 40)
        return "--gain-max: 0 to 40";
    if (options.line_test_kbps < 0 || options.line_test_kbps > LINE_TEST_KBPS_MAX)
        return "--line-test-kbps: 0 to 20000";
    if (options.line_tests < 0 || options.line_tests > 10000)
        return "--line-tests: 0 to 10000";
    if (!read_log_level(level))
        return "--log-level: error, warning, info or debug";
    return NULL;
}

static const char *find_picture_fault(struct bridge *bridge)
{
    static char why[200];
    const char *renditions =
        options.renditions != NULL ? options.renditions : STUDIO_RENDITIONS_DEFAULT;
    if (!studio_options_read(renditions, &bridge->studio, why)) {
        g_autofree char *reason = g_strdup(why);
        g_snprintf(why, sizeof why, "--renditions: %s", reason);
        return why;
    }
    if (options.video_fps < 5 || options.video_fps > 60)
        return "--video-fps: 5 to 60";
    if (!video_encoder_is_known(CODED_VP8, options.vp8_encoder))
        return "--vp8-encoder: its settings are not known here";
    if (!video_encoder_is_known(CODED_H264, options.h264_encoder))
        return "--h264-encoder: its settings are not known here";
    bridge->studio.fps = (unsigned)options.video_fps;
    bridge->studio.elements[CODED_VP8] = options.vp8_encoder;
    bridge->studio.elements[CODED_H264] = options.h264_encoder;
    bridge->passes_through = !options.no_pass_through;
    return NULL;
}

static bool read_arguments(int *argc, char ***argv, struct bridge *bridge, enum log_level *level)
{
    g_autoptr(GOptionContext) context = g_option_context_new("- the media bridge of Nhịp Cầu");
    g_autoptr(GError) error = NULL;
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_description(context, description);
    const char *fault = NULL;
    if (!g_option_context_parse(context, argc, argv, &error))
        fault = error->message;
    else if (*argc > 1)
        fault = "there are arguments that mean nothing; see --help";
    else if (!options.version)
        fault = find_fault(level);
    if (fault == NULL && !options.version)
        fault = find_picture_fault(bridge);
    if (fault != NULL)
        fprintf(stderr, "nhipcau-bridge: %s\n", fault);
    return fault == NULL;
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
        control_shutdown(program->control);
    }
    return G_SOURCE_CONTINUE;
}

static void open_bridge(struct bridge *bridge)
{
    bridge->main_queue = queue_new();
    queue_attach(bridge->main_queue, NULL);
    bridge->network = network_new(NULL, (char[160]){0});
    bridge->bitrate_bps = options.bitrate;
    bridge->complexity = options.complexity;
    bridge->tuning = (struct audio_tuning){.max_decoded = (unsigned)options.max_decoded,
                                           .loudness_lufs = (float)options.loudness,
                                           .gain_max_db = (float)options.gain_max};
    bridge->line_test_kbps = (unsigned)options.line_test_kbps;
    bridge->line_tests_most = (unsigned)options.line_tests;
    bridge->conferences = g_hash_table_new(g_str_hash, g_str_equal);
    bridge->directories = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    bridge->shard_count = options.shards > 0 ? (unsigned)options.shards : g_get_num_processors();
    bridge->shard_legs = g_new0(unsigned, bridge->shard_count);
    bridge->shards = g_new0(struct shard *, bridge->shard_count);
    for (unsigned i = 0; i < bridge->shard_count; i++)
        bridge->shards[i] = shard_new(i);
}

static void close_bridge(struct bridge *bridge)
{
    for (unsigned i = 0; i < bridge->shard_count; i++)
        shard_free(bridge->shards[i]);
    queue_free(bridge->main_queue); /* the last words of the shards */
    network_unref(bridge->network);
    g_free(bridge->shards);
    g_free(bridge->shard_legs);
    g_hash_table_unref(bridge->conferences);
    g_hash_table_unref(bridge->directories);
}

static bool run(struct program *program)
{
    g_autoptr(GError) error = NULL;
    open_bridge(&program->bridge);
    program->loop = g_main_loop_new(NULL, FALSE);
    /* Before the socket is there: who sees it may end the bridge in good order. */
    g_unix_signal_add(SIGTERM, on_terminate, program);
    g_unix_signal_add(SIGINT, on_terminate, program);
    program->control = control_new(&program->bridge, options.socket, quit, program, &error);
    if (program->control != NULL) {
        g_timeout_add_seconds(IDLE_CHECK_SECONDS, on_idle_check, program);
        log_info("ready with %u shards on %s", program->bridge.shard_count, options.socket);
        g_main_loop_run(program->loop);
    } else {
        log_error("%s", error->message);
    }
    close_bridge(&program->bridge);
    control_free(program->control);
    g_main_loop_unref(program->loop);
    return error == NULL;
}

int main(int argc, char **argv)
{
    struct program program = {0};
    enum log_level level = LOG_LEVEL_INFO;
    setlocale(LC_CTYPE, "");
    if (!read_arguments(&argc, &argv, &program.bridge, &level))
        return EXIT_FAILURE;
    if (options.version) {
        puts("nhipcau-bridge " NHIPCAU_VERSION);
        return EXIT_SUCCESS;
    }
    log_init("bridge", level);
    gst_init(NULL, NULL);
    /* A log or a control connection whose reader has died is no reason to die too. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    raise_descriptor_limit();
    bool is_good = run(&program);
    g_free(options.socket);
    g_free(options.log_level);
    g_free(options.renditions);
    g_free(options.vp8_encoder);
    g_free(options.h264_encoder);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
