/* The microphones, speakers and cameras that there are, as PipeWire, PulseAudio, ALSA and
 * Video4Linux tell GStreamer, and what changes of them.
 *
 * Thread: main, default GMainContext. */
#pragma once

#include <gst/gst.h>
#include <stdbool.h>

enum device_kind { DEVICE_INPUT, DEVICE_OUTPUT, DEVICE_CAMERA };

struct device_list;

/* `changed` (may be NULL) is called when a device has come or gone, a moment after the last change
 * of several. */
struct device_list *device_list_new(void (*changed)(void *arg), void *arg);
void device_list_free(struct device_list *list);

/* Asks the sound systems anew: one that has died and come back tells nothing by itself. */
void device_list_renew(struct device_list *list);

/* Shown names, each once, clean for a terminal; NULL-ended, g_strfreev(). Outputs' own sound
 * ("Monitor of …") is no input. */
char **device_list_names(struct device_list *list, enum device_kind kind);

enum device_match { DEVICE_FOUND, DEVICE_NOT_FOUND, DEVICE_AMBIGUOUS };
/* `part`: a whole name, or a part of one name only, whatever its case. `device` is the caller's.
 * Not found and ambiguous: `error` names those that there are. */
enum device_match device_list_find(struct device_list *list, enum device_kind kind,
                                   const char *part, GstDevice **device, GError **error);
/* The system's own choice where it tells one, or else the first; NULL: there
 * is none. The caller's. */
GstDevice *device_list_default(struct device_list *list, enum device_kind kind);

/* g_free(). */
char *device_list_name_of(GstDevice *device);

/* Prints microphones, speakers and cameras, one a line. No list is needed. */
bool device_list_print(bool is_english, GError **error);
