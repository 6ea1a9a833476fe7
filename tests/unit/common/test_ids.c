#include "common/ids.h"

#include <glib.h>
#include <string.h>

static void uuids_are_version_7_and_ordered(void)
{
    char first[ID_UUID_SIZE], second[ID_UUID_SIZE];
    id_uuid(first);
    g_usleep(2000); /* the order is by the millisecond */
    id_uuid(second);
    g_assert_cmpuint(strlen(first), ==, 36);
    g_assert_true(first[14] == '7');
    g_assert_nonnull(strchr("89ab", first[19]));
    g_assert_cmpstr(first, <, second);
    g_assert_true(id_is_slug(first));
}

static void slugs_are_plain(void)
{
    g_assert_true(id_is_slug("da-nang"));
    g_assert_false(id_is_slug(""));
    g_assert_false(id_is_slug("-a"));
    g_assert_false(id_is_slug("a-"));
    g_assert_false(id_is_slug("Đà-nẵng"));
    g_assert_false(id_is_slug("../etc"));
    g_autofree char *longest = g_strnfill(64, 'a');
    g_autofree char *too_long = g_strnfill(65, 'a');
    g_assert_true(id_is_slug(longest));
    g_assert_false(id_is_slug(too_long));
}

static void keys_are_url_safe_and_differ(void)
{
    g_autofree char *one = id_random_key(32);
    g_autofree char *two = id_random_key(32);
    g_assert_cmpstr(one, !=, two);
    g_assert_cmpuint(
        strspn(one, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"), ==,
        strlen(one));
}

static void clean_text_is_nfc_without_controls_or_overrides(void)
{
    g_assert_true(text_is_clean("Thành phố Đà Nẵng", false));
    g_assert_false(text_is_clean("Da\xcc\x80 Na\xcc\x86\xcc\x83ng", false)); /* NFD */
    g_assert_false(text_is_clean("a\nb", false));
    g_assert_true(text_is_clean("a\nb", true));
    g_assert_false(text_is_clean("a\x1b[31mb", true));
    g_assert_false(text_is_clean("abc\xe2\x80\xae"
                                 "def",
                                 true)); /* U+202E */
    g_assert_false(text_is_clean("\xff\xfe", true));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ids/uuids_are_version_7_and_ordered", uuids_are_version_7_and_ordered);
    g_test_add_func("/ids/slugs_are_plain", slugs_are_plain);
    g_test_add_func("/ids/keys_are_url_safe_and_differ", keys_are_url_safe_and_differ);
    g_test_add_func("/ids/clean_text_is_nfc_without_controls_or_overrides",
                    clean_text_is_nfc_without_controls_or_overrides);
    return g_test_run();
}
