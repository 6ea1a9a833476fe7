/* The annexes: what the form has no field for. */
#include "signaling/minutes/html.h"

#include "signaling/minutes/page.h"

#include <string.h>

#define NUMBER "<th class=\"number\">TT</th>"

static void begin_annex(GString *page, unsigned *number, const char *title, const char *columns)
{
    static const char *const roman[] = {"I", "II", "III"};
    g_string_append_printf(page,
                           "<section class=\"annex\"><h3>Phụ lục %s<br>%s</h3>\n"
                           "<table class=\"grid\"><thead><tr>%s</tr></thead><tbody>\n",
                           roman[*number], title, columns);
    ++*number;
}

static void end_annex(GString *page)
{
    g_string_append(page, "</tbody></table></section>\n");
}

static void begin_row(GString *page, size_t index)
{
    g_string_append_printf(page, "<tr><td class=\"number\">%zu</td><td>", index + 1);
}

static void next_cell(GString *page, bool is_time)
{
    g_string_append(page, is_time ? "</td><td class=\"time\">" : "</td><td>");
}

/* ---- rooms ---- */

static const char *word_for(const char *word)
{
    static const struct {
        const char *word, *text;
    } texts[] = {
        {"chair", "chủ trì"},
        {"observer", "dự thính"},
        {"in-person", "trực tiếp"},
        {"online", "trực tuyến"},
        {"absent", "vắng"},
        {"lost", "mất tín hiệu"},
        {"replaced", "đổi thiết bị"},
        {"restart", "máy chủ khởi động lại"},
        {"removed", "chủ tọa mời ra"},
        {"denied", "chủ tọa không mời"},
        {"cancelled", "rút đăng ký"},
        {"closed", "hội nghị kết thúc trước"},
        {"bridge.lost", "Máy chủ âm thanh ngừng hoạt động"},
        {"holder.lost", "Mất tín hiệu khi đang phát biểu hoặc chủ trì"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (g_strcmp0(word, texts[i].word) == 0)
            return texts[i].text;
    }
    return NULL;
}

static const char *word_of(const json_t *object, const char *key)
{
    return word_for(json_string_value(json_object_get(object, key)));
}

static void put_spans(GString *page, const json_t *spans, bool is_closed)
{
    size_t index;
    json_t *span;
    json_array_foreach ((json_t *)spans, index, span) {
        const char *reason = json_string_value(json_object_get(span, "reason"));
        g_string_append(page, index > 0 ? "<br>" : "");
        page_clock(page, span, "joined");
        g_string_append(page, "–");
        page_clock(page, span, "left");
        if (json_is_null(json_object_get(span, "left")))
            g_string_append(page, is_closed ? "kết thúc" : "…");
        /* That a room went when it was done needs no reason. */
        if (reason != NULL && strcmp(reason, "closed") != 0 && word_for(reason) != NULL)
            g_string_append_printf(page, " <span class=\"soft\">(%s)</span>", word_for(reason));
    }
    if (json_array_size(spans) == 0)
        g_string_append(page, "<em>không kết nối</em>");
}

static void put_room(GString *page, const json_t *room, size_t index, bool is_closed)
{
    const char *role = word_of(room, "role"), *answer = word_of(room, "answer");
    begin_row(page, index);
    page_field(page, room, "name");
    if (role != NULL)
        g_string_append_printf(page, " <span class=\"soft\">(%s)</span>", role);
    next_cell(page, false);
    g_string_append(page, answer != NULL ? answer : "");
    if (json_is_string(json_object_get(room, "why"))) {
        g_string_append(page, ": ");
        page_field(page, room, "why");
    }
    next_cell(page, false);
    put_spans(page, json_object_get(room, "spans"), is_closed);
    next_cell(page, true);
    if (json_array_size(json_object_get(room, "spans")) > 0)
        page_duration(page, json_number_value(json_object_get(room, "seconds")));
    g_string_append(page, "</td></tr>\n");
}

static void put_rooms(GString *page, const json_t *minutes, unsigned *number)
{
    const json_t *meeting = json_object_get(minutes, "meeting");
    bool is_closed = json_is_string(json_object_get(meeting, "closed"));
    size_t index;
    json_t *room;
    begin_annex(page, number, "DANH SÁCH ĐIỂM CẦU",
                NUMBER
                "<th>Điểm cầu</th><th class=\"short\">Điểm danh</th>"
                "<th class=\"wide\">Kết nối (vào–rời)</th><th class=\"middle\">Thời gian dự</th>");
    json_array_foreach (json_object_get(minutes, "attendance"), index, room)
        put_room(page, room, index, is_closed);
    end_annex(page);
}

/* ---- requests that were not granted ---- */

static void put_request(GString *page, const json_t *request, size_t index)
{
    const char *how = word_of(request, "how");
    begin_row(page, index);
    page_field(page, request, "site_name");
    next_cell(page, true);
    page_clock(page, request, "requested");
    next_cell(page, false);
    page_field(page, request, "topic");
    next_cell(page, false);
    g_string_append(page, how != NULL ? how : "");
    if (json_is_string(json_object_get(request, "why"))) {
        g_string_append(page, ": ");
        page_field(page, request, "why");
    }
    g_string_append(page, "</td></tr>\n");
}

static void put_requests(GString *page, const json_t *requests, unsigned *number)
{
    size_t index;
    json_t *request;
    if (json_array_size(requests) == 0)
        return;
    begin_annex(page, number, "ĐĂNG KÝ CHƯA ĐƯỢC PHÁT BIỂU",
                NUMBER "<th class=\"middle\">Điểm cầu</th><th class=\"short\">Đăng ký lúc</th>"
                       "<th>Nội dung</th><th>Kết quả</th>");
    json_array_foreach ((json_t *)requests, index, request)
        put_request(page, request, index);
    end_annex(page);
}

/* ---- incidents ---- */

static void put_incident(GString *page, const json_t *incident, size_t index)
{
    const char *what = word_of(incident, "type");
    begin_row(page, index);
    g_string_append(page, what != NULL ? what : "");
    if (json_is_string(json_object_get(incident, "site_name"))) {
        g_string_append(page, ": ");
        page_field(page, incident, "site_name");
    }
    next_cell(page, true);
    page_clock(page, incident, "time");
    next_cell(page, true);
    if (json_is_string(json_object_get(incident, "until")))
        page_clock(page, incident, "until");
    else
        g_string_append(page, "<em>chưa khôi phục</em>");
    g_string_append(page, "</td></tr>\n");
}

static void put_incidents(GString *page, const json_t *incidents, unsigned *number)
{
    size_t index;
    json_t *incident;
    if (json_array_size(incidents) == 0)
        return;
    begin_annex(page, number, "SỰ CỐ KỸ THUẬT",
                NUMBER "<th>Sự cố</th><th class=\"short\">Từ lúc</th>"
                       "<th class=\"middle\">Đến lúc</th>");
    json_array_foreach ((json_t *)incidents, index, incident)
        put_incident(page, incident, index);
    end_annex(page);
}

void html_annexes(GString *page, const json_t *minutes)
{
    unsigned number = 0;
    put_rooms(page, minutes, &number);
    put_requests(page, json_object_get(minutes, "not_granted"), &number);
    put_incidents(page, json_object_get(minutes, "incidents"), &number);
}
