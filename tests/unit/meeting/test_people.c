#include "tests/unit/meeting/world.h"

static void value_is(struct world *world, const char *path, const char *expected)
{
    g_autofree char *value = world_get(world, path);
    g_assert_cmpstr(value, ==, expected);
}

static void a_room_names_its_people_and_so_confirms(void)
{
    world_auto *world = world_new();
    world_do(world, "hue", "roster.set",
             "{'people':[{'name':'Nguyễn Văn Phương','post':'Chủ tịch UBND'}]}");
    g_assert_cmpstr(world_events(world), ==, "roster.changed invitation.marked");
    value_is(world, "sites.2.invitation", "\"confirmed\"");
    value_is(world, "sites.2.people",
             "[{\"for\":null,\"name\":\"Nguyễn Văn Phương\",\"post\":\"Chủ tịch UBND\","
             "\"state\":\"listed\",\"why\":null}]");
    world_refused(world, "hue", "roster.set", "{'site':'da-nang','people':[]}", "not-allowed");
}

static void a_substitute_needs_a_reason_and_waits_for_the_chair(void)
{
    world_auto *world = world_new();
    world_invalid(world, "hue", "roster.set", "{'people':[{'name':'B','for':'A'}]}", "people");
    world_do(world, "hue", "roster.set", "{'people':[{'name':'B','for':'A','why':'Đi công tác'}]}");
    value_is(world, "sites.2.people.0.state", "\"waiting\"");
    world_refused(world, "hue", "roster.approve", "{'site':'hue','name':'B'}", "not-allowed");
    world_invalid(world, "chair", "roster.approve", "{'site':'hue','name':'C'}", "name");
    world_do(world, "chair", "roster.approve", "{'site':'hue','name':'B'}");
    value_is(world, "sites.2.people.0.state", "\"approved\"");
    /* Naming the same people again does not ask again. */
    world_do(world, "hue", "roster.set",
             "{'people':[{'name':'B','for':'A','why':'Đi công tác'},{'name':'D'}]}");
    value_is(world, "sites.2.people.0.state", "\"approved\"");
    world_do(world, "chair", "roster.approve", "{'site':'hue','name':'B','agree':false}");
    g_assert_cmpstr(world_events(world), ==, "roster.refused");
}

static void one_name_stands_once(void)
{
    world_auto *world = world_new();
    world_invalid(world, "hue", "roster.set", "{'people':[{'name':'B'},{'name':'B'}]}", "people");
    world_invalid(world, "hue", "roster.set", "{}", "people");
}

static void an_invitation_goes_its_way(void)
{
    world_auto *world = world_new();
    value_is(world, "sites.2.invitation", "\"not-sent\"");
    world_do(world, "secretary", "invitation.mark", "{'site':'hue','state':'sent'}");
    world_do(world, "hue", "invitation.mark", "{'state':'seen'}");
    world_refused(world, "hue", "invitation.mark", "{'state':'sent'}", "not-allowed");
    value_is(world, "sites.2.invitation", "\"seen\"");
}

static void the_lobby_keeps_rooms_from_sound_and_floor_until_admitted(void)
{
    world_auto *world = world_new();
    world_do(world, "operator", "meeting.update", "{'lobby':true}");
    world_do(world, "chair", "meeting.open", "{}");
    world_refused(world, "hue", "floor.request", "{}", "wrong-state");
    world_refused(world, "chair", "floor.grant", "{'site':'hue'}", "wrong-state");
    json_t *apart = meeting_apart(world->meeting);
    char *text = json_canonical(apart);
    g_assert_cmpstr(text, ==, "[{\"legs\":[\"da-nang\",\"hue\",\"can-tho\"],\"talk\":false}]");
    free(text);
    json_decref(apart);
    world_refused(world, "hue", "site.admit", "{'site':'hue'}", "not-allowed");
    world_invalid(world, "operator", "site.admit", "{}", "site");
    world_invalid(world, "operator", "site.admit", "{'sites':['quang-nam']}", "sites");
    world_do(world, "operator", "site.admit", "{'site':'hue'}");
    world_do(world, "hue", "floor.request", "{}");
    world_do(world, "operator", "site.admit", "{'site':'hue'}");
    g_assert_cmpstr(world_events(world), ==, ""); /* is in already */
}

