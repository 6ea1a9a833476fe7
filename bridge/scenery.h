/* What signaling declares of a conference's pictures (conference.scene in docs/protocol.md), and
 * the scenes that come of it: who is to be seen where, by whom. Knows legs by their names,
 * connected or not; pure, but for remembering which number a leg was given.
 *
 * Thread: the main thread. */
#pragma once

#include "bridge/video/compose/scene.h"

#include <glib.h>
#include <jansson.h>

#define SCENERY_LAYOUT_MAX 32

struct scenery;

/* What one member looks at for himself, in the place of what is declared. */
struct scenery_choice {
    char layout[SCENERY_LAYOUT_MAX];
    scene_id assigned[LAYOUT_CELLS_MAX];
    unsigned assigned_count, page;
};

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

/* `assigned` (may be NULL) as in the declaration. False with `why`, which names the field. */
bool scenery_choose(struct scenery *scenery, const char *layout, const json_t *assigned,
                    unsigned page, struct scenery_choice *choice, char why[160]);

/* What is seen by the audience, or by a holder of the floor (`self`, else NULL). `content`: whose
 * slides are shown, or NULL. */
void scenery_plan(struct scenery *scenery, const char *self, const char *content, unsigned page,
                  struct scene *scene);
/* What a choice comes to: what the audience would see. */
void scenery_plan_choice(struct scenery *scenery, const struct scenery_choice *choice,
                         const char *content, struct scene *scene);
