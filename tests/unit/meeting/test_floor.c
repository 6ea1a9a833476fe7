#include "tests/unit/meeting/world.h"

static void a_request_is_accepted_at_the_queues_end(void)
{
    world_auto *world = world_open();
    world_do(world, "da-nang", "floor.request",
             "{'speaker':'Nguyễn Văn A','title':'Phó Chủ tịch','topic':'Một cửa'}");
    g_assert_cmpstr(world_events(world), ==, "floor.requested floor.accepted");
    world_do(world, "hue", "floor.request", "{}");
    json_t *answer = world->last.answer;
    g_assert_cmpstr(json_string_value(json_object_get(answer, "request")), ==, "r2");
    g_assert_cmpint(json_integer_value(json_object_get(answer, "position")), ==, 2);
    g_assert_cmpstr(world_queue(world), ==, "r1 r2");
}

static void a_moderated_meeting_leaves_requests_pending(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "meeting.update", "{'moderated':true}");
    world_do(world, "da-nang", "floor.request", "{}");
    world_do(world, "hue", "floor.request", "{}");
    g_assert_cmpstr(world_events(world), ==, "floor.requested");
    g_autofree char *position = world_get(world, "floor.queue.0.position");
    g_assert_cmpstr(position, ==, "null");
    world_do(world, "secretary", "floor.accept", "{'request':'r2'}");
    g_assert_cmpstr(world_queue(world), ==, "r2");
    /* Accepted ones stand before pending ones. */
    g_autofree char *first = world_get(world, "floor.queue.0.request");
    g_assert_cmpstr(first, ==, "\"r2\"");
    world_refused(world, "secretary", "floor.accept", "{'request':'r2'}", "wrong-state");
}

static void the_journal_has_every_key_of_a_request(void)
{
    world_auto *world = world_open();
    world_do(world, "hue", "floor.request", "{}");
    const struct event *event = world->journal->pdata[world->journal->len - 2];
    char *body = json_canonical(event->body);
    g_assert_cmpstr(
        body, ==,
        "{\"answers\":null,\"item\":null,\"kind\":\"opinion\",\"request\":\"r1\",\"site\":\"hue\","
        "\"speaker\":null,\"title\":null,\"topic\":null}");
    free(body);
}

static void nobody_may_ask_before_the_opening_nor_after_the_close(void)
{
    world_auto *world = world_new();
    world_refused(world, "hue", "floor.request", "{}", "wrong-state");
    world_do(world, "chair", "meeting.open", "{}");
    world_do(world, "chair", "meeting.pause", "{}");
    world_refused(world, "hue", "floor.request", "{}", "wrong-state");
    world_do(world, "chair", "meeting.close", "{}");
    world_refused(world, "hue", "floor.request", "{}", "wrong-state");
}

static void a_room_has_one_request_for_an_item_and_five_in_all(void)
{
    world_auto *world = world_open();
    world_do(world, "hue", "floor.request", "{}");
    world_refused(world, "hue", "floor.request", "{}", "exists");
    world_do(world, "hue", "floor.request", "{'item':'muc-1'}");
    world_refused(world, "hue", "floor.request", "{'item':'muc-1'}", "exists");
    world_do(world, "hue", "floor.request", "{'item':'muc-2'}");
    world_do(world, "hue", "floor.request", "{'item':'muc-3'}");
    world_do(world, "hue", "floor.request", "{'item':'muc-4'}");
    world_refused(world, "hue", "floor.request", "{'item':'muc-5'}", "too-many");
    world_do(world, "da-nang", "floor.request", "{'item':'muc-1'}");
    world_do(world, "hue", "floor.cancel", "{'request':'r2'}");
    world_do(world, "hue", "floor.request", "{'item':'muc-1'}");
}

static void holding_counts_as_an_open_request(void)
{
    world_auto *world = world_open();
    world_do(world, "hue", "floor.request", "{}");
    world_do(world, "chair", "floor.grant", "{'request':'r1'}");
    world_refused(world, "hue", "floor.request", "{}", "exists");
    world_do(world, "hue", "floor.release", "{}");
    world_do(world, "hue", "floor.request", "{}");
}

static void a_point_of_order_goes_to_the_front_behind_earlier_ones(void)
{
    world_auto *world = world_open();
    world_do(world, "da-nang", "floor.request", "{}");
    world_do(world, "hue", "floor.request", "{'kind':'point-of-order'}");
    world_do(world, "can-tho", "floor.request", "{'kind':'point-of-order'}");
    g_assert_cmpstr(world_queue(world), ==, "r2 r3 r1");
}

