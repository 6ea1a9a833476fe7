/* The minutes as a page. `test_minutes_page --page` prints one, to be looked at. */
#include "tests/unit/minutes/stage.h"

#include <stdio.h>
#include <string.h>

static char *page_of(const struct world *world)
{
    json_t *minutes = minutes_to_json(world->journal);
    char *page = minutes_to_html(minutes);
    json_decref(minutes);
    return page;
}

static void has(const char *page, const char *text)
{
    if (strstr(page, text) == NULL)
        g_error("the page lacks %s", text);
}

static void lacks(const char *page, const char *text)
{
    if (strstr(page, text) != NULL)
        g_error("the page has %s", text);
}

static void the_forms_fields_stand_in_their_order(void)
{
    static const char *const fields[] = {
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "BIÊN BẢN",
        "Hội nghị",
        "Thời gian bắt đầu: 8 giờ 00, ngày 11 tháng 9 năm 2018",
        "Địa điểm: ",
        "Thành phần tham dự: 4 trên 4 điểm cầu",
        "Chủ trì (chủ tọa): ",
        "Thư ký (người ghi biên bản): ",
        "Nội dung (theo diễn biến hội nghị): ",
        "Ý kiến chỉ đạo của chủ tọa",
        "Hội nghị kết thúc vào 8 giờ 20, ngày 11 tháng 9 năm 2018./.",
        "THƯ KÝ",
        "CHỦ TỌA",
        "Nơi nhận:",
        "Phụ lục I<br>DANH SÁCH ĐIỂM CẦU",
        "Phụ lục II<br>ĐĂNG KÝ CHƯA ĐƯỢC PHÁT BIỂU",
        "Phụ lục III<br>SỰ CỐ KỸ THUẬT",
    };
    world_auto *world = stage_meeting();
    g_autofree char *page = page_of(world);
    const char *at = strstr(page, "<body>");
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        at = strstr(at, fields[i]);
        if (at == NULL)
            g_error("the page lacks \"%s\", or in that place", fields[i]);
    }
}

static void what_happened_stands_in_the_order_of_time(void)
{
    static const char *const course[] = {
        ">08:00:02</td><td>Khai mạc hội nghị.",
        ">08:00:15</td><td>Điểm danh: có mặt trực tiếp 0; dự trực tuyến 1; vắng 1; chưa trả lời 2.",
        "<td><bdi>Báo cáo về giải quyết thủ tục hành chính</bdi> (trình bày: ",
        (">08:01:02</td><td><strong><bdi>Thành phố Đà Nẵng</bdi></strong> (<bdi>Phó Chủ tịch UBND "
         "thành phố</bdi> <bdi>Trần Văn Tân</bdi>) phát biểu tham luận: "),
        "(2 phút 03 giây)",
        "Chủ tọa dừng phát biểu: <bdi>Quá thời gian</bdi>.",
        "Biểu quyết: ",
        "tán thành 1; không tán thành 1; ý kiến khác 0; không biểu quyết 2; trên tổng số 4.",
        "Thư ký ghi: ",
        "Hội nghị tạm dừng.",
        "Hội nghị tiếp tục.",
        "Dừng khi hội nghị kết thúc.",
    };
    world_auto *world = stage_meeting();
    g_autofree char *page = page_of(world);
    const char *at = page;
    for (size_t i = 0; i < G_N_ELEMENTS(course); i++) {
        at = strstr(at, course[i]);
        if (at == NULL)
            g_error("the page lacks \"%s\", or in that place", course[i]);
    }
}

static void what_was_not_said_is_shown_as_not_said(void)
{
    world_auto *world = stage_meeting();
    g_autofree char *page = page_of(world);
    has(page, "Địa điểm: <em>chưa xác định</em>");
    /* The first directive has neither a lead nor a date. */
    has(page, "<td><em>chưa xác định</em></td><td></td><td><em>chưa xác định</em>");
    has(page, "31/12/2018");
}

static void links_lead_into_the_recording(void)
{
    world_auto *world = stage_meeting();
    g_autofree char *page = page_of(world);
    has(page, "href=\"recordings/part-001/program.webm#t=40.0,163.0\"");
    has(page, "href=\"recordings/part-002/program.webm#t=185.0\"");
    has(page, "<audio controls preload=\"metadata\" src=\"recordings/part-001/program.webm\">");
    has(page, "src=\"recordings/part-002/program.webm\"");
}

