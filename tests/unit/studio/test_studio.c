/* Sources in, a view's frames out, by its tap. */
#include "bridge/video/studio/decoder.h"
#include "bridge/video/studio/studio.h"
#include "tests/unit/studio/filmed.h"

#include <gst/gst.h>

enum { RED = 1, BLUE = 2 };

struct set {
    struct shard *shard;
    struct studio *studio;
    struct studio_view *view;
    struct studio_source *sources[2];
    GPtrArray *frames[2]; /* what the sources send */
    unsigned next[2];
    struct reel *coded; /* what comes out */
    struct video_decoder *eye;
    unsigned needs;
};

static void on_need(struct studio_source *source, void *arg)
{
    struct set *set = arg;
    (void)source;
    set->needs++;
}

static void on_coded(struct coded_frame *frame, void *arg)
{
    reel_put(coded_frame_ref(frame), arg);
}

static void open_set(struct set *set)
{
    *set = (struct set){.shard = shard_new(0), .coded = reel_new()};
    struct studio_config config = {
        .name = "set",
        .shards = &set->shard,
        .shard_count = 1,
        .settings = {.fps = 25,
                     .rendition_count = 2,
                     .renditions = {{CODED_VP8, 640, 360, 500000}, {CODED_VP8, 320, 180, 150000}}},
        .keyframe = on_need,
        .arg = set};
    struct video_decoder_config eye = {.name = "eye"};
    set->studio = studio_new(&config);
    set->view = studio_add_view(set->studio, "audience");
    set->eye = video_decoder_new(&eye);
    for (unsigned i = 0; i < 2; i++) {
        set->sources[i] = studio_add_source(set->studio, i + 1, false, NULL);
        set->frames[i] = filmed_frames(CODED_VP8, 320, 180, i == 0 ? 200 : 60, 30);
    }
}

