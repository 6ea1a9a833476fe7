/* /api/v1/meetings/{id}/…: readings of the journal, the journal itself, the recording. */
#include "signaling/http/documents.h"

#include "common/log.h"
#include "signaling/http/files.h"
#include "signaling/http/reply.h"
#include "signaling/http/routes.h"
#include "signaling/minutes/invitation.h"
#include "signaling/minutes/minutes.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MANIFEST_MAX  ((off_t)16 * 1024 * 1024)
#define JOURNAL_PIECE 256 /* events at a time */

static bool fail_journal(const struct visit *visit, const GError *error)
{
    log_error("journal cannot be read meeting=%s why=%s", visit->meeting, error->message);
    reply_error(visit->message, ERROR_STORAGE, "storage", "the journal cannot be read");
    return false;
}

/* The minutes. */

static bool keep(const struct event *event, void *arg)
{
    json_t *line = event_to_journal(event);
    struct event *copy = event_from_journal(line, NULL);
    json_decref(line);
    if (copy != NULL)
        g_ptr_array_add(arg, copy);
    return copy != NULL;
}

GPtrArray *documents_read_journal(const struct visit *visit)
{
    g_autoptr(GPtrArray) events = g_ptr_array_new_with_free_func((GDestroyNotify)event_free);
    g_autoptr(GError) error = NULL;
    if (!store_read(visit->service->store, visit->meeting, 0, keep, events, &error)) {
        fail_journal(visit, error);
        return NULL;
    }
    return g_steal_pointer(&events);
}

void visit_minutes_json(const struct visit *visit)
{
    g_autoptr(GPtrArray) events = documents_read_journal(visit);
    if (events != NULL)
        reply_json(visit->message, SOUP_STATUS_OK, minutes_to_json(events));
}

/* A page that stands alone: its styles are inside, it has no scripts, its links play the
 * recording. */
static void reply_page(SoupServerMessage *message, const char *page)
{
    SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
    soup_message_headers_replace(headers, "Content-Security-Policy",
                                 "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                                 "media-src 'self'; base-uri 'none'; form-action 'none'; "
                                 "frame-ancestors 'none'");
    reply_text(message, SOUP_STATUS_OK, "text/html; charset=utf-8", page);
}

void visit_minutes_html(const struct visit *visit)
{
    g_autoptr(GPtrArray) events = documents_read_journal(visit);
    if (events == NULL)
        return;
    json_t *minutes = minutes_to_json(events);
    g_autofree char *page = minutes_to_html(minutes);
    json_decref(minutes);
    reply_page(visit->message, page);
}

/* "hue.html". A room reads its own. */
void visit_invitation(const struct visit *visit)
{
    const struct identity *identity = visit->identity;
    g_autofree char *site = g_strdup(visit->rest);
    if (!g_str_has_suffix(site, ".html")) {
        reply_error(visit->message, ERROR_NO_SUCH_SITE, "no-such-site", "ROOM.html is needed");
        return;
    }
    site[strlen(site) - strlen(".html")] = '\0';
    if ((identity->role == ROLE_SITE || identity->role == ROLE_OBSERVER) &&
        g_strcmp0(identity->site, site) != 0) {
        reply_error(visit->message, ERROR_NOT_ALLOWED, "not-allowed", "this is another room's");
        return;
    }
    json_t *state = meeting_snapshot(hub_find(visit->service->hub, visit->meeting, NULL));
    g_autofree char *page = invitation_to_html(state, site);
    json_decref(state);
    if (page == NULL)
        reply_error(visit->message, ERROR_NO_SUCH_SITE, "no-such-site",
                    "the meeting has no such room");
    else
        reply_page(visit->message, page);
}

void visit_directives(const struct visit *visit)
{
    g_autoptr(GPtrArray) events = documents_read_journal(visit);
    if (events != NULL)
        reply_json(visit->message, SOUP_STATUS_OK, minutes_directives(events));
}

/* The journal: read and sent a piece at a time, however long it is. */

struct journal {
    struct store *store;
    char *meeting;
    uint64_t last;
    unsigned count;
    GString *piece;
};

static void journal_free(gpointer data, GClosure *closure)
{
    struct journal *journal = data;
    (void)closure;
    g_free(journal->meeting);
    g_free(journal);
}

static bool add_line(const struct event *event, void *arg)
{
    struct journal *journal = arg;
    json_t *line = event_to_journal(event);
    char *text = json_canonical(line);
    json_decref(line);
    g_string_append(journal->piece, text);
    g_string_append_c(journal->piece, '\n');
    free(text);
    journal->last = event->seq;
    return ++journal->count < JOURNAL_PIECE;
}

