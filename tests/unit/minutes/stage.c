#include "tests/unit/minutes/stage.h"

#include <string.h>

#define OPENED_US 1536627602000000 /* 2018-09-11T01:00:02Z */

void stage_at(struct world *world, int seconds)
{
    world->now_us = OPENED_US + (seconds - 1) * (int64_t)1000000;
}

static void come_in(struct world *world)
{
    static const char *const rooms[] = {"chu-toa", "da-nang", "hue"};
    for (size_t i = 0; i < G_N_ELEMENTS(rooms); i++) {
        g_autofree char *params =
            g_strdup_printf("{'site':'%s','session':'s%zu','client':'web'}", rooms[i], i);
        world_do(world, "system", "site.join", params);
    }
}

static void call_rooms(struct world *world)
{
    stage_at(world, 10);
    world_do(world, "secretary", "rollcall.start", "{}");
    world_do(world, "secretary", "rollcall.answer", "{'site':'da-nang','answer':'online'}");
    world_do(world, "secretary", "rollcall.answer",
             "{'site':'can-tho','answer':'absent','why':'Bão'}");
    world_do(world, "secretary", "rollcall.close", "{}");
    stage_at(world, 15);
    world_do(world, "system", "site.join", "{'site':'can-tho','session':'s9','client':'web'}");
    stage_at(world, 20);
    world_do(world, "system", "recording.started", "{'part':1,'path':'part-001/program.webm'}");
    stage_at(world, 25);
    world_do(world, "secretary", "agenda.set",
             "{'items':[{'id':'bao-cao','title':'Báo cáo về giải quyết thủ tục hành chính',"
             "'presenter':'Văn phòng Chính phủ'},{'id':'thao-luan','title':'Thảo luận'}]}");
    world_do(world, "chair", "agenda.advance", "{}");
}

static void speak(struct world *world)
{
    stage_at(world, 58);
    world_do(world, "da-nang", "floor.request",
             "{'speaker':'Trần Văn Tân','title':'Phó Chủ tịch UBND thành phố','kind':'prepared',"
             "'item':'bao-cao','topic':'Kết quả thực hiện cơ chế một cửa, một cửa liên thông'}");
    stage_at(world, 60);
    world_do(world, "chair", "floor.grant", "{'request':'r1','seconds':90}");
    stage_at(world, 150);
    world_do(world, "chair", "floor.extend", "{'request':'r1','seconds':60}");
    stage_at(world, 183);
    world_do(world, "da-nang", "floor.release", "{}");
    stage_at(world, 199);
    world_do(world, "hue", "floor.request", "{'kind':'opinion','topic':'Chậm trễ hồ sơ'}");
    world_do(world, "chair", "floor.grant", "{'request':'r2'}");
    stage_at(world, 230);
    world_do(world, "chair", "floor.revoke", "{'request':'r2','why':'Quá thời gian'}");
}

static void have_trouble(struct world *world)
{
    stage_at(world, 290);
    world_do(world, "chair", "floor.grant", "{'site':'can-tho'}");
    stage_at(world, 300);
    world_do(world, "system", "bridge.lost", "{}");
    stage_at(world, 310);
    world_do(world, "system", "bridge.restored", "{}");
    stage_at(world, 315);
    world_do(world, "system", "recording.started", "{'part':2,'path':'part-002/program.webm'}");
    stage_at(world, 330);
    world_do(world, "can-tho", "floor.release", "{}");
    stage_at(world, 390);
    world_do(world, "chair", "floor.grant", "{'site':'da-nang'}");
    stage_at(world, 400);
    world_do(world, "system", "site.leave", "{'site':'da-nang','session':'s1','reason':'lost'}");
    stage_at(world, 420);
    world_do(world, "system", "site.join", "{'site':'da-nang','session':'s5','client':'web'}");
    stage_at(world, 430);
    world_do(world, "da-nang", "floor.release", "{}");
}

