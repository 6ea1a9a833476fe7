/* Finishing a part from its log: whether the recorder that wrote it has just stopped or was killed
 * long ago. Each file gets its index, duration and chapters, and manifest.json is written.
 *
 * Thread: any; blocking. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* `part_dir` holds manifest.jsonl and the files it names. */
bool record_finish_part(const char *part_dir, bool is_recovered, int64_t *duration_us,
                        GError **error);
