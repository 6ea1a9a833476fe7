#include "client/room/room.h"

#include "client/room/output.h"
#include "client/room/session.h"
#include "common/clock.h"

#include <string.h>

struct room {
    const struct room_host *host;
    unsigned index;
    struct session *session; /* NULL once it has left */
    struct line *line;
    struct projection *projection; /* NULL: no pictures */
    struct room_pictures pictures;
    char *name; /* NULL before it is known */
    const char *state, *profile;
    bool was_connected, prints_events, was_ended, has_left;
};

static json_t *name_of(const struct room *room)
{
    return room->name != NULL ? json_string(room->name) : json_integer(room->index);
}

/* ---- what it tells ---- */

static bool prints_events(const struct room *room)
{
    const char *whose = room->host->options->events;
    if (whose == NULL)
        return room->index == 0;
    return strcmp(whose, "all") == 0 || g_strcmp0(whose, room->name) == 0;
}

static void on_joined(const json_t *hello, void *arg)
{
    struct room *room = arg;
    if (room->name == NULL)
        room->name = g_strdup(session_room(room->session));
    room->prints_events = prints_events(room);
    output_line("joined", json_pack("{s:o, s:i, s:O?, s:O?}", "room", name_of(room), "index",
                                    (int)room->index, "role", json_object_get(hello, "role"), "seq",
                                    json_object_get(hello, "seq")));
}

static void on_resumed(uint64_t since, size_t events, void *arg)
{
    output_line("resumed", json_pack("{s:o, s:I, s:I}", "room", name_of(arg), "since",
                                     (json_int_t)since, "events", (json_int_t)events));
}

static void on_event(const json_t *event, void *arg)
{
    const struct room *room = arg;
    if (room->prints_events)
        output_line("event", json_pack("{s:o, s:O}", "room", name_of(room), "event", event));
}

static void on_notification(const char *method, const json_t *params, void *arg)
{
    const struct room *room = arg;
    if (room->prints_events)
        output_line("notification", json_pack("{s:o, s:s, s:O?}", "room", name_of(room), "method",
                                              method, "params", params));
}

static void on_media(const char *state, const char *profile, void *arg)
{
    struct room *room = arg;
    room->state = state;
    room->profile = profile;
    room->was_connected = room->was_connected || strcmp(state, "connected") == 0;
    output_line("media", json_pack("{s:o, s:s, s:s?}", "room", name_of(room), "state", state,
                                   "profile", profile));
}

static void on_trouble(enum trouble kind, const char *what, void *arg)
{
    static const char *const types[] = {"trouble", "error", "ended"};
    struct room *room = arg;
    g_autofree char *message = g_utf8_make_valid(what, -1);
    output_line(types[kind], json_pack("{s:o, s:s}", "room", name_of(room), "message", message));
    if (kind != TROUBLE_FINAL)
        return;
    room->was_ended = true;
    room->host->ended(room->host->arg);
}

static void on_tone(int hz, bool is_on, int64_t at_us, int64_t edge_us, void *arg)
{
    output_line("tone",
                json_pack("{s:o, s:i, s:b, s:I, s:I}", "room", name_of(arg), "hz", hz, "on",
                          (int)is_on, "at_us", (json_int_t)at_us, "edge_us", (json_int_t)edge_us));
}

static void on_played(int64_t at_us, void *arg)
{
    output_line("played",
                json_pack("{s:o, s:I}", "room", name_of(arg), "at_us", (json_int_t)at_us));
}

static void on_report(json_t *report, const char *id, bool is_last, void *arg)
{
    const struct room *room = arg;
    json_t *more =
        json_pack("{s:o, s:i, s:s?, s:s?, s:s?}", "room", name_of(room), "index", (int)room->index,
                  "id", id, "state", room->state, "profile", room->profile);
    json_object_update_new(report, more);
    if (is_last)
        room->host->reported(report, room->host->arg);
    output_line("report", report);
}

/* ---- what it says ---- */

struct play_request {
    struct room *room;
    bool repeats;
};

static void on_clip(struct clip *clip, const char *error, void *arg)
{
    struct play_request *request = arg;
    g_autofree char *message = error != NULL ? g_utf8_make_valid(error, -1) : NULL;
    if (clip != NULL)
        line_say(request->room->line, clip, request->repeats);
    else
        output_line("error",
                    json_pack("{s:o, s:s}", "room", name_of(request->room), "message", message));
    g_free(request);
}

static void play(struct room *room, const char *path, bool repeats)
{
    struct play_request *request = g_new0(struct play_request, 1);
    *request = (struct play_request){room, repeats};
    clips_load(room->host->clips, path, on_clip, request);
}

static void say_tone(struct room *room, int hz, double level_dbfs)
{
    line_say(room->line, clips_tone(room->host->clips, hz, level_dbfs), true);
}

/* All rooms' own tones are measured in what each hears. */
static void listen_for_auto_tones(struct room *room)
{
    int hz[CLIPS_AUTO_TONES];
    unsigned count = MIN(room->host->room_count, (unsigned)CLIPS_AUTO_TONES);
    for (unsigned i = 0; i < count; i++)
        hz[i] = clips_auto_tone(i);
    line_listen(room->line, hz, count, false);
}

