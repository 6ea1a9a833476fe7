#include "client/room/devices.h"

#include "bridge/audio/level.h"
#include "client/room/microphone.h"

#include <gio/gio.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define FRAME_SAMPLES 960
#define FRAME_BYTES   (FRAME_SAMPLES * sizeof(int16_t))
#define CAPS          "audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved"

struct devices {
    GstElement *pipeline, *source, *sink; /* sink: from the microphone; source: to the speaker */
    struct line *line;
    struct microphone *microphone; /* the line's */
    /* The microphone's thread. */
    int16_t frame[FRAME_SAMPLES];
    size_t filled; /* bytes of `frame` */
    atomic_int input_level, output_level;
};

/* ---- samples ---- */

static void take_samples(struct devices *devices, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        size_t taken = MIN(size, FRAME_BYTES - devices->filled);
        memcpy((uint8_t *)devices->frame + devices->filled, bytes, taken);
        devices->filled += taken;
        bytes += taken;
        size -= taken;
        if (devices->filled < FRAME_BYTES)
            return;
        devices->filled = 0;
        atomic_store(&devices->input_level, level_dbov(devices->frame, FRAME_SAMPLES));
        microphone_push(devices->microphone, devices->frame);
    }
}

static GstFlowReturn on_sample(GstAppSink *sink, gpointer data)
{
    GstSample *sample = gst_app_sink_pull_sample(sink);
    GstMapInfo map;
    if (sample == NULL)
        return GST_FLOW_EOS;
    if (gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ)) {
        take_samples(data, map.data, map.size);
        gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
    }
    gst_sample_unref(sample);
    return GST_FLOW_OK;
}

/* The media thread, every 20 ms. The source drops what the speaker does not take in time. */
static void on_heard(const int16_t samples[FRAME_SAMPLES], void *arg)
{
    struct devices *devices = arg;
    GstBuffer *buffer = gst_buffer_new_memdup(samples, FRAME_BYTES);
    atomic_store(&devices->output_level, level_dbov(samples, FRAME_SAMPLES));
    gst_app_src_push_buffer(GST_APP_SRC(devices->source), buffer);
}

/* ---- devices by name ---- */

static GList *find_devices(const char *kind)
{
    GstDeviceMonitor *monitor = gst_device_monitor_new();
    gst_device_monitor_add_filter(monitor, kind, NULL);
    GList *found = gst_device_monitor_get_devices(monitor);
    gst_object_unref(monitor);
    return found;
}

static GstElement *element_by_name(const char *kind, const char *name, GError **error)
{
    GstElement *element = NULL;
    GList *found = find_devices(kind);
    for (GList *each = found; each != NULL && element == NULL; each = each->next) {
        g_autofree char *shown = gst_device_get_display_name(each->data);
        if (g_strcmp0(shown, name) == 0)
            element = gst_device_create_element(each->data, NULL);
    }
    g_list_free_full(found, gst_object_unref);
    if (element == NULL)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                    "there is no device \"%s\"; --list-devices shows those that there are", name);
    return element;
}

static GstElement *make_element(const char *kind, const char *name, const char *automatic,
                                GError **error)
{
    const char *factory = name == NULL                ? automatic
                          : strcmp(name, "test") == 0 ? "audiotestsrc"
                          : strcmp(name, "none") == 0 ? "fakesink"
                                                      : NULL;
    if (factory == NULL)
        return element_by_name(kind, name, error);
    GstElement *element = gst_element_factory_make(factory, NULL);
    if (element == NULL)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                    "GStreamer has no %s: install gstreamer1.0-plugins-good", factory);
    else if (strcmp(factory, "audiotestsrc") == 0)
        g_object_set(element, "is-live", TRUE, "volume", 0.1, NULL);
    else if (strcmp(factory, "fakesink") == 0)
        g_object_set(element, "sync", TRUE, NULL);
    return element;
}

