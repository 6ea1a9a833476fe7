#include "tests/unit/meeting/world.h"

static void what_was_not_said_stays_null(void)
{
    world_auto *world = world_open();
    world_do(world, "secretary", "directive.issue", "{'text':'Rà soát thủ tục\\nbáo cáo'}");
    char *body = json_canonical(world_last_event(world)->body);
    g_assert_cmpstr(body, ==,
                    "{\"directive\":\"d1\",\"due\":null,\"lead\":null,\"support\":[],"
                    "\"text\":\"Rà soát thủ tục\\nbáo cáo\"}");
    free(body);
    g_autofree char *by = world_get(world, "directives.0.by.role");
    g_assert_cmpstr(by, ==, "\"secretary\"");
}

static void a_due_date_is_a_day_that_exists(void)
{
    static const char *const bad[] = {"2026-02-30", "2026-13-01", "2026-00-10", "26-12-31",
                                      "2026-1-1",   "hôm nay",    "2026-12-3x", ""};
    world_auto *world = world_open();
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *params = g_strdup_printf("{'text':'T','due':'%s'}", bad[i]);
        world_invalid(world, "chair", "directive.issue", params, "due");
    }
    world_do(world, "chair", "directive.issue", "{'text':'T','due':'2028-02-29'}");
}

static void nobody_leads_and_supports(void)
{
    world_auto *world = world_open();
    world_invalid(world, "chair", "directive.issue",
                  "{'text':'T','lead':'bo-y-te','support':['bo-y-te']}", "support");
    world_invalid(world, "chair", "directive.issue", "{'text':'T','support':['a','a']}", "support");
    world_invalid(world, "chair", "directive.issue", "{'text':'T','support':['Bộ Y tế']}",
                  "support");
    world_invalid(world, "chair", "directive.issue", "{'text':'T','support':[7]}", "support");
    world_do(world, "chair", "directive.issue", "{'text':'T','support':['bo-y-te']}");
    world_invalid(world, "chair", "directive.amend", "{'directive':'d1','lead':'bo-y-te'}",
                  "support");
    world_do(world, "chair", "directive.amend",
             "{'directive':'d1','lead':'bo-y-te','support':['bo-cong-an']}");
}

static void an_amendment_changes_only_what_it_says(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "directive.issue",
             "{'text':'T','lead':'bo-y-te','support':['a'],'due':'2026-12-31'}");
    world_do(world, "chair", "directive.amend", "{'directive':'d1','due':'2027-01-31'}");
    char *body = json_canonical(world_last_event(world)->body);
    g_assert_cmpstr(body, ==, "{\"directive\":\"d1\",\"due\":\"2027-01-31\"}");
    free(body);
    g_autofree char *lead = world_get(world, "directives.0.lead");
    g_autofree char *support = world_get(world, "directives.0.support");
    g_autofree char *due = world_get(world, "directives.0.due");
    g_assert_cmpstr(lead, ==, "\"bo-y-te\"");
    g_assert_cmpstr(support, ==, "[\"a\"]");
    g_assert_cmpstr(due, ==, "\"2027-01-31\"");
}

static void null_takes_a_lead_or_a_date_back(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "directive.issue", "{'text':'T','lead':'bo-y-te','due':'2026-12-31'}");
    world_do(world, "chair", "directive.amend",
             "{'directive':'d1','lead':null,'due':null,'text':null}");
    g_autofree char *lead = world_get(world, "directives.0.lead");
    g_autofree char *due = world_get(world, "directives.0.due");
    g_autofree char *text = world_get(world, "directives.0.text");
    g_assert_cmpstr(lead, ==, "null");
    g_assert_cmpstr(due, ==, "null");
    g_assert_cmpstr(text, ==, "\"T\"");
}

static void an_empty_amendment_is_no_event(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "directive.issue", "{'text':'T'}");
    world_do(world, "chair", "directive.amend", "{'directive':'d1'}");
    g_assert_cmpstr(world_events(world), ==, "");
}

