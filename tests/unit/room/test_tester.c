#include "client/room/tester.h"

#include <glib.h>
#include <string.h>

static struct line_findings good(void)
{
    return (struct line_findings){.has_answer = true,
                                  .rtt_ms = 31.4,
                                  .up_kbps = 2000,
                                  .down_kbps = 1400,
                                  .is_up_capped = true};
}

static void assert_said(struct line_findings findings, bool is_english, const char *expected)
{
    line_findings_judge(&findings);
    g_auto(GStrv) lines = tester_describe(&findings, is_english);
    g_autofree char *text = g_strjoinv("\n", lines);
    if (strstr(text, expected) == NULL)
        g_error("\"%s\" is not in:\n%s", expected, text);
}

static void a_verdict_comes_in_words_of_both_languages(void)
{
    assert_said(good(), false, "Đường truyền TỐT.");
    assert_said(good(), true, "The line is GOOD.");
    assert_said(good(), false, "Khứ hồi 31 ms");
    assert_said(good(), false, "↑ ≥ 2000 kb/s · ↓ 1400 kb/s");
}

static void what_is_wrong_comes_with_what_to_do(void)
{
    struct line_findings findings = good();
    findings.loss_up = 3;
    assert_said(findings, false, "Đường truyền DÙNG ĐƯỢC");
    assert_said(findings, false, "Mất gói chiều đi: dùng dây mạng thay Wi-Fi");
    findings.loss_up = 7;
    findings.rtt_ms = 600;
    assert_said(findings, false, "Đường truyền KÉM");
    assert_said(findings, false, "Độ trễ lớn");
    findings = good();
    findings.advice = LINE_SILENT;
    assert_said(findings, false, "Micrô không có tiếng");
    assert_said(findings, true, "The line is BAD");
    findings = (struct line_findings){.up_kbps = -1, .down_kbps = -1};
    assert_said(findings, false, "tường lửa có thể chặn UDP");
}

/* Advice that was given of other figures does not stay. */
static void a_judgement_is_of_the_figures_alone(void)
{
    struct line_findings findings = good();
    findings.advice = LINE_LOSS_UP | LINE_SILENT;
    findings.verdict = LINE_BAD;
    line_findings_judge(&findings);
    g_assert_cmpuint(findings.advice, ==, LINE_SILENT);
    findings.advice = 0;
    line_findings_judge(&findings);
    g_assert_cmpint(findings.verdict, ==, LINE_GOOD);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tester/a_verdict_comes_in_words_of_both_languages",
                    a_verdict_comes_in_words_of_both_languages);
    g_test_add_func("/tester/what_is_wrong_comes_with_what_to_do",
                    what_is_wrong_comes_with_what_to_do);
    g_test_add_func("/tester/a_judgement_is_of_the_figures_alone",
                    a_judgement_is_of_the_figures_alone);
    return g_test_run();
}
