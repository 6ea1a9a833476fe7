/* Random commands by random actors: after each one the state must be sound, and the journal alone
 * must give the same state again, byte for byte. A seed makes a meeting come back. */
#pragma once

#include "tests/unit/meeting/world.h"

/* One command, and what falls due after it. */
void chance_step(GRand *rand, struct world *world);
/* A whole meeting of so many commands, checked after each one and replayed at its end. Its events:
 * enough must have come through for it to mean something. */
unsigned chance_meeting(unsigned seed, unsigned steps);

unsigned chance_count_events(struct world *world, const char *type);
