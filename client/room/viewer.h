/* The meeting's picture on its way to this room's screen: decoded, and held back until its sound is
 * heard.
 *
 *     leg's shard: viewer_push() -> [GStreamer: decode] -> window's thread: viewer_take()
 *
 * Thread: made and freed on the main thread; viewer_push() on the leg's shard; viewer_take() on one
 * other.
 * Memory: references; whoever holds one after viewer_free() may still push to no avail. */
#pragma once

#include "bridge/video/coded.h"
#include "bridge/video/compose/picture.h"

struct viewer;

struct viewer *viewer_new(void);
/* Nobody may take any more. NULL does nothing. */
void viewer_free(struct viewer *viewer);
struct viewer *viewer_ref(struct viewer *viewer);
void viewer_unref(struct viewer *viewer); /* NULL does nothing */

/* The frame is borrowed. False: it cannot go on without a key frame. */
bool viewer_push(struct viewer *viewer, struct coded_frame *frame);

/* The picture that is due, with a reference; NULL: the one before stays. `sound_delay_us`: how long
 * ago what is heard now was taken. */
struct picture *viewer_take(struct viewer *viewer, int64_t now_us, int64_t sound_delay_us);
/* When the last frame came, by the monotonic clock; 0: none has. Any thread. */
int64_t viewer_last_us(const struct viewer *viewer);
