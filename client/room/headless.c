#include "client/room/headless.h"

#include "client/room/clips.h"
#include "client/room/command.h"
#include "client/room/output.h"
#include "client/room/session.h"
#include "common/clock.h"

#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct room {
    struct headless *headless;
    unsigned index;
    struct session *session; /* NULL once it has left */
    struct line *line;
    bool has_joined, was_connected, prints_events;
    char *state;
};

struct headless {
    const struct options *options;
    GMainLoop *loop;
    struct queue *main_queue;
    struct clips *clips;
    GPtrArray *rooms;
    GDataInputStream *input;
    GCancellable *cancellable;
    guint timer;
    unsigned reports_awaited; /* of the last round */
    json_t *last_reports;
    bool is_ending;
};

static json_t *room_name(const struct room *room)
{
    const char *name = room->session != NULL ? session_room(room->session) : NULL;
    return name != NULL ? json_string(name) : json_integer(room->index);
}

/* ---- what a room tells ---- */

static void on_joined(const json_t *hello, void *arg)
{
    struct room *room = arg;
    room->has_joined = true;
    output_line("joined", json_pack("{s:o, s:i, s:O, s:O}", "room", room_name(room), "index",
                                    (int)room->index, "role", json_object_get(hello, "role"), "seq",
                                    json_object_get(hello, "seq")));
}

static void on_resumed(uint64_t since, size_t events, void *arg)
{
    struct room *room = arg;
    output_line("resumed", json_pack("{s:o, s:I, s:I}", "room", room_name(room), "since",
                                     (json_int_t)since, "events", (json_int_t)events));
}

static void on_event(const json_t *event, void *arg)
{
    struct room *room = arg;
    if (room->prints_events)
        output_line("event", json_pack("{s:o, s:O}", "room", room_name(room), "event", event));
}

static void on_notification(const char *method, const json_t *params, void *arg)
{
    struct room *room = arg;
    if (room->prints_events)
        output_line("notification", json_pack("{s:o, s:s, s:O?}", "room", room_name(room), "method",
                                              method, "params", params));
}

static void on_media(const char *state, void *arg)
{
    struct room *room = arg;
    g_free(room->state);
    room->state = g_strdup(state);
    room->was_connected = room->was_connected || strcmp(state, "connected") == 0;
    output_line("media", json_pack("{s:o, s:s}", "room", room_name(room), "state", state));
}

static void on_trouble(const char *what, bool is_final, void *arg)
{
    struct room *room = arg;
    output_line(is_final ? "ended" : "trouble",
                json_pack("{s:o, s:s}", "room", room_name(room), "message", what));
}

static void on_tone(int hz, bool is_on, int64_t at_us, void *arg)
{
    struct room *room = arg;
    output_line("tone", json_pack("{s:o, s:i, s:b, s:I}", "room", room_name(room), "hz", hz, "on",
                                  is_on, "at_us", (json_int_t)at_us));
}

static void on_played(void *arg)
{
    output_line("played", json_pack("{s:o}", "room", room_name(arg)));
}

static void finish(struct headless *headless)
{
    if (headless->options->report_file != NULL)
        json_dump_file(headless->last_reports, headless->options->report_file, JSON_INDENT(2));
    g_main_loop_quit(headless->loop);
}

static void on_report(json_t *report, const char *id, void *arg)
{
    struct room *room = arg;
    struct headless *headless = room->headless;
    json_object_set_new(report, "room", room_name(room));
    json_object_set_new(report, "id", id != NULL ? json_string(id) : json_null());
    json_object_set_new(report, "state",
                        room->state != NULL ? json_string(room->state) : json_null());
    if (headless->reports_awaited > 0)
        json_array_append(headless->last_reports, report);
    output_line("report", report);
    if (headless->reports_awaited > 0 && --headless->reports_awaited == 0)
        finish(headless);
}

/* ---- what a room is told ---- */

struct reply_to {
    struct room *room;
    char *id;
    int64_t sent_us;
};