static void a_withdrawn_directive_stands_no_more(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "directive.issue", "{'text':'T'}");
    world_do(world, "chair", "directive.withdraw", "{'directive':'d1','why':'Trùng'}");
    world_refused(world, "chair", "directive.withdraw", "{'directive':'d1'}", "wrong-state");
    world_refused(world, "chair", "directive.amend", "{'directive':'d1','text':'U'}",
                  "wrong-state");
    g_autofree char *state = world_get(world, "directives.0.state");
    g_assert_cmpstr(state, ==, "\"withdrawn\"");
}

static void only_a_directive_that_is_there_can_change(void)
{
    static const char *const bad[] = {"d2", "d0", "d01", "d", "r1", "d18446744073709551617"};
    world_auto *world = world_open();
    world_do(world, "chair", "directive.issue", "{'text':'T'}");
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *params = g_strdup_printf("{'directive':'%s'}", bad[i]);
        world_refused(world, "chair", "directive.amend", params, "no-such-directive");
    }
}

static void notes_are_numbered_and_carry_their_author(void)
{
    world_auto *world = world_open();
    world_do(world, "secretary", "minutes.note", "{'text':'Mốc 1'}");
    world_do(world, "chair", "minutes.note", "{'text':'Mốc 2'}");
    g_autofree char *note = world_get(world, "notes.1.note");
    g_autofree char *site = world_get(world, "notes.1.by.site");
    g_assert_cmpstr(note, ==, "\"n2\"");
    g_assert_cmpstr(site, ==, "\"chu-toa\"");
    g_autofree char *long_text = g_strnfill(4001, 'x');
    g_autofree char *params = g_strdup_printf("{'text':'%s'}", long_text);
    world_invalid(world, "secretary", "minutes.note", params, "text");
}

static void a_message_says_from_whom_and_to_whom(void)
{
    world_auto *world = world_open();
    world_do(world, "hue", "message.send", "{'text':'Xin chào','to':'chu-toa'}");
    char *body = json_canonical(world_last_event(world)->body);
    g_assert_cmpstr(body, ==, "{\"from\":\"hue\",\"text\":\"Xin chào\",\"to\":\"chu-toa\"}");
    free(body);
    world_do(world, "observer", "message.send", "{'text':'A'}");
    g_autofree char *from =
        g_strdup(json_string_value(json_object_get(world_last_event(world)->body, "from")));
    g_assert_cmpstr(from, ==, "observer");
    world_refused(world, "hue", "message.send", "{'text':'A','to':'vinh'}", "no-such-site");
}

static void incidents_of_the_bridge_are_kept(void)
{
    world_auto *world = world_open();
    world_do(world, "system", "recording.started", "{'part':1,'path':'part-001/'}");
    world_do(world, "system", "bridge.lost", "{}");
    world_do(world, "system", "bridge.restored", "{}");
    world_do(world, "system", "recording.stopped", "{'part':1}");
    g_autofree char *first = world_get(world, "incidents.0.type");
    g_autofree char *second = world_get(world, "incidents.1.type");
    g_assert_cmpstr(first, ==, "\"bridge.lost\"");
    g_assert_cmpstr(second, ==, "\"bridge.restored\"");
    world_invalid(world, "system", "recording.started", "{'part':1}", "path");
    world_invalid(world, "system", "bridge.lost", "{'part':1}", "part");
}

#define TEST(name) g_test_add_func("/directive/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(what_was_not_said_stays_null);
    TEST(a_due_date_is_a_day_that_exists);
    TEST(nobody_leads_and_supports);
    TEST(an_amendment_changes_only_what_it_says);
    TEST(null_takes_a_lead_or_a_date_back);
    TEST(an_empty_amendment_is_no_event);
    TEST(a_withdrawn_directive_stands_no_more);
    TEST(only_a_directive_that_is_there_can_change);
    TEST(notes_are_numbered_and_carry_their_author);
    TEST(a_message_says_from_whom_and_to_whom);
    TEST(incidents_of_the_bridge_are_kept);
    return g_test_run();
}
