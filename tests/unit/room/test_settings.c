#include "client/room/settings.h"

#include <glib/gstdio.h>
#include <string.h>

#define LINK "https://localhost:8443/j/Vn3abcDEF-_0123456789"

static bool load(const char *text, struct options *options, GError **error)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("room-XXXXXX.conf", &path, NULL);
    g_assert_cmpint(fd, >=, 0);
    g_close(fd, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    memset(options, 0, sizeof *options);
    bool is_good = settings_load(options, path, error);
    g_remove(path);
    return is_good;
}

static void every_key_is_read(void)
{
    struct options options;
    g_autoptr(GError) error = NULL;
    g_assert_true(load("[room]\nlink = " LINK "\nca = /etc/nhipcau/ca.pem\nlang = en\n"
                       "log-level = debug\n[sound]\ninput = USB\noutput = HDMI\necho-cancel = on\n"
                       "noise-suppression = off\ngain-control = on\n[line-test]\nkbps = 500\n",
                       &options, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(options.links[0], ==, LINK);
    g_assert_cmpstr(options.ca_file, ==, "/etc/nhipcau/ca.pem");
    g_assert_true(options.is_english);
    g_assert_cmpint(options.log_level, ==, LOG_LEVEL_DEBUG);
    g_assert_cmpstr(options.input, ==, "USB");
    g_assert_cmpstr(options.output, ==, "HDMI");
    g_assert_true(options.cleaner.cancels_echo && options.cleaner.controls_gain);
    g_assert_false(options.cleaner.suppresses_noise);
    g_assert_cmpint(options.line_test_kbps, ==, 500);
    options_clear(&options);
}

static void an_error_names_line_and_key(void)
{
    static const struct {
        const char *text, *names;
    } cases[] = {
        {"[room]\n\n# a remark\nlang = fr\n", ":4: [room] lang: must be vi or en"},
        {"[sound]\ninput = USB\necho-cancel = yes\n", ":3: [sound] echo-cancel: must be on or off"},
        {"[sound]\nvolume = 3\n", ":2: [sound] volume: is not a known key"},
        {"[sound]\ninput =\n", ":2: [sound] input: must not be empty"},
        {"\n[video]\nsize = 3\n", ":2: [video] is not a known section"},
        {"[line-test]\nkbps = 20001\n", ":2: [line-test] kbps: must be a number from 0 to 20000"},
        {"[line-test]\nkbps = -1\n", ":2: [line-test] kbps: must be a number"},
        {"[room]\nlink = http://x\n", ":2: [room] link: "},
        {"[room]\nlog-level = loud\n", ":2: [room] log-level: must be error, warning"},
        {"link = x\n", "room-"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct options options;
        g_autoptr(GError) error = NULL;
        g_assert_false(load(cases[i].text, &options, &error));
        if (strstr(error->message, cases[i].names) == NULL)
            g_error("\"%s\" is not in \"%s\"", cases[i].names, error->message);
        options_clear(&options);
    }
}

static void a_file_that_is_not_there_is_named(void)
{
    struct options options = {0};
    g_autoptr(GError) error = NULL;
    g_assert_false(settings_load(&options, "/nowhere/room.conf", &error));
    g_assert_nonnull(strstr(error->message, "/nowhere/room.conf"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/settings/every_key_is_read", every_key_is_read);
    g_test_add_func("/settings/an_error_names_line_and_key", an_error_names_line_and_key);
    g_test_add_func("/settings/a_file_that_is_not_there_is_named",
                    a_file_that_is_not_there_is_named);
    return g_test_run();
}
