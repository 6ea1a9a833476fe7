#include "signaling/http/buffered_stream.h"

#include <stdbool.h>

/* A buffer that has been larger is given back when it is empty. */
#define LARGE ((gsize)64 * 1024)

/* The output; the base's input is used as it is. */

struct _BufferedOutput {
    GFilterOutputStream parent;
    GByteArray *waiting;
    gsize taken;      /* of `waiting`, from its beginning: gone out already */
    GSource *turn;    /* while there is something to write in this turn of the loop; else NULL */
    GSource *blocked; /* while the peer takes nothing; else NULL */
    GError *fault;    /* of the base, for the writer to meet */
    bool is_closed;
    guint64 written; /* gone out */
    guint64 control; /* came from libsoup */
};

static void buffered_output_pollable(GPollableOutputStreamInterface *iface);

#define BUFFERED_TYPE_OUTPUT (buffered_output_get_type())
G_DECLARE_FINAL_TYPE(BufferedOutput, buffered_output, BUFFERED, OUTPUT, GFilterOutputStream)
G_DEFINE_TYPE_WITH_CODE(BufferedOutput, buffered_output, G_TYPE_FILTER_OUTPUT_STREAM,
                        G_IMPLEMENT_INTERFACE(G_TYPE_POLLABLE_OUTPUT_STREAM,
                                              buffered_output_pollable))

static GPollableOutputStream *output_base(gpointer stream)
{
    return G_POLLABLE_OUTPUT_STREAM(
        g_filter_output_stream_get_base_stream(G_FILTER_OUTPUT_STREAM(stream)));
}

static void drop_source(GSource **source)
{
    if (*source == NULL)
        return;
    g_source_destroy(*source);
    g_clear_pointer(source, g_source_unref);
}

/* Cuts off what has gone out, once that is all or half: cutting then costs no more than writing. */
static void cut(BufferedOutput *output)
{
    bool is_out = output->taken == output->waiting->len;
    if (is_out && output->taken > LARGE) {
        g_byte_array_unref(output->waiting);
        output->waiting = g_byte_array_new();
    } else if (is_out || output->taken > output->waiting->len / 2) {
        g_byte_array_remove_range(output->waiting, 0, (guint)output->taken);
    } else {
        return;
    }
    output->taken = 0;
}

static gboolean on_unblocked(GObject *base, gpointer arg);

