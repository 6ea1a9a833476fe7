/* The recording of one conference, one part: from recorder_new() to recorder_stop(). The program
 * (what all listeners heard, the very packets) and each speaker's own sound (the packets as they
 * came), Opus in WebM, written by a thread of its own so that no disk ever holds up the tick.
 *
 * Files below `directory` (docs/architecture.md, "Recording"):
 *     part-001/program.webm, part-001/speaker-<n>-<leg>.webm, part-001/manifest.jsonl
 * While it runs, every file is a sequence of clusters of at most one second, each written and
 * synced whole, so that what a killed process leaves opens and plays and lacks at most 2 s. When it
 * stops, the files get their index, duration and chapters (one for each time somebody has the
 * floor), and manifest.json lists all with their SHA-256.
 *
 * Thread: recorder_new/stop/free on the main thread; recorder_program/speaker_* on the audio
 * thread, which never waits: a full ring drops and counts. */
#pragma once

#include "bridge/transport/frame.h"

#include <glib.h>

struct recorder;

/* Makes the part after the last one below `directory`; numbers are never given twice. NULL with
 * `error` (which names the path). */
struct recorder *recorder_new(const char *directory, const char *title, GError **error);
unsigned recorder_part(const struct recorder *recorder);
const char *recorder_path(const struct recorder *recorder); /* "part-001", below the directory */

/* Tells on the default GMainContext, once and before `done` of recorder_stop(), that the disk has
 * refused: the part is whole up to there, nothing more is written to it. */
void recorder_watch(struct recorder *recorder, void (*failed)(const char *why, void *arg),
                    void *arg);

/* Audio thread. Times are samples at 48 kHz since the recorder's first frame: the tick's own clock.
 * A time that jumps is a gap, kept as a gap. */
void recorder_program(struct recorder *recorder, int64_t time_samples, struct frame *frame);
void recorder_speaker_begin(struct recorder *recorder, int64_t time_samples, const char *leg,
                            const char *name);
void recorder_speaker_packet(struct recorder *recorder, int64_t time_samples, const char *leg,
                             const uint8_t *opus, size_t size);
void recorder_speaker_end(struct recorder *recorder, int64_t time_samples, const char *leg);
/* Packets that found the ring full, the disk being too slow for too long. Any thread. */
uint64_t recorder_dropped(const struct recorder *recorder);

/* Ends the writing, finishes the files on the recorder's thread, and calls `done` on the default
 * GMainContext. Nobody may feed it any more. The recorder is freed after `done` returns. */
struct recorder_result {
    const char *path; /* "part-001" */
    int64_t duration_us;
    GError *error; /* NULL: all is well */
};
void recorder_stop(struct recorder *recorder,
                   void (*done)(const struct recorder_result *result, void *arg), void *arg);

/* Finishes the parts below `directory` that a killed process left unfinished. Blocking. Returns how
 * many. One that cannot be finished is left for the next time and does not keep the others from it;
 * `error` is the first such. Call before a recorder of that directory is made. */
unsigned recorder_recover(const char *directory, GError **error);