static void rooms_are_admitted_by_group_or_all_who_are_there(void)
{
    world_auto *world = world_empty();
    world_do(world, "operator", "meeting.create",
             "{'meeting':'hop','title':'T','lobby':true,'sites':["
             "{'id':'a','name':'A','role':'chair'},{'id':'b','name':'B','group':'mien-trung'},"
             "{'id':'c','name':'C','group':'mien-trung'},{'id':'d','name':'D','code':'48'}]}");
    world_do(world, "system", "site.join", "{'site':'d','session':'s'}");
    world_do(world, "operator", "site.admit", "{'group':'mien-trung'}");
    char *body = json_canonical(world_last_event(world)->body);
    g_assert_cmpstr(body, ==, "{\"sites\":[\"b\",\"c\"]}");
    free(body);
    world_do(world, "operator", "site.admit", "{'all':true}");
    body = json_canonical(world_last_event(world)->body);
    g_assert_cmpstr(body, ==, "{\"sites\":[\"d\"]}");
    free(body);
}

static void a_removed_room_waits_in_the_lobby_again(void)
{
    world_auto *world = world_new();
    world_do(world, "operator", "meeting.update", "{'lobby':true}");
    world_do(world, "chair", "meeting.open", "{}");
    world_do(world, "operator", "site.admit", "{'site':'hue'}");
    world_do(world, "operator", "site.remove", "{'site':'hue'}");
    world_refused(world, "hue", "floor.request", "{}", "wrong-state");
}

static void nothing_opens_before_it_is_declared_and_led(void)
{
    world_auto *world = world_empty();
    world_do(world, "operator", "meeting.create",
             "{'meeting':'hop','title':'T','sites':[{'id':'a','name':'A','role':'chair'}]}");
    world_refused(world, "operator", "meeting.open", "{}", "wrong-state");
    world_do(world, "operator", "meeting.declare", "{}");
    world_refused(world, "operator", "meeting.open", "{}", "wrong-state");
    world_do(world, "operator", "meeting.update", "{'chair':{'name':'An'}}");
    world_refused(world, "operator", "meeting.open", "{}", "wrong-state");
    world_do(world, "operator", "meeting.update", "{'secretary':{'name':'Bình'}}");
    world_do(world, "operator", "meeting.open", "{}");
}

static void a_meeting_longer_than_its_type_allows_is_warned_of(void)
{
    world_auto *world = world_new();
    world_do(world, "operator", "meeting.update",
             "{'type':'briefing','starts':'2026-12-01T01:00:00Z','ends':'2026-12-01T09:00:00Z'}");
    json_t *warnings = json_object_get(world->last.answer, "warnings");
    g_assert_cmpstr(json_string_value(json_array_get(warnings, 0)), ==, "longer-than-allowed");
    world_do(world, "operator", "meeting.update", "{'type':'thematic'}");
    g_assert_null(json_object_get(world->last.answer, "warnings"));
    world_invalid(world, "operator", "meeting.update", "{'starts':'mai'}", "starts");
}

static void what_is_tried_in_a_rehearsal_is_marked(void)
{
    world_auto *world = world_new();
    world_do(world, "operator", "meeting.rehearse", "{}");
    world_do(world, "secretary", "minutes.note", "{'text':'Thử'}");
    world_do(world, "secretary", "directive.issue", "{'text':'Thử'}");
    world_do(world, "operator", "rollcall.start", "{}");
    world_do(world, "hue", "floor.request", "{}");
    world_do(world, "operator", "meeting.prepare", "{}");
    g_assert_cmpstr(world_events(world), ==, "floor.cancelled rollcall.closed meeting.prepared");
    value_is(world, "notes.0.rehearsal", "true");
    value_is(world, "directives.0.rehearsal", "true");
    value_is(world, "rollcalls.0.rehearsal", "true");
    value_is(world, "floor.past.0.rehearsal", "true");
    world_do(world, "chair", "meeting.open", "{}");
    world_do(world, "chair", "meeting.close", "{}"); /* the rehearsal's directive is no matter */
}

#define TEST(name) g_test_add_func("/people/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(a_room_names_its_people_and_so_confirms);
    TEST(a_substitute_needs_a_reason_and_waits_for_the_chair);
    TEST(one_name_stands_once);
    TEST(an_invitation_goes_its_way);
    TEST(the_lobby_keeps_rooms_from_sound_and_floor_until_admitted);
    TEST(rooms_are_admitted_by_group_or_all_who_are_there);
    TEST(a_removed_room_waits_in_the_lobby_again);
    TEST(nothing_opens_before_it_is_declared_and_led);
    TEST(a_meeting_longer_than_its_type_allows_is_warned_of);
    TEST(what_is_tried_in_a_rehearsal_is_marked);
    return g_test_run();
}
