#include "client/room/cleaner.h"

/* WebRTC's filter spans 48 ms from where it is told to begin: beyond what GStreamer knows of the
 * sound card's own buffers. */
#define ECHO "echo-cancel=true echo-suppression-level=high"

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
        return g_strdup("audioconvert ! audioresample");
    g_autofree char *echo = options->cancels_echo ? g_strdup_printf(ECHO " probe=%s", probe)
                                                  : g_strdup("echo-cancel=false");
    return g_strdup_printf("audioconvert ! audioresample ! " CLEANER_CAPS " ! webrtcdsp %s "
                           "noise-suppression=%s gain-control=%s limiter=%s high-pass-filter=true "
                           "! audioconvert",
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

/* The probe takes what is played for played so much later; behind it the time is right again. */
void cleaner_delay_echo(GstElement *speaker, const char *probe, int milliseconds)
{
    GstElement *element = gst_bin_get_by_name(GST_BIN(speaker), probe);
    if (element == NULL)
        return;
    GstPad *in = gst_element_get_static_pad(element, "sink");
    GstPad *out = gst_element_get_static_pad(element, "src");
    gst_pad_set_offset(in, milliseconds * (gint64)GST_MSECOND);
    gst_pad_set_offset(out, -milliseconds * (gint64)GST_MSECOND);
    gst_object_unref(in);
    gst_object_unref(out);
    gst_object_unref(element);
}
