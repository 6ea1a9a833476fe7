/* A stream that counts the bytes that go through it. libsoup queues a WebSocket's output without a
 * bound and without telling how much waits; what was sent less what went through is what waits.
 *
 * Thread: main. */
#pragma once

#include <gio/gio.h>

/* A pollable pair of streams over `base`, which it keeps. */
GIOStream *counted_stream_new(GIOStream *base);

guint64 counted_stream_read(GIOStream *stream);
guint64 counted_stream_written(GIOStream *stream);
