/* The part's log, manifest.jsonl: what has been written so far, so that a part that a killed
 * process left can be finished. One JSON object a line, each synced before the next cluster:
 *
 *     {"type":"part","part":1,"title":"…","started":"…"}
 *     {"type":"file","file":"program.webm","kind":"program","leg":null,"name":null}
 *     {"type":"cluster","file":"program.webm","offset":583,"length":4120,"sha256":"…",
 *      "start_us":0,"end_us":1000000}
 *     {"type":"begin","file":"speaker-1-hue.webm","leg":"hue","name":"…","start_us":…}
 *     {"type":"end","file":"speaker-1-hue.webm","end_us":…}
 *
 * Thread: the recorder's. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#define RECORD_LOG_NAME      "manifest.jsonl"
#define RECORD_MANIFEST_NAME "manifest.json"

/* Appends a line and syncs. `line` is stolen. */
bool record_log_append(int fd, json_t *line, GError **error);
/* All whole lines of a part's log, as an array; a torn last line is left out. */
json_t *record_log_read(const char *part_dir, GError **error);

/* SHA-256 in hex. */
void record_sha256(const void *bytes, size_t size, char hex[65]);
bool record_sha256_file(const char *path, char hex[65], GError **error);

/* Writes a file anew, whole or not at all: temporary, synced, renamed, its directory synced. */
bool record_replace_file(const char *path, const char *text, GError **error);
bool record_sync_directory(const char *path, GError **error);
