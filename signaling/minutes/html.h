/* The parts of the minutes' page, each appended in its turn.
 *
 * Thread: any. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* html_course.c: what happened, in the order of time. */
void html_course(GString *page, const json_t *minutes);
/* html_annex.c: rooms, requests that were not granted, incidents; each on a sheet of its own. */
void html_annexes(GString *page, const json_t *minutes);
