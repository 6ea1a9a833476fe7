/* Random meetings without end: so many commands in all, each followed by every check that the unit
 * tests know, each meeting replayed. A failure names the seed, and `bench_meetings 500 SEED` makes
 * it come back.
 *
 *     bench_meetings [COMMANDS [FIRST-SEED]] */
#include "tests/unit/meeting/chance.h"

#include <stdio.h>
#include <stdlib.h>

#define STEPS 500 /* of a meeting */

int main(int argc, char **argv)
{
    unsigned commands = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000000;
    unsigned seed = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
    int64_t start_us = g_get_monotonic_time();
    unsigned done = 0;
    uint64_t events = 0;
    for (; done < commands; done += STEPS, seed++) {
        fprintf(stderr, "\rseed %u, %u commands", seed, done);
        events += chance_meeting(seed, STEPS);
    }
    printf("%u random commands in %u meetings made %" G_GUINT64_FORMAT
           " events; every invariant held after each: %.0f s\n",
           done, done / STEPS, (guint64)events, (double)(g_get_monotonic_time() - start_us) / 1e6);
    return 0;
}
