/* All rooms' sound: one thread with a tick of 20 ms that sends what each room says and takes what
 * each room hears.
 *
 * A line is one room's part of it. Its packets go out through an outlet of the leg's shard, under a
 * stream of the line's own.
 *
 * Thread: the functions here run on the main thread; `news` too. */
#pragma once

#include "bridge/transport/shard.h"
#include "client/room/clip.h"
#include "client/room/tones.h"

struct lines;
struct line;

struct lines *lines_new(struct shard *const *shards, unsigned shard_count);
/* Ends the thread; all lines must be gone. */
void lines_stop(struct lines *lines);
/* Once the shards have ended, too: until then they may hold frames. */
void lines_free(struct lines *lines);

struct line_news {
    tones_told tone;
    /* A clip that does not repeat has ended; `at_us`: its last packet was sent. */
    void (*played)(int64_t at_us, void *arg);
    /* `report` is stolen; `id` and `is_last` as they were given. */
    void (*report)(json_t *report, const char *id, bool is_last, void *arg);
};

/* `shard`: an index. `decodes`: whether what comes is decoded, or only counted. `news` is copied;
 * NULL for a line that is neither listened for nor asked. */
struct line *line_new(struct lines *lines, unsigned shard, bool decodes,
                      const struct line_news *news, void *arg);
/* No news comes any more. */
void line_free(struct line *line);

/* For the leg: what it subscribes to, and where it puts packets (any thread). */
uint32_t line_stream(const struct line *line);
struct inbox *line_inbox(struct line *line);

/* What is said from now on; NULL: nothing. `clip` is referenced. */
void line_say(struct line *line, struct clip *clip, bool repeats);
/* As tones_listen(). */
void line_listen(struct line *line, const int *hz, unsigned count, bool tells);
void line_reset(struct line *line);
/* Asks for a report: ear_report() and sent_packets. `id` is copied, NULL allowed. */
void line_report(struct line *line, const char *id, bool is_last);

/* As ear_delay_us(). */
int64_t line_delay_us(const struct line *line);

/* For a room with devices: `heard` is called with each 20 ms on the media thread; what is pushed
 * into the microphone (client/room/microphone.h), which belongs to the line, is said. */
struct microphone *line_use_devices(struct line *line,
                                    void (*heard)(const int16_t samples[960], void *arg),
                                    void *arg);
/* `heard` is not called any more once this has returned. */
void line_drop_devices(struct line *line);
