#include "client/room/command.h"

#include <glib.h>
#include <string.h>

static struct command parse(const char *text)
{
    struct command command;
    char why[COMMAND_WHY_SIZE];
    bool is_good = command_parse(text, &command, why);
    if (!is_good)
        g_error("%s: %s", text, why);
    return command;
}

static void a_call_has_a_room_a_method_and_params(void)
{
    struct command command =
        parse("{\"room\":\"da-nang\",\"call\":\"floor.request\",\"params\":{\"topic\":\"Một "
              "cửa\"},\"id\":\"x\"}");
    g_assert_cmpint(command.kind, ==, COMMAND_CALL);
    g_assert_cmpstr(command.room, ==, "da-nang");
    g_assert_cmpstr(command.call, ==, "floor.request");
    g_assert_cmpstr(command.id, ==, "x");
    g_assert_cmpstr(json_string_value(json_object_get(command.params, "topic")), ==, "Một cửa");
    command_clear(&command);
}

static void a_room_may_be_a_number_or_all(void)
{
    struct command command = parse("{\"room\":7,\"silence\":true}");
    g_assert_null(command.room);
    g_assert_cmpint(command.room_index, ==, 7);
    command_clear(&command);
    command = parse("{\"room\":\"*\",\"report\":true}");
    g_assert_cmpstr(command.room, ==, "*");
    command_clear(&command);
}

static void a_tone_has_a_level_of_its_own_or_minus_20(void)
{
    struct command command = parse("{\"room\":0,\"tone\":440}");
    g_assert_cmpint(command.tone, ==, 440);
    g_assert_cmpfloat(command.level, ==, -20);
    command_clear(&command);
    command = parse("{\"room\":0,\"tone\":440,\"level\":-6.5}");
    g_assert_cmpfloat(command.level, ==, -6.5);
    command_clear(&command);
}

static void a_file_is_played_once_unless_told_otherwise(void)
{
    struct command command = parse("{\"room\":0,\"play\":\"a.wav\"}");
    g_assert_cmpstr(command.play, ==, "a.wav");
    g_assert_false(command.repeats);
    command_clear(&command);
    command = parse("{\"room\":0,\"play\":\"a.wav\",\"loop\":true}");
    g_assert_true(command.repeats);
    command_clear(&command);
}

static void tones_to_listen_for_are_read(void)
{
    struct command command = parse("{\"room\":\"hue\",\"listen\":[440,523]}");
    g_assert_cmpint(command.kind, ==, COMMAND_LISTEN);
    g_assert_cmpuint(command.hz_count, ==, 2);
    g_assert_cmpint(command.hz[0], ==, 440);
    g_assert_cmpint(command.hz[1], ==, 523);
    command_clear(&command);
}

static void quit_needs_no_room(void)
{
    struct command command = parse("{\"quit\":true}");
    g_assert_cmpint(command.kind, ==, COMMAND_QUIT);
    command_clear(&command);
}

static void what_is_wrong_is_told_by_name(void)
{
    static const struct {
        const char *text, *named;
    } cases[] = {
        {"", "JSON"},
        {"[1]", "JSON"},
        {"{\"room\":\"hue\"}", "call, tone, play"},
        {"{\"call\":\"meeting.open\"}", "room"},
        {"{\"room\":-1,\"silence\":true}", "room"},
        {"{\"room\":\"hue\",\"call\":5}", "call"},
        {"{\"room\":\"hue\",\"call\":\"x\",\"params\":[]}", "params"},
        {"{\"room\":\"hue\",\"tone\":20}", "tone"},
        {"{\"room\":\"hue\",\"tone\":440,\"level\":3}", "level"},
        {"{\"room\":\"hue\",\"tone\":440,\"level\":\"loud\"}", "level"},
        {"{\"room\":\"hue\",\"listen\":[440,\"A\"]}", "listen"},
        {"{\"room\":\"hue\",\"listen\":[10]}", "listen"},
        {"{\"room\":\"hue\",\"silence\":true,\"loud\":true}", "loud"},
        {"{\"room\":\"hue\",\"silence\":1}", "silence"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct command command;
        char why[COMMAND_WHY_SIZE];
        g_assert_false(command_parse(cases[i].text, &command, why));
        if (strstr(why, cases[i].named) == NULL)
            g_error("%s: %s", cases[i].text, why);
        g_assert_null(command.line);
    }
}

static void more_tones_than_there_is_room_for_are_refused(void)
{
    g_autoptr(GString) text = g_string_new("{\"room\":\"hue\",\"listen\":[100");
    struct command command;
    char why[COMMAND_WHY_SIZE];
    for (int i = 1; i <= TONES_MAX; i++)
        g_string_append_printf(text, ",%d", 100 + i);
    g_string_append(text, "]}");
    g_assert_false(command_parse(text->str, &command, why));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/command/a_call_has_a_room_a_method_and_params",
                    a_call_has_a_room_a_method_and_params);
    g_test_add_func("/command/a_room_may_be_a_number_or_all", a_room_may_be_a_number_or_all);
    g_test_add_func("/command/a_tone_has_a_level_of_its_own_or_minus_20",
                    a_tone_has_a_level_of_its_own_or_minus_20);
    g_test_add_func("/command/a_file_is_played_once_unless_told_otherwise",
                    a_file_is_played_once_unless_told_otherwise);
    g_test_add_func("/command/tones_to_listen_for_are_read", tones_to_listen_for_are_read);
    g_test_add_func("/command/quit_needs_no_room", quit_needs_no_room);
    g_test_add_func("/command/what_is_wrong_is_told_by_name", what_is_wrong_is_told_by_name);
    g_test_add_func("/command/more_tones_than_there_is_room_for_are_refused",
                    more_tones_than_there_is_room_for_are_refused);
    return g_test_run();
}
