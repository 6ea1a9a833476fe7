/* Files over HTTP: the web app's and the recordings'. A path from outside names a file only after
 * it has passed files_path_is_safe(), and is then opened from its directory step by step without
 * following links, so that nothing outside can be reached.
 *
 * Thread: main. A file is read in pieces as its peer takes them. */
#pragma once

#include <libsoup/soup.h>
#include <stdbool.h>
#include <sys/stat.h>

/* One to four names of [A-Za-z0-9][A-Za-z0-9._-]*, at most 100 characters each, with '/' between.
 */
bool files_path_is_safe(const char *path);

/* A regular file below the directory, or -1. */
int files_open_below(int directory, const char *path, struct stat *status);

/* By the name's ending; "application/octet-stream" for what is not known. */
const char *files_content_type(const char *path);

enum files_range { RANGE_NONE, RANGE_PART, RANGE_UNSATISFIABLE };
/* RFC 9110 section 14.1.2, one range of bytes; anything else is no range (the whole file). */
enum files_range files_parse_range(const char *header, off_t size, off_t *first, off_t *last);

/* Answers GET or HEAD with the file; closes `file`. With ETag, If-None-Match and byte ranges. */
void files_reply(SoupServerMessage *message, int file, const struct stat *status, const char *type);
