#include "bridge/record/finish.h"

#include "bridge/record/log.h"
#include "bridge/record/remux.h"

#include <errno.h>
#include <gio/gio.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CLUSTER_MAX (16 * 1024 * 1024)

/* What the log says, gathered: the part's line, and its files by name, each with "end_offset",
 * "duration_us" and "spans". */
struct gathered {
    json_t *part;
    json_t *files; /* name -> object, in the order of the log */
};

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static json_int_t number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static json_t *last_span(const json_t *file)
{
    json_t *spans = json_object_get(file, "spans");
    return json_array_get(spans, json_array_size(spans) - 1);
}

static void gather_line(struct gathered *gathered, json_t *line)
{
    const char *type = text_of(line, "type"), *name = text_of(line, "file");
    json_t *file = name != NULL ? json_object_get(gathered->files, name) : NULL;
    if (g_strcmp0(type, "part") == 0) {
        json_decref(gathered->part);
        gathered->part = json_incref(line);
    } else if (g_strcmp0(type, "file") == 0 && name != NULL && strchr(name, '/') == NULL) {
        json_t *entry = json_deep_copy(line);
        json_object_del(entry, "type");
        json_object_set_new(entry, "spans", json_array());
        json_object_set_new(gathered->files, name, entry);
    } else if (file == NULL) {
        return;
    } else if (g_strcmp0(type, "cluster") == 0) {
        if (json_object_get(file, "first_cluster") == NULL)
            json_object_set(file, "first_cluster", line);
        json_object_set_new(file, "end_offset",
                            json_integer(number_of(line, "offset") + number_of(line, "length")));
        json_object_set(file, "duration_us", json_object_get(line, "end_us"));
    } else if (g_strcmp0(type, "begin") == 0) {
        json_array_append_new(
            json_object_get(file, "spans"),
            json_pack("{s:O, s:n}", "start_us", json_object_get(line, "start_us"), "end_us"));
        json_object_set(file, "name", json_object_get(line, "name"));
    } else if (g_strcmp0(type, "end") == 0 && last_span(file) != NULL) {
        json_object_set(last_span(file), "end_us", json_object_get(line, "end_us"));
    }
}

static void gather(struct gathered *gathered, const json_t *lines)
{
    size_t index;
    json_t *line;
    gathered->part = json_object();
    gathered->files = json_object();
    json_array_foreach((json_t *)lines, index, line) gather_line(gathered, line);
}

/* A speech that the end of the recording cut off ends there. */
static void close_spans(json_t *file, int64_t duration_us)
{
    size_t index;
    json_t *span;
    json_array_foreach(json_object_get(file, "spans"), index, span)
    {
        if (!json_is_integer(json_object_get(span, "end_us")))
            json_object_set_new(span, "end_us",
                                json_integer(MAX(duration_us, number_of(span, "start_us"))));
    }
}

static int by_start(const void *a, const void *b)
{
    json_int_t first = number_of(*(json_t *const *)a, "start_us");
    json_int_t second = number_of(*(json_t *const *)b, "start_us");
    return first < second ? -1 : first > second;
}

/* One chapter for each time somebody had the floor, in the order of time. */
static json_t *make_chapters(const json_t *files)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    const char *name;
    json_t *file, *span;
    size_t index;
    json_object_foreach((json_t *)files, name, file)
    {
        json_array_foreach(json_object_get(file, "spans"), index, span)
        {
            const char *title = text_of(file, "name");
            g_ptr_array_add(found,
                            json_pack("{s:s, s:O, s:O, s:O}", "title", title != NULL ? title : name,
                                      "leg", json_object_get(file, "leg"), "start_us",
                                      json_object_get(span, "start_us"), "end_us",
                                      json_object_get(span, "end_us")));
        }
    }
    if (found->len > 0)
        qsort(found->pdata, found->len, sizeof found->pdata[0], by_start);
    json_t *chapters = json_array();
    for (unsigned i = 0; i < found->len; i++)
        json_array_append_new(chapters, found->pdata[i]);
    return chapters;
}

/* Whether the file is still as it was recorded: a finish that was itself cut short may already have
 * replaced it, and the log's offsets no longer hold. */
