#include "bridge/video/compose/scene.h"

#include "bridge/video/compose/label_text.h"

#include <glib.h>
#include <string.h>

/* Whom the roles of a layout mean to this viewer. */
struct cast {
    scene_id floor[SCENE_FLOOR_MAX];
    unsigned floor_count;
    scene_id chair, content;
};

static const struct scene_member *find(const struct scene_input *input, scene_id id)
{
    for (unsigned i = 0; id != SCENE_NOBODY && i < input->member_count; i++) {
        if (input->members[i].id == id)
            return &input->members[i];
    }
    return NULL;
}

/* A floor holder never sees himself: what he says would look at him a moment late. */
static bool is_self(const struct scene_input *input, scene_id id)
{
    return input->viewer == SCENE_FLOOR_HOLDER && id == input->self;
}

static scene_id visible(const struct scene_input *input, scene_id id)
{
    return find(input, id) != NULL && !is_self(input, id) ? id : SCENE_NOBODY;
}

static bool has_floor(const struct scene_input *input, scene_id id)
{
    for (unsigned i = 0; id != SCENE_NOBODY && i < input->floor_count; i++) {
        if (input->floor[i] == id)
            return true;
    }
    return false;
}

static struct cast cast_roles(const struct scene_input *input)
{
    struct cast cast = {.chair = visible(input, input->chair)};
    /* His own slides he does see: he speaks to them. */
    cast.content = find(input, input->content) != NULL ? input->content : SCENE_NOBODY;
    if (input->viewer == SCENE_FLOOR_HOLDER && cast.chair != SCENE_NOBODY)
        cast.floor[cast.floor_count++] = cast.chair;
    for (unsigned i = 0; i < input->floor_count && cast.floor_count < SCENE_FLOOR_MAX; i++) {
        scene_id id = visible(input, input->floor[i]);
        if (id != SCENE_NOBODY && !(cast.floor_count > 0 && cast.floor[0] == id))
            cast.floor[cast.floor_count++] = id;
    }
    /* While nobody speaks, and beside one who speaks alone, the chair is there. */
    if (cast.floor_count < SCENE_FLOOR_MAX && cast.chair != SCENE_NOBODY &&
        !has_floor(input, cast.chair) && input->viewer == SCENE_AUDIENCE)
        cast.floor[cast.floor_count++] = cast.chair;
    return cast;
}

/* Where the operator put somebody, the cell is filled whatever its role. */
static scene_id assigned_to(const struct scene_input *input, unsigned cell)
{
    if (cell >= input->assigned_count || input->assigned == NULL)
        return SCENE_NOBODY;
    return visible(input, input->assigned[cell]);
}

static scene_id cast_for(const struct cast *cast, const struct layout_cell *place)
{
    switch (place->role) {
    case LAYOUT_FLOOR:
        return place->index < cast->floor_count ? cast->floor[place->index] : SCENE_NOBODY;
    case LAYOUT_CHAIR:
        /* Not twice in one picture. */
        return cast->floor_count > 0 && cast->floor[0] == cast->chair ? SCENE_NOBODY : cast->chair;
    case LAYOUT_SLIDES:
        return cast->content;
    case LAYOUT_MEMBER:
        break; /* fill_mosaic() */
    }
    return SCENE_NOBODY;
}

/* Whether every cell of a layout has somebody in it. */
static bool is_filled(const struct scene_input *input, const struct cast *cast,
                      const struct layout *layout)
{
    for (unsigned i = 0; i < layout->cell_count; i++) {
        if (assigned_to(input, i) == SCENE_NOBODY &&
            cast_for(cast, &layout->cells[i]) == SCENE_NOBODY)
            return false;
    }
    return true;
}

static unsigned visible_members(const struct scene_input *input)
{
    unsigned count = 0;
    for (unsigned i = 0; i < input->member_count; i++)
        count += !is_self(input, input->members[i].id);
    return count;
}

/* What is asked for if there is somebody to fill it, else what comes closest to it. */
static const struct layout *choose(const struct scene_input *input, const struct cast *cast)
{
    const char *name = input->layout != NULL ? input->layout : "speaker";
    const struct layout *layout = layout_find(name);
    if (strcmp(name, "mosaic") == 0)
        layout = layout_for(MAX(visible_members(input), 2));
    if (layout != NULL && (layout->is_mosaic || is_filled(input, cast, layout)))
        return layout;
    bool is_slides = layout != NULL && layout->cells[0].role == LAYOUT_SLIDES;
    if (is_slides && cast->content != SCENE_NOBODY)
        return layout_find("slides");
    /* The chair himself speaks, and nobody else: he sees the rooms that listen to him. */
    if (cast->floor_count == 0 && input->viewer == SCENE_FLOOR_HOLDER)
        return layout_for(MAX(visible_members(input), 2));
    return layout_find("speaker");
}

static void show(const struct scene_input *input, struct scene_cell *cell, scene_id id)
{
    const struct scene_member *member = find(input, id);
    if (member == NULL)
        return;
    cell->source = id;
    cell->has_floor = has_floor(input, id);
    label_clean(member->name, cell->name, sizeof(cell->name));
    label_clean(member->detail, cell->detail, sizeof(cell->detail));
}

/* A strip on slides hides something of them: it says whose they are where that is not seen
 * anyway, and no more. */
static void uncover_slides(const struct scene *scene, struct scene_cell *cell)
{
    if (!cell->is_content)
        return;
    cell->detail[0] = '\0';
    if (scene_shows(scene, cell->source, false, NULL))
        cell->name[0] = '\0';
}