static void texts_from_outside_stay_texts(void)
{
    static const char hostile[] = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;";
    world_auto *world = stage_meeting();
    for (unsigned i = 0; i < world->journal->len; i++) {
        struct event *event = world->journal->pdata[i];
        static const char *const keys[] = {"title", "place",    "topic", "why",
                                           "text",  "question", "due",   "speaker"};
        for (size_t k = 0; k < G_N_ELEMENTS(keys); k++)
            if (json_object_get(event->body, keys[k]) != NULL)
                json_object_set_new(event->body, keys[k], json_string(hostile));
        size_t index;
        json_t *site;
        json_array_foreach (json_object_get(event->body, "sites"), index, site)
            json_object_set_new(site, "name", json_string(hostile));
        if (strcmp(event->type, "recording.started") == 0)
            json_object_set_new(event->body, "path", json_string(hostile));
    }
    g_autofree char *page = page_of(world);
    lacks(page, "<script");
    lacks(page, "<img");
    lacks(page, "\"'>");
    lacks(page, "&amp;</");
    has(page, "&lt;script&gt;alert(1)&lt;/script&gt;");
}

static void a_path_that_leads_elsewhere_is_no_link(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "meeting.pause", "{}");
    world_do(world, "chair", "meeting.resume", "{}");
    struct event *event = world->journal->pdata[world->journal->len - 1];
    g_free(event->type);
    event->type = g_strdup("recording.started");
    json_decref(event->body);
    event->body = json_pack("{s:i, s:s}", "part", 1, "path", "../../../login");
    g_autofree char *page = page_of(world);
    lacks(page, "login");
    lacks(page, "<audio");
}

static void a_direction_mark_turns_nothing_around_it(void)
{
    world_auto *world = stage_meeting();
    for (unsigned i = 0; i < world->journal->len; i++) {
        struct event *event = world->journal->pdata[i];
        if (json_object_get(event->body, "topic") != NULL)
            json_object_set_new(event->body, "topic", json_string("\u202Eđảo ngược"));
    }
    g_autofree char *page = page_of(world);
    has(page, "<bdi>\u202Eđảo ngược</bdi>");
}

/* Every element that is opened is closed, in turn; the page's own grammar, not HTML's. */
static void the_page_is_well_formed(void)
{
    world_auto *world = stage_meeting();
    g_autofree char *page = page_of(world);
    g_autoptr(GPtrArray) open = g_ptr_array_new_with_free_func(g_free);
    for (const char *at = page; (at = strchr(at, '<')) != NULL; at++) {
        bool closes = at[1] == '/';
        const char *name = at + (closes ? 2 : 1);
        size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789");
        g_autofree char *element = g_strndup(name, length);
        if (length == 0 || strcmp(element, "br") == 0 || strcmp(element, "meta") == 0)
            continue;
        if (!closes) {
            g_ptr_array_add(open, g_steal_pointer(&element));
            continue;
        }
        g_assert_cmpuint(open->len, >, 0);
        g_assert_cmpstr(element, ==, open->pdata[open->len - 1]);
        g_ptr_array_set_size(open, (int)open->len - 1);
    }
    g_assert_cmpuint(open->len, ==, 0);
}

static void a_meeting_over_midnight_says_where_the_day_changes(void)
{
    world_auto *world = stage_meeting();
    for (unsigned i = 0; i < world->journal->len; i++) {
        struct event *event = world->journal->pdata[i];
        event->time_us += (int64_t)(15 * 3600 + 55 * 60) * 1000000; /* opens at 23:55 in Vietnam */
    }
    g_autofree char *page = page_of(world);
    has(page, "Thời gian bắt đầu: 23 giờ 55, ngày 11 tháng 9 năm 2018");
    has(page, "Sang ngày 12 tháng 9 năm 2018");
    has(page, "kết thúc vào 0 giờ 15, ngày 12 tháng 9 năm 2018./.");
}

static void a_meeting_that_was_cut_off_says_so(void)
{
    world_auto *world = world_open();
    world_do(world, "chair", "floor.grant", "{'site':'hue'}");
    g_autofree char *page = page_of(world);
    has(page, "Nhật ký chưa ghi nhận việc kết thúc hội nghị.");
    has(page, "Chưa ghi nhận lúc kết thúc phát biểu.");
    lacks(page, "./.");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(void);
    } tests[] = {
#define TEST(name) {"/page/" #name, name}
        TEST(the_forms_fields_stand_in_their_order),
        TEST(what_happened_stands_in_the_order_of_time),
        TEST(what_was_not_said_is_shown_as_not_said),
        TEST(links_lead_into_the_recording),
        TEST(texts_from_outside_stay_texts),
        TEST(a_path_that_leads_elsewhere_is_no_link),
        TEST(a_direction_mark_turns_nothing_around_it),
        TEST(the_page_is_well_formed),
        TEST(a_meeting_over_midnight_says_where_the_day_changes),
        TEST(a_meeting_that_was_cut_off_says_so),
    };
    if (argc == 2 && strcmp(argv[1], "--page") == 0) {
        world_auto *world = stage_meeting();
        g_autofree char *page = page_of(world);
        fputs(page, stdout);
        return 0;
    }
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].name, tests[i].test);
    return g_test_run();
}
