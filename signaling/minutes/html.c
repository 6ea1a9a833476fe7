/* The minutes as a page: the decree's form 1.9, field by field in its order (Decree 30/2020/NĐ-CP,
 * annex III), readable on screen and on paper. */
#include "signaling/minutes/html.h"

#include "signaling/minutes/minutes.h"
#include "signaling/minutes/page.h"

static void put_label(GString *page, const char *label)
{
    g_string_append_printf(page, "<p class=\"field\">%s: ", label);
}

static void put_begin(GString *page, const json_t *minutes)
{
    const json_t *meeting = json_object_get(minutes, "meeting");
    const char *title = json_string_value(json_object_get(meeting, "title"));
    g_autofree char *escaped = g_markup_escape_text(title != NULL ? title : "", -1);
    g_string_append_printf(page,
                           "<!doctype html>\n<html lang=\"vi\">\n<head><meta charset=\"utf-8\">\n"
                           "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                           "\n<title>Biên bản: %s</title>\n<style>%s</style></head>\n<body>\n",
                           escaped, page_style);
    g_string_append(page, "<p class=\"banner\">Bản thảo lập tự động từ nhật ký hội nghị, chưa được "
                          "thư ký và chủ tọa duyệt. Chỗ ghi <em>chưa xác định</em> là điều nhật ký "
                          "không có.</p>\n");
    page_letterhead(page, "BB", NULL);
    g_string_append(page, "\n<h1>BIÊN BẢN</h1>\n<h2 class=\"rule name\">");
    page_field_or_undetermined(page, meeting, "title");
    g_string_append(page, "</h2>\n");
}

/* ---- the form's fields ---- */

static void put_attendance(GString *page, const json_t *minutes)
{
    const json_t *attendance = json_object_get(minutes, "attendance");
    size_t index, present = 0;
    json_t *entry;
    json_array_foreach ((json_t *)attendance, index, entry)
        present += json_array_size(json_object_get(entry, "spans")) > 0;
    put_label(page, "Thành phần tham dự");
    g_string_append_printf(page, "%zu trên %zu điểm cầu có kết nối (danh sách tại Phụ lục I)</p>\n",
                           present, json_array_size(attendance));
}

static void put_rooms(GString *page, const json_t *minutes)
{
    size_t rooms = json_array_size(json_object_get(minutes, "attendance"));
    put_label(page, "Địa điểm");
    page_field_or_undetermined(page, json_object_get(minutes, "meeting"), "place");
    if (rooms > 1)
        g_string_append_printf(page, " và %zu điểm cầu (Phụ lục I)", rooms - 1);
    g_string_append(page, "</p>\n");
}

/* "Nguyễn Văn An, Phó Thủ tướng". */
static void put_person(GString *page, const json_t *person)
{
    page_field_or_undetermined(page, person, "name");
    if (json_is_string(json_object_get(person, "post"))) {
        g_string_append(page, ", ");
        page_field(page, person, "post");
    }
}

static void put_fields(GString *page, const json_t *minutes)
{
    put_label(page, "Thời gian bắt đầu");
    page_moment(page, json_object_get(minutes, "meeting"), "opened");
    g_string_append(page, "</p>\n");
    put_rooms(page, minutes);
    put_attendance(page, minutes);
    put_label(page, "Chủ trì (chủ tọa)");
    put_person(page, json_object_get(json_object_get(minutes, "chair"), "person"));
    if (json_is_object(json_object_get(minutes, "chair"))) {
        g_string_append(page, ", tại ");
        page_field(page, json_object_get(minutes, "chair"), "name");
    }
    g_string_append(page, "</p>\n");
    put_label(page, "Thư ký (người ghi biên bản)");
    put_person(page, json_object_get(minutes, "secretary"));
    g_string_append(page, "</p>\n");
    put_label(page, "Nội dung (theo diễn biến hội nghị)");
    g_string_append(page, "</p>\n");
}

static void put_players(GString *page, const json_t *minutes)
{
    size_t index;
    json_t *part;
    json_array_foreach (json_object_get(minutes, "recordings"), index, part) {
        g_autofree char *address =
            page_recording_address(json_string_value(json_object_get(part, "path")));
        if (address == NULL)
            continue;
        g_string_append_printf(page, "<div class=\"player\">Ghi âm hội nghị, phần %zu, từ ",
                               index + 1);
        page_clock(page, part, "started");
        g_string_append_printf(
            page, "<audio controls preload=\"metadata\" src=\"%s\"></audio></div>\n", address);
    }
}

/* ---- directives ---- */

static void put_names(GString *page, const json_t *names)
{
    size_t index;
    json_t *name;
    json_array_foreach ((json_t *)names, index, name) {
        g_string_append(page, index > 0 ? "; " : "");
        page_text(page, json_string_value(name));
    }
}

