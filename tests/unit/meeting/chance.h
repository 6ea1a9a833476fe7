/* Random commands by random actors: after each one the state must be sound, and the journal alone
 * must give the same state again, byte for byte. A seed makes a meeting come back. */
#pragma once

#include "tests/unit/meeting/world.h"

/* A meeting with some of its rooms and any settings; in draft. */
struct world *chance_world(GRand *rand);
/* One command, and what falls due after it. */
void chance_step(GRand *rand, struct world *world);
/* A whole meeting of so many commands, checked after each one and replayed at its end. Its events:
 * enough must have come through for it to mean something. */
unsigned chance_meeting(unsigned seed, unsigned steps);

/* What must be true of any meeting in any state. */
void chance_check_state(struct world *world);

unsigned chance_count_events(struct world *world, const char *type);
/* How often `method` was accepted in this process. */
unsigned chance_accepted(const char *method);

enum chance_harm { CHANCE_NONE, CHANCE_WRONG_VALUE, CHANCE_UNKNOWN_FIELD };
/* Makes one thing in good params wrong: a field's value, its presence, or a field that there is
 * not. The value may happen to be good still. */
enum chance_harm chance_mutate(GRand *rand, json_t *params);

/* An accepted command was one that the permission table gives to who commanded it, as he was before
 * it (`before` is a snapshot), and about his own room where the table says so. */
void chance_check_permitted(struct world *world, const json_t *before, const char *who,
                            const char *method);
/* Whoever was given the floor had been admitted, and had not had his share. */
void chance_check_granted(struct world *world, const json_t *before, const json_t *params);
