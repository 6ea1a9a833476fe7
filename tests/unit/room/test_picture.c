#include "client/room/picture.h"

#include "client/room/columns.h"

#include <string.h>

#define NOW_US G_GINT64_CONSTANT(1795422600000000) /* 2026-11-23T08:30:00Z */

/* Huế speaks with 300 s since 08:29; names are as long as names come. */
static struct floor_view *view_new(void)
{
    struct floor_view *view = floor_view_new();
    json_t *hello = json_loads(
        "{\"role\":\"site\",\"site\":\"hue\",\"state\":{"
        "\"meeting\":{\"title\":\"Hội nghị trực tuyến toàn quốc triển khai nhiệm vụ phát triển "
        "kinh tế - xã hội và chuyển đổi số năm 2027\"},"
        "\"sites\":[{\"id\":\"hue\",\"name\":\"Thành phố Huế\",\"muted\":false}],"
        "\"floor\":{\"holders\":[{\"request\":\"r1\",\"site\":\"hue\",\"state\":\"granted\","
        "\"granted\":\"2026-11-23T08:29:00.000000Z\",\"seconds\":300}],\"queue\":[]}}}",
        0, NULL);
    floor_view_start(view, hello);
    json_decref(hello);
    return view;
}

static struct picture picture_of(const struct floor_view *view)
{
    return (struct picture){.columns = 80,
                            .rows = 24,
                            .view = view,
                            .now_us = NOW_US,
                            .input_name = "Micrô USB hội nghị",
                            .output_name = "HDMI",
                            .input_level = -20,
                            .output_level = -127,
                            .line_state = "connected",
                            .is_online = true,
                            .has_figures = true,
                            .rtt_ms = 31,
                            .notice = ""};
}

/* Without what only colours it. */
static char *draw(const struct picture *picture)
{
    g_autofree char *text = picture_draw(picture);
    g_autoptr(GRegex) styles = g_regex_new("\033\\[[0-9;]*m", 0, 0, NULL);
    return g_regex_replace_literal(styles, text, -1, 0, "", 0, NULL);
}

static void assert_fits(const struct picture *picture)
{
    g_autofree char *text = draw(picture);
    g_auto(GStrv) rows = g_strsplit(text, "\n", -1);
    g_assert_cmpuint(g_strv_length(rows), <=, MAX(picture->rows, 14));
    for (unsigned i = 0; rows[i] != NULL; i++)
        g_assert_cmpuint(columns_of(rows[i]), <=, picture->columns);
}

static void a_picture_fits_its_terminal(void)
{
    struct floor_view *view = view_new();
    static char report_row[] =
        "Mất gói chiều đi: dùng dây mạng thay Wi-Fi, tắt việc tải tệp lên, thử "
        "đường truyền dự phòng, rồi thử lại một lần nữa trước giờ họp.";
    char *report[] = {report_row, report_row, report_row, report_row, report_row, NULL};
    static const unsigned sizes[][2] = {{80, 24}, {132, 50}, {40, 14}, {20, 5}};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        struct picture picture = picture_of(view);
        picture.columns = sizes[i][0];
        picture.rows = sizes[i][1];
        assert_fits(&picture);
        picture.report = report;
        picture.prompt = report_row;
        picture.notice = report_row;
        picture.is_online = false;
        assert_fits(&picture);
        picture.is_english = true;
        assert_fits(&picture);
    }
    floor_view_free(view);
}

static void assert_says(const struct picture *picture, const char *text)
{
    g_autofree char *drawn = draw(picture);
    if (strstr(drawn, text) == NULL)
        g_error("\"%s\" is not in:\n%s", text, drawn);
}

static void the_time_left_is_told_and_warned_of(void)
{
    struct floor_view *view = view_new();
    struct picture picture = picture_of(view);
    assert_says(&picture, "Còn lại: 4:00");
    picture.now_us = NOW_US + 181 * G_USEC_PER_SEC;
    assert_says(&picture, "Còn lại: 0:59  *** SẮP HẾT GIỜ ***");
    picture.now_us = NOW_US + 250 * G_USEC_PER_SEC;
    assert_says(&picture, "Còn lại: -0:10  *** ĐÃ HẾT GIỜ ***");
    floor_view_free(view);
}

static void levels_devices_and_line_are_shown(void)
{
    struct floor_view *view = view_new();
    struct picture picture = picture_of(view);
    assert_says(&picture, "[####################          ] Micrô USB hội nghị");
    assert_says(&picture, "tốt · 31 ms · mất gói 0.0 %");
    picture.input_name = NULL;
    picture.is_muted = true;
    picture.is_online = false;
    assert_says(&picture, "] không có");
    assert_says(&picture, "Micrô đang tắt");
    assert_says(&picture, "mất kết nối máy chủ");
    floor_view_free(view);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/picture/a_picture_fits_its_terminal", a_picture_fits_its_terminal);
    g_test_add_func("/picture/the_time_left_is_told_and_warned_of",
                    the_time_left_is_told_and_warned_of);
    g_test_add_func("/picture/levels_devices_and_line_are_shown",
                    levels_devices_and_line_are_shown);
    return g_test_run();
}
