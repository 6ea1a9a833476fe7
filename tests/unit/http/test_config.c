#include "signaling/config.h"

#include <glib/gstdio.h>
#include <string.h>

/* The error of loading `text`, or NULL; `config` is what was read. */
static char *load(const char *text, struct config *config)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;
    int file = g_file_open_tmp("config-XXXXXX", &path, NULL);
    g_close(file, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    bool is_good = config_load(config, path, &error) && config_check(config, &error);
    g_unlink(path);
    g_assert_true(is_good == (error == NULL));
    return is_good ? NULL : g_strdup(error->message);
}

static void test_settings_are_read(void)
{
    struct config *config = config_new();
    char *error =
        load("# words\n[server]\nlisten = [::1]:443\n[bridge]\n"
             "arguments = --a 'b c'\n[audio]\nloudness-lufs = -20\n[limits]\nsessions = 7\n",
             config);
    g_assert_null(error);
    g_assert_cmpstr(config->listen, ==, "[::1]:443");
    g_assert_cmpstr(config->bridge_arguments[1], ==, "b c");
    g_assert_null(config->bridge_arguments[2]);
    g_assert_cmpint(config->loudness_lufs, ==, -20);
    g_assert_cmpuint(config->max_decoded, ==, 6);
    g_assert_cmpuint(config->sessions, ==, 7);
    g_assert_cmpuint(config->frames_per_second, ==, 50);
    config_free(config);
}

static void assert_fault(const char *text, const char *part)
{
    struct config *config = config_new();
    g_autofree char *error = load(text, config);
    g_assert_nonnull(error);
    g_test_message("%s", error);
    g_assert_nonnull(strstr(error, part));
    config_free(config);
}

static void test_faults_name_line_section_and_key(void)
{
    assert_fault("[limits]\n\n sessions = 0\n", ":3: [limits] sessions: ");
    assert_fault("[limits]\nsessions = 5x\n", ":2: [limits] sessions: ");
    assert_fault("[audio]\nloudness-lufs = 0\n", ":2: [audio] loudness-lufs: ");
    assert_fault("[audio]\nmax-decoded = 65\n", ":2: [audio] max-decoded: ");
    assert_fault("[server]\nsessions = 5\n", ":2: [server] sessions: ");
    assert_fault("[server]\ndata =\n", ":2: [server] data: ");
    assert_fault("# [room]\n[room]\nx = 1\n", ":2: [room]");
    assert_fault("[bridge]\narguments = 'open\n", ":2: [bridge] arguments: ");
}

static void test_what_does_not_fit_together_is_refused(void)
{
    assert_fault("[server]\ncertificate = a\n", "private-key");
    assert_fault("[server]\npublic-url = ftp://a\n", "public-url");
    assert_fault("[server]\npublic-url = https://a/b\n", "public-url");
    assert_fault("[server]\nlisten = 8443\n", "listen");
    assert_fault("[server]\nlisten = 127.0.0.1:70000\n", "listen");
    assert_fault("[server]\nlisten = example.vn:443\n", "listen");
}

static void test_addresses_are_split(void)
{
    static const struct {
        const char *listen, *address;
        unsigned port;
    } cases[] = {
        {"127.0.0.1:0", "127.0.0.1", 0},
        {"localhost:80", "127.0.0.1", 80},
        {"[::]:443", "::", 443},
        {"0.0.0.0:65535", "0.0.0.0", 65535},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *address = NULL;
        unsigned port = 1;
        g_assert_true(config_parse_listen(cases[i].listen, &address, &port, NULL));
        g_assert_cmpstr(address, ==, cases[i].address);
        g_assert_cmpuint(port, ==, cases[i].port);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config/settings_are_read", test_settings_are_read);
    g_test_add_func("/config/faults_name_line_section_and_key",
                    test_faults_name_line_section_and_key);
    g_test_add_func("/config/what_does_not_fit_together_is_refused",
                    test_what_does_not_fit_together_is_refused);
    g_test_add_func("/config/addresses_are_split", test_addresses_are_split);
    return g_test_run();
}
