/* CSV files with a line of column names, as spreadsheets save them: UTF-8 with or without a BOM,
 * commas, semicolons or tabs between, LF or CRLF, quoted fields. Faults name file, line and column.
 *
 * Thread: any. */
#pragma once

#include <glib.h>
#include <stdbool.h>

struct table_row;

/* The field of a column; "" when it is empty or the file has no such column. Without the blanks
 * around it, in NFC. Valid during the visit. */
const char *table_get(const struct table_row *row, const char *column);
unsigned table_line(const struct table_row *row);
/* Sets `error` to "FILE: line 7, column name (2): WHY" and returns false. */
bool table_fail(const struct table_row *row, const char *column, const char *why, GError **error);

typedef bool (*table_visit)(const struct table_row *row, void *arg, GError **error);

/* Calls `visit` for each line that is not empty until it returns false. The file must have the
 * `columns` (NULL-ended) that are needed and no column twice; further ones are passed over. */
bool table_read(const char *path, const char *const *columns, table_visit visit, void *arg,
                GError **error);
/* The same of a text; `name` stands for the file in errors. */
bool table_read_text(const char *name, const char *text, size_t size, const char *const *columns,
                     table_visit visit, void *arg, GError **error);
