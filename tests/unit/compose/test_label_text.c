#include "bridge/video/compose/label_text.h"

#include <glib.h>
#include <string.h>

static void assert_becomes(const char *text, const char *expected)
{
    char clean[256];
    label_clean(text, clean, sizeof(clean));
    g_assert_cmpstr(clean, ==, expected);
}

static void test_vietnamese_stays_as_it_is(void)
{
    assert_becomes("UBND tỉnh Thừa Thiên Huế – Đồng chí Nguyễn Thị Bưởi",
                   "UBND tỉnh Thừa Thiên Huế – Đồng chí Nguyễn Thị Bưởi");
    /* Decomposed: e with a circumflex and a tone. */
    assert_becomes("Hue\xcc\x82\xcc\x81", "Hue\xcc\x82\xcc\x81");
}

static void test_a_text_is_one_line(void)
{
    assert_becomes("  Lào\tCai\r\n\r\n  Sa\xe2\x80\xa8Pa  ", "Lào Cai Sa Pa");
    assert_becomes("a\x01\x1b[31mb\x7f", "a [31mb");
    assert_becomes(NULL, "");
    assert_becomes(" \n ", "");
}

static void test_directions_cannot_be_turned(void)
{
    assert_becomes("Hà\u202e Nội\u2066\u2069\u200f\u200b\ufeff", "Hà Nội");
}

static void test_bytes_that_are_no_text_are_replaced(void)
{
    assert_becomes("a\xff\xfe\x80z", "a\ufffdz");
    assert_becomes("b\xe1\xba", "b\ufffd");             /* cut off */
    assert_becomes("c\xc0\xaf\xed\xa0\x80", "c\ufffd"); /* overlong, surrogate */
}

static void test_marks_do_not_pile_up(void)
{
    char tower[2 * 500 + 2] = "a";
    for (unsigned i = 0; i < 500; i++)
        memcpy(tower + 1 + 2 * i, "\xcc\x81", 3);
    assert_becomes(tower, "a\xcc\x81\xcc\x81\xcc\x81");
}

static void test_what_is_too_long_is_cut_between_characters(void)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < 10000; i++)
        g_string_append(text, "ệ");
    for (size_t size = 1; size < 20; size++) {
        char clean[20];
        memset(clean, 'x', sizeof(clean));
        label_clean(text->str, clean, size);
        g_assert_cmpuint(strlen(clean), ==, (size - 1) / 3 * 3);
        g_assert_true(g_utf8_validate(clean, -1, NULL));
    }
    g_string_free(text, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/label_text/vietnamese_stays_as_it_is", test_vietnamese_stays_as_it_is);
    g_test_add_func("/label_text/a_text_is_one_line", test_a_text_is_one_line);
    g_test_add_func("/label_text/directions_cannot_be_turned", test_directions_cannot_be_turned);
    g_test_add_func("/label_text/bytes_that_are_no_text_are_replaced",
                    test_bytes_that_are_no_text_are_replaced);
    g_test_add_func("/label_text/marks_do_not_pile_up", test_marks_do_not_pile_up);
    g_test_add_func("/label_text/what_is_too_long_is_cut_between_characters",
                    test_what_is_too_long_is_cut_between_characters);
    return g_test_run();
}
