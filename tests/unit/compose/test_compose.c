#include "bridge/video/compose/compose.h"
#include "drawn.h"
#include "tests/unit/common/allocation.h"

#include <glib.h>
#include <string.h>

#define WIDTH  640
#define HEIGHT 360
#define ROOMS  16
#define FADE   5

/* Rooms of plain colours, of which each can be given another picture, and a composer. */
struct stage {
    struct composer *composer;
    struct scene_member members[ROOMS];
    struct compose_source sources[ROOMS];
    bool has_left[ROOMS];
    struct compose_header header;
    scene_id floor;
    const char *layout;
    unsigned count; /* of members */
    struct scene scene;
};

static void set_picture(struct stage *stage, scene_id id, struct picture *picture)
{
    struct compose_source *source = &stage->sources[id - 1];
    picture_unref(source->picture);
    source->picture = picture;
    source->state = picture != NULL ? COMPOSE_LIVE : COMPOSE_NONE;
}

/* A room's own lightness: 60, 70, 80… */
static uint8_t shade(scene_id id)
{
    return (uint8_t)(50 + 10 * id);
}

static struct stage *stage_new(const char *layout, unsigned fade_frames)
{
    struct stage *stage = g_new0(struct stage, 1);
    stage->composer = composer_new(WIDTH, HEIGHT, fade_frames);
    stage->layout = layout;
    stage->floor = 2;
    stage->count = ROOMS;
    for (scene_id id = 1; id <= ROOMS; id++) {
        stage->members[id - 1] = (struct scene_member){.id = id, .name = "Lào Cai"};
        set_picture(stage, id, drawn_plain(320, 180, shade(id), 128, 128));
    }
    return stage;
}

static void stage_free(struct stage *stage)
{
    for (scene_id id = 1; id <= ROOMS; id++)
        picture_unref(stage->sources[id - 1].picture);
    composer_free(stage->composer);
    g_free(stage);
}

static bool look_up(scene_id source, bool is_content, struct compose_source *found, void *arg)
{
    struct stage *stage = arg;
    (void)is_content;
    *found = stage->sources[source - 1];
    return !stage->has_left[source - 1];
}

static struct picture *render(struct stage *stage)
{
    struct scene_input input = {.layout = stage->layout,
                                .floor = &stage->floor,
                                .floor_count = stage->floor != SCENE_NOBODY,
                                .chair = 1,
                                .content = 3,
                                .members = stage->members,
                                .member_count = stage->count};
    scene_plan(&input, &stage->scene);
    return composer_render(stage->composer, &stage->scene, look_up, stage, &stage->header);
}

static struct composer_counters counters(const struct stage *stage)
{
    struct composer_counters now;
    composer_counters(stage->composer, &now);
    return now;
}

static struct rect cell(const struct stage *stage, unsigned index)
{
    return layout_cell_rect(&stage->scene.cells[index].place, WIDTH, HEIGHT);
}

/* The lightness at the middle of a cell, where no label lies. */
static uint8_t middle(const struct stage *stage, const struct picture *frame, unsigned index)
{
    struct rect place = cell(stage, index);
    return drawn_luma(frame, place.x + place.width / 2, place.y + place.height / 2);
}

/* libyuv's box rounds down. */
static bool is_near(unsigned luma, unsigned wanted)
{
    return luma + 1 >= wanted && luma <= wanted + 1;
}

static bool contains_shade(const struct picture *frame, uint8_t luma)
{
    for (unsigned y = 0; y < HEIGHT; y++) {
        const uint8_t *row = frame->planes[PICTURE_Y] + (size_t)y * frame->strides[PICTURE_Y];
        for (unsigned x = 0; x + 8 < WIDTH; x++) {
            unsigned run = 0;
            while (run < 8 && is_near(row[x + run], luma))
                run++;
            if (run == 8)
                return true;
        }
    }
    return false;
}

static void test_every_source_is_in_its_cell(void)
{
    struct stage *stage = stage_new("mosaic_16", 0);
    struct picture *frame = render(stage);
    g_assert_cmpuint(frame->width, ==, WIDTH);
    g_assert_cmpuint(frame->height, ==, HEIGHT);
    for (unsigned i = 0; i < ROOMS; i++)
        g_assert_true(is_near(middle(stage, frame, i), shade(i + 1)));
    picture_unref(frame);
    stage_free(stage);
}

