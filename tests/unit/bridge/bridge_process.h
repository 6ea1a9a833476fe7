/* The bridge program itself, run in a folder of its own, and a control connection to it.
 *
 * Thread: the test's, on the default GMainContext. */
#pragma once

#include "common/wire.h"

#include <stdbool.h>
#include <sys/types.h>

struct bridge_process {
    char *directory, *socket_path;
    pid_t pid;
    struct wire *wire; /* NULL once the bridge has closed it */
    /* Notifications, if the test wants them; `params` is borrowed. */
    void (*notified)(const char *method, const json_t *params, void *arg);
    void *arg;
};

/* Makes the folder, starts, connects. */
void bridge_open(struct bridge_process *bridge);
/* SIGTERM; the end must be a clean one (a sanitizer's finding is not). Removes the folder. */
void bridge_close(struct bridge_process *bridge);

/* The steps of the two. `log_fd` is the program's standard error; -1: the test's. */
void bridge_prepare(struct bridge_process *bridge);
void bridge_start(struct bridge_process *bridge, int log_fd);
void bridge_connect(struct bridge_process *bridge);
void bridge_disconnect(struct bridge_process *bridge);
void bridge_kill(struct bridge_process *bridge); /* -9 */
int bridge_await_exit(struct bridge_process *bridge);
void bridge_remove(struct bridge_process *bridge);
/* A connected socket without a wire. */
int bridge_socket(const struct bridge_process *bridge);

/* Calls and waits. `params` is stolen. The result (the caller's); it must not be refused. */
json_t *bridge_call(struct bridge_process *bridge, const char *method, json_t *params);
/* The same for what answers {}. */
void bridge_do(struct bridge_process *bridge, const char *method, json_t *params);
/* It must be refused with the code; the message (the caller's, g_free()). */
char *bridge_refusal(struct bridge_process *bridge, const char *method, json_t *params, int code);

#define BRIDGE_INVALID -32602
