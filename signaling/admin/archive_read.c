#include "common/ids.h"
#include "signaling/admin/meeting_archive.h"
#include "signaling/data_directory.h"
#include "signaling/http/files.h"
#include "signaling/meeting/journal.h"
#include "signaling/store/store.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define ENTRIES_MAX    100000
#define LINE_MAX_BYTES ((size_t)2 * 1024 * 1024)
#define BATCH          500

static bool refuse(GError **error, const char *what, const char *why)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: %s", what, why);
    return false;
}

/* Only what an export has: no way leads out of the folder. */
static bool is_expected(const char *name)
{
    static const char *const files[] = {"export.json",  "journal.jsonl", "minutes.json",
                                        "minutes.html", "SHA256SUMS",    NULL};
    return g_strv_contains(files, name) ||
           ((g_str_has_prefix(name, "papers/") || g_str_has_prefix(name, "recordings/")) &&
            files_path_is_safe(name));
}

/* Writes one entry below the folder and gives its SHA-256; NULL with `error`. g_free(). */
static char *unpack_entry(struct archive *archive, const char *name, const char *folder,
                          GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    const void *bytes;
    size_t size;
    la_int64_t offset;
    int status;
    if (g_mkdir_with_parents(parent, 0700) != 0) {
        refuse(error, parent, "cannot be made");
        return NULL;
    }
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) {
        refuse(error, name, "stands there twice, or cannot be written");
        return NULL;
    }
    while ((status = archive_read_data_block(archive, &bytes, &size, &offset)) == ARCHIVE_OK) {
        g_checksum_update(sum, bytes, (gssize)size);
        if (pwrite(file, bytes, size, offset) != (ssize_t)size)
            break;
    }
    bool is_good = status == ARCHIVE_EOF && fsync(file) == 0;
    close(file);
    if (!is_good)
        refuse(error, name, "cannot be unpacked: the archive is cut off, or the disk is full");
    return is_good ? g_strdup(g_checksum_get_string(sum)) : NULL;
}

/* {name: sha256} of all that was unpacked; NULL with `error`. */
static GHashTable *unpack_all(struct archive *archive, const char *folder, GError **error)
{
    g_autoptr(GHashTable) sums = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    struct archive_entry *entry;
    int status;
    while ((status = archive_read_next_header(archive, &entry)) == ARCHIVE_OK) {
        const char *name = archive_entry_pathname_utf8(entry);
        if (name == NULL || archive_entry_filetype(entry) != AE_IFREG || !is_expected(name) ||
            archive_entry_hardlink(entry) != NULL || g_hash_table_size(sums) >= ENTRIES_MAX) {
            refuse(error, name != NULL ? name : "an entry", "has no place in a meeting's archive");
            return NULL;
        }
        char *sum = unpack_entry(archive, name, folder, error);
        if (sum == NULL)
            return NULL;
        g_hash_table_insert(sums, g_strdup(name), sum);
    }
    if (status == ARCHIVE_EOF)
        return g_steal_pointer(&sums);
    refuse(error, "the archive", archive_error_string(archive));
    return NULL;
}

/* Each line of SHA256SUMS is true, and nothing is there that has no line. */
static bool check_sums(GHashTable *sums, const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "SHA256SUMS", NULL);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, error))
        return false;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    unsigned count = 0;
    for (unsigned i = 0; lines[i] != NULL; i++) {
        if (lines[i][0] == '\0')
            continue;
        const char *name = strlen(lines[i]) > 66 ? lines[i] + 66 : "";
        const char *sum = g_hash_table_lookup(sums, name);
        if (sum == NULL)
            return refuse(error, lines[i], "is in SHA256SUMS and not in the archive");
        if (strncmp(lines[i], sum, 64) != 0)
            return refuse(error, name, "has been changed: its SHA-256 is another");
        count++;
    }
    return count + 1 == g_hash_table_size(sums) ||
           refuse(error, "SHA256SUMS", "does not name every file once");
}

static bool check_journal(const char *folder, char **meeting, GError **error)
{
    g_autofree char *about_path = g_build_filename(folder, "export.json", NULL);
    g_autofree char *journal = g_build_filename(folder, "journal.jsonl", NULL);
    uint64_t events;
    char hash[HASH_HEX_SIZE];
    json_t *about = json_load_file(about_path, JSON_REJECT_DUPLICATES, NULL);
    const char *id = json_string_value(json_object_get(about, "meeting"));
    const char *last = json_string_value(json_object_get(about, "last_hash"));
    bool is_good = id != NULL && id_is_slug(id) && last != NULL &&
                   json_integer_value(json_object_get(about, "format")) == 1;
    if (!is_good)
        refuse(error, "export.json", "is not that of an export this program knows");
    is_good = is_good && journal_verify_file(journal, &events, hash, error);
    if (is_good && strcmp(hash, last) != 0)
        is_good = refuse(error, "journal.jsonl", "does not end as export.json says");
    if (is_good)
        *meeting = g_strdup(id);
    json_decref(about);
    return is_good;
}

