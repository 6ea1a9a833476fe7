#include "tests/unit/meeting/world.h"

#include <string.h>

static void a_new_meeting_has_every_documented_key(void)
{
    world_auto *world = world_new();
    const struct event *event = world_last_event(world);
    char *body = json_canonical(event->body);
    g_assert_cmpstr(event->type, ==, "meeting.created");
    g_assert_true(g_str_has_prefix(
        body,
        "{\"agenda\":[],\"chair\":{\"name\":\"Nguyễn Văn An\",\"post\":\"Phó Thủ tướng\"},"
        "\"chair_lost\":\"continue\",\"chair_lost_seconds\":15,\"co_chair\":null,\"cut\":false,"
        "\"declared\":true,\"deputies\":[],\"ends\":null,\"floors\":1,\"lobby\":false,"
        "\"moderated\":false,\"organizer\":null,\"place\":null,\"quota_seconds\":null,"
        "\"quota_speeches\":null,\"recording\":true,\"secretary\":{\"name\":\"Trần Thị Bình\","
        "\"post\":null},\"sites\":[{\"code\":null,\"group\":null,\"id\":\"chu-toa\","
        "\"name\":\"Điểm cầu chính\",\"people\":[],\"role\":\"chair\"},"));
    free(body);
    g_autofree char *state = world_get(world, "meeting.state");
    g_assert_cmpstr(state, ==, "\"draft\"");
    enum role role;
    g_assert_true(meeting_site_role(world->meeting, "chu-toa", &role));
    g_assert_cmpint(role, ==, ROLE_CHAIR);
    g_assert_cmpstr(meeting_site_name(world->meeting, "hue"), ==, "Thành phố Huế");
    g_assert_null(meeting_site_name(world->meeting, "quang-nam"));
}

static void only_a_sound_roster_makes_a_meeting(void)
{
    static const char *const rosters[] = {
        "[]",
        "[{'id':'a','name':'A'}]", /* no chair */
        "[{'id':'a','name':'A','role':'chair'},{'id':'b','name':'B','role':'chair'}]",
        "[{'id':'a','name':'A','role':'chair'},{'id':'a','name':'B'}]", /* twice */
        "[{'id':'A','name':'A','role':'chair'}]",                       /* not a slug */
        "[{'id':'a','name':'Da\xcc\x80','role':'chair'}]",              /* NFD */
        "[{'id':'a','name':'','role':'chair'}]",
        "[{'id':'a','role':'chair'}]",
        "[{'id':'a','name':'A','role':'system'}]",
        "[{'id':'a','name':'A','role':'chair','colour':'red'}]",
        "[7]",
        "{}",
    };
    world_auto *world = world_empty();
    for (size_t i = 0; i < G_N_ELEMENTS(rosters); i++) {
        g_autofree char *params =
            g_strdup_printf("{'meeting':'hop','title':'T','sites':%s}", rosters[i]);
        world_invalid(world, "operator", "meeting.create", params, "sites");
    }
    g_assert_false(meeting_exists(world->meeting));
}

static void limits_are_refused_not_cut(void)
{
    world_auto *world = world_empty();
    g_autofree char *longest = g_strnfill(300, 'x');
    g_autofree char *format = g_strdup("{'meeting':'hop','title':'%s%s','floors':%d,"
                                       "'sites':[{'id':'a','name':'A','role':'chair'}]}");
    g_autofree char *long_title = g_strdup_printf(format, longest, "x", 1);
    g_autofree char *no_floor = g_strdup_printf(format, longest, "", 0);
    g_autofree char *many_floors = g_strdup_printf(format, longest, "", 17);
    g_autofree char *good = g_strdup_printf(format, longest, "", 16);
    world_invalid(world, "operator", "meeting.create", long_title, "title");
    world_invalid(world, "operator", "meeting.create", no_floor, "floors");
    world_invalid(world, "operator", "meeting.create", many_floors, "floors");
    world_do(world, "operator", "meeting.create", good);
}

static char *roster_of(unsigned rooms)
{
    GString *params = g_string_new("{'meeting':'hop','title':'T','sites':["
                                   "{'id':'chu-toa','name':'A','role':'chair'}");
    for (unsigned i = 1; i < rooms; i++)
        g_string_append_printf(params, ",{'id':'xa-%u','name':'Xã số %u'}", i, i);
    g_string_append(params, "]}");
    return g_string_free(params, FALSE);
}

static void four_thousand_rooms_are_the_most(void)
{
    world_auto *world = world_empty();
    g_autofree char *most = roster_of(4000);
    g_autofree char *too_many = roster_of(4001);
    world_invalid(world, "operator", "meeting.create", too_many, "sites");
    world_do(world, "operator", "meeting.create", most);
    g_assert_cmpstr(meeting_site_name(world->meeting, "xa-3999"), ==, "Xã số 3999");
}

static void a_meeting_is_made_once_and_under_its_own_name(void)
{
    world_auto *world = world_new();
    const char *again = "{'meeting':'hop','title':'T','sites':[{'id':'a','name':'A',"
                        "'role':'chair'}]}";
    const char *other = "{'meeting':'khac','title':'T','sites':[{'id':'a','name':'A',"
                        "'role':'chair'}]}";
    world_refused(world, "operator", "meeting.create", again, "exists");
    world_invalid(world, "operator", "meeting.create", other, "meeting");
}

