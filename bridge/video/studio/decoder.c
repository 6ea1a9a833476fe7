#include "bridge/video/studio/decoder.h"

#include "common/log.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#define QUEUE_FRAMES 6 /* that wait to be decoded: a quarter of a second */

struct video_decoder {
    char *name;
    void (*keyframe)(void *arg);
    void *arg;
    /* The pushing thread's. */
    GstElement *pipeline; /* NULL before the first frame, and after a failure */
    GstAppSrc *input;
    enum coded_codec codec;
    bool is_running;        /* a key frame has gone in, and nothing is missing since */
    uint16_t width, height; /* of the last key frame */
    /* Shared. */
    atomic_bool has_failed;
    _Atomic(struct taken *) newest;
    atomic_uint_fast64_t frames, refused, failures;
};

/* A picture on its way to the composer. */
struct taken {
    struct picture *picture;
    int64_t capture_us;
};

static void taken_free(struct taken *taken)
{
    if (taken == NULL)
        return;
    picture_unref(taken->picture);
    g_free(taken);
}

/* ---- what comes out: GStreamer's thread ---- */

struct mapped {
    GstVideoFrame frame;
};

static void unmap(void *arg)
{
    struct mapped *mapped = arg;
    gst_video_frame_unmap(&mapped->frame);
    g_free(mapped);
}

static struct picture *wrap_sample(GstSample *sample)
{
    GstVideoInfo info;
    struct mapped *mapped = g_new(struct mapped, 1);
    if (!gst_video_info_from_caps(&info, gst_sample_get_caps(sample)) ||
        !gst_video_frame_map(&mapped->frame, &info, gst_sample_get_buffer(sample), GST_MAP_READ)) {
        g_free(mapped);
        return NULL;
    }
    uint8_t *planes[PICTURE_PLANES];
    int strides[PICTURE_PLANES];
    for (unsigned i = 0; i < PICTURE_PLANES; i++) {
        planes[i] = GST_VIDEO_FRAME_COMP_DATA(&mapped->frame, i);
        strides[i] = GST_VIDEO_FRAME_COMP_STRIDE(&mapped->frame, i);
    }
    return picture_wrap((unsigned)GST_VIDEO_INFO_WIDTH(&info),
                        (unsigned)GST_VIDEO_INFO_HEIGHT(&info), planes, strides, unmap, mapped);
}

static GstFlowReturn on_sample(GstAppSink *sink, gpointer data)
{
    struct video_decoder *decoder = data;
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    struct picture *picture = sample != NULL ? wrap_sample(sample) : NULL;
    if (picture == NULL)
        return GST_FLOW_OK;
    struct taken *taken = g_new(struct taken, 1);
    taken->picture = picture;
    taken->capture_us = (int64_t)(GST_BUFFER_PTS(gst_sample_get_buffer(sample)) / GST_USECOND);
    taken_free(atomic_exchange_explicit(&decoder->newest, taken, memory_order_acq_rel));
    atomic_fetch_add_explicit(&decoder->frames, 1, memory_order_relaxed);
    return GST_FLOW_OK;
}

/* Only errors are looked at, where they are told: there is no main loop for a bus. */
static GstBusSyncReply on_message(GstBus *bus, GstMessage *message, gpointer data)
{
    struct video_decoder *decoder = data;
    (void)bus;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        atomic_store_explicit(&decoder->has_failed, true, memory_order_release);
    gst_message_unref(message);
    return GST_BUS_DROP;
}

/* ---- what goes in ---- */

static void destroy_pipeline(struct video_decoder *decoder)
{
    if (decoder->pipeline == NULL)
        return;
    gst_element_set_state(decoder->pipeline, GST_STATE_NULL);
    g_clear_pointer(&decoder->input, gst_object_unref);
    g_clear_pointer(&decoder->pipeline, gst_object_unref);
}

