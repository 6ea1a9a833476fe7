#include "tests/unit/meeting/world.h"

/* An open meeting whose chair, co-chair (hue) and deputies (can-tho, da-nang) are connected. */
static struct world *world_with_deputies(const char *policy)
{
    static const char *const rooms[] = {"chu-toa", "hue", "can-tho", "da-nang"};
    struct world *world = world_new();
    g_autofree char *settings = g_strdup_printf(
        "{'co_chair':'hue','deputies':['can-tho','da-nang'],'chair_lost':'%s'}", policy);
    world_do(world, "operator", "meeting.update", settings);
    for (size_t i = 0; i < G_N_ELEMENTS(rooms); i++) {
        g_autofree char *params = g_strdup_printf("{'site':'%s','session':'s'}", rooms[i]);
        world_do(world, "system", "site.join", params);
    }
    world_do(world, "chair", "meeting.open", "{}");
    return world;
}

static void leave(struct world *world, const char *room)
{
    g_autofree char *params = g_strdup_printf("{'site':'%s','session':'s','reason':'lost'}", room);
    world_do(world, "system", "site.leave", params);
}

static void join(struct world *world, const char *room)
{
    g_autofree char *params = g_strdup_printf("{'site':'%s','session':'s'}", room);
    world_do(world, "system", "site.join", params);
}

/* Executes what is due, if anything is. */
static bool pass(struct world *world, int seconds)
{
    const char *method;
    json_t *params;
    world->now_us += (int64_t)seconds * G_USEC_PER_SEC;
    if (!meeting_due(world->meeting, world->now_us, &method, &params))
        return false;
    char *text = json_canonical(params);
    world_do(world, "system", method, text);
    free(text);
    json_decref(params);
    return true;
}

static void acting_is(struct world *world, const char *expected)
{
    g_autofree char *acting = world_get(world, "meeting.acting");
    g_assert_cmpstr(acting, ==, expected);
}

static void the_co_chair_stands_in_when_the_chair_is_lost(void)
{
    world_auto *world = world_with_deputies("continue");
    leave(world, "chu-toa");
    g_assert_false(pass(world, 14));
    acting_is(world, "null");
    g_assert_true(pass(world, 1));
    g_assert_cmpstr(world_events(world), ==, "chair.acting");
    acting_is(world, "{\"role\":\"site\",\"site\":\"hue\"}");
    g_assert_cmpstr(world_speakers(world), ==, "chu-toa hue");
    world_do(world, "hue", "floor.grant", "{'site':'da-nang'}");
    world_refused(world, "can-tho", "floor.grant", "{'site':'can-tho'}", "not-allowed");
}

static void deputies_follow_in_their_order(void)
{
    world_auto *world = world_with_deputies("continue");
    leave(world, "hue");
    leave(world, "chu-toa");
    g_assert_true(pass(world, 15));
    acting_is(world, "{\"role\":\"site\",\"site\":\"can-tho\"}");
    join(world, "hue"); /* comes too late: one who stands in is not changed for another */
    acting_is(world, "{\"role\":\"site\",\"site\":\"can-tho\"}");
    leave(world, "hue");
    leave(world, "can-tho");
    g_assert_true(pass(world, 15));
    acting_is(world, "{\"role\":\"site\",\"site\":\"da-nang\"}");
}

static void the_secretary_is_the_last_and_yields_to_a_deputy(void)
{
    world_auto *world = world_with_deputies("continue");
    leave(world, "hue");
    leave(world, "can-tho");
    leave(world, "da-nang");
    leave(world, "chu-toa");
    g_assert_true(pass(world, 15));
    acting_is(world, "{\"role\":\"secretary\",\"site\":null}");
    world_do(world, "secretary", "consult.open", "{'sites':['hue']}");
    world_do(world, "secretary", "consult.close", "{}");
    join(world, "da-nang");
    g_assert_cmpstr(world_events(world), ==, "site.joined chair.acting");
    acting_is(world, "{\"role\":\"site\",\"site\":\"da-nang\"}");
    world_refused(world, "secretary", "consult.open", "{'sites':['hue']}", "not-allowed");
}