static void nothing_can_be_done_in_a_meeting_that_is_not_made(void)
{
    world_auto *world = world_empty();
    world_refused(world, "operator", "meeting.open", "{}", "no-such-meeting");
    world_refused(world, "chair", "floor.grant", "{'site':'hue'}", "no-such-meeting");
}

/* Every command of the lifecycle in every state. */
static void the_lifecycle_has_only_its_own_ways(void)
{
    static const char *const commands[] = {"rehearse", "open", "pause", "resume", "close"};
    static const struct {
        const char *way; /* commands that lead to the state */
        const char *may; /* what may follow */
    } states[] = {
        {"", "rehearse open"},          {"rehearse", "open"}, {"open", "pause close"},
        {"open pause", "resume close"}, {"open close", ""},
    };
    for (size_t s = 0; s < G_N_ELEMENTS(states); s++) {
        for (size_t c = 0; c < G_N_ELEMENTS(commands); c++) {
            world_auto *world = world_new();
            g_auto(GStrv) way = g_strsplit(states[s].way, " ", -1);
            for (unsigned i = 0; way[i] != NULL && way[i][0] != '\0'; i++) {
                g_autofree char *step = g_strconcat("meeting.", way[i], NULL);
                world_do(world, "secretary", step, "{}");
            }
            g_autofree char *method = g_strconcat("meeting.", commands[c], NULL);
            if (strstr(states[s].may, commands[c]) != NULL)
                world_do(world, "secretary", method, "{}");
            else
                world_refused(world, "secretary", method, "{}", "wrong-state");
        }
    }
}

static void settings_change_until_the_close(void)
{
    world_auto *world = world_open();
    world_do(world, "operator", "meeting.update", "{'floors':2,'place':'Hà Nội'}");
    char *body = json_canonical(world_last_event(world)->body);
    g_assert_cmpstr(body, ==, "{\"floors\":2,\"place\":\"Hà Nội\"}");
    free(body);
    world_do(world, "operator", "meeting.update", "{}");
    g_assert_cmpstr(world_events(world), ==, "");
    world_invalid(world, "operator", "meeting.update", "{'recording':false}", "recording");
    world_do(world, "chair", "meeting.close", "{}");
    world_refused(world, "operator", "meeting.update", "{'floors':3}", "wrong-state");
}

static void floors_cannot_sink_below_those_held(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "meeting.update", "{'floors':2}");
    world_do(world, "chair", "floor.grant", "{'site':'hue'}");
    world_do(world, "chair", "floor.grant", "{'site':'da-nang'}");
    world_refused(world, "chair", "meeting.update", "{'floors':1}", "too-many");
    world_do(world, "chair", "floor.revoke", "{'request':'r1'}");
    world_do(world, "chair", "meeting.update", "{'floors':1}");
}

static void the_close_first_ends_what_is_left(void)
{
    world_auto *world = world_open();
    world_do(world, "da-nang", "floor.request", "{}");
    world_do(world, "hue", "floor.request", "{}");
    world_do(world, "chair", "floor.grant", "{'request':'r1'}");
    world_do(world, "chair", "meeting.close", "{}");
    g_assert_cmpstr(world_events(world), ==, "floor.released floor.cancelled meeting.closed");
    g_assert_cmpstr(world_queue(world), ==, "");
    g_assert_cmpstr(world_holders(world), ==, "");
    g_assert_true(meeting_is_closed(world->meeting));
}

static void requests_of_the_rehearsal_end_when_the_meeting_opens(void)
{
    world_auto *world = world_new();
    world_do(world, "operator", "meeting.rehearse", "{}");
    world_do(world, "hue", "floor.request", "{}");
    world_do(world, "chair", "meeting.open", "{}");
    g_assert_cmpstr(world_events(world), ==, "floor.cancelled meeting.opened");
}

static void only_an_open_meeting_is_recorded(void)
{
    world_auto *world = world_new();
    g_assert_false(meeting_wants_recording(world->meeting));
    world_do(world, "chair", "meeting.rehearse", "{}");
    g_assert_false(meeting_wants_recording(world->meeting));
    world_do(world, "chair", "meeting.open", "{}");
    g_assert_true(meeting_wants_recording(world->meeting));
    world_do(world, "chair", "meeting.pause", "{}");
    g_assert_false(meeting_wants_recording(world->meeting));
    world_do(world, "chair", "meeting.resume", "{}");
    g_assert_true(meeting_wants_recording(world->meeting));
    world_do(world, "chair", "meeting.close", "{}");
    g_assert_false(meeting_wants_recording(world->meeting));
}

#define TEST(name) g_test_add_func("/lifecycle/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(a_new_meeting_has_every_documented_key);
    TEST(only_a_sound_roster_makes_a_meeting);
    TEST(limits_are_refused_not_cut);
    TEST(four_thousand_rooms_are_the_most);
    TEST(a_meeting_is_made_once_and_under_its_own_name);
    TEST(nothing_can_be_done_in_a_meeting_that_is_not_made);
    TEST(the_lifecycle_has_only_its_own_ways);
    TEST(settings_change_until_the_close);
    TEST(floors_cannot_sink_below_those_held);
    TEST(the_close_first_ends_what_is_left);
    TEST(requests_of_the_rehearsal_end_when_the_meeting_opens);
    TEST(only_an_open_meeting_is_recorded);
    return g_test_run();
}
