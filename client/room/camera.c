#include "client/room/camera.h"

#include "bridge/video/studio/encoder.h"
#include "client/room/camera_source.h"
#include "client/room/texts.h"
#include "common/clock.h"
#include "common/queue.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>
#include <libyuv/scale.h>
#include <pthread.h>

#define TURN_MS       100
#define RETRY_SECONDS 2
#define SOUND_BPS     64000
#define UP_AFTER_US   8000000 /* a larger size is taken up again with care */

/* What is coded, the largest first. */
struct size {
    unsigned lines, fps, bitrate_bps;
};

static const struct size sizes[][3] = {
    [CAMERA_PERSON] = {{720, 25, 1500000}, {360, 25, 500000}, {180, 15, 150000}},
    /* Few and sharp: texts are to be read. */
    [CAMERA_SLIDES] = {{1080, 5, 1200000}, {720, 5, 600000}, {360, 5, 200000}},
};
#define SIZES G_N_ELEMENTS(sizes[0])

struct camera {
    enum camera_kind kind;
    char *what, *name;
    struct canvas *canvas;
    bool is_english, is_shut;
    GString *news;
    GstElement *pipeline; /* NULL: none runs */
    struct queue *faults; /* from the pipeline's threads */
    uint64_t build;
    guint timer;
    int64_t retry_us;
    unsigned size; /* that is coded, an index; SIZES: none */
    uint32_t line_bps;
    unsigned line_size; /* what the line is trusted with */
    int64_t limited_us; /* when it last carried no more than that */
    /* The pipeline's thread holds it while it codes a picture. */
    pthread_mutex_t lock;
    struct video_encoder *encoder;
    struct picture *scaled;
    int64_t last_us, pause_us;
};

/* ---- pictures, on the pipeline's thread ---- */

static void scale(const GstVideoFrame *frame, struct picture *to)
{
    const uint8_t *planes[PICTURE_PLANES];
    int strides[PICTURE_PLANES];
    for (unsigned i = 0; i < PICTURE_PLANES; i++) {
        planes[i] = GST_VIDEO_FRAME_PLANE_DATA(frame, i);
        strides[i] = GST_VIDEO_FRAME_PLANE_STRIDE(frame, i);
    }
    I420Scale(planes[0], strides[0], planes[1], strides[1], planes[2], strides[2],
              GST_VIDEO_FRAME_WIDTH(frame), GST_VIDEO_FRAME_HEIGHT(frame), to->planes[0],
              to->strides[0], to->planes[1], to->strides[1], to->planes[2], to->strides[2],
              (int)to->width, (int)to->height, kFilterBox);
}

static void code(struct camera *camera, const GstVideoFrame *frame)
{
    int64_t now_us = clock_monotonic_us();
    if (camera->encoder == NULL || now_us - camera->last_us < camera->pause_us)
        return;
    camera->last_us = now_us;
    /* The encoder may still read the one before. */
    if (!picture_is_unshared(camera->scaled)) {
        struct picture *next = picture_new(camera->scaled->width, camera->scaled->height);
        picture_unref(camera->scaled);
        camera->scaled = next;
    }
    picture_renew(camera->scaled);
    scale(frame, camera->scaled);
    if (canvas_take_request(camera->canvas))
        video_encoder_request_keyframe(camera->encoder);
    video_encoder_push(camera->encoder, camera->scaled, now_us);
}

static GstFlowReturn on_sample(GstAppSink *sink, gpointer data)
{
    struct camera *camera = data;
    GstSample *sample = gst_app_sink_pull_sample(sink);
    GstVideoInfo info;
    GstVideoFrame frame;
    if (sample == NULL)
        return GST_FLOW_EOS;
    if (gst_video_info_from_caps(&info, gst_sample_get_caps(sample)) &&
        gst_video_frame_map(&frame, &info, gst_sample_get_buffer(sample), GST_MAP_READ)) {
        pthread_mutex_lock(&camera->lock);
        code(camera, &frame);
        pthread_mutex_unlock(&camera->lock);
        gst_video_frame_unmap(&frame);
    }
    gst_sample_unref(sample);
    return GST_FLOW_OK;
}