static void test_slides_and_camera_are_looked_up_apart(void)
{
    struct stage *stage = stage_new("slides_speaker", 0);
    struct picture *frame = render(stage);
    g_assert_true(is_near(middle(stage, frame, 0), shade(3)));
    g_assert_true(is_near(middle(stage, frame, 1), shade(2)));
    picture_unref(frame);
    stage_free(stage);
}

static void test_a_picture_keeps_its_shape(void)
{
    static const struct {
        unsigned width, height;
    } shapes[] = {{320, 240}, {240, 320}, {1000, 100}, {1, 1}, {2, 720}, {641, 359}};
    for (unsigned i = 0; i < G_N_ELEMENTS(shapes); i++) {
        struct stage *stage = stage_new("speaker", 0);
        stage->members[1].name = NULL;
        set_picture(stage, 2, drawn_plain(shapes[i].width, shapes[i].height, 200, 128, 128));
        struct picture *frame = render(stage);
        unsigned width = 0, height = 0;
        for (unsigned x = 0; x < WIDTH; x++)
            width += is_near(drawn_luma(frame, x, HEIGHT / 2), 200);
        for (unsigned y = 0; y < HEIGHT; y++)
            height += is_near(drawn_luma(frame, WIDTH / 2 - 1, y), 200);
        g_assert_true(width == WIDTH || height == HEIGHT);
        double wanted = (double)shapes[i].width / shapes[i].height;
        wanted = CLAMP(wanted, 2.0 / HEIGHT, WIDTH / 2.0);
        g_assert_cmpfloat(ABS((double)width / height / wanted - 1), <, 0.045);
        picture_unref(frame);
        stage_free(stage);
    }
}

static void test_a_label_lies_in_its_cell_alone(void)
{
    struct stage *stage = stage_new("mosaic_16", 0);
    struct picture *before = render(stage);
    g_autofree char *name = g_strnfill(10000, 'W');
    stage->members[5].name = name;
    stage->members[5].detail = name;
    struct picture *after = render(stage);
    for (unsigned i = 0; i < ROOMS; i++) {
        uint64_t old = drawn_hash(before, cell(stage, i)), new = drawn_hash(after, cell(stage, i));
        if (i == 5)
            g_assert_cmpuint(old, !=, new);
        else
            g_assert_cmpuint(old, ==, new);
    }
    struct rect place = cell(stage, 5),
                edge = {place.x + place.width - 2, place.y, 2, place.height};
    g_assert_cmpuint(drawn_hash(before, edge), ==, drawn_hash(after, edge));
    picture_unref(before);
    picture_unref(after);
    stage_free(stage);
}

static void test_a_strip_ends_before_the_inset(void)
{
    struct stage *stage = stage_new("speaker_chair", 0);
    g_autofree char *name = g_strnfill(200, 'W');
    stage->members[1].name = name;
    struct picture *frame = render(stage);
    struct rect inset = cell(stage, 1);
    for (unsigned y = inset.y; y < HEIGHT; y++)
        g_assert_cmpuint(drawn_luma(frame, inset.x - 2, y), ==, shade(2));
    picture_unref(frame);
    stage_free(stage);
}

static void test_a_frame_without_news_is_the_one_before(void)
{
    struct stage *stage = stage_new("mosaic_16", 0);
    stage->header = (struct compose_header){"Mục 1", "09:41", "ĐANG HỌP", true};
    struct picture *first = render(stage);
    allocation_begin();
    struct picture *second = render(stage);
    g_assert_cmpuint(allocation_end(), ==, 0);
    g_assert_true(first == second);
    stage->header.clock = "09:42";
    struct picture *third = render(stage);
    g_assert_true(third != second);
    g_assert_cmpuint(third->serial, !=, second->serial);
    g_assert_cmpuint(counters(stage).tiles_copied, ==, ROOMS);
    g_assert_cmpuint(counters(stage).unchanged, ==, 1);
    picture_unref(first);
    picture_unref(second);
    picture_unref(third);
    stage_free(stage);
}

static void test_only_what_is_new_is_scaled(void)
{
    struct stage *stage = stage_new("mosaic_16", 0);
    picture_unref(render(stage));
    uint64_t scaled = counters(stage).tiles_scaled;
    for (unsigned i = 0; i < 20; i++) {
        set_picture(stage, 7, drawn_plain(320, 180, (uint8_t)(100 + i), 128, 128));
        struct picture *frame = render(stage);
        g_assert_true(is_near(middle(stage, frame, 6), 100 + i));
        for (unsigned other = 0; other < ROOMS; other++)
            g_assert_true(other == 6 || is_near(middle(stage, frame, other), shade(other + 1)));
        picture_unref(frame);
    }
    g_assert_cmpuint(counters(stage).tiles_scaled, ==, scaled + 20);
    g_assert_cmpuint(counters(stage).pictures_made, <=, 2);
    stage_free(stage);
}

