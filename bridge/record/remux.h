/* Copies a recorded file into one with an index, a duration and chapters; not encoded again.
 *
 * Thread: any; blocking. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* `chapters`: [{title, start_us, end_us}]. Replaces the file, whole or not at all. */
bool record_remux(const char *path, const char *title, const json_t *chapters, GError **error);
