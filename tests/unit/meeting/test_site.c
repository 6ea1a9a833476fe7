#include "tests/unit/meeting/world.h"

static void a_room_is_connected_from_joining_to_leaving(void)
{
    world_auto *world = world_open();
    world_do(world, "system", "site.join", "{'site':'hue','session':'s1','client':'web'}");
    g_autofree char *there = world_get(world, "sites.2.connected");
    g_assert_cmpstr(there, ==, "true");
    world_do(world, "system", "site.leave", "{'site':'hue','session':'s1','reason':'lost'}");
    g_autofree char *away = world_get(world, "sites.2.connected");
    g_assert_cmpstr(away, ==, "false");
    g_autofree char *left = world_get(world, "sites.2.last_left");
    g_assert_cmpstr(left, !=, "null");
}

static void the_first_joining_stays_the_first(void)
{
    world_auto *world = world_open();
    world_do(world, "system", "site.join", "{'site':'hue','session':'s1'}");
    g_autofree char *first = world_get(world, "sites.2.first_joined");
    world_do(world, "system", "site.leave", "{'site':'hue','session':'s1','reason':'closed'}");
    world_do(world, "system", "site.join", "{'site':'hue','session':'s2'}");
    g_autofree char *still = world_get(world, "sites.2.first_joined");
    g_assert_cmpstr(first, ==, still);
}

static void a_second_session_takes_the_room_over(void)
{
    world_auto *world = world_open();
    world_do(world, "system", "site.join", "{'site':'hue','session':'s1'}");
    world_do(world, "system", "site.join", "{'site':'hue','session':'s2'}");
    g_assert_cmpstr(world_events(world), ==, "site.left site.joined");
    const struct event *left = world->journal->pdata[world->journal->len - 2];
    char *body = json_canonical(left->body);
    g_assert_cmpstr(body, ==, "{\"reason\":\"replaced\",\"session\":\"s1\",\"site\":\"hue\"}");
    free(body);
    /* The end of the first one is no news any more. */
    world_do(world, "system", "site.leave", "{'site':'hue','session':'s1','reason':'closed'}");
    g_assert_cmpstr(world_events(world), ==, "");
    g_autofree char *there = world_get(world, "sites.2.connected");
    g_assert_cmpstr(there, ==, "true");
}

static void only_a_room_of_the_roster_can_join(void)
{
    world_auto *world = world_open();
    world_refused(world, "system", "site.join", "{'site':'vinh','session':'s1'}", "no-such-site");
    world_refused(world, "vinh", "floor.request", "{}", "no-such-site");
    world_refused(world, "vinh", "message.send", "{'text':'a'}", "no-such-site");
}

static void a_room_that_loses_its_line_keeps_place_and_floor(void)
{
    world_auto *world = world_open();
    world_do(world, "system", "site.join", "{'site':'hue','session':'s1'}");
    world_do(world, "system", "site.join", "{'site':'da-nang','session':'s2'}");
    world_do(world, "hue", "floor.request", "{}");
    world_do(world, "da-nang", "floor.request", "{}");
    world_do(world, "chair", "floor.grant", "{'request':'r1'}");
    world_do(world, "system", "site.leave", "{'site':'hue','session':'s1','reason':'lost'}");
    world_do(world, "system", "site.leave", "{'site':'da-nang','session':'s2','reason':'lost'}");
    g_assert_cmpstr(world_holders(world), ==, "r1");
    g_assert_cmpstr(world_queue(world), ==, "r2");
    g_assert_cmpstr(world_speakers(world), ==, "chu-toa hue");
}

static void a_removed_room_loses_place_and_floor(void)
{
    world_auto *world = world_open();
    world_do(world, "system", "site.join", "{'site':'hue','session':'s1'}");
    world_do(world, "chair", "floor.grant", "{'site':'hue'}");
    world_do(world, "hue", "floor.request", "{'item':'muc-2'}");
    world_do(world, "da-nang", "floor.request", "{}");
    world_do(world, "operator", "site.remove", "{'site':'hue','why':'Hú rít'}");
    g_assert_cmpstr(world_events(world), ==, "floor.revoked floor.cancelled site.removed");
    g_assert_cmpstr(world_holders(world), ==, "");
    g_assert_cmpstr(world_queue(world), ==, "r3");
    g_autofree char *there = world_get(world, "sites.2.connected");
    g_assert_cmpstr(there, ==, "false");
    world_do(world, "system", "site.leave", "{'site':'hue','session':'s1','reason':'closed'}");
    g_assert_cmpstr(world_events(world), ==, "");
}

static void the_chairing_room_cannot_be_removed(void)
{
    world_auto *world = world_open();
    world_refused(world, "operator", "site.remove", "{'site':'chu-toa'}", "not-allowed");
    world_refused(world, "operator", "site.remove", "{'site':'vinh'}", "no-such-site");
}

static void muting_twice_is_one_event(void)
{
    world_auto *world = world_open();
    world_do(world, "operator", "site.mute", "{'site':'hue'}");
    g_assert_cmpstr(world_events(world), ==, "site.muted");
    world_do(world, "chair", "site.mute", "{'site':'hue'}");
    g_assert_cmpstr(world_events(world), ==, "");
    world_do(world, "hue", "site.unmute", "{'site':'hue'}");
    g_assert_cmpstr(world_events(world), ==, "site.unmuted");
}

static void a_room_mutes_only_itself(void)
{
    world_auto *world = world_open();
    world_refused(world, "hue", "site.mute", "{'site':'da-nang'}", "not-allowed");
    world_do(world, "hue", "site.mute", "{'site':'hue'}");
}

#define TEST(name) g_test_add_func("/site/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(a_room_is_connected_from_joining_to_leaving);
    TEST(the_first_joining_stays_the_first);
    TEST(a_second_session_takes_the_room_over);
    TEST(only_a_room_of_the_roster_can_join);
    TEST(a_room_that_loses_its_line_keeps_place_and_floor);
    TEST(a_removed_room_loses_place_and_floor);
    TEST(the_chairing_room_cannot_be_removed);
    TEST(muting_twice_is_one_event);
    TEST(a_room_mutes_only_itself);
    return g_test_run();
}
