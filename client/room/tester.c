#include "client/room/tester.h"

#include "bridge/audio/level.h"
#include "client/room/media.h"
#include "common/clock.h"

#include <glib.h>
#include <string.h>

#define TEST_SECONDS 40 /* the server ends it by then, whatever becomes of this program */
#define LEVEL_MS     100
#define SILENT_DBOV  (-60) /* a microphone that never got louder is off, or not the one meant */

struct tester {
    struct tester_config config;
    guint timer, level_timer;
    int loudest_dbov;
    bool is_running; /* at the server */
    bool is_over;
    unsigned references; /* the owner's, and each call's that is under way */
    struct line_findings findings;
};

static void unref(struct tester *tester)
{
    if (--tester->references == 0)
        g_free(tester);
}

static void stop_timers(struct tester *tester)
{
    if (tester->timer != 0)
        g_source_remove(tester->timer);
    if (tester->level_timer != 0)
        g_source_remove(tester->level_timer);
    tester->timer = tester->level_timer = 0;
}

/* The end of all ways but tester_free(). */
static void finish(struct tester *tester, const struct line_findings *findings, const char *why)
{
    if (tester->is_over)
        return;
    tester->is_over = true;
    stop_timers(tester);
    if (tester->is_running) {
        media_stop_check(session_media(tester->config.session));
        session_call(tester->config.session, "line.stop", NULL, NULL, NULL);
    }
    tester->is_running = false;
    tester->config.done(findings, why, tester->config.arg);
}

/* ---- the result ---- */

static const struct {
    enum line_advice advice;
    const char *code, *vietnamese, *english;
} advices[] = {
    {LINE_NO_ANSWER, "no-answer",
     "Không nhận được tín hiệu trả về: tường lửa có thể chặn UDP; hãy báo kỹ thuật viên mạng.",
     "Nothing came back: a firewall may block UDP; ask your network's operator."},
    {LINE_LOSS_UP, "loss-up",
     "Mất gói chiều đi: dùng dây mạng thay Wi-Fi, tắt việc tải tệp lên, thử đường truyền dự phòng.",
     "Packets are lost on the way out: use a cable instead of Wi-Fi, stop uploads, try the second "
     "line."},
    {LINE_LOSS_DOWN, "loss-down",
     "Mất gói chiều về: dùng dây mạng thay Wi-Fi, tắt việc tải xuống và xem video, thử đường "
     "truyền "
     "dự phòng.",
     "Packets are lost on the way in: use a cable instead of Wi-Fi, stop downloads and videos, try "
     "the second line."},
    {LINE_DELAY, "delay",
     "Độ trễ lớn: tránh VPN và đường vệ tinh; khi phát biểu hãy chờ người kia nói xong.",
     "The delay is long: avoid VPNs and satellites; let others finish before you speak."},
    {LINE_JITTER, "jitter",
     "Độ trễ không đều: có máy khác đang dùng nhiều mạng; hãy dành riêng đường truyền cho cuộc "
     "họp.",
     "The delay varies: something else uses the line; keep it for the meeting."},
    {LINE_SLOW_UP, "slow-up",
     "Băng thông chiều đi thấp: tắt hình hoặc tắt các máy khác; tiếng nói vẫn có thể dùng được.",
     "Little bandwidth on the way out: do without the camera, or switch other machines off."},
    {LINE_SLOW_DOWN, "slow-down",
     "Băng thông chiều về thấp: tắt hình hoặc tắt các máy khác; tiếng nói vẫn có thể dùng được.",
     "Little bandwidth on the way in: do without the picture, or switch other machines off."},
    {LINE_SILENT, "microphone-silent",
     "Micrô không có tiếng: kiểm tra công tắc, dây và thiết bị đã chọn (nhipcau-room devices).",
     "The microphone is silent: look at its switch, its cable and which one is chosen "
     "(nhipcau-room devices)."},
};

static const char *const verdict_codes[] = {"good", "usable", "bad"};

static json_t *rounded(double value)
{
    return json_real((double)(int64_t)(value * 10 + 0.5) / 10);
}

static json_t *result_of(const struct line_findings *findings)
{
    json_t *result = json_pack("{s:s}", "verdict", verdict_codes[findings->verdict]);
    json_t *codes = json_array();
    for (size_t i = 0; i < G_N_ELEMENTS(advices); i++) {
        if (findings->advice & advices[i].advice)
            json_array_append_new(codes, json_string(advices[i].code));
    }
    json_object_set_new(result, "advice", codes);
    if (findings->has_answer) {
        json_object_set_new(result, "rtt_ms", rounded(findings->rtt_ms));
        json_object_set_new(result, "loss_up", rounded(findings->loss_up));
        json_object_set_new(result, "loss_down", rounded(findings->loss_down));
        json_object_set_new(result, "jitter_up_ms", rounded(findings->jitter_up_ms));
        json_object_set_new(result, "jitter_down_ms", rounded(findings->jitter_down_ms));
    }
    if (findings->up_kbps >= 0)
        json_object_set_new(result, "up_kbps", json_integer(findings->up_kbps));
    if (findings->down_kbps >= 0)
        json_object_set_new(result, "down_kbps", json_integer(findings->down_kbps));
    return result;
}

