#include "bridge/audio/loudest.h"

#define SILENCE_DBOV (-127)
#define UNKNOWN_DBOV (-35) /* of a packet that does not say, and is more than comfort noise */
#define COMFORT_SIZE 12    /* bytes */
#define RISE         0.7f  /* of the way, each 20 ms */
#define FALL         0.1f  /* 1 - exp(-20 ms / 200 ms) */
#define CLEARLY      6.0f  /* dB */
#define HOLD         50    /* choices: 1 s */

void candidate_init(struct candidate *candidate)
{
    *candidate = (struct candidate){.level_dbov = SILENCE_DBOV, .heard_dbov = 1};
}

void candidate_hear(struct candidate *candidate, int level_dbov, size_t size)
{
    if (level_dbov > 0)
        level_dbov = size > COMFORT_SIZE ? UNKNOWN_DBOV : SILENCE_DBOV;
    if (candidate->heard_dbov > 0 || level_dbov > candidate->heard_dbov)
        candidate->heard_dbov = level_dbov;
}

static void age(struct candidate *candidate)
{
    float heard = candidate->heard_dbov > 0 ? SILENCE_DBOV : (float)candidate->heard_dbov;
    float way = heard - candidate->level_dbov;
    candidate->level_dbov += way * (way > 0 ? RISE : FALL);
    candidate->heard_dbov = 1;
    candidate->held -= candidate->held > 0;
}

static void choose(struct candidate *candidate)
{
    candidate->is_chosen = true;
    candidate->held = HOLD;
}

static struct candidate *loudest_outside(struct candidate *const *candidates, unsigned count)
{
    struct candidate *loudest = NULL;
    for (unsigned i = 0; i < count; i++) {
        if (!candidates[i]->is_chosen &&
            (loudest == NULL || candidates[i]->level_dbov > loudest->level_dbov))
            loudest = candidates[i];
    }
    return loudest;
}

/* Of those who need not stay. */
static struct candidate *quietest_inside(struct candidate *const *candidates, unsigned count)
{
    struct candidate *quietest = NULL;
    for (unsigned i = 0; i < count; i++) {
        if (candidates[i]->is_chosen && candidates[i]->held == 0 &&
            (quietest == NULL || candidates[i]->level_dbov < quietest->level_dbov))
            quietest = candidates[i];
    }
    return quietest;
}

static unsigned count_chosen(struct candidate *const *candidates, unsigned count)
{
    unsigned chosen = 0;
    for (unsigned i = 0; i < count; i++)
        chosen += candidates[i]->is_chosen;
    return chosen;
}

void loudest_choose(struct candidate *const *candidates, unsigned count, unsigned most)
{
    if (most == 0 || most > count)
        most = count;
    for (unsigned i = 0; i < count; i++)
        age(candidates[i]);
    unsigned chosen = count_chosen(candidates, count);
    for (; chosen < most; chosen++)
        choose(loudest_outside(candidates, count));
    struct candidate *outside = loudest_outside(candidates, count);
    struct candidate *inside = quietest_inside(candidates, count);
    for (; chosen > most && inside != NULL; chosen--) { /* there are fewer places than there were */
        inside->is_chosen = false;
        inside = quietest_inside(candidates, count);
    }
    if (outside == NULL || inside == NULL || outside->level_dbov < inside->level_dbov + CLEARLY)
        return;
    inside->is_chosen = false;
    choose(outside);
}
