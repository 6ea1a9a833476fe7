/* The terminal of a room's screen: pictures of text out, keys in. Nothing here ever waits: a
 * terminal that does not take what it is shown (a stopped one, Ctrl-S, a line that hangs) misses
 * pictures, and is shown the newest once it takes again.
 *
 * Thread: main, default GMainContext. */
#pragma once

#include <stdbool.h>

struct terminal;

struct terminal_handlers {
    /* A key: a character of UTF-8, or one of "\n", "\b", "\033". */
    void (*key)(const char *key, void *arg);
    /* What the program has written to standard error, a line: it would spoil the picture. */
    void (*line)(const char *text, void *arg);
};

/* NULL when standard input and output are no terminal. */
struct terminal *terminal_open(const struct terminal_handlers *handlers, void *arg);
/* Leaves it as it was. Gives up what it does not take at once. */
void terminal_close(struct terminal *terminal);

void terminal_size(const struct terminal *terminal, unsigned *columns, unsigned *rows);
/* Rows are parted by "\n". */
void terminal_show(struct terminal *terminal, const char *picture);
void terminal_ring(struct terminal *terminal); /* with the next picture */
