/* Declarations of who is to be seen, and the settings of pictures. */
#include "bridge/scenery.h"
#include "bridge/studio_options.h"

#include <string.h>

#define MEMBERS                                                                                    \
    "'members':[{'leg':'a','name':'Hà Nội'},{'leg':'b','name':'Huế','detail':'Bà B – Giám đốc'}]"

static json_t *parse(const char *text)
{
    g_autofree char *copy = g_strdelimit(g_strdup(text), "'", '"');
    json_error_t error;
    json_t *value = json_loads(copy, 0, &error);
    if (value == NULL)
        g_error("%s: %s", text, error.text);
    return value;
}

static bool declare(struct scenery *scenery, const char *text, char why[160])
{
    json_t *scene = parse(text);
    bool is_taken = scenery_declare(scenery, scene, why);
    json_decref(scene);
    return is_taken;
}

static void what_is_unsound_is_named(void)
{
    static const struct {
        const char *scene, *why;
    } bad[] = {
        {"{" MEMBERS "}", "layout: there is none of this name"},
        {"{'layout':'disco'," MEMBERS "}", "layout: there is none of this name"},
        {"{'layout':'auto'}", "members must be an array"},
        {"{'layout':'auto','members':[{'leg':1}]}",
         "members: entry 0 must be {leg, name, detail?}"},
        {"{'layout':'auto','chair':7," MEMBERS "}", "chair must be the name of a leg or null"},
        {"{'layout':'auto','floor':{}," MEMBERS "}", "floor must be an array"},
        {"{'layout':'auto','assigned':['a',3]," MEMBERS "}",
         "assigned: entry 1 must be the name of a leg or null"},
    };
    char why[160];
    struct scenery *scenery = scenery_new();
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(declare(scenery, bad[i].scene, why));
        g_assert_cmpstr(why, ==, bad[i].why);
    }
    g_assert_false(scenery_is_declared(scenery));
    scenery_free(scenery);
}

static void a_leg_keeps_its_number(void)
{
    char why[160];
    struct scenery *scenery = scenery_new();
    scene_id b = scenery_id(scenery, "b");
    g_assert_true(declare(scenery, "{'layout':'auto'," MEMBERS "}", why));
    g_assert_cmpuint(scenery_id(scenery, "b"), ==, b);
    g_assert_cmpuint(scenery_id(scenery, "a"), !=, b);
    g_assert_cmpstr(scenery_leg(scenery, b), ==, "b");
    g_assert_null(scenery_leg(scenery, SCENE_NOBODY));
    g_assert_null(scenery_leg(scenery, 99));
    scenery_free(scenery);
}

static void each_sees_the_others(void)
{
    char why[160];
    struct scenery *scenery = scenery_new();
    struct scene *scene = g_new0(struct scene, 1);
    g_assert_true(declare(scenery, "{'layout':'auto','chair':'a','floor':['b']," MEMBERS "}", why));
    g_assert_cmpstr(scenery_holder(scenery, 0), ==, "b");
    g_assert_null(scenery_holder(scenery, 1));
    scenery_plan(scenery, NULL, NULL, 0, scene);
    g_assert_cmpuint(scene->cell_count, ==, 2);
    g_assert_cmpstr(scenery_leg(scenery, scene->cells[0].source), ==, "b");
    g_assert_cmpstr(scenery_leg(scenery, scene->cells[1].source), ==, "a");
    g_assert_cmpstr(scene->cells[0].detail, ==, "Bà B – Giám đốc");
    scenery_plan(scenery, "b", NULL, 0, scene);
    g_assert_cmpstr(scenery_leg(scenery, scene->cells[0].source), ==, "a");
    scenery_plan(scenery, "a", NULL, 0, scene);
    g_assert_cmpstr(scenery_leg(scenery, scene->cells[0].source), ==, "b");
    g_free(scene);
    scenery_free(scenery);
}

static void slides_come_to_the_front_by_themselves(void)
{
    char why[160];
    struct scenery *scenery = scenery_new();
    struct scene *scene = g_new0(struct scene, 1);
    g_assert_true(declare(scenery, "{'layout':'auto','chair':'a','floor':['b']," MEMBERS "}", why));
    scenery_plan(scenery, NULL, "b", 0, scene);
    g_assert_cmpstr(scene->layout->name, ==, "slides_speaker");
    g_assert_true(scene->cells[0].is_content);
    g_free(scene);
    scenery_free(scenery);
}

static void renditions_are_read(void)
{
    char why[160];
    struct studio_settings settings = {0};
    g_assert_true(studio_options_read("1080:3000,360:500", &settings, why));
    g_assert_cmpuint(settings.rendition_count, ==, 4);
    g_assert_cmpuint(settings.renditions[0].width, ==, 1920);
    g_assert_cmpint(settings.renditions[1].codec, ==, CODED_VP8);
    g_assert_cmpuint(settings.renditions[1].bitrate_bps, ==, 500000);
    g_assert_cmpint(settings.renditions[2].codec, ==, CODED_H264);
    g_assert_cmpuint(settings.renditions[2].height, ==, 1080);
    g_assert_true(studio_options_read(STUDIO_RENDITIONS_DEFAULT, &settings, why));
    g_assert_true(studio_options_read("", &settings, why));
    g_assert_cmpuint(settings.rendition_count, ==, 0);
}

static void unsound_renditions_are_refused(void)
{
    static const char *const bad[] = {"720",
                                      "720:0",
                                      "8:100",
                                      "721:1000",
                                      "2160:9000",
                                      "720:1000x",
                                      "360:500,720:1000",
                                      "360:500,360:400",
                                      "720:1,",
                                      "900:9,800:9,700:9,600:9,500:9",
                                      "99999:1"};
    char why[160];
    struct studio_settings settings = {0};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(studio_options_read(bad[i], &settings, why));
    g_assert_false(studio_options_read("360:500,720:1000", &settings, why));
    g_assert_cmpstr(why, ==, "720:1000: must be smaller than the one before");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/scenery/" #name, name)
    ADD(what_is_unsound_is_named);
    ADD(a_leg_keeps_its_number);
    ADD(each_sees_the_others);
    ADD(slides_come_to_the_front_by_themselves);
    ADD(renditions_are_read);
    ADD(unsound_renditions_are_refused);
    return g_test_run();
}