/* Writes what the base takes now, and awaits it when it takes no more. */
static void write_out(BufferedOutput *output)
{
    while (output->taken < output->waiting->len && output->fault == NULL) {
        gssize put = g_pollable_output_stream_write_nonblocking(
            output_base(output), output->waiting->data + output->taken,
            output->waiting->len - output->taken, NULL, &output->fault);
        if (put <= 0)
            break;
        output->taken += (gsize)put;
        output->written += (guint64)put;
    }
    cut(output);
    if (g_error_matches(output->fault, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        g_clear_error(&output->fault);
    if (output->waiting->len == 0 || output->fault != NULL) {
        drop_source(&output->blocked);
    } else if (output->blocked == NULL) {
        output->blocked = g_pollable_output_stream_create_source(output_base(output), NULL);
        g_source_set_callback(output->blocked, G_SOURCE_FUNC(on_unblocked), output, NULL);
        g_source_attach(output->blocked, NULL);
    }
}

static gboolean on_unblocked(GObject *base, gpointer arg)
{
    (void)base;
    g_autoptr(BufferedOutput) output = g_object_ref(arg);
    write_out(output);
    return output->blocked != NULL;
}

static gboolean on_turn(gpointer arg)
{
    g_autoptr(BufferedOutput) output = g_object_ref(arg);
    drop_source(&output->turn);
    if (output->blocked == NULL)
        write_out(output);
    return G_SOURCE_REMOVE;
}

/* The source is for this turn only: one that is always there costs every turn something. */
static void push(BufferedOutput *output, const void *bytes, gsize size)
{
    g_byte_array_append(output->waiting, bytes, (guint)size);
    if (output->blocked != NULL || output->turn != NULL || output->is_closed)
        return;
    output->turn = g_idle_source_new();
    g_source_set_priority(output->turn, G_PRIORITY_DEFAULT);
    g_source_set_callback(output->turn, on_turn, output, NULL);
    g_source_attach(output->turn, NULL);
}

static gssize buffered_output_write_nonblocking(GPollableOutputStream *stream, const void *buffer,
                                                gsize size, GError **error)
{
    BufferedOutput *output = BUFFERED_OUTPUT(stream);
    if (output->fault != NULL) {
        g_propagate_error(error, g_error_copy(output->fault));
        return -1;
    }
    output->control += size;
    push(output, buffer, size);
    return (gssize)size;
}

static gssize buffered_output_write(GOutputStream *stream, const void *buffer, gsize size,
                                    GCancellable *cancellable, GError **error)
{
    (void)cancellable;
    return buffered_output_write_nonblocking(G_POLLABLE_OUTPUT_STREAM(stream), buffer, size, error);
}

static gboolean buffered_output_is_writable(GPollableOutputStream *stream)
{
    (void)stream;
    return TRUE;
}

static GSource *buffered_output_source(GPollableOutputStream *stream, GCancellable *cancellable)
{
    g_autoptr(GSource) always = g_timeout_source_new(0);
    return g_pollable_source_new_full(stream, always, cancellable);
}

static void buffered_output_pollable(GPollableOutputStreamInterface *iface)
{
    iface->is_writable = buffered_output_is_writable;
    iface->create_source = buffered_output_source;
    iface->write_nonblocking = buffered_output_write_nonblocking;
}

/* What can go out before the stream is closed does; nobody waits for the rest. */
static void finish_output(BufferedOutput *output)
{
    if (!output->is_closed)
        write_out(output);
    output->is_closed = true;
    drop_source(&output->blocked);
    drop_source(&output->turn);
}

static void buffered_output_finalize(GObject *object)
{
    BufferedOutput *output = BUFFERED_OUTPUT(object);
    drop_source(&output->blocked);
    drop_source(&output->turn);
    g_byte_array_unref(output->waiting);
    g_clear_error(&output->fault);
    G_OBJECT_CLASS(buffered_output_parent_class)->finalize(object);
}

static void buffered_output_class_init(BufferedOutputClass *class)
{
    G_OUTPUT_STREAM_CLASS(class)->write_fn = buffered_output_write;
    G_OBJECT_CLASS(class)->finalize = buffered_output_finalize;
}

static void buffered_output_init(BufferedOutput *output)
{
    output->waiting = g_byte_array_new();
}

/* The pair. GIO's own (GSimpleIOStream) would be closed on another thread. */

struct _BufferedStream {
    GIOStream parent;
    GIOStream *base;
    BufferedOutput *output;
};

#define BUFFERED_TYPE_STREAM (buffered_stream_get_type())
G_DECLARE_FINAL_TYPE(BufferedStream, buffered_stream, BUFFERED, STREAM, GIOStream)
G_DEFINE_TYPE(BufferedStream, buffered_stream, G_TYPE_IO_STREAM)

static GInputStream *buffered_stream_input(GIOStream *stream)
{
    return g_io_stream_get_input_stream(BUFFERED_STREAM(stream)->base);
}

static GOutputStream *buffered_stream_output(GIOStream *stream)
{
    return G_OUTPUT_STREAM(BUFFERED_STREAM(stream)->output);
}

static gboolean buffered_stream_close(GIOStream *stream, GCancellable *cancellable, GError **error)
{
    finish_output(BUFFERED_STREAM(stream)->output);
    return g_io_stream_close(BUFFERED_STREAM(stream)->base, cancellable, error);
}

static void on_base_closed(GObject *base, GAsyncResult *result, gpointer arg)
{
    g_autoptr(GTask) task = arg;
    GError *error = NULL;
    if (g_io_stream_close_finish(G_IO_STREAM(base), result, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

static void buffered_stream_close_async(GIOStream *stream, int priority, GCancellable *cancellable,
                                        GAsyncReadyCallback done, gpointer arg)
{
    GTask *task = g_task_new(stream, cancellable, done, arg);
    finish_output(BUFFERED_STREAM(stream)->output);
    g_io_stream_close_async(BUFFERED_STREAM(stream)->base, priority, cancellable, on_base_closed,
                            task);
}

static gboolean buffered_stream_close_finish(GIOStream *stream, GAsyncResult *result,
                                             GError **error)
{
    (void)stream;
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void buffered_stream_finalize(GObject *object)
{
    BufferedStream *stream = BUFFERED_STREAM(object);
    g_object_unref(stream->output);
    g_object_unref(stream->base);
    G_OBJECT_CLASS(buffered_stream_parent_class)->finalize(object);
}

static void buffered_stream_class_init(BufferedStreamClass *class)
{
    GIOStreamClass *stream_class = G_IO_STREAM_CLASS(class);
    stream_class->get_input_stream = buffered_stream_input;
    stream_class->get_output_stream = buffered_stream_output;
    stream_class->close_fn = buffered_stream_close;
    stream_class->close_async = buffered_stream_close_async;
    stream_class->close_finish = buffered_stream_close_finish;
    G_OBJECT_CLASS(class)->finalize = buffered_stream_finalize;
}

static void buffered_stream_init(BufferedStream *stream)
{
    (void)stream;
}

GIOStream *buffered_stream_new(GIOStream *base)
{
    BufferedStream *stream = g_object_new(BUFFERED_TYPE_STREAM, NULL);
    stream->base = g_object_ref(base);
    /* The base closes its own streams; disposing of the pair closes the base. */
    stream->output =
        g_object_new(BUFFERED_TYPE_OUTPUT, "base-stream", g_io_stream_get_output_stream(base),
                     "close-base-stream", FALSE, NULL);
    return G_IO_STREAM(stream);
}

void buffered_stream_push(GIOStream *stream, const void *bytes, gsize size)
{
    push(BUFFERED_STREAM(stream)->output, bytes, size);
}

void buffered_stream_flush(GIOStream *stream)
{
    BufferedOutput *output = BUFFERED_STREAM(stream)->output;
    if (output->blocked == NULL && !output->is_closed)
        write_out(output);
}

gsize buffered_stream_waiting(GIOStream *stream)
{
    const BufferedOutput *output = BUFFERED_STREAM(stream)->output;
    return output->waiting->len - output->taken;
}

guint64 buffered_stream_written(GIOStream *stream)
{
    return BUFFERED_STREAM(stream)->output->written;
}

guint64 buffered_stream_control(GIOStream *stream)
{
    return BUFFERED_STREAM(stream)->output->control;
}
