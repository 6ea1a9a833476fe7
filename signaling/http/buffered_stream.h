/* The stream below a WebSocket: what is written is taken at once and whole, and goes out with
 * everything else of the same turn of the main loop as one TLS record. A meeting's events come in
 * bursts and go to everybody, and records are what they cost; and libsoup, which queues output
 * without a bound and without telling how much waits, has nothing to queue: what waits is here.
 *
 * Thread: main, on its default GMainContext. */
#pragma once

#include <gio/gio.h>

/* Over `base`, which it keeps; both are pollable. */
GIOStream *buffered_stream_new(GIOStream *base);

/* Puts bytes behind all that has been written. */
void buffered_stream_push(GIOStream *stream, const void *bytes, gsize size);

/* Hands over now what the peer takes, without waiting for the turn's end. */
void buffered_stream_flush(GIOStream *stream);

/* Bytes that wait for the peer to take them. */
gsize buffered_stream_waiting(GIOStream *stream);
/* Bytes that have gone out so far. */
guint64 buffered_stream_written(GIOStream *stream);
/* Bytes that were written, not pushed: libsoup's own answers to control frames. */
guint64 buffered_stream_control(GIOStream *stream);