static void on_reply(const json_t *result, const json_t *error, void *arg)
{
    struct reply_to *to = arg;
    json_t *body =
        json_pack("{s:o, s:s?, s:I, s:I}", "room", room_name(to->room), "id", to->id, "sent_us",
                  (json_int_t)to->sent_us, "at_us", (json_int_t)clock_monotonic_us());
    if (error != NULL)
        json_object_set(body, "error", (json_t *)error);
    else
        json_object_set(body, "result", (json_t *)result);
    output_line("reply", body);
    g_free(to->id);
    g_free(to);
}

static void call_server(struct room *room, const struct command *command)
{
    struct reply_to *to = g_new0(struct reply_to, 1);
    *to = (struct reply_to){room, g_strdup(command->id), clock_monotonic_us()};
    json_t *params = command->params != NULL ? json_incref((json_t *)command->params) : NULL;
    if (session_call(room->session, command->call, params, on_reply, to))
        return;
    json_t *error = json_pack("{s:i, s:s}", "code", 0, "message", "there is no connection now");
    on_reply(NULL, error, to);
    json_decref(error);
}

struct play_request {
    struct room *room;
    bool repeats;
};

static void on_clip(struct clip *clip, const char *error, void *arg)
{
    struct play_request *request = arg;
    if (clip != NULL)
        line_say(request->room->line, clip, request->repeats);
    else
        output_line("error",
                    json_pack("{s:o, s:s}", "room", room_name(request->room), "message", error));
    g_free(request);
}

static void play(struct room *room, const char *path, bool repeats)
{
    struct play_request *request = g_new0(struct play_request, 1);
    *request = (struct play_request){room, repeats};
    clips_load(room->headless->clips, path, on_clip, request);
}

static void leave(struct room *room)
{
    session_free(room->session);
    room->session = NULL;
}

static void obey(struct room *room, const struct command *command)
{
    if (room->session == NULL)
        return;
    switch (command->kind) {
    case COMMAND_CALL:
        call_server(room, command);
        break;
    case COMMAND_TONE:
        line_say(room->line, clips_tone(room->headless->clips, command->tone, command->level),
                 true);
        break;
    case COMMAND_PLAY:
        play(room, command->play, command->repeats);
        break;
    case COMMAND_SILENCE:
        line_say(room->line, NULL, false);
        break;
    case COMMAND_LISTEN:
        line_listen(room->line, command->tones, command->tone_count);
        break;
    case COMMAND_REPORT:
        line_report(room->line, command->id);
        break;
    case COMMAND_RESET:
        line_reset(room->line);
        break;
    case COMMAND_LEAVE:
        leave(room);
        break;
    case COMMAND_QUIT:
        break;
    }
}

/* By slug, by number, or "*". */
static bool is_meant(const struct room *room, const struct command *command)
{
    const char *name = room->session != NULL ? session_room(room->session) : NULL;
    if (command->room == NULL)
        return command->room_index == (int)room->index;
    return strcmp(command->room, "*") == 0 || g_strcmp0(command->room, name) == 0;
}

/* One last report of every room, then the end. */
static void end(struct headless *headless)
{
    if (headless->is_ending)
        return;
    headless->is_ending = true;
    for (unsigned i = 0; i < headless->rooms->len; i++) {
        struct room *room = headless->rooms->pdata[i];
        headless->reports_awaited++;
        line_report(room->line, NULL);
    }
    if (headless->reports_awaited == 0)
        finish(headless);
}

