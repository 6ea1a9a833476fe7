/* Pictures of this room: from a camera, or as slides from a second source (a grabber of another
 * machine's screen, this machine's own screen, a picture file), by GStreamer; coded in the size
 * that is of use and that the line carries.
 *
 * A source that is pulled out or fails is tried again every two seconds, for ever.
 *
 * Thread: main, default GMainContext; pictures go their own way and never wait for it.
 * Memory: belongs to its maker; camera_free() before the canvas is freed. */
#pragma once

#include "client/room/canvas.h"

#include <glib.h>

struct camera;

enum camera_kind { CAMERA_PERSON, CAMERA_SLIDES };

/* `what`: a camera's name or a part of it, as device_list_find() takes it; NULL: the system's own
 * choice. "test": a picture that moves; "screen": this machine's (X11); a path with a "/": a
 * picture or a film. `canvas` is borrowed. */
struct camera *camera_new(enum camera_kind kind, const char *what, struct canvas *canvas,
                          bool is_english);
void camera_free(struct camera *camera); /* NULL does nothing */

/* A shut camera lets its source go. */
void camera_shut(struct camera *camera, bool is_shut);
bool camera_is_shut(const struct camera *camera);
/* What the line carries, in bits a second; 0: not known. The pictures' share is what is left of it
 * beside the sound. */
void camera_set_line(struct camera *camera, uint32_t estimate_bps);

/* The source in use; NULL: none, it is waited for one. */
const char *camera_name(const struct camera *camera);
/* What has happened to the source since the last call, for a person; g_free(). NULL: nothing. */
char *camera_take_news(struct camera *camera);