static void conclude(struct world *world)
{
    stage_at(world, 450);
    world_do(world, "chair", "vote.open", "{'question':'Thông qua dự thảo nghị quyết?'}");
    world_do(world, "hue", "vote.cast", "{'vote':'v1','choice':'for'}");
    world_do(world, "da-nang", "vote.cast", "{'vote':'v1','choice':'against'}");
    world_do(world, "chair", "vote.close", "{'vote':'v1'}");
    stage_at(world, 500);
    world_do(world, "secretary", "minutes.note",
             "{'text':'Đề nghị gửi số liệu bổ sung.\\nHạn: trong tuần.'}");
    stage_at(world, 510);
    world_do(world, "chair", "directive.issue",
             "{'text':'Rà soát, cắt giảm thủ tục hành chính không còn phù hợp.'}");
    world_do(world, "chair", "directive.issue",
             "{'text':'Báo cáo Thủ tướng.','lead':'da-nang','support':['hue','can-tho']}");
    world_do(world, "secretary", "directive.amend",
             "{'directive':'d2','text':'Báo cáo Thủ tướng Chính phủ.','due':'2018-12-31'}");
    world_do(world, "chair", "directive.issue", "{'text':'Họp lại tuần sau.'}");
    world_do(world, "chair", "directive.withdraw", "{'directive':'d3','why':'Trùng lịch'}");
    stage_at(world, 600);
    world_do(world, "chair", "meeting.pause", "{}");
    stage_at(world, 900);
    world_do(world, "chair", "meeting.resume", "{}");
}

static void run_out_of_time(struct world *world)
{
    stage_at(world, 990);
    world_do(world, "hue", "floor.request", "{'topic':'Kiến nghị khác'}");
    stage_at(world, 1000);
    world_do(world, "chair", "floor.deny", "{'request':'r5','why':'Ngoài chương trình'}");
    world_do(world, "hue", "floor.request", "{}");
    stage_at(world, 1010);
    world_do(world, "hue", "floor.cancel", "{}");
    world_do(world, "can-tho", "floor.request", "{'topic':'Nguồn lực cho cấp xã'}");
    world_do(world, "secretary", "message.send", "{'text':'Tin nhắn riêng'}");
    stage_at(world, 1100);
    world_do(world, "chair", "floor.grant", "{'site':'hue'}");
    stage_at(world, 1200);
    world_do(world, "chair", "meeting.close", "{'unfinished':true}");
}

struct world *stage_meeting(void)
{
    struct world *world = world_new();
    stage_at(world, -600);
    come_in(world);
    stage_at(world, 0);
    world_do(world, "chair", "meeting.open", "{}");
    call_rooms(world);
    speak(world);
    have_trouble(world);
    conclude(world);
    run_out_of_time(world);
    return world;
}

char *stage_get(const json_t *minutes, const char *path)
{
    g_auto(GStrv) steps = g_strsplit(path, ".", -1);
    const json_t *value = minutes;
    for (char **step = steps; *step != NULL; step++)
        value = json_is_array(value) ? json_array_get(value, (size_t)strtoul(*step, NULL, 10))
                                     : json_object_get(value, *step);
    g_autofree char *text = NULL;
    char *json = value != NULL ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS)
                               : strdup("(nothing)");
    text = g_strdup(json);
    free(json);
    return g_steal_pointer(&text);
}

void stage_lacks(const json_t *minutes, const char *path)
{
    g_autofree char *found = stage_get(minutes, path);
    if (strcmp(found, "(nothing)") != 0)
        g_error("%s is %s", path, found);
}

void stage_is(const json_t *minutes, const char *path, const char *json)
{
    g_autofree char *found = stage_get(minutes, path);
    json_t *expected = world_json(json);
    char *text = json_dumps(expected, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
    if (strcmp(found, text) != 0)
        g_error("%s is %s and not %s", path, found, text);
    free(text);
    json_decref(expected);
}
