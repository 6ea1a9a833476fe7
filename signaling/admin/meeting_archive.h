/* A meeting as one file, to be kept elsewhere or taken up by another server: a tar of
 *
 *     export.json     {format: 1, meeting, title, events, last_hash, exported}
 *     journal.jsonl   the whole journal
 *     minutes.json, minutes.html
 *     papers/…, recordings/…   as they lie in the data directory
 *     SHA256SUMS      of all the others, as sha256sum(1) writes it; the last entry
 *
 * Thread: any. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Writes the archive; a file that is there is not written over. */
bool archive_export(const char *data_directory, const char *meeting, const char *path,
                    GError **error);
/* Unpacks into a new folder and checks everything: every file named once in SHA256SUMS and whole,
 * none besides, the journal's chain whole. `meeting` is the id; g_free(). */
bool archive_unpack(const char *path, const char *folder, char **meeting, GError **error);
/* Unpacks, checks, and adds the meeting to a data directory that no server is using; one that has
 * the meeting already stays as it is. `meeting` as above. */
bool archive_import(const char *data_directory, const char *path, char **meeting, GError **error);
