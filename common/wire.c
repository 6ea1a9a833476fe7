#include "common/wire.h"

#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct pending {
    wire_reply reply;
    void *arg;
};

struct wire {
    int references;
    int fd; /* -1 once closed */
    GMainContext *context;
    struct wire_handlers handlers;
    void *arg;
    GSource *readable;
    GSource *writable; /* only while `outgoing` is not empty */
    GByteArray *incoming;
    size_t scanned; /* bytes of `incoming` known to hold no line end */
    GByteArray *outgoing;
    GHashTable *pending; /* id -> struct pending */
    json_int_t next_id;
};

struct wire_request {
    struct wire *wire;
    json_t *id;
};

static void wire_unref(struct wire *wire)
{
    if (--wire->references > 0)
        return;
    g_byte_array_unref(wire->incoming);
    g_byte_array_unref(wire->outgoing);
    g_hash_table_unref(wire->pending);
    g_main_context_unref(wire->context);
    g_free(wire);
}

static void drop_source(GSource **source)
{
    if (*source == NULL)
        return;
    g_source_destroy(*source);
    g_source_unref(*source);
    *source = NULL;
}

static void disconnect(struct wire *wire)
{
    if (wire->fd < 0)
        return;
    drop_source(&wire->readable);
    drop_source(&wire->writable);
    close(wire->fd);
    wire->fd = -1;
    /* A reply may make calls of its own: first forget them all, then tell. */
    g_autoptr(GArray) waiting = g_array_new(FALSE, FALSE, sizeof(struct pending));
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, wire->pending);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        g_array_append_vals(waiting, value, 1);
    g_hash_table_remove_all(wire->pending);
    json_t *error = json_pack("{s:i, s:s}", "code", WIRE_CLOSED, "message", "connection closed");
    for (unsigned i = 0; i < waiting->len; i++) {
        struct pending pending = g_array_index(waiting, struct pending, i);
        if (pending.reply != NULL)
            pending.reply(NULL, error, pending.arg);
    }
    json_decref(error);
}

static void fail(struct wire *wire, const char *why)
{
    if (wire->fd < 0)
        return;
    wire->references++;
    disconnect(wire);
    if (wire->handlers.closed != NULL)
        wire->handlers.closed(wire, why, wire->arg);
    wire_unref(wire);
}

static gboolean on_writable(gint fd, GIOCondition condition, gpointer data)
{
    struct wire *wire = data;
    (void)condition;
    ssize_t sent = send(fd, wire->outgoing->data, wire->outgoing->len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        fail(wire, g_strerror(errno));
        return G_SOURCE_REMOVE;
    }
    if (sent > 0)
        g_byte_array_remove_range(wire->outgoing, 0, (guint)sent);
    if (wire->outgoing->len > 0)
        return G_SOURCE_CONTINUE;
    drop_source(&wire->writable);
    return G_SOURCE_REMOVE;
}

/* Steals `message`. */
static void send_message(struct wire *wire, json_t *message)
{
    if (wire->fd < 0) {
        json_decref(message);
        return;
    }
    char *line = json_dumps(message, JSON_COMPACT);
    json_decref(message);
    g_assert(line != NULL);
    g_byte_array_append(wire->outgoing, (const guint8 *)line, (guint)strlen(line));
    g_byte_array_append(wire->outgoing, (const guint8 *)"\n", 1);
    free(line);
    if (wire->outgoing->len > WIRE_BACKLOG_MAX) {
        log_error("control connection: the other side does not read; closing it");
        /* The reader notices, outside of the caller's stack. */
        shutdown(wire->fd, SHUT_RDWR);
        g_byte_array_set_size(wire->outgoing, 0);
        return;
    }
    if (wire->writable == NULL) {
        wire->writable = g_unix_fd_source_new(wire->fd, G_IO_OUT);
        g_source_set_callback(wire->writable, G_SOURCE_FUNC(on_writable), wire, NULL);
        g_source_attach(wire->writable, wire->context);
    }
}

static void take_answer(struct wire *wire, json_t *message, json_t *id)
{
    gint64 key = json_integer_value(id);
    struct pending *pending = g_hash_table_lookup(wire->pending, &key);
    if (!json_is_integer(id) || pending == NULL)
        return;
    struct pending taken = *pending;
    g_hash_table_remove(wire->pending, &key);
    if (taken.reply == NULL)
        return;
    json_t *error = json_object_get(message, "error");
    json_t *result = json_object_get(message, "result");
    if (error == NULL && result == NULL)
        result = json_null();
    taken.reply(error == NULL ? result : NULL, error, taken.arg);
}

