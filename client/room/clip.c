#include "client/room/clip.h"

#include "bridge/audio/level.h"

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

struct clip *clip_new_samples(const int16_t *samples, size_t count)
{
    struct clip *clip = clip_new();
    OpusEncoder *encoder = make_encoder();
    for (size_t at = 0; at < count; at += FRAME_SAMPLES) {
        int16_t frame[FRAME_SAMPLES] = {0};
        memcpy(frame, samples + at, MIN((size_t)FRAME_SAMPLES, count - at) * sizeof *frame);
        append_frame(clip, encoder, frame);
    }
    opus_encoder_destroy(encoder);
    return clip;
}

/* ---- files ---- */

static GstElement *make_pipeline(const char *path, GstElement **sink, GError **error)
{
    GstElement *pipeline = gst_parse_launch(
        "filesrc name=file ! decodebin ! audioconvert ! audioresample ! "
        "audio/x-raw,format=S16LE,rate=48000,channels=1 ! appsink name=sink sync=false",
        error);
    if (pipeline == NULL)
        return NULL;
    GstElement *file = gst_bin_get_by_name(GST_BIN(pipeline), "file");
    g_object_set(file, "location", path, NULL);
    gst_object_unref(file);
    *sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
    return pipeline;
}

static void pull_all(GstElement *sink, GByteArray *samples)
{
    GstSample *sample;
    while ((sample = gst_app_sink_pull_sample(GST_APP_SINK(sink))) != NULL) {
        GstMapInfo map;
        GstBuffer *buffer = gst_sample_get_buffer(sample);
        if (gst_buffer_map(buffer, &map, GST_MAP_READ)) {
            g_byte_array_append(samples, map.data, (guint)map.size);
            gst_buffer_unmap(buffer, &map);
        }
        gst_sample_unref(sample);
    }
}

struct clip *clip_load(const char *path, GError **error)
{
    GstElement *sink;
    g_autoptr(GByteArray) samples = g_byte_array_new();
    GstElement *pipeline = make_pipeline(path, &sink, error);
    if (pipeline == NULL)
        return NULL;
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    pull_all(sink, samples);
    GstBus *bus = gst_element_get_bus(pipeline);
    GstMessage *fault = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
    if (fault != NULL) {
        gst_message_parse_error(fault, error, NULL);
        g_prefix_error(error, "%s: ", path);
        gst_message_unref(fault);
    }
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(bus);
    gst_object_unref(sink);
    gst_object_unref(pipeline);
    if (fault != NULL)
        return NULL;
    return clip_new_samples((const int16_t *)samples->data, samples->len / sizeof(int16_t));
}
