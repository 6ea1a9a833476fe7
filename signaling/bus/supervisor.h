/* Keeps one bridge running beside signaling and a connection to it open.
 *
 * The bridge is started in a session of its own, so that it outlives signaling, however that ends;
 * its log goes to `<data>/bridge.log`. One that is already there for the data directory is taken
 * over. One that dies is started again, after 100 ms, doubling to 5 s while it keeps dying.
 *
 * Thread: the default GMainContext's. */
#pragma once

#include "common/wire.h"

#include <stdbool.h>

struct supervisor;

struct supervisor_handlers {
    /* A connected socket, the callee's. */
    void (*connected)(int fd, void *arg);
};

struct supervisor *supervisor_new(const char *data_dir, const char *program,
                                  const char *const *arguments,
                                  const struct supervisor_handlers *handlers, void *arg);
void supervisor_free(struct supervisor *supervisor);

/* The connection has ended: see to another. */
void supervisor_reconnect(struct supervisor *supervisor);
