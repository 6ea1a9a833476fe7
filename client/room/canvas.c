#include "client/room/canvas.h"

#include "bridge/video/broadcast.h"

#include <glib.h>

struct canvas {
    atomic_uint references;
    struct broadcast *broadcast;
    uint32_t stream;
    atomic_uint lines;
    atomic_bool wants_key;
};

struct canvas *canvas_new(struct shard *shard)
{
    struct canvas *canvas = g_new0(struct canvas, 1);
    atomic_init(&canvas->references, 1);
    canvas->broadcast = broadcast_new(&shard, 1);
    canvas->stream = broadcast_stream(canvas->broadcast);
    return canvas;
}

void canvas_free(struct canvas *canvas)
{
    if (canvas == NULL)
        return;
    broadcast_free(canvas->broadcast);
    canvas_unref(canvas);
}

struct canvas *canvas_ref(struct canvas *canvas)
{
    atomic_fetch_add_explicit(&canvas->references, 1, memory_order_relaxed);
    return canvas;
}

void canvas_unref(struct canvas *canvas)
{
    if (canvas != NULL &&
        atomic_fetch_sub_explicit(&canvas->references, 1, memory_order_acq_rel) == 1)
        g_free(canvas);
}

uint32_t canvas_stream(const struct canvas *canvas)
{
    return canvas->stream;
}

void canvas_want(struct canvas *canvas, unsigned lines)
{
    atomic_store(&canvas->lines, lines);
}

unsigned canvas_wanted(const struct canvas *canvas)
{
    return atomic_load(&((struct canvas *)canvas)->lines);
}

void canvas_request_keyframe(struct canvas *canvas)
{
    atomic_store(&canvas->wants_key, true);
}

bool canvas_take_request(struct canvas *canvas)
{
    return atomic_exchange(&canvas->wants_key, false);
}

void canvas_send(struct canvas *canvas, const struct coded_frame *frame)
{
    if (!broadcast_send(canvas->broadcast, frame))
        canvas_request_keyframe(canvas);
}
