#include "client/room/options.h"

#include "client/room/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    char *links_file, *ca_file, *play, *report, *events, *input, *output, *tone, *decode, *lang;
    int count, seconds, threads;
    double level;
    gboolean headless, insecure, loop, list_devices, version;
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
    {"list-devices", 0, 0, G_OPTION_ARG_NONE, &given.list_devices, "Show devices and end", NULL},
    {"lang", 0, 0, G_OPTION_ARG_STRING, &given.lang, "Of the screen: vi (default), en", "LANG"},
    {"version", 0, 0, G_OPTION_ARG_NONE, &given.version, "Print the version", NULL},
    {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &given.rest, NULL, "LINK…"},
    {NULL, 0, 0, 0, NULL, NULL, NULL},
};

/* All links, those of the file first, at most --count. */
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
    g_ptr_array_add(links, NULL);
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
    if (fault != NULL || options->lists_devices)
        return fault;
    if (given.lang != NULL && strcmp(given.lang, "vi") != 0 && strcmp(given.lang, "en") != 0)
        return "--lang must be vi or en";
    if (given.ca_file != NULL && given.insecure)
        return "--ca and --insecure do not go together";
    if (links == 0)
        return "a join link is needed: nhipcau-room https://host/j/…";
    if (!options->is_headless && links > 1)
        return "one room has one link; for many use --headless";
    if (!options->is_headless &&
        (given.tone != NULL || given.play != NULL || given.events != NULL || given.decode != NULL ||
         given.report != NULL || given.seconds > 0))
        return "--tone, --play, --events, --decode, --report and --seconds are for --headless";
    return NULL;
}

static void take_given(struct options *options)
{
    options->is_headless = given.headless;
    options->is_insecure = given.insecure;
    options->repeats = given.loop;
    options->lists_devices = given.list_devices;
    options->is_english = g_strcmp0(given.lang, "en") == 0;
    options->ca_file = given.ca_file;
    options->play = given.play;
    options->report_file = given.report;
    options->events = given.events;
    options->input = given.input;
    options->output = given.output;
    options->level_dbfs = given.level;
    options->seconds = given.seconds;
    options->threads = given.threads;
}

bool options_read(struct options *options, int *argc, char ***argv, bool *is_fault)
{
    g_autoptr(GOptionContext) context = g_option_context_new("- a meeting room of Nhịp Cầu");
    g_autoptr(GError) error = NULL;
    memset(options, 0, sizeof *options);
    given.level = -20;
    g_option_context_add_main_entries(context, entries, NULL);
    *is_fault =
        !g_option_context_parse(context, argc, argv, &error) || !gather_links(options, &error);
    take_given(options);
    if (*is_fault) {
        fprintf(stderr, "nhipcau-room: %s\n", error->message);
        return false;
    }
    if (given.version) {
        puts("nhipcau-room " NHIPCAU_VERSION);
        return false;
    }
    const char *fault = find_fault(options);
    if (fault != NULL)
        fprintf(stderr, "nhipcau-room: %s\n", fault);
    *is_fault = fault != NULL;
    return fault == NULL;
}

void options_clear(struct options *options)
{
    g_strfreev(options->links);
    g_free(options->ca_file);
    g_free(options->play);
    g_free(options->report_file);
    g_free(options->events);
    g_free(options->input);
    g_free(options->output);
    g_free(given.links_file);
    g_free(given.decode);
    g_free(given.lang);
    g_free(given.tone);
    g_strfreev(given.rest);
    memset(&given, 0, sizeof given);
}