static void take_line(struct wire *wire, const char *line, size_t length)
{
    json_error_t fault;
    json_t *message = json_loadb(line, length, JSON_REJECT_DUPLICATES, &fault);
    if (!json_is_object(message)) {
        json_decref(message);
        fail(wire, "a line is not a JSON object");
        return;
    }
    const char *method = json_string_value(json_object_get(message, "method"));
    json_t *id = json_object_get(message, "id");
    if (method == NULL) {
        take_answer(wire, message, id);
    } else {
        struct wire_request *request = NULL;
        if (id != NULL) {
            request = g_new0(struct wire_request, 1);
            request->wire = wire;
            request->id = json_incref(id);
            wire->references++;
        }
        wire->handlers.call(wire, method, json_object_get(message, "params"), request, wire->arg);
    }
    json_decref(message);
}

static void take_lines(struct wire *wire)
{
    while (wire->fd >= 0) {
        guint8 *start = wire->incoming->data;
        guint8 *end = memchr(start + wire->scanned, '\n', wire->incoming->len - wire->scanned);
        if (end == NULL) {
            wire->scanned = wire->incoming->len;
            break;
        }
        size_t length = (size_t)(end - start);
        g_autofree char *line = g_strndup((const char *)start, length);
        g_byte_array_remove_range(wire->incoming, 0, (guint)length + 1);
        wire->scanned = 0;
        take_line(wire, line, length);
    }
    if (wire->fd >= 0 && wire->incoming->len > WIRE_LINE_MAX)
        fail(wire, "a line is too long");
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
    struct wire *wire = data;
    guint8 bytes[16384];
    (void)condition;
    ssize_t got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return G_SOURCE_CONTINUE;
    wire->references++;
    if (got <= 0) {
        fail(wire, got == 0 ? "the other side closed it" : g_strerror(errno));
    } else {
        g_byte_array_append(wire->incoming, bytes, (guint)got);
        take_lines(wire);
    }
    bool is_open = wire->fd >= 0;
    wire_unref(wire);
    return is_open ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

struct wire *wire_new(int fd, GMainContext *context, const struct wire_handlers *handlers,
                      void *arg)
{
    struct wire *wire = g_new0(struct wire, 1);
    wire->references = 1;
    wire->fd = fd;
    wire->context = g_main_context_ref(context != NULL ? context : g_main_context_default());
    wire->handlers = *handlers;
    wire->arg = arg;
    wire->incoming = g_byte_array_new();
    wire->outgoing = g_byte_array_new();
    wire->pending = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    g_unix_set_fd_nonblocking(fd, TRUE, NULL);
    wire->readable = g_unix_fd_source_new(fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
    g_source_set_callback(wire->readable, G_SOURCE_FUNC(on_readable), wire, NULL);
    g_source_attach(wire->readable, wire->context);
    return wire;
}

void wire_free(struct wire *wire)
{
    if (wire == NULL)
        return;
    memset(&wire->handlers, 0, sizeof wire->handlers);
    disconnect(wire);
    wire_unref(wire);
}

void wire_call(struct wire *wire, const char *method, json_t *params, wire_reply reply, void *arg)
{
    gint64 id = ++wire->next_id;
    if (wire->fd < 0) {
        json_decref(params);
        json_t *error =
            json_pack("{s:i, s:s}", "code", WIRE_CLOSED, "message", "connection closed");
        if (reply != NULL)
            reply(NULL, error, arg);
        json_decref(error);
        return;
    }
    struct pending *pending = g_new0(struct pending, 1);
    pending->reply = reply;
    pending->arg = arg;
    gint64 *key = g_new(gint64, 1);
    *key = id;
    g_hash_table_insert(wire->pending, key, pending);
    send_message(wire, json_pack("{s:s, s:I, s:s, s:o*}", "jsonrpc", "2.0", "id", (json_int_t)id,
                                 "method", method, "params", params));
}

void wire_notify(struct wire *wire, const char *method, json_t *params)
{
    send_message(
        wire, json_pack("{s:s, s:s, s:o*}", "jsonrpc", "2.0", "method", method, "params", params));
}

static void request_free(struct wire_request *request)
{
    json_decref(request->id);
    wire_unref(request->wire);
    g_free(request);
}

void wire_answer(struct wire_request *request, json_t *result)
{
    send_message(request->wire, json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", request->id,
                                          "result", result != NULL ? result : json_null()));
    request_free(request);
}

void wire_refuse(struct wire_request *request, int code, const char *message)
{
    send_message(request->wire, json_pack("{s:s, s:O, s:{s:i, s:s}}", "jsonrpc", "2.0", "id",
                                          request->id, "error", "code", code, "message", message));
    request_free(request);
}
