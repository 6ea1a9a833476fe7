#include "client/room/columns.h"

#include <string.h>

static void a_vietnamese_letter_is_one_column(void)
{
    g_assert_cmpuint(columns_of("Đường truyền"), ==, 12);
    g_autofree char *apart = g_utf8_normalize("Đường truyền", -1, G_NORMALIZE_NFD);
    g_assert_cmpuint(strlen(apart), >, strlen("Đường truyền"));
    g_assert_cmpuint(columns_of(apart), ==, 12);
    g_assert_cmpuint(columns_of("会议"), ==, 4);
}

static void assert_shown(const char *text, unsigned width, const char *expected)
{
    g_autoptr(GString) out = g_string_new(NULL);
    columns_append_padded(out, text, width);
    g_assert_cmpstr(out->str, ==, expected);
}

static void what_does_not_fit_is_cut_at_a_letter(void)
{
    assert_shown("Huế", 5, "Huế  ");
    assert_shown("Thành phố Huế", 13, "Thành phố Huế");
    assert_shown("Thành phố Huế", 8, "Thành p…");
    assert_shown("会议会", 4, "会… "); /* half a character cannot be shown */
    assert_shown("abc", 0, "");
}

/* A cut falls behind the accents of the last letter, never between. */
static void accents_stay_with_their_letter(void)
{
    g_autofree char *apart = g_utf8_normalize("ếếếế", -1, G_NORMALIZE_NFD);
    g_autofree char *three = g_utf8_normalize("ếế", -1, G_NORMALIZE_NFD);
    g_autofree char *expected = g_strconcat(three, "…", NULL);
    assert_shown(apart, 3, expected);
}

static void assert_wrapped(const char *text, unsigned width, unsigned most, const char *expected)
{
    g_auto(GStrv) lines = columns_wrap(text, width, most);
    g_autofree char *joined = g_strjoinv("|", lines);
    g_assert_cmpstr(joined, ==, expected);
}

static void lines_break_at_spaces(void)
{
    assert_wrapped("Xin kiểm tra micrô", 12, 3, "Xin kiểm tra|micrô");
    assert_wrapped("không có dấu cách", 6, 2, "không|có dấ…");
    assert_wrapped("abcdefgh", 3, 5, "abc|def|gh");
    assert_wrapped("", 10, 3, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/columns/a_vietnamese_letter_is_one_column",
                    a_vietnamese_letter_is_one_column);
    g_test_add_func("/columns/what_does_not_fit_is_cut_at_a_letter",
                    what_does_not_fit_is_cut_at_a_letter);
    g_test_add_func("/columns/accents_stay_with_their_letter", accents_stay_with_their_letter);
    g_test_add_func("/columns/lines_break_at_spaces", lines_break_at_spaces);
    return g_test_run();
}
