/* What must hold whatever is commanded by whomever: random meetings, random commands of all roles,
 * some of them hostile, and every invariant checked after each one.
 *
 * NHIPCAU_SEED=n plays the meeting of that seed only; NHIPCAU_MEETINGS=n plays so many.
 * tests/bench/soak_meetings goes on for millions. */
#include "tests/unit/meeting/chance.h"

#include <stdlib.h>
#include <string.h>

#define STEPS    500 /* of a meeting */
#define MEETINGS 100

static unsigned from_environment(const char *name, unsigned otherwise)
{
    const char *text = g_getenv(name);
    return text != NULL ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static void every_invariant_holds_after_every_command(void)
{
    unsigned seed = from_environment("NHIPCAU_SEED", 0);
    unsigned first = seed > 0 ? seed : 1;
    unsigned count = from_environment("NHIPCAU_MEETINGS", seed > 0 ? 1 : MEETINGS);
    unsigned events = 0;
    for (unsigned i = 0; i < count; i++) {
        g_test_message("NHIPCAU_SEED=%u", first + i);
        events += chance_meeting(first + i, STEPS);
    }
    g_assert_cmpuint(events, >, count * STEPS / 5);
}

static void was_accepted(const char *method, enum role role, bool own_only, void *arg)
{
    (void)role;
    (void)own_only;
    (void)arg;
    /* Each meeting is made and closed once, by the one who plays it. */
    bool is_once = strcmp(method, "meeting.create") == 0 || strcmp(method, "meeting.close") == 0;
    if (!is_once && chance_accepted(method) == 0)
        g_error("%s never came through: it needs a row in chance.c, or a better one", method);
}

static void every_method_came_through(void)
{
    if (g_getenv("NHIPCAU_SEED") != NULL || g_getenv("NHIPCAU_MEETINGS") != NULL)
        g_test_skip("only in the whole run");
    else
        permissions_foreach(was_accepted, NULL);
}

#define TEST(name) g_test_add_func("/properties/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(every_invariant_holds_after_every_command);
    TEST(every_method_came_through);
    return g_test_run();
}
