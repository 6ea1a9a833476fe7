#include "client/room/film.h"

#include "bridge/video/compose/picture.h"
#include "bridge/video/studio/encoder.h"

#include <gio/gio.h>
#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gst/video/video.h>
#include <libyuv/scale.h>
#include <pthread.h>
#include <string.h>

#define DRAWN_FPS     15
#define DRAWN_SECONDS 2
#define FILE_FPS      25
#define BITS          8
#define POLL_NS       (100 * GST_MSECOND)

struct film {
    atomic_uint references;
    unsigned fps;
    GPtrArray *frames[FILM_SIZES]; /* of struct coded_frame */
};

/* One size in the making. */
struct lane {
    struct video_encoder *encoder;
    unsigned width, height;
    pthread_mutex_t lock;
    pthread_cond_t grew;
    GPtrArray *frames;
};

struct making {
    struct lane lanes[FILM_SIZES];
    unsigned count;
};

/* ---- making ---- */

static void on_frame(struct coded_frame *frame, void *arg)
{
    struct lane *lane = arg;
    pthread_mutex_lock(&lane->lock);
    g_ptr_array_add(lane->frames, frame);
    pthread_cond_signal(&lane->grew);
    pthread_mutex_unlock(&lane->lock);
}

static bool open_lane(struct lane *lane, unsigned width, unsigned height, unsigned fps,
                      unsigned bitrate_bps, GError **error)
{
    struct video_encoder_config config = {.name = "film",
                                          .codec = CODED_VP8,
                                          .width = width,
                                          .height = height,
                                          .fps = fps,
                                          .bitrate_bps = bitrate_bps,
                                          .key_distance = fps,
                                          .output = on_frame,
                                          .arg = lane};
    lane->width = width;
    lane->height = height;
    pthread_mutex_init(&lane->lock, NULL);
    pthread_cond_init(&lane->grew, NULL);
    lane->frames = g_ptr_array_new_with_free_func(coded_frame_destroy);
    lane->encoder = video_encoder_new(&config, error);
    return lane->encoder != NULL;
}

/* Waits for its coded frame: one encoder, one picture at a time, is fast enough for what is made
 * once. */
static void encode(struct lane *lane, struct picture *picture, unsigned index, unsigned fps)
{
    struct picture *scaled = picture_new(lane->width, lane->height);
    I420Scale(picture->planes[0], picture->strides[0], picture->planes[1], picture->strides[1],
              picture->planes[2], picture->strides[2], (int)picture->width, (int)picture->height,
              scaled->planes[0], scaled->strides[0], scaled->planes[1], scaled->strides[1],
              scaled->planes[2], scaled->strides[2], (int)lane->width, (int)lane->height,
              kFilterBox);
    video_encoder_push(lane->encoder, scaled, (int64_t)(index + 1) * 1000000 / fps);
    picture_unref(scaled);
    pthread_mutex_lock(&lane->lock);
    while (lane->frames->len <= index)
        pthread_cond_wait(&lane->grew, &lane->lock);
    pthread_mutex_unlock(&lane->lock);
}

static void add_picture(struct making *making, struct picture *picture, unsigned fps)
{
    for (unsigned i = 0; i < FILM_SIZES; i++)
        encode(&making->lanes[i], picture, making->count, fps);
    making->count++;
}

static bool begin(struct making *making, unsigned fps, unsigned height, unsigned bitrate_bps,
                  GError **error)
{
    if (!gst_init_check(NULL, NULL, error))
        return false;
    return open_lane(&making->lanes[FILM_SMALL], 320, 180, fps, 150000, error) &&
           open_lane(&making->lanes[FILM_LARGE], height * 16 / 9, height, fps, bitrate_bps, error);
}

/* `fps` 0: it came to nothing. */
static struct film *end(struct making *making, unsigned fps)
{
    struct film *film = g_new0(struct film, 1);
    atomic_init(&film->references, 1);
    film->fps = fps;
    for (unsigned i = 0; i < FILM_SIZES; i++) {
        struct lane *lane = &making->lanes[i];
        if (lane->frames == NULL)
            continue;
        video_encoder_free(lane->encoder);
        film->frames[i] = lane->frames;
        pthread_cond_destroy(&lane->grew);
        pthread_mutex_destroy(&lane->lock);
    }
    if (fps != 0 && making->count > 0)
        return film;
    film_unref(film);
    return NULL;
}

/* ---- drawn ---- */

static struct picture *draw(uint8_t number, unsigned turn)
{
    struct picture *picture = picture_new(640, 360);
    uint8_t *luma = picture->planes[PICTURE_Y];
    unsigned stride = (unsigned)picture->strides[PICTURE_Y];
    for (unsigned x = 0; x < picture->width; x++) {
        unsigned bit = BITS - 1 - x * BITS / picture->width;
        luma[x] = (number >> bit & 1) != 0 ? 220 : 35;
    }
    for (unsigned y = 1; y < picture->height; y++)
        memcpy(luma + y * stride, luma, picture->width);
    memset(luma + turn * 11 % picture->height * stride, 128, picture->width);
    for (unsigned plane = PICTURE_U; plane < PICTURE_PLANES; plane++)
        memset(picture->planes[plane], 128, (size_t)picture->strides[plane] * 180);
    return picture;
}

