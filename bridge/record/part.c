#include "bridge/record/part.h"

#include "bridge/record/finish.h"
#include "bridge/record/log.h"
#include "bridge/record/track.h"
#include "common/clock.h"
#include "common/ids.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRAM_FILE "program.webm"

struct file {
    struct track *track;
    char *name; /* of the file */
    bool is_speaking;
};

struct part {
    char *dir, *title;
    int log_fd;
    GHashTable *files; /* leg ("" for the program) -> struct file */
    unsigned speakers;
};

static void file_free(void *data)
{
    struct file *file = data;
    track_free(file->track);
    g_free(file->name);
    g_free(file);
}

static bool fail(GError **error, const char *path)
{
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "%s: %s", path, g_strerror(errno));
    return false;
}

static bool open_part(struct part *part, unsigned number, GError **error)
{
    g_autofree char *log_path = g_build_filename(part->dir, RECORD_LOG_NAME, NULL);
    g_autofree char *parent = g_path_get_dirname(part->dir);
    char started[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(clock_utc_us(), started);
    if (g_mkdir_with_parents(parent, 0700) != 0 || mkdir(part->dir, 0700) != 0)
        return fail(error, part->dir);
    part->log_fd = open(log_path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (part->log_fd < 0)
        return fail(error, log_path);
    return record_sync_directory(parent, error) &&
           record_log_append(part->log_fd,
                             json_pack("{s:s, s:i, s:s, s:s}", "type", "part", "part", (int)number,
                                       "title", part->title, "started", started),
                             error);
}

struct part *part_new(const char *part_dir, unsigned number, const char *title, GError **error)
{
    struct part *part = g_new0(struct part, 1);
    part->dir = g_strdup(part_dir);
    part->title = g_strdup(title);
    part->log_fd = -1;
    part->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, file_free);
    if (open_part(part, number, error))
        return part;
    part_close(part, NULL);
    return NULL;
}

/* "speaker-3-hue.webm"; a leg that is no slug ("account.thu-ky") gives only its number. */
static char *file_name(struct part *part, const char *leg)
{
    if (leg[0] == '\0')
        return g_strdup(PROGRAM_FILE);
    part->speakers++;
    return id_is_slug(leg) ? g_strdup_printf("speaker-%u-%s.webm", part->speakers, leg)
                           : g_strdup_printf("speaker-%u.webm", part->speakers);
}

static struct file *find_file(struct part *part, const char *leg, GError **error)
{
    struct file *file = g_hash_table_lookup(part->files, leg);
    if (file != NULL)
        return file;
    file = g_new0(struct file, 1);
    file->name = file_name(part, leg);
    g_autofree char *path = g_build_filename(part->dir, file->name, NULL);
    bool is_program = leg[0] == '\0';
    file->track = track_new(path, is_program ? part->title : leg, error);
    json_t *line = json_pack("{s:s, s:s, s:s, s:o, s:n}", "type", "file", "file", file->name,
                             "kind", is_program ? "program" : "speaker", "leg",
                             is_program ? json_null() : json_string(leg), "name");
    if (file->track == NULL || !record_sync_directory(part->dir, error)) {
        json_decref(line);
        file_free(file);
        return NULL;
    }
    if (!record_log_append(part->log_fd, line, error)) {
        file_free(file);
        return NULL;
    }
    g_hash_table_insert(part->files, g_strdup(leg), file);
    return file;
}

static bool log_cluster(struct part *part, const struct file *file,
                        const struct track_cluster *cluster, GError **error)
{
    return record_log_append(part->log_fd,
                             json_pack("{s:s, s:s, s:I, s:I, s:s, s:I, s:I}", "type", "cluster",
                                       "file", file->name, "offset", (json_int_t)cluster->offset,
                                       "length", (json_int_t)cluster->length, "sha256",
                                       cluster->sha256, "start_us", (json_int_t)cluster->start_us,
                                       "end_us", (json_int_t)cluster->end_us),
                             error);
}

bool part_packet(struct part *part, int64_t time_samples, const char *leg, const uint8_t *opus,
                 size_t size, GError **error)
{
    struct track_cluster cluster;
    bool has_cluster;
    struct file *file = find_file(part, leg, error);
    return file != NULL &&
           track_write(file->track, time_samples, opus, size, &cluster, &has_cluster, error) &&
           (!has_cluster || log_cluster(part, file, &cluster, error));
}

static json_int_t to_us(int64_t samples)
{
    return samples * 1000000 / 48000;
}

bool part_begin(struct part *part, int64_t time_samples, const char *leg, const char *name,
                GError **error)
{
    struct file *file = find_file(part, leg, error);
    if (file == NULL)
        return false;
    file->is_speaking = true;
    return record_log_append(part->log_fd,
                             json_pack("{s:s, s:s, s:s, s:s, s:I}", "type", "begin", "file",
                                       file->name, "leg", leg, "name", name, "start_us",
                                       to_us(time_samples)),
                             error);
}

typedef bool (*cluster_end)(struct track *track, struct track_cluster *cluster, bool *has_cluster,
                            GError **error);

static bool end_cluster(struct part *part, struct file *file, cluster_end end, GError **error)
{
    struct track_cluster cluster;
    bool has_cluster;
    return end(file->track, &cluster, &has_cluster, error) &&
           (!has_cluster || log_cluster(part, file, &cluster, error));
}

bool part_end(struct part *part, int64_t time_samples, const char *leg, GError **error)
{
    struct file *file = g_hash_table_lookup(part->files, leg);
    if (file == NULL || !file->is_speaking)
        return true;
    file->is_speaking = false;
    /* A speaker who is done may not speak again for hours: his last cluster goes to disk now. */
    return end_cluster(part, file, track_flush, error) &&
           record_log_append(part->log_fd,
                             json_pack("{s:s, s:s, s:I}", "type", "end", "file", file->name,
                                       "end_us", to_us(time_samples)),
                             error);
}

bool part_close(struct part *part, GError **error)
{
    GHashTableIter iter;
    gpointer value;
    bool is_good = true;
    g_hash_table_iter_init(&iter, part->files);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        is_good = end_cluster(part, value, track_close, is_good ? error : NULL) && is_good;
    g_hash_table_unref(part->files);
    if (part->log_fd >= 0)
        close(part->log_fd);
    g_free(part->dir);
    g_free(part->title);
    g_free(part);
    return is_good;
}

bool part_finish(const char *part_dir, bool is_recovered, int64_t *duration_us, GError **error)
{
    return record_finish_part(part_dir, is_recovered, duration_us, error);
}

bool part_is_finished(const char *part_dir)
{
    g_autofree char *path = g_build_filename(part_dir, RECORD_MANIFEST_NAME, NULL);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}