static void test_a_frame_that_is_read_is_not_drawn_on(void)
{
    struct stage *stage = stage_new("speaker", 0);
    struct picture *held[12];
    for (unsigned i = 0; i < G_N_ELEMENTS(held); i++) {
        set_picture(stage, 2, drawn_plain(320, 180, (uint8_t)(100 + i), 128, 128));
        held[i] = render(stage);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(held); i++)
        g_assert_cmpuint(middle(stage, held[i], 0), ==, 100 + i);
    composer_free(stage->composer); /* frames outlive it */
    g_assert_cmpuint(middle(stage, held[3], 0), ==, 103);
    for (unsigned i = 0; i < G_N_ELEMENTS(held); i++)
        picture_unref(held[i]);
    stage->composer = composer_new(WIDTH, HEIGHT, 0);
    stage_free(stage);
}

static void test_a_room_that_left_is_never_seen_again(void)
{
    struct stage *stage = stage_new("mosaic_16", FADE);
    for (unsigned i = 0; i < 6; i++) { /* in every frame of the pool */
        set_picture(stage, 1, drawn_plain(320, 180, (uint8_t)(220 + i), 128, 128));
        struct picture *frame = render(stage);
        g_assert_true(contains_shade(frame, shade(9)));
        picture_unref(frame);
    }
    stage->has_left[9 - 1] = true;
    for (unsigned i = 0; i < 20; i++) {
        set_picture(stage, 1, drawn_plain(320, 180, (uint8_t)(220 + i % 2), 128, 128));
        stage->layout = i < 10 ? "mosaic_16" : "speaker_chair";
        struct picture *frame = render(stage);
        g_assert_false(contains_shade(frame, shade(9)));
        picture_unref(frame);
    }
    stage_free(stage);
}

static void test_a_changing_size_disturbs_no_other_tile(void)
{
    struct stage *stage = stage_new("mosaic_9", 0);
    struct picture *first = render(stage);
    uint64_t hashes[9];
    for (unsigned i = 0; i < 9; i++)
        hashes[i] = drawn_hash(first, cell(stage, i));
    picture_unref(first);
    for (unsigned n = 0; n < 50; n++) {
        unsigned width = 1 + n * 37 % 1280, height = 1 + n * 53 % 720;
        set_picture(stage, 5, drawn_plain(width, height, 230, 90, 200));
        struct picture *frame = render(stage);
        for (unsigned i = 0; i < 9; i++)
            g_assert_true(i == 4 || drawn_hash(frame, cell(stage, i)) == hashes[i]);
        g_assert_true(is_near(middle(stage, frame, 4), 230));
        picture_unref(frame);
    }
    stage_free(stage);
}

static void test_a_new_speaker_fades_in_and_the_fade_ends(void)
{
    struct stage *stage = stage_new("speaker", FADE);
    picture_unref(render(stage));
    stage->floor = 14;
    unsigned before = shade(2);
    for (unsigned i = 0; i < FADE; i++) {
        struct picture *frame = render(stage);
        unsigned now = middle(stage, frame, 0);
        g_assert_cmpuint(now, >, before);
        g_assert_cmpuint(now, <, shade(14) - 5);
        before = now;
        picture_unref(frame);
    }
    struct picture *done = render(stage), *after = render(stage);
    g_assert_true(is_near(middle(stage, done, 0), shade(14)));
    g_assert_false(contains_shade(done, shade(2)));
    g_assert_true(done == after);
    picture_unref(done);
    picture_unref(after);
    stage_free(stage);
}

/* There and back, while the chair's picture changes there and back as well, and back to a frame
 * that was out with a reader meanwhile. */
static void test_a_fade_leaves_the_inset_alone(void)
{
    struct stage *stage = stage_new("speaker_chair", FADE);
    struct picture *first = render(stage), *chair = picture_ref(stage->sources[0].picture);
    struct picture *other = drawn_plain(320, 180, 240, 128, 128);
    uint64_t inset = drawn_hash(first, cell(stage, 1));
    for (unsigned n = 0; n < 3 * 8; n++) {
        bool is_away = n / 8 == 1;
        stage->floor = is_away ? 3 : 2;
        set_picture(stage, 1, picture_ref(is_away ? other : chair));
        if (n == 2 * 8)
            g_clear_pointer(&first, picture_unref);
        struct picture *frame = render(stage);
        g_assert_true((drawn_hash(frame, cell(stage, 1)) == inset) == !is_away);
        picture_unref(frame);
    }
    picture_unref(chair);
    picture_unref(other);
    stage_free(stage);
}

