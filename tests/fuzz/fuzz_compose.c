/* Names are whatever people and other machines send; so are the numbers of an operator's choice.
 * Whatever they are, a scene keeps its promises and can be drawn. */
#include "tests/fuzz/fuzz.h"

#include "bridge/video/compose/compose.h"

#include <glib.h>
#include <string.h>

#define MEMBERS 5
#define CHOICES 8

/* What the numbers of the input are read into. */
struct numbers {
    uint8_t layout, page, viewer, self, chair, content, floor_count, state;
    uint8_t floor[4], assigned[CHOICES];
    uint8_t width, height;
};

static struct picture *picture;

static bool look_up(scene_id source, bool is_content, struct compose_source *found, void *arg)
{
    const struct numbers *numbers = arg;
    (void)is_content;
    found->state = (enum compose_state)((numbers->state + source) % 3);
    found->picture = picture;
    found->notice = "Mất tín hiệu hình";
    return (numbers->state >> source & 1) == 0;
}

static void check(const struct scene *scene, const struct scene_input *input)
{
    g_assert_cmpuint(scene->cell_count, >=, 1);
    g_assert_cmpuint(scene->cell_count, <=, scene->layout->cell_count);
    g_assert_cmpuint(scene->page, <, scene->page_count);
    for (unsigned i = 0; i < scene->cell_count; i++) {
        const struct scene_cell *cell = &scene->cells[i];
        g_assert_true(g_utf8_validate(cell->name, -1, NULL));
        g_assert_true(g_utf8_validate(cell->detail, -1, NULL));
        g_assert_cmpuint(cell->source, <=, MEMBERS);
        g_assert_true(cell->is_content || cell->source == SCENE_NOBODY ||
                      input->viewer != SCENE_FLOOR_HOLDER || cell->source != input->self);
    }
}

static void draw(const struct scene *scene, struct numbers *numbers, const char *text)
{
    static struct composer *composer;
    if (composer == NULL)
        composer = composer_new(640, 360, 2);
    picture = picture_new(1 + numbers->width, 1 + numbers->height);
    for (int plane = 0; plane < PICTURE_PLANES; plane++) {
        unsigned rows = plane == PICTURE_Y ? picture->height : (picture->height + 1) / 2;
        memset(picture->planes[plane], 99, rows * (size_t)picture->strides[plane]);
    }
    struct compose_header header = {text, text, text, numbers->page & 1};
    picture_unref(composer_render(composer, scene, look_up, numbers, &header));
    picture_unref(picture);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct numbers numbers;
    if (size < sizeof(numbers))
        return 0;
    memcpy(&numbers, bytes, sizeof(numbers));
    g_autofree char *text =
        g_strndup((const char *)bytes + sizeof(numbers), size - sizeof(numbers));
    struct scene_member members[MEMBERS];
    for (unsigned i = 0; i < MEMBERS; i++) /* overlapping parts of the text */
        members[i] = (struct scene_member){i + 1, text + strlen(text) * i / MEMBERS, text};
    scene_id floor[4], assigned[CHOICES];
    for (unsigned i = 0; i < G_N_ELEMENTS(floor); i++)
        floor[i] = numbers.floor[i] % (MEMBERS + 2);
    for (unsigned i = 0; i < CHOICES; i++)
        assigned[i] = numbers.assigned[i] % (MEMBERS + 2);
    const struct layout *layout = layout_at(numbers.layout);
    struct scene_input input = {.layout = layout != NULL ? layout->name : "mosaic",
                                .floor = floor,
                                .floor_count = numbers.floor_count % 5,
                                .chair = numbers.chair % (MEMBERS + 2),
                                .content = numbers.content % (MEMBERS + 2),
                                .members = members,
                                .member_count = numbers.self % (MEMBERS + 1),
                                .page = numbers.page,
                                .assigned = assigned,
                                .assigned_count = numbers.viewer % (CHOICES + 1),
                                .viewer = numbers.viewer & 1 ? SCENE_FLOOR_HOLDER : SCENE_AUDIENCE,
                                .self = numbers.chair % 3 + 1};
    static struct scene scene;
    scene_plan(&input, &scene);
    check(&scene, &input);
    draw(&scene, &numbers, text);
    return 0;
}
