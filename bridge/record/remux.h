/* Copies a recorded file into one with an index, a duration and chapters; not encoded again.
 *
 * Thread: any; blocking. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

struct remux_about {
    const char *title;      /* NULL: none */
    const char *started;    /* RFC 3339; NULL: not known */
    const json_t *chapters; /* [{title, start_us, end_us}]; NULL: none */
    const char *picture;    /* a file whose pictures go beside the sound; NULL: none */
};

/* Replaces the file, whole or not at all. G_IO_ERROR_INVALID_DATA: the file cannot be read as a
 * recording, and trying again will not help. */
bool record_remux(const char *path, const struct remux_about *about, GError **error);
