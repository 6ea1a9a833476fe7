/* The minutes as JSON: readings of journals that the core has written. */
#include "tests/unit/minutes/stage.h"

#include <string.h>

#define minutes_auto __attribute__((cleanup(drop))) json_t
static void drop(json_t **minutes)
{
    json_decref(*minutes);
}

static void it_says_when_and_where(void)
{
    world_auto *world = stage_meeting();
    minutes_auto *minutes = minutes_to_json(world->journal);
    stage_is(minutes, "meeting",
             "{'id':'hop','title':'Hội "
             "nghị','place':null,'organizer':null,'opened':'2018-09-11T01:00:02.000000Z',"
             "'closed':'2018-09-11T01:20:02.000000Z','seconds':1200.0}");
    stage_is(minutes, "chair",
             "{'site':'chu-toa','name':'Điểm cầu chính','person':"
             "{'name':'Nguyễn Văn An','post':'Phó Thủ tướng'}}");
    stage_is(minutes, "pauses",
             "[{'from':'2018-09-11T01:10:02.000000Z','until':'2018-09-11T01:15:02.000000Z'}]");
}

static void it_counts_who_was_there_while_it_was_open(void)
{
    world_auto *world = stage_meeting();
    minutes_auto *minutes = minutes_to_json(world->journal);
    stage_is(minutes, "attendance.0.seconds", "1200.0"); /* came before it opened */
    stage_is(minutes, "attendance.1.seconds", "1180.0"); /* lost for 20 s */
    stage_is(minutes, "attendance.1.spans.0.reason", "'lost'");
    stage_is(minutes, "attendance.1.spans.1.left", "null");
    stage_is(minutes, "attendance.3.seconds", "1185.0");
    stage_is(minutes, "attendance.3.answer", "'absent'");
    stage_is(minutes, "attendance.3.why", "'Bão'");
    stage_is(minutes, "rollcalls.0.counts", "{'in-person':0,'online':1,'absent':1,'uncalled':2}");
}

static void it_lists_speeches_with_their_place_in_the_recording(void)
{
    world_auto *world = stage_meeting();
    minutes_auto *minutes = minutes_to_json(world->journal);
    stage_is(minutes, "speeches.0",
             "{'request':'r1','site':'da-nang','site_name':'Thành phố Đà Nẵng',"
             "'speaker':'Trần Văn Tân','title':'Phó Chủ tịch UBND thành phố','kind':'prepared',"
             "'item':'bao-cao','item_title':'Báo cáo về giải quyết thủ tục hành chính',"
             "'topic':'Kết quả thực hiện cơ chế một cửa, một cửa liên thông','answers':null,"
             "'requested':'2018-09-11T01:01:00.000000Z','granted':'2018-09-11T01:01:02.000000Z',"
             "'allowed_seconds':150,'ended':'2018-09-11T01:03:05.000000Z','how':'released',"
             "'why':null,'seconds':123.0,'recordings':[{'path':'part-001/program.webm',"
             "'start_seconds':40.0,'end_seconds':163.0}]}");
    stage_is(minutes, "speeches.1.how", "'revoked'");
    stage_is(minutes, "speeches.1.why", "'Quá thời gian'");
}

static void a_speech_across_two_parts_has_a_stretch_in_each(void)
{
    world_auto *world = stage_meeting();
    minutes_auto *minutes = minutes_to_json(world->journal);
    stage_is(minutes, "speeches.2.recordings",
             "[{'path':'part-001/program.webm','start_seconds':270.0,'end_seconds':280.0},"
             "{'path':'part-002/program.webm','start_seconds':0.0,'end_seconds':15.0}]");
    stage_is(minutes, "recordings.0.stopped", "'2018-09-11T01:05:02.000000Z'");
    stage_is(minutes, "recordings.1.started", "'2018-09-11T01:05:17.000000Z'");
}

