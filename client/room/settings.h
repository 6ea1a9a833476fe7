/* The configuration file of a room (config/nhipcau-room.conf), an ini file of a few keys.
 *
 * Thread: main. */
#pragma once

#include "client/room/options.h"

/* Reads the file over what `options` has. False with an error that names file, line and key. */
bool settings_load(struct options *options, const char *path, GError **error);
