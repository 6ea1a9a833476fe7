#include "tests/unit/bus/desk.h"

#include <dirent.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char desk_sdp[] =
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE a\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n"
    "a=ice-ufrag:peer\r\na=ice-pwd:peersPasswordIsLong123+\r\na=setup:actpass\r\n"
    "a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n"
    "a=rtcp-mux\r\na=mid:a\r\na=rtpmap:111 opus/48000/2\r\n";

static void tell(struct desk *desk, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void tell(struct desk *desk, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(desk->news, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

static void on_candidate(const char *meeting, const char *leg, const char *candidate,
                         const char *mid, void *arg)
{
    (void)meeting;
    (void)mid;
    tell(arg, "candidate %s %s", leg, candidate);
}

static void on_leg_state(const char *meeting, const char *leg, const char *state, void *arg)
{
    (void)meeting;
    tell(arg, "leg %s %s", leg, state);
}

static void on_recording_started(const char *meeting, int part, const char *path, void *arg)
{
    (void)meeting;
    tell(arg, "recording started %d %s", part, path);
}

static void on_recording_stopped(const char *meeting, int part, void *arg)
{
    (void)meeting;
    tell(arg, "recording stopped %d", part);
}

static void on_recording_failed(const char *meeting, const char *why, void *arg)
{
    (void)meeting;
    tell(arg, "recording failed %s", why);
}

static void on_lost(void *arg)
{
    tell(arg, "lost");
}

static void on_ready(bool is_new, void *arg)
{
    tell(arg, is_new ? "ready new" : "ready old");
}

/* ---- life ---- */

void desk_prepare(struct desk *desk)
{
    g_autoptr(GError) error = NULL;
    memset(desk, 0, sizeof *desk);
    desk->directory = g_dir_make_tmp("bus-XXXXXX", &error);
    g_assert_no_error(error);
    desk->world = world_open();
    desk->news = g_ptr_array_new_with_free_func(g_free);
}

void desk_start(struct desk *desk, const char *program)
{
    static const struct media_handlers handlers = {
        .candidate = on_candidate,
        .leg_state = on_leg_state,
        .recording_started = on_recording_started,
        .recording_stopped = on_recording_stopped,
        .recording_failed = on_recording_failed,
        .lost = on_lost,
        .ready = on_ready,
    };
    static const char *const arguments[] = {"--shards", "1", NULL};
    struct media_config config = {
        .data_dir = desk->directory,
        .bridge_program = program != NULL ? program : g_getenv("NHIPCAU_BRIDGE_PROGRAM"),
        .bridge_arguments = arguments,
    };
    g_assert_nonnull(config.bridge_program);
    desk->plane = media_plane_new(&config, &handlers, desk);
}

void desk_open(struct desk *desk)
{
    desk_prepare(desk);
    desk_start(desk, NULL);
    desk_await(desk, "ready new");
    media_plane_follow(desk->plane, desk->world->meeting);
}

void desk_leave_bridge(struct desk *desk)
{
    media_plane_free(desk->plane, false);
    desk->plane = NULL;
    g_ptr_array_set_size(desk->news, 0);
}

static void remove_below(const char *path)
{
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    const char *name;
    while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        remove_below(child);
    }
    g_assert_cmpint(g_remove(path), ==, 0);
}

void desk_close(struct desk *desk)
{
    media_plane_free(desk->plane, true);
    world_free(desk->world);
    g_ptr_array_unref(desk->news);
    remove_below(desk->directory);
    g_free(desk->directory);
}

/* ---- the meeting ---- */

void desk_do(struct desk *desk, const char *who, const char *method, const char *params)
{
    world_do(desk->world, who, method, params);
    media_plane_follow(desk->plane, desk->world->meeting);
}

/* ---- what is told ---- */

const char *desk_await(struct desk *desk, const char *prefix)
{
    static char line[512];
    for (unsigned i = 0;; i++) {
        while (i >= desk->news->len)
            g_main_context_iteration(NULL, TRUE);
        if (!g_str_has_prefix(desk->news->pdata[i], prefix))
            continue;
        g_strlcpy(line, desk->news->pdata[i], sizeof line);
        g_ptr_array_remove_range(desk->news, 0, i + 1);
        return line;
    }
}

void desk_assert_untold(const struct desk *desk, const char *prefix)
{
    for (unsigned i = 0; i < desk->news->len; i++) {
        if (g_str_has_prefix(desk->news->pdata[i], prefix))
            g_error("it was told: %s", (const char *)desk->news->pdata[i]);
    }
}

static void on_answer(const char *answer, const char *error, bool is_away, void *arg)
{
    char **text = arg;
    g_assert_null(*text); /* once */
    g_assert_true((answer != NULL) != (error != NULL));
    if (answer != NULL)
        *text = g_strdup("answer");
    else
        *text = g_strdup_printf("%s: %s", is_away ? "away" : "refused", error);
}

char *desk_offer(struct desk *desk, const char *leg, const char *sdp)
{
    char *text = NULL;
    media_plane_offer(desk->plane, meeting_id(desk->world->meeting), leg, sdp, on_answer, &text);
    g_assert_null(text); /* not before the function has returned */
    while (text == NULL)
        g_main_context_iteration(NULL, TRUE);
    return text;
}

struct stats {
    json_t *conferences;
    bool is_here;
};

static void on_stats(const json_t *counters, void *arg)
{
    struct stats *stats = arg;
    stats->conferences = json_incref(json_object_get(counters, "conferences"));
    stats->is_here = true;
}

json_t *desk_conferences(struct desk *desk)
{
    struct stats stats = {0};
    media_plane_stats(desk->plane, on_stats, &stats);
    while (!stats.is_here)
        g_main_context_iteration(NULL, TRUE);
    return stats.conferences;
}

pid_t desk_child(void)
{
    siginfo_t info = {0};
    g_autofree char *path = g_strdup_printf("/proc/self/task/%d/children", (int)getpid());
    g_autofree char *children = NULL;
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0)
        return info.si_pid;
    g_assert_true(g_file_get_contents(path, &children, NULL, NULL));
    return (pid_t)g_ascii_strtoll(children, NULL, 10);
}
