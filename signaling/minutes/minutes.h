/* The minutes' first cut, a reading of the journal: when, who attended, who spoke from when to when
 * (with the moment in the recording), notes, directives.
 *
 * Thread: any, one at a time. */
#pragma once

#include "signaling/meeting/meeting.h"

/* `events` of struct event, the whole journal of one meeting, in order. */
json_t *minutes_to_json(const GPtrArray *events);
/* A page that stands alone (styles inside, no scripts), Vietnamese. Links into the recording are
 * relative ("recordings/part-001/program.webm#t=12.3,45.6"). Every text is escaped. g_free(). */
char *minutes_to_html(const json_t *minutes);
json_t *minutes_directives(const GPtrArray *events);
