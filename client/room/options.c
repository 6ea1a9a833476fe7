#include "client/room/options.h"

#include "client/room/link.h"
#include "client/room/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    char *links_file, *ca_file, *play, *picture, *report, *events, *input, *output, *tone, *decode,
        *lang, *camera, *slides;
    char *config, *log_level;
    int count, seconds, threads;
    double level;
    gboolean window, no_window, full_screen;
    gboolean headless, insecure, loop, list_devices, version, check_config;
    gboolean no_echo_cancel, no_noise_suppression, no_gain_control;
    char **rest;
} given;

static const GOptionEntry entries[] = {
    {"links", 0, 0, G_OPTION_ARG_FILENAME, &given.links_file, "Links, one a line", "FILE"},
    {"count", 0, 0, G_OPTION_ARG_INT, &given.count, "Join with the first N links", "N"},
    {"headless", 0, 0, G_OPTION_ARG_NONE, &given.headless,
     "No devices: driven by JSON lines on standard input", NULL},
    {"tone", 0, 0, G_OPTION_ARG_STRING, &given.tone,
     "Headless: send a tone; auto: one of its own for each room", "HZ|auto"},
    {"play", 0, 0, G_OPTION_ARG_FILENAME, &given.play, "Headless: send a sound file", "FILE"},
    {"picture", 0, 0, G_OPTION_ARG_STRING, &given.picture,
     "Headless: send pictures, drawn ones that code a number or a file's, over and over",
     "pattern[:N]|FILE"},
    {"loop", 0, 0, G_OPTION_ARG_NONE, &given.loop, "Repeat the file", NULL},
    {"level", 0, 0, G_OPTION_ARG_DOUBLE, &given.level, "Of the tone; default -20", "DBFS"},
    {"seconds", 0, 0, G_OPTION_ARG_INT, &given.seconds, "Leave after so long", "N"},
    {"report", 0, 0, G_OPTION_ARG_FILENAME, &given.report, "Write the last report there", "FILE"},
    {"events", 0, 0, G_OPTION_ARG_STRING, &given.events,
     "Rooms whose events are printed: one by name, all, none; default the first", "ROOM|all|none"},
    {"decode", 0, 0, G_OPTION_ARG_STRING, &given.decode,
     "Rooms that decode what they hear; others count packets", "all|N"},
    {"threads", 0, 0, G_OPTION_ARG_INT, &given.threads, "Media threads", "N"},
    {"ca", 0, 0, G_OPTION_ARG_FILENAME, &given.ca_file, "Trust this certificate (PEM)", "FILE"},
    {"insecure", 0, 0, G_OPTION_ARG_NONE, &given.insecure, "Trust any certificate", NULL},
    {"input", 0, 0, G_OPTION_ARG_STRING, &given.input, "Microphone by name", "NAME"},
    {"output", 0, 0, G_OPTION_ARG_STRING, &given.output, "Speaker by name", "NAME"},
    {"camera", 0, 0, G_OPTION_ARG_STRING, &given.camera, "Camera by name; none, test, a file",
     "NAME"},
    {"slides", 0, 0, G_OPTION_ARG_STRING, &given.slides,
     "Second source, shown by the key s: a grabber by name, screen, a file", "NAME"},
    {"window", 0, 0, G_OPTION_ARG_NONE, &given.window,
     "The meeting's picture in a window; without it as soon as there is a desktop", NULL},
    {"no-window", 0, 0, G_OPTION_ARG_NONE, &given.no_window, "Sound only, on a terminal", NULL},
    {"full-screen", 0, 0, G_OPTION_ARG_NONE, &given.full_screen, "A window as large as the screen",
     NULL},
    {"no-echo-cancel", 0, 0, G_OPTION_ARG_NONE, &given.no_echo_cancel, "For headsets", NULL},
    {"no-noise-suppression", 0, 0, G_OPTION_ARG_NONE, &given.no_noise_suppression, "", NULL},
    {"no-gain-control", 0, 0, G_OPTION_ARG_NONE, &given.no_gain_control, "", NULL},
    {"list-devices", 0, 0, G_OPTION_ARG_NONE, &given.list_devices, "As \"devices\"", NULL},
    {"lang", 0, 0, G_OPTION_ARG_STRING, &given.lang, "vi, en; default: as $LANG, or vi", "LANG"},
    {"config", 0, 0, G_OPTION_ARG_FILENAME, &given.config, "Configuration file", "FILE"},
    {"check-config", 0, 0, G_OPTION_ARG_NONE, &given.check_config, "Only look at the configuration",
     NULL},
    {"log-level", 0, 0, G_OPTION_ARG_STRING, &given.log_level,
     "error, warning (default), info or debug", "LEVEL"},
    {"version", 0, 0, G_OPTION_ARG_NONE, &given.version, "Print the version", NULL},
    {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &given.rest, NULL,
     "[devices|test-line] LINK…"},
    {NULL, 0, 0, 0, NULL, NULL, NULL},
};

