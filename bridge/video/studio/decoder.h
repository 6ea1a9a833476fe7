/* Decodes one source: coded frames in, its newest picture out. A GStreamer pipeline with a thread
 * of its own, so a source that is slow or broken holds up nobody.
 *
 *     relay's thread: video_decoder_push() -> [GStreamer: decode] -> mailbox ->
 * video_decoder_take(): composer
 *
 * The mailbox holds one picture, the newest; an older one that nobody has taken is let go. Frames
 * that a decoder cannot keep up with are let go up to the next key frame.
 *
 * Thread: made and freed on the main thread; video_decoder_push() on one thread,
 * video_decoder_take() on one other; the handler on any. */
#pragma once

#include "bridge/video/coded.h"
#include "bridge/video/compose/picture.h"

/* Larger ones are not decoded: a header of ten bytes must not cost gigabytes. */
#define DECODER_PIXELS_MAX (2560 * 1600)

struct video_decoder;

struct video_decoder_config {
    const char *name; /* of its thread, and in the log; copied */
    /* It cannot go on without a key frame. Not after video_decoder_free(). */
    void (*keyframe)(void *arg);
    void *arg;
};

struct video_decoder *video_decoder_new(const struct video_decoder_config *config);
/* Nobody may push or take any more. */
void video_decoder_free(struct video_decoder *decoder);

/* The frame is borrowed. Never waits. */
void video_decoder_push(struct video_decoder *decoder, struct coded_frame *frame);
/* The newest picture since the last call, with a reference and when it was taken; or NULL. */
struct picture *video_decoder_take(struct video_decoder *decoder, int64_t *capture_us);

struct video_decoder_counters {
    uint64_t frames;  /* decoded */
    uint64_t refused; /* too large, or not kept up with */
    uint64_t failures;
};
void video_decoder_counters(const struct video_decoder *decoder,
                            struct video_decoder_counters *counters);
