#include "tests/unit/bridge/bridge_process.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *program(void)
{
    const char *path = g_getenv("NHIPCAU_BRIDGE_PROGRAM");
    g_assert_nonnull(path);
    return path;
}

void bridge_prepare(struct bridge_process *bridge)
{
    g_autoptr(GError) error = NULL;
    memset(bridge, 0, sizeof *bridge);
    bridge->directory = g_dir_make_tmp("bridge-XXXXXX", &error);
    g_assert_no_error(error);
    bridge->socket_path = g_build_filename(bridge->directory, "bridge.sock", NULL);
}

/* It dies with a test that fails. The bitrate makes the codec's noise small beside what is judged:
 * test_sound.c. */
void bridge_start(struct bridge_process *bridge, int log_fd)
{
    const char *argv[] = {program(), "--socket", bridge->socket_path, "--shards", "2", "--bitrate",
                          "96000",   NULL};
    bridge->pid = fork();
    g_assert_cmpint(bridge->pid, >=, 0);
    if (bridge->pid > 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (log_fd >= 0)
        dup2(log_fd, STDERR_FILENO);
    /* GStreamer's many names make GLib's table of them grow in a constructor, which only the slow
     * unwinder sees, and only so lsan.supp applies. */
    const char *given = getenv("ASAN_OPTIONS");
    g_autofree char *options =
        g_strconcat(given != NULL ? given : "", ":fast_unwind_on_malloc=0", NULL);
    setenv("ASAN_OPTIONS", options, 1);
    execv(argv[0], (char *const *)argv);
    _exit(127);
}

int bridge_socket(const struct bridge_process *bridge)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(fd, >=, 0);
    g_strlcpy(address.sun_path, bridge->socket_path, sizeof address.sun_path);
    /* There is nothing else to wait on before it listens. */
    while (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        g_assert_cmpint(waitpid(bridge->pid, NULL, WNOHANG), ==, 0);
        g_usleep(5000);
    }
    return fd;
}

static void on_call(struct wire *wire, const char *method, json_t *params,
                    struct wire_request *request, void *arg)
{
    struct bridge_process *bridge = arg;
    (void)wire;
    g_assert_null(request);
    if (bridge->notified != NULL)
        bridge->notified(method, params, bridge->arg);
}

static void on_closed(struct wire *wire, const char *why, void *arg)
{
    struct bridge_process *bridge = arg;
    (void)why;
    wire_free(wire);
    bridge->wire = NULL;
}

void bridge_connect(struct bridge_process *bridge)
{
    static const struct wire_handlers handlers = {on_call, on_closed};
    g_assert_null(bridge->wire);
    bridge->wire = wire_new(bridge_socket(bridge), NULL, &handlers, bridge);
}

void bridge_disconnect(struct bridge_process *bridge)
{
    wire_free(bridge->wire);
    bridge->wire = NULL;
}

void bridge_open(struct bridge_process *bridge)
{
    bridge_prepare(bridge);
    bridge_start(bridge, -1);
    bridge_connect(bridge);
}

int bridge_await_exit(struct bridge_process *bridge)
{
    int status;
    g_assert_cmpint(waitpid(bridge->pid, &status, 0), ==, bridge->pid);
    bridge->pid = 0;
    return status;
}

void bridge_kill(struct bridge_process *bridge)
{
    kill(bridge->pid, SIGKILL);
    bridge_await_exit(bridge);
    bridge_disconnect(bridge);
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

void bridge_remove(struct bridge_process *bridge)
{
    remove_below(bridge->directory);
    g_free(bridge->directory);
    g_free(bridge->socket_path);
}

void bridge_close(struct bridge_process *bridge)
{
    bridge_disconnect(bridge);
    kill(bridge->pid, SIGTERM);
    g_assert_cmpint(bridge_await_exit(bridge), ==, 0);
    bridge_remove(bridge);
}

/* ---- calls ---- */

struct answer {
    json_t *result, *error;
    bool is_here;
};

static void on_answer(json_t *result, json_t *error, void *arg)
{
    struct answer *answer = arg;
    answer->result = json_incref(result);
    answer->error = json_incref(error);
    answer->is_here = true;
}

static struct answer await_answer(struct bridge_process *bridge, const char *method, json_t *params)
{
    struct answer answer = {0};
    wire_call(bridge->wire, method, params, on_answer, &answer);
    while (!answer.is_here)
        g_main_context_iteration(NULL, TRUE);
    return answer;
}

json_t *bridge_call(struct bridge_process *bridge, const char *method, json_t *params)
{
    struct answer answer = await_answer(bridge, method, params);
    if (answer.error != NULL)
        g_error("%s: %s", method, json_string_value(json_object_get(answer.error, "message")));
    return answer.result;
}

void bridge_do(struct bridge_process *bridge, const char *method, json_t *params)
{
    json_t *result = bridge_call(bridge, method, params);
    g_assert_cmpuint(json_object_size(result), ==, 0);
    json_decref(result);
}

char *bridge_refusal(struct bridge_process *bridge, const char *method, json_t *params, int code)
{
    struct answer answer = await_answer(bridge, method, params);
    g_assert_nonnull(answer.error);
    g_assert_cmpint(json_integer_value(json_object_get(answer.error, "code")), ==, code);
    char *message = g_strdup(json_string_value(json_object_get(answer.error, "message")));
    json_decref(answer.error);
    return message;
}
