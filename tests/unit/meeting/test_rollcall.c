#include "tests/unit/meeting/world.h"

static char *counts(struct world *world)
{
    return world_get(world, "rollcalls.0.counts");
}

static void the_counts_add_up_to_the_roster(void)
{
    world_auto *world = world_new();
    world_do(world, "secretary", "rollcall.start", "{}");
    g_autofree char *before = counts(world);
    g_assert_cmpstr(before, ==, "{\"absent\":0,\"in-person\":0,\"online\":0,\"uncalled\":4}");
    world_do(world, "secretary", "rollcall.answer", "{'site':'chu-toa','answer':'in-person'}");
    world_do(world, "hue", "rollcall.answer", "{'answer':'online'}");
    world_do(world, "operator", "rollcall.answer",
             "{'site':'can-tho','answer':'absent','why':'Mất điện'}");
    world_do(world, "secretary", "rollcall.close", "{}");
    g_autofree char *after = counts(world);
    g_assert_cmpstr(after, ==, "{\"absent\":1,\"in-person\":1,\"online\":1,\"uncalled\":1}");
    char *body = json_canonical(json_object_get(world_last_event(world)->body, "counts"));
    g_assert_cmpstr(body, ==, after);
    free(body);
}

static void the_last_answer_counts(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "rollcall.start", "{}");
    world_do(world, "chair", "rollcall.answer", "{'site':'hue','answer':'absent','why':'Ốm'}");
    world_do(world, "chair", "rollcall.answer", "{'site':'hue','answer':'online'}");
    g_autofree char *after = counts(world);
    g_assert_cmpstr(after, ==, "{\"absent\":0,\"in-person\":0,\"online\":1,\"uncalled\":3}");
    g_autofree char *why = world_get(world, "rollcalls.0.answers.hue.why");
    g_assert_cmpstr(why, ==, "null");
}

static void a_room_answers_only_for_itself(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "rollcall.start", "{}");
    world_refused(world, "hue", "rollcall.answer", "{'site':'da-nang','answer':'online'}",
                  "not-allowed");
    world_do(world, "hue", "rollcall.answer", "{'site':'hue','answer':'online'}");
    world_invalid(world, "secretary", "rollcall.answer", "{'answer':'online'}", "site");
    world_refused(world, "chair", "rollcall.answer", "{'site':'vinh','answer':'online'}",
                  "no-such-site");
}

static void a_line_that_drops_changes_no_answer(void)
{
    world_auto *world = world_open();
    world_do(world, "system", "site.join", "{'site':'hue','session':'s1'}");
    world_do(world, "chair", "rollcall.start", "{}");
    world_do(world, "hue", "rollcall.answer", "{'answer':'online'}");
    world_do(world, "system", "site.leave", "{'site':'hue','session':'s1','reason':'lost'}");
    g_autofree char *answer = world_get(world, "rollcalls.0.answers.hue.answer");
    g_assert_cmpstr(answer, ==, "\"online\"");
}

static void one_roll_call_is_under_way_at_a_time(void)
{
    world_auto *world = world_open();
    world_refused(world, "chair", "rollcall.close", "{}", "wrong-state");
    world_refused(world, "hue", "rollcall.answer", "{'answer':'online'}", "wrong-state");
    world_do(world, "chair", "rollcall.start", "{}");
    world_refused(world, "chair", "rollcall.start", "{}", "wrong-state");
    world_do(world, "chair", "rollcall.close", "{}");
    world_refused(world, "hue", "rollcall.answer", "{'answer':'online'}", "wrong-state");
    world_do(world, "chair", "rollcall.start", "{}");
    g_autofree char *id = world_get(world, "rollcalls.1.rollcall");
    g_assert_cmpstr(id, ==, "\"k2\"");
}

static void the_meetings_close_closes_the_roll_call_first(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "rollcall.start", "{}");
    world_do(world, "chair", "meeting.close", "{}");
    g_assert_cmpstr(world_events(world), ==, "rollcall.closed meeting.closed");
    world_refused(world, "chair", "rollcall.start", "{}", "wrong-state");
}

#define TEST(name) g_test_add_func("/rollcall/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(the_counts_add_up_to_the_roster);
    TEST(the_last_answer_counts);
    TEST(a_room_answers_only_for_itself);
    TEST(a_line_that_drops_changes_no_answer);
    TEST(one_roll_call_is_under_way_at_a_time);
    TEST(the_meetings_close_closes_the_roll_call_first);
    return g_test_run();
}
