/* One part of a recording while it is written: the program's file, the speakers' files, the log.
 * After an error nothing more may be written to it, only part_close().
 *
 * Thread: the recorder's. */
#pragma once

#include "bridge/video/coded.h"

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
/* VP8; `which` is one of these, which are no legs. */
#define PART_PICTURE ":picture"
#define PART_SLIDES  ":slides"
bool part_frame(struct part *part, const char *which, int64_t time_samples,
                const struct coded_frame *frame, GError **error);
bool part_end(struct part *part, int64_t time_samples, const char *leg, GError **error);

/* Call after each batch of the above: ends clusters that have waited longer than a cluster lasts
 * (nobody speaks any more), and puts the log on the disk. */
bool part_settle(struct part *part, int64_t now_us, GError **error);

/* Ends running clusters, notes how many packets never came here, and frees the part. */
bool part_close(struct part *part, uint64_t dropped, GError **error);
