/* One WebM file that is being recorded: Opus or VP8 in clusters of at most a second, each written
 * whole and synced, by libavformat.
 *
 * libavformat and not GStreamer's matroskamux: it writes on the recorder's own thread, so that a
 * cluster is on the disk when this says so, and costs no pipeline and thread for each speaker.
 *
 * Thread: the recorder's. */
#pragma once

#include "bridge/record/disk.h"

struct track;

/* A cluster that has ended and waits for track_commit(): its place in the file, its times, its
 * hash. */
struct track_cluster {
    int64_t offset, length; /* length 0: none has ended */
    int64_t start_us, end_us;
    char sha256[DISK_SHA256_SIZE];
};

/* `path` must not be there yet. */
struct track *track_new(const char *path, const char *title, GError **error);
struct track *track_new_picture(const char *path, const char *title, unsigned width,
                                unsigned height, GError **error);
void track_free(struct track *track);

/* Adds a packet and ends its cluster when that is a second long, or the one before when the packet
 * no longer fits. Times rise; a jump is a gap. What is no Opus packet, or not after the one before,
 * is left out: speakers send what they like. */
bool track_write(struct track *track, int64_t time_samples, const uint8_t *opus, size_t size,
                 struct track_cluster *ended, GError **error);
/* The same for a track of pictures: a whole VP8 frame. Times in samples at 48 kHz too. */
bool track_write_picture(struct track *track, int64_t time_samples, const uint8_t *frame,
                         size_t size, bool is_key, struct track_cluster *ended, GError **error);
/* Ends the running cluster, if there is one. */
bool track_flush(struct track *track, struct track_cluster *ended, GError **error);
/* Puts the ended cluster on the disk. Call before anything else that may end one. */
bool track_commit(struct track *track, GError **error);
/* Since when, by the monotonic clock, a packet has been waiting for its cluster's end; 0: none. */
int64_t track_waiting_since_us(const struct track *track);
