/* What a person reads on the room's screen, in Vietnamese or English.
 *
 * Thread: any. */
#pragma once

#include <stdbool.h>

/* The Vietnamese of an English text; the text itself if `is_english` or when there is none (a
 * server's own words). */
const char *texts_say(bool is_english, const char *english);
