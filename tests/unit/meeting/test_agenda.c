#include "tests/unit/meeting/world.h"

#define THREE                                                                                      \
    "{'items':[{'id':'bao-cao','title':'Báo cáo','presenter':'VPCP','seconds':600},"             \
    "{'id':'thao-luan','title':'Thảo luận'},{'id':'ket-luan','title':'Kết luận'}]}"

static struct world *with_agenda(void)
{
    struct world *world = world_open();
    world_do(world, "secretary", "agenda.set", THREE);
    return world;
}

static void items_are_kept_with_every_key(void)
{
    world_auto *world = with_agenda();
    g_autofree char *first = world_get(world, "agenda.items.0");
    g_autofree char *second = world_get(world, "agenda.items.1");
    g_assert_cmpstr(first, ==,
                    "{\"id\":\"bao-cao\",\"presenter\":\"VPCP\",\"seconds\":600,"
                    "\"starts\":null,\"title\":\"Báo cáo\"}");
    g_assert_cmpstr(second, ==,
                    "{\"id\":\"thao-luan\",\"presenter\":null,\"seconds\":null,"
                    "\"starts\":null,\"title\":\"Thảo luận\"}");
}

static void the_meeting_goes_from_item_to_item(void)
{
    world_auto *world = with_agenda();
    static const char *const order[] = {"\"bao-cao\"", "\"thao-luan\"", "\"ket-luan\""};
    for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
        world_do(world, "chair", "agenda.advance", "{}");
        g_autofree char *current = world_get(world, "agenda.current");
        g_assert_cmpstr(current, ==, order[i]);
    }
    world_refused(world, "chair", "agenda.advance", "{}", "wrong-state");
    world_do(world, "chair", "agenda.advance", "{'item':'thao-luan'}");
    world_do(world, "chair", "agenda.advance", "{'item':'thao-luan'}");
    g_assert_cmpstr(world_events(world), ==, "");
    world_refused(world, "chair", "agenda.advance", "{'item':'khac'}", "no-such-item");
}

static void only_an_open_meeting_advances(void)
{
    world_auto *world = world_new();
    world_do(world, "operator", "agenda.set", THREE);
    world_refused(world, "chair", "agenda.advance", "{}", "wrong-state");
    world_do(world, "chair", "meeting.open", "{}");
    world_do(world, "chair", "meeting.pause", "{}");
    world_refused(world, "chair", "agenda.advance", "{}", "wrong-state");
    world_do(world, "chair", "meeting.close", "{}");
    world_refused(world, "operator", "agenda.set", "{'items':[]}", "wrong-state");
}

static void a_new_agenda_keeps_the_item_under_way(void)
{
    world_auto *world = with_agenda();
    world_do(world, "chair", "agenda.advance", "{}");
    world_invalid(world, "chair", "agenda.set", "{'items':[]}", "items");
    world_do(world, "chair", "agenda.set",
             "{'items':[{'id':'moi','title':'M'},{'id':'bao-cao','title':'Báo cáo'}]}");
    g_autofree char *current = world_get(world, "agenda.current");
    g_assert_cmpstr(current, ==, "\"bao-cao\"");
}

static void an_unsound_agenda_is_refused(void)
{
    static const char *const bad[] = {
        "{}",
        "{'items':{}}",
        "{'items':[7]}",
        "{'items':[{'id':'a'}]}",
        "{'items':[{'id':'A','title':'T'}]}",
        "{'items':[{'id':'a','title':'T'},{'id':'a','title':'U'}]}",
        "{'items':[{'id':'a','title':'T','seconds':5}]}",
        "{'items':[{'id':'a','title':'T','colour':1}]}",
    };
    world_auto *world = world_open();
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        world_invalid(world, "chair", "agenda.set", bad[i], "items");
}

#define TEST(name) g_test_add_func("/agenda/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(items_are_kept_with_every_key);
    TEST(the_meeting_goes_from_item_to_item);
    TEST(only_an_open_meeting_advances);
    TEST(a_new_agenda_keeps_the_item_under_way);
    TEST(an_unsound_agenda_is_refused);
    return g_test_run();
}
