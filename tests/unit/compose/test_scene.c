#include "bridge/video/compose/scene.h"

#include <glib.h>

enum { CHAIR = 1, HUE = 2, LAO_CAI = 3, CA_MAU = 4 };

static const struct scene_member rooms[] = {
    {CHAIR, "Trụ sở Chính phủ", NULL},
    {HUE, "Thành phố Huế", "Nguyễn Thị Bưởi, Phó Chủ tịch"},
    {LAO_CAI, "Lào Cai", NULL},
    {CA_MAU, "Cà Mau", NULL},
};

static struct scene_input meeting(const char *layout, const scene_id *floor, unsigned floor_count)
{
    return (struct scene_input){.layout = layout,
                                .floor = floor,
                                .floor_count = floor_count,
                                .chair = CHAIR,
                                .members = rooms,
                                .member_count = G_N_ELEMENTS(rooms)};
}

static struct scene plan(struct scene_input input)
{
    struct scene scene;
    scene_plan(&input, &scene);
    return scene;
}

static void assert_shows(const struct scene *scene, const char *layout, const scene_id *sources)
{
    g_assert_cmpstr(scene->layout->name, ==, layout);
    for (unsigned i = 0; i < scene->cell_count; i++)
        g_assert_cmpuint(scene->cells[i].source, ==, sources[i]);
}

static void test_the_picture_follows_the_floor(void)
{
    struct scene scene = plan(meeting("speaker", (scene_id[]){HUE}, 1));
    assert_shows(&scene, "speaker", (scene_id[]){HUE});
    g_assert_true(scene.cells[0].is_main && scene.cells[0].has_floor);
    g_assert_cmpstr(scene.cells[0].name, ==, "Thành phố Huế");
    g_assert_cmpstr(scene.cells[0].detail, ==, "Nguyễn Thị Bưởi, Phó Chủ tịch");
}

static void test_the_chair_is_shown_while_nobody_speaks(void)
{
    struct scene scene = plan(meeting("speaker_chair", NULL, 0));
    assert_shows(&scene, "speaker", (scene_id[]){CHAIR});
    g_assert_false(scene.cells[0].has_floor);
}

static void test_the_chair_is_beside_who_speaks(void)
{
    struct scene scene = plan(meeting("speaker_chair", (scene_id[]){HUE}, 1));
    assert_shows(&scene, "speaker_chair", (scene_id[]){HUE, CHAIR});
    scene = plan(meeting("side_by_side", (scene_id[]){HUE}, 1));
    assert_shows(&scene, "side_by_side", (scene_id[]){HUE, CHAIR});
    scene = plan(meeting("side_by_side", (scene_id[]){HUE, LAO_CAI}, 2));
    assert_shows(&scene, "side_by_side", (scene_id[]){HUE, LAO_CAI});
}

static void test_the_chair_is_not_shown_twice(void)
{
    struct scene scene = plan(meeting("speaker_chair", (scene_id[]){CHAIR}, 1));
    assert_shows(&scene, "speaker", (scene_id[]){CHAIR});
    scene = plan(meeting("side_by_side", (scene_id[]){CHAIR}, 1));
    assert_shows(&scene, "speaker", (scene_id[]){CHAIR});
}

static void test_a_floor_holder_sees_the_chair_and_not_himself(void)
{
    const char *const layouts[] = {"speaker", "speaker_chair", "side_by_side",
                                   "mosaic",  "mosaic_9",      "slides_speaker"};
    for (unsigned i = 0; i < G_N_ELEMENTS(layouts); i++) {
        struct scene_input input = meeting(layouts[i], (scene_id[]){HUE, LAO_CAI}, 2);
        input.viewer = SCENE_FLOOR_HOLDER;
        input.self = HUE;
        input.assigned = (scene_id[]){HUE, HUE, HUE};
        input.assigned_count = 3;
        struct scene scene = plan(input);
        g_assert_false(scene_shows(&scene, HUE, false, NULL));
        g_assert_cmpuint(scene.cells[0].source, ==, CHAIR);
    }
}

