/* Lines of JSON on standard output, each flushed: what a headless room says to whoever drives it.
 *
 * Thread: main. */
#pragma once

#include <jansson.h>

/* {"type": type, …body}; `body` is stolen, and may be NULL. */
void output_line(const char *type, json_t *body);
