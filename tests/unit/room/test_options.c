#include "client/room/options.h"

#include <glib.h>
#include <string.h>

#define LINK "https://localhost:8443/j/Vn3abcDEF-_0123456789"

static bool read_options(struct options *options, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    g_autofree char **argv = g_memdup2(words, sizeof(char *) * (g_strv_length(words) + 1));
    int argc = (int)g_strv_length(words);
    char **left = argv;
    return options_read(options, &argc, &left) == OPTIONS_GOOD;
}

static void assert_refused(const char *line)
{
    struct options options;
    bool is_good = read_options(&options, line);
    options_clear(&options);
    if (is_good)
        g_error("taken: %s", line);
}

static void a_link_is_enough(void)
{
    struct options options;
    g_assert_true(read_options(&options, "room " LINK));
    g_assert_cmpstr(options.links[0], ==, LINK);
    g_assert_null(options.links[1]);
    g_assert_cmpint(options.action, ==, ACTION_ROOM);
    g_assert_cmpint(options.decodes, ==, -1);
    options_clear(&options);
}

static void headless_rooms_have_their_tones(void)
{
    struct options options;
    g_assert_true(read_options(&options, "room --headless --tone auto --level -12 --decode 8 "
                                         "--events all " LINK " " LINK));
    g_assert_cmpuint(g_strv_length(options.links), ==, 2);
    g_assert_cmpint(options.tone, ==, OPTIONS_TONE_AUTO);
    g_assert_cmpfloat(options.level_dbfs, ==, -12);
    g_assert_cmpint(options.decodes, ==, 8);
    g_assert_cmpstr(options.events, ==, "all");
    options_clear(&options);
}

static void the_first_links_are_taken_by_count(void)
{
    struct options options;
    g_assert_true(read_options(&options, "room --headless --count 1 " LINK " " LINK));
    g_assert_cmpuint(g_strv_length(options.links), ==, 1);
    options_clear(&options);
    assert_refused("room --headless --count 3 " LINK " " LINK);
}

static void what_makes_no_sense_is_refused(void)
{
    assert_refused("room");
    assert_refused("room https://localhost/");
    assert_refused("room " LINK " " LINK);
    assert_refused("room --headless --tone loud " LINK);
    assert_refused("room --headless --level 3 " LINK);
    assert_refused("room --headless --decode some " LINK);
    assert_refused("room --headless --seconds -1 " LINK);
    assert_refused("room --headless --threads 1000 " LINK);
    assert_refused("room --ca cert.pem --insecure " LINK);
    assert_refused("room --tone 440 " LINK);
    assert_refused("room --lang fr " LINK);
    assert_refused("room --links /does/not/exist");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/options/a_link_is_enough", a_link_is_enough);
    g_test_add_func("/options/headless_rooms_have_their_tones", headless_rooms_have_their_tones);
    g_test_add_func("/options/the_first_links_are_taken_by_count",
                    the_first_links_are_taken_by_count);
    g_test_add_func("/options/what_makes_no_sense_is_refused", what_makes_no_sense_is_refused);
    return g_test_run();
}
