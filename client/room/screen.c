#include "client/room/screen.h"

#include "client/room/board.h"
#include "client/room/devices.h"
#include "client/room/display.h"
#include "client/room/floor_view.h"
#include "client/room/media.h"
#include "client/room/session.h"
#include "client/room/terminal.h"
#include "client/room/tester.h"
#include "client/room/texts.h"
#include "common/clock.h"
#include "common/ids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REDRAW_MS      100
#define FIGURES_US     2000000
#define TOPIC_MOST     500 /* characters, as the server takes them */
#define LISTEN_SECONDS 4   /* hearing oneself once the measuring is over */
#define GIVE_UP_S      30  /* of a line test that does not come to begin */
#define TEST_TRIES_S   1
#define LOG_EVERY_US   (60 * G_USEC_PER_SEC)

struct screen {
    const struct options *options;
    GMainLoop *loop;
    struct session *session;
    struct line *line;
    struct devices *devices;
    struct floor_view *view;
    struct terminal *terminal; /* NULL: there is none */
    struct display *display;   /* NULL: no pictures */
    bool was_connected, is_heard, was_ended;
    const char *state;
    char *notice;
    char *logged; /* the last one told without a terminal, and when */
    int64_t logged_us;
    guint timer, test_timer;
    unsigned test_tries;
    int status;
    /* What the line has been like of late. */
    struct leg_counters before;
    int64_t before_us;
    bool has_figures;
    double rtt_ms, loss_down, jitter_ms;
    int warned_at; /* seconds left at the last warning */
    /* The line test. */
    struct tester *tester;
    char **report;
    GString *topic; /* that is being typed; NULL: none is */
};

static const char *say(const struct screen *screen, const char *english)
{
    return texts_say(screen->options->is_english, english);
}

static bool is_muted(const struct screen *screen)
{
    return devices_is_muted(screen->devices) || floor_view_is_muted(screen->view);
}

/* A log is told once a minute at most that the same trouble lasts. */
static void tell_log(struct screen *screen)
{
    int64_t now_us = clock_monotonic_us();
    bool is_same = g_strcmp0(screen->logged, screen->notice) == 0;
    if (is_same && now_us - screen->logged_us < LOG_EVERY_US)
        return;
    g_free(screen->logged);
    screen->logged = g_strdup(screen->notice);
    screen->logged_us = now_us;
    if (screen->notice[0] != '\0')
        fprintf(stderr, "nhipcau-room: %s\n", screen->notice);
}

/* What a server or a device says is shown; control characters in it are not obeyed. */
static void notice(struct screen *screen, const char *text)
{
    const char *shown = say(screen, text != NULL ? text : "?");
    g_free(screen->notice);
    screen->notice = g_strdup(text_is_clean(shown, false) ? shown : "?");
    if (screen->terminal == NULL)
        tell_log(screen);
}

/* ---- what is shown ---- */

static void follow_line(struct screen *screen)
{
    struct leg_counters now;
    int64_t now_us = clock_monotonic_us();
    if (now_us - screen->before_us < FIGURES_US)
        return;
    screen->before_us = now_us;
    screen->has_figures = media_counters(session_media(screen->session), &now);
    if (screen->display != NULL)
        display_follow(screen->display, screen->has_figures ? now.estimate_bps : 0,
                       line_delay_us(screen->line) + devices_output_delay_us(screen->devices));
    if (!screen->has_figures)
        return;
    uint64_t received = now.rtp_received - screen->before.rtp_received;
    uint64_t lost =
        now.rtp_lost > screen->before.rtp_lost ? now.rtp_lost - screen->before.rtp_lost : 0;
    if (now.rtp_received < screen->before.rtp_received)
        received = lost = 0; /* a new connection */
    screen->loss_down = received + lost > 0 ? 100.0 * (double)lost / (double)(received + lost) : 0;
    screen->rtt_ms = now.rtt_us / 1000.0;
    screen->jitter_ms = now.jitter_us / 1000.0;
    screen->before = now;
}

