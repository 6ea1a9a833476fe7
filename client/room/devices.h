/* The room's microphone and speaker, by GStreamer, with echo cancellation between the two where
 * GStreamer has it (gstreamer1.0-plugins-bad's webrtcdsp).
 *
 * A device that fails (a plug that was pulled, a sound server that went down) is tried again every
 * two seconds.
 *
 * Thread: main, default GMainContext; the samples go their own ways and never wait for it.
 * Memory: belongs to its maker; devices_free() before the line is freed. */
#pragma once

#include "client/room/line.h"
#include "client/room/options.h"

#include <glib.h>

struct devices;

/* options->input, options->output: names as devices_list() shows them; NULL: the system's own
 * choice. "test" is a tone of 440 Hz instead of a microphone, "none" throws the sound away. NULL
 * with an error that names the device. */
struct devices *devices_new(const struct options *options, struct line *line, GError **error);
void devices_free(struct devices *devices);

/* A muted microphone's samples go nowhere. */
void devices_mute(struct devices *devices, bool mutes);
bool devices_is_muted(const struct devices *devices);

/* What was said and heard last, in dBov. */
int devices_input_level(const struct devices *devices);
int devices_output_level(const struct devices *devices);

/* An error that a device has had since the last call; g_free(). NULL: none. */
char *devices_take_fault(struct devices *devices);

/* Prints microphones and speakers, one a line. */
bool devices_list(const struct options *options, GError **error);
