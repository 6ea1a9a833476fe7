#include "signaling/http/counted_stream.h"

/* The reading side. */

struct _CountedInput {
    GFilterInputStream parent;
    guint64 count;
};

static void counted_input_pollable(GPollableInputStreamInterface *iface);

#define COUNTED_TYPE_INPUT (counted_input_get_type())
G_DECLARE_FINAL_TYPE(CountedInput, counted_input, COUNTED, INPUT, GFilterInputStream)
G_DEFINE_TYPE_WITH_CODE(CountedInput, counted_input, G_TYPE_FILTER_INPUT_STREAM,
                        G_IMPLEMENT_INTERFACE(G_TYPE_POLLABLE_INPUT_STREAM, counted_input_pollable))

static GInputStream *input_base(gpointer stream)
{
    return g_filter_input_stream_get_base_stream(G_FILTER_INPUT_STREAM(stream));
}

static gssize counted_input_read(GInputStream *stream, void *buffer, gsize size,
                                 GCancellable *cancellable, GError **error)
{
    gssize got = g_input_stream_read(input_base(stream), buffer, size, cancellable, error);
    COUNTED_INPUT(stream)->count += got > 0 ? (guint64)got : 0;
    return got;
}

static gboolean counted_input_is_readable(GPollableInputStream *stream)
{
    return g_pollable_input_stream_is_readable(G_POLLABLE_INPUT_STREAM(input_base(stream)));
}

static GSource *counted_input_source(GPollableInputStream *stream, GCancellable *cancellable)
{
    g_autoptr(GSource) base = g_pollable_input_stream_create_source(
        G_POLLABLE_INPUT_STREAM(input_base(stream)), cancellable);
    return g_pollable_source_new_full(stream, base, cancellable);
}

static gssize counted_input_read_nonblocking(GPollableInputStream *stream, void *buffer, gsize size,
                                             GError **error)
{
    GPollableInputStream *base = G_POLLABLE_INPUT_STREAM(input_base(stream));
    gssize got = g_pollable_input_stream_read_nonblocking(base, buffer, size, NULL, error);
    COUNTED_INPUT(stream)->count += got > 0 ? (guint64)got : 0;
    return got;
}

static void counted_input_pollable(GPollableInputStreamInterface *iface)
{
    iface->is_readable = counted_input_is_readable;
    iface->create_source = counted_input_source;
    iface->read_nonblocking = counted_input_read_nonblocking;
}

static void counted_input_class_init(CountedInputClass *class)
{
    G_INPUT_STREAM_CLASS(class)->read_fn = counted_input_read;
}

static void counted_input_init(CountedInput *stream)
{
    stream->count = 0;
}

/* The writing side. */

struct _CountedOutput {
    GFilterOutputStream parent;
    guint64 count;
};

static void counted_output_pollable(GPollableOutputStreamInterface *iface);

#define COUNTED_TYPE_OUTPUT (counted_output_get_type())
G_DECLARE_FINAL_TYPE(CountedOutput, counted_output, COUNTED, OUTPUT, GFilterOutputStream)
G_DEFINE_TYPE_WITH_CODE(CountedOutput, counted_output, G_TYPE_FILTER_OUTPUT_STREAM,
                        G_IMPLEMENT_INTERFACE(G_TYPE_POLLABLE_OUTPUT_STREAM,
                                              counted_output_pollable))

static GOutputStream *output_base(gpointer stream)
{
    return g_filter_output_stream_get_base_stream(G_FILTER_OUTPUT_STREAM(stream));
}

static gssize counted_output_write(GOutputStream *stream, const void *buffer, gsize size,
                                   GCancellable *cancellable, GError **error)
{
    gssize put = g_output_stream_write(output_base(stream), buffer, size, cancellable, error);
    COUNTED_OUTPUT(stream)->count += put > 0 ? (guint64)put : 0;
    return put;
}

static gboolean counted_output_is_writable(GPollableOutputStream *stream)
{
    return g_pollable_output_stream_is_writable(G_POLLABLE_OUTPUT_STREAM(output_base(stream)));
}

static GSource *counted_output_source(GPollableOutputStream *stream, GCancellable *cancellable)
{
    g_autoptr(GSource) base = g_pollable_output_stream_create_source(
        G_POLLABLE_OUTPUT_STREAM(output_base(stream)), cancellable);
    return g_pollable_source_new_full(stream, base, cancellable);
}

static gssize counted_output_write_nonblocking(GPollableOutputStream *stream, const void *buffer,
                                               gsize size, GError **error)
{
    GPollableOutputStream *base = G_POLLABLE_OUTPUT_STREAM(output_base(stream));
    gssize put = g_pollable_output_stream_write_nonblocking(base, buffer, size, NULL, error);
    COUNTED_OUTPUT(stream)->count += put > 0 ? (guint64)put : 0;
    return put;
}

static void counted_output_pollable(GPollableOutputStreamInterface *iface)
{
    iface->is_writable = counted_output_is_writable;
    iface->create_source = counted_output_source;
    iface->write_nonblocking = counted_output_write_nonblocking;
}

static void counted_output_class_init(CountedOutputClass *class)
{
    G_OUTPUT_STREAM_CLASS(class)->write_fn = counted_output_write;
}

static void counted_output_init(CountedOutput *stream)
{
    stream->count = 0;
}

/* Both. */

GIOStream *counted_stream_new(GIOStream *base)
{
    g_autoptr(GInputStream) input =
        g_object_new(COUNTED_TYPE_INPUT, "base-stream", g_io_stream_get_input_stream(base), NULL);
    g_autoptr(GOutputStream) output =
        g_object_new(COUNTED_TYPE_OUTPUT, "base-stream", g_io_stream_get_output_stream(base), NULL);
    GIOStream *stream = g_simple_io_stream_new(input, output);
    /* The streams of a connection do not keep it. */
    g_object_set_data_full(G_OBJECT(stream), "base", g_object_ref(base), g_object_unref);
    return stream;
}

guint64 counted_stream_read(GIOStream *stream)
{
    return COUNTED_INPUT(g_io_stream_get_input_stream(stream))->count;
}

guint64 counted_stream_written(GIOStream *stream)
{
    return COUNTED_OUTPUT(g_io_stream_get_output_stream(stream))->count;
}
