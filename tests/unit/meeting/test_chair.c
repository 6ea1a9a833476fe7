#include "tests/unit/meeting/world.h"

static void a_room_with_the_chairs_powers_runs_the_floor(void)
{
    world_auto *world = world_open();
    world_do(world, "da-nang", "floor.request", "{}");
    world_refused(world, "hue", "floor.grant", "{'request':'r1'}", "not-allowed");
    world_do(world, "chair", "chair.delegate", "{'site':'hue'}");
    world_do(world, "hue", "floor.grant", "{'request':'r1'}");
    world_do(world, "hue", "floor.release", "{'request':'r1'}");
    world_do(world, "hue", "site.mute", "{'site':'da-nang'}");
    world_refused(world, "da-nang", "floor.grant", "{'site':'hue'}", "not-allowed");
}

static void the_journal_says_which_room_commanded(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "chair.delegate", "{'site':'hue'}");
    world_do(world, "hue", "floor.grant", "{'site':'da-nang'}");
    char *actor = json_canonical(world_last_event(world)->actor);
    g_assert_cmpstr(actor, ==, "{\"account\":null,\"role\":\"site\",\"site\":\"hue\"}");
    free(actor);
}

static void the_chair_takes_its_powers_back_at_any_time(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "chair.delegate", "{'site':'hue'}");
    world_do(world, "chair", "meeting.pause", "{}");
    world_do(world, "chair", "chair.recall", "{}");
    world_refused(world, "hue", "meeting.resume", "{}", "not-allowed");
    world_refused(world, "chair", "chair.recall", "{}", "wrong-state");
}

/* When the main site drops, the secretary names who goes on. */
static void the_secretary_may_lend_them_too(void)
{
    world_auto *world = world_open();
    world_do(world, "system", "site.join", "{'site':'chu-toa','session':'s1'}");
    world_do(world, "system", "site.leave", "{'site':'chu-toa','session':'s1','reason':'lost'}");
    world_do(world, "secretary", "chair.delegate", "{'site':'hue'}");
    g_autofree char *delegate = world_get(world, "meeting.delegate");
    g_assert_cmpstr(delegate, ==, "\"hue\"");
    world_refused(world, "operator", "chair.recall", "{}", "not-allowed");
}

static void a_chairing_room_is_heard_and_the_chair_stays_heard(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "chair.delegate", "{'site':'hue'}");
    g_assert_cmpstr(world_speakers(world), ==, "chu-toa hue");
    world_do(world, "hue", "site.mute", "{'site':'hue'}");
    g_assert_cmpstr(world_speakers(world), ==, "chu-toa");
    world_do(world, "hue", "site.unmute", "{'site':'hue'}");
    world_do(world, "chair", "chair.recall", "{}");
    g_assert_cmpstr(world_speakers(world), ==, "chu-toa");
}

static void the_powers_are_with_one_room_at_a_time(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "chair.delegate", "{'site':'hue'}");
    world_refused(world, "chair", "chair.delegate", "{'site':'da-nang'}", "wrong-state");
    world_refused(world, "hue", "chair.delegate", "{'site':'da-nang'}", "wrong-state");
    world_invalid(world, "chair", "chair.delegate", "{'site':'chu-toa'}", "site");
    world_refused(world, "chair", "chair.delegate", "{'site':'vinh'}", "no-such-site");
}

static void a_removed_room_loses_the_powers(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "chair.delegate", "{'site':'hue'}");
    world_do(world, "operator", "site.remove", "{'site':'hue'}");
    g_assert_cmpstr(world_events(world), ==, "chair.recalled site.removed");
    world_refused(world, "hue", "floor.grant", "{'site':'da-nang'}", "not-allowed");
}

#define TEST(name) g_test_add_func("/chair/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(a_room_with_the_chairs_powers_runs_the_floor);
    TEST(the_journal_says_which_room_commanded);
    TEST(the_chair_takes_its_powers_back_at_any_time);
    TEST(the_secretary_may_lend_them_too);
    TEST(a_chairing_room_is_heard_and_the_chair_stays_heard);
    TEST(the_powers_are_with_one_room_at_a_time);
    TEST(a_removed_room_loses_the_powers);
    return g_test_run();
}
