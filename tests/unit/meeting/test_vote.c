#include "tests/unit/meeting/world.h"

#include <string.h>

static struct world *voting(const char *params)
{
    struct world *world = world_open();
    world_do(world, "chair", "vote.open", params);
    return world;
}

static char *counts(struct world *world)
{
    return world_get(world, "votes.0.counts");
}

static void question_voters_and_rule_stand_before_the_first_ballot(void)
{
    world_auto *world = voting("{'question':'Thông qua?','seconds':60}");
    char *body = json_canonical(world_last_event(world)->body);
    g_assert_cmpstr(body, ==,
                    "{\"early\":false,\"eligible\":[\"chu-toa\",\"da-nang\",\"hue\",\"can-tho\"],"
                    "\"question\":\"Thông qua?\",\"seconds\":60,\"secret\":false,\"vote\":\"v1\"}");
    free(body);
}

static void every_voter_has_a_place_in_the_count(void)
{
    world_auto *world = voting("{'question':'Q'}");
    world_do(world, "chair", "vote.cast", "{'vote':'v1','choice':'for'}");
    world_do(world, "hue", "vote.cast", "{'vote':'v1','choice':'against'}");
    world_do(world, "da-nang", "vote.cast", "{'vote':'v1','choice':'other'}");
    world_do(world, "secretary", "vote.close", "{'vote':'v1'}");
    g_autofree char *result = counts(world);
    g_assert_cmpstr(result, ==, "{\"against\":1,\"for\":1,\"none\":1,\"other\":1}");
}

static void a_voter_has_one_ballot(void)
{
    world_auto *world = voting("{'question':'Q'}");
    world_do(world, "hue", "vote.cast", "{'vote':'v1','choice':'for'}");
    world_refused(world, "hue", "vote.cast", "{'vote':'v1','choice':'against'}", "exists");
}

static void only_those_named_may_vote(void)
{
    world_auto *world = voting("{'question':'Q','eligible':['hue','da-nang']}");
    world_refused(world, "can-tho", "vote.cast", "{'vote':'v1','choice':'for'}", "not-allowed");
    world_do(world, "hue", "vote.cast", "{'vote':'v1','choice':'for'}");
    world_do(world, "chair", "vote.close", "{'vote':'v1'}");
    g_autofree char *result = counts(world);
    g_assert_cmpstr(result, ==, "{\"against\":0,\"for\":1,\"none\":1,\"other\":0}");
}

static void voters_are_rooms_of_the_meeting(void)
{
    world_auto *world = world_open();
    world_invalid(world, "chair", "vote.open", "{'question':'Q','eligible':[]}", "eligible");
    world_invalid(world, "chair", "vote.open", "{'question':'Q','eligible':['vinh']}", "eligible");
    world_invalid(world, "chair", "vote.open", "{'question':'Q','eligible':['hue','hue']}",
                  "eligible");
}

static void one_vote_is_open_at_a_time_and_only_in_an_open_meeting(void)
{
    world_auto *world = world_new();
    world_refused(world, "chair", "vote.open", "{'question':'Q'}", "wrong-state");
    world_do(world, "chair", "meeting.open", "{}");
    world_do(world, "chair", "vote.open", "{'question':'Q'}");
    world_refused(world, "chair", "vote.open", "{'question':'R'}", "wrong-state");
    g_assert_cmpstr(meeting_open_vote(world->meeting), ==, "v1");
    world_do(world, "chair", "vote.close", "{'vote':'v1'}");
    g_assert_null(meeting_open_vote(world->meeting));
    world_do(world, "chair", "vote.open", "{'question':'R'}");
}

static void a_result_does_not_change(void)
{
    world_auto *world = voting("{'question':'Q'}");
    world_do(world, "chair", "vote.close", "{'vote':'v1'}");
    world_refused(world, "hue", "vote.cast", "{'vote':'v1','choice':'for'}", "wrong-state");
    world_refused(world, "chair", "vote.close", "{'vote':'v1'}", "wrong-state");
    world_refused(world, "chair", "vote.close", "{'vote':'v2'}", "no-such-vote");
}

