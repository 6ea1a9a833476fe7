#include "client/room/board.h"

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

static struct board board_of(const struct floor_view *view)
{
    return (struct board){.columns = 80,
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
static char *draw(const struct board *board)
{
    g_autofree char *text = board_draw(board);
    g_autoptr(GRegex) styles = g_regex_new("\033\\[[0-9;]*m", 0, 0, NULL);
    return g_regex_replace_literal(styles, text, -1, 0, "", 0, NULL);
}

static void assert_fits(const struct board *board)
{
    g_autofree char *text = draw(board);
    g_auto(GStrv) rows = g_strsplit(text, "\n", -1);
    g_assert_cmpuint(g_strv_length(rows), <=, MAX(board->rows, 14));
    for (unsigned i = 0; rows[i] != NULL; i++)
        g_assert_cmpuint(columns_of(rows[i]), <=, board->columns);
}

static void a_board_fits_its_terminal(void)
{
    struct floor_view *view = view_new();
    static char report_row[] =
        "Mất gói chiều đi: dùng dây mạng thay Wi-Fi, tắt việc tải tệp lên, thử "
        "đường truyền dự phòng, rồi thử lại một lần nữa trước giờ họp.";
    char *report[] = {report_row, report_row, report_row, report_row, report_row, NULL};
    static const unsigned sizes[][2] = {{80, 24}, {132, 50}, {40, 14}, {20, 5}};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        struct board board = board_of(view);
        board.columns = sizes[i][0];
        board.rows = sizes[i][1];
        assert_fits(&board);
        board.report = report;
        board.prompt = report_row;
        board.notice = report_row;
        board.is_online = false;
        assert_fits(&board);
        board.is_english = true;
        assert_fits(&board);
    }
    floor_view_free(view);
}

static void assert_says(const struct board *board, const char *text)
{
    g_autofree char *drawn = draw(board);
    if (strstr(drawn, text) == NULL)
        g_error("\"%s\" is not in:\n%s", text, drawn);
}

static void the_time_left_is_told_and_warned_of(void)
{
    struct floor_view *view = view_new();
    struct board board = board_of(view);
    assert_says(&board, "Còn lại: 4:00");
    board.now_us = NOW_US + 181 * G_USEC_PER_SEC;
    assert_says(&board, "Còn lại: 0:59  *** SẮP HẾT GIỜ ***");
    board.now_us = NOW_US + 250 * G_USEC_PER_SEC;
    assert_says(&board, "Còn lại: -0:10  *** ĐÃ HẾT GIỜ ***");
    floor_view_free(view);
}

static void levels_devices_and_line_are_shown(void)
{
    struct floor_view *view = view_new();
    struct board board = board_of(view);
    assert_says(&board, "[####################          ] Micrô USB hội nghị");
    assert_says(&board, "tốt · 31 ms · mất gói 0.0 %");
    board.input_name = NULL;
    board.is_muted = true;
    board.is_online = false;
    assert_says(&board, "] không có");
    assert_says(&board, "Micrô đang tắt");
    assert_says(&board, "mất kết nối máy chủ");
    floor_view_free(view);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/board/a_board_fits_its_terminal", a_board_fits_its_terminal);
    g_test_add_func("/board/the_time_left_is_told_and_warned_of",
                    the_time_left_is_told_and_warned_of);
    g_test_add_func("/board/levels_devices_and_line_are_shown", levels_devices_and_line_are_shown);
    return g_test_run();
}
