#include "signaling/meeting/journal.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

/* Above the longest event that there can be: a roster of 4,000 rooms. */
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
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "not a JSON object%s%s",
                    fault.text[0] != '\0' ? ": " : "", fault.text);
        return false;
    }
    struct event *event = event_from_journal(value, error);
    bool is_good = event != NULL && journal_check_event(check, event, error);
    event_free(event);
    json_decref(value);
    return is_good;
}

/* The next line, without its end. False at the end of the file, on an error, and for a line that no
 * event can have (`line` is then longer than LINE_MAX_BYTES). */
static bool read_line(FILE *file, GString *line)
{
    int byte;
    g_string_truncate(line, 0);
    while ((byte = getc_unlocked(file)) != EOF && byte != '\n') {
        g_string_append_c(line, (char)byte);
        if (line->len > LINE_MAX_BYTES)
            return false;
    }
    return !ferror(file) && (byte == '\n' || line->len > 0);
}

static bool check_lines(struct journal_check *check, FILE *file, unsigned *number, GError **error)
{
    g_autoptr(GString) line = g_string_new(NULL);
    while (read_line(file, line)) {
        ++*number;
        if (!check_line(check, line->str, line->len, error))
            return false;
    }
    if (!ferror(file) && line->len <= LINE_MAX_BYTES)
        return true;
    ++*number;
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s",
                ferror(file) ? "cannot be read" : "is longer than any event");
    return false;
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
    unsigned number = 0;
    bool is_good = check_lines(check, file, &number, error);
    if (!is_good)
        g_prefix_error(error, "%s: line %u: ", path, number);
    *events = journal_check_count(check);
    g_strlcpy(last_hash, journal_check_hash(check), HASH_HEX_SIZE);
    fclose(file);
    journal_check_free(check);
    return is_good;
}