static void what_the_meetings_end_cut_off_is_closed(void)
{
    world_auto *world = stage_meeting();
    minutes_auto *minutes = minutes_to_json(world->journal);
    stage_is(minutes, "speeches.4.site", "'hue'");
    stage_is(minutes, "speeches.4.how", "'closed'");
    stage_is(minutes, "speeches.4.seconds", "100.0");
    stage_lacks(minutes, "speeches.5");
}

static void requests_that_were_not_granted_say_why(void)
{
    world_auto *world = stage_meeting();
    minutes_auto *minutes = minutes_to_json(world->journal);
    stage_is(minutes, "not_granted.0.how", "'denied'");
    stage_is(minutes, "not_granted.0.why", "'Ngoài chương trình'");
    stage_is(minutes, "not_granted.1.how", "'cancelled'");
    stage_is(minutes, "not_granted.2.how", "'closed'");
    stage_is(minutes, "not_granted.2.site", "'can-tho'");
}

static void incidents_have_a_beginning_and_an_end(void)
{
    world_auto *world = stage_meeting();
    minutes_auto *minutes = minutes_to_json(world->journal);
    stage_is(minutes, "incidents",
             "[{'type':'bridge.lost','site':null,'site_name':null,"
             "'time':'2018-09-11T01:05:02.000000Z','until':'2018-09-11T01:05:12.000000Z'},"
             "{'type':'holder.lost','site':'da-nang','site_name':'Thành phố Đà Nẵng',"
             "'time':'2018-09-11T01:06:42.000000Z','until':'2018-09-11T01:07:02.000000Z'}]");
}

static void votes_have_their_result(void)
{
    world_auto *world = stage_meeting();
    minutes_auto *minutes = minutes_to_json(world->journal);
    stage_is(minutes, "votes.0.question", "'Thông qua dự thảo nghị quyết?'");
    stage_is(minutes, "votes.0.eligible", "4");
    stage_is(minutes, "votes.0.counts", "{'for':1,'against':1,'other':0,'none':2}");
}

static void directives_are_as_they_stand_in_the_end(void)
{
    world_auto *world = stage_meeting();
    minutes_auto *minutes = minutes_to_json(world->journal);
    json_t *directives = minutes_directives(world->journal);
    g_assert_true(json_equal(directives, json_object_get(minutes, "directives")));
    json_decref(directives);
    stage_is(minutes, "directives.0.lead", "null");
    stage_is(minutes, "directives.0.due", "null");
    stage_is(minutes, "directives.1.text", "'Báo cáo Thủ tướng Chính phủ.'");
    stage_is(minutes, "directives.1.lead_name", "'Thành phố Đà Nẵng'");
    stage_is(minutes, "directives.1.support_names", "['Thành phố Huế','Thành phố Cần Thơ']");
    stage_is(minutes, "directives.1.due", "'2018-12-31'");
    stage_is(minutes, "directives.2.state", "'withdrawn'");
    stage_is(minutes, "directives.2.why", "'Trùng lịch'");
    stage_lacks(minutes, "directives.3");
}

static void notes_have_their_moment_and_messages_are_left_out(void)
{
    world_auto *world = stage_meeting();
    minutes_auto *minutes = minutes_to_json(world->journal);
    stage_is(minutes, "notes.0.text", "'Đề nghị gửi số liệu bổ sung.\\nHạn: trong tuần.'");
    stage_is(minutes, "notes.0.recordings",
             "[{'path':'part-002/program.webm','start_seconds':185.0,'end_seconds':null}]");
    char *text = json_dumps(minutes, 0);
    g_assert_null(strstr(text, "riêng"));
    free(text);
}

static void it_names_the_journal_that_it_was_read_from(void)
{
    world_auto *world = stage_meeting();
    minutes_auto *minutes = minutes_to_json(world->journal);
    const struct event *first = world->journal->pdata[0];
    const json_t *journal = json_object_get(minutes, "journal");
    g_assert_cmpint(json_integer_value(json_object_get(journal, "events")), ==,
                    world->journal->len);
    g_assert_cmpstr(json_string_value(json_object_get(journal, "first")), ==, first->hash);
    g_assert_cmpstr(json_string_value(json_object_get(journal, "last")), ==,
                    world_last_event(world)->hash);
}

