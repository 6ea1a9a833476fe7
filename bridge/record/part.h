/* One part of a recording on the disk: the program's file, the speakers' files, the log.
 *
 * Thread: the recorder's; part_finish() and part_is_finished() on any, of a part nobody writes. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct part;

/* Makes the folder. */
struct part *part_new(const char *part_dir, unsigned number, const char *title, GError **error);

/* `leg` "": the program. Each speaker's first packet or speech makes his file. */
bool part_packet(struct part *part, int64_t time_samples, const char *leg, const uint8_t *opus,
                 size_t size, GError **error);
bool part_begin(struct part *part, int64_t time_samples, const char *leg, const char *name,
                GError **error);
bool part_end(struct part *part, int64_t time_samples, const char *leg, GError **error);

/* Ends running clusters and frees the part. */
bool part_close(struct part *part, GError **error);

/* Index, chapters, manifest.json. */
bool part_finish(const char *part_dir, bool is_recovered, int64_t *duration_us, GError **error);
bool part_is_finished(const char *part_dir);
