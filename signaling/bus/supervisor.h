/* Keeps one bridge running beside signaling and a connection to it open.
 *
 * The bridge is started in a session of its own, so that it outlives signaling, however that ends;
 * what it logs is appended to `<data>/bridge.log`. One that is already there for the data directory
 * is taken over. One that dies is started again at once if it had lived for a while; one that keeps
 * dying after 100 ms, doubling to 5 s. One that was started and does not listen within 10 s is
 * killed.
 *
 * Thread: the default GMainContext's. */
#pragma once

#include <stdbool.h>

struct supervisor;

struct supervisor_handlers {
    /* A connected socket, the callee's. */
    void (*connected)(int fd, void *arg);
};

struct supervisor *supervisor_new(const char *data_dir, const char *program,
                                  const char *const *arguments,
                                  const struct supervisor_handlers *handlers, void *arg);
/* Leaves the bridge to itself. */
void supervisor_free(struct supervisor *supervisor);

/* The connection has ended: see to another. `was_good`: it was of use. */
void supervisor_reconnect(struct supervisor *supervisor, bool was_good);

/* Ends a bridge that hangs; the connection ends with it. */
void supervisor_kill(struct supervisor *supervisor);

/* Waits until the bridge has ended: for `seconds` by itself, or, with `seconds` 0 or when they are
 * over, by SIGTERM, and by SIGKILL if that does not end it within as long again as is sensible.
 * Blocks. Nothing is started afterwards. */
void supervisor_end(struct supervisor *supervisor, unsigned seconds);