static void two_grants_never_make_two_holders(void)
{
    world_auto *world = world_open();
    world_do(world, "da-nang", "floor.request", "{}");
    world_do(world, "hue", "floor.request", "{}");
    world_do(world, "chair", "floor.grant", "{'request':'r1'}");
    world_refused(world, "secretary", "floor.grant", "{'request':'r2'}", "too-many");
    g_assert_cmpint(world->last.refusal.code, ==, 1007);
    g_assert_cmpstr(world_holders(world), ==, "r1");
    g_assert_cmpstr(world_queue(world), ==, "r2");
}

static void as_many_hold_the_floor_as_there_are_floors(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "meeting.update", "{'floors':2}");
    world_do(world, "chair", "floor.grant", "{'site':'hue'}");
    world_do(world, "chair", "floor.grant", "{'site':'da-nang'}");
    world_refused(world, "chair", "floor.grant", "{'site':'can-tho'}", "too-many");
    g_assert_cmpstr(world_speakers(world), ==, "chu-toa da-nang hue");
}

static void a_grant_to_a_room_is_asked_for_and_granted_in_one(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "floor.grant", "{'site':'hue','seconds':300}");
    g_assert_cmpstr(world_events(world), ==, "floor.requested floor.granted");
    g_autofree char *seconds = world_get(world, "floor.holders.0.seconds");
    g_assert_cmpstr(seconds, ==, "300");
}

static void a_grant_to_a_room_takes_its_first_request(void)
{
    world_auto *world = world_open();
    world_do(world, "hue", "floor.request", "{'item':'muc-1'}");
    world_do(world, "hue", "floor.request", "{'item':'muc-2'}");
    world_do(world, "chair", "floor.reorder", "{'request':'r2','position':1}");
    world_do(world, "chair", "floor.grant", "{'site':'hue'}");
    g_assert_cmpstr(world_events(world), ==, "floor.granted");
    g_assert_cmpstr(world_holders(world), ==, "r2");
}

static void a_room_holds_one_floor_only(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "meeting.update", "{'floors':3}");
    world_do(world, "chair", "floor.grant", "{'site':'hue'}");
    world_do(world, "hue", "floor.request", "{'item':'muc-1'}");
    world_refused(world, "chair", "floor.grant", "{'site':'hue'}", "wrong-state");
    world_refused(world, "chair", "floor.grant", "{'request':'r2'}", "wrong-state");
}

static void a_grant_names_either_a_request_or_a_room(void)
{
    world_auto *world = world_open();
    world_do(world, "hue", "floor.request", "{}");
    world_invalid(world, "chair", "floor.grant", "{}", "request");
    world_invalid(world, "chair", "floor.grant", "{'request':'r1','site':'hue'}", "request");
    world_refused(world, "chair", "floor.grant", "{'request':'r9'}", "no-such-request");
    world_refused(world, "chair", "floor.grant", "{'site':'vinh'}", "no-such-site");
    world_invalid(world, "chair", "floor.grant", "{'request':'r1','seconds':9}", "seconds");
    world_invalid(world, "chair", "floor.grant", "{'request':'r1','seconds':14401}", "seconds");
}

static void a_break_takes_no_grant_but_a_holder_may_end(void)
{
    world_auto *world = world_open();
    world_do(world, "da-nang", "floor.request", "{}");
    world_do(world, "hue", "floor.request", "{}");
    world_do(world, "chair", "floor.grant", "{'request':'r1'}");
    world_do(world, "chair", "meeting.pause", "{}");
    world_refused(world, "chair", "floor.grant", "{'request':'r2'}", "wrong-state");
    world_do(world, "chair", "floor.revoke", "{'request':'r1'}");
    world_do(world, "chair", "meeting.resume", "{}");
    world_do(world, "chair", "floor.grant", "{'request':'r2'}");
}

static void a_deferred_request_lets_the_next_one_go_first(void)
{
    world_auto *world = world_open();
    world_do(world, "da-nang", "floor.request", "{}");
    world_do(world, "hue", "floor.request", "{}");
    world_do(world, "can-tho", "floor.request", "{}");
    world_do(world, "chair", "floor.defer", "{'request':'r1'}");
    g_assert_cmpint(json_integer_value(json_object_get(world->last.answer, "position")), ==, 2);
    g_assert_cmpstr(world_queue(world), ==, "r2 r1 r3");
    world_do(world, "chair", "floor.defer", "{'request':'r3'}");
    g_assert_cmpstr(world_queue(world), ==, "r2 r1 r3");
}