/* Rings once at the minute and once at the end. */
static void warn_of_time(struct screen *screen)
{
    int left;
    if (!floor_view_is_speaking(screen->view) ||
        !floor_view_time_left(screen->view, clock_utc_us(), &left)) {
        screen->warned_at = G_MAXINT;
        return;
    }
    if ((left <= 60 && screen->warned_at > 60) || (left <= 0 && screen->warned_at > 0))
        terminal_ring(screen->terminal);
    screen->warned_at = left;
}

static void draw(struct screen *screen)
{
    struct cleaner_options cleaner;
    struct board board = {
        .is_english = screen->options->is_english,
        .view = screen->view,
        .now_us = clock_utc_us(),
        .is_muted = is_muted(screen),
        .is_heard = screen->is_heard,
        .input_name = devices_input_name(screen->devices),
        .output_name = devices_output_name(screen->devices),
        .input_level = devices_input_level(screen->devices),
        .output_level = devices_output_level(screen->devices),
        .line_state = screen->state,
        .is_online = session_is_greeted(screen->session),
        .has_figures = screen->has_figures,
        .rtt_ms = screen->rtt_ms,
        .loss_down = screen->loss_down,
        .jitter_ms = screen->jitter_ms,
        .notice = screen->notice,
        .report = screen->report,
        .prompt = screen->topic != NULL ? screen->topic->str : NULL,
    };
    devices_get_cleaner(screen->devices, &cleaner);
    board.cancels_echo = cleaner.cancels_echo;
    terminal_size(screen->terminal, &board.columns, &board.rows);
    g_autofree char *text = board_draw(&board);
    terminal_show(screen->terminal, text);
}

/* What the window has of the room itself: less than the terminal, to be read from afar. */
static void write_window(struct screen *screen)
{
    char *state = board_own_state(screen->view, is_muted(screen), screen->is_heard,
                                  screen->options->is_english);
    char *time = board_time_left(screen->view, clock_utc_us(), NULL, screen->options->is_english);
    g_autofree char *prompt =
        screen->topic != NULL
            ? g_strdup_printf("%s: %s_", say(screen, "Topic (Enter: ask · Esc: no)"),
                              screen->topic->str)
            : NULL;
    struct window_texts texts = {
        .title = floor_view_title(screen->view),
        .name = floor_view_own_name(screen->view),
        .state = state,
        .time = time,
        .notice = session_is_greeted(screen->session) ? screen->notice
                                                      : say(screen, "no connection to the server"),
        .prompt = prompt,
        .is_on_air = screen->is_heard && !is_muted(screen),
    };
    display_write(screen->display, &texts, strcmp(screen->state, "connected") == 0);
    g_free(state);
    g_free(time);
}

static void take_news(struct screen *screen)
{
    g_autofree char *news = devices_take_news(screen->devices);
    g_autofree char *pictures = display_take_news(screen->display);
    if (pictures != NULL)
        notice(screen, pictures);
    if (news != NULL)
        notice(screen, news);
}

static gboolean on_redraw(gpointer data)
{
    struct screen *screen = data;
    take_news(screen);
    follow_line(screen);
    if (screen->display != NULL)
        write_window(screen);
    if (screen->terminal == NULL)
        return G_SOURCE_CONTINUE;
    warn_of_time(screen);
    draw(screen);
    return G_SOURCE_CONTINUE;
}

/* ---- the line test ---- */

static void drop_tester(struct screen *screen)
{
    tester_free(screen->tester);
    screen->tester = NULL;
}

static void print_report(const struct screen *screen)
{
    for (unsigned i = 0; screen->report != NULL && screen->report[i] != NULL; i++)
        puts(screen->report[i]);
}

static void end_test(struct screen *screen, int status)
{
    if (screen->options->action != ACTION_TEST_LINE)
        return;
    screen->status = status;
    print_report(screen);
    g_main_loop_quit(screen->loop);
}

static void on_tested(const struct line_findings *findings, const char *why, void *arg)
{
    static const int statuses[] = {EXIT_SUCCESS, SCREEN_USABLE, SCREEN_BAD};
    struct screen *screen = arg;
    int status = findings != NULL ? statuses[findings->verdict] : EXIT_FAILURE;
    g_strfreev(screen->report);
    screen->report =
        findings != NULL ? tester_describe(findings, screen->options->is_english) : NULL;
    notice(screen, why != NULL ? why : "");
    drop_tester(screen); /* the findings are its own */
    end_test(screen, status);
}