static void put_directive(GString *page, const json_t *directive, size_t number)
{
    bool is_withdrawn = json_is_string(json_object_get(directive, "withdrawn"));
    g_string_append_printf(page, "<tr%s><td class=\"number\">%zu</td><td>",
                           is_withdrawn ? " class=\"withdrawn\"" : "", number);
    g_string_append(page, "<span class=\"note text\">");
    page_field(page, directive, "text");
    g_string_append(page, "</span>");
    page_recordings(page, json_object_get(directive, "recordings"));
    if (is_withdrawn) {
        g_string_append(page, "<br><em>Đã rút");
        if (json_is_string(json_object_get(directive, "why"))) {
            g_string_append(page, ": ");
            page_field(page, directive, "why");
        }
        g_string_append(page, "</em>");
    }
    g_string_append(page, "</td><td>");
    page_field_or_undetermined(page, directive, "lead_name");
    g_string_append(page, "</td><td>");
    put_names(page, json_object_get(directive, "support_names"));
    g_string_append(page, "</td><td>");
    page_date(page, directive, "due");
    g_string_append(page, "</td></tr>\n");
}

static void put_directives(GString *page, const json_t *minutes)
{
    const json_t *directives = json_object_get(minutes, "directives");
    size_t index;
    json_t *directive;
    g_string_append(page, "<h3>Ý kiến chỉ đạo của chủ tọa</h3>\n");
    if (json_array_size(directives) == 0) {
        g_string_append(page, "<p class=\"field\">Không có ý kiến chỉ đạo được ghi.</p>\n");
        return;
    }
    g_string_append(page,
                    "<table class=\"grid\"><thead><tr><th class=\"number\">TT</th><th>Nội dung</th>"
                    "<th class=\"middle\">Cơ quan chủ trì</th>"
                    "<th class=\"middle\">Cơ quan phối hợp</th>"
                    "<th class=\"short\">Thời hạn</th></tr>"
                    "</thead><tbody>\n");
    json_array_foreach ((json_t *)directives, index, directive)
        put_directive(page, directive, index + 1);
    g_string_append(page, "</tbody></table>\n");
}

/* ---- the end ---- */

/* ---- opinions in writing ---- */

static void put_opinion(GString *page, const json_t *opinion)
{
    g_string_append(page, "<p class=\"field\"><strong>");
    page_field(page, opinion, "site_name");
    g_string_append(page, "</strong>");
    if (json_is_string(json_object_get(opinion, "speaker"))) {
        g_string_append(page, " (");
        page_field(page, opinion, "speaker");
        g_string_append(page, ")");
    }
    g_string_append(page, ": <span class=\"note\">");
    page_field(page, opinion, "text");
    g_string_append(page, "</span></p>\n");
}

static void put_opinions(GString *page, const json_t *opinions)
{
    size_t index;
    json_t *opinion;
    if (json_array_size(opinions) == 0)
        return;
    g_string_append_printf(page, "<h3>Ý kiến bằng văn bản (%zu)</h3>\n", json_array_size(opinions));
    json_array_foreach ((json_t *)opinions, index, opinion)
        put_opinion(page, opinion);
}

/* A signer's name, without learned titles; the place for it when nobody is named. */
static void put_signer(GString *page, const json_t *person)
{
    g_string_append(page, "<td><strong>");
    if (json_is_string(json_object_get(person, "name")))
        page_field(page, person, "name");
    else
        g_string_append(page, "Họ và tên");
    g_string_append(page, "</strong></td>");
}

static void put_end(GString *page, const json_t *minutes)
{
    const json_t *meeting = json_object_get(minutes, "meeting");
    g_string_append(page, "<p class=\"field\">");
    if (json_is_string(json_object_get(meeting, "closed"))) {
        g_string_append(page, "Hội nghị kết thúc vào ");
        page_moment(page, meeting, "closed");
        g_string_append(page, "./.");
    } else {
        g_string_append(page, "<em>Nhật ký chưa ghi nhận việc kết thúc hội nghị.</em>");
    }
    g_string_append(page,
                    "</p>\n<table class=\"sign\"><tr><td><strong>THƯ KÝ</strong></td>"
                    "<td><strong>CHỦ TỌA</strong></td></tr><tr><td class=\"space\"></td><td></td>"
                    "</tr><tr>");
    put_signer(page, json_object_get(minutes, "secretary"));
    put_signer(page, json_object_get(json_object_get(minutes, "chair"), "person"));
    g_string_append(page, "</tr></table>\n<div class=\"copies\"><p><strong>Nơi nhận:</strong></p>"
                          "<p>- …… ;</p><p>- Lưu: VT, Hồ sơ.</p></div>\n");
}

static void put_proof(GString *page, const json_t *journal)
{
    g_string_append_printf(
        page,
        "<p class=\"proof\">Nhật ký hội nghị: %lld sự kiện, mã băm SHA-256 của sự kiện cuối: ",
        (long long)json_integer_value(json_object_get(journal, "events")));
    page_field(page, journal, "last");
    g_string_append(page, "</p>\n");
}

char *minutes_to_html(const json_t *minutes)
{
    GString *page = g_string_new(NULL);
    put_begin(page, minutes);
    put_fields(page, minutes);
    put_players(page, minutes);
    html_course(page, minutes);
    put_directives(page, minutes);
    put_opinions(page, json_object_get(minutes, "opinions"));
    put_end(page, minutes);
    html_annexes(page, minutes);
    put_proof(page, json_object_get(minutes, "journal"));
    g_string_append(page, "</body>\n</html>\n");
    return g_string_free(page, FALSE);
}