static void close_set(struct set *set)
{
    studio_free(set->studio);
    video_decoder_free(set->eye);
    for (unsigned i = 0; i < 2; i++)
        g_ptr_array_unref(set->frames[i]);
    reel_free(set->coded);
    shard_free(set->shard);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

static void film(struct set *set, unsigned source)
{
    GPtrArray *frames = set->frames[source];
    studio_source_push(frames->pdata[set->next[source]++ % frames->len], set->sources[source]);
}

static void show(struct set *set, const char *layout, scene_id holder)
{
    const struct scene_member members[] = {{RED, "Hà Nội", NULL}, {BLUE, "Huế", NULL}};
    struct scene_input input = {.layout = layout,
                                .floor = &holder,
                                .floor_count = holder != SCENE_NOBODY,
                                .members = members,
                                .member_count = 2};
    struct scene *scene = g_new0(struct scene, 1);
    scene_plan(&input, scene);
    studio_set_scene(set->view, scene);
    g_free(scene);
}

/* Films both until a picture comes out whose middle is of this grey. */
static void await_grey(struct set *set, unsigned grey)
{
    for (;;) {
        int64_t capture_us;
        film(set, 0);
        film(set, 1);
        struct coded_frame *frame = reel_take(set->coded, 100);
        if (frame == NULL)
            continue;
        video_decoder_push(set->eye, frame);
        coded_frame_unref(frame);
        struct picture *picture = video_decoder_take(set->eye, &capture_us);
        if (picture == NULL)
            continue;
        bool is_there = ABS((int)filmed_grey(picture, 40, 40, 60, 60) - (int)grey) <= FILMED_NEAR;
        picture_unref(picture);
        if (is_there)
            return;
    }
}

static void a_view_shows_who_is_in_its_scene(void)
{
    struct set set;
    open_set(&set);
    show(&set, "speaker", RED);
    studio_view_tap(set.view, 0, on_coded, set.coded);
    await_grey(&set, 200);
    show(&set, "speaker", BLUE);
    await_grey(&set, 60);
    close_set(&set);
}

static void who_has_left_is_shown_no_more(void)
{
    struct set set;
    open_set(&set);
    show(&set, "speaker", RED);
    studio_view_tap(set.view, 0, on_coded, set.coded);
    await_grey(&set, 200);
    studio_remove_source(set.studio, set.sources[0]);
    set.sources[0] = set.sources[1];
    set.frames[0] = (g_ptr_array_unref(set.frames[0]), g_ptr_array_ref(set.frames[1]));
    show(&set, "speaker", BLUE);
    await_grey(&set, 60);
    close_set(&set);
}

static void a_rendition_runs_while_somebody_wants_it(void)
{
    static const bool nobody[2] = {false, false}, first[2] = {true, false};
    struct set set;
    struct studio_counters counters;
    open_set(&set);
    show(&set, "speaker", RED);
    g_assert_false(studio_view_runs(set.view));
    g_assert_true(studio_view_keyframe(set.view, studio_view_stream(set.view, 0)));
    g_assert_true(studio_view_keyframe(set.view, studio_view_stream(set.view, 1)));
    g_assert_false(studio_view_keyframe(set.view, 12345));
    do
        studio_counters(set.studio, &counters);
    while (counters.renditions_running < 2 || counters.frames_encoded < 4);
    for (unsigned i = 0; i < 5; i++)
        studio_view_tidy(set.view, first);
    do
        studio_counters(set.studio, &counters);
    while (counters.renditions_running > 1);
    g_assert_true(studio_view_runs(set.view));
    for (unsigned i = 0; i < 5; i++)
        studio_view_tidy(set.view, nobody);
    g_assert_false(studio_view_runs(set.view));
    close_set(&set);
}

static void the_next_one_begins_with_a_key_frame(void)
{
    struct set set;
    open_set(&set);
    show(&set, "speaker", RED);
    for (unsigned turn = 0; turn < 3; turn++) {
        static const bool nobody[2] = {false, false};
        studio_view_tap(set.view, 1, on_coded, set.coded);
        struct coded_frame *frame = reel_take(set.coded, REEL_PATIENCE_MS);
        g_assert_true(frame->is_key);
        g_assert_cmpuint(frame->height, ==, 180);
        coded_frame_unref(frame);
        studio_view_tap(set.view, 1, NULL, NULL);
        for (unsigned i = 0; i < 5; i++)
            studio_view_tidy(set.view, nobody);
        while ((frame = reel_take(set.coded, 0)) != NULL)
            coded_frame_unref(frame);
    }
    close_set(&set);
}

/* Everything at once, from the main thread, while the others run. */
static void sources_and_views_come_and_go(void)
{
    struct set set;
    open_set(&set);
    for (unsigned turn = 0; turn < 40; turn++) {
        struct studio_view *other = studio_add_view(set.studio, "other");
        struct studio_source *third = studio_add_source(set.studio, 3, turn % 2, NULL);
        struct studio_texts texts = {.agenda = "Mục 1", .state = "ĐANG HỌP", .has_clock = true};
        show(&set, turn % 2 ? "mosaic_4" : "speaker_chair", 1 + turn % 2);
        studio_set_texts(set.studio, &texts);
        studio_view_keyframe(other, studio_view_stream(other, turn % 2));
        studio_view_tap(set.view, turn % 2, turn % 3 ? on_coded : NULL, set.coded);
        film(&set, 0);
        film(&set, 1);
        studio_source_push(set.frames[0]->pdata[turn % 30], third);
        g_usleep(7000);
        studio_remove_source(set.studio, third);
        studio_remove_view(set.studio, other);
        g_main_context_iteration(NULL, FALSE);
    }
    close_set(&set);
}

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/studio/" #name, name)
    ADD(a_view_shows_who_is_in_its_scene);
    ADD(who_has_left_is_shown_no_more);
    ADD(a_rendition_runs_while_somebody_wants_it);
    ADD(the_next_one_begins_with_a_key_frame);
    ADD(sources_and_views_come_and_go);
    return g_test_run();
}
