#include "signaling/bus/supervisor.h"

#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONNECT_INTERVAL_MS 20
#define FIRST_DELAY_MS      100
#define LAST_DELAY_MS       5000
#define LISTEN_SECONDS      10 /* a bridge that was started is given so long to listen */
#define STEADY_SECONDS      30 /* a connection of such length ends the suspicion */
#define TERMINATE_SECONDS   20 /* a bridge that finishes recordings is given so long */

struct supervisor {
    char *socket_path, *log_path, *program;
    char **arguments;
    struct supervisor_handlers handlers;
    void *arg;
    pid_t child; /* 0: none that we have started and that still runs */
    guint child_watch, timer;
    int process; /* of the bridge, ours or taken over; -1: not known */
    unsigned delay_ms;
    gint64 started_us, connected_us;
};

static void schedule(struct supervisor *supervisor, unsigned ms);

static bool is_over(gint64 since_us, unsigned ms)
{
    return g_get_monotonic_time() - since_us >= (gint64)ms * 1000;
}

/* ---- the process ---- */

/* Leaves no zombie of a child that nobody watches: one that was taken over, or is being ended. */
static void reap(const struct supervisor *supervisor)
{
    siginfo_t info;
    if (supervisor->child_watch == 0 && supervisor->process >= 0)
        waitid(P_PIDFD, (id_t)supervisor->process, &info, WEXITED | WNOHANG);
}

/* By a descriptor, as a number may come to mean another process. */
static void hold_process(struct supervisor *supervisor, pid_t pid)
{
    reap(supervisor);
    if (supervisor->process >= 0)
        close(supervisor->process);
    supervisor->process = pid > 0 ? pidfd_open(pid, 0) : -1;
}

static void signal_process(const struct supervisor *supervisor, int number)
{
    if (supervisor->process >= 0)
        pidfd_send_signal(supervisor->process, number, NULL, 0);
}

static bool await_process(const struct supervisor *supervisor, unsigned seconds)
{
    struct pollfd ended = {.fd = supervisor->process, .events = POLLIN};
    gint64 since_us = g_get_monotonic_time();
    while (!is_over(since_us, seconds * 1000)) {
        gint64 left_us = since_us + (gint64)seconds * G_USEC_PER_SEC - g_get_monotonic_time();
        if (poll(&ended, 1, (int)(left_us / 1000) + 1) > 0)
            return true;
    }
    return false;
}

static void on_child_exit(GPid pid, gint status, gpointer data)
{
    struct supervisor *supervisor = data;
    log_warning("the bridge %d has ended with %s %d; its log: %s", (int)pid,
                WIFSIGNALED(status) ? "signal" : "status",
                WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), supervisor->log_path);
    supervisor->child = 0;
    supervisor->child_watch = 0;
}

/* Nothing of ours goes along: a session of its own, no descriptors, an empty signal mask. */
static int spawn(struct supervisor *supervisor, char *const *argv)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, supervisor->log_path, O_WRONLY | O_CREAT | O_APPEND,
                                     0600);
    posix_spawn_file_actions_addclosefrom_np(&files, 3);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attributes, &none);
    int fault =
        posix_spawn(&supervisor->child, supervisor->program, &files, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return fault;
}

static void start_bridge(struct supervisor *supervisor)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_ptr_array_add(argv, supervisor->program);
    g_ptr_array_add(argv, (char *)"--socket");
    g_ptr_array_add(argv, supervisor->socket_path);
    for (char **each = supervisor->arguments; each != NULL && *each != NULL; each++)
        g_ptr_array_add(argv, *each);
    g_ptr_array_add(argv, NULL);
    supervisor->started_us = g_get_monotonic_time();
    int fault = spawn(supervisor, (char *const *)argv->pdata);
    if (fault != 0) {
        log_error("the bridge %s cannot be started: %s", supervisor->program, g_strerror(fault));
        supervisor->child = 0;
        return;
    }
    hold_process(supervisor, supervisor->child);
    supervisor->child_watch = g_child_watch_add(supervisor->child, on_child_exit, supervisor);
    log_info("started the bridge, process %d", (int)supervisor->child);
}

/* ---- the connection ---- */

