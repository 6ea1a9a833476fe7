#include "client/room/clip.h"

#include "bridge/audio/level.h"

#include <gio/gio.h>
#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <math.h>
#include <opus.h>
#include <string.h>

#define SAMPLE_RATE   48000
#define FRAME_SAMPLES 960
#define BITRATE       32000
#define PACKET_MOST   1200
#define WARM_UP       50 /* frames by which the encoder of a tone has settled */
#define POLL_NS       (100 * GST_MSECOND)

struct clip {
    gatomicrefcount references;
    GByteArray *bytes;
    GArray *packets; /* of struct place */
};

struct place {
    guint offset;
    guint16 size;
    uint8_t level;
};

static struct clip *clip_new(void)
{
    struct clip *clip = g_new0(struct clip, 1);
    g_atomic_ref_count_init(&clip->references);
    clip->bytes = g_byte_array_new();
    clip->packets = g_array_new(FALSE, FALSE, sizeof(struct place));
    return clip;
}

struct clip *clip_ref(struct clip *clip)
{
    g_atomic_ref_count_inc(&clip->references);
    return clip;
}

void clip_unref(struct clip *clip)
{
    if (clip == NULL || !g_atomic_ref_count_dec(&clip->references))
        return;
    g_byte_array_unref(clip->bytes);
    g_array_unref(clip->packets);
    g_free(clip);
}

unsigned clip_length(const struct clip *clip)
{
    return clip->packets->len;
}

struct clip_packet clip_get(const struct clip *clip, unsigned index)
{
    const struct place *place = &g_array_index(clip->packets, struct place, index);
    return (struct clip_packet){clip->bytes->data + place->offset, place->size, place->level};
}

static OpusEncoder *make_encoder(void)
{
    int error;
    OpusEncoder *encoder = opus_encoder_create(SAMPLE_RATE, 1, OPUS_APPLICATION_AUDIO, &error);
    if (error != OPUS_OK)
        g_error("no Opus encoder: %s", opus_strerror(error));
    opus_encoder_ctl(encoder, OPUS_SET_BITRATE(BITRATE));
    opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(1));
    opus_encoder_ctl(encoder, OPUS_SET_PACKET_LOSS_PERC(10));
    return encoder;
}

static void append_frame(struct clip *clip, OpusEncoder *encoder, const int16_t *samples)
{
    uint8_t opus[PACKET_MOST];
    int size = opus_encode(encoder, samples, FRAME_SAMPLES, opus, sizeof opus);
    if (size <= 0)
        return;
    struct place place = {clip->bytes->len, (guint16)size,
                          (uint8_t)-level_dbov(samples, FRAME_SAMPLES)};
    g_byte_array_append(clip->bytes, opus, (guint)size);
    g_array_append_val(clip->packets, place);
}

struct clip *clip_new_tone(int hz, double level_dbfs)
{
    struct clip *clip = clip_new();
    OpusEncoder *encoder = make_encoder();
    double amplitude = 32767 * pow(10, level_dbfs / 20);
    int16_t samples[FRAME_SAMPLES];
    for (int frame = 0; frame < WARM_UP + SAMPLE_RATE / FRAME_SAMPLES; frame++) {
        for (int i = 0; i < FRAME_SAMPLES; i++)
            samples[i] = (int16_t)lrint(
                amplitude * sin(2 * G_PI * hz * (frame * FRAME_SAMPLES + i) / SAMPLE_RATE));
        if (frame == WARM_UP) {
            g_byte_array_set_size(clip->bytes, 0);
            g_array_set_size(clip->packets, 0);
        }
        append_frame(clip, encoder, samples);
    }
    opus_encoder_destroy(encoder);
    return clip;
}

/* ---- files ---- */

/* A file on its way through the decoder; what has come of it goes into the clip at once, so that an
 * hour of sound takes 15 MB and not 350. */
struct loading {
    struct clip *clip;
    OpusEncoder *encoder;
    int16_t frame[FRAME_SAMPLES];
    size_t filled; /* bytes of `frame` */
};

/* Only sound: what else a file holds is left where it is. */
static GstElement *make_pipeline(const char *path, GstElement **sink, GError **error)
{
    GstElement *pipeline = gst_parse_launch(
        "filesrc name=file ! decodebin caps=audio/x-raw expose-all-streams=false ! audioconvert ! "
        "audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=1 ! "
        "appsink name=sink sync=false max-buffers=16",
        error);
    if (pipeline == NULL)
        return NULL;
    GstElement *file = gst_bin_get_by_name(GST_BIN(pipeline), "file");
    g_object_set(file, "location", path, NULL);
    gst_object_unref(file);
    *sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
    return pipeline;
}

static void take_samples(struct loading *loading, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        size_t taken = MIN(size, sizeof loading->frame - loading->filled);
        memcpy((uint8_t *)loading->frame + loading->filled, bytes, taken);
        loading->filled += taken;
        bytes += taken;
        size -= taken;
        if (loading->filled < sizeof loading->frame)
            return;
        append_frame(loading->clip, loading->encoder, loading->frame);
        loading->filled = 0;
    }
}

static void take_last_frame(struct loading *loading)
{
    if (loading->filled == 0)
        return;
    memset((uint8_t *)loading->frame + loading->filled, 0, sizeof loading->frame - loading->filled);
    append_frame(loading->clip, loading->encoder, loading->frame);
}

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

/* Until the end of the file, or a fault. */
static bool pull_all(GstElement *pipeline, GstElement *sink, struct loading *loading,
                     const atomic_bool *is_cancelled, GError **error)
{
    GstMapInfo map;
    while (!atomic_load(is_cancelled) && !take_fault(pipeline, error)) {
        GstSample *sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink), POLL_NS);
        if (sample == NULL && gst_app_sink_is_eos(GST_APP_SINK(sink)))
            return !take_fault(pipeline, error);
        if (sample == NULL)
            continue;
        GstBuffer *buffer = gst_sample_get_buffer(sample);
        if (gst_buffer_map(buffer, &map, GST_MAP_READ)) {
            take_samples(loading, map.data, map.size);
            gst_buffer_unmap(buffer, &map);
        }
        gst_sample_unref(sample);
    }
    if (atomic_load(is_cancelled))
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "not waited for");
    return false;
}

struct clip *clip_load(const char *path, const atomic_bool *is_cancelled, GError **error)
{
    GstElement *sink, *pipeline;
    if (!gst_init_check(NULL, NULL, error) ||
        (pipeline = make_pipeline(path, &sink, error)) == NULL)
        return NULL;
    struct loading loading = {.clip = clip_new(), .encoder = make_encoder()};
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    bool is_good = pull_all(pipeline, sink, &loading, is_cancelled, error);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(sink);
    gst_object_unref(pipeline);
    take_last_frame(&loading);
    opus_encoder_destroy(loading.encoder);
    if (is_good && clip_length(loading.clip) > 0)
        return loading.clip;
    if (is_good)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "there is no sound in it");
    g_prefix_error(error, "%s: ", path);
    clip_unref(loading.clip);
    return NULL;
}
