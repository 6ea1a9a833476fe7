#include "signaling/meeting/journal.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES (4 * 1024 * 1024)

struct journal_check {
    struct meeting *meeting;
    char hash[HASH_HEX_SIZE];
};

struct journal_check *journal_check_new(void)
{
    struct journal_check *check = g_new0(struct journal_check, 1);
    memset(check->hash, '0', HASH_HEX_SIZE - 1);
    return check;
}

void journal_check_free(struct journal_check *check)
{
    if (check == NULL)
        return;
    meeting_free(check->meeting);
    g_free(check);
}

uint64_t journal_check_count(const struct journal_check *check)
{
    return check->meeting != NULL ? meeting_seq(check->meeting) : 0;
}

const char *journal_check_hash(const struct journal_check *check)
{
    return check->hash;
}

bool journal_check_event(struct journal_check *check, const struct event *event, GError **error)
{
    char hash[HASH_HEX_SIZE];
    event_compute_hash(event, hash);
    if (strcmp(hash, event->hash) != 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "event %" G_GUINT64_FORMAT ": the hash is not that of its content",
                    (guint64)event->seq);
        return false;
    }
    if (check->meeting == NULL)
        check->meeting = meeting_new(event->meeting);
    if (!meeting_apply(check->meeting, event, error))
        return false;
    g_strlcpy(check->hash, hash, sizeof check->hash);
    return true;
}

static bool check_line(struct journal_check *check, const char *line, size_t length, GError **error)
{
    json_error_t fault;
    json_t *value = json_loadb(line, length, JSON_REJECT_DUPLICATES, &fault);
    if (!json_is_object(value)) {
        json_decref(value);
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "is not a JSON object: %s",
                    fault.text);
        return false;
    }
    struct event *event = event_from_journal(value, error);
    bool is_good = event != NULL && journal_check_event(check, event, error);
    event_free(event);
    json_decref(value);
    return is_good;
}

bool journal_verify_file(const char *path, uint64_t *events, char last_hash[HASH_HEX_SIZE],
                         GError **error)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "%s: %s", path,
                    g_strerror(errno));
        return false;
    }
    struct journal_check *check = journal_check_new();
    char *line = NULL;
    size_t capacity = 0;
    unsigned number = 0;
    ssize_t length;
    bool is_good = true;
    while (is_good && (length = getline(&line, &capacity, file)) >= 0) {
        number++;
        if (length > LINE_MAX_BYTES) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "is too long");
            is_good = false;
        } else {
            is_good = check_line(check, line, (size_t)length, error);
        }
    }
    if (!is_good)
        g_prefix_error(error, "%s: line %u: ", path, number);
    *events = journal_check_count(check);
    g_strlcpy(last_hash, journal_check_hash(check), HASH_HEX_SIZE);
    free(line);
    fclose(file);
    journal_check_free(check);
    return is_good;
}