/* The encoder's thread. */
static void on_coded(struct coded_frame *frame, void *arg)
{
    struct camera *camera = arg;
    canvas_send(camera->canvas, frame);
    coded_frame_unref(frame);
}

/* ---- the size ---- */

static void drop_encoder(struct camera *camera)
{
    pthread_mutex_lock(&camera->lock);
    struct video_encoder *encoder = camera->encoder;
    camera->encoder = NULL;
    pthread_mutex_unlock(&camera->lock);
    if (encoder != NULL)
        video_encoder_free(encoder);
    g_clear_pointer(&camera->scaled, picture_unref);
    camera->size = SIZES;
}

static void use_size(struct camera *camera, unsigned index)
{
    drop_encoder(camera);
    if (index == SIZES)
        return;
    const struct size *size = &sizes[camera->kind][index];
    struct video_encoder_config config = {.name = "camera",
                                          .codec = CODED_VP8,
                                          .width = size->lines * 16 / 9,
                                          .height = size->lines,
                                          .fps = size->fps,
                                          .bitrate_bps = size->bitrate_bps,
                                          .may_skip = true,
                                          .output = on_coded,
                                          .arg = camera};
    g_autoptr(GError) error = NULL;
    struct video_encoder *encoder = video_encoder_new(&config, &error);
    camera->size = index;
    if (encoder == NULL) {
        camera_tell(camera->news, error->message);
        return;
    }
    pthread_mutex_lock(&camera->lock);
    camera->scaled = picture_new(config.width, config.height);
    camera->pause_us = 1000000 / size->fps - 1000000 / 100;
    camera->encoder = encoder;
    pthread_mutex_unlock(&camera->lock);
}

/* The largest that the line carries: down at once, up when it has carried more for a while. */
static void follow_line(struct camera *camera, int64_t now_us)
{
    unsigned carried = 0;
    while (camera->line_bps != 0 && carried + 1 < SIZES &&
           sizes[camera->kind][carried].bitrate_bps + SOUND_BPS > camera->line_bps)
        carried++;
    if (carried < camera->line_size && now_us - camera->limited_us < UP_AFTER_US)
        return;
    camera->line_size = carried;
    camera->limited_us = now_us;
}

static void follow_size(struct camera *camera, int64_t now_us)
{
    unsigned lines = canvas_wanted(camera->canvas), best = 0;
    follow_line(camera, now_us);
    while (best + 1 < SIZES && sizes[camera->kind][best].lines > lines)
        best++;
    best = MAX(best, camera->line_size);
    if (lines == 0 || camera->pipeline == NULL)
        best = SIZES;
    if (best != camera->size)
        use_size(camera, best);
}

/* ---- the source ---- */

static const char *say(const struct camera *camera, const char *english)
{
    return texts_say(camera->is_english, english);
}

static void tell(struct camera *camera, const char *what)
{
    g_autofree char *text = g_strdup_printf(
        "%s: %s", say(camera, camera->kind == CAMERA_PERSON ? "Camera" : "Slides"), what);
    camera_tell(camera->news, text);
}

static void take_apart(struct camera *camera)
{
    if (camera->pipeline == NULL)
        return;
    gst_element_set_state(camera->pipeline, GST_STATE_NULL);
    g_clear_pointer(&camera->pipeline, gst_object_unref);
    drop_encoder(camera);
    g_clear_pointer(&camera->name, g_free);
}

struct fault {
    struct camera *camera;
    uint64_t build;
    bool is_end;
};

static void take_fault(void *arg)
{
    struct fault *fault = arg;
    struct camera *camera = fault->camera;
    if (camera->pipeline != NULL && fault->build == camera->build) {
        take_apart(camera);
        if (!fault->is_end)
            tell(camera, say(camera, "it has failed, and is tried again"));
        camera->retry_us =
            fault->is_end ? 0 : clock_monotonic_us() + RETRY_SECONDS * G_USEC_PER_SEC;
    }
    g_free(fault);
}

