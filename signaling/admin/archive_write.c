#include "common/clock.h"
#include "signaling/admin/meeting_archive.h"
#include "signaling/meeting/journal.h"
#include "signaling/minutes/minutes.h"
#include "signaling/store/store.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE ((size_t)256 * 1024)

struct writing {
    struct archive *archive;
    GString *sums;
    GError **error;
};

static bool fail(struct writing *writing, const char *name)
{
    g_set_error(writing->error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", name,
                archive_error_string(writing->archive));
    return false;
}

static bool begin_entry(struct writing *writing, const char *name, int64_t size)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_size(entry, size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0600);
    bool is_good = archive_write_header(writing->archive, entry) == ARCHIVE_OK;
    archive_entry_free(entry);
    return is_good || fail(writing, name);
}

static void add_sum(struct writing *writing, const char *name, GChecksum *sum)
{
    g_string_append_printf(writing->sums, "%s  %s\n", g_checksum_get_string(sum), name);
}

static bool put_text(struct writing *writing, const char *name, const char *text)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    size_t size = strlen(text);
    g_checksum_update(sum, (const guchar *)text, (gssize)size);
    if (!begin_entry(writing, name, (int64_t)size))
        return false;
    if (archive_write_data(writing->archive, text, size) != (la_ssize_t)size)
        return fail(writing, name);
    add_sum(writing, name, sum);
    return true;
}

/* As many bytes as there were at the beginning: a recording may still grow. */
static bool copy_bytes(struct writing *writing, const char *name, int file, int64_t left,
                       GChecksum *sum)
{
    g_autofree char *piece = g_malloc(PIECE);
    while (left > 0) {
        ssize_t size = read(file, piece, (size_t)MIN(left, (int64_t)PIECE));
        if (size <= 0) {
            g_set_error(writing->error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s cannot be read", name);
            return false;
        }
        if (archive_write_data(writing->archive, piece, (size_t)size) != size)
            return fail(writing, name);
        g_checksum_update(sum, (const guchar *)piece, size);
        left -= size;
    }
    return true;
}

static bool put_file(struct writing *writing, const char *name, const char *path)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    struct stat status;
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0) {
        g_set_error(writing->error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s cannot be read", path);
        if (file >= 0)
            close(file);
        return false;
    }
    bool is_good = begin_entry(writing, name, status.st_size) &&
                   copy_bytes(writing, name, file, status.st_size, sum);
    close(file);
    if (is_good)
        add_sum(writing, name, sum);
    return is_good;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A folder and what is below it, in the order of names; one that is not there is empty. */
static bool put_folder(struct writing *writing, const char *name, const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *entry;
    while (folder != NULL && (entry = g_dir_read_name(folder)) != NULL)
        g_ptr_array_add(names, g_strdup(entry));
    g_ptr_array_sort(names, compare_names);
    bool is_good = true;
    for (unsigned i = 0; is_good && i < names->len; i++) {
        g_autofree char *below = g_build_filename(path, names->pdata[i], NULL);
        g_autofree char *shown = g_strdup_printf("%s/%s", name, (char *)names->pdata[i]);
        if (g_file_test(below, G_FILE_TEST_IS_SYMLINK))
            continue;
        is_good = g_file_test(below, G_FILE_TEST_IS_DIR) ? put_folder(writing, shown, below)
                                                         : put_file(writing, shown, below);
    }
    return is_good;
}

/* ---- the journal ---- */

static bool keep(const struct event *event, void *arg)
{
    json_t *line = event_to_journal(event);
    g_ptr_array_add(arg, event_from_journal(line, NULL));
    json_decref(line);
    return true;
}

static bool put_journal(struct writing *writing, const GPtrArray *events)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < events->len; i++) {
        json_t *line = event_to_journal(events->pdata[i]);
        char *canonical = json_canonical(line);
        g_string_append(text, canonical);
        g_string_append_c(text, '\n');
        free(canonical);
        json_decref(line);
    }
    bool is_good = put_text(writing, "journal.jsonl", text->str);
    g_string_free(text, TRUE);
    return is_good;
}

static bool put_documents(struct writing *writing, const GPtrArray *events)
{
    char now[CLOCK_RFC3339_SIZE];
    const struct event *last = events->pdata[events->len - 1];
    json_t *minutes = minutes_to_json(events);
    json_t *title = json_object_get(json_object_get(minutes, "meeting"), "title");
    clock_format_rfc3339(clock_utc_us(), now);
    json_t *about = json_pack("{s:i, s:s, s:O, s:I, s:s, s:s}", "format", 1, "meeting",
                              last->meeting, "title", title, "events", (json_int_t)events->len,
                              "last_hash", last->hash, "exported", now);
    char *about_text = json_dumps(about, JSON_INDENT(2));
    char *minutes_text = json_dumps(minutes, JSON_INDENT(2));
    g_autofree char *page = minutes_to_html(minutes);
    bool is_good = put_text(writing, "export.json", about_text) && put_journal(writing, events) &&
                   put_text(writing, "minutes.json", minutes_text) &&
                   put_text(writing, "minutes.html", page);
    free(about_text);
    free(minutes_text);
    json_decref(about);
    json_decref(minutes);
    return is_good;
}

static bool put_all(struct writing *writing, const char *data, const char *meeting,
                    const GPtrArray *events)
{
    g_autofree char *papers = g_build_filename(data, "papers", meeting, NULL);
    g_autofree char *recordings = g_build_filename(data, "recordings", meeting, NULL);
    if (!put_documents(writing, events) || !put_folder(writing, "papers", papers) ||
        !put_folder(writing, "recordings", recordings))
        return false;
    g_autofree char *sums = g_strdup(writing->sums->str);
    return put_text(writing, "SHA256SUMS", sums);
}

static GPtrArray *read_events(const char *data, const char *meeting, GError **error)
{
    g_autofree char *path = g_build_filename(data, "nhipcau.db", NULL);
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s is not there", path);
        return NULL;
    }
    struct store *store = store_open(path, error);
    if (store == NULL)
        return NULL;
    GPtrArray *events = g_ptr_array_new_with_free_func((GDestroyNotify)event_free);
    bool is_read = store_read(store, meeting, 0, keep, events, error);
    store_close(store);
    if (is_read && events->len == 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "there is no meeting %s", meeting);
        is_read = false;
    }
    if (!is_read)
        g_clear_pointer(&events, g_ptr_array_unref);
    return events;
}

bool archive_export(const char *data, const char *meeting, const char *path, GError **error)
{
    g_autoptr(GPtrArray) events = read_events(data, meeting, error);
    if (events == NULL)
        return false;
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_EXISTS, "%s: %s", path, g_strerror(errno));
        return false;
    }
    struct writing writing = {archive_write_new(), g_string_new(NULL), error};
    archive_write_set_format_pax_restricted(writing.archive);
    bool is_good = archive_write_open_fd(writing.archive, file) == ARCHIVE_OK
                       ? put_all(&writing, data, meeting, events)
                       : fail(&writing, path);
    if (is_good && archive_write_close(writing.archive) != ARCHIVE_OK)
        is_good = fail(&writing, path);
    archive_write_free(writing.archive);
    is_good = is_good && fsync(file) == 0;
    close(file);
    if (!is_good)
        unlink(path);
    g_string_free(writing.sums, TRUE);
    return is_good;
}