struct film *film_draw(uint8_t number, GError **error)
{
    struct making making = {0};
    bool is_good = begin(&making, DRAWN_FPS, 360, 400000, error);
    for (unsigned turn = 0; is_good && turn < DRAWN_FPS * DRAWN_SECONDS; turn++) {
        struct picture *picture = draw(number, turn);
        add_picture(&making, picture, DRAWN_FPS);
        picture_unref(picture);
    }
    return end(&making, is_good ? DRAWN_FPS : 0);
}

/* ---- of a file ---- */

static void take_sample(struct making *making, GstSample *sample)
{
    GstVideoInfo info;
    GstVideoFrame frame;
    uint8_t *planes[PICTURE_PLANES];
    int strides[PICTURE_PLANES];
    if (!gst_video_info_from_caps(&info, gst_sample_get_caps(sample)) ||
        !gst_video_frame_map(&frame, &info, gst_sample_get_buffer(sample), GST_MAP_READ))
        return;
    struct picture *picture = picture_new((unsigned)info.width, (unsigned)info.height);
    for (unsigned i = 0; i < PICTURE_PLANES; i++) {
        planes[i] = GST_VIDEO_FRAME_COMP_DATA(&frame, i);
        strides[i] = GST_VIDEO_FRAME_COMP_STRIDE(&frame, i);
    }
    I420Scale(planes[0], strides[0], planes[1], strides[1], planes[2], strides[2], info.width,
              info.height, picture->planes[0], picture->strides[0], picture->planes[1],
              picture->strides[1], picture->planes[2], picture->strides[2], info.width, info.height,
              kFilterNone);
    gst_video_frame_unmap(&frame);
    add_picture(making, picture, FILE_FPS);
    picture_unref(picture);
}

static GstElement *open_file(const char *path, GstElement **sink, GError **error)
{
    GstElement *pipeline = gst_parse_launch(
        "filesrc name=file ! decodebin ! videoconvert ! videoscale add-borders=true ! videorate ! "
        "video/x-raw,format=I420,width=1280,height=720,pixel-aspect-ratio=1/1,framerate=25/1 ! "
        "appsink name=out sync=false max-buffers=4",
        error);
    if (pipeline == NULL)
        return NULL;
    GstElement *source = gst_bin_get_by_name(GST_BIN(pipeline), "file");
    g_object_set(source, "location", path, NULL);
    gst_object_unref(source);
    *sink = gst_bin_get_by_name(GST_BIN(pipeline), "out");
    return pipeline;
}

/* An error goes by the bus, not to the sink. */
static bool take_fault(GstElement *pipeline, GError **error)
{
    GstBus *bus = gst_element_get_bus(pipeline);
    GstMessage *message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
    gst_object_unref(bus);
    if (message == NULL)
        return false;
    gst_message_parse_error(message, error, NULL);
    gst_message_unref(message);
    return true;
}

static bool pull(GstElement *pipeline, GstElement *sink, struct making *making, GError **error)
{
    bool is_faulty = false, is_over = false;
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    while (!is_faulty && !is_over && making->count < FILE_FPS * FILM_SECONDS_MAX) {
        GstSample *sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink), POLL_NS);
        if (sample != NULL) {
            take_sample(making, sample);
            gst_sample_unref(sample);
            continue;
        }
        is_over = gst_app_sink_is_eos(GST_APP_SINK(sink));
        is_faulty = take_fault(pipeline, error);
    }
    gst_element_set_state(pipeline, GST_STATE_NULL);
    if (!is_faulty && making->count == 0)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "there is no picture in it");
    return !is_faulty && making->count > 0;
}

struct film *film_load(const char *path, GError **error)
{
    struct making making = {0};
    GstElement *sink, *pipeline = NULL;
    bool is_good = begin(&making, FILE_FPS, 720, 1500000, error);
    if (is_good)
        pipeline = open_file(path, &sink, error);
    g_autoptr(GError) fault = NULL;
    is_good = pipeline != NULL && pull(pipeline, sink, &making, &fault);
    if (pipeline != NULL) {
        gst_object_unref(sink);
        gst_object_unref(pipeline);
    }
    if (!is_good && fault != NULL)
        g_propagate_prefixed_error(error, g_steal_pointer(&fault), "%s: ", path);
    return end(&making, is_good ? FILE_FPS : 0);
}

/* ---- life ---- */

struct film *film_ref(struct film *film)
{
    atomic_fetch_add_explicit(&film->references, 1, memory_order_relaxed);
    return film;
}

void film_unref(struct film *film)
{
    if (film == NULL || atomic_fetch_sub_explicit(&film->references, 1, memory_order_acq_rel) != 1)
        return;
    for (unsigned i = 0; i < FILM_SIZES; i++)
        g_clear_pointer(&film->frames[i], g_ptr_array_unref);
    g_free(film);
}

unsigned film_fps(const struct film *film)
{
    return film->fps;
}

unsigned film_length(const struct film *film)
{
    return film->frames[FILM_SMALL]->len;
}

const struct coded_frame *film_frame(const struct film *film, enum film_size size, unsigned index)
{
    return film->frames[size]->pdata[index];
}
