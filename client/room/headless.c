#include "client/room/headless.h"

#include "client/room/clips.h"
#include "client/room/command.h"
#include "client/room/output.h"
#include "client/room/room.h"

#include <gio/gunixinputstream.h>
#include <unistd.h>

struct headless {
    const struct options *options;
    GMainLoop *loop;
    struct room_host host;
    GPtrArray *rooms; /* of struct room */
    GDataInputStream *input;
    GCancellable *cancellable;
    guint timer;
    unsigned reports_awaited;
    json_t *last_reports;
    bool is_ending, has_failed;
};

/* ---- the end ---- */

static void finish(struct headless *headless)
{
    const char *path = headless->options->report_file;
    if (path != NULL && json_dump_file(headless->last_reports, path, JSON_INDENT(2)) != 0) {
        headless->has_failed = true;
        output_line("error", json_pack("{s:n, s:s}", "room", "message",
                                       "the report cannot be written where --report says"));
    }
    g_main_loop_quit(headless->loop);
}

static void on_reported(json_t *report, void *arg)
{
    struct headless *headless = arg;
    json_array_append(headless->last_reports, report);
    if (--headless->reports_awaited == 0)
        finish(headless);
}

void headless_end(struct headless *headless)
{
    if (headless->is_ending)
        return;
    headless->is_ending = true;
    headless->reports_awaited = headless->rooms->len;
    for (unsigned i = 0; i < headless->rooms->len; i++)
        room_report_last(headless->rooms->pdata[i]);
}

/* With nobody left there is nothing more to wait for. */
static void on_ended(void *arg)
{
    struct headless *headless = arg;
    for (unsigned i = 0; i < headless->rooms->len; i++) {
        if (!room_is_over(headless->rooms->pdata[i]))
            return;
    }
    headless_end(headless);
}

static gboolean on_time(gpointer data)
{
    struct headless *headless = data;
    headless->timer = 0;
    headless_end(headless);
    return G_SOURCE_REMOVE;
}

/* ---- standard input ---- */

static void obey(struct headless *headless, const struct command *command)
{
    unsigned meant = 0;
    if (command->kind == COMMAND_QUIT) {
        headless_end(headless);
        return;
    }
    for (unsigned i = 0; i < headless->rooms->len; i++) {
        if (!room_is_meant(headless->rooms->pdata[i], command))
            continue;
        meant++;
        room_obey(headless->rooms->pdata[i], command);
    }
    if (meant == 0)
        output_line("error", json_pack("{s:s?, s:s?, s:s}", "room", command->room, "id",
                                       command->id, "message", "there is no such room here"));
}

static void take_line(struct headless *headless, const char *text)
{
    struct command command;
    char why[COMMAND_WHY_SIZE];
    if (command_parse(text, &command, why)) {
        obey(headless, &command);
        command_clear(&command);
        return;
    }
    g_autofree char *message = g_utf8_make_valid(why, -1);
    output_line("error", json_pack("{s:n, s:s}", "room", "message", message));
}

static void read_next(struct headless *headless);

static void on_input(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(GError) error = NULL;
    gsize length;
    g_autofree char *line =
        g_data_input_stream_read_line_finish(G_DATA_INPUT_STREAM(source), result, &length, &error);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    struct headless *headless = data;
    if (line == NULL) {
        /* Whoever drove the rooms has gone. With --seconds they stay for their time. */
        if (headless->options->seconds == 0)
            headless_end(headless);
        return;
    }
    if (length > 0)
        take_line(headless, line);
    read_next(headless);
}

static void read_next(struct headless *headless)
{
    g_data_input_stream_read_line_async(headless->input, G_PRIORITY_DEFAULT, headless->cancellable,
                                        on_input, headless);
}

/* ---- life ---- */

struct headless *headless_new(const struct options *options, SoupSession *soup,
                              struct shard *const *shards, unsigned shard_count,
                              struct lines *lines, struct queue *main_queue, GMainLoop *loop)
{
    struct headless *headless = g_new0(struct headless, 1);
    headless->options = options;
    headless->loop = loop;
    headless->rooms = g_ptr_array_new();
    headless->last_reports = json_array();
    headless->cancellable = g_cancellable_new();
    headless->host = (struct room_host){
        .options = options,
        .soup = soup,
        .shards = shards,
        .shard_count = shard_count,
        .room_count = g_strv_length(options->links),
        .lines = lines,
        .main_queue = main_queue,
        .clips = clips_new(),
        .projector = options->picture != NULL ? projector_new() : NULL,
        .reported = on_reported,
        .ended = on_ended,
        .arg = headless,
    };
    for (char **link = options->links; *link != NULL; link++)
        g_ptr_array_add(headless->rooms, room_new(&headless->host, headless->rooms->len, *link));
    if (options->seconds > 0)
        headless->timer = g_timeout_add_seconds((guint)options->seconds, on_time, headless);
    g_autoptr(GInputStream) standard = g_unix_input_stream_new(STDIN_FILENO, FALSE);
    headless->input = g_data_input_stream_new(standard);
    read_next(headless);
    return headless;
}

bool headless_is_good(const struct headless *headless)
{
    bool is_good = headless->rooms->len > 0 && !headless->has_failed;
    for (unsigned i = 0; i < headless->rooms->len; i++)
        is_good = is_good && room_is_good(headless->rooms->pdata[i]);
    return is_good;
}

void headless_free(struct headless *headless)
{
    g_cancellable_cancel(headless->cancellable);
    if (headless->timer != 0)
        g_source_remove(headless->timer);
    clips_free(headless->host.clips);
    for (unsigned i = 0; i < headless->rooms->len; i++)
        room_close(headless->rooms->pdata[i]);
    /* Farewells go out, and what was cancelled is told. */
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    for (unsigned i = 0; i < headless->rooms->len; i++)
        room_free(headless->rooms->pdata[i]);
    projector_free(headless->host.projector);
    g_ptr_array_unref(headless->rooms);
    json_decref(headless->last_reports);
    g_object_unref(headless->cancellable);
    g_object_unref(headless->input);
    g_free(headless);
}
