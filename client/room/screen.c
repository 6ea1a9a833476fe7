#include "client/room/screen.h"

#include "client/room/devices.h"
#include "client/room/floor_view.h"
#include "client/room/session.h"
#include "client/room/texts.h"
#include "common/ids.h"

#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define REDRAW_MS 100
#define BAR_WIDTH 30
#define BAR_LEAST (-60) /* dBov at the bar's left end */
#define LABEL     14    /* columns */

/* The terminal's other screen without a cursor, and back. */
#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[?25h\033[?1049l"
#define HOME  "\033[H"
#define EOL   "\033[K\r\n" /* what the line showed before goes */
#define EOS   "\033[J"

struct screen {
    const struct options *options;
    GMainLoop *loop;
    struct session *session;
    struct line *line;
    struct devices *devices;
    struct floor_view *view;
    struct termios terminal; /* as it was */
    bool is_terminal, was_connected, is_heard, was_ended;
    const char *state;
    char *notice;
    guint timer, keys;
};

static const char *say(const struct screen *screen, const char *english)
{
    return texts_say(screen->options->is_english, english);
}

/* ---- drawing ---- */

/* By characters: a Vietnamese word has more bytes than columns. */
static void put_label(GString *out, const char *label)
{
    g_string_append(out, label);
    for (glong i = g_utf8_strlen(label, -1); i < LABEL; i++)
        g_string_append_c(out, ' ');
}

static void put_bar(GString *out, const char *label, int level)
{
    int full = CLAMP((level - BAR_LEAST) * BAR_WIDTH / -BAR_LEAST, 0, BAR_WIDTH);
    put_label(out, label);
    g_string_append_c(out, '[');
    for (int i = 0; i < BAR_WIDTH; i++)
        g_string_append_c(out, i < full ? '#' : ' ');
    g_string_append(out, "]" EOL);
}

static bool is_muted(const struct screen *screen)
{
    return devices_is_muted(screen->devices) || floor_view_is_muted(screen->view);
}

/* This room's own part: on air, off, waiting. */
static void put_own(GString *out, const struct screen *screen)
{
    int place = floor_view_place(screen->view);
    if (is_muted(screen))
        g_string_append(out, say(screen, "The microphone is off"));
    else if (screen->is_heard)
        g_string_append(out, say(screen, "*** ON AIR ***"));
    else if (place > 0)
        g_string_append_printf(out, "%s: %d", say(screen, "Your place in the queue"), place);
    else if (floor_view_own_request(screen->view) != NULL && !floor_view_is_speaking(screen->view))
        g_string_append(out, say(screen, "Waiting for the chair"));
    g_string_append(out, EOL);
}

/* What a server or a device says is shown; control characters in it are not obeyed. */
static void notice(struct screen *screen, const char *text)
{
    const char *shown = say(screen, text != NULL ? text : "?");
    g_free(screen->notice);
    screen->notice = g_strdup(text_is_clean(shown, false) ? shown : "?");
    if (!screen->is_terminal && shown[0] != '\0')
        fprintf(stderr, "nhipcau-room: %s\n", screen->notice);
}

static void draw(struct screen *screen)
{
    g_autoptr(GString) out = g_string_new(HOME);
    g_autofree char *speakers = floor_view_speakers(screen->view);
    g_string_append_printf(out, "%s" EOL "%s" EOL EOL, floor_view_title(screen->view),
                           floor_view_own_name(screen->view));
    g_string_append_printf(out, "%s: %s" EOL, say(screen, "Speaking"),
                           speakers[0] != '\0' ? speakers : say(screen, "nobody"));
    put_own(out, screen);
    put_bar(out, say(screen, "Microphone"), devices_input_level(screen->devices));
    put_bar(out, say(screen, "Speaker"), devices_output_level(screen->devices));
    put_label(out, say(screen, "Line"));
    g_string_append_printf(out, "%s" EOL "%s" EOL EOL "%s" EOS, say(screen, screen->state),
                           screen->notice != NULL ? screen->notice : "",
                           say(screen, "r ask for the floor · c withdraw · g give it back · m "
                                       "microphone off/on · q leave"));
    fputs(out->str, stdout);
    fflush(stdout);
}