/* The first word may say what to do; it is taken out. */
static void take_action(struct options *options)
{
    const char *word = given.rest != NULL ? given.rest[0] : NULL;
    bool is_word = g_strcmp0(word, "devices") == 0 || g_strcmp0(word, "test-line") == 0;
    if (given.check_config)
        options->action = ACTION_CHECK_CONFIG;
    else if (given.list_devices || g_strcmp0(word, "devices") == 0)
        options->action = ACTION_DEVICES;
    else if (g_strcmp0(word, "test-line") == 0)
        options->action = ACTION_TEST_LINE;
    else if (given.headless)
        options->action = ACTION_HEADLESS;
    if (!is_word)
        return;
    g_free(given.rest[0]);
    memmove(given.rest, given.rest + 1,
            g_strv_length(given.rest + 1) * sizeof *given.rest + sizeof *given.rest);
}

/* All links, those of the file first, at most --count; without any the configuration's stays. */
static bool gather_links(struct options *options, GError **error)
{
    g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
    if (given.links_file != NULL) {
        g_auto(GStrv) read = link_read_file(given.links_file, error);
        if (read == NULL)
            return false;
        for (char **each = read; *each != NULL; each++)
            g_ptr_array_add(links, g_strdup(*each));
    }
    for (char **each = given.rest; each != NULL && *each != NULL; each++) {
        struct link link;
        bool is_good = link_parse(*each, &link, error);
        link_clear(&link);
        if (!is_good)
            return false;
        g_ptr_array_add(links, g_strdup(*each));
    }
    if (given.count > 0 && (unsigned)given.count > links->len) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "--count %d, but there are %u links: each room needs its own", given.count,
                    links->len);
        return false;
    }
    if (given.count > 0)
        g_ptr_array_set_size(links, given.count);
    if (links->len == 0 && options->links != NULL)
        return true;
    g_ptr_array_add(links, NULL);
    g_strfreev(options->links);
    options->links = (char **)g_ptr_array_steal(links, NULL);
    return true;
}

static bool read_number(const char *text, int least, int most, int *number)
{
    char *end;
    long value = strtol(text, &end, 10);
    *number = (int)value;
    return end != text && *end == '\0' && value >= least && value <= most;
}

static const char *find_fault_in_numbers(struct options *options)
{
    options->decodes = -1;
    if (given.tone != NULL && strcmp(given.tone, "auto") == 0)
        options->tone = OPTIONS_TONE_AUTO;
    else if (given.tone != NULL && !read_number(given.tone, 50, 20000, &options->tone))
        return "--tone must be a whole number from 50 to 20000 (Hz), or auto";
    if (given.decode != NULL && strcmp(given.decode, "all") != 0 &&
        !read_number(given.decode, 0, 100000, &options->decodes))
        return "--decode must be a number of rooms, or all";
    if (given.level > 0 || given.level < -90)
        return "--level must be from -90 to 0 (dBFS)";
    if (given.count < 0 || given.seconds < 0)
        return "--count and --seconds must not be negative";
    if (given.threads < 0 || given.threads > OPTIONS_THREADS_MAX)
        return "--threads must be from 1 to 64";
    return NULL;
}

static const char *find_fault(struct options *options)
{
    unsigned links = g_strv_length(options->links);
    const char *fault = find_fault_in_numbers(options);
    if (fault != NULL || options->action == ACTION_DEVICES)
        return fault;
    if (given.log_level != NULL && !options_read_log_level(given.log_level, &options->log_level))
        return "--log-level must be error, warning, info or debug";
    if (given.lang != NULL && strcmp(given.lang, "vi") != 0 && strcmp(given.lang, "en") != 0)
        return "--lang must be vi or en";
    if (options->action == ACTION_CHECK_CONFIG)
        return given.config == NULL ? "--check-config needs --config"
               : links == 0         ? "[room] link is missing in the configuration"
                                    : NULL;
    if (given.ca_file != NULL && given.insecure)
        return "--ca and --insecure do not go together";
    if (links == 0)
        return "a join link is needed: nhipcau-room https://host/j/…";
    if (given.no_window && (given.window || given.full_screen))
        return "--no-window does not go together with --window and --full-screen";
    if (options->action == ACTION_HEADLESS &&
        (given.camera != NULL || given.slides != NULL || given.window || given.full_screen))
        return "--camera, --slides, --window and --full-screen are not for --headless: see "
               "--picture";
    if (options->action != ACTION_HEADLESS && links > 1)
        return "one room has one link; for many use --headless";
    if (options->action != ACTION_HEADLESS &&
        (given.tone != NULL || given.play != NULL || given.picture != NULL ||
         given.events != NULL || given.decode != NULL || given.report != NULL || given.seconds > 0))
        return "--tone, --play, --picture, --events, --decode, --report and --seconds are for "
               "--headless";
    return NULL;
}