static int input_level(void *arg)
{
    const struct screen *screen = arg;
    return devices_input_level(screen->devices);
}

static bool begin_test(struct screen *screen)
{
    struct tester_config config = {
        .session = screen->session,
        .kbps = (unsigned)screen->options->line_test_kbps,
        .listen_seconds = LISTEN_SECONDS,
        .input_level = input_level,
        .done = on_tested,
        .arg = screen,
    };
    screen->tester = tester_new(&config);
    if (screen->tester == NULL)
        return false;
    g_strfreev(screen->report);
    screen->report = NULL;
    notice(screen, "The line is being tested: speak, and hear yourself a moment later. t: stop");
    return true;
}

static void switch_test(struct screen *screen)
{
    if (screen->tester != NULL) {
        drop_tester(screen);
        notice(screen, "The line test was stopped");
    } else if (screen->report != NULL) {
        g_strfreev(screen->report); /* it has been read: the messages again */
        screen->report = NULL;
    } else if (!begin_test(screen)) {
        notice(screen, "The line cannot be tested now");
    }
}

/* Of "test-line": as soon as there is sound. */
static gboolean on_try_test(gpointer data)
{
    struct screen *screen = data;
    if (screen->tester == NULL && screen->was_connected && begin_test(screen)) {
        screen->test_timer = 0;
        return G_SOURCE_REMOVE;
    }
    if (++screen->test_tries < GIVE_UP_S / TEST_TRIES_S)
        return G_SOURCE_CONTINUE;
    screen->test_timer = 0;
    struct line_findings nothing = {0};
    line_findings_judge(&nothing);
    screen->report = tester_describe(&nothing, screen->options->is_english);
    end_test(screen, SCREEN_BAD);
    return G_SOURCE_REMOVE;
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
    floor_view_event(screen->view, event, clock_utc_us(), !session_is_catching_up(screen->session));
}

