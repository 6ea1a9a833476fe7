/* Draws one label with Cairo and Pango; label.h keeps what comes out.
 *
 * Thread: the context's owner. */
#pragma once

#include "bridge/video/compose/label.h"

#include <pango/pangocairo.h>

/* For drawing labels, with a font map of its own. Finding the fonts takes a moment: the first time
 * on a new machine up to seconds. */
PangoContext *label_context_new(void);

/* An ARGB32 surface of even sides with what the request says, none of them larger than the
 * request's. NULL when there is nothing to draw or no room to read it in. */
cairo_surface_t *label_draw(PangoContext *context, const struct label_request *request);