static void print_devices(const char *title, const char *kind)
{
    GList *found = find_devices(kind);
    printf("%s\n", title);
    for (GList *each = found; each != NULL; each = each->next) {
        g_autofree char *name = gst_device_get_display_name(each->data);
        printf("  %s\n", name);
    }
    g_list_free_full(found, gst_object_unref);
}

bool devices_list(GError **error)
{
    if (!gst_init_check(NULL, NULL, error))
        return false;
    print_devices("Micrô (--input)", "Audio/Source");
    print_devices("Loa (--output)", "Audio/Sink");
    return true;
}

/* ---- the pipeline ---- */

static bool add_chain(GstElement *pipeline, GstElement *first, const char *middle, GstElement *last,
                      GError **error)
{
    GstElement *bin = gst_parse_bin_from_description(middle, TRUE, error);
    if (bin == NULL)
        return false;
    gst_bin_add_many(GST_BIN(pipeline), first, bin, last, NULL);
    if (gst_element_link_many(first, bin, last, NULL))
        return true;
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "the sound device cannot be connected");
    return false;
}

static void set_up_apps(struct devices *devices)
{
    g_autoptr(GstCaps) caps = gst_caps_from_string(CAPS);
    GstAppSinkCallbacks callbacks = {.new_sample = on_sample};
    g_object_set(devices->sink, "caps", caps, "sync", FALSE, "max-buffers", 8, "drop", TRUE, NULL);
    gst_app_sink_set_callbacks(GST_APP_SINK(devices->sink), &callbacks, devices, NULL);
    g_object_set(devices->source, "caps", caps, "format", GST_FORMAT_TIME, "is-live", TRUE,
                 "do-timestamp", TRUE, "leaky-type", GST_APP_LEAKY_TYPE_DOWNSTREAM, "max-time",
                 (guint64)100 * GST_MSECOND, NULL);
}

struct devices *devices_new(const char *input, const char *output, struct line *line,
                            GError **error)
{
    if (!gst_init_check(NULL, NULL, error))
        return NULL;
    GstElement *microphone = make_element("Audio/Source", input, "autoaudiosrc", error);
    GstElement *speaker =
        microphone != NULL ? make_element("Audio/Sink", output, "autoaudiosink", error) : NULL;
    if (speaker == NULL) {
        g_clear_object(&microphone);
        return NULL;
    }
    struct devices *devices = g_new0(struct devices, 1);
    devices->pipeline = gst_pipeline_new("room");
    devices->sink = gst_element_factory_make("appsink", NULL);
    devices->source = gst_element_factory_make("appsrc", NULL);
    atomic_init(&devices->input_level, LEVEL_SILENCE_DBOV);
    atomic_init(&devices->output_level, LEVEL_SILENCE_DBOV);
    set_up_apps(devices);
    if (!add_chain(devices->pipeline, microphone, "audioconvert ! audioresample", devices->sink,
                   error) ||
        !add_chain(devices->pipeline, devices->source, "audioconvert ! audioresample", speaker,
                   error)) {
        gst_object_unref(devices->pipeline);
        g_free(devices);
        return NULL;
    }
    devices->line = line;
    devices->microphone = line_use_devices(line, on_heard, devices);
    gst_element_set_state(devices->pipeline, GST_STATE_PLAYING);
    return devices;
}

void devices_free(struct devices *devices)
{
    if (devices == NULL)
        return;
    line_drop_devices(devices->line);
    gst_element_set_state(devices->pipeline, GST_STATE_NULL);
    gst_object_unref(devices->pipeline);
    g_free(devices);
}

int devices_input_level(const struct devices *devices)
{
    return atomic_load(&devices->input_level);
}

int devices_output_level(const struct devices *devices)
{
    return atomic_load(&devices->output_level);
}

char *devices_take_fault(struct devices *devices)
{
    char *text = NULL;
    GstBus *bus = gst_element_get_bus(devices->pipeline);
    GstMessage *message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
    if (message != NULL) {
        g_autoptr(GError) error = NULL;
        gst_message_parse_error(message, &error, NULL);
        text = g_strdup(error->message);
        gst_message_unref(message);
    }
    gst_object_unref(bus);
    return text;
}