static int try_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return -1; /* the bridge says so in its log */
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static void take_connection(struct supervisor *supervisor, int fd)
{
    struct ucred peer = {0};
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0)
        hold_process(supervisor, peer.pid);
    supervisor->connected_us = g_get_monotonic_time();
    supervisor->handlers.connected(fd, supervisor->arg);
}

/* Nobody listens: a bridge is on its way, or is due, or is to be waited for. */
static void see_to_bridge(struct supervisor *supervisor)
{
    if (supervisor->child != 0) {
        if (is_over(supervisor->started_us, LISTEN_SECONDS * 1000)) {
            log_error("the bridge %d does not listen; killing it", (int)supervisor->child);
            supervisor_kill(supervisor);
        }
    } else if (supervisor->started_us == 0 ||
               is_over(supervisor->started_us, supervisor->delay_ms)) {
        if (supervisor->started_us != 0)
            supervisor->delay_ms = MIN(supervisor->delay_ms * 2, LAST_DELAY_MS);
        start_bridge(supervisor);
    }
    schedule(supervisor, CONNECT_INTERVAL_MS);
}

static gboolean on_timer(gpointer data)
{
    struct supervisor *supervisor = data;
    supervisor->timer = 0;
    int fd = try_connect(supervisor->socket_path);
    if (fd >= 0)
        take_connection(supervisor, fd);
    else
        see_to_bridge(supervisor);
    return G_SOURCE_REMOVE;
}

static void schedule(struct supervisor *supervisor, unsigned ms)
{
    if (supervisor->timer == 0)
        supervisor->timer = g_timeout_add(ms, on_timer, supervisor);
}

void supervisor_reconnect(struct supervisor *supervisor, bool was_good)
{
    if (was_good && is_over(supervisor->connected_us, STEADY_SECONDS * 1000))
        supervisor->delay_ms = FIRST_DELAY_MS;
    schedule(supervisor, was_good ? CONNECT_INTERVAL_MS : supervisor->delay_ms);
}

/* ---- life ---- */

struct supervisor *supervisor_new(const char *data_dir, const char *program,
                                  const char *const *arguments,
                                  const struct supervisor_handlers *handlers, void *arg)
{
    struct supervisor *supervisor = g_new0(struct supervisor, 1);
    supervisor->socket_path = g_build_filename(data_dir, "bridge.sock", NULL);
    supervisor->log_path = g_build_filename(data_dir, "bridge.log", NULL);
    supervisor->program = g_strdup(program);
    supervisor->arguments = g_strdupv((char **)arguments);
    supervisor->handlers = *handlers;
    supervisor->arg = arg;
    supervisor->process = -1;
    supervisor->delay_ms = FIRST_DELAY_MS;
    schedule(supervisor, 0);
    return supervisor;
}

void supervisor_free(struct supervisor *supervisor)
{
    if (supervisor == NULL)
        return;
    if (supervisor->timer != 0)
        g_source_remove(supervisor->timer);
    if (supervisor->child_watch != 0)
        g_source_remove(supervisor->child_watch);
    hold_process(supervisor, 0);
    g_free(supervisor->socket_path);
    g_free(supervisor->log_path);
    g_free(supervisor->program);
    g_strfreev(supervisor->arguments);
    g_free(supervisor);
}

void supervisor_kill(struct supervisor *supervisor)
{
    signal_process(supervisor, SIGKILL);
}

static void end_process(struct supervisor *supervisor, unsigned seconds)
{
    if (await_process(supervisor, seconds))
        return;
    signal_process(supervisor, SIGTERM);
    if (await_process(supervisor, TERMINATE_SECONDS))
        return;
    log_error("the bridge does not end; killing it");
    signal_process(supervisor, SIGKILL);
    await_process(supervisor, TERMINATE_SECONDS);
}

void supervisor_end(struct supervisor *supervisor, unsigned seconds)
{
    if (supervisor->timer != 0)
        g_source_remove(supervisor->timer);
    supervisor->timer = 0;
    if (supervisor->process < 0)
        return;
    end_process(supervisor, seconds);
    if (supervisor->child_watch != 0)
        g_source_remove(supervisor->child_watch);
    supervisor->child_watch = 0;
    supervisor->child = 0;
    reap(supervisor);
}