static void reordering_counts_from_one_and_stops_at_the_end(void)
{
    world_auto *world = world_open();
    world_do(world, "da-nang", "floor.request", "{}");
    world_do(world, "hue", "floor.request", "{}");
    world_do(world, "can-tho", "floor.request", "{}");
    world_do(world, "chair", "floor.reorder", "{'request':'r3','position':1}");
    g_assert_cmpstr(world_queue(world), ==, "r3 r1 r2");
    world_do(world, "chair", "floor.reorder", "{'request':'r3','position':99}");
    g_assert_cmpstr(world_queue(world), ==, "r1 r2 r3");
    g_autofree char *position = world_get(world, "floor.queue.2.position");
    g_assert_cmpstr(position, ==, "3");
    world_invalid(world, "chair", "floor.reorder", "{'request':'r3','position':0}", "position");
}

static void an_extension_adds_to_the_allowance(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "floor.grant", "{'site':'hue','seconds':300}");
    world_do(world, "chair", "floor.extend", "{'request':'r1','seconds':60}");
    char *body = json_canonical(world_last_event(world)->body);
    g_assert_cmpstr(body, ==, "{\"request\":\"r1\",\"seconds\":360}");
    free(body);
    world_invalid(world, "chair", "floor.extend", "{'request':'r1','seconds':14400}", "seconds");
}

static void what_has_no_limit_cannot_be_extended(void)
{
    world_auto *world = world_open();
    world_do(world, "hue", "floor.request", "{}");
    world_refused(world, "chair", "floor.extend", "{'request':'r1','seconds':60}", "wrong-state");
    world_do(world, "chair", "floor.grant", "{'request':'r1'}");
    world_refused(world, "chair", "floor.extend", "{'request':'r1','seconds':60}", "wrong-state");
}

/* RFC 8855: from each state, what may be done and what not. */
static void a_request_moves_as_rfc_8855_says(void)
{
    static const char *const commands[] = {"accept", "grant",  "deny",
                                           "cancel", "revoke", "release"};
    static const struct {
        const char *way, *may;
    } states[] = {
        {"", "accept grant deny cancel"}, /* pending */
        {"accept", "grant deny cancel"},
        {"grant", "revoke release"},
        {"deny", ""},
        {"cancel", ""},
        {"grant revoke", ""},
        {"grant release", ""},
    };
    for (size_t s = 0; s < G_N_ELEMENTS(states); s++) {
        for (size_t c = 0; c < G_N_ELEMENTS(commands); c++) {
            world_auto *world = world_open();
            world_do(world, "chair", "meeting.update", "{'moderated':true}");
            world_do(world, "hue", "floor.request", "{}");
            g_auto(GStrv) way = g_strsplit(states[s].way, " ", -1);
            for (unsigned i = 0; way[i] != NULL && way[i][0] != '\0'; i++) {
                g_autofree char *step = g_strconcat("floor.", way[i], NULL);
                world_do(world, "chair", step, "{'request':'r1'}");
            }
            g_autofree char *method = g_strconcat("floor.", commands[c], NULL);
            g_auto(GStrv) may = g_strsplit(states[s].may, " ", -1);
            if (g_strv_contains((const char *const *)may, commands[c]))
                world_do(world, "chair", method, "{'request':'r1'}");
            else
                world_refused(world, "chair", method, "{'request':'r1'}", "wrong-state");
        }
    }
}

static void a_room_ends_only_its_own(void)
{
    world_auto *world = world_open();
    world_do(world, "da-nang", "floor.request", "{}");
    world_refused(world, "hue", "floor.cancel", "{'request':'r1'}", "not-allowed");
    world_refused(world, "hue", "floor.cancel", "{}", "no-such-request");
    world_do(world, "chair", "floor.grant", "{'request':'r1'}");
    world_refused(world, "hue", "floor.release", "{'request':'r1'}", "not-allowed");
    world_do(world, "da-nang", "floor.release", "{}");
    g_assert_cmpstr(world_events(world), ==, "floor.released");
}

