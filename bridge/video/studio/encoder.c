#include "bridge/video/studio/encoder.h"

#include "common/clock.h"
#include "common/log.h"

#include <gio/gio.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#define QUEUE_PICTURES 2 /* that wait to be encoded */

struct video_encoder {
    char *name;
    enum coded_codec codec;
    unsigned width, height;
    void (*output)(struct coded_frame *frame, void *arg);
    void *arg;
    GstElement *pipeline;
    GstAppSrc *input;
    GstPad *way_back;    /* the sink's pad: where requests for key frames go upstream */
    int64_t last_key_us; /* the pushing thread's: when one was asked of the element */
    atomic_bool wants_key, has_failed;
    atomic_uint_fast64_t frames, keys, bytes, dropped;
};

/* How an element is told what all of them understand. One thread each: several encoders run beside
 * each other, and more threads in one cost more than they bring. */
struct element {
    enum coded_codec codec;
    const char *name;
    unsigned bits_per_unit; /* of its bitrate property */
    const char *bitrate, *key_distance, *settings;
    const char *skipping; /* set when pictures may be left out to keep to the bitrate; NULL: it
                             never does */
};

static const struct element elements[] = {
    {CODED_VP8, "vp8enc", 1, "target-bitrate", "keyframe-max-dist",
     "deadline=1 cpu-used=-8 threads=1 lag-in-frames=0 end-usage=cbr error-resilient=default "
     "buffer-size=600 buffer-initial-size=300 buffer-optimal-size=400 undershoot=95 "
     "max-intra-bitrate=600 min-quantizer=4 max-quantizer=63 static-threshold=100",
     "dropframe-threshold=30"},
    {CODED_H264, "openh264enc", 1, "bitrate", "gop-size",
     "complexity=low usage-type=camera rate-control=bitrate multi-thread=1 slice-mode=n-slices "
     "num-slices=1",
     "enable-frame-skip=true"},
    {CODED_H264, "x264enc", 1000, "bitrate", "key-int-max",
     "tune=zerolatency speed-preset=superfast threads=1 sliced-threads=false bframes=0 "
     "byte-stream=true aud=false",
     NULL},
    {CODED_H264, "vah264enc", 1000, "bitrate", "key-int-max",
     "rate-control=cbr b-frames=0 ref-frames=1 aud=false", NULL},
    {CODED_H264, "v4l2h264enc", 0, NULL, NULL, "", NULL},
};

static const struct element *find_element(enum coded_codec codec, const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(elements); i++) {
        if (elements[i].codec == codec &&
            (name == NULL || name[0] == '\0' || g_str_equal(elements[i].name, name)))
            return &elements[i];
    }
    return NULL;
}

bool video_encoder_is_known(enum coded_codec codec, const char *element)
{
    return find_element(codec, element) != NULL;
}

/* ---- what comes out: GStreamer's thread ---- */

static GstFlowReturn on_sample(GstAppSink *sink, gpointer data)
{
    struct video_encoder *encoder = data;
    GstMapInfo map;
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    GstBuffer *buffer = sample != NULL ? gst_sample_get_buffer(sample) : NULL;
    if (buffer == NULL || !gst_buffer_map(buffer, &map, GST_MAP_READ))
        return GST_FLOW_OK;
    struct coded_frame *frame = coded_frame_new_from(encoder->codec, map.data, map.size);
    gst_buffer_unmap(buffer, &map);
    if (frame == NULL)
        return GST_FLOW_OK;
    frame->width = (uint16_t)encoder->width;
    frame->height = (uint16_t)encoder->height;
    frame->capture_us = (int64_t)(GST_BUFFER_PTS(buffer) / GST_USECOND);
    frame->timestamp = coded_timestamp(frame->capture_us);
    atomic_fetch_add_explicit(&encoder->frames, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&encoder->keys, frame->is_key, memory_order_relaxed);
    atomic_fetch_add_explicit(&encoder->bytes, frame->size, memory_order_relaxed);
    encoder->output(frame, encoder->arg);
    return GST_FLOW_OK;
}

static GstBusSyncReply on_message(GstBus *bus, GstMessage *message, gpointer data)
{
    struct video_encoder *encoder = data;
    (void)bus;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR &&
        !atomic_exchange(&encoder->has_failed, true)) {
        g_autoptr(GError) error = NULL;
        gst_message_parse_error(message, &error, NULL);
        log_error("encoder %s failed: %s", encoder->name, error->message);
    }
    gst_message_unref(message);
    return GST_BUS_DROP;
}

/* ---- what goes in ---- */

static void give_back(gpointer data)
{
    picture_unref(data);
}

/* The planes as they lie, not copied. */
static GstBuffer *wrap(const struct video_encoder *encoder, struct picture *picture)
{
    GstBuffer *buffer = gst_buffer_new();
    gsize offsets[GST_VIDEO_MAX_PLANES] = {0}, at = 0;
    gint strides[GST_VIDEO_MAX_PLANES] = {0};
    for (unsigned i = 0; i < PICTURE_PLANES; i++) {
        unsigned lines = i == PICTURE_Y ? encoder->height : (encoder->height + 1) / 2;
        gsize size = (gsize)picture->strides[i] * lines;
        gst_buffer_append_memory(buffer, gst_memory_new_wrapped(GST_MEMORY_FLAG_READONLY,
                                                                picture->planes[i], size, 0, size,
                                                                picture_ref(picture), give_back));
        offsets[i] = at;
        strides[i] = picture->strides[i];
        at += size;
    }
    gst_buffer_add_video_meta_full(buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_I420,
                                   encoder->width, encoder->height, PICTURE_PLANES, offsets,
                                   strides);
    return buffer;
}