static void test_a_chair_who_speaks_sees_the_rooms(void)
{
    struct scene_input input = meeting("speaker", (scene_id[]){CHAIR}, 1);
    input.viewer = SCENE_FLOOR_HOLDER;
    input.self = CHAIR;
    struct scene scene = plan(input);
    assert_shows(&scene, "mosaic_4", (scene_id[]){HUE, LAO_CAI, CA_MAU});
}

static void test_slides_are_shown_while_there_are_any(void)
{
    struct scene_input input = meeting("slides_speaker", (scene_id[]){HUE}, 1);
    struct scene scene = plan(input);
    assert_shows(&scene, "speaker", (scene_id[]){HUE});
    input.content = LAO_CAI;
    scene = plan(input);
    assert_shows(&scene, "slides_speaker", (scene_id[]){LAO_CAI, HUE});
    g_assert_true(scene.cells[0].is_content && !scene.cells[1].is_content);
    g_assert_cmpstr(scene.cells[0].name, ==, "Lào Cai");
    g_assert_true(scene_shows(&scene, LAO_CAI, true, NULL));
    g_assert_false(scene_shows(&scene, LAO_CAI, false, NULL));
    input.floor_count = 0;
    input.chair = SCENE_NOBODY;
    scene = plan(input);
    assert_shows(&scene, "slides", (scene_id[]){LAO_CAI});
}

static void test_a_strip_hides_no_slides_of_one_who_is_seen(void)
{
    struct scene_input input = meeting("slides_speaker", (scene_id[]){HUE}, 1);
    input.content = HUE;
    struct scene scene = plan(input);
    assert_shows(&scene, "slides_speaker", (scene_id[]){HUE, HUE});
    g_assert_cmpstr(scene.cells[0].name, ==, "");
    g_assert_cmpstr(scene.cells[1].name, ==, "Thành phố Huế");
}

static void test_who_is_not_a_member_is_not_shown(void)
{
    struct scene_input input = meeting("slides_speaker", (scene_id[]){77}, 1);
    input.chair = 78;
    input.content = 79;
    struct scene scene = plan(input);
    assert_shows(&scene, "speaker", (scene_id[]){SCENE_NOBODY});
    g_assert_cmpstr(scene.cells[0].name, ==, "");
}

static void test_an_unknown_layout_is_the_speaker(void)
{
    struct scene scene = plan(meeting("../../etc", (scene_id[]){HUE}, 1));
    assert_shows(&scene, "speaker", (scene_id[]){HUE});
    scene = plan(meeting(NULL, (scene_id[]){HUE}, 1));
    assert_shows(&scene, "speaker", (scene_id[]){HUE});
}

static void test_a_mosaic_turns_its_pages(void)
{
    struct scene_member many[34];
    for (unsigned i = 0; i < G_N_ELEMENTS(many); i++)
        many[i] = (struct scene_member){.id = 100 + i, .name = "điểm cầu"};
    struct scene_input input = {.layout = "mosaic_9",
                                .members = many,
                                .member_count = G_N_ELEMENTS(many),
                                .assigned = (scene_id[]){SCENE_NOBODY, 133},
                                .assigned_count = 2};
    bool is_seen[34] = {false};
    for (input.page = 0; input.page < 5; input.page++) {
        struct scene scene = plan(input);
        g_assert_cmpuint(scene.page_count, ==, 5); /* 33 in 8 cells */
        g_assert_cmpuint(scene.cells[1].source, ==, 133);
        for (unsigned i = 0; i < scene.cell_count; i++) {
            if (scene.cells[i].source == SCENE_NOBODY || i == 1)
                continue;
            bool *seen = &is_seen[scene.cells[i].source - 100];
            g_assert_false(*seen);
            *seen = true;
        }
    }
    for (unsigned i = 0; i < 33; i++)
        g_assert_true(is_seen[i]);
    struct scene scene = plan(input); /* a page after the last is the first */
    g_assert_cmpuint(scene.page, ==, 0);
}

