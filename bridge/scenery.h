/* What signaling declares of a conference's pictures (conference.scene in docs/protocol.md), and
 * the scenes that come of it: who is to be seen where, by whom. Knows legs by their names,
 * connected or not; pure, but for remembering which number a leg was given.
 *
 * Thread: the main thread. */
#pragma once

#include "bridge/video/compose/scene.h"

#include <glib.h>
#include <jansson.h>

struct scenery;

struct scenery *scenery_new(void);
void scenery_free(struct scenery *scenery);

/* Checks shapes; false with `why`, which names the field, and nothing changed. Referenced. */
bool scenery_declare(struct scenery *scenery, json_t *scene, char why[160]);
bool scenery_is_declared(const struct scenery *scenery);

/* The number of a leg in all scenes, the same for the conference's life; and back, NULL for none.
 */
scene_id scenery_id(struct scenery *scenery, const char *leg);
const char *scenery_leg(const struct scenery *scenery, scene_id id);

/* The chair's leg; NULL: nobody's. */
const char *scenery_chair(const struct scenery *scenery);
/* The n-th who holds the floor; NULL after the last. */
const char *scenery_holder(const struct scenery *scenery, unsigned index);
/* As it was declared, "auto" too; NULL: nothing is. */
const char *scenery_layout(const struct scenery *scenery);
/* Seconds that a page of a mosaic stays; 0: for good. */
unsigned scenery_page_seconds(const struct scenery *scenery);

/* The declared texts: {agenda, state, live, lost, clock}; borrowed. */
const json_t *scenery_texts(const struct scenery *scenery);

/* What is seen by the audience, or by a holder of the floor (`self`, else NULL). `content`: whose
 * slides are shown, or NULL. */
void scenery_plan(struct scenery *scenery, const char *self, const char *content, unsigned page,
                  struct scene *scene);
