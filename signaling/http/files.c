#include "signaling/http/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define NAME_MAX_LENGTH 100
#define NAMES_MAX       4
#define PIECE_SIZE      ((size_t)64 * 1024)

static bool name_is_safe(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > NAME_MAX_LENGTH || !g_ascii_isalnum(name[0]))
        return false;
    for (size_t i = 1; i < length; i++) {
        if (!g_ascii_isalnum(name[i]) && strchr("._-", name[i]) == NULL)
            return false;
    }
    return true;
}

bool files_path_is_safe(const char *path)
{
    g_auto(GStrv) names = g_strsplit(path, "/", NAMES_MAX + 1);
    unsigned count = g_strv_length(names);
    if (count == 0 || count > NAMES_MAX)
        return false;
    for (unsigned i = 0; i < count; i++) {
        if (!name_is_safe(names[i]))
            return false;
    }
    return true;
}

int files_open_below(int directory, const char *path, struct stat *status)
{
    if (directory < 0 || !files_path_is_safe(path))
        return -1;
    g_auto(GStrv) names = g_strsplit(path, "/", -1);
    unsigned count = g_strv_length(names);
    int at = directory;
    for (unsigned i = 0; i < count && at >= 0; i++) {
        int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
        int next = openat(at, names[i], i + 1 < count ? flags | O_DIRECTORY : flags);
        if (at != directory)
            close(at);
        at = next;
    }
    if (at >= 0 && (fstat(at, status) != 0 || !S_ISREG(status->st_mode))) {
        close(at);
        return -1;
    }
    return at;
}

const char *files_content_type(const char *path)
{
    static const struct {
        const char *ending, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".jsonl", "application/jsonl"},
        {".map", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".webmanifest", "application/manifest+json"},
        {".txt", "text/plain; charset=utf-8"},
        {".webm", "video/webm"},
        {".mp4", "video/mp4"},
        {".ogg", "audio/ogg"},
        {".wav", "audio/wav"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_str_has_suffix(path, types[i].ending))
            return types[i].type;
    }
    return "application/octet-stream";
}

/* Digits only, without sign or space; false also when it does not fit. */
static bool parse_offset(const char *text, off_t *offset)
{
    guint64 number;
    if (text[0] == '\0' || !g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &number, NULL))
        return false;
    *offset = (off_t)number;
    return true;
}

enum files_range files_parse_range(const char *header, off_t size, off_t *first, off_t *last)
{
    if (header == NULL || !g_str_has_prefix(header, "bytes=") || strchr(header, ',') != NULL)
        return RANGE_NONE;
    g_auto(GStrv) ends = g_strsplit(header + strlen("bytes="), "-", 3);
    if (g_strv_length(ends) != 2)
        return RANGE_NONE;
    off_t from, to = size - 1;
    bool has_from = ends[0][0] != '\0', has_to = ends[1][0] != '\0';
    if ((!has_from && !has_to) || (has_from && !parse_offset(ends[0], &from)) ||
        (has_to && !parse_offset(ends[1], &to)))
        return RANGE_NONE;
    if (!has_from) { /* the last `to` bytes */
        if (to == 0 || size == 0)
            return RANGE_UNSATISFIABLE;
        from = to < size ? size - to : 0;
        to = size - 1;
    }
    if (has_from && has_to && to < from)
        return RANGE_NONE;
    if (from >= size)
        return RANGE_UNSATISFIABLE;
    *first = from;
    *last = MIN(to, size - 1);
    return RANGE_PART;
}

/* Sending, a piece at a time. */

struct sending {
    int file;
    off_t next, end;
};

static void sending_free(gpointer data, GClosure *closure)
{
    struct sending *sending = data;
    (void)closure;
    close(sending->file);
    g_free(sending);
}

static void send_piece(SoupServerMessage *message, struct sending *sending)
{
    SoupMessageBody *body = soup_server_message_get_response_body(message);
    size_t wanted = (size_t)MIN((off_t)PIECE_SIZE, sending->end - sending->next);
    if (wanted == 0) {
        soup_message_body_complete(body);
        return;
    }
    char *piece = g_malloc(wanted);
    ssize_t got;
    do {
        got = pread(sending->file, piece, wanted, sending->next);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
        /* The length was promised: a file that became shorter ends the connection instead. */
        g_free(piece);
        g_autoptr(GIOStream) stream = soup_server_message_steal_connection(message);
        g_io_stream_close_async(stream, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
        return;
    }
    sending->next += got;
    soup_message_body_append_take(body, (guchar *)piece, (gsize)got);
    soup_server_message_unpause(message);
}

static void send_file(SoupServerMessage *message, int file, off_t first, off_t end)
{
    struct sending *sending = g_new(struct sending, 1);
    *sending = (struct sending){file, first, end};
    SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
    soup_message_headers_set_encoding(headers, SOUP_ENCODING_CONTENT_LENGTH);
    soup_message_headers_set_content_length(headers, end - first);
    soup_message_body_set_accumulate(soup_server_message_get_response_body(message), FALSE);
    g_signal_connect_data(message, "wrote-chunk", G_CALLBACK(send_piece), sending, sending_free, 0);
    if (strcmp(soup_server_message_get_method(message), "HEAD") == 0)
        soup_message_body_complete(soup_server_message_get_response_body(message));
    else
        send_piece(message, sending);
}

void files_reply(SoupServerMessage *message, int file, const struct stat *status, const char *type)
{
    SoupMessageHeaders *request = soup_server_message_get_request_headers(message);
    SoupMessageHeaders *response = soup_server_message_get_response_headers(message);
    g_autofree char *etag =
        g_strdup_printf("\"%llx-%llx-%lx\"", (unsigned long long)status->st_size,
                        (unsigned long long)status->st_mtim.tv_sec, status->st_mtim.tv_nsec);
    soup_message_headers_replace(response, "ETag", etag);
    soup_message_headers_replace(response, "Accept-Ranges", "bytes");
    soup_message_headers_replace(response, "Cache-Control", "no-cache");
    soup_message_headers_replace(response, "Content-Type", type);
    const char *known = soup_message_headers_get_list(request, "If-None-Match");
    const char *if_range = soup_message_headers_get_one(request, "If-Range");
    if (known != NULL && strstr(known, etag) != NULL) {
        soup_server_message_set_status(message, SOUP_STATUS_NOT_MODIFIED, NULL);
        close(file);
        return;
    }
    off_t first = 0, last = status->st_size - 1;
    enum files_range range = RANGE_NONE;
    if (if_range == NULL || strcmp(if_range, etag) == 0)
        range = files_parse_range(soup_message_headers_get_one(request, "Range"), status->st_size,
                                  &first, &last);
    /* Ranges are ours: libsoup would cut what is cut already. */
    soup_message_headers_remove(request, "Range");
    if (range == RANGE_UNSATISFIABLE) {
        g_autofree char *all = g_strdup_printf("bytes */%lld", (long long)status->st_size);
        soup_message_headers_replace(response, "Content-Range", all);
        soup_server_message_set_status(message, SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE, NULL);
        close(file);
        return;
    }
    if (range == RANGE_PART)
        soup_message_headers_set_content_range(response, first, last, status->st_size);
    soup_server_message_set_status(
        message, range == RANGE_PART ? SOUP_STATUS_PARTIAL_CONTENT : SOUP_STATUS_OK, NULL);
    send_file(message, file, first, last + 1);
}
