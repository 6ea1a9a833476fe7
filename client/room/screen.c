#include "client/room/screen.h"

#include "client/room/devices.h"
#include "client/room/floor_view.h"
#include "client/room/session.h"
#include "common/ids.h"

#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define REDRAW_MS 100
#define BAR_WIDTH 30
#define BAR_LEAST (-60) /* dBov at the bar's left end */

enum text {
    TEXT_KEYS,
    TEXT_SPEAKING,
    TEXT_NOBODY,
    TEXT_PLACE,
    TEXT_WAITING,
    TEXT_ON_AIR,
    TEXT_MUTED,
    TEXT_INPUT,
    TEXT_OUTPUT,
    TEXT_SOUND,
    TEXTS
};

static const char *const texts[2][TEXTS] = {
    {"r đăng ký · c rút · g kết thúc phát biểu · m tắt/bật micrô · q rời phòng", "Đang phát biểu",
     "chưa có ai", "Thứ tự chờ", "đang chờ chủ tọa", "*** ĐANG LÊN SÓNG ***", "micrô đang tắt",
     "Micrô", "Loa", "Đường truyền"},
    {"r ask for the floor · c withdraw · g give it back · m mute/unmute · q leave", "Speaking",
     "nobody", "Place in the queue", "waiting for the chair", "*** ON AIR ***", "microphone is off",
     "Microphone", "Speaker", "Line"},
};

struct screen {
    const struct options *options;
    GMainLoop *loop;
    struct session *session;
    struct line *line;
    struct devices *devices;
    struct floor_view *view;
    struct termios terminal; /* as it was */
    bool is_terminal, has_joined, was_connected, is_heard;
    char *state, *notice;
    guint timer, keys;
};

static const char *say(const struct screen *screen, enum text text)
{
    return texts[screen->options->is_english][text];
}

/* ---- drawing ---- */

static void put_bar(GString *out, const char *label, int level)
{
    int full = CLAMP((level - BAR_LEAST) * BAR_WIDTH / -BAR_LEAST, 0, BAR_WIDTH);
    g_string_append_printf(out, "%-14s [", label);
    for (int i = 0; i < BAR_WIDTH; i++)
        g_string_append_c(out, i < full ? '#' : ' ');
    g_string_append(out, "]\n");
}

static void put_own(GString *out, const struct screen *screen)
{
    int place = floor_view_place(screen->view);
    if (screen->is_heard)
        g_string_append_printf(out, "%s\n", say(screen, TEXT_ON_AIR));
    else if (floor_view_is_muted(screen->view))
        g_string_append_printf(out, "%s\n", say(screen, TEXT_MUTED));
    else if (place > 0)
        g_string_append_printf(out, "%s: %d\n", say(screen, TEXT_PLACE), place);
    else if (floor_view_own_request(screen->view) != NULL)
        g_string_append_printf(out, "%s\n", say(screen, TEXT_WAITING));
    else
        g_string_append_c(out, '\n');
}

static gboolean redraw(gpointer data)
{
    struct screen *screen = data;
    g_autoptr(GString) out = g_string_new(screen->is_terminal ? "\033[H\033[2J" : "");
    g_autofree char *speaker = floor_view_speakers(screen->view);
    g_autofree char *fault = devices_take_fault(screen->devices);
    if (fault != NULL) {
        g_free(screen->notice);
        screen->notice = g_steal_pointer(&fault);
    }
    g_string_append_printf(out, "%s\n%s\n\n", floor_view_title(screen->view),
                           floor_view_own_name(screen->view));
    g_string_append_printf(out, "%s: %s\n", say(screen, TEXT_SPEAKING),
                           speaker[0] != '\0' ? speaker : say(screen, TEXT_NOBODY));
    put_own(out, screen);
    put_bar(out, say(screen, TEXT_INPUT), devices_input_level(screen->devices));
    put_bar(out, say(screen, TEXT_OUTPUT), devices_output_level(screen->devices));
    g_string_append_printf(out, "%s: %s\n%s\n\n%s\n", say(screen, TEXT_SOUND),
                           screen->state != NULL ? screen->state : "-",
                           screen->notice != NULL ? screen->notice : "", say(screen, TEXT_KEYS));
    if (screen->is_terminal) {
        fputs(out->str, stdout);
        fflush(stdout);
    }
    return G_SOURCE_CONTINUE;
}

/* What a server says is shown; a terminal's control characters in it are not obeyed. */
static void notice(struct screen *screen, const char *text)
{
    g_free(screen->notice);
    screen->notice = g_strdup(text_is_clean(text, false) ? text : "?");
    if (!screen->is_terminal)
        fprintf(stderr, "nhipcau-room: %s\n", screen->notice);
}

/* ---- the session ---- */

static void on_joined(const json_t *hello, void *arg)
{
    struct screen *screen = arg;
    screen->has_joined = true;
    floor_view_start(screen->view, hello);
}

static void on_resumed(uint64_t since, size_t events, void *arg)
{
    (void)since;
    (void)events;
    notice(arg, "");
}

