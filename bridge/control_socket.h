/* A listening Unix socket that one process at a time holds.
 *
 * Thread: the default GMainContext's. */
#pragma once

#include <glib.h>

struct control_socket;

/* Calls `connected` with each connection, a descriptor that is then the callee's. The lock
 * `<path>.lock` is held as long as the process lives. */
struct control_socket *control_socket_new(const char *path, void (*connected)(int fd, void *arg),
                                          void *arg, GError **error);
void control_socket_free(struct control_socket *socket);
