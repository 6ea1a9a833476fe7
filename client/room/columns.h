/* Text as a terminal shows it, in columns: a Vietnamese letter is one, whether its accents are
 * composed or not; a Chinese one is two.
 *
 * Thread: any; no state. */
#pragma once

#include <glib.h>

unsigned columns_of(const char *text);
/* Appends what fits into `width` columns, the rest cut off with "…". Returns the columns used. */
unsigned columns_append(GString *out, const char *text, unsigned width);
/* The same, filled up with spaces. */
void columns_append_padded(GString *out, const char *text, unsigned width);
/* Breaks at spaces into lines of at most `width` columns, at most `most` lines, the last one cut
 * off. NULL-ended, g_strfreev(). */
char **columns_wrap(const char *text, unsigned width, unsigned most);