static void one_of_several_requests_must_be_named(void)
{
    world_auto *world = world_open();
    world_do(world, "hue", "floor.request", "{'item':'muc-1'}");
    world_do(world, "hue", "floor.request", "{'item':'muc-2'}");
    world_invalid(world, "hue", "floor.cancel", "{}", "request");
    world_do(world, "hue", "floor.cancel", "{'request':'r1'}");
    world_do(world, "hue", "floor.cancel", "{}");
    g_assert_cmpstr(world_queue(world), ==, "");
}

static void the_reason_stays_with_the_request(void)
{
    world_auto *world = world_open();
    world_do(world, "hue", "floor.request", "{}");
    world_do(world, "chair", "floor.deny", "{'request':'r1','why':'Hết giờ'}");
    g_autofree char *why = world_get(world, "floor.past.0.why");
    g_assert_cmpstr(why, ==, "\"Hết giờ\"");
    world_do(world, "chair", "floor.grant", "{'site':'hue'}");
    world_do(world, "chair", "floor.revoke", "{'request':'r2'}");
    g_autofree char *none = world_get(world, "floor.past.1.why");
    g_assert_cmpstr(none, ==, "null");
}

static void the_chair_is_heard_while_the_meeting_runs(void)
{
    world_auto *world = world_new();
    g_assert_cmpstr(world_speakers(world), ==, "");
    world_do(world, "chair", "meeting.rehearse", "{}");
    g_assert_cmpstr(world_speakers(world), ==, "chu-toa");
    world_do(world, "chair", "meeting.open", "{}");
    g_assert_cmpstr(world_speakers(world), ==, "chu-toa");
    world_do(world, "chair", "site.mute", "{'site':'chu-toa'}");
    g_assert_cmpstr(world_speakers(world), ==, "");
    world_do(world, "chair", "site.unmute", "{'site':'chu-toa'}");
    world_do(world, "chair", "meeting.pause", "{}");
    g_assert_cmpstr(world_speakers(world), ==, "");
    world_do(world, "chair", "meeting.close", "{}");
    g_assert_cmpstr(world_speakers(world), ==, "");
}

static void a_holder_is_heard_until_the_floor_ends(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "floor.grant", "{'site':'hue'}");
    g_assert_cmpstr(world_speakers(world), ==, "chu-toa hue");
    world_do(world, "hue", "site.mute", "{'site':'hue'}");
    g_assert_cmpstr(world_speakers(world), ==, "chu-toa");
    world_do(world, "hue", "site.unmute", "{'site':'hue'}");
    world_do(world, "chair", "meeting.pause", "{}");
    g_assert_cmpstr(world_speakers(world), ==, "");
    world_do(world, "chair", "meeting.resume", "{}");
    g_assert_cmpstr(world_speakers(world), ==, "chu-toa hue");
    world_do(world, "chair", "floor.revoke", "{'request':'r1'}");
    g_assert_cmpstr(world_speakers(world), ==, "chu-toa");
}

#define TEST(name) g_test_add_func("/floor/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(a_request_is_accepted_at_the_queues_end);
    TEST(a_moderated_meeting_leaves_requests_pending);
    TEST(the_journal_has_every_key_of_a_request);
    TEST(nobody_may_ask_before_the_opening_nor_after_the_close);
    TEST(a_room_has_one_request_for_an_item_and_five_in_all);
    TEST(holding_counts_as_an_open_request);
    TEST(a_point_of_order_goes_to_the_front_behind_earlier_ones);
    TEST(two_grants_never_make_two_holders);
    TEST(as_many_hold_the_floor_as_there_are_floors);
    TEST(a_grant_to_a_room_is_asked_for_and_granted_in_one);
    TEST(a_grant_to_a_room_takes_its_first_request);
    TEST(a_room_holds_one_floor_only);
    TEST(a_grant_names_either_a_request_or_a_room);
    TEST(a_break_takes_no_grant_but_a_holder_may_end);
    TEST(a_deferred_request_lets_the_next_one_go_first);
    TEST(reordering_counts_from_one_and_stops_at_the_end);
    TEST(an_extension_adds_to_the_allowance);
    TEST(what_has_no_limit_cannot_be_extended);
    TEST(a_request_moves_as_rfc_8855_says);
    TEST(a_room_ends_only_its_own);
    TEST(one_of_several_requests_must_be_named);
    TEST(the_reason_stays_with_the_request);
    TEST(the_chair_is_heard_while_the_meeting_runs);
    TEST(a_holder_is_heard_until_the_floor_ends);
    return g_test_run();
}