static void ballots_after_the_time_are_refused(void)
{
    world_auto *world = voting("{'question':'Q','seconds':10}");
    world->now_us += 8 * G_USEC_PER_SEC; /* and one more at each command */
    world_do(world, "hue", "vote.cast", "{'vote':'v1','choice':'for'}");
    world_do(world, "da-nang", "vote.cast", "{'vote':'v1','choice':'for'}");
    world_refused(world, "can-tho", "vote.cast", "{'vote':'v1','choice':'for'}", "wrong-state");
    world_do(world, "chair", "vote.close", "{'vote':'v1'}");
}

static void the_meeting_cannot_close_over_an_open_vote(void)
{
    world_auto *world = voting("{'question':'Q'}");
    world_refused(world, "chair", "meeting.close", "{}", "wrong-state");
    world_do(world, "chair", "vote.close", "{'vote':'v1'}");
    world_do(world, "chair", "meeting.close", "{}");
}

static void a_secret_choice_is_nowhere_in_the_journal_or_the_state(void)
{
    world_auto *world = voting("{'question':'Q','secret':true}");
    world_do(world, "hue", "vote.cast", "{'vote':'v1','choice':'against'}");
    char *ballot = json_canonical(world->last.ballot);
    g_assert_cmpstr(ballot, ==, "{\"choice\":\"against\",\"vote\":\"v1\"}");
    free(ballot);
    char *body = json_canonical(world_last_event(world)->body);
    g_assert_cmpstr(body, ==, "{\"choice\":null,\"site\":\"hue\",\"vote\":\"v1\"}");
    free(body);
    json_t *snapshot = meeting_snapshot(world->meeting);
    char *state = json_canonical(json_object_get(snapshot, "votes"));
    g_assert_null(strstr(state, "against"));
    free(state);
    json_decref(snapshot);
    g_autofree char *voted = world_get(world, "votes.0.ballots.hue");
    g_assert_cmpstr(voted, ==, "true");
    world_refused(world, "hue", "vote.cast", "{'vote':'v1','choice':'for'}", "exists");
}

static void a_secret_vote_closes_with_the_sums_that_were_counted(void)
{
    world_auto *world = voting("{'question':'Q','secret':true}");
    world_do(world, "hue", "vote.cast", "{'vote':'v1','choice':'against'}");
    world_do(world, "da-nang", "vote.cast", "{'vote':'v1','choice':'for'}");
    world_do(world, "chair", "vote.close", "{'vote':'v1'}");
    g_autofree char *result = counts(world);
    g_assert_cmpstr(result, ==, "{\"against\":1,\"for\":1,\"none\":2,\"other\":0}");
}

static void a_count_that_does_not_add_up_is_not_announced(void)
{
    world_auto *world = voting("{'question':'Q','secret':true}");
    world_do(world, "hue", "vote.cast", "{'vote':'v1','choice':'against'}");
    json_object_set_new(world->tally, "for", json_integer(1));
    world_refused(world, "chair", "vote.close", "{'vote':'v1'}", "internal");
    json_object_clear(world->tally);
    world_refused(world, "chair", "vote.close", "{'vote':'v1'}", "internal");
}

#define TEST(name) g_test_add_func("/vote/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(question_voters_and_rule_stand_before_the_first_ballot);
    TEST(every_voter_has_a_place_in_the_count);
    TEST(a_voter_has_one_ballot);
    TEST(only_those_named_may_vote);
    TEST(voters_are_rooms_of_the_meeting);
    TEST(one_vote_is_open_at_a_time_and_only_in_an_open_meeting);
    TEST(a_result_does_not_change);
    TEST(ballots_after_the_time_are_refused);
    TEST(the_meeting_cannot_close_over_an_open_vote);
    TEST(a_secret_choice_is_nowhere_in_the_journal_or_the_state);
    TEST(a_secret_vote_closes_with_the_sums_that_were_counted);
    TEST(a_count_that_does_not_add_up_is_not_announced);
    return g_test_run();
}
