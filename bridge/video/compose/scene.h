/* A scene: who is shown where, and under what name. scene_plan() makes it out of what the meeting
 * knows; the composer draws it. It is a function of its input alone, so that what the audience sees
 * follows the granted floor and nothing else.
 *
 * Thread: any. Memory: nothing is allocated; a scene is a value. */
#pragma once

#include "bridge/video/compose/layout.h"

#include <stddef.h>

#define SCENE_NAME_MAX  256 /* bytes of a label's line, with its end */
#define SCENE_FLOOR_MAX 16

/* A member, as the caller numbers them. */
typedef uint32_t scene_id;
#define SCENE_NOBODY 0

struct scene_member {
    scene_id id;
    const char *name;   /* of the room; any bytes */
    const char *detail; /* who speaks there, name and title; NULL or "": nothing */
};

enum scene_viewer {
    SCENE_AUDIENCE,
    SCENE_FLOOR_HOLDER, /* sees the chair, and never himself */
};

/* Whatever is not known is SCENE_NOBODY, NULL or 0. Ids that are not among the members are
 * nobody's. */
struct scene_input {
    const char *layout;    /* a name of layout.h, or "mosaic": the smallest that shows all */
    const scene_id *floor; /* in the order in which they are heard */
    unsigned floor_count;
    scene_id chair;
    scene_id content;                   /* whose slides are shown */
    const struct scene_member *members; /* in the order in which a mosaic shows them */
    unsigned member_count;
    unsigned page; /* of a mosaic, from 0; after the last comes the first */
    /* The operator's own choice, cell by cell in the layout's order: whoever is there is shown
     * there. */
    const scene_id *assigned;
    unsigned assigned_count;
    enum scene_viewer viewer;
    scene_id self; /* the viewer, if he is a floor holder */
};

struct scene_cell {
    struct layout_cell place; /* the layout's, but moved to the middle when it is not full */
    scene_id source;          /* SCENE_NOBODY: the cell stays empty */
    bool is_content;          /* the source's slides, not its camera */
    bool is_main;             /* the large one: when its source changes, the composer crossfades */
    bool has_floor;           /* marked in a mosaic */
    char name[SCENE_NAME_MAX], detail[SCENE_NAME_MAX]; /* valid UTF-8; "": no label */
};

struct scene {
    const struct layout *layout; /* which may be another than was asked for: nobody is there to fill
                                    it */
    unsigned page, page_count;
    unsigned cell_count; /* at least one; fewer than the layout has when it is not full */
    struct scene_cell cells[LAYOUT_CELLS_MAX];
};

void scene_plan(const struct scene_input *input, struct scene *scene);

/* Whether the two show the same, under the same names. */
bool scene_is_same(const struct scene *one, const struct scene *other);

/* Whether a source is shown, for whoever decides what is decoded; `content` as in the cell.
 * `place` NULL, or where the largest of its cells lies. */
bool scene_shows(const struct scene *scene, scene_id source, bool is_content,
                 struct layout_cell *place);
