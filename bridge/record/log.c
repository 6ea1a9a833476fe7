#include "bridge/record/log.h"

#include "bridge/record/disk.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

struct record_log {
    char *path;
    int fd;
    int64_t end;
    bool is_dirty;
};

struct record_log *record_log_new(const char *part_dir, GError **error)
{
    struct record_log *log = g_new0(struct record_log, 1);
    log->path = g_build_filename(part_dir, RECORD_LOG_NAME, NULL);
    log->fd = open(log->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (log->fd >= 0)
        return log;
    disk_fail(log->path, error);
    record_log_free(log);
    return NULL;
}

void record_log_free(struct record_log *log)
{
    if (log == NULL)
        return;
    if (log->fd >= 0)
        close(log->fd);
    g_free(log->path);
    g_free(log);
}

bool record_log_append(struct record_log *log, json_t *line, GError **error)
{
    char *json = json_dumps(line, JSON_COMPACT);
    json_decref(line);
    if (json == NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: a text is no UTF-8",
                    log->path);
        return false;
    }
    g_autofree char *text = g_strconcat(json, "\n", NULL);
    free(json);
    log->is_dirty = true;
    return disk_append(log->fd, log->path, &log->end, text, strlen(text), error);
}

bool record_log_sync(struct record_log *log, GError **error)
{
    if (!log->is_dirty)
        return true;
    log->is_dirty = false;
    return disk_sync(log->fd, log->path, error);
}

json_t *record_log_read(const char *part_dir, GError **error)
{
    g_autofree char *path = g_build_filename(part_dir, RECORD_LOG_NAME, NULL);
    g_autofree char *content = NULL;
    gsize size;
    if (!g_file_get_contents(path, &content, &size, error))
        return NULL;
    json_t *lines = json_array();
    for (char *line = content, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        json_t *entry = json_loadb(line, (size_t)(end - line), 0, NULL);
        if (!json_is_object(entry)) {
            json_decref(entry);
            break; /* torn: nothing behind it counts */
        }
        json_array_append_new(lines, entry);
    }
    return lines;
}
