#include "client/room/link.h"

#include <glib/gstdio.h>
#include <string.h>

#define KEY "Vn3abcDEF-_0123456789"

static void a_join_link_is_taken_apart(void)
{
    struct link link;
    g_assert_true(link_parse("https://hop.example.vn:8443/j/" KEY, &link, NULL));
    g_assert_cmpstr(link.base, ==, "https://hop.example.vn:8443");
    g_assert_cmpstr(link.key, ==, KEY);
    link_clear(&link);
}

static void the_port_may_be_left_out(void)
{
    struct link link;
    g_assert_true(link_parse("https://[2001:db8::1]/j/" KEY, &link, NULL));
    g_assert_cmpstr(link.base, ==, "https://[2001:db8::1]");
    link_clear(&link);
}

static void what_is_no_join_link_is_refused_and_named(void)
{
    static const char *const texts[] = {
        "",
        "hop.example.vn/j/" KEY,
        "http://hop.example.vn/j/" KEY,
        "https:///j/" KEY,
        "https://hop.example.vn/",
        "https://hop.example.vn/j/",
        "https://hop.example.vn/j/short",
        "https://hop.example.vn/j/" KEY "/x",
        "https://hop.example.vn/j/" KEY "%0a",
        "https://hop.example.vn:port/j/" KEY,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        struct link link;
        g_assert_false(link_parse(texts[i], &link, &error));
        g_assert_nonnull(strstr(error->message, "https://host/j/"));
        g_assert_nonnull(strstr(error->message, texts[i]));
        g_assert_null(link.base);
        g_assert_null(link.key);
    }
}

/* A file of links, read; it is gone afterwards. */
static char **read_file(const char *content, GError **error)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("links-XXXXXX", &path, NULL);
    g_assert_cmpint(fd, >=, 0);
    g_close(fd, NULL);
    g_assert_true(g_file_set_contents(path, content, -1, NULL));
    char **links = link_read_file(path, error);
    g_unlink(path);
    return links;
}

static void a_file_has_one_link_a_line(void)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) links = read_file("# các điểm cầu\n\nhttps://a/j/" KEY "\r\n"
                                    "  https://b/j/" KEY "  \n#https://c/j/" KEY "\n",
                                    &error);
    g_assert_no_error(error);
    g_assert_cmpuint(g_strv_length(links), ==, 2);
    g_assert_cmpstr(links[0], ==, "https://a/j/" KEY);
    g_assert_cmpstr(links[1], ==, "https://b/j/" KEY);
}

static void a_bad_line_of_a_file_is_named(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(read_file("https://a/j/" KEY "\n\nhttps://b/\n", &error));
    g_assert_nonnull(strstr(error->message, "line 3"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/link/a_join_link_is_taken_apart", a_join_link_is_taken_apart);
    g_test_add_func("/link/the_port_may_be_left_out", the_port_may_be_left_out);
    g_test_add_func("/link/what_is_no_join_link_is_refused_and_named",
                    what_is_no_join_link_is_refused_and_named);
    g_test_add_func("/link/a_file_has_one_link_a_line", a_file_has_one_link_a_line);
    g_test_add_func("/link/a_bad_line_of_a_file_is_named", a_bad_line_of_a_file_is_named);
    return g_test_run();
}
