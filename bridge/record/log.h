/* The part's log, manifest.jsonl: what has been written so far, so that a part that a killed
 * process left can be finished. One JSON object a line:
 *
 *     {"type":"part","part":1,"title":"…","started":"…"}
 *     {"type":"file","file":"program.webm","kind":"program","leg":null,"name":null}
 *     {"type":"cluster","file":"program.webm","offset":583,"length":4120,"sha256":"…",
 *      "start_us":0,"end_us":1000000}
 *     {"type":"begin","file":"speaker-1-hue.webm","leg":"hue","name":"…","start_us":…}
 *     {"type":"end","file":"speaker-1-hue.webm","end_us":…}
 *     {"type":"dropped","packets":12}
 *
 * Thread: the recorder's; record_log_read() on any, of a part nobody writes. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#define RECORD_LOG_NAME      "manifest.jsonl"
#define RECORD_MANIFEST_NAME "manifest.json"

struct record_log;

/* Makes the file, which must not be there. */
struct record_log *record_log_new(const char *part_dir, GError **error);
void record_log_free(struct record_log *log);

/* Appends a line, whole or not at all. `line` is stolen. */
bool record_log_append(struct record_log *log, json_t *line, GError **error);
/* Puts on the disk what has been appended since the last time: one sync for many lines. */
bool record_log_sync(struct record_log *log, GError **error);

/* All whole lines of a part's log, as an array; a torn last line is left out. */
json_t *record_log_read(const char *part_dir, GError **error);
