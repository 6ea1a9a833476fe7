/* What a part's log says, gathered: the part, its files with what was spoken in them, chapters.
 * In between the finisher strikes out the clusters that are not on the disk.
 *
 *     record_gather -> clusters -> record_gather_end -> durations, spans, chapters
 *
 * Thread: one at a time. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct gathered {
    json_t *part;  /* {part, title, started, dropped_packets} */
    json_t *files; /* name -> {file, kind, leg, name, duration_us, spans: [{start_us, end_us}]} */
    json_t *clusters; /* name -> the log's lines, in their order */
    json_t *chapters; /* [{title, leg, start_us, end_us}], in the order of time */
    int64_t duration_us;
};

/* `lines` is the log; what does not make sense in it is left out. */
void record_gather(struct gathered *gathered, const json_t *lines);
void record_gather_end(struct gathered *gathered);
void record_gathered_clear(struct gathered *gathered);