/* The appsrc's name becomes its thread's: what decoding costs can be told apart. */
static bool make_pipeline(struct video_decoder *decoder, enum coded_codec codec)
{
    static const char *const elements[] = {
        [CODED_VP8] = "video/x-vp8 ! vp8dec threads=1",
        [CODED_H264] = "video/x-h264,stream-format=byte-stream,alignment=au,profile=constrained-"
                       "baseline ! avdec_h264 max-threads=1 output-corrupt=false"};
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strdup_printf(
        "appsrc name=dec format=time is-live=true do-timestamp=false caps=%s"
        " ! videoconvert n-threads=1 ! video/x-raw,format=I420"
        " ! appsink name=out sync=false qos=false async=false max-buffers=2 drop=true",
        elements[codec]);
    decoder->pipeline = gst_parse_launch(text, &error);
    if (error != NULL) {
        log_error("no decoder for %s: %s", coded_codec_name(codec), error->message);
        g_clear_pointer(&decoder->pipeline, gst_object_unref);
        return false;
    }
    GstAppSinkCallbacks callbacks = {.new_sample = on_sample};
    GstElement *sink = gst_bin_get_by_name(GST_BIN(decoder->pipeline), "out");
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, decoder, NULL);
    gst_object_unref(sink);
    GstBus *bus = gst_element_get_bus(decoder->pipeline);
    gst_bus_set_sync_handler(bus, on_message, decoder, NULL);
    gst_object_unref(bus);
    decoder->input = GST_APP_SRC(gst_bin_get_by_name(GST_BIN(decoder->pipeline), "dec"));
    decoder->codec = codec;
    atomic_store(&decoder->has_failed, false);
    gst_element_set_state(decoder->pipeline, GST_STATE_PLAYING);
    return true;
}

static void refuse(struct video_decoder *decoder)
{
    decoder->is_running = false;
    atomic_fetch_add_explicit(&decoder->refused, 1, memory_order_relaxed);
    if (decoder->keyframe != NULL)
        decoder->keyframe(decoder->arg);
}

static bool is_bearable(struct video_decoder *decoder, const struct coded_frame *frame)
{
    if (frame->width != 0) {
        decoder->width = frame->width;
        decoder->height = frame->height;
    }
    return decoder->width != 0 &&
           (unsigned)decoder->width * decoder->height <= DECODER_PIXELS_MAX &&
           decoder->width <= PICTURE_SIDE_MAX && decoder->height <= PICTURE_SIDE_MAX;
}

static void give_back(gpointer data)
{
    coded_frame_unref(data);
}

void video_decoder_push(struct video_decoder *decoder, struct coded_frame *frame)
{
    if (atomic_load_explicit(&decoder->has_failed, memory_order_acquire)) {
        atomic_store(&decoder->has_failed, false);
        atomic_fetch_add_explicit(&decoder->failures, 1, memory_order_relaxed);
        destroy_pipeline(decoder);
        refuse(decoder);
    }
    if (!frame->is_key && !decoder->is_running)
        return;
    if (!is_bearable(decoder, frame)) {
        refuse(decoder);
        return;
    }
    if (decoder->pipeline != NULL && decoder->codec != frame->codec)
        destroy_pipeline(decoder);
    if (decoder->pipeline == NULL && !make_pipeline(decoder, frame->codec))
        return;
    if (gst_app_src_get_current_level_buffers(decoder->input) >= QUEUE_FRAMES) {
        refuse(decoder);
        return;
    }
    decoder->is_running = true;
    GstBuffer *buffer =
        gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_READONLY, frame->bytes, frame->size, 0,
                                    frame->size, coded_frame_ref(frame), give_back);
    GST_BUFFER_PTS(buffer) = (GstClockTime)frame->capture_us * GST_USECOND;
    if (!frame->is_key)
        GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    if (frame->is_restart)
        GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
    gst_app_src_push_buffer(decoder->input, buffer);
}

struct picture *video_decoder_take(struct video_decoder *decoder, int64_t *capture_us)
{
    struct taken *taken = atomic_exchange_explicit(&decoder->newest, NULL, memory_order_acq_rel);
    if (taken == NULL)
        return NULL;
    struct picture *picture = picture_ref(taken->picture);
    *capture_us = taken->capture_us;
    taken_free(taken);
    return picture;
}

/* ---- life ---- */

struct video_decoder *video_decoder_new(const struct video_decoder_config *config)
{
    struct video_decoder *decoder = g_new0(struct video_decoder, 1);
    decoder->name = g_strdup(config->name);
    decoder->keyframe = config->keyframe;
    decoder->arg = config->arg;
    return decoder;
}

void video_decoder_free(struct video_decoder *decoder)
{
    if (decoder == NULL)
        return;
    destroy_pipeline(decoder);
    taken_free(atomic_load(&decoder->newest));
    g_free(decoder->name);
    g_free(decoder);
}

void video_decoder_counters(const struct video_decoder *decoder,
                            struct video_decoder_counters *counters)
{
    counters->frames = atomic_load_explicit(&decoder->frames, memory_order_relaxed);
    counters->refused = atomic_load_explicit(&decoder->refused, memory_order_relaxed);
    counters->failures = atomic_load_explicit(&decoder->failures, memory_order_relaxed);
}