static void take_line(struct headless *headless, const char *text)
{
    struct command command;
    char why[160];
    unsigned meant = 0;
    if (!command_parse(text, &command, why)) {
        output_line("error", json_pack("{s:n, s:s}", "room", "message", why));
        return;
    }
    if (command.kind == COMMAND_QUIT)
        end(headless);
    for (unsigned i = 0; i < headless->rooms->len && command.kind != COMMAND_QUIT; i++) {
        if (!is_meant(headless->rooms->pdata[i], &command))
            continue;
        meant++;
        obey(headless->rooms->pdata[i], &command);
    }
    if (meant == 0 && command.kind != COMMAND_QUIT)
        output_line("error", json_pack("{s:s?, s:s}", "room", command.room, "message",
                                       "there is no such room here"));
    command_clear(&command);
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
        /* The driver has gone. With --seconds the rooms stay for their time. */
        if (headless->options->seconds == 0)
            end(headless);
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

static gboolean on_time(gpointer data)
{
    struct headless *headless = data;
    headless->timer = 0;
    end(headless);
    return G_SOURCE_REMOVE;
}

static void start_saying(struct room *room)
{
    struct headless *headless = room->headless;
    int tone = headless->options->tone;
    if (tone == OPTIONS_TONE_AUTO)
        tone = clips_auto_tone(room->index);
    if (headless->options->play != NULL)
        play(room, headless->options->play, headless->options->repeats);
    else if (tone > 0)
        line_say(room->line, clips_tone(headless->clips, tone, headless->options->level_dbfs),
                 true);
}

static void add_room(struct headless *headless, SoupSession *soup, struct shard *const *shards,
                     unsigned shard_count, struct lines *lines, const char *text)
{
    static const struct line_news news = {on_tone, on_played, on_report};
    static const struct session_handlers handlers = {on_joined,       on_resumed, on_event,
                                                     on_notification, on_media,   on_trouble};
    struct room *room = g_new0(struct room, 1);
    struct link link;
    const char *events = headless->options->events;
    room->headless = headless;
    room->index = headless->rooms->len;
    room->prints_events = events == NULL || strcmp(events, "first") == 0
                              ? room->index == 0
                              : strcmp(events, "all") == 0;
    unsigned shard = room->index % shard_count;
    bool decodes = headless->options->decodes < 0 || (int)room->index < headless->options->decodes;
    room->line = line_new(lines, shard, decodes, &news, room);
    g_ptr_array_add(headless->rooms, room);
    start_saying(room);
    link_parse(text, &link, NULL); /* it has been checked */
    struct session_config config = {
        .soup = soup,
        .link = &link,
        .is_insecure = headless->options->is_insecure,
        .shard = shards[shard],
        .line = room->line,
        .main_queue = headless->main_queue,
        .client = "nhipcau-room " NHIPCAU_VERSION,
    };
    room->session = session_new(&config, &handlers, room);
    link_clear(&link);
}

struct headless *headless_new(const struct options *options, SoupSession *soup,
                              struct shard *const *shards, unsigned shard_count,
                              struct lines *lines, struct queue *main_queue, GMainLoop *loop)
{
    struct headless *headless = g_new0(struct headless, 1);
    headless->options = options;
    headless->loop = loop;
    headless->main_queue = main_queue;
    headless->clips = clips_new();
    headless->rooms = g_ptr_array_new();
    headless->last_reports = json_array();
    headless->cancellable = g_cancellable_new();
    g_autoptr(GInputStream) standard = g_unix_input_stream_new(STDIN_FILENO, FALSE);
    headless->input = g_data_input_stream_new(standard);
    for (char **each = options->links; *each != NULL; each++)
        add_room(headless, soup, shards, shard_count, lines, *each);
    if (options->seconds > 0)
        headless->timer = g_timeout_add_seconds((guint)options->seconds, on_time, headless);
    read_next(headless);
    return headless;
}

bool headless_is_good(const struct headless *headless)
{
    bool is_good = headless->rooms->len > 0;
    for (unsigned i = 0; i < headless->rooms->len; i++) {
        const struct room *room = headless->rooms->pdata[i];
        is_good = is_good && room->has_joined && room->was_connected;
    }
    return is_good;
}

void headless_free(struct headless *headless)
{
    g_cancellable_cancel(headless->cancellable);
    if (headless->timer != 0)
        g_source_remove(headless->timer);
    clips_free(headless->clips);
    for (unsigned i = 0; i < headless->rooms->len; i++) {
        struct room *room = headless->rooms->pdata[i];
        session_free(room->session);
        line_free(room->line);
        g_free(room->state);
    }
    /* What was cancelled is told by the main context. */
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    for (unsigned i = 0; i < headless->rooms->len; i++)
        g_free(headless->rooms->pdata[i]);
    g_ptr_array_unref(headless->rooms);
    json_decref(headless->last_reports);
    g_object_unref(headless->cancellable);
    g_object_unref(headless->input);
    g_free(headless);
}
