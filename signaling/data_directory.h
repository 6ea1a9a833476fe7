/* The data directory: made for us alone (0700), and held by one server at a time.
 *
 * Thread: main. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Makes it unless it is there; closes one that others may enter. */
bool data_directory_prepare(const char *path, GError **error);

/* Locks <path>/lock for the life of the returned descriptor; -1 when another server has it. */
int data_directory_lock(const char *path, GError **error);
