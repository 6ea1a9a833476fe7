/* What the bridge is told, and when: a scripted one in its place, inside the test. */
#include "tests/unit/bus/desk.h"

#include "common/wire.h"

#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct script {
    struct desk desk;
    int fd;
    guint source;
    struct wire *wire;
    GPtrArray *calls; /* of lines: "conference.floor {…}", without the scenes */
    char *scene;      /* the last that was told */
    unsigned scenes;
    json_t *greeting;          /* what bridge.hello answers; NULL: refused */
    const char *start_refusal; /* what recording.start is refused with */
    int part;
};

static void answer(struct script *script, const char *method, struct wire_request *request)
{
    if (strcmp(method, "bridge.hello") == 0 && script->greeting == NULL)
        wire_refuse(request, -32602, "version must be 2 to 2");
    else if (strcmp(method, "bridge.hello") == 0)
        wire_answer(request, json_incref(script->greeting));
    else if (strcmp(method, "recording.start") == 0 && script->start_refusal != NULL)
        wire_refuse(request, 1, script->start_refusal);
    else if (strcmp(method, "recording.start") == 0)
        wire_answer(request, json_pack("{s:i, s:s}", "part", ++script->part, "path", "part-00x"));
    else
        wire_answer(request, json_object());
}

static void on_call(struct wire *wire, const char *method, json_t *params,
                    struct wire_request *request, void *arg)
{
    struct script *script = arg;
    char *text = params != NULL ? json_dumps(params, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    (void)wire;
    if (strcmp(method, "conference.scene") == 0) {
        g_free(script->scene);
        script->scene = g_strdup(text);
        script->scenes++;
    } else {
        g_ptr_array_add(script->calls, g_strconcat(method, " ", text, NULL));
    }
    free(text);
    answer(script, method, request);
}

static void on_closed(struct wire *wire, const char *why, void *arg)
{
    struct script *script = arg;
    (void)why;
    wire_free(wire);
    script->wire = NULL;
}

static gboolean on_connection(gint fd, GIOCondition condition, gpointer data)
{
    static const struct wire_handlers handlers = {on_call, on_closed};
    struct script *script = data;
    (void)condition;
    int connection = accept(fd, NULL, NULL);
    g_assert_cmpint(connection, >=, 0);
    g_assert_null(script->wire);
    script->wire = wire_new(connection, NULL, &handlers, script);
    return G_SOURCE_CONTINUE;
}

static void script_open(struct script *script)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memset(script, 0, sizeof *script);
    desk_prepare(&script->desk);
    script->calls = g_ptr_array_new_with_free_func(g_free);
    script->greeting = json_pack("{s:i, s:i, s:[]}", "version", 1, "pid", 1, "conferences");
    g_snprintf(address.sun_path, sizeof address.sun_path, "%s/bridge.sock", script->desk.directory);
    script->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(script->fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(listen(script->fd, 4), ==, 0);
    script->source = g_unix_fd_add(script->fd, G_IO_IN, on_connection, script);
}

static void script_close(struct script *script)
{
    desk_leave_bridge(&script->desk); /* ending the bridge would end this very process */
    wire_free(script->wire);
    g_source_remove(script->source);
    close(script->fd);
    json_decref(script->greeting);
    g_ptr_array_unref(script->calls);
    g_free(script->scene);
    desk_close(&script->desk);
}

/* As when the bridge dies. */
static void hang_up(struct script *script)
{
    wire_free(script->wire);
    script->wire = NULL;
    desk_await(&script->desk, "lost");
}

/* The next call must be this. */
static void expect(struct script *script, const char *call)
{
    while (script->calls->len == 0)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpstr(script->calls->pdata[0], ==, call);
    g_ptr_array_remove_index(script->calls, 0);
}

/* The next call must be of this method. */
static void expect_method(struct script *script, const char *method)
{
    while (script->calls->len == 0)
        g_main_context_iteration(NULL, TRUE);
    if (!g_str_has_prefix(script->calls->pdata[0], method))
        g_error("not %s but %s", method, (const char *)script->calls->pdata[0]);
    g_ptr_array_remove_index(script->calls, 0);
}

/* Nothing has been said before this: a call whose turn comes last shows it. */
static void expect_silence(struct script *script)
{
    json_decref(desk_conferences(&script->desk));
    expect(script, "bridge.stats ");
    g_assert_cmpuint(script->calls->len, ==, 0);
}

#define HELLO         "bridge.hello {\"version\":1}"
#define CREATE        "conference.create {\"conference\":\"hop\",\"name\":\"Hội nghị\"}"
#define FLOOR(who)    "conference.floor {\"apart\":[],\"conference\":\"hop\",\"speakers\":[" who "]}"
#define LEG(id, name) "{\"leg\":\"" id "\",\"name\":\"" name "\"}"
#define CHAIR         LEG("chu-toa", "Điểm cầu chính")
#define DA_NANG       LEG("da-nang", "Thành phố Đà Nẵng")
#define STOP          "recording.stop {\"conference\":\"hop\"}"
#define CLOSE         "conference.close {\"conference\":\"hop\"}"

/* Greeted, and told of an open meeting in which only the chair is heard. */
static void script_begin(struct script *script)
{
    script_open(script);
    desk_start(&script->desk, NULL);
    media_plane_follow(script->desk.plane, script->desk.world->meeting);
    expect(script, HELLO);
    desk_await(&script->desk, "ready new");
    expect(script, CREATE);
    expect(script, FLOOR(CHAIR));
    expect_method(script, "recording.start {\"conference\":\"hop\",\"directory\":\"/");
    desk_await(&script->desk, "recording started 1 part-00x/program.webm");
}

static void what_is_as_it_was_is_not_told(void)
{
    struct script script;
    script_begin(&script);
    for (int i = 0; i < 3; i++)
        media_plane_follow(script.desk.plane, script.desk.world->meeting);
    desk_do(&script.desk, "da-nang", "floor.request", "{}"); /* asks, is not heard yet */
    expect_silence(&script);
    script_close(&script);
}

static void a_floor_that_changes_is_told_whole(void)
{
    struct script script;
    script_begin(&script);
    desk_do(&script.desk, "chair", "floor.grant", "{'site':'da-nang'}");
    expect(&script, FLOOR(CHAIR "," DA_NANG));
    desk_do(&script.desk, "chair", "site.mute", "{'site':'chu-toa'}");
    expect(&script, FLOOR(DA_NANG));
    desk_do(&script.desk, "da-nang", "floor.release", "{}");
    expect(&script, FLOOR());
    expect_silence(&script);
    script_close(&script);
}

/* Whole, once for each change, and to a new bridge too. */
static void a_scene_that_changes_is_told(void)
{
    struct script script;
    script_begin(&script);
    desk_do(&script.desk, "chair", "layout.set", "{'layout':'mosaic_4'}");
    desk_do(&script.desk, "chair", "layout.set", "{'layout':'mosaic_4'}");
    expect_silence(&script);
    g_assert_cmpuint(script.scenes, ==, 2);
    g_assert_nonnull(strstr(script.scene, "\"layout\":\"mosaic_4\""));
    hang_up(&script);
    expect(&script, HELLO);
    desk_await(&script.desk, "ready new");
    expect(&script, CREATE);
    expect_method(&script, "conference.floor ");
    expect_method(&script, "recording.start ");
    g_assert_cmpuint(script.scenes, ==, 3);
    script_close(&script);
}

static void all_is_told_again_to_a_new_bridge(void)
{
    struct script script;
    script_begin(&script);
    hang_up(&script);
    /* What happens meanwhile is told as it is then, not as it came about. */
    desk_do(&script.desk, "chair", "floor.grant", "{'site':'da-nang'}");
    desk_do(&script.desk, "chair", "site.mute", "{'site':'chu-toa'}");
    expect(&script, HELLO);
    desk_await(&script.desk, "ready new");
    expect(&script, CREATE);
    expect(&script, FLOOR(DA_NANG));
    expect_method(&script, "recording.start ");
    desk_await(&script.desk, "recording started 2");
    expect_silence(&script);
    script_close(&script);
}

/* The floor is what it was; the new bridge does not know it all the same. */
static void what_has_not_changed_is_told_to_a_new_bridge_too(void)
{
    struct script script;
    script_begin(&script);
    hang_up(&script);
    expect(&script, HELLO);
    expect(&script, CREATE);
    expect(&script, FLOOR(CHAIR));
    expect_method(&script, "recording.start ");
    script_close(&script);
}

static void a_draft_is_not_told_before_somebody_wants_media(void)
{
    struct script script;
    script_open(&script);
    world_free(script.desk.world);
    script.desk.world = world_new();
    desk_start(&script.desk, NULL);
    media_plane_follow(script.desk.plane, script.desk.world->meeting);
    expect(&script, HELLO);
    desk_await(&script.desk, "ready new");
    expect_silence(&script);
    g_autofree char *answer = desk_offer(&script.desk, "hue", desk_sdp);
    expect(&script, CREATE);
    expect(&script, FLOOR());
    expect_method(&script, "leg.offer ");
    script_close(&script);
}

static void a_meetings_end_stops_the_recording_then_closes(void)
{
    struct script script;
    script_begin(&script);
    desk_do(&script.desk, "chair", "meeting.close", "{}");
    expect(&script, FLOOR());
    expect(&script, STOP);
    expect(&script, CLOSE);
    desk_await(&script.desk, "recording stopped 1");
    expect_silence(&script);
    script_close(&script);
}

static void a_bridge_found_running_is_brought_to_what_is_to_be(void)
{
    struct script script;
    script_open(&script);
    json_decref(script.greeting);
    script.greeting = world_json("{'version':1,'pid':1,'conferences':["
                                 "{'conference':'old','recording':false,'part':null,"
                                 "'speakers':[],'legs':[{'leg':'x','state':'connected'}]},"
                                 "{'conference':'hop','recording':true,'part':7,'speakers':[],"
                                 "'legs':[{'leg':'hue','state':'connected'},"
                                 "{'leg':'can-tho','state':'new'}]}]}");
    desk_start(&script.desk, NULL);
    media_plane_follow(script.desk.plane, script.desk.world->meeting);
    expect(&script, HELLO);
    desk_await(&script.desk, "ready old");
    expect(&script, "conference.close {\"conference\":\"old\"}");
    expect(&script, FLOOR(CHAIR)); /* neither made nor recorded anew */
    g_assert_cmpstr(desk_await(&script.desk, "leg"), ==, "leg hue connected");
    desk_do(&script.desk, "chair", "meeting.close", "{}");
    expect(&script, FLOOR());
    expect(&script, STOP);
    desk_await(&script.desk, "recording stopped 7");
    desk_assert_untold(&script.desk, "leg");
    script_close(&script);
}

static void what_happens_to_legs_is_passed_on(void)
{
    static const char *const nonsense[] = {"{}", "{'conference':1,'leg':'hue','state':'connected'}",
                                           "{'conference':'hop','state':'connected'}",
                                           "{'conference':'hop','leg':'hue'}"};
    struct script script;
    script_begin(&script);
    for (size_t i = 0; i < G_N_ELEMENTS(nonsense); i++) {
        wire_notify(script.wire, "leg.state", world_json(nonsense[i]));
        wire_notify(script.wire, "leg.candidate", world_json(nonsense[i]));
        wire_notify(script.wire, "leg.dance", world_json(nonsense[i]));
    }
    wire_notify(script.wire, "leg.candidate",
                world_json("{'conference':'hop','leg':'hue','candidate':'candidate:1','mid':'0'}"));
    wire_notify(script.wire, "leg.state",
                world_json("{'conference':'hop','leg':'hue','state':'connected'}"));
    g_assert_cmpstr(desk_await(&script.desk, "candidate"), ==, "candidate hue candidate:1");
    g_assert_cmpstr(desk_await(&script.desk, "leg"), ==, "leg hue connected");
    script_close(&script);
}

static void a_bridge_of_another_version_is_ended(void)
{
    struct script script;
    script_open(&script);
    json_t *greeting = g_steal_pointer(&script.greeting);
    desk_start(&script.desk, NULL);
    expect(&script, HELLO);
    expect(&script, "bridge.shutdown ");
    g_assert_false(media_plane_is_ready(script.desk.plane));
    script.greeting = greeting;
    wire_free(g_steal_pointer(&script.wire)); /* it ends; ours takes its place */
    desk_await(&script.desk, "ready new");
    script_close(&script);
}

static void a_part_that_fails_is_ended_and_the_meeting_goes_on(void)
{
    struct script script;
    script_begin(&script);
    wire_notify(script.wire, "recording.failed",
                world_json("{'conference':'hop','why':'the disk is full'}"));
    expect(&script, STOP);
    g_assert_cmpstr(desk_await(&script.desk, "recording"), ==, "recording failed the disk is full");
    g_assert_cmpstr(desk_await(&script.desk, "recording"), ==, "recording stopped 1");
    desk_do(&script.desk, "chair", "floor.grant", "{'site':'da-nang'}");
    expect(&script, FLOOR(CHAIR "," DA_NANG));
    expect_silence(&script); /* the next part is for later */
    script_close(&script);
}

static void a_part_that_could_not_begin_is_tried_again(void)
{
    struct script script;
    script_open(&script);
    script.start_refusal = "the disk is full";
    desk_start(&script.desk, NULL);
    media_plane_follow(script.desk.plane, script.desk.world->meeting);
    g_assert_cmpstr(desk_await(&script.desk, "recording"), ==, "recording failed the disk is full");
    script.start_refusal = NULL;
    desk_await(&script.desk, "recording started 1");
    script_close(&script);
}

#define ADD(name) g_test_add_func("/told/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(what_is_as_it_was_is_not_told);
    ADD(a_floor_that_changes_is_told_whole);
    ADD(a_scene_that_changes_is_told);
    ADD(all_is_told_again_to_a_new_bridge);
    ADD(what_has_not_changed_is_told_to_a_new_bridge_too);
    ADD(a_draft_is_not_told_before_somebody_wants_media);
    ADD(a_meetings_end_stops_the_recording_then_closes);
    ADD(a_bridge_found_running_is_brought_to_what_is_to_be);
    ADD(what_happens_to_legs_is_passed_on);
    ADD(a_bridge_of_another_version_is_ended);
    ADD(a_part_that_fails_is_ended_and_the_meeting_goes_on);
    ADD(a_part_that_could_not_begin_is_tried_again);
    return g_test_run();
}
