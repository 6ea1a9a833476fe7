#include "tests/unit/meeting/world.h"

#include <string.h>

#define SHA256 "'0123456789012345678901234567890123456789012345678901234567890123'"

/* The column "may" of docs/protocol.md, "Commands and their events", with C for the chair, S, O, R
 * for a room, V for an observer and Y for the server itself. Params that are otherwise good. */
static const struct {
    const char *method, *params, *may;
} table[] = {
    {"meeting.declare", "{}", "CSO"},
    {"meeting.update", "{'floors':2}", "CSO"},
    {"meeting.rehearse", "{}", "CSO"},
    {"meeting.prepare", "{}", "CSO"},
    {"meeting.open", "{}", "CSO"},
    {"meeting.pause", "{}", "CSO"},
    {"meeting.resume", "{}", "CSO"},
    {"meeting.close", "{}", "CS"},
    {"site.join", "{'site':'hue','session':'s1'}", "Y"},
    {"site.leave", "{'site':'hue','session':'s1','reason':'lost'}", "Y"},
    {"site.admit", "{'site':'hue'}", "CSO"},
    {"roster.set", "{'site':'hue','people':[]}", "CSOR"},
    {"roster.approve", "{'site':'hue','name':'A'}", "CS"},
    {"invitation.mark", "{'site':'hue','state':'seen'}", "CSOR"},
    {"site.mute", "{'site':'hue'}", "COR"},
    {"site.unmute", "{'site':'hue'}", "COR"},
    {"site.remove", "{'site':'da-nang'}", "CO"},
    {"floor.request", "{}", "RC"},
    {"floor.cancel", "{'request':'r1'}", "RCS"},
    {"floor.accept", "{'request':'r1'}", "CS"},
    {"floor.grant", "{'request':'r1'}", "CS"},
    {"floor.extend", "{'request':'r1','seconds':60}", "CS"},
    {"floor.defer", "{'request':'r1'}", "CS"},
    {"floor.deny", "{'request':'r1'}", "CS"},
    {"floor.revoke", "{'request':'r1'}", "CSY"},
    {"floor.release", "{'request':'r1'}", "RC"},
    {"floor.reorder", "{'request':'r1','position':1}", "CS"},
    {"floor.prepare", "{'request':'r1'}", "CSO"},
    {"floor.warn", "{'request':'r1','left':60}", "Y"},
    {"opinion.submit", "{'text':'T'}", "RC"},
    {"paper.add", "{'title':'T','name':'t.pdf','type':'pdf','bytes':1,'sha256':" SHA256 "}", "CSO"},
    {"consult.open", "{'sites':['hue']}", "CO"},
    {"consult.close", "{}", "CSOR"},
    {"directive.issue", "{'text':'T'}", "CS"},
    {"directive.amend", "{'directive':'d1','text':'T'}", "CS"},
    {"directive.withdraw", "{'directive':'d1'}", "CS"},
    {"minutes.note", "{'text':'T'}", "CS"},
    {"message.send", "{'text':'T'}", "CSORV"},
    {"vote.open", "{'question':'Q'}", "CS"},
    {"vote.cast", "{'vote':'v1','choice':'for'}", "RC"},
    {"vote.close", "{'vote':'v1'}", "CSY"},
    {"rollcall.start", "{}", "CSO"},
    {"rollcall.answer", "{'site':'hue','answer':'online'}", "CSOR"},
    {"rollcall.close", "{}", "CSO"},
    {"agenda.set", "{'items':[]}", "CSO"},
    {"agenda.advance", "{}", "CS"},
    {"chair.delegate", "{'site':'da-nang'}", "CS"},
    {"chair.recall", "{}", "CS"},
    {"chair.succeed", "{}", "Y"},
    {"recording.started", "{'part':1,'path':'p'}", "Y"},
    {"recording.stopped", "{'part':1}", "Y"},
    {"bridge.lost", "{}", "Y"},
    {"bridge.restored", "{}", "Y"},
};

static const struct {
    char letter;
    const char *who;
} everyone[] = {{'C', "chair"}, {'S', "secretary"}, {'O', "operator"},
                {'R', "hue"},   {'V', "observer"},  {'Y', "system"}};

/* Not about the state: whoever may is not refused as not allowed. */
static void each_role_may_what_the_protocol_says(void)
{
    for (size_t m = 0; m < G_N_ELEMENTS(table); m++) {
        for (size_t w = 0; w < G_N_ELEMENTS(everyone); w++) {
            world_auto *world = world_open();
            world_do(world, "hue", "floor.request", "{}");
            if (strchr(table[m].may, everyone[w].letter) == NULL)
                world_refused(world, everyone[w].who, table[m].method, table[m].params,
                              "not-allowed");
            else if (!world_try(world, everyone[w].who, table[m].method, table[m].params))
                g_assert_cmpstr(world->last.refusal.reason, !=, "not-allowed");
        }
    }
}

static void only_an_operator_makes_a_meeting(void)
{
    const char *params =
        "{'meeting':'hop','title':'T','sites':[{'id':'a','name':'A','role':'chair'}]}";
    for (size_t w = 0; w < G_N_ELEMENTS(everyone); w++) {
        world_auto *world = world_empty();
        if (everyone[w].letter == 'O')
            world_do(world, everyone[w].who, "meeting.create", params);
        else
            world_refused(world, everyone[w].who, "meeting.create", params, "not-allowed");
    }
}

static void an_account_without_a_room_cannot_ask_for_the_floor(void)
{
    world_auto *world = world_open();
    const struct command command = {
        "floor.request", NULL, {.account = "chu-toa", .role = ROLE_CHAIR}, 1};
    struct decision decision;
    g_assert_false(meeting_decide(world->meeting, &command, &decision));
    g_assert_cmpstr(decision.refusal.reason, ==, "not-allowed");
    decision_clear(&decision);
}

static void an_unknown_method_is_told_as_such(void)
{
    world_auto *world = world_open();
    world_refused(world, "chair", "floor.steal", "{}", "no-such-method");
    g_assert_cmpint(world->last.refusal.code, ==, -32601);
}

static void params_that_nobody_knows_are_refused_by_name(void)
{
    for (size_t m = 0; m < G_N_ELEMENTS(table); m++) {
        world_auto *world = world_open();
        const char *who = strchr(table[m].may, 'C') != NULL   ? "chair"
                          : strchr(table[m].may, 'Y') != NULL ? "system"
                                                              : "hue";
        g_autofree char *params = strcmp(table[m].params, "{}") == 0
                                      ? g_strdup("{'colour':1}")
                                      : g_strconcat("{'colour':1,", table[m].params + 1, NULL);
        world_invalid(world, who, table[m].method, params, "colour");
    }
}

#define TEST(name) g_test_add_func("/permissions/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(each_role_may_what_the_protocol_says);
    TEST(only_an_operator_makes_a_meeting);
    TEST(an_account_without_a_room_cannot_ask_for_the_floor);
    TEST(an_unknown_method_is_told_as_such);
    TEST(params_that_nobody_knows_are_refused_by_name);
    return g_test_run();
}
