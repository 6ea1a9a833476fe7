/* The limits of speaking: warnings, quotas, what falls due; and opinions in writing and consults.
 */
#include "tests/unit/meeting/world.h"

#include <string.h>

/* The method that is due after so many seconds; NULL if none. It is executed. */
static const char *pass(struct world *world, int seconds)
{
    const char *method;
    json_t *params;
    world->now_us += (int64_t)seconds * G_USEC_PER_SEC;
    if (!meeting_due(world->meeting, world->now_us, &method, &params))
        return NULL;
    char *text = json_canonical(params);
    world_do(world, "system", method, text);
    free(text);
    json_decref(params);
    return method;
}

static void last_body_is(struct world *world, const char *expected)
{
    char *body = json_canonical(world_last_event(world)->body);
    g_assert_cmpstr(body, ==, expected);
    free(body);
}

/* The chairing room is there, so that nobody has to stand in. */
static struct world *world_chaired(const char *settings)
{
    struct world *world = world_new();
    world_do(world, "operator", "meeting.update", settings);
    world_do(world, "system", "site.join", "{'site':'chu-toa','session':'s'}");
    world_do(world, "chair", "meeting.open", "{}");
    return world;
}

static void a_speaker_is_warned_a_minute_before_and_at_the_end(void)
{
    world_auto *world = world_chaired("{}");
    world_do(world, "chair", "floor.grant", "{'site':'hue','seconds':120}");
    g_assert_null(pass(world, 59));
    g_assert_cmpstr(pass(world, 1), ==, "floor.warn");
    last_body_is(world, "{\"left\":60,\"request\":\"r1\",\"site\":\"hue\"}");
    g_assert_null(pass(world, 10));
    g_assert_cmpstr(pass(world, 50), ==, "floor.warn");
    last_body_is(world, "{\"left\":0,\"request\":\"r1\",\"site\":\"hue\"}");
    g_assert_null(pass(world, 3600)); /* nobody is cut off unless the meeting is set so */
    g_assert_cmpstr(world_holders(world), ==, "r1");
}

static void an_extension_warns_again(void)
{
    world_auto *world = world_chaired("{}");
    world_do(world, "chair", "floor.grant", "{'site':'hue','seconds':30}");
    g_assert_cmpstr(pass(world, 30), ==, "floor.warn");
    world_do(world, "chair", "floor.extend", "{'request':'r1','seconds':300}");
    g_assert_null(pass(world, 200));
    g_assert_cmpstr(pass(world, 70), ==, "floor.warn");
}

static void a_meeting_may_be_set_to_cut(void)
{
    world_auto *world = world_chaired("{'cut':true,'speech_seconds':60}");
    world_do(world, "chair", "floor.grant", "{'site':'hue'}");
    g_assert_cmpstr(pass(world, 60), ==, "floor.warn");
    g_assert_cmpstr(pass(world, 0), ==, "floor.revoke");
    g_assert_cmpstr(world_holders(world), ==, "");
}

static void time_stands_still_in_a_pause(void)
{
    world_auto *world = world_chaired("{}");
    world_do(world, "chair", "floor.grant", "{'site':'hue','seconds':120}");
    world_do(world, "chair", "meeting.pause", "{}");
    g_assert_null(pass(world, 3600));
    world_do(world, "chair", "meeting.resume", "{}");
    g_assert_null(pass(world, 50));
    g_assert_cmpstr(pass(world, 10), ==, "floor.warn");
}

static void a_delegation_has_a_quota_of_speeches(void)
{
    world_auto *world = world_chaired("{'quota_speeches':1}");
    world_do(world, "chair", "floor.grant", "{'site':'hue'}");
    world_do(world, "hue", "floor.release", "{}");
    world_refused(world, "chair", "floor.grant", "{'site':'hue'}", "over-quota");
    world_do(world, "chair", "floor.grant", "{'site':'hue','beyond_quota':true}");
}

static void a_delegation_has_a_quota_of_time(void)
{
    world_auto *world = world_chaired("{'quota_seconds':100}");
    world_do(world, "chair", "floor.grant", "{'site':'hue','seconds':300}");
    last_body_is(world, "{\"request\":\"r1\",\"seconds\":100,\"site\":\"hue\"}");
    world->now_us += 59 * G_USEC_PER_SEC;
    world_do(world, "hue", "floor.release", "{}");
    world_do(world, "chair", "floor.grant", "{'site':'hue'}");
    last_body_is(world, "{\"request\":\"r2\",\"seconds\":40,\"site\":\"hue\"}");
    world->now_us += 39 * G_USEC_PER_SEC;
    world_do(world, "hue", "floor.release", "{}");
    world_refused(world, "chair", "floor.grant", "{'site':'hue'}", "over-quota");
}

static void a_rebuttal_names_what_it_answers(void)
{
    world_auto *world = world_chaired("{'floors':2}");
    world_do(world, "chair", "floor.grant", "{'site':'hue'}");
    world_do(world, "da-nang", "floor.request", "{'kind':'rebuttal','answers':'r1'}");
    world_invalid(world, "can-tho", "floor.request", "{'answers':'r1'}", "answers");
    world_invalid(world, "can-tho", "floor.request", "{'kind':'answer','answers':'r2'}", "answers");
}

