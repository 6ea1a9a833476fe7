/* The recording of one conference, one part: from recorder_new() to recorder_stop(). The program
 * (what all listeners heard, the very packets), each speaker's own sound (the packets as they
 * came), what everybody saw and the slides (the frames as they were sent), Opus and VP8 in WebM,
 * written by a thread of its own so that no disk ever holds up the tick or an encoder.
 *
 * Files below `directory` (docs/architecture.md, "Recording"):
 *     part-001/program.webm, part-001/speaker-<n>-<leg>.webm, part-001/manifest.jsonl
 *     part-001/picture.webm, part-001/slides.webm
 * While it runs, every file is a sequence of clusters of at most one second, each written and
 * synced whole, so that what a killed process leaves opens and plays and lacks at most 2 s. When it
 * stops, the picture goes into the program's file beside its sound, the files get their index,
 * duration and chapters (one for each time somebody has the floor), and manifest.json lists all
 * with their SHA-256.
 *
 * Thread: recorder_new/stop/free on the main thread; recorder_program/speaker_* on the audio
 * thread, recorder_picture() on one thread for each kind. None of them waits: a full ring drops and
 * counts. */
#pragma once

#include "bridge/transport/frame.h"
#include "bridge/video/coded.h"

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
/* When time 0 is, by clock_monotonic_us(); once, with the first frame. */
void recorder_starts_at(struct recorder *recorder, int64_t monotonic_us);

/* A coded frame, borrowed. Its sound is in the program `sound_delay_us` after it was taken. The
 * files hold VP8: another codec is not recorded. After a frame that found the ring full nothing is
 * taken before a key frame. */
enum recorder_kind { RECORDER_PICTURE, RECORDER_SLIDES, RECORDER_KINDS };
void recorder_picture(struct recorder *recorder, enum recorder_kind kind, struct coded_frame *frame,
                      int64_t sound_delay_us);
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
