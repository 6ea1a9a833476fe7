#include "signaling/http/files.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

static void test_only_plain_names_are_safe(void)
{
    const char *const safe[] = {
        "a", "index.html", "part-001/program.webm", "a/b/c/d", "speaker-1-da-nang.webm",
        "0", "a..b"};
    const char *const unsafe[] = {"",     ".",     "..", "/a",   "a/",        "a//b", "../a",
                                  "a/..", "a/./b", ".a", "a/.b", "a b",       "a%2e", "a\\b",
                                  "a\nb", "-a",    "_a", "ạ",    "a/b/c/d/e", "~",    "a:b"};
    for (size_t i = 0; i < G_N_ELEMENTS(safe); i++)
        g_assert_true(files_path_is_safe(safe[i]));
    for (size_t i = 0; i < G_N_ELEMENTS(unsafe); i++)
        g_assert_false(files_path_is_safe(unsafe[i]));
    g_autofree char *longest = g_strnfill(100, 'a');
    g_autofree char *longer = g_strnfill(101, 'a');
    g_assert_true(files_path_is_safe(longest));
    g_assert_false(files_path_is_safe(longer));
}

static void test_links_and_directories_are_not_opened(void)
{
    g_autofree char *folder = g_dir_make_tmp("files-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "file", NULL);
    g_autofree char *link = g_build_filename(folder, "link", NULL);
    g_autofree char *inside = g_build_filename(folder, "inside", NULL);
    g_autofree char *away = g_build_filename(folder, "away", NULL);
    g_autofree char *pipe = g_build_filename(folder, "pipe", NULL);
    g_assert_true(g_file_set_contents(file, "x", 1, NULL));
    g_assert_cmpint(symlink("file", link), ==, 0);
    g_assert_cmpint(g_mkdir(inside, 0700), ==, 0);
    g_assert_cmpint(symlink(".", away), ==, 0);
    g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
    int directory = open(folder, O_RDONLY | O_DIRECTORY);
    struct stat status;
    int opened = files_open_below(directory, "file", &status);
    g_assert_cmpint(opened, >=, 0);
    g_assert_cmpint(status.st_size, ==, 1);
    close(opened);
    const char *const closed[] = {"link", "inside", "away/file", "pipe", "nothing", "file/x", ".."};
    for (size_t i = 0; i < G_N_ELEMENTS(closed); i++)
        g_assert_cmpint(files_open_below(directory, closed[i], &status), ==, -1);
    close(directory);
    const char *const made[] = {file, link, away, pipe};
    for (size_t i = 0; i < G_N_ELEMENTS(made); i++)
        g_unlink(made[i]);
    g_rmdir(inside);
    g_rmdir(folder);
}

static void test_ranges_are_read_as_the_rfc_has_them(void)
{
    static const struct {
        const char *header;
        enum files_range range;
        off_t first, last;
    } cases[] = {
        {"bytes=0-499", RANGE_PART, 0, 499},
        {"bytes=500-999", RANGE_PART, 500, 999},
        {"bytes=-500", RANGE_PART, 500, 999},
        {"bytes=500-", RANGE_PART, 500, 999},
        {"bytes=0-0", RANGE_PART, 0, 0},
        {"bytes=999-5000", RANGE_PART, 999, 999},
        {"bytes=-5000", RANGE_PART, 0, 999},
        {"bytes=1000-", RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=-0", RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=5-4", RANGE_NONE, 0, 0},
        {"bytes=-", RANGE_NONE, 0, 0},
        {"bytes=", RANGE_NONE, 0, 0},
        {"bytes=1-2,4-5", RANGE_NONE, 0, 0},
        {"bytes=a-b", RANGE_NONE, 0, 0},
        {"bytes=+1-2", RANGE_NONE, 0, 0},
        {"lines=1-2", RANGE_NONE, 0, 0},
        {"bytes=1-99999999999999999999", RANGE_NONE, 0, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        off_t first = 0, last = 0;
        g_test_message("%s", cases[i].header);
        g_assert_cmpint(files_parse_range(cases[i].header, 1000, &first, &last), ==,
                        cases[i].range);
        g_assert_cmpint(first, ==, cases[i].first);
        g_assert_cmpint(last, ==, cases[i].last);
    }
    g_assert_cmpint(files_parse_range(NULL, 1000, NULL, NULL), ==, RANGE_NONE);
}

static void test_an_empty_file_has_no_range(void)
{
    off_t first, last;
    g_assert_cmpint(files_parse_range("bytes=0-", 0, &first, &last), ==, RANGE_UNSATISFIABLE);
    g_assert_cmpint(files_parse_range("bytes=-1", 0, &first, &last), ==, RANGE_UNSATISFIABLE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/files/only_plain_names_are_safe", test_only_plain_names_are_safe);
    g_test_add_func("/files/links_and_directories_are_not_opened",
                    test_links_and_directories_are_not_opened);
    g_test_add_func("/files/ranges_are_read_as_the_rfc_has_them",
                    test_ranges_are_read_as_the_rfc_has_them);
    g_test_add_func("/files/an_empty_file_has_no_range", test_an_empty_file_has_no_range);
    return g_test_run();
}
