#include "signaling/bus/supervisor.h"

#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNECT_INTERVAL_MS 20
#define FIRST_DELAY_MS      100
#define LAST_DELAY_MS       5000
#define STEADY_SECONDS      30 /* a bridge that lived so long starts with the first delay again */

struct supervisor {
    char *socket_path, *log_path, *program;
    char **arguments;
    struct supervisor_handlers handlers;
    void *arg;
    pid_t child; /* 0: none that we have started and that still runs */
    guint child_watch, timer;
    unsigned delay_ms;
    gint64 started_us;
};

static void schedule(struct supervisor *supervisor, unsigned ms);

static int try_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static void on_child_exit(GPid pid, gint status, gpointer data)
{
    struct supervisor *supervisor = data;
    log_warning("the bridge %d has ended with status %d", (int)pid, status);
    supervisor->child = 0;
    supervisor->child_watch = 0;
    if (g_get_monotonic_time() - supervisor->started_us > STEADY_SECONDS * G_USEC_PER_SEC)
        supervisor->delay_ms = FIRST_DELAY_MS;
}

/* A session of its own and no standard streams of ours, so that nothing of ours can end it. */
static bool start_bridge(struct supervisor *supervisor)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_ptr_array_add(argv, supervisor->program);
    g_ptr_array_add(argv, (char *)"--socket");
    g_ptr_array_add(argv, supervisor->socket_path);
    for (char **each = supervisor->arguments; each != NULL && *each != NULL; each++)
        g_ptr_array_add(argv, *each);
    g_ptr_array_add(argv, NULL);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, supervisor->log_path, O_WRONLY | O_CREAT | O_APPEND,
                                     0600);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attributes, &none);
    int fault = posix_spawn(&supervisor->child, supervisor->program, &files, &attributes,
                            (char **)argv->pdata, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (fault != 0) {
        log_error("the bridge %s cannot be started: %s", supervisor->program, g_strerror(fault));
        supervisor->child = 0;
        return false;
    }
    supervisor->started_us = g_get_monotonic_time();
    supervisor->child_watch = g_child_watch_add(supervisor->child, on_child_exit, supervisor);
    log_info("started the bridge, process %d", (int)supervisor->child);
    return true;
}

static gboolean on_timer(gpointer data)
{
    struct supervisor *supervisor = data;
    supervisor->timer = 0;
    int fd = try_connect(supervisor->socket_path);
    if (fd >= 0) {
        supervisor->handlers.connected(fd, supervisor->arg);
    } else if (supervisor->child != 0) {
        schedule(supervisor, CONNECT_INTERVAL_MS);
    } else {
        bool is_started = start_bridge(supervisor);
        schedule(supervisor, is_started ? CONNECT_INTERVAL_MS : supervisor->delay_ms);
        supervisor->delay_ms = MIN(supervisor->delay_ms * 2, LAST_DELAY_MS);
    }
    return G_SOURCE_REMOVE;
}

static void schedule(struct supervisor *supervisor, unsigned ms)
{
    if (supervisor->timer == 0)
        supervisor->timer = g_timeout_add(ms, on_timer, supervisor);
}

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
    g_free(supervisor->socket_path);
    g_free(supervisor->log_path);
    g_free(supervisor->program);
    g_strfreev(supervisor->arguments);
    g_free(supervisor);
}

/* A child that still runs is given the time to end; one that will not is left to answer again. */
void supervisor_reconnect(struct supervisor *supervisor)
{
    schedule(supervisor, supervisor->delay_ms);
}
