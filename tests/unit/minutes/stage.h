/* A meeting as it goes: played through the core, so that the journal is a real one. */
#pragma once

#include "signaling/minutes/minutes.h"
#include "tests/unit/meeting/world.h"

/* The next command comes `seconds` after the meeting's opening. The world's clock then goes on by a
 * second with each. */
void stage_at(struct world *world, int seconds);

/* An open meeting in which, at these seconds after its opening at 8:00:02 in Vietnam: all rooms are
 * there and (10) are called, recording begins (20), an item of the agenda (25), da-nang speaks
 * (60-183, prepared) and has more time (150), hue speaks and is cut short (200-230), the bridge is
 * lost (300) and back (310) while can-tho speaks (290-330), da-nang's line is lost while it speaks
 * (400) and back (420), a vote (450), notes, three directives of which one is amended and one is
 * withdrawn, a pause (600-900), requests that are denied (1000), cancelled (1010) and left at the
 * end; closed at 1200 while hue speaks. */
struct world *stage_meeting(void);

/* A value of the minutes by path, as JSON: "speeches.0.how". g_free(). */
char *stage_get(const json_t *minutes, const char *path);
void stage_lacks(const json_t *minutes, const char *path);
/* Asserts that it is this JSON, ' standing for ". */
void stage_is(const json_t *minutes, const char *path, const char *json);