static bool is_raw(const char *path, const json_t *cluster)
{
    g_autofree char *content = NULL;
    gsize length = 0;
    char sha256[65];
    json_int_t offset = number_of(cluster, "offset"), size = number_of(cluster, "length");
    FILE *file = fopen(path, "re");
    if (file == NULL || size <= 0 || size > CLUSTER_MAX)
        return false;
    content = g_malloc((gsize)size);
    if (fseek(file, (long)offset, SEEK_SET) == 0)
        length = fread(content, 1, (gsize)size, file);
    fclose(file);
    record_sha256(content, length, sha256);
    return length == (gsize)size && g_strcmp0(sha256, text_of(cluster, "sha256")) == 0;
}

/* Cuts off a torn cluster, then gives the file its index. */
static bool finish_file(const char *path, json_t *file, const json_t *chapters, GError **error)
{
    struct stat status;
    char sha256[65];
    json_int_t end = number_of(file, "end_offset");
    const char *title = text_of(file, "name");
    if (end > 0 && is_raw(path, json_object_get(file, "first_cluster")) &&
        truncate(path, (off_t)end) != 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "%s: %s", path,
                    g_strerror(errno));
        return false;
    }
    /* Without a cluster there is nothing to index. */
    if (end > 0 && !record_remux(path, title != NULL ? title : "", chapters, error))
        return false;
    if (!record_sha256_file(path, sha256, error) || stat(path, &status) != 0)
        return false;
    json_object_del(file, "end_offset");
    json_object_del(file, "first_cluster");
    json_object_set_new(file, "size", json_integer(status.st_size));
    json_object_set_new(file, "sha256", json_string(sha256));
    return true;
}

static bool write_manifest(const char *part_dir, const struct gathered *gathered,
                           const json_t *chapters, int64_t duration_us, bool is_recovered,
                           GError **error)
{
    g_autofree char *path = g_build_filename(part_dir, RECORD_MANIFEST_NAME, NULL);
    json_t *files = json_array();
    const char *name;
    json_t *file;
    json_object_foreach(gathered->files, name, file) json_array_append(files, file);
    json_t *manifest = json_copy(gathered->part);
    json_object_del(manifest, "type");
    json_object_set_new(manifest, "duration_us", json_integer(duration_us));
    json_object_set_new(manifest, "recovered", json_boolean(is_recovered));
    json_object_set_new(manifest, "files", files);
    json_object_set(manifest, "chapters", (json_t *)chapters);
    json_object_set_new(manifest, "clusters_log", json_string(RECORD_LOG_NAME));
    char *text = json_dumps(manifest, JSON_INDENT(2));
    bool is_good = record_replace_file(path, text, error);
    free(text);
    json_decref(manifest);
    return is_good;
}

static bool finish_gathered(const char *part_dir, struct gathered *gathered, bool is_recovered,
                            int64_t *duration_us, GError **error)
{
    const char *name;
    json_t *file;
    bool is_good = true;
    *duration_us = 0;
    json_object_foreach(gathered->files, name, file) *duration_us =
        MAX(*duration_us, number_of(file, "duration_us"));
    json_object_foreach(gathered->files, name, file) close_spans(file, *duration_us);
    json_t *chapters = make_chapters(gathered->files);
    json_object_foreach(gathered->files, name, file)
    {
        g_autofree char *path = g_build_filename(part_dir, name, NULL);
        bool is_program = g_strcmp0(text_of(file, "kind"), "program") == 0;
        if (is_program && text_of(file, "name") == NULL)
            json_object_set(file, "name", json_object_get(gathered->part, "title"));
        is_good = is_good && finish_file(path, file, is_program ? chapters : NULL, error);
    }
    is_good =
        is_good && write_manifest(part_dir, gathered, chapters, *duration_us, is_recovered, error);
    json_decref(chapters);
    return is_good;
}

bool record_finish_part(const char *part_dir, bool is_recovered, int64_t *duration_us,
                        GError **error)
{
    struct gathered gathered;
    json_t *lines = record_log_read(part_dir, error);
    if (lines == NULL)
        return false;
    gather(&gathered, lines);
    bool is_good = finish_gathered(part_dir, &gathered, is_recovered, duration_us, error);
    json_decref(gathered.part);
    json_decref(gathered.files);
    json_decref(lines);
    return is_good;
}