static void on_event(const json_t *event, void *arg)
{
    struct screen *screen = arg;
    floor_view_event(screen->view, event);
}

static void on_notification(const char *method, const json_t *params, void *arg)
{
    struct screen *screen = arg;
    if (strcmp(method, "media.hint") == 0)
        screen->is_heard = json_is_true(json_object_get(params, "audio"));
}

static void on_media(const char *state, const char *profile, void *arg)
{
    struct screen *screen = arg;
    (void)profile;
    g_free(screen->state);
    screen->state = g_strdup(state);
    screen->was_connected = screen->was_connected || strcmp(state, "connected") == 0;
}

static void on_trouble(enum trouble kind, const char *what, void *arg)
{
    struct screen *screen = arg;
    notice(screen, what);
    if (kind == TROUBLE_FINAL)
        g_main_loop_quit(screen->loop);
}

static void on_reply(const json_t *result, const json_t *error, void *arg)
{
    (void)result;
    if (error != NULL)
        notice(arg, json_string_value(json_object_get(error, "message")));
}

/* ---- keys ---- */

static void call(struct screen *screen, const char *method, json_t *params)
{
    session_call(screen->session, method, params, on_reply, screen);
}

static void press(struct screen *screen, char key)
{
    const char *site = session_room(screen->session);
    const char *mute = floor_view_is_muted(screen->view) ? "site.unmute" : "site.mute";
    switch (key) {
    case 'r':
        call(screen, "floor.request", NULL);
        break;
    case 'c':
        call(screen, "floor.cancel", NULL);
        break;
    case 'g':
        call(screen, "floor.release", NULL);
        break;
    case 'm':
        if (site != NULL)
            call(screen, mute, json_pack("{s:s}", "site", site));
        break;
    case 'q':
        g_main_loop_quit(screen->loop);
        break;
    default:
        break;
    }
}

static gboolean on_keys(gint fd, GIOCondition condition, gpointer data)
{
    struct screen *screen = data;
    char key;
    (void)condition;
    if (read(fd, &key, 1) != 1) {
        screen->keys = 0; /* no keyboard: the room goes on */
        return G_SOURCE_REMOVE;
    }
    press(screen, key);
    return G_SOURCE_CONTINUE;
}

static void open_terminal(struct screen *screen)
{
    screen->is_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
                          tcgetattr(STDIN_FILENO, &screen->terminal) == 0;
    if (screen->is_terminal) {
        struct termios raw = screen->terminal;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    screen->keys = g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP, on_keys, screen);
}

/* ---- life ---- */

/* The line's news are for headless rooms. */
static void no_tone(int hz, bool is_on, int64_t at_us, void *arg)
{
    (void)hz;
    (void)is_on;
    (void)at_us;
    (void)arg;
}

static void no_clip(void *arg)
{
    (void)arg;
}

static void no_report(json_t *report, const char *id, bool is_last, void *arg)
{
    (void)id;
    (void)is_last;
    (void)arg;
    json_decref(report);
}

struct screen *screen_new(const struct options *options, SoupSession *soup, struct shard *shard,
                          struct lines *lines, struct queue *main_queue, GMainLoop *loop,
                          GError **error)
{
    static const struct line_news news = {no_tone, no_clip, no_report};
    static const struct session_handlers handlers = {on_joined,       on_resumed, on_event,
                                                     on_notification, on_media,   on_trouble};
    struct screen *screen = g_new0(struct screen, 1);
    struct link link;
    screen->options = options;
    screen->loop = loop;
    screen->view = floor_view_new();
    screen->line = line_new(lines, 0, true, &news, screen);
    screen->devices = devices_new(options->input, options->output, screen->line, error);
    if (screen->devices == NULL) {
        screen_free(screen);
        return NULL;
    }
    link_parse(options->links[0], &link, NULL); /* it has been checked */
    struct session_config config = {
        .soup = soup,
        .link = &link,
        .is_insecure = options->is_insecure,
        .shard = shard,
        .line = screen->line,
        .main_queue = main_queue,
        .client = "nhipcau-room " NHIPCAU_VERSION,
    };
    screen->session = session_new(&config, &handlers, screen);
    link_clear(&link);
    open_terminal(screen);
    screen->timer = g_timeout_add(REDRAW_MS, redraw, screen);
    return screen;
}

bool screen_is_good(const struct screen *screen)
{
    return screen->has_joined && screen->was_connected;
}

void screen_free(struct screen *screen)
{
    if (screen->timer != 0)
        g_source_remove(screen->timer);
    if (screen->keys != 0)
        g_source_remove(screen->keys);
    if (screen->is_terminal)
        tcsetattr(STDIN_FILENO, TCSANOW, &screen->terminal);
    session_free(screen->session);
    devices_free(screen->devices);
    line_free(screen->line);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    floor_view_free(screen->view);
    g_free(screen->state);
    g_free(screen->notice);
    g_free(screen);
}