static void a_journal_may_end_anywhere(void)
{
    world_auto *world = stage_meeting();
    for (unsigned length = world->journal->len; length > 0; length--) {
        g_ptr_array_set_size(world->journal, (int)length);
        minutes_auto *minutes = minutes_to_json(world->journal);
        g_autofree char *page = minutes_to_html(minutes);
        g_assert_nonnull(strstr(page, "</html>"));
    }
    g_ptr_array_set_size(world->journal, 0);
    minutes_auto *minutes = minutes_to_json(world->journal);
    g_autofree char *page = minutes_to_html(minutes);
    g_assert_nonnull(strstr(page, "</html>"));
}

static void a_meeting_that_was_cut_off_leaves_its_ends_open(void)
{
    world_auto *world = world_open();
    world_do(world, "system", "site.join", "{'site':'hue','session':'s1','client':'web'}");
    world_do(world, "system", "recording.started", "{'part':1,'path':'part-001/program.webm'}");
    world_do(world, "chair", "floor.grant", "{'site':'hue'}");
    minutes_auto *minutes = minutes_to_json(world->journal);
    stage_is(minutes, "meeting.closed", "null");
    stage_is(minutes, "meeting.seconds", "null");
    stage_is(minutes, "speeches.0.how", "'running'");
    stage_is(minutes, "speeches.0.ended", "null");
    stage_is(minutes, "speeches.0.recordings",
             "[{'path':'part-001/program.webm','start_seconds':1.0,'end_seconds':null}]");
    stage_is(minutes, "attendance.2.seconds", "2.0");
}

static void a_restarted_server_interrupts_attendance_and_no_speech(void)
{
    world_auto *world = world_open();
    world_do(world, "system", "site.join", "{'site':'hue','session':'s1','client':'web'}");
    world_do(world, "chair", "floor.grant", "{'site':'hue'}");
    world_do(world, "system", "site.leave", "{'site':'hue','session':'s1','reason':'restart'}");
    world_do(world, "system", "site.join", "{'site':'hue','session':'s2','client':'web'}");
    world_do(world, "hue", "floor.release", "{}");
    minutes_auto *minutes = minutes_to_json(world->journal);
    stage_is(minutes, "attendance.2.spans.0.reason", "'restart'");
    stage_is(minutes, "attendance.2.spans.1.left", "null");
    stage_is(minutes, "speeches.0.seconds", "3.0");
    stage_is(minutes, "speeches.0.recordings", "[]");
    stage_is(minutes, "incidents", "[]");
}

static void a_rehearsal_leaves_no_speech(void)
{
    world_auto *world = world_new();
    world_do(world, "operator", "meeting.rehearse", "{}");
    world_do(world, "system", "bridge.lost", "{}");
    world_do(world, "chair", "floor.grant", "{'site':'hue'}");
    world_do(world, "hue", "floor.release", "{}");
    world_do(world, "da-nang", "floor.request", "{}");
    world_do(world, "chair", "meeting.open", "{}");
    minutes_auto *minutes = minutes_to_json(world->journal);
    stage_is(minutes, "speeches", "[]");
    stage_is(minutes, "not_granted", "[]");
    stage_is(minutes, "incidents", "[]");
}

static void who_chaired_in_between_is_named(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "chair.delegate", "{'site':'hue'}");
    world_do(world, "chair", "chair.recall", "{}");
    world_do(world, "chair", "chair.delegate", "{'site':'da-nang'}");
    minutes_auto *minutes = minutes_to_json(world->journal);
    stage_is(minutes, "delegations.0.name", "'Thành phố Huế'");
    stage_is(minutes, "delegations.0.until", "'2018-09-11T01:00:04.000000Z'");
    stage_is(minutes, "delegations.1.until", "null");
}