static void on_notification(const char *method, const json_t *params, void *arg)
{
    struct screen *screen = arg;
    if (strcmp(method, "media.hint") == 0)
        screen->is_heard = json_is_true(json_object_get(params, "audio"));
    else if (strcmp(method, "line.ended") == 0 && screen->tester != NULL)
        tester_take_ended(screen->tester, json_string_value(json_object_get(params, "reason")));
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
    screen->status = SCREEN_ENDED;
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
    if (!session_call(screen->session, method, params, on_reply, screen))
        notice(screen, "no connection to the server");
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

static void switch_echo(struct screen *screen)
{
    struct cleaner_options cleaner;
    devices_get_cleaner(screen->devices, &cleaner);
    cleaner.cancels_echo = !cleaner.cancels_echo;
    devices_set_cleaner(screen->devices, &cleaner);
    notice(screen, cleaner.cancels_echo ? "Echo cancellation is on" : "Echo cancellation is off");
}

static void stop_typing(struct screen *screen)
{
    g_string_free(screen->topic, TRUE);
    screen->topic = NULL;
}

static void ask_for_floor(struct screen *screen)
{
    g_autofree char *topic = g_utf8_normalize(screen->topic->str, -1, G_NORMALIZE_NFC);
    stop_typing(screen);
    g_strstrip(topic);
    call(screen, "floor.request", topic[0] != '\0' ? json_pack("{s:s}", "topic", topic) : NULL);
}

static void type(struct screen *screen, const char *key)
{
    if (key[0] == '\n') {
        ask_for_floor(screen);
    } else if (key[0] == '\033') {
        stop_typing(screen);
    } else if (key[0] == '\b') {
        const char *end = screen->topic->str + screen->topic->len;
        const char *last = g_utf8_find_prev_char(screen->topic->str, end);
        if (last != NULL)
            g_string_truncate(screen->topic, (gsize)(last - screen->topic->str));
    } else if (text_is_clean(key, false) && g_utf8_strlen(screen->topic->str, -1) < TOPIC_MOST) {
        g_string_append(screen->topic, key);
    }
}

static void on_key(const char *key, void *arg)
{
    struct screen *screen = arg;
    if (screen->topic != NULL) {
        type(screen, key);
        return;
    }
    switch (key[0]) {
    case 'r':
        screen->topic = g_string_new(NULL);
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
    case 't':
        switch_test(screen);
        break;
    case 'e':
        switch_echo(screen);
        break;
    case 'v':
        notice(screen, display_switch_camera(screen->display));
        break;
    case 's':
        notice(screen, display_switch_slides(screen->display));
        break;
    case 'q':
        g_main_loop_quit(screen->loop);
        break;
    default:
        break;
    }
}

static void on_window_closed(void *arg)
{
    struct screen *screen = arg;
    g_main_loop_quit(screen->loop);
}

static void on_error_line(const char *text, void *arg)
{
    notice(arg, text);
}

/* ---- life ---- */

static bool open_devices(struct screen *screen, GError **error)
{
    const struct options *options = screen->options;
    struct devices_options devices = {
        .input = options->input,
        .output = options->output,
        .cleaner = options->cleaner,
        .is_english = options->is_english,
    };
    screen->devices = devices_new(&devices, screen->line, error);
    return screen->devices != NULL;
}

static void open_session(struct screen *screen, SoupSession *soup, struct shard *shard,
                         struct queue *main_queue)
{
    static const struct session_handlers handlers = {on_joined,       on_resumed, on_event,
                                                     on_notification, on_media,   on_trouble};
    struct link link;
    link_parse(screen->options->links[0], &link, NULL); /* it has been checked */
    struct session_config config = {
        .soup = soup,
        .link = &link,
        .is_insecure = screen->options->is_insecure,
        .shard = shard,
        .line = screen->line,
        .pictures = display_pictures(screen->display),
        .main_queue = main_queue,
        .client = "nhipcau-room " NHIPCAU_VERSION,
    };
    screen->session = session_new(&config, &handlers, screen);
    link_clear(&link);
}

struct screen *screen_new(const struct options *options, SoupSession *soup, struct shard *shard,
                          struct lines *lines, struct queue *main_queue, GMainLoop *loop,
                          GError **error)
{
    static const struct terminal_handlers handlers = {on_key, on_error_line};
    static const struct display_handlers display = {on_key, on_window_closed};
    struct screen *screen = g_new0(struct screen, 1);
    screen->options = options;
    screen->loop = loop;
    screen->state = "new";
    screen->warned_at = G_MAXINT;
    screen->view = floor_view_new();
    screen->line = line_new(lines, 0, true, NULL, NULL);
    if (!open_devices(screen, error)) {
        screen_free(screen);
        return NULL;
    }
    if (options->action == ACTION_ROOM)
        screen->display = display_new(options, shard, &display, screen);
    open_session(screen, soup, shard, main_queue);
    if (options->action == ACTION_TEST_LINE)
        screen->test_timer = g_timeout_add_seconds(TEST_TRIES_S, on_try_test, screen);
    else
        screen->terminal = terminal_open(&handlers, screen);
    screen->timer = g_timeout_add(REDRAW_MS, on_redraw, screen);
    return screen;
}

int screen_status(const struct screen *screen)
{
    return screen->status;
}

void screen_free(struct screen *screen)
{
    if (screen->timer != 0)
        g_source_remove(screen->timer);
    if (screen->test_timer != 0)
        g_source_remove(screen->test_timer);
    terminal_close(screen->terminal);
    /* Why the room has ended stays to be read. */
    if (screen->terminal != NULL && screen->was_ended)
        fprintf(stderr, "nhipcau-room: %s\n", screen->notice);
    drop_tester(screen);
    session_free(screen->session);
    display_free(screen->display);
    devices_free(screen->devices);
    line_free(screen->line);
    /* The farewell goes out, and what was cancelled is told. */
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    floor_view_free(screen->view);
    if (screen->topic != NULL)
        g_string_free(screen->topic, TRUE);
    g_strfreev(screen->report);
    g_free(screen->notice);
    g_free(screen->logged);
    g_free(screen);
}
