/* The room's microphone and speaker, by GStreamer, with echo cancellation, noise suppression and
 * gain control between the two (client/room/cleaner.h).
 *
 * A device that is pulled out gives way to another, or silence if there is none; when it is plugged
 * in again it is taken again. A device that fails and a sound server that goes down are tried again
 * every two seconds, later every ten, for ever.
 *
 * Thread: main, default GMainContext; the samples go their own ways and never wait for it.
 * Memory: belongs to its maker; devices_free() before the line is freed. */
#pragma once

#include "client/room/cleaner.h"
#include "client/room/line.h"

#include <glib.h>

struct devices;

struct devices_options {
    /* Names or parts of names, as device_list_find() takes them; NULL: the system's own choice.
     * Input "test" is a tone of 440 Hz, output "none" throws the sound away. */
    const char *input, *output;
    struct cleaner_options cleaner;
    bool is_english; /* of the news */
};

/* A name that no device has now is waited for; one that several have is an error that names them.
 * `options` is copied. */
struct devices *devices_new(const struct devices_options *options, struct line *line,
                            GError **error);
void devices_free(struct devices *devices);

/* A muted microphone's samples go nowhere. */
void devices_mute(struct devices *devices, bool mutes);
bool devices_is_muted(const struct devices *devices);

/* Takes effect after a moment's silence. Without GStreamer's elements nothing is ever cleaned. */
void devices_set_cleaner(struct devices *devices, const struct cleaner_options *cleaner);
void devices_get_cleaner(const struct devices *devices, struct cleaner_options *cleaner);

/* What was said and heard last, in dBov. */
int devices_input_level(const struct devices *devices);
int devices_output_level(const struct devices *devices);

/* How long after it is handed to the speaker sound is heard, as far as the device tells. */
int64_t devices_output_delay_us(const struct devices *devices);

/* The names of those in use; NULL: none, it is waited for one. */
const char *devices_input_name(const struct devices *devices);
const char *devices_output_name(const struct devices *devices);

/* What has happened to the devices since the last call, for a person; g_free(). NULL: nothing. */
char *devices_take_news(struct devices *devices);