static void start_saying(struct room *room)
{
    const struct options *options = room->host->options;
    if (options->tone == OPTIONS_TONE_AUTO)
        listen_for_auto_tones(room);
    if (options->play != NULL)
        play(room, options->play, options->repeats);
    else if (options->tone == OPTIONS_TONE_AUTO)
        say_tone(room, clips_auto_tone(room->index), options->level_dbfs);
    else if (options->tone > 0)
        say_tone(room, options->tone, options->level_dbfs);
}

/* ---- what it shows ---- */

static void on_film(struct film *film, const char *error, void *arg)
{
    struct room *room = arg;
    g_autofree char *message = error != NULL ? g_utf8_make_valid(error, -1) : NULL;
    if (film == NULL)
        output_line("error", json_pack("{s:o, s:s}", "room", name_of(room), "message", message));
    else if (room->projection != NULL)
        projection_show(room->projection, film);
}

static void show(struct room *room, const char *what)
{
    if (room->projection == NULL)
        output_line("error", json_pack("{s:o, s:s}", "room", name_of(room), "message",
                                       "the rooms were started without --picture"));
    else if (what == NULL)
        projection_show(room->projection, NULL);
    else
        projector_load(room->host->projector, what, (uint8_t)(room->index + 1), on_film, room);
}

/* ---- what it is told ---- */

struct reply_to {
    struct room *room;
    char *id;
    int64_t sent_us;
};

static void on_reply(const json_t *result, const json_t *error, void *arg)
{
    struct reply_to *to = arg;
    json_t *body =
        json_pack("{s:o, s:s?, s:I, s:I}", "room", name_of(to->room), "id", to->id, "sent_us",
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
    json_t *params = json_incref((json_t *)command->params);
    if (session_call(room->session, command->call, params, on_reply, to))
        return;
    json_t *error = json_pack("{s:i, s:s}", "code", 0, "message", "there is no connection now");
    on_reply(NULL, error, to);
    json_decref(error);
}

static void leave(struct room *room)
{
    room->has_left = true;
    line_say(room->line, NULL, false);
    session_free(room->session);
    room->session = NULL;
    room->state = "closed";
}

void room_obey(struct room *room, const struct command *command)
{
    if (room->session == NULL && command->kind != COMMAND_REPORT)
        return;
    switch (command->kind) {
    case COMMAND_CALL:
        call_server(room, command);
        break;
    case COMMAND_TONE:
        say_tone(room, command->tone, command->level);
        break;
    case COMMAND_PLAY:
        play(room, command->play, command->repeats);
        break;
    case COMMAND_PICTURE:
        show(room, command->picture);
        break;
    case COMMAND_SILENCE:
        line_say(room->line, NULL, false);
        break;
    case COMMAND_LISTEN:
        line_listen(room->line, command->hz, command->hz_count, true);
        break;
    case COMMAND_REPORT:
        line_report(room->line, command->id, false);
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

bool room_is_meant(const struct room *room, const struct command *command)
{
    if (command->room == NULL)
        return command->room_index == (int)room->index;
    return strcmp(command->room, "*") == 0 || g_strcmp0(command->room, room->name) == 0;
}

void room_report_last(struct room *room)
{
    line_report(room->line, NULL, true);
}

/* ---- life ---- */

struct room *room_new(const struct room_host *host, unsigned index, const char *text)
{
    static const struct line_news news = {on_tone, on_played, on_report};
    static const struct session_handlers handlers = {on_joined,       on_resumed, on_event,
                                                     on_notification, on_media,   on_trouble};
    const struct options *options = host->options;
    struct room *room = g_new0(struct room, 1);
    struct link link;
    unsigned shard = index % host->shard_count;
    bool decodes = options->decodes < 0 || (int)index < options->decodes;
    room->host = host;
    room->index = index;
    room->line = line_new(host->lines, shard, decodes, &news, room);
    start_saying(room);
    if (host->projector != NULL) {
        room->projection = projection_new(host->projector, host->shards[shard]);
        room->pictures.camera = projection_canvas(room->projection);
        show(room, options->picture);
    }
    link_parse(text, &link, NULL);
    struct session_config config = {
        .soup = host->soup,
        .link = &link,
        .is_insecure = options->is_insecure,
        .shard = host->shards[shard],
        .line = room->line,
        .pictures = room->projection != NULL ? &room->pictures : NULL,
        .main_queue = host->main_queue,
        .client = "nhipcau-room " NHIPCAU_VERSION,
    };
    room->session = session_new(&config, &handlers, room);
    link_clear(&link);
    return room;
}

void room_close(struct room *room)
{
    session_free(room->session);
    room->session = NULL;
    line_free(room->line);
}

void room_free(struct room *room)
{
    projection_free(room->projection);
    g_free(room->name);
    g_free(room);
}

bool room_is_over(const struct room *room)
{
    return room->was_ended || room->has_left;
}

bool room_is_good(const struct room *room)
{
    return room->has_left || (room->was_connected && !room->was_ended);
}
