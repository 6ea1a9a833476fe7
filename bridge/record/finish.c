#include "bridge/record/finish.h"

#include "bridge/record/disk.h"
#include "bridge/record/gather.h"
#include "bridge/record/log.h"
#include "bridge/record/remux.h"

#include <gio/gio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRAM_FILE "program.webm"
#define PICTURE_FILE "picture.webm"
#define CLUSTER_MAX  (16 * 1024 * 1024)
#define HEADER_MAX   4096 /* of a file without a cluster */

static json_int_t number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static bool is_whole(FILE *stream, const json_t *cluster)
{
    json_int_t offset = number_of(cluster, "offset"), length = number_of(cluster, "length");
    const char *expected = json_string_value(json_object_get(cluster, "sha256"));
    char sha256[DISK_SHA256_SIZE];
    if (offset < 0 || length <= 0 || length > CLUSTER_MAX ||
        fseeko(stream, (off_t)offset, SEEK_SET) != 0)
        return false;
    g_autofree char *bytes = g_malloc((gsize)length);
    size_t got = fread(bytes, 1, (size_t)length, stream);
    disk_sha256(bytes, got, sha256);
    return got == (size_t)length && g_strcmp0(sha256, expected) == 0;
}

/* How many clusters there are up to the last one that is on the disk as the log has it; 0: none
 * is, or the file has already been finished by an attempt that was itself cut short. */
static size_t count_whole_clusters(const char *path, const json_t *clusters)
{
    FILE *stream = fopen(path, "re");
    size_t count = stream != NULL ? json_array_size(clusters) : 0;
    while (count > 0 && !is_whole(stream, json_array_get(clusters, count - 1)))
        count--;
    if (stream != NULL)
        fclose(stream);
    return count;
}

/* Cuts off what a kill or a power loss has torn, from the file and from what the log promises. */
static bool cut_torn_end(const char *part_dir, const char *name, json_t *clusters, GError **error)
{
    g_autofree char *path = g_build_filename(part_dir, name, NULL);
    size_t count = count_whole_clusters(path, clusters);
    if (count == 0)
        return true;
    while (json_array_size(clusters) > count)
        json_array_remove(clusters, count);
    const json_t *last = json_array_get(clusters, count - 1);
    return truncate(path, (off_t)(number_of(last, "offset") + number_of(last, "length"))) == 0 ||
           disk_fail(path, error);
}

static bool cut_torn_ends(const char *part_dir, const struct gathered *gathered, GError **error)
{
    const char *name;
    json_t *clusters;
    json_object_foreach (gathered->clusters, name, clusters) {
        if (!cut_torn_end(part_dir, name, clusters, error))
            return false;
    }
    return true;
}

static bool index_file(const char *path, json_t *file, const struct gathered *gathered,
                       const char *picture, GError **error)
{
    g_autoptr(GError) remux_error = NULL;
    const char *kind = json_string_value(json_object_get(file, "kind"));
    struct remux_about about = {
        .title = json_string_value(json_object_get(file, "name")),
        .started = json_string_value(json_object_get(gathered->part, "started")),
        .chapters = g_strcmp0(kind, "program") == 0 ? gathered->chapters : NULL,
        .picture = picture,
    };
    if (record_remux(path, &about, &remux_error))
        return true;
    if (!g_error_matches(remux_error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA)) {
        g_propagate_error(error, g_steal_pointer(&remux_error));
        return false;
    }
    json_object_set_new(file, "damaged", json_string(remux_error->message));
    return true;
}

/* Who had the floor and said nothing, or less than the first cluster. */
static bool is_empty(const char *path, const json_t *clusters)
{
    struct stat status;
    return json_array_size(clusters) == 0 &&
           (stat(path, &status) != 0 || status.st_size < HEADER_MAX);
}

/* `picture`: a file that goes into this one; NULL: none. */
static bool finish_file(const char *part_dir, const char *name, json_t *file,
                        const struct gathered *gathered, const char *picture, GError **error)
{
    g_autofree char *path = g_build_filename(part_dir, name, NULL);
    const json_t *clusters = json_object_get(gathered->clusters, name);
    struct stat status;
    char sha256[DISK_SHA256_SIZE];
    if (is_empty(path, clusters)) {
        unlink(path);
        json_object_set_new(file, "empty", json_true());
        return true;
    }
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        json_object_set_new(file, "damaged", json_string("the file is missing"));
        return true;
    }
    if (!index_file(path, file, gathered, picture, error) || !disk_sha256_file(path, sha256, error))
        return false;
    if (stat(path, &status) != 0)
        return disk_fail(path, error);
    json_object_set_new(file, "size", json_integer(status.st_size));
    json_object_set_new(file, "sha256", json_string(sha256));
    return true;
}