static void take_text(char **field, char **text)
{
    if (*text == NULL)
        return;
    g_free(*field);
    *field = g_steal_pointer(text);
}

/* What the arguments say counts more than the file. */
static void take_given(struct options *options)
{
    options->is_insecure = given.insecure;
    options->repeats = given.loop;
    if (given.lang != NULL)
        options->is_english = strcmp(given.lang, "en") == 0;
    take_text(&options->ca_file, &given.ca_file);
    take_text(&options->play, &given.play);
    take_text(&options->picture, &given.picture);
    take_text(&options->report_file, &given.report);
    take_text(&options->events, &given.events);
    take_text(&options->input, &given.input);
    take_text(&options->output, &given.output);
    take_text(&options->camera, &given.camera);
    take_text(&options->slides, &given.slides);
    options->is_full_screen = options->is_full_screen || given.full_screen;
    options->has_window =
        !given.no_window && (options->has_window || given.window || options->is_full_screen);
    options->cleaner.cancels_echo = options->cleaner.cancels_echo && !given.no_echo_cancel;
    options->cleaner.suppresses_noise =
        options->cleaner.suppresses_noise && !given.no_noise_suppression;
    options->cleaner.controls_gain = options->cleaner.controls_gain && !given.no_gain_control;
    options->level_dbfs = given.level;
    options->seconds = given.seconds;
    options->threads = given.threads;
}

bool options_read_log_level(const char *name, enum log_level *level)
{
    static const char *const names[] = {
        [LOG_LEVEL_ERROR] = "error",
        [LOG_LEVEL_WARNING] = "warning",
        [LOG_LEVEL_INFO] = "info",
        [LOG_LEVEL_DEBUG] = "debug",
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(names[i], name) == 0) {
            *level = i;
            return true;
        }
    }
    return false;
}

static bool has_desktop(void)
{
    const char *x11 = g_getenv("DISPLAY"), *wayland = g_getenv("WAYLAND_DISPLAY");
    return (x11 != NULL && x11[0] != '\0') || (wayland != NULL && wayland[0] != '\0');
}

static void set_standards(struct options *options)
{
    const char *language = g_getenv("LC_ALL");
    if (language == NULL || language[0] == '\0')
        language = g_getenv("LANG");
    memset(options, 0, sizeof *options);
    options->cleaner = (struct cleaner_options){true, true, true, 0};
    options->line_test_kbps = OPTIONS_LINE_TEST_KBPS;
    options->log_level = LOG_LEVEL_WARNING;
    options->is_english = language != NULL && g_str_has_prefix(language, "en");
    options->has_window = has_desktop();
}

static enum options_fault complain(enum options_fault fault, const char *what)
{
    fprintf(stderr, "nhipcau-room: %s\n", what);
    return fault;
}

enum options_fault options_read(struct options *options, int *argc, char ***argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new("- a meeting room of Nhịp Cầu");
    g_autoptr(GError) error = NULL;
    set_standards(options);
    given.level = -20;
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, &error))
        return complain(OPTIONS_USAGE, error->message);
    if (given.version) {
        puts("nhipcau-room " NHIPCAU_VERSION);
        return OPTIONS_SHOWN;
    }
    take_action(options);
    if (given.config != NULL && !settings_load(options, given.config, &error))
        return complain(OPTIONS_CONFIG, error->message);
    if (!gather_links(options, &error))
        return complain(OPTIONS_USAGE, error->message);
    const char *fault = find_fault(options);
    take_given(options);
    if (fault == NULL)
        return OPTIONS_GOOD;
    return complain(options->action == ACTION_CHECK_CONFIG ? OPTIONS_CONFIG : OPTIONS_USAGE, fault);
}

void options_clear(struct options *options)
{
    g_strfreev(options->links);
    g_free(options->ca_file);
    g_free(options->play);
    g_free(options->picture);
    g_free(options->report_file);
    g_free(options->events);
    g_free(options->input);
    g_free(options->output);
    g_free(options->camera);
    g_free(options->slides);
    g_free(given.links_file);
    g_free(given.config);
    g_free(given.log_level);
    g_free(given.decode);
    g_free(given.lang);
    g_free(given.tone);
    g_free(given.picture);
    g_strfreev(given.rest);
    memset(&given, 0, sizeof given);
}
