/* What is wrong with the sound of rooms just now, as the bridge says: a room that is loud without
 * being asked to speak ("unasked"), one that howls ("howl"). Operators are told; /metrics counts.
 * Nothing of it is in a journal.
 *
 * Thread: main. */
#pragma once

#include "signaling/http/attendance.h"

struct alarms;

struct alarms *alarms_new(struct attendance *attendance);
void alarms_free(struct alarms *alarms);

/* `state` is "unasked", "howl" or "ok"; another is taken for none of our business. */
void alarms_set(struct alarms *alarms, const char *meeting, const char *leg, const char *state);
/* The bridge has gone, and with it what it said. Operators are told that it is over. */
void alarms_clear(struct alarms *alarms);

/* Those of a meeting (NULL: of all): [{site, kind, since}]. */
json_t *alarms_describe(const struct alarms *alarms, const char *meeting);
unsigned alarms_count(const struct alarms *alarms, const char *kind);
