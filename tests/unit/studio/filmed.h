/* Pictures that say who they are of, for tests: a grey that is a number, coded and read back. */
#pragma once

#include "bridge/video/coded.h"
#include "bridge/video/compose/picture.h"

#include <glib.h>

/* Coded frames on their way from an encoder's thread to the test's. GLib's own queue would not do:
 * ThreadSanitizer does not see its order. */
struct reel;
struct reel *reel_new(void);
void reel_free(struct reel *reel); /* with what is inside */
/* Takes the reference; an encoder's output. */
void reel_put(struct coded_frame *frame, void *reel);
/* NULL when none has come within so many milliseconds. */
struct coded_frame *reel_take(struct reel *reel, unsigned wait_ms);
#define REEL_PATIENCE_MS 20000

/* A picture of one grey, which lossy codecs keep within FILMED_NEAR. */
#define FILMED_NEAR 6
struct picture *filmed_picture(unsigned width, unsigned height, uint8_t grey);
/* The mean of the luma in a part of a picture, given in hundredths of its sides. */
unsigned filmed_grey(const struct picture *picture, unsigned left, unsigned top, unsigned right,
                     unsigned bottom);

/* Coded frames of a camera that shows one grey, the first a key frame. References are the caller's:
 * g_ptr_array_unref() lets them go. */
GPtrArray *filmed_frames(enum coded_codec codec, unsigned width, unsigned height, uint8_t grey,
                         unsigned count);
