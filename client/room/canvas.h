/* What one room sends as one medium of pictures: where its frames go out, and of what use they are
 * to the other side. Filled by whoever has pictures: a camera (client/room/camera.h), a film
 * (client/room/projector.h).
 *
 * Thread: made and freed on the main thread; canvas_send() on one producing thread at a time; the
 * rest on any.
 * Memory: references; whoever holds one after canvas_free() may still ask it for what it does not
 * do any more. */
#pragma once

#include "bridge/transport/shard.h"
#include "bridge/video/coded.h"

struct canvas;

/* For a leg that lives on `shard`. */
struct canvas *canvas_new(struct shard *shard);
/* Ends it, after the producer's last call. NULL does nothing. */
void canvas_free(struct canvas *canvas);
struct canvas *canvas_ref(struct canvas *canvas);
void canvas_unref(struct canvas *canvas); /* NULL does nothing */

/* For leg_set_video_stream(). */
uint32_t canvas_stream(const struct canvas *canvas);

/* Of what use its pictures are: none (0, as it is at first), or at most so many lines. */
void canvas_want(struct canvas *canvas, unsigned lines);
unsigned canvas_wanted(const struct canvas *canvas);

void canvas_request_keyframe(struct canvas *canvas);
/* Whether one was asked for since the last call. */
bool canvas_take_request(struct canvas *canvas);

/* The frame is borrowed. One that cannot be sent asks for a key frame. */
void canvas_send(struct canvas *canvas, const struct coded_frame *frame);
