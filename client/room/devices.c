#include "client/room/devices.h"

#include "bridge/audio/level.h"
#include "client/room/microphone.h"
#include "client/room/texts.h"

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
#define RETRY_SECONDS 2
#define SPEAKER_MOST  (100 * GST_MSECOND) /* that waits for a speaker; the oldest goes */

#define TEST_INPUT  "test"
#define NONE_OUTPUT "none"

/* Echo, noise and level: the microphone's way knows by the probe what the speaker plays. */
#define CLEAN " ! webrtcdsp probe=speaker ! "
#define PROBE " ! webrtcechoprobe name=speaker ! audioconvert ! audioresample"

struct devices {
    GstElement *pipeline, *source, *sink; /* sink: from the microphone; source: to the speaker */
    struct line *line;
    struct microphone *microphone; /* the line's */
    char *fault;                   /* not taken yet */
    guint watch, retry_timer;
    /* The microphone's thread. */
    int16_t frame[FRAME_SAMPLES];
    size_t filled; /* bytes of `frame` */
    atomic_bool is_muted;
    atomic_int input_level, output_level;
};

/* ---- samples ---- */

static void take_frame(struct devices *devices)
{
    bool is_muted = atomic_load(&devices->is_muted);
    atomic_store(&devices->input_level,
                 is_muted ? LEVEL_SILENCE_DBOV : level_dbov(devices->frame, FRAME_SAMPLES));
    if (!is_muted)
        microphone_push(devices->microphone, devices->frame);
}

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
        take_frame(devices);
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

/* The media thread, every 20 ms. */
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

static GstElement *make(const char *factory, GError **error)
{
    GstElement *element = gst_element_factory_make(factory, NULL);
    if (element == NULL)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                    "GStreamer has no %s: install gstreamer1.0-plugins-base and -good", factory);
    return element;
}

static GstElement *make_input(const char *name, GError **error)
{
    if (name == NULL)
        return make("autoaudiosrc", error);
    if (strcmp(name, TEST_INPUT) != 0)
        return element_by_name("Audio/Source", name, error);
    GstElement *element = make("audiotestsrc", error);
    if (element != NULL)
        g_object_set(element, "is-live", TRUE, "volume", 0.1, NULL);
    return element;
}

static GstElement *make_output(const char *name, GError **error)
{
    if (name == NULL)
        return make("autoaudiosink", error);
    if (strcmp(name, NONE_OUTPUT) != 0)
        return element_by_name("Audio/Sink", name, error);
    GstElement *element = make("fakesink", error);
    if (element != NULL)
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

bool devices_list(const struct options *options, GError **error)
{
    if (!gst_init_check(NULL, NULL, error))
        return false;
    print_devices(texts_say(options->is_english, "Microphones (--input)"), "Audio/Source");
    print_devices(texts_say(options->is_english, "Speakers (--output)"), "Audio/Sink");
    return true;
}

/* ---- the pipeline ---- */

/* first ! middle ! last; the ends are the pipeline's from here on. */
static bool add_chain(GstElement *pipeline, GstElement *first, const char *middle, GstElement *last,
                      GError **error)
{
    gst_bin_add_many(GST_BIN(pipeline), first, last, NULL);
    GstElement *bin = gst_parse_bin_from_description(middle, TRUE, error);
    if (bin == NULL)
        return false;
    gst_bin_add(GST_BIN(pipeline), bin);
    if (gst_element_link_many(first, bin, last, NULL))
        return true;
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "the sound device cannot be connected");
    return false;
}

static bool has_factory(const char *name)
{
    g_autoptr(GstElementFactory) factory = gst_element_factory_find(name);
    return factory != NULL;
}

static bool cancels_echo(const struct options *options)
{
    return g_strcmp0(options->input, TEST_INPUT) != 0 &&
           g_strcmp0(options->output, NONE_OUTPUT) != 0 && has_factory("webrtcdsp") &&
           has_factory("webrtcechoprobe");
}

static bool build(struct devices *devices, const struct options *options, GError **error)
{
    bool cancels = cancels_echo(options);
    GstElement *speaker, *microphone = make_input(options->input, error);
    if (microphone == NULL)
        return false;
    if (!add_chain(devices->pipeline, microphone,
                   cancels ? "audioconvert ! audioresample ! " CAPS CLEAN "audioconvert"
                           : "audioconvert ! audioresample",
                   devices->sink, error))
        return false;
    speaker = make_output(options->output, error);
    return speaker != NULL &&
           add_chain(devices->pipeline, devices->source,
                     cancels ? "audioconvert" PROBE : "audioconvert ! audioresample", speaker,
                     error);
}