/* Any of the pipeline's threads. */
static GstBusSyncReply on_message(GstBus *bus, GstMessage *message, gpointer data)
{
    struct fault *kept = data;
    GstMessageType type = GST_MESSAGE_TYPE(message);
    (void)bus;
    if (type == GST_MESSAGE_ERROR || type == GST_MESSAGE_EOS) {
        struct fault *fault = g_memdup2(kept, sizeof *kept);
        fault->is_end = type == GST_MESSAGE_EOS;
        queue_post(kept->camera->faults, take_fault, fault);
    }
    gst_message_unref(message);
    return GST_BUS_DROP;
}

static void watch(struct camera *camera)
{
    struct fault *fault = g_new0(struct fault, 1);
    fault->camera = camera;
    fault->build = ++camera->build;
    GstBus *bus = gst_element_get_bus(camera->pipeline);
    gst_bus_set_sync_handler(bus, on_message, fault, g_free);
    gst_object_unref(bus);
}

static void build(struct camera *camera)
{
    GstAppSinkCallbacks callbacks = {.new_sample = on_sample};
    g_autoptr(GError) error = NULL;
    camera->pipeline = camera_source_open(camera->kind, camera->what, &camera->name, &error);
    camera->retry_us = clock_monotonic_us() + RETRY_SECONDS * G_USEC_PER_SEC;
    if (camera->pipeline == NULL) {
        tell(camera, error != NULL
                         ? error->message
                         : say(camera, "there is none, waiting for one to be plugged in"));
        return;
    }
    GstElement *sink = gst_bin_get_by_name(GST_BIN(camera->pipeline), CAMERA_SINK);
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, camera, NULL);
    gst_object_unref(sink);
    watch(camera);
    if (gst_element_set_state(camera->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
        take_apart(camera);
        tell(camera, say(camera, "it has failed, and is tried again"));
    }
}

static gboolean on_turn(gpointer data)
{
    struct camera *camera = data;
    int64_t now_us = clock_monotonic_us();
    if (!camera->is_shut && camera->pipeline == NULL && now_us >= camera->retry_us)
        build(camera);
    follow_size(camera, now_us);
    return G_SOURCE_CONTINUE;
}

/* ---- life ---- */

struct camera *camera_new(enum camera_kind kind, const char *what, struct canvas *canvas,
                          bool is_english)
{
    struct camera *camera = g_new0(struct camera, 1);
    camera->kind = kind;
    camera->what = g_strdup(what);
    camera->canvas = canvas;
    camera->is_english = is_english;
    camera->is_shut = true;
    camera->size = SIZES;
    camera->news = g_string_new(NULL);
    camera->faults = queue_new();
    queue_attach(camera->faults, NULL);
    pthread_mutex_init(&camera->lock, NULL);
    camera->timer = g_timeout_add(TURN_MS, on_turn, camera);
    return camera;
}

void camera_free(struct camera *camera)
{
    if (camera == NULL)
        return;
    g_source_remove(camera->timer);
    take_apart(camera);
    queue_free(camera->faults); /* the pipeline's last words */
    pthread_mutex_destroy(&camera->lock);
    g_string_free(camera->news, TRUE);
    g_free(camera->what);
    g_free(camera);
}

void camera_shut(struct camera *camera, bool is_shut)
{
    camera->is_shut = is_shut;
    camera->retry_us = 0;
    if (is_shut)
        take_apart(camera);
}

bool camera_is_shut(const struct camera *camera)
{
    return camera->is_shut;
}

void camera_set_line(struct camera *camera, uint32_t estimate_bps)
{
    camera->line_bps = estimate_bps;
}

const char *camera_name(const struct camera *camera)
{
    return camera->name;
}

char *camera_take_news(struct camera *camera)
{
    if (camera->news->len == 0)
        return NULL;
    char *news = g_string_free(camera->news, FALSE);
    camera->news = g_string_new(NULL);
    return news;
}
