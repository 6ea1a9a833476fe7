/* The room's microphone and speaker, by GStreamer.
 *
 * Thread: main; the samples go through the line's microphone and a ring of the speaker's.
 * Memory: belongs to its maker; devices_free() before the line is freed. */
#pragma once

#include "client/room/line.h"

#include <glib.h>

struct devices;

/* `input`, `output`: names as devices_list() shows them; NULL: the system's own choice. "test" is a
 * tone instead of a microphone, "none" throws the sound away. NULL with an error that names the
 * device. */
struct devices *devices_new(const char *input, const char *output, struct line *line,
                            GError **error);
void devices_free(struct devices *devices);

/* What was said and heard last, in dBov. */
int devices_input_level(const struct devices *devices);
int devices_output_level(const struct devices *devices);

/* An error that a device has had since the last call; g_free(). NULL: none. */
char *devices_take_fault(struct devices *devices);

/* Prints microphones and speakers, one a line. */
bool devices_list(GError **error);