static void test_another_layout_fades_in(void)
{
    struct stage *stage = stage_new("speaker", FADE);
    picture_unref(render(stage));
    stage->layout = "mosaic_16";
    struct picture *first = render(stage);
    g_assert_cmpuint(middle(stage, first, 15), <, shade(15));
    picture_unref(first);
    for (unsigned i = 1; i < FADE; i++)
        picture_unref(render(stage));
    struct picture *last = render(stage);
    for (unsigned i = 0; i < ROOMS; i++)
        g_assert_true(is_near(middle(stage, last, i), shade(i + 1)));
    picture_unref(last);
    stage_free(stage);
}

static void test_who_leaves_in_mid_fade_is_cut(void)
{
    struct stage *stage = stage_new("speaker", FADE);
    picture_unref(render(stage));
    stage->floor = 14;
    picture_unref(render(stage));
    stage->has_left[2 - 1] = true;
    struct picture *frame = render(stage);
    g_assert_true(is_near(middle(stage, frame, 0), shade(14)));
    picture_unref(frame);
    stage->has_left[14 - 1] = true;
    stage->floor = 5;
    frame = render(stage);
    g_assert_true(is_near(middle(stage, frame, 0), shade(5)));
    picture_unref(frame);
    stage_free(stage);
}

static void test_a_lost_picture_is_dimmed_and_a_missing_one_is_a_placard(void)
{
    struct stage *stage = stage_new("speaker", 0);
    set_picture(stage, 2, drawn_plain(320, 180, 200, 128, 128));
    stage->sources[1].state = COMPOSE_FROZEN;
    struct picture *frozen = render(stage);
    g_assert_cmpuint(drawn_luma(frozen, WIDTH / 4, HEIGHT / 4), <, 110);
    stage->sources[1].notice = "Mất tín hiệu hình";
    struct picture *told = render(stage);
    g_assert_cmpuint(drawn_hash(told, cell(stage, 0)), !=, drawn_hash(frozen, cell(stage, 0)));
    set_picture(stage, 2, NULL);
    struct picture *placard = render(stage);
    g_assert_false(contains_shade(placard, 200));
    unsigned letters = 0;
    for (unsigned x = 0; x < WIDTH; x++)
        letters += drawn_luma(placard, x, HEIGHT / 2 - 12) > 150;
    g_assert_cmpuint(letters, >, 5);
    picture_unref(frozen);
    picture_unref(told);
    picture_unref(placard);
    stage_free(stage);
}

static void test_the_header_is_where_it_belongs(void)
{
    const char *const layouts[] = {"speaker", "mosaic_9"};
    for (unsigned i = 0; i < G_N_ELEMENTS(layouts); i++) {
        struct stage *stage = stage_new(layouts[i], 0);
        struct picture *without = render(stage);
        stage->header.clock = "09:41:27";
        struct picture *with = render(stage);
        struct rect header = layout_header_rect(WIDTH, HEIGHT);
        struct rect below = {0, header.height, WIDTH, HEIGHT - header.height};
        g_assert_cmpuint(drawn_hash(with, header), !=, drawn_hash(without, header));
        g_assert_cmpuint(drawn_hash(with, below), ==, drawn_hash(without, below));
        stage->header.clock = NULL;
        struct picture *gone = render(stage);
        g_assert_cmpuint(drawn_hash(gone, header), ==, drawn_hash(without, header));
        picture_unref(without);
        picture_unref(with);
        picture_unref(gone);
        stage_free(stage);
    }
}