static char *describe_way(const char *name, int kbps, bool is_capped)
{
    if (kbps < 0)
        return g_strdup_printf("%s –", name);
    return g_strdup_printf("%s %s%d kb/s", name, is_capped ? "≥ " : "", kbps);
}

char **tester_describe(const struct line_findings *findings, bool is_english)
{
    static const char *const verdicts[][2] = {
        {"Đường truyền TỐT.", "The line is GOOD."},
        {"Đường truyền DÙNG ĐƯỢC, nhưng cần chú ý.", "The line is USABLE, with care."},
        {"Đường truyền KÉM: cần khắc phục trước cuộc họp.",
         "The line is BAD: mend it before the meeting."},
    };
    GPtrArray *lines = g_ptr_array_new();
    g_ptr_array_add(lines, g_strdup(verdicts[findings->verdict][is_english]));
    if (findings->has_answer) {
        g_autofree char *up = describe_way("↑", findings->up_kbps, findings->is_up_capped);
        g_autofree char *down = describe_way("↓", findings->down_kbps, findings->is_down_capped);
        g_ptr_array_add(
            lines, g_strdup_printf(is_english ? "Round trip %.0f ms · loss ↑ %.1f %% ↓ %.1f %% · "
                                                "jitter ↑ %.0f ↓ %.0f ms · %s · %s"
                                              : "Khứ hồi %.0f ms · mất gói ↑ %.1f %% ↓ %.1f %% · "
                                                "dao động ↑ %.0f ↓ %.0f ms · %s · %s",
                                   findings->rtt_ms, findings->loss_up, findings->loss_down,
                                   findings->jitter_up_ms, findings->jitter_down_ms, up, down));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(advices); i++) {
        if (findings->advice & advices[i].advice)
            g_ptr_array_add(lines,
                            g_strdup(is_english ? advices[i].english : advices[i].vietnamese));
    }
    g_ptr_array_add(lines, NULL);
    return (char **)g_ptr_array_free(lines, FALSE);
}

/* ---- its course ---- */

static gboolean on_listened(gpointer data)
{
    struct tester *tester = data;
    tester->timer = 0;
    if (tester->config.input_level != NULL && tester->loudest_dbov <= SILENT_DBOV)
        tester->findings.advice |= LINE_SILENT;
    line_findings_judge(&tester->findings);
    session_call(tester->config.session, "line.result", result_of(&tester->findings), NULL, NULL);
    finish(tester, &tester->findings, NULL);
    return G_SOURCE_REMOVE;
}

static void on_checked(const struct line_findings *findings, void *arg)
{
    struct tester *tester = arg;
    if (tester->is_over)
        return;
    if (findings == NULL) {
        finish(tester, NULL, "the connection was lost in the test");
        return;
    }
    tester->findings = *findings;
    tester->timer = g_timeout_add_seconds(tester->config.listen_seconds, on_listened, tester);
}

static gboolean on_level(gpointer data)
{
    struct tester *tester = data;
    tester->loudest_dbov =
        MAX(tester->loudest_dbov, tester->config.input_level(tester->config.arg));
    return G_SOURCE_CONTINUE;
}

static void on_started(const json_t *result, const json_t *error, void *arg)
{
    struct tester *tester = arg;
    const char *why = json_string_value(json_object_get(error, "message"));
    json_int_t ssrc = json_integer_value(json_object_get(result, "ssrc"));
    json_int_t kbps = json_integer_value(json_object_get(result, "kbps"));
    if (tester->is_over) {
        /* Given up meanwhile. */
    } else if (result == NULL || ssrc <= 0 || ssrc > UINT32_MAX) {
        finish(tester, NULL, why != NULL ? why : "the server's answer cannot be read");
    } else {
        tester->is_running = true;
        if (tester->config.input_level != NULL)
            tester->level_timer = g_timeout_add(LEVEL_MS, on_level, tester);
        if (!media_check_line(session_media(tester->config.session), (uint32_t)ssrc,
                              (unsigned)CLAMP(kbps, 0, tester->config.kbps), on_checked, tester))
            finish(tester, NULL, "the connection was lost in the test");
    }
    unref(tester);
}

struct tester *tester_new(const struct tester_config *config)
{
    uint32_t ssrc = media_probe_ssrc(session_media(config->session));
    if (ssrc == 0)
        return NULL;
    struct tester *tester = g_new0(struct tester, 1);
    tester->config = *config;
    tester->references = 2;
    tester->loudest_dbov = LEVEL_SILENCE_DBOV;
    if (session_call(config->session, "line.start",
                     json_pack("{s:I, s:i}", "ssrc", (json_int_t)ssrc, "seconds", TEST_SECONDS),
                     on_started, tester))
        return tester;
    g_free(tester);
    return NULL;
}

void tester_free(struct tester *tester)
{
    if (tester == NULL)
        return;
    if (!tester->is_over) {
        tester->is_over = true;
        stop_timers(tester);
        if (tester->is_running)
            session_call(tester->config.session, "line.stop", NULL, NULL, NULL);
        media_stop_check(session_media(tester->config.session));
    }
    unref(tester);
}

void tester_take_ended(struct tester *tester, const char *reason)
{
    tester->is_running = false; /* nothing is to be stopped at the server */
    media_stop_check(session_media(tester->config.session));
    finish(tester, NULL,
           g_strcmp0(reason, "floor") == 0 ? "the test has ended: the room has the floor"
                                           : "the test took too long");
}
