/* Counts what this thread allocates and frees, for code that promises to do neither: under a
 * sanitizer by its hooks, else in the place of the C library's own functions, for every library of
 * the process. */
#pragma once

void allocation_begin(void);
/* How many calls there were since. */
unsigned allocation_end(void);