static gboolean on_redraw(gpointer data)
{
    struct screen *screen = data;
    g_autofree char *fault = devices_take_fault(screen->devices);
    if (fault != NULL) {
        g_autofree char *text =
            g_strdup_printf("%s: %s", say(screen, "A sound device fails"), fault);
        notice(screen, text);
    }
    if (screen->is_terminal)
        draw(screen);
    return G_SOURCE_CONTINUE;
}

/* ---- the session ---- */

static void on_joined(const json_t *hello, void *arg)
{
    struct screen *screen = arg;
    floor_view_start(screen->view, hello);
    notice(screen, "");
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
    screen->state = state;
    screen->was_connected = screen->was_connected || strcmp(state, "connected") == 0;
}

static void on_trouble(enum trouble kind, const char *what, void *arg)
{
    struct screen *screen = arg;
    notice(screen, what);
    if (kind != TROUBLE_FINAL)
        return;
    screen->was_ended = true;
    g_main_loop_quit(screen->loop);
}

static void on_reply(const json_t *result, const json_t *error, void *arg)
{
    (void)result;
    notice(arg, error != NULL ? json_string_value(json_object_get(error, "message")) : "");
}

/* ---- keys ---- */

static void call(struct screen *screen, const char *method, json_t *params)
{
    session_call(screen->session, method, params, on_reply, screen);
}

/* The microphone itself is shut, whatever the server says or hears; that the chair opens a muted
 * room does not open it. */
static void switch_microphone(struct screen *screen)
{
    bool mutes = !is_muted(screen);
    const char *site = session_room(screen->session);
    devices_mute(screen->devices, mutes);
    if (site != NULL)
        call(screen, mutes ? "site.mute" : "site.unmute", json_pack("{s:s}", "site", site));
}

static void press(struct screen *screen, char key)
{
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
        switch_microphone(screen);
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

/* ---- life ---- */

static void open_terminal(struct screen *screen)
{
    screen->is_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
                          tcgetattr(STDIN_FILENO, &screen->terminal) == 0;
    if (screen->is_terminal) {
        struct termios raw = screen->terminal;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
        fputs(ENTER, stdout);
    }
    screen->keys = g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP, on_keys, screen);
}

/* Why the room has ended stays to be read. */
static void close_terminal(struct screen *screen)
{
    if (!screen->is_terminal)
        return;
    fputs(LEAVE, stdout);
    fflush(stdout);
    tcsetattr(STDIN_FILENO, TCSANOW, &screen->terminal);
    if (screen->was_ended)
        fprintf(stderr, "nhipcau-room: %s\n", screen->notice);
}

struct screen *screen_new(const struct options *options, SoupSession *soup, struct shard *shard,
                          struct lines *lines, struct queue *main_queue, GMainLoop *loop,
                          GError **error)
{
    static const struct session_handlers handlers = {on_joined,       on_resumed, on_event,
                                                     on_notification, on_media,   on_trouble};
    struct screen *screen = g_new0(struct screen, 1);
    struct link link;
    screen->options = options;
    screen->loop = loop;
    screen->state = "new";
    screen->view = floor_view_new();
    screen->line = line_new(lines, 0, true, NULL, NULL);
    screen->devices = devices_new(options, screen->line, error);
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
    screen->timer = g_timeout_add(REDRAW_MS, on_redraw, screen);
    return screen;
}

bool screen_is_good(const struct screen *screen)
{
    return screen->was_connected && !screen->was_ended;
}

void screen_free(struct screen *screen)
{
    if (screen->timer != 0)
        g_source_remove(screen->timer);
    if (screen->keys != 0)
        g_source_remove(screen->keys);
    close_terminal(screen);
    session_free(screen->session);
    devices_free(screen->devices);
    line_free(screen->line);
    /* The farewell goes out, and what was cancelled is told. */
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    floor_view_free(screen->view);
    g_free(screen->notice);
    g_free(screen);
}
