/* A rendition: a view at one size, bitrate and codec. Encoded once, while somebody receives it, and
 * sent to all who do as one broadcast.
 *
 *     composer's picture -> rendition_draw(): scale -> encoder -> broadcast -> shards
 *                                                              -> tap (the recorder)
 *
 * Thread: the main thread, but for rendition_draw() and rendition_swap(), which are the studio's.
 */
#pragma once

#include "bridge/transport/shard.h"
#include "bridge/video/studio/encoder.h"

struct rendition;

struct rendition_config {
    const char *name; /* in the log: "giao-ban 720p VP8" */
    enum coded_codec codec;
    const char *element; /* of the encoder, see encoder.h */
    unsigned width, height, fps, bitrate_bps;
    struct shard *const *shards;
    unsigned shard_count;
    int64_t sound_delay_us; /* see broadcast_set_delay() */
};

struct rendition *rendition_new(const struct rendition_config *config);
/* Once the studio's thread has let it go, and its encoder is freed. */
void rendition_free(struct rendition *rendition);

uint32_t rendition_stream(const struct rendition *rendition);
enum coded_codec rendition_codec(const struct rendition *rendition);
unsigned rendition_bitrate(const struct rendition *rendition);

/* A new encoder, to be handed to rendition_swap() on the studio's thread; NULL when there is none
 * of that kind, which has been logged. Its first frame is a key frame. */
struct video_encoder *rendition_make_encoder(struct rendition *rendition);
/* Somebody cannot go on without a key frame. */
void rendition_request_keyframe(struct rendition *rendition);
/* Called with every coded frame (borrowed), on the encoder's thread; NULL: none. Returns once the
 * one before runs no more. */
void rendition_set_tap(struct rendition *rendition,
                       void (*tap)(struct coded_frame *frame, void *arg), void *arg);

/* Goes on with this encoder (NULL: with none), and returns the one before, to be freed on the main
 * thread. */
struct video_encoder *rendition_swap(struct rendition *rendition, struct video_encoder *encoder);
/* `picture` is borrowed, and of the same shape. */
void rendition_draw(struct rendition *rendition, struct picture *picture, int64_t capture_us,
                    int64_t now_us);
/* What smaller ones may be scaled from: its picture of the last draw, or NULL. Borrowed. */
struct picture *rendition_picture(const struct rendition *rendition);

struct rendition_counters {
    struct video_encoder_counters encoder; /* of all its encoders */
    bool is_running;
};
void rendition_counters(const struct rendition *rendition, struct rendition_counters *counters);
