#include "client/room/cleaner.h"

#include <gst/gst.h>

/* The canceller of webrtc-audio-processing finds the delay between speaker and microphone by
 * itself; what GStreamer knows of a sound card's buffers is a guess. */
#define ECHO "echo-cancel=true delay-agnostic=true extended-filter=true echo-suppression-level=high"

static bool has_factory(const char *name)
{
    g_autoptr(GstElementFactory) factory = gst_element_factory_find(name);
    return factory != NULL;
}

bool cleaner_is_available(void)
{
    return has_factory("webrtcdsp") && has_factory("webrtcechoprobe");
}

static bool does_anything(const struct cleaner_options *options)
{
    return options->cancels_echo || options->suppresses_noise || options->controls_gain;
}

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

char *cleaner_describe_microphone(const struct cleaner_options *options, const char *probe)
{
    if (!does_anything(options))
        return g_strdup("audioconvert ! audioresample ! " CLEANER_CAPS);
    g_autofree char *echo = options->cancels_echo ? g_strdup_printf(ECHO " probe=%s", probe)
                                                  : g_strdup("echo-cancel=false");
    return g_strdup_printf("audioconvert ! audioresample ! " CLEANER_CAPS " ! webrtcdsp %s "
                           "noise-suppression=%s gain-control=%s limiter=%s high-pass-filter=true "
                           "! audioconvert ! " CLEANER_CAPS,
                           echo, truth(options->suppresses_noise), truth(options->controls_gain),
                           truth(options->controls_gain));
}

char *cleaner_describe_speaker(const struct cleaner_options *options, const char *probe)
{
    if (!options->cancels_echo)
        return g_strdup("audioconvert ! audioresample");
    return g_strdup_printf("audioconvert ! " CLEANER_CAPS " ! webrtcechoprobe name=%s "
                           "! audioconvert ! audioresample",
                           probe);
}
