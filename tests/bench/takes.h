/* What is said in the benchmarks of the sound: recordings (raw 16-bit mono at 48 kHz, little
 * endian) where they are given, else made-up speech. Silent stretches at both ends are cut off.
 *
 * Thread: one owner. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct take {
    int16_t *samples;
    size_t count;
};

/* The `index`th of the files in `paths`, again from the first after the last; `seconds` at least.
 */
struct take take_read(char *const *paths, unsigned path_count, unsigned index, unsigned seconds);
/* Makes it so loud that its RMS while somebody speaks is `dbfs`; peaks are cut at full scale. */
void take_scale(struct take *take, double dbfs);
void take_free(struct take *take);

/* Processor time of this thread, in microseconds; resident memory, in KiB. */
double takes_cpu_us(void);
long takes_memory_kib(void);
