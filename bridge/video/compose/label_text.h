/* Makes any bytes fit to be drawn on a picture. Names come from people and from other machines:
 * a label must not be able to read as another one's, to spill over its line, or to cost more to
 * draw than a name does.
 *
 * Thread: any. Memory: nothing is allocated. */
#pragma once

#include <stddef.h>

/* Writes `text` (NULL: "") made harmless, at most `size` - 1 bytes, always ended, never cut within
 * a character: valid UTF-8 (what is not becomes U+FFFD), one line (white space and control
 * characters become one space), nothing that is not seen or that turns the direction of what
 * follows (Unicode's category Cf), at most three marks upon a letter. */
void label_clean(const char *text, char *clean, size_t size);
