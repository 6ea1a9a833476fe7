/* A line test from its start to the result that the server keeps (docs/protocol.md, "The line
 * test"): the room hears itself, the line is measured, and a verdict is found.
 *
 * Thread: main. */
#pragma once

#include "client/room/line_check.h"
#include "client/room/session.h"

struct tester;

struct tester_config {
    struct session *session; /* that is greeted and has sound */
    unsigned kbps;           /* the most load, the server's own limit aside */
    unsigned listen_seconds; /* the room goes on hearing itself after the measuring */
    /* Where the microphone is: whether it has been silent all the time is looked at. NULL: no. */
    int (*input_level)(void *arg);
    /* Once: what was found (the tester's own), or why there is nothing (for a person). The tester
     * is over then, and may be freed in it. */
    void (*done)(const struct line_findings *findings, const char *why, void *arg);
    void *arg;
};

/* NULL when there is no sound to be tested now. */
struct tester *tester_new(const struct tester_config *config);
/* Ends the test if it runs; `done` is not called. */
void tester_free(struct tester *tester);
/* line.ended, from the session's notifications. */
void tester_take_ended(struct tester *tester, const char *reason);

/* A line each, for a person: the verdict, the figures, what to do; NULL-ended, g_strfreev(). */
char **tester_describe(const struct line_findings *findings, bool is_english);
