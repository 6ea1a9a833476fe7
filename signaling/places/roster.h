/* Reading what a meeting is made of from a file: JSON as meeting.create takes it, or a CSV roster
 * with the columns id, name, role, code, group, people. Faults name file, line and column.
 *
 * Thread: any. */
#pragma once

#include "signaling/places/places.h"

#include <jansson.h>

/* The params of meeting.create, or of a roster only {sites}. By the file's ending; NULL with
 * `error`. `places` (may be NULL) gives a row without an id its code and slug by its name. */
json_t *roster_read(const char *path, const struct places *places, GError **error);
/* The same of a CSV's text. */
json_t *roster_read_csv(const char *name, const char *text, size_t size,
                        const struct places *places, GError **error);
/* A ready list as sites: [{id, name, code?, group}]. NULL with `error` for an unknown list. */
json_t *roster_of_group(const struct places *places, const char *group, GError **error);
