/* What makes a room's microphone fit for a hall full of loudspeakers: echo cancellation, noise
 * suppression, gain control (WebRTC's, by gstreamer1.0-plugins-bad), as parts of a GStreamer
 * pipeline.
 *
 * Thread: any; no state. */
#pragma once

#include <gst/gst.h>
#include <stdbool.h>

#define CLEANER_CAPS "audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved"

struct cleaner_options {
    bool cancels_echo, suppresses_noise, controls_gain;
    /* How long the echo takes beyond what the sound card's buffers explain. The canceller finds
     * what comes from there up to 40 ms later: 12 m of air, or most sound cards' secrets. */
    int echo_delay_ms;
};

#define CLEANER_DELAY_MAX_MS 500

/* Whether GStreamer has the elements. gst_init() has been called. */
bool cleaner_is_available(void);

/* For gst_parse_bin_from_description(); g_free(). `probe` names the element by which the
 * microphone's part knows what the speaker plays: one name in a process for each pair. Sound comes
 * in as the device has it (the speaker's: CLEANER_CAPS) and goes out as CLEANER_CAPS (the
 * speaker's: as the device wants it). */
char *cleaner_describe_microphone(const struct cleaner_options *options, const char *probe);
char *cleaner_describe_speaker(const struct cleaner_options *options, const char *probe);
/* Of the bin that was made of the speaker's part. */
void cleaner_delay_echo(GstElement *speaker, const char *probe, int milliseconds);