static void the_next_one_is_told_to_prepare(void)
{
    world_auto *world = world_chaired("{}");
    world_do(world, "hue", "floor.request", "{}");
    world_do(world, "da-nang", "floor.request", "{}");
    world_do(world, "can-tho", "floor.request", "{}");
    g_autofree char *next = world_get(world, "floor.next");
    g_assert_cmpstr(next, ==, "[\"r1\",\"r2\"]");
    world_do(world, "operator", "floor.prepare", "{'request':'r2'}");
    g_autofree char *prepared = world_get(world, "floor.queue.1.prepared");
    g_assert_cmpstr(prepared, ==, "true");
}

static void a_vote_closes_at_its_time_or_when_all_have_voted(void)
{
    world_auto *world = world_chaired("{}");
    world_do(world, "chair", "vote.open", "{'question':'Q','seconds':60}");
    g_assert_null(pass(world, 59));
    g_assert_cmpstr(pass(world, 1), ==, "vote.close");
    world_do(world, "chair", "vote.open", "{'question':'Q','eligible':['hue'],'early':true}");
    g_assert_null(pass(world, 1));
    world_do(world, "hue", "vote.cast", "{'vote':'v2','choice':'for'}");
    g_assert_cmpstr(pass(world, 0), ==, "vote.close");
    last_body_is(world, "{\"counts\":{\"against\":0,\"for\":1,\"none\":0,\"other\":0},"
                        "\"vote\":\"v2\"}");
}

static void opinions_are_handed_in_in_writing(void)
{
    world_auto *world = world_chaired("{}");
    world_do(world, "hue", "opinion.submit", "{'text':'Đề nghị bổ sung.','speaker':'A'}");
    world_refused(world, "hue", "opinion.submit", "{'text':'T','item':'x'}", "no-such-item");
    for (int i = 1; i < 20; i++)
        world_do(world, "hue", "opinion.submit", "{'text':'T'}");
    world_refused(world, "hue", "opinion.submit", "{'text':'T'}", "too-many");
    world_do(world, "da-nang", "opinion.submit", "{'text':'T'}");
}

static void a_consult_is_apart_and_leaves_no_word(void)
{
    world_auto *world = world_chaired("{}");
    world_do(world, "chair", "floor.grant", "{'site':'hue'}");
    world_do(world, "chair", "consult.open", "{'sites':['hue'],'accounts':['thu-ky']}");
    g_assert_cmpstr(world_speakers(world), ==, "");
    json_t *apart = meeting_apart(world->meeting);
    char *text = json_canonical(apart);
    g_assert_cmpstr(text, ==,
                    "[{\"legs\":[\"chu-toa\",\"hue\",\"account.thu-ky\"],\"talk\":true}]");
    free(text);
    json_decref(apart);
    world_refused(world, "chair", "consult.open", "{'sites':['da-nang']}", "wrong-state");
    world_refused(world, "da-nang", "consult.close", "{}", "not-allowed");
    world_do(world, "hue", "consult.close", "{}");
    g_assert_cmpstr(world_speakers(world), ==, "chu-toa hue");
}

static void the_operator_checks_a_line_off_the_air(void)
{
    world_auto *world = world_chaired("{}");
    world_refused(world, "operator", "consult.open", "{'sites':['hue','da-nang']}", "invalid");
    world_refused(world, "operator", "consult.open", "{'sites':['chu-toa']}", "invalid");
    world_do(world, "operator", "consult.open", "{'sites':['hue']}");
    json_t *apart = meeting_apart(world->meeting);
    char *text = json_canonical(apart);
    g_assert_cmpstr(text, ==, "[{\"legs\":[\"hue\",\"account.operator\"],\"talk\":true}]");
    free(text);
    json_decref(apart);
    world_do(world, "chair", "floor.grant", "{'site':'hue'}"); /* it is wanted */
    g_assert_cmpstr(world_speakers(world), ==, "chu-toa hue");
    world_refused(world, "operator", "consult.open", "{'sites':['hue']}", "invalid");
    world_do(world, "operator", "consult.open", "{'sites':['da-nang']}");
    world_do(world, "chair", "consult.open", "{'accounts':['thu-ky']}");
    g_assert_cmpstr(world_events(world), ==, "consult.closed consult.opened");
    world_refused(world, "operator", "consult.open", "{'sites':['da-nang']}", "wrong-state");
    world_refused(world, "operator", "consult.close", "{}", "not-allowed");
}

static void undetermined_directives_are_told_before_the_close(void)
{
    world_auto *world = world_chaired("{}");
    world_do(world, "chair", "directive.issue", "{'text':'T','lead':'hue'}");
    world_do(world, "chair", "directive.issue", "{'text':'T','lead':'hue','due':'2027-01-31'}");
    world_refused(world, "chair", "meeting.close", "{}", "unfinished");
    g_assert_nonnull(strstr(world->last.refusal.message, "d1 (due);"));
    world_do(world, "chair", "meeting.close", "{'unfinished':true}");
}

#define TEST(name) g_test_add_func("/time/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(a_speaker_is_warned_a_minute_before_and_at_the_end);
    TEST(an_extension_warns_again);
    TEST(a_meeting_may_be_set_to_cut);
    TEST(time_stands_still_in_a_pause);
    TEST(a_delegation_has_a_quota_of_speeches);
    TEST(a_delegation_has_a_quota_of_time);
    TEST(a_rebuttal_names_what_it_answers);
    TEST(the_next_one_is_told_to_prepare);
    TEST(a_vote_closes_at_its_time_or_when_all_have_voted);
    TEST(opinions_are_handed_in_in_writing);
    TEST(a_consult_is_apart_and_leaves_no_word);
    TEST(the_operator_checks_a_line_off_the_air);
    TEST(undetermined_directives_are_told_before_the_close);
    return g_test_run();
}