static void what_was_rehearsed_is_not_in_it(void)
{
    world_auto *world = world_new();
    world_do(world, "operator", "meeting.rehearse", "{}");
    world_do(world, "secretary", "minutes.note", "{'text':'Thử'}");
    world_do(world, "secretary", "directive.issue", "{'text':'Thử'}");
    world_do(world, "hue", "floor.request", "{}");
    world_do(world, "chair", "floor.grant", "{'request':'r1'}");
    world_do(world, "operator", "meeting.prepare", "{}");
    world_do(world, "operator", "rollcall.start", "{}");
    world_do(world, "chair", "meeting.open", "{}");
    minutes_auto *minutes = minutes_to_json(world->journal);
    stage_is(minutes, "notes", "[]");
    stage_is(minutes, "directives", "[]");
    stage_is(minutes, "speeches", "[]");
    stage_is(minutes, "rollcalls.0.rollcall", "'k1'"); /* called before the opening: it counts */
}

static void it_says_who_stood_in_for_the_chair(void)
{
    world_auto *world = world_new();
    world_do(world, "operator", "meeting.update", "{'co_chair':'hue'}");
    world_do(world, "system", "site.join", "{'site':'hue','session':'s'}");
    world_do(world, "chair", "meeting.open", "{}");
    world->now_us += 20 * (int64_t)G_USEC_PER_SEC;
    world_do(world, "system", "chair.succeed", "{}");
    world_do(world, "system", "site.join", "{'site':'chu-toa','session':'s'}");
    minutes_auto *minutes = minutes_to_json(world->journal);
    stage_is(minutes, "delegations.0.as", "'co-chair'");
    stage_is(minutes, "delegations.0.name", "'Thành phố Huế'");
    stage_is(minutes, "delegations.0.until", "'2018-09-11T01:00:26.000000Z'");
}

static void it_lists_opinions_in_writing_and_consults(void)
{
    world_auto *world = world_open();
    world_do(world, "hue", "opinion.submit", "{'text':'Đề nghị bổ sung.','speaker':'A'}");
    world_do(world, "chair", "consult.open", "{'sites':['hue']}");
    world_do(world, "chair", "meeting.close", "{}");
    minutes_auto *minutes = minutes_to_json(world->journal);
    stage_is(minutes, "opinions.0.text", "'Đề nghị bổ sung.'");
    stage_is(minutes, "opinions.0.site_name", "'Thành phố Huế'");
    stage_is(minutes, "consults.0.site_names", "['Điểm cầu chính','Thành phố Huế']");
    stage_is(minutes, "consults.0.until", "'2018-09-11T01:00:05.000000Z'");
    stage_is(minutes, "secretary", "{'name':'Trần Thị Bình','post':null}");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(void);
    } tests[] = {
#define TEST(name) {"/minutes/" #name, name}
        TEST(it_says_when_and_where),
        TEST(it_counts_who_was_there_while_it_was_open),
        TEST(it_lists_speeches_with_their_place_in_the_recording),
        TEST(a_speech_across_two_parts_has_a_stretch_in_each),
        TEST(what_the_meetings_end_cut_off_is_closed),
        TEST(requests_that_were_not_granted_say_why),
        TEST(incidents_have_a_beginning_and_an_end),
        TEST(votes_have_their_result),
        TEST(directives_are_as_they_stand_in_the_end),
        TEST(notes_have_their_moment_and_messages_are_left_out),
        TEST(it_names_the_journal_that_it_was_read_from),
        TEST(a_journal_may_end_anywhere),
        TEST(a_meeting_that_was_cut_off_leaves_its_ends_open),
        TEST(a_restarted_server_interrupts_attendance_and_no_speech),
        TEST(a_rehearsal_leaves_no_speech),
        TEST(who_chaired_in_between_is_named),
        TEST(what_was_rehearsed_is_not_in_it),
        TEST(it_says_who_stood_in_for_the_chair),
        TEST(it_lists_opinions_in_writing_and_consults),
    };
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].name, tests[i].test);
    return g_test_run();
}
