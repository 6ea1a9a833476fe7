/* The parts of a recording, as folders.
 *
 * Thread: any; blocking. */
#pragma once

/* "part-001"; g_free(). */
char *record_part_name(unsigned number);
/* One more than the last part there is. A removed part's number is not given again: the journal
 * still names it. */
unsigned record_next_number(const char *directory);
