/* Encodes one rendition of a view: pictures in, coded frames out. A GStreamer pipeline with a
 * thread of its own. Which element encodes is a setting; software by default.
 *
 *     composer: video_encoder_push() -> [GStreamer: encode] -> output(): packetiser, recorder
 *
 * Thread: made and freed on the main thread; video_encoder_push() on one thread;
 * video_encoder_request_keyframe() on any; the output on the encoder's own. */
#pragma once

#include "bridge/video/coded.h"
#include "bridge/video/compose/picture.h"

#include <glib.h>

/* Key frames that are asked for come at most this often: all receivers pay for each. */
#define ENCODER_KEY_PAUSE_US 500000
/* And come by themselves after so many seconds: a recording can be entered there. */
#define ENCODER_KEY_SECONDS 5

struct video_encoder;

struct video_encoder_config {
    const char *name; /* in the log */
    enum coded_codec codec;
    const char *element; /* NULL or "": the default of the codec; see video_encoder_is_known() */
    unsigned width, height, fps, bitrate_bps;
    /* A picture that would go far beyond the bitrate is left out: a line that carries just as much
     * would else lose many. */
    bool may_skip;
    unsigned key_distance; /* frames from one key frame to the next; 0: ENCODER_KEY_SECONDS */
    /* A coded frame whose reference is given away; not after video_encoder_free(). */
    void (*output)(struct coded_frame *frame, void *arg);
    void *arg;
};

/* NULL with `error` when the element is not there or does not take the settings. */
struct video_encoder *video_encoder_new(const struct video_encoder_config *config, GError **error);
/* Nobody may push any more; what is inside is let go. */
void video_encoder_free(struct video_encoder *encoder);

/* The picture is borrowed and has the encoder's size. Never waits: false when the encoder lags, and
 * the picture is left out. Times grow. */
bool video_encoder_push(struct video_encoder *encoder, struct picture *picture, int64_t capture_us);
void video_encoder_request_keyframe(struct video_encoder *encoder);

/* Whether the settings of an element are known here: "vp8enc", "openh264enc", "x264enc",
 * "vah264enc", "v4l2h264enc". */
bool video_encoder_is_known(enum coded_codec codec, const char *element);

struct video_encoder_counters {
    uint64_t frames, keys, bytes;
    uint64_t dropped; /* pictures that found the encoder lagging */
};
void video_encoder_counters(const struct video_encoder *encoder,
                            struct video_encoder_counters *counters);