static void test_the_operator_puts_a_room_where_he_wants(void)
{
    struct scene_input input = meeting("speaker_chair", (scene_id[]){HUE}, 1);
    input.assigned = (scene_id[]){SCENE_NOBODY, CA_MAU, LAO_CAI};
    input.assigned_count = 3;
    struct scene scene = plan(input);
    assert_shows(&scene, "speaker_chair", (scene_id[]){HUE, CA_MAU});
}

static void test_few_rooms_stand_in_the_middle(void)
{
    for (unsigned count = 1; count <= 3; count++) {
        struct scene_input input = meeting("mosaic_9", NULL, 0);
        input.member_count = count;
        struct scene scene = plan(input);
        g_assert_cmpuint(scene.cell_count, ==, count);
        unsigned left = scene.cells[0].place.x;
        const struct layout_cell *last = &scene.cells[count - 1].place;
        g_assert_cmpint(ABS((int)left - (LAYOUT_SCALE - last->x - last->width)), <=, 1);
        g_assert_cmpuint(last->y, ==, LAYOUT_HEADER + 3100);
    }
    struct scene_input input = meeting("mosaic_9", NULL, 0);
    struct scene scene = plan(input); /* three and one below */
    g_assert_cmpuint(scene.cells[3].place.x, ==, scene.cells[1].place.x);
    g_assert_cmpuint(scene.cells[0].place.y - LAYOUT_HEADER, ==, 3100 / 2);
}

static void test_a_mosaic_grows_with_its_rooms(void)
{
    struct scene scene = plan(meeting("mosaic", NULL, 0));
    assert_shows(&scene, "mosaic_4", (scene_id[]){CHAIR, HUE, LAO_CAI, CA_MAU});
    struct scene_input nobody = {.layout = "mosaic"};
    scene = plan(nobody);
    g_assert_cmpuint(scene.page_count, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/scene/the_picture_follows_the_floor", test_the_picture_follows_the_floor);
    g_test_add_func("/scene/the_chair_is_shown_while_nobody_speaks",
                    test_the_chair_is_shown_while_nobody_speaks);
    g_test_add_func("/scene/the_chair_is_beside_who_speaks", test_the_chair_is_beside_who_speaks);
    g_test_add_func("/scene/the_chair_is_not_shown_twice", test_the_chair_is_not_shown_twice);
    g_test_add_func("/scene/a_floor_holder_sees_the_chair_and_not_himself",
                    test_a_floor_holder_sees_the_chair_and_not_himself);
    g_test_add_func("/scene/a_chair_who_speaks_sees_the_rooms",
                    test_a_chair_who_speaks_sees_the_rooms);
    g_test_add_func("/scene/slides_are_shown_while_there_are_any",
                    test_slides_are_shown_while_there_are_any);
    g_test_add_func("/scene/a_strip_hides_no_slides_of_one_who_is_seen",
                    test_a_strip_hides_no_slides_of_one_who_is_seen);
    g_test_add_func("/scene/who_is_not_a_member_is_not_shown",
                    test_who_is_not_a_member_is_not_shown);
    g_test_add_func("/scene/an_unknown_layout_is_the_speaker",
                    test_an_unknown_layout_is_the_speaker);
    g_test_add_func("/scene/a_mosaic_turns_its_pages", test_a_mosaic_turns_its_pages);
    g_test_add_func("/scene/the_operator_puts_a_room_where_he_wants",
                    test_the_operator_puts_a_room_where_he_wants);
    g_test_add_func("/scene/few_rooms_stand_in_the_middle", test_few_rooms_stand_in_the_middle);
    g_test_add_func("/scene/a_mosaic_grows_with_its_rooms", test_a_mosaic_grows_with_its_rooms);
    return g_test_run();
}