bool archive_unpack(const char *path, const char *folder, char **meeting, GError **error)
{
    struct archive *archive = archive_read_new();
    archive_read_support_format_tar(archive);
    bool is_good = archive_read_open_filename(archive, path, 65536) == ARCHIVE_OK;
    if (!is_good)
        refuse(error, path, archive_error_string(archive));
    GHashTable *sums = is_good ? unpack_all(archive, folder, error) : NULL;
    is_good =
        sums != NULL && check_sums(sums, folder, error) && check_journal(folder, meeting, error);
    if (sums != NULL)
        g_hash_table_unref(sums);
    archive_read_free(archive);
    return is_good;
}

/* ---- taking it up ---- */

static bool append_lines(struct store *store, const char *meeting, GInputStream *input,
                         GError **error)
{
    g_autoptr(GDataInputStream) lines = g_data_input_stream_new(input);
    bool is_good = true, is_over = false;
    while (is_good && !is_over) {
        g_autoptr(GPtrArray) batch = g_ptr_array_new_with_free_func((GDestroyNotify)event_free);
        while (is_good && !is_over && batch->len < BATCH) {
            g_autofree char *line = g_data_input_stream_read_line(lines, NULL, NULL, error);
            is_over = line == NULL;
            json_t *value = line != NULL ? json_loads(line, JSON_REJECT_DUPLICATES, NULL) : NULL;
            struct event *event = value != NULL ? event_from_journal(value, error) : NULL;
            json_decref(value);
            is_good = is_over || (event != NULL && strcmp(event->meeting, meeting) == 0);
            if (event != NULL)
                g_ptr_array_add(batch, event);
        }
        is_good = is_good && store_append(store, batch, error);
    }
    return is_good || (error != NULL && *error != NULL) ||
           refuse(error, "journal.jsonl", "is not of this meeting");
}

static bool has_meeting(struct store *store, const char *meeting, bool *has, GError **error)
{
    g_auto(GStrv) ids = store_meetings(store, error);
    *has = ids != NULL && g_strv_contains((const char *const *)ids, meeting);
    return ids != NULL;
}

/* What is unpacked goes to its place; nothing is written over. */
static bool move_folder(const char *from, const char *data, const char *kind, const char *meeting,
                        GError **error)
{
    g_autofree char *source = g_build_filename(from, kind, NULL);
    g_autofree char *parent = g_build_filename(data, kind, NULL);
    g_autofree char *target = g_build_filename(parent, meeting, NULL);
    if (!g_file_test(source, G_FILE_TEST_IS_DIR))
        return true;
    if (g_file_test(target, G_FILE_TEST_EXISTS))
        return refuse(error, target, "is there already");
    return (g_mkdir_with_parents(parent, 0700) == 0 && g_rename(source, target) == 0) ||
           refuse(error, target, "cannot be made");
}

static bool take_up(const char *data, const char *folder, const char *meeting, GError **error)
{
    g_autofree char *path = g_build_filename(data, "nhipcau.db", NULL);
    g_autofree char *journal = g_build_filename(folder, "journal.jsonl", NULL);
    g_autoptr(GFile) file = g_file_new_for_path(journal);
    g_autoptr(GFileInputStream) input = g_file_read(file, NULL, error);
    struct store *store = input != NULL ? store_open(path, error) : NULL;
    bool has = false;
    bool is_good = store != NULL && has_meeting(store, meeting, &has, error);
    if (is_good && has)
        is_good = refuse(error, meeting, "is in this data directory already");
    is_good = is_good && move_folder(folder, data, "papers", meeting, error) &&
              move_folder(folder, data, "recordings", meeting, error) &&
              append_lines(store, meeting, G_INPUT_STREAM(input), error);
    if (store != NULL)
        store_close(store);
    return is_good;
}

static void remove_tree(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;
    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *below = g_build_filename(path, name, NULL);
        if (g_file_test(below, G_FILE_TEST_IS_DIR) && !g_file_test(below, G_FILE_TEST_IS_SYMLINK))
            remove_tree(below);
        else
            g_unlink(below);
    }
    g_rmdir(path);
}

bool archive_import(const char *data, const char *path, char **meeting, GError **error)
{
    if (!data_directory_prepare(data, error))
        return false;
    int lock = data_directory_lock(data, error);
    if (lock < 0) {
        g_prefix_error(error, "stop the server first: ");
        return false;
    }
    g_autofree char *folder = g_build_filename(data, "import-XXXXXX", NULL);
    bool is_good = g_mkdtemp_full(folder, 0700) != NULL || refuse(error, folder, "cannot be made");
    if (is_good)
        is_good =
            archive_unpack(path, folder, meeting, error) && take_up(data, folder, *meeting, error);
    remove_tree(folder);
    close(lock);
    return is_good;
}