static void send_lines(SoupServerMessage *message, struct journal *journal)
{
    SoupMessageBody *body = soup_server_message_get_response_body(message);
    g_autoptr(GError) error = NULL;
    journal->piece = g_string_new(NULL);
    journal->count = 0;
    bool is_read =
        store_read(journal->store, journal->meeting, journal->last, add_line, journal, &error);
    gsize size = journal->piece->len;
    g_autofree char *text = g_string_free(journal->piece, FALSE);
    if (!is_read) {
        /* The rest is missing: without the last chunk the peer sees that it is not whole. */
        log_error("journal cannot be read meeting=%s why=%s", journal->meeting, error->message);
        g_autoptr(GIOStream) stream = soup_server_message_steal_connection(message);
        g_io_stream_close_async(stream, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
        return;
    }
    if (size > 0)
        soup_message_body_append_take(body, (guchar *)g_steal_pointer(&text), size);
    else
        soup_message_body_complete(body);
    soup_server_message_unpause(message);
}

void visit_journal(const struct visit *visit)
{
    struct journal *journal = g_new0(struct journal, 1);
    SoupServerMessage *message = visit->message;
    SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
    journal->store = visit->service->store;
    journal->meeting = g_strdup(visit->meeting);
    g_signal_connect_data(message, "wrote-chunk", G_CALLBACK(send_lines), journal, journal_free, 0);
    soup_server_message_set_status(message, SOUP_STATUS_OK, NULL);
    soup_message_headers_replace(headers, "Content-Type", "application/jsonl");
    soup_message_headers_set_encoding(headers, SOUP_ENCODING_CHUNKED);
    soup_message_body_set_accumulate(soup_server_message_get_response_body(message), FALSE);
    send_lines(message, journal);
}

/* The recording. */

static int open_recordings(const struct visit *visit)
{
    g_autofree char *path =
        g_build_filename(visit->service->config->data, "recordings", visit->meeting, NULL);
    return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The part's manifest.json; NULL while it is not finished. */
static json_t *read_manifest(int directory, const char *part)
{
    struct stat status;
    g_autofree char *path = g_strdup_printf("%s/manifest.json", part);
    int file = files_open_below(directory, path, &status);
    if (file < 0)
        return NULL;
    json_t *manifest = status.st_size <= MANIFEST_MAX ? json_loadfd(file, 0, NULL) : NULL;
    close(file);
    return manifest;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of what lies in a directory and may be asked for, sorted. Closes `directory`. */
static GPtrArray *list_names(int directory)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    DIR *stream = directory >= 0 ? fdopendir(directory) : NULL;
    struct dirent *entry;
    while (stream != NULL && (entry = readdir(stream)) != NULL) {
        if (files_path_is_safe(entry->d_name))
            g_ptr_array_add(names, g_strdup(entry->d_name));
    }
    if (stream != NULL)
        closedir(stream);
    g_ptr_array_sort(names, compare_names);
    return names;
}

/* What there is so far of a part that is still being recorded. */
static json_t *list_files(int directory, const char *part)
{
    json_t *files = json_array();
    int below = openat(directory, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    g_autoptr(GPtrArray) names = list_names(below);
    for (unsigned i = 0; i < names->len; i++) {
        struct stat status;
        g_autofree char *path = g_strdup_printf("%s/%s", part, (char *)names->pdata[i]);
        int file = files_open_below(directory, path, &status);
        if (file < 0)
            continue;
        close(file);
        json_array_append_new(files, json_pack("{s:s, s:I}", "file", (char *)names->pdata[i],
                                               "bytes", (json_int_t)status.st_size));
    }
    return files;
}

void visit_manifest(const struct visit *visit)
{
    json_t *parts = json_array();
    int directory = open_recordings(visit);
    g_autoptr(GPtrArray) names = list_names(directory >= 0 ? dup(directory) : -1);
    for (unsigned i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        if (!g_str_has_prefix(name, "part-"))
            continue;
        json_t *manifest = read_manifest(directory, name);
        json_t *part = json_pack("{s:s, s:b}", "path", name, "finished", (int)(manifest != NULL));
        if (manifest != NULL)
            json_object_set_new(part, "manifest", manifest);
        else
            json_object_set_new(part, "files", list_files(directory, name));
        json_array_append_new(parts, part);
    }
    if (directory >= 0)
        close(directory);
    reply_json(visit->message, SOUP_STATUS_OK,
               json_pack("{s:s, s:o}", "meeting", visit->meeting, "parts", parts));
}

void visit_recording(const struct visit *visit)
{
    struct stat status;
    int directory = open_recordings(visit);
    int file = files_open_below(directory, visit->rest, &status);
    if (directory >= 0)
        close(directory);
    if (file < 0) {
        reply_error(visit->message, ERROR_NO_SUCH_METHOD, "no-such-file",
                    "the recording has no such file");
        return;
    }
    files_reply(visit->message, file, &status, files_content_type(visit->rest));
}
