#include "common/clock.h"

#include <glib.h>

static void formats_six_digits_of_a_second(void)
{
    char text[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(1536627600000007, text);
    g_assert_cmpstr(text, ==, "2018-09-11T01:00:00.000007Z");
    clock_format_rfc3339(-1, text);
    g_assert_cmpstr(text, ==, "1969-12-31T23:59:59.999999Z");
}

static void reads_what_it_wrote_and_offsets(void)
{
    int64_t utc_us;
    g_assert_true(clock_parse_rfc3339("2018-09-11T01:00:00.000007Z", &utc_us));
    g_assert_cmpint(utc_us, ==, 1536627600000007);
    g_assert_true(clock_parse_rfc3339("2018-09-11T08:00:00+07:00", &utc_us));
    g_assert_cmpint(utc_us, ==, 1536627600000000);
}

static void refuses_what_is_not_rfc3339(void)
{
    static const char *const bad[] = {"",
                                      "2018-09-11",
                                      "2018-09-11T01:00:00",
                                      "20180911T010000Z",
                                      "2018-13-11T01:00:00Z",
                                      "2018-09-11T01:00:00.Z",
                                      "2018-09-11T01:00:00Zx",
                                      "2018-09-11T25:00:00Z"};
    int64_t utc_us;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(clock_parse_rfc3339(bad[i], &utc_us));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/clock/formats_six_digits_of_a_second", formats_six_digits_of_a_second);
    g_test_add_func("/clock/reads_what_it_wrote_and_offsets", reads_what_it_wrote_and_offsets);
    g_test_add_func("/clock/refuses_what_is_not_rfc3339", refuses_what_is_not_rfc3339);
    return g_test_run();
}