/* Whatever was there before, a scene looks the same. */
static void test_a_frame_does_not_depend_on_those_before(void)
{
    static const char *const layouts[] = {"speaker",        "speaker_chair", "side_by_side",
                                          "slides_speaker", "slides",        "mosaic_4",
                                          "mosaic_16",      "mosaic_64"};
    struct stage *stage = stage_new("speaker", 0);
    g_autoptr(GRand) chance = g_rand_new_with_seed(2026);
    for (unsigned n = 0; n < 300; n++) {
        stage->layout = layouts[g_rand_int_range(chance, 0, G_N_ELEMENTS(layouts))];
        stage->floor = (scene_id)g_rand_int_range(chance, 0, ROOMS + 1);
        stage->header.clock = g_rand_boolean(chance) ? "10:00" : NULL;
        stage->count = (unsigned)g_rand_int_range(chance, 1, ROOMS + 1);
        scene_id changed = (scene_id)g_rand_int_range(chance, 1, ROOMS + 1);
        struct compose_source *source = &stage->sources[changed - 1];
        source->state = (enum compose_state)g_rand_int_range(chance, 0, 3);
        stage->has_left[changed - 1] = g_rand_int_range(chance, 0, 4) == 0;
        struct picture *frame = render(stage);
        struct composer *fresh = composer_new(WIDTH, HEIGHT, 0);
        struct picture *wanted =
            composer_render(fresh, &stage->scene, look_up, stage, &stage->header);
        struct rect all = {0, 0, WIDTH, HEIGHT};
        g_assert_cmpuint(drawn_hash(frame, all), ==, drawn_hash(wanted, all));
        picture_unref(frame);
        picture_unref(wanted);
        composer_free(fresh);
    }
    stage_free(stage);
}

static gpointer compose_some(gpointer arg)
{
    uint64_t *hash = arg;
    struct stage *stage = stage_new("mosaic_9", FADE);
    for (unsigned i = 0; i < 8; i++) {
        g_autofree char *clock = g_strdup_printf("10:0%u", i);
        stage->header.clock = clock;
        stage->layout = i < 4 ? "mosaic_9" : "side_by_side";
        struct picture *frame = render(stage);
        *hash += drawn_hash(frame, (struct rect){0, 0, WIDTH, HEIGHT});
        picture_unref(frame);
    }
    stage_free(stage);
    return NULL;
}

static void test_every_thread_has_a_composer_of_its_own(void)
{
    uint64_t hashes[4] = {0};
    GThread *threads[4];
    for (unsigned i = 0; i < 4; i++)
        threads[i] = g_thread_new("compose", compose_some, &hashes[i]);
    for (unsigned i = 0; i < 4; i++)
        g_thread_join(threads[i]);
    for (unsigned i = 1; i < 4; i++)
        g_assert_cmpuint(hashes[i], ==, hashes[0]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/compose/every_source_is_in_its_cell", test_every_source_is_in_its_cell);
    g_test_add_func("/compose/slides_and_camera_are_looked_up_apart",
                    test_slides_and_camera_are_looked_up_apart);
    g_test_add_func("/compose/a_picture_keeps_its_shape", test_a_picture_keeps_its_shape);
    g_test_add_func("/compose/a_label_lies_in_its_cell_alone", test_a_label_lies_in_its_cell_alone);
    g_test_add_func("/compose/a_strip_ends_before_the_inset", test_a_strip_ends_before_the_inset);
    g_test_add_func("/compose/a_frame_without_news_is_the_one_before",
                    test_a_frame_without_news_is_the_one_before);
    g_test_add_func("/compose/only_what_is_new_is_scaled", test_only_what_is_new_is_scaled);
    g_test_add_func("/compose/a_frame_that_is_read_is_not_drawn_on",
                    test_a_frame_that_is_read_is_not_drawn_on);
    g_test_add_func("/compose/a_room_that_left_is_never_seen_again",
                    test_a_room_that_left_is_never_seen_again);
    g_test_add_func("/compose/a_changing_size_disturbs_no_other_tile",
                    test_a_changing_size_disturbs_no_other_tile);
    g_test_add_func("/compose/a_new_speaker_fades_in_and_the_fade_ends",
                    test_a_new_speaker_fades_in_and_the_fade_ends);
    g_test_add_func("/compose/a_fade_leaves_the_inset_alone", test_a_fade_leaves_the_inset_alone);
    g_test_add_func("/compose/another_layout_fades_in", test_another_layout_fades_in);
    g_test_add_func("/compose/who_leaves_in_mid_fade_is_cut", test_who_leaves_in_mid_fade_is_cut);
    g_test_add_func("/compose/a_lost_picture_is_dimmed_and_a_missing_one_is_a_placard",
                    test_a_lost_picture_is_dimmed_and_a_missing_one_is_a_placard);
    g_test_add_func("/compose/the_header_is_where_it_belongs", test_the_header_is_where_it_belongs);
    g_test_add_func("/compose/a_frame_does_not_depend_on_those_before",
                    test_a_frame_does_not_depend_on_those_before);
    g_test_add_func("/compose/every_thread_has_a_composer_of_its_own",
                    test_every_thread_has_a_composer_of_its_own);
    return g_test_run();
}
