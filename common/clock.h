/* Time, in the two forms that the programs use: microseconds of the monotonic clock for everything
 * that measures or schedules, microseconds of UTC since 1970 for everything that is written down.
 *
 * Thread: any. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

int64_t clock_monotonic_us(void);
int64_t clock_utc_us(void);

/* Length of "2026-11-23T08:30:00.123456Z" with its end. */
#define CLOCK_RFC3339_SIZE 28

/* RFC 3339 in UTC with exactly six digits of a second. `utc_us` must lie in the years 1 to 9999. */
void clock_format_rfc3339(int64_t utc_us, char text[CLOCK_RFC3339_SIZE]);

/* Reads RFC 3339 with any offset and 0 to 9 digits of a second (more than six are cut off). */
bool clock_parse_rfc3339(const char *text, int64_t *utc_us);
