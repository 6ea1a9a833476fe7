/* A join link, https://host[:port]/j/<key>, taken apart.
 *
 * Thread: any. */
#pragma once

#include <glib.h>
#include <stdbool.h>

struct link {
    char *base; /* "https://host:port" */
    char *key;
};

/* False with an error that says what a link looks like. Clear what was parsed. */
bool link_parse(const char *text, struct link *link, GError **error);
void link_clear(struct link *link);

/* The links of a file, one a line; blank lines and those that begin with '#' are passed over. A
 * NULL-ended list for g_strfreev(); NULL with an error that names the line. */
char **link_read_file(const char *path, GError **error);
