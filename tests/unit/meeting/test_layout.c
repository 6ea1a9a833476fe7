#include "tests/unit/meeting/world.h"

static char *scene(const struct world *world)
{
    json_t *told = meeting_scene(world->meeting);
    json_object_del(told, "texts");
    char *text = json_dumps(told, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(told);
    char *copy = g_strdup(text);
    free(text);
    return copy;
}

static void the_layout_is_kept_until_it_changes(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "layout.set", "{'layout':'mosaic_9','cells':['hue',null]}");
    g_assert_cmpstr(world_events(world), ==, "layout.changed");
    world_do(world, "operator", "layout.set", "{'layout':'mosaic_9','cells':['hue',null]}");
    g_assert_cmpstr(world_events(world), ==, "");
    g_autofree char *layout = world_get(world, "layout");
    g_assert_cmpstr(layout, ==,
                    "{\"cells\":[\"hue\",null],\"layout\":\"mosaic_9\",\"page_seconds\":15}");
}

static void unsound_layouts_are_refused(void)
{
    world_auto *world = world_open();
    world_invalid(world, "chair", "layout.set", "{}", "layout");
    world_invalid(world, "chair", "layout.set", "{'layout':'kaleidoscope'}", "layout");
    world_invalid(world, "chair", "layout.set", "{'layout':'auto','cells':['nowhere']}", "cells");
    world_invalid(world, "chair", "layout.set", "{'layout':'auto','page_seconds':-1}",
                  "page_seconds");
    world_refused(world, "secretary", "layout.set", "{'layout':'auto'}", "not-allowed");
    world_do(world, "chair", "meeting.close", "{}");
    world_refused(world, "chair", "layout.set", "{'layout':'auto'}", "wrong-state");
}

static void nobody_is_seen_before_the_opening_and_in_a_pause(void)
{
    world_auto *world = world_new();
    static const char empty[] =
        "{\"assigned\":[],\"chair\":null,\"floor\":[],\"layout\":\"auto\",\"members\":[],"
        "\"page_seconds\":15}";
    g_autofree char *before = scene(world);
    g_assert_cmpstr(before, ==, empty);
    world_do(world, "chair", "meeting.open", "{}");
    g_autofree char *open = scene(world);
    g_assert_nonnull(strstr(open, "\"chair\":\"chu-toa\""));
    world_do(world, "chair", "meeting.pause", "{}");
    g_autofree char *paused = scene(world);
    g_assert_cmpstr(paused, ==, empty);
}

static void the_picture_follows_the_granted_floor(void)
{
    world_auto *world = world_open();
    world_do(world, "hue", "floor.request", "{'speaker':'Bà B','title':'Giám đốc Sở'}");
    g_autofree char *waiting = scene(world);
    g_assert_nonnull(strstr(waiting, "\"floor\":[]"));
    world_do(world, "chair", "floor.grant", "{'request':'r1'}");
    g_autofree char *granted = scene(world);
    g_assert_nonnull(strstr(granted, "\"floor\":[\"hue\"]"));
    g_assert_nonnull(strstr(granted, "\"detail\":\"Bà B – Giám đốc Sở\",\"leg\":\"hue\""));
    world_do(world, "hue", "floor.release", "{}");
    g_autofree char *released = scene(world);
    g_assert_cmpstr(released, ==, waiting);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/layout/the layout is kept until it changes",
                    the_layout_is_kept_until_it_changes);
    g_test_add_func("/layout/unsound layouts are refused", unsound_layouts_are_refused);
    g_test_add_func("/layout/nobody is seen before the opening and in a pause",
                    nobody_is_seen_before_the_opening_and_in_a_pause);
    g_test_add_func("/layout/the picture follows the granted floor",
                    the_picture_follows_the_granted_floor);
    return g_test_run();
}