static void follow_key_wish(struct video_encoder *encoder, int64_t capture_us)
{
    int64_t now_us = clock_monotonic_us();
    if (now_us - encoder->last_key_us < ENCODER_KEY_PAUSE_US ||
        !atomic_exchange_explicit(&encoder->wants_key, false, memory_order_acq_rel))
        return;
    encoder->last_key_us = now_us;
    gst_pad_push_event(encoder->way_back, gst_video_event_new_upstream_force_key_unit(
                                              (GstClockTime)capture_us * GST_USECOND, TRUE, 0));
}

bool video_encoder_push(struct video_encoder *encoder, struct picture *picture, int64_t capture_us)
{
    g_assert(picture->width == encoder->width && picture->height == encoder->height);
    if (gst_app_src_get_current_level_buffers(encoder->input) >= QUEUE_PICTURES) {
        atomic_fetch_add_explicit(&encoder->dropped, 1, memory_order_relaxed);
        return false;
    }
    follow_key_wish(encoder, capture_us);
    GstBuffer *buffer = wrap(encoder, picture);
    GST_BUFFER_PTS(buffer) = (GstClockTime)capture_us * GST_USECOND;
    gst_app_src_push_buffer(encoder->input, buffer);
    return true;
}

void video_encoder_request_keyframe(struct video_encoder *encoder)
{
    atomic_store_explicit(&encoder->wants_key, true, memory_order_release);
}

/* ---- life ---- */

static char *describe(const struct video_encoder_config *config, const struct element *element)
{
    GString *text = g_string_new("appsrc name=enc format=time is-live=true do-timestamp=false ");
    g_string_append_printf(text, "! %s name=encoder %s %s ", element->name, element->settings,
                           config->may_skip && element->skipping != NULL ? element->skipping : "");
    if (element->bitrate != NULL)
        g_string_append_printf(text, "%s=%u %s=%u ", element->bitrate,
                               config->bitrate_bps / element->bits_per_unit, element->key_distance,
                               config->key_distance != 0 ? config->key_distance
                                                         : config->fps * ENCODER_KEY_SECONDS);
    g_string_append(text, config->codec == CODED_VP8
                              ? "! video/x-vp8 "
                              : "! h264parse config-interval=-1 ! video/x-h264,"
                                "stream-format=byte-stream,alignment=au,"
                                "profile=constrained-baseline ");
    g_string_append(text, "! appsink name=out sync=false qos=false async=false");
    return g_string_free(text, FALSE);
}

static void connect_ends(struct video_encoder *encoder, const struct video_encoder_config *config)
{
    GstAppSinkCallbacks callbacks = {.new_sample = on_sample};
    GstElement *sink = gst_bin_get_by_name(GST_BIN(encoder->pipeline), "out");
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, encoder, NULL);
    encoder->way_back = gst_element_get_static_pad(sink, "sink");
    gst_object_unref(sink);
    GstBus *bus = gst_element_get_bus(encoder->pipeline);
    gst_bus_set_sync_handler(bus, on_message, encoder, NULL);
    gst_object_unref(bus);
    encoder->input = GST_APP_SRC(gst_bin_get_by_name(GST_BIN(encoder->pipeline), "enc"));
    g_autoptr(GstCaps) caps =
        gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "I420", "width", G_TYPE_INT,
                            (int)config->width, "height", G_TYPE_INT, (int)config->height,
                            "framerate", GST_TYPE_FRACTION, (int)config->fps, 1, NULL);
    gst_app_src_set_caps(encoder->input, caps);
}

struct video_encoder *video_encoder_new(const struct video_encoder_config *config, GError **error)
{
    const struct element *element = find_element(config->codec, config->element);
    if (element == NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s is no known encoder of %s",
                    config->element, coded_codec_name(config->codec));
        return NULL;
    }
    g_autofree char *text = describe(config, element);
    GstElement *pipeline = gst_parse_launch(text, error);
    if (pipeline == NULL)
        return NULL;
    if (*error != NULL) { /* made in spite of something */
        gst_object_unref(pipeline);
        return NULL;
    }
    struct video_encoder *encoder = g_new0(struct video_encoder, 1);
    encoder->name = g_strdup(config->name);
    encoder->codec = config->codec;
    encoder->width = config->width;
    encoder->height = config->height;
    encoder->output = config->output;
    encoder->arg = config->arg;
    encoder->pipeline = pipeline;
    connect_ends(encoder, config);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    return encoder;
}

void video_encoder_free(struct video_encoder *encoder)
{
    if (encoder == NULL)
        return;
    gst_element_set_state(encoder->pipeline, GST_STATE_NULL);
    gst_object_unref(encoder->way_back);
    gst_object_unref(encoder->input);
    gst_object_unref(encoder->pipeline);
    g_free(encoder->name);
    g_free(encoder);
}

void video_encoder_counters(const struct video_encoder *encoder,
                            struct video_encoder_counters *counters)
{
    counters->frames = atomic_load_explicit(&encoder->frames, memory_order_relaxed);
    counters->keys = atomic_load_explicit(&encoder->keys, memory_order_relaxed);
    counters->bytes = atomic_load_explicit(&encoder->bytes, memory_order_relaxed);
    counters->dropped = atomic_load_explicit(&encoder->dropped, memory_order_relaxed);
}
