/* What the recorder's tests share: tones in real Opus, a recorder's life, and reading back what it
 * wrote with programs that know nothing of it (ffprobe, ffmpeg, gst-launch). */
#pragma once

#include "bridge/record/record.h"

#include <jansson.h>
#include <opus.h>
#include <stdbool.h>

#define FRAME_SAMPLES     960
#define FRAMES_PER_SECOND 50

/* A sine as Opus packets of 20 ms. */
struct tone {
    OpusEncoder *encoder;
    double hz;
    int64_t position;
};
void tone_open(struct tone *tone, double hz);
void tone_close(struct tone *tone);
size_t tone_next(struct tone *tone, uint8_t *opus, size_t capacity);

/* A folder of its own, a recorder in it, and two tones: what the listeners hear, what a speaker
 * sends. */
struct stage {
    char *directory, *part;
    bool is_guest; /* the folder is another process's to remove */
    struct frame_pool *pool;
    struct recorder *recorder;
    struct tone program, speaker;
};
void stage_open(struct stage *stage);
/* In a folder that is there: for the process that stage_spawn() has started. */
void stage_open_in(struct stage *stage, const char *directory);
/* Removes the folder. */
void stage_close(struct stage *stage);
void stage_record(struct stage *stage);
/* `frames` of the program from frame `from` on, and the same of `leg` unless that is NULL. */
void stage_feed(struct stage *stage, int64_t from, unsigned frames, const char *leg);

struct stopped {
    bool is_done;
    int64_t duration_us;
    char *error; /* NULL: all is well */
};
/* Stops the recorder and waits for it. */
void stage_stop(struct stage *stage, struct stopped *stopped);
/* The same; asserts that all is well. Returns the duration. */
int64_t stage_stop_well(struct stage *stage);

/* The test program itself, as a process of its own that can be killed: `what` and the folder are
 * its arguments. */
GPid stage_spawn(const char *what, const char *directory, int *output_fd);
/* Waits for its end; the exit status as of waitpid(). */
int stage_reap(GPid pid);

/* A new reference. */
json_t *stage_manifest(const struct stage *stage);
/* Asserts that every file's SHA-256 and size are the manifest's. */
void stage_verify(const struct stage *stage, const json_t *manifest);

/* What ffprobe finds in a file of the part: packets, chapters, format. */
json_t *stage_probe(const struct stage *stage, const char *file);
double probe_packet_time(const json_t *probe, size_t index);
size_t probe_packets(const json_t *probe);
double probe_duration(const json_t *probe);

enum decoder { DECODE_FFMPEG, DECODE_GSTREAMER };
/* The file's sound, 48 kHz mono; ffmpeg's with gaps as silence, from time 0. Of int16_t. */
GArray *stage_decode(const struct stage *stage, const char *file, enum decoder decoder);
/* How strong a frequency is in some samples, 0 to 1 of full scale. */
double tone_strength(const int16_t *samples, unsigned count, double hz);