static void the_chair_takes_the_powers_back_at_once(void)
{
    world_auto *world = world_with_deputies("continue");
    leave(world, "chu-toa");
    g_assert_true(pass(world, 15));
    join(world, "chu-toa");
    g_assert_cmpstr(world_events(world), ==, "site.joined chair.returned");
    acting_is(world, "null");
    world_refused(world, "hue", "floor.grant", "{'site':'da-nang'}", "not-allowed");
    g_assert_false(pass(world, 3600));
}

static void a_short_loss_hands_nothing_over(void)
{
    world_auto *world = world_with_deputies("continue");
    leave(world, "chu-toa");
    g_assert_false(pass(world, 5));
    join(world, "chu-toa");
    g_assert_cmpstr(world_events(world), ==, "site.joined");
    g_assert_false(pass(world, 3600));
}

static void a_meeting_may_be_set_to_pause_meanwhile(void)
{
    world_auto *world = world_with_deputies("pause");
    leave(world, "chu-toa");
    g_assert_true(pass(world, 15));
    g_assert_cmpstr(world_events(world), ==, "meeting.paused chair.acting");
    world_do(world, "hue", "meeting.resume", "{}");
}

static void one_whom_the_chair_named_needs_no_deputy(void)
{
    world_auto *world = world_with_deputies("continue");
    world_do(world, "chair", "chair.delegate", "{'site':'da-nang'}");
    leave(world, "chu-toa");
    g_assert_false(pass(world, 3600));
    leave(world, "da-nang");
    g_assert_true(pass(world, 15));
    acting_is(world, "{\"role\":\"site\",\"site\":\"hue\"}");
}

static void a_consult_ends_when_the_chair_is_lost(void)
{
    world_auto *world = world_with_deputies("continue");
    world_do(world, "chair", "consult.open", "{'sites':['da-nang']}");
    leave(world, "chu-toa");
    g_assert_true(pass(world, 15));
    g_assert_cmpstr(world_events(world), ==, "consult.closed chair.acting");
}

static void deputies_are_rooms_of_the_meeting(void)
{
    world_auto *world = world_new();
    world_invalid(world, "operator", "meeting.update", "{'deputies':['quang-nam']}", "deputies");
    world_invalid(world, "operator", "meeting.update", "{'deputies':['hue','hue']}", "deputies");
    world_invalid(world, "operator", "meeting.update", "{'co_chair':'chu-toa'}", "co_chair");
    world_do(world, "operator", "meeting.update", "{'co_chair':null,'deputies':[]}");
}

static void the_chair_lends_the_queue_to_the_secretary_and_takes_it_back(void)
{
    world_auto *world = world_open();
    world_do(world, "hue", "floor.request", "{}");
    world_do(world, "chair", "chair.recall", "{'queue':true}");
    g_assert_cmpstr(world_events(world), ==, "queue.recalled");
    world_refused(world, "secretary", "floor.grant", "{'request':'r1'}", "not-allowed");
    world_refused(world, "secretary", "chair.delegate", "{'queue':true}", "not-allowed");
    world_do(world, "chair", "chair.delegate", "{'queue':true}");
    world_do(world, "secretary", "floor.grant", "{'request':'r1'}");
}

#define TEST(name) g_test_add_func("/succession/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(the_co_chair_stands_in_when_the_chair_is_lost);
    TEST(deputies_follow_in_their_order);
    TEST(the_secretary_is_the_last_and_yields_to_a_deputy);
    TEST(the_chair_takes_the_powers_back_at_once);
    TEST(a_short_loss_hands_nothing_over);
    TEST(a_meeting_may_be_set_to_pause_meanwhile);
    TEST(one_whom_the_chair_named_needs_no_deputy);
    TEST(a_consult_ends_when_the_chair_is_lost);
    TEST(deputies_are_rooms_of_the_meeting);
    TEST(the_chair_lends_the_queue_to_the_secretary_and_takes_it_back);
    return g_test_run();
}
