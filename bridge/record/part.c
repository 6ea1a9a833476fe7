#include "bridge/record/part.h"

#include "bridge/record/disk.h"
#include "bridge/record/log.h"
#include "bridge/record/track.h"
#include "common/clock.h"
#include "common/ids.h"

#include <gio/gio.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRAM_FILE "program.webm"
#define WAIT_MAX_US  1200000

struct file {
    struct track *track; /* NULL before the first packet: who says nothing leaves no file */
    char *name;          /* of the file */
    bool is_speaking;
};

struct part {
    char *dir, *title;
    struct record_log *log;
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

static void part_free(struct part *part)
{
    g_hash_table_unref(part->files);
    record_log_free(part->log);
    g_free(part->dir);
    g_free(part->title);
    g_free(part);
}

static bool open_part(struct part *part, unsigned number, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(part->dir);
    char started[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(clock_utc_us(), started);
    if (g_mkdir_with_parents(parent, 0700) != 0 || mkdir(part->dir, 0700) != 0)
        return disk_fail(part->dir, error);
    part->log = record_log_new(part->dir, error);
    return part->log != NULL &&
           record_log_append(part->log,
                             json_pack("{s:s, s:i, s:s, s:s}", "type", "part", "part", (int)number,
                                       "title", part->title, "started", started),
                             error) &&
           record_log_sync(part->log, error) && disk_sync_directory(part->dir, error) &&
           disk_sync_directory(parent, error);
}

struct part *part_new(const char *part_dir, unsigned number, const char *title, GError **error)
{
    struct part *part = g_new0(struct part, 1);
    part->dir = g_strdup(part_dir);
    part->title = g_strdup(title);
    part->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, file_free);
    if (open_part(part, number, error))
        return part;
    part_free(part);
    return NULL;
}

/* "program", "picture", "slides", "speaker". */
static const char *kind_of(const char *leg)
{
    return leg[0] == '\0' ? "program" : leg[0] == ':' ? leg + 1 : "speaker";
}

/* "speaker-3-hue.webm"; a leg that is no slug ("account.thu-ky") gives only its number. */
static char *file_name(struct part *part, const char *leg)
{
    if (leg[0] == '\0')
        return g_strdup(PROGRAM_FILE);
    if (leg[0] == ':')
        return g_strconcat(leg + 1, ".webm", NULL);
    part->speakers++;
    return id_is_slug(leg) ? g_strdup_printf("speaker-%u-%s.webm", part->speakers, leg)
                           : g_strdup_printf("speaker-%u.webm", part->speakers);
}

static bool log_file(struct part *part, const struct file *file, const char *leg, GError **error)
{
    bool is_speaker = leg[0] != '\0' && leg[0] != ':';
    return record_log_append(part->log,
                             json_pack("{s:s, s:s, s:s, s:o, s:n}", "type", "file", "file",
                                       file->name, "kind", kind_of(leg), "leg",
                                       is_speaker ? json_string(leg) : json_null(), "name"),
                             error);
}

static struct file *find_file(struct part *part, const char *leg, GError **error)
{
    struct file *file = g_hash_table_lookup(part->files, leg);
    if (file != NULL)
        return file;
    file = g_new0(struct file, 1);
    file->name = file_name(part, leg);
    if (!log_file(part, file, leg, error)) {
        file_free(file);
        return NULL;
    }
    g_hash_table_insert(part->files, g_strdup(leg), file);
    return file;
}

static bool has_track(struct part *part, struct file *file, GError **error)
{
    if (file->track != NULL)
        return true;
    g_autofree char *path = g_build_filename(part->dir, file->name, NULL);
    file->track = track_new(path, part->title, error);
    return file->track != NULL && disk_sync_directory(part->dir, error);
}

/* The line comes first: a cluster that is whole on the disk has its line, however the process ends
 * between the two; a line whose cluster is not there is found out by its hash. */
static bool put_cluster(struct part *part, struct file *file, const struct track_cluster *cluster,
                        GError **error)
{
    return cluster->length == 0 ||
           (record_log_append(part->log,
                              json_pack("{s:s, s:s, s:I, s:I, s:s, s:I, s:I}", "type", "cluster",
                                        "file", file->name, "offset", (json_int_t)cluster->offset,
                                        "length", (json_int_t)cluster->length, "sha256",
                                        cluster->sha256, "start_us", (json_int_t)cluster->start_us,
                                        "end_us", (json_int_t)cluster->end_us),
                              error) &&
            track_commit(file->track, error));
}

static bool flush(struct part *part, struct file *file, GError **error)
{
    struct track_cluster ended;
    return file->track == NULL ||
           (track_flush(file->track, &ended, error) && put_cluster(part, file, &ended, error));
}

bool part_packet(struct part *part, int64_t time_samples, const char *leg, const uint8_t *opus,
                 size_t size, GError **error)
{
    struct track_cluster ended;
    struct file *file = find_file(part, leg, error);
    return file != NULL && has_track(part, file, error) &&
           track_write(file->track, time_samples, opus, size, &ended, error) &&
           put_cluster(part, file, &ended, error);
}

/* The file is made by its first key frame, which says how large the picture is. */
static bool has_picture_track(struct part *part, struct file *file, const struct coded_frame *frame,
                              GError **error)
{
    if (file->track != NULL)
        return true;
    g_autofree char *path = g_build_filename(part->dir, file->name, NULL);
    file->track = track_new_picture(path, part->title, frame->width, frame->height, error);
    return file->track != NULL && disk_sync_directory(part->dir, error);
}

bool part_frame(struct part *part, const char *which, int64_t time_samples,
                const struct coded_frame *frame, GError **error)
{
    struct track_cluster ended;
    const struct file *known = g_hash_table_lookup(part->files, which);
    if ((known == NULL || known->track == NULL) && (!frame->is_key || frame->width == 0))
        return true;
    struct file *file = find_file(part, which, error);
    return file != NULL && has_picture_track(part, file, frame, error) &&
           track_write_picture(file->track, time_samples, frame->bytes, frame->size, frame->is_key,
                               &ended, error) &&
           put_cluster(part, file, &ended, error);
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
    return record_log_append(part->log,
                             json_pack("{s:s, s:s, s:s, s:s, s:I}", "type", "begin", "file",
                                       file->name, "leg", leg, "name", name, "start_us",
                                       to_us(time_samples)),
                             error);
}

bool part_end(struct part *part, int64_t time_samples, const char *leg, GError **error)
{
    struct file *file = g_hash_table_lookup(part->files, leg);
    if (file == NULL || !file->is_speaking)
        return true;
    file->is_speaking = false;
    return flush(part, file, error) &&
           record_log_append(part->log,
                             json_pack("{s:s, s:s, s:I}", "type", "end", "file", file->name,
                                       "end_us", to_us(time_samples)),
                             error);
}

bool part_settle(struct part *part, int64_t now_us, GError **error)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, part->files);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct file *file = value;
        int64_t since_us = file->track != NULL ? track_waiting_since_us(file->track) : 0;
        if (since_us != 0 && now_us - since_us > WAIT_MAX_US && !flush(part, file, error))
            return false;
    }
    return record_log_sync(part->log, error);
}

bool part_close(struct part *part, uint64_t dropped, GError **error)
{
    GHashTableIter iter;
    gpointer value;
    bool is_good = true;
    g_hash_table_iter_init(&iter, part->files);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        is_good = flush(part, value, is_good ? error : NULL) && is_good;
    if (dropped > 0)
        is_good = record_log_append(
                      part->log,
                      json_pack("{s:s, s:I}", "type", "dropped", "packets", (json_int_t)dropped),
                      is_good ? error : NULL) &&
                  is_good;
    is_good = record_log_sync(part->log, is_good ? error : NULL) && is_good;
    part_free(part);
    return is_good;
}
