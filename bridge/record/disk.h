/* Writing that survives a full disk and a power loss: what is appended is there whole or not at
 * all, what is replaced is the old or the new. Every error names the path.
 *
 * Thread: any; blocking. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_SHA256_SIZE 65 /* hex with its end */

/* Appends at `*end`, the file's end, and moves it. What a full disk let through is cut off again.
 * Not synced. */
bool disk_append(int fd, const char *path, int64_t *end, const void *bytes, size_t size,
                 GError **error);
bool disk_sync(int fd, const char *path, GError **error);
bool disk_sync_directory(const char *path, GError **error);

/* Writes a file anew: temporary, synced, renamed, its directory synced. */
bool disk_replace(const char *path, const char *text, GError **error);
/* Puts a finished file in the place of another; both in one directory. */
bool disk_rename(const char *temporary, const char *path, GError **error);

/* Sets `error` from errno; false. */
bool disk_fail(const char *path, GError **error);

void disk_sha256(const void *bytes, size_t size, char hex[DISK_SHA256_SIZE]);
bool disk_sha256_file(const char *path, char hex[DISK_SHA256_SIZE], GError **error);
