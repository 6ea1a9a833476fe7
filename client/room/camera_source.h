/* Where a camera's pictures come from: a pipeline that ends in an appsink of I420 of an even shape.
 *
 * Thread: main. */
#pragma once

#include "client/room/camera.h"

#include <gst/gst.h>

#define CAMERA_SINK "pictures"

/* Not running yet. NULL: without `error` there is no such source now. `name` is the caller's. */
GstElement *camera_source_open(enum camera_kind kind, const char *what, char **name,
                               GError **error);
/* Adds a text to those that are to be read. */
void camera_tell(GString *news, const char *text);
