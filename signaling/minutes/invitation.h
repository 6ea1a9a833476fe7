/* The invitation to a room (giấy mời): form 1.7 of Decree 30/2020/NĐ-CP, from what the meeting's
 * settings say. What they do not say is shown as not determined.
 *
 * Thread: any. */
#pragma once

#include <jansson.h>

/* `state` is the meeting's snapshot. A page that stands alone; NULL when the meeting has no such
 * room. g_free(). */
char *invitation_to_html(const json_t *state, const char *site);