static void fill_roles(const struct scene_input *input, const struct cast *cast,
                       struct scene *scene)
{
    for (unsigned i = 0; i < scene->cell_count; i++) {
        struct scene_cell *cell = &scene->cells[i];
        scene_id chosen = assigned_to(input, i);
        cell->is_main = i == 0;
        cell->is_content = cell->place.role == LAYOUT_SLIDES && chosen == SCENE_NOBODY;
        show(input, cell, chosen != SCENE_NOBODY ? chosen : cast_for(cast, &cell->place));
    }
    for (unsigned i = 0; i < scene->cell_count; i++)
        uncover_slides(scene, &scene->cells[i]);
}

/* Who was put into the cells of a mosaic, and how many cells that leaves. */
struct mosaic {
    scene_id chosen[LAYOUT_CELLS_MAX];
    unsigned cells, free_cells;
};

/* Takes a free cell when there is one for him: he is visible and not assigned anywhere. */
static bool flows(const struct scene_input *input, const struct mosaic *mosaic, scene_id id)
{
    for (unsigned i = 0; i < mosaic->cells; i++) {
        if (mosaic->chosen[i] == id)
            return false;
    }
    return id != SCENE_NOBODY && !is_self(input, id);
}

/* Few rooms stand in the middle of a mosaic that is not full, the last row in the middle of its
 * own; the empty cells after them are not there. */
static void gather(struct scene *scene)
{
    const struct layout_cell *cells = scene->layout->cells;
    unsigned used = 0, columns = 1;
    while (columns < scene->cell_count && cells[columns].y == cells[0].y)
        columns++;
    for (unsigned i = 0; i < scene->cell_count; i++)
        used += scene->cells[i].source != SCENE_NOBODY;
    unsigned rows = (used + columns - 1) / columns, last = used - (rows - 1) * columns;
    const struct layout_cell *bottom = &cells[scene->layout->cell_count - 1];
    const struct layout_cell *lowest = &cells[used - 1];
    unsigned down = (bottom->y + bottom->height - lowest->y - lowest->height) / 2;
    unsigned right = (bottom->x + bottom->width - lowest->x - lowest->width) / 2;
    for (unsigned i = 0; i < used; i++) {
        scene->cells[i].place.y += down;
        if (i >= used - last)
            scene->cells[i].place.x += right;
    }
    scene->cell_count = used;
}

/* Assigned cells stay on every page; the others turn. */
static void fill_mosaic(const struct scene_input *input, struct scene *scene)
{
    struct mosaic mosaic = {.cells = scene->cell_count};
    for (unsigned i = 0; i < mosaic.cells; i++) {
        mosaic.chosen[i] = assigned_to(input, i);
        mosaic.free_cells += mosaic.chosen[i] == SCENE_NOBODY;
    }
    unsigned flowing = 0;
    for (unsigned i = 0; i < input->member_count; i++)
        flowing += flows(input, &mosaic, input->members[i].id);
    if (mosaic.free_cells > 0 && flowing > 0)
        scene->page_count = (flowing + mosaic.free_cells - 1) / mosaic.free_cells;
    scene->page = input->page % scene->page_count;

    unsigned skip = scene->page * mosaic.free_cells, member = 0;
    for (unsigned i = 0; i < mosaic.cells; i++) {
        scene_id id = mosaic.chosen[i];
        while (id == SCENE_NOBODY && member < input->member_count) {
            scene_id next = input->members[member++].id;
            if (flows(input, &mosaic, next) && (skip == 0 || skip-- == 0))
                id = next;
        }
        show(input, &scene->cells[i], id);
    }
    if (scene->page_count == 1 && flowing > 0 && mosaic.free_cells == mosaic.cells)
        gather(scene);
}

void scene_plan(const struct scene_input *input, struct scene *scene)
{
    struct cast cast = cast_roles(input);
    memset(scene, 0, sizeof(*scene));
    scene->layout = choose(input, &cast);
    scene->page_count = 1;
    scene->cell_count = scene->layout->cell_count;
    for (unsigned i = 0; i < scene->cell_count; i++)
        scene->cells[i].place = scene->layout->cells[i];
    if (scene->layout->is_mosaic)
        fill_mosaic(input, scene);
    else
        fill_roles(input, &cast, scene);
}

bool scene_shows(const struct scene *scene, scene_id source, bool is_content,
                 struct layout_cell *place)
{
    bool is_shown = false;
    uint32_t largest = 0;
    for (unsigned i = 0; source != SCENE_NOBODY && i < scene->cell_count; i++) {
        const struct scene_cell *cell = &scene->cells[i];
        if (cell->source != source || cell->is_content != is_content)
            continue;
        uint32_t area = (uint32_t)cell->place.width * cell->place.height;
        if (area > largest && place != NULL)
            *place = cell->place;
        largest = MAX(largest, area);
        is_shown = true;
    }
    return is_shown;
}

static bool is_same_place(const struct layout_cell *one, const struct layout_cell *other)
{
    return one->x == other->x && one->y == other->y && one->width == other->width &&
           one->height == other->height && one->role == other->role && one->index == other->index &&
           one->is_inset == other->is_inset;
}

static bool is_same_cell(const struct scene_cell *one, const struct scene_cell *other)
{
    return is_same_place(&one->place, &other->place) && one->source == other->source &&
           one->is_content == other->is_content && one->is_main == other->is_main &&
           one->has_floor == other->has_floor && strcmp(one->name, other->name) == 0 &&
           strcmp(one->detail, other->detail) == 0;
}

bool scene_is_same(const struct scene *one, const struct scene *other)
{
    if (one->layout != other->layout || one->page != other->page ||
        one->page_count != other->page_count || one->cell_count != other->cell_count)
        return false;
    for (unsigned i = 0; i < one->cell_count; i++) {
        if (!is_same_cell(&one->cells[i], &other->cells[i]))
            return false;
    }
    return true;
}
