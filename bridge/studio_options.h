/* The settings of pictures as the command line has them.
 *
 * Thread: the main thread. */
#pragma once

#include "bridge/video/studio/studio.h"

#define STUDIO_RENDITIONS_DEFAULT "720:1200,360:500,180:150"

/* `text`: "LINES:KBPS,…", the largest first, 90 to 1080 lines of 16:9, or "" for none (nothing is
 * composed). Each comes in VP8 and in H.264. False with `why`. */
bool studio_options_read(const char *text, struct studio_settings *settings, char why[160]);
