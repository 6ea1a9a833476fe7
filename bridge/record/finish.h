/* Finishing a part from its log: whether the recorder that wrote it has just stopped or was killed
 * long ago. Each file gets its index, duration and chapters, and manifest.json is written last: a
 * part without it is not finished, and finishing it again does no harm.
 *
 * Thread: any; blocking. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* `part_dir` holds manifest.jsonl and the files it names. A file that cannot be read as WebM is
 * left as it is and marked "damaged" in the manifest; a disk that refuses is an error, and the part
 * stays unfinished until there is room. */
bool record_finish_part(const char *part_dir, bool is_recovered, int64_t *duration_us,
                        GError **error);
bool record_is_finished(const char *part_dir);
