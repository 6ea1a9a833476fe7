/* Sound that is ready to be sent: Opus packets of 20 ms, encoded once and shared by all rooms that
 * send it, so that a load of many rooms measures the bridge and not this program.
 *
 * Thread: made on any thread, then never changed; the references are counted atomically. */
#pragma once

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct clip;

struct clip_packet {
    const uint8_t *opus;
    size_t size;
    uint8_t level; /* as RFC 6464 writes it: 0 to 127 */
};

/* A steady tone, a second of it, to be repeated. `hz` whole, so that the end meets the beginning;
 * `level_dbfs` of the sine's peak, 0 to -90. */
struct clip *clip_new_tone(int hz, double level_dbfs);
/* Any file with sound that GStreamer decodes; the last frame is filled up with silence. Takes as
 * long as decoding and encoding take, or until `is_cancelled` becomes true. NULL with an error that
 * names the file. */
struct clip *clip_load(const char *path, const atomic_bool *is_cancelled, GError **error);

struct clip *clip_ref(struct clip *clip);
void clip_unref(struct clip *clip);

unsigned clip_length(const struct clip *clip); /* packets */
struct clip_packet clip_get(const struct clip *clip, unsigned index);
