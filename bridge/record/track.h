/* One WebM file that is being recorded: Opus in clusters of at most a second, each written whole
 * and synced, by libavformat.
 *
 * libavformat and not GStreamer's matroskamux: it writes on the recorder's own thread, so that a
 * cluster is on the disk when this says so, and costs no pipeline and thread for each speaker.
 *
 * Thread: the recorder's. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct track;

/* What a flushed cluster is: its place in the file, its times, its hash. */
struct track_cluster {
    int64_t offset, length;
    int64_t start_us, end_us;
    char sha256[65];
};

/* `path` must not be there yet. */
struct track *track_new(const char *path, const char *title, GError **error);
void track_free(struct track *track);

/* Packets in rising time; a jump is a gap. Ends the running cluster first when it is a second long:
 * then `*cluster` is filled in and `*has_cluster` set. */
bool track_write(struct track *track, int64_t time_samples, const uint8_t *opus, size_t size,
                 struct track_cluster *cluster, bool *has_cluster, GError **error);
/* Ends the running cluster, if there is one. libavformat keeps the last packet back for the next
 * cluster. */
bool track_flush(struct track *track, struct track_cluster *cluster, bool *has_cluster,
                 GError **error);
/* Ends the file: nothing is kept back. Only track_free() may follow. */
bool track_close(struct track *track, struct track_cluster *cluster, bool *has_cluster,
                 GError **error);
