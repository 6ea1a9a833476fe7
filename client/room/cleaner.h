/* What makes a room's microphone fit for a hall full of loudspeakers: echo cancellation, noise
 * suppression, gain control (WebRTC's, by gstreamer1.0-plugins-bad), as parts of a GStreamer
 * pipeline.
 *
 * Thread: any; no state. */
#pragma once

#include <stdbool.h>

#define CLEANER_CAPS "audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved"

struct cleaner_options {
    bool cancels_echo, suppresses_noise, controls_gain;
};

/* Whether GStreamer has the elements. gst_init() has been called. */
bool cleaner_is_available(void);

/* For gst_parse_bin_from_description(); g_free(). `probe` names the element by which the
 * microphone's part knows what the speaker plays: one name in a process for each pair. Sound comes
 * in as the device has it (the speaker's: CLEANER_CAPS) and goes out as CLEANER_CAPS (the
 * speaker's: as the device wants it). */
char *cleaner_describe_microphone(const struct cleaner_options *options, const char *probe);
char *cleaner_describe_speaker(const struct cleaner_options *options, const char *probe);