static void set_up_apps(struct devices *devices)
{
    g_autoptr(GstCaps) caps = gst_caps_from_string(CAPS);
    GstAppSinkCallbacks callbacks = {.new_sample = on_sample};
    g_object_set(devices->sink, "caps", caps, "sync", FALSE, "max-buffers", 8, "drop", TRUE, NULL);
    gst_app_sink_set_callbacks(GST_APP_SINK(devices->sink), &callbacks, devices, NULL);
    g_object_set(devices->source, "caps", caps, "format", GST_FORMAT_TIME, "is-live", TRUE,
                 "do-timestamp", TRUE, "leaky-type", GST_APP_LEAKY_TYPE_DOWNSTREAM, "max-time",
                 (guint64)SPEAKER_MOST, NULL);
}

/* ---- faults ---- */

static gboolean on_retry(gpointer data)
{
    struct devices *devices = data;
    devices->retry_timer = 0;
    gst_element_set_state(devices->pipeline, GST_STATE_PLAYING);
    return G_SOURCE_REMOVE;
}

/* A warning is that there is no device at all, and silence in its place. */
static gboolean on_bus(GstBus *bus, GstMessage *message, gpointer data)
{
    struct devices *devices = data;
    g_autoptr(GError) error = NULL;
    (void)bus;
    if (devices->retry_timer != 0)
        return G_SOURCE_CONTINUE;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING)
        gst_message_parse_warning(message, &error, NULL);
    else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        gst_message_parse_error(message, &error, NULL);
    else
        return G_SOURCE_CONTINUE;
    g_free(devices->fault);
    devices->fault = g_strdup(error->message);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING)
        return G_SOURCE_CONTINUE;
    gst_element_set_state(devices->pipeline, GST_STATE_NULL);
    atomic_store(&devices->input_level, LEVEL_SILENCE_DBOV);
    devices->retry_timer = g_timeout_add_seconds(RETRY_SECONDS, on_retry, devices);
    return G_SOURCE_CONTINUE;
}

/* ---- life ---- */

struct devices *devices_new(const struct options *options, struct line *line, GError **error)
{
    if (!gst_init_check(NULL, NULL, error))
        return NULL;
    struct devices *devices = g_new0(struct devices, 1);
    devices->pipeline = gst_object_ref_sink(gst_pipeline_new("room"));
    devices->sink = gst_object_ref_sink(gst_element_factory_make("appsink", NULL));
    devices->source = gst_object_ref_sink(gst_element_factory_make("appsrc", NULL));
    atomic_init(&devices->is_muted, false);
    atomic_init(&devices->input_level, LEVEL_SILENCE_DBOV);
    atomic_init(&devices->output_level, LEVEL_SILENCE_DBOV);
    set_up_apps(devices);
    if (!build(devices, options, error)) {
        devices_free(devices);
        return NULL;
    }
    GstBus *bus = gst_element_get_bus(devices->pipeline);
    devices->watch = gst_bus_add_watch(bus, on_bus, devices);
    gst_object_unref(bus);
    devices->line = line;
    devices->microphone = line_use_devices(line, on_heard, devices);
    gst_element_set_state(devices->pipeline, GST_STATE_PLAYING);
    return devices;
}

void devices_free(struct devices *devices)
{
    if (devices == NULL)
        return;
    if (devices->line != NULL)
        line_drop_devices(devices->line);
    if (devices->watch != 0)
        g_source_remove(devices->watch);
    if (devices->retry_timer != 0)
        g_source_remove(devices->retry_timer);
    gst_element_set_state(devices->pipeline, GST_STATE_NULL);
    gst_object_unref(devices->pipeline);
    gst_object_unref(devices->sink);
    gst_object_unref(devices->source);
    g_free(devices->fault);
    g_free(devices);
}

void devices_mute(struct devices *devices, bool mutes)
{
    atomic_store(&devices->is_muted, mutes);
}

bool devices_is_muted(const struct devices *devices)
{
    return atomic_load(&devices->is_muted);
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
    return g_steal_pointer(&devices->fault);
}