static bool write_manifest(const char *part_dir, const struct gathered *gathered, bool is_recovered,
                           GError **error)
{
    g_autofree char *path = g_build_filename(part_dir, RECORD_MANIFEST_NAME, NULL);
    json_t *files = json_array();
    const char *name;
    json_t *file;
    json_object_foreach (gathered->files, name, file) {
        if (json_object_get(file, "empty") == NULL)
            json_array_append(files, file);
    }
    json_t *manifest = json_copy(gathered->part);
    json_object_set_new(manifest, "duration_us", json_integer(gathered->duration_us));
    json_object_set_new(manifest, "recovered", json_boolean(is_recovered));
    json_object_set_new(manifest, "files", files);
    json_object_set(manifest, "chapters", gathered->chapters);
    json_object_set_new(manifest, "clusters_log", json_string(RECORD_LOG_NAME));
    char *text = json_dumps(manifest, JSON_INDENT(2));
    bool is_good = disk_replace(path, text, error);
    free(text);
    json_decref(manifest);
    return is_good;
}

/* What everybody saw goes beside what everybody heard. The file of the pictures is gone once the
 * joined one is there: an attempt after that finds them in it. */
static bool finish_program(const char *part_dir, struct gathered *gathered, GError **error)
{
    json_t *program = json_object_get(gathered->files, PROGRAM_FILE);
    json_t *picture = json_object_get(gathered->files, PICTURE_FILE);
    g_autofree char *path = g_build_filename(part_dir, PICTURE_FILE, NULL);
    bool has_pictures = picture != NULL && g_file_test(path, G_FILE_TEST_EXISTS) &&
                        !is_empty(path, json_object_get(gathered->clusters, PICTURE_FILE));
    if (program == NULL)
        return true;
    if (!finish_file(part_dir, PROGRAM_FILE, program, gathered, has_pictures ? path : NULL, error))
        return false;
    if (picture == NULL || json_object_get(program, "empty") != NULL ||
        json_object_get(program, "damaged") != NULL)
        return true;
    unlink(path);
    json_object_set_new(program, "picture", json_true());
    json_object_set_new(picture, "empty", json_true());
    return true;
}

static bool finish_files(const char *part_dir, struct gathered *gathered, GError **error)
{
    const char *name;
    json_t *file;
    if (!finish_program(part_dir, gathered, error))
        return false;
    json_object_foreach (gathered->files, name, file) {
        if (strcmp(name, PROGRAM_FILE) != 0 && json_object_get(file, "empty") == NULL &&
            !finish_file(part_dir, name, file, gathered, NULL, error))
            return false;
    }
    return true;
}

/* A kill right after the folder was made leaves it without a log: nothing was recorded. */
static json_t *read_log(const char *part_dir, GError **error)
{
    g_autoptr(GError) read_error = NULL;
    json_t *lines = record_log_read(part_dir, &read_error);
    if (lines != NULL)
        return lines;
    if (g_error_matches(read_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return json_array();
    g_propagate_error(error, g_steal_pointer(&read_error));
    return NULL;
}

bool record_finish_part(const char *part_dir, bool is_recovered, int64_t *duration_us,
                        GError **error)
{
    struct gathered gathered;
    json_t *lines = read_log(part_dir, error);
    if (lines == NULL)
        return false;
    record_gather(&gathered, lines);
    json_decref(lines);
    bool is_good = cut_torn_ends(part_dir, &gathered, error);
    record_gather_end(&gathered);
    *duration_us = gathered.duration_us;
    is_good = is_good && finish_files(part_dir, &gathered, error) &&
              write_manifest(part_dir, &gathered, is_recovered, error);
    record_gathered_clear(&gathered);
    return is_good;
}

bool record_is_finished(const char *part_dir)
{
    g_autofree char *path = g_build_filename(part_dir, RECORD_MANIFEST_NAME, NULL);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}
