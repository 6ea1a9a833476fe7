/* The minutes as a page: the fields of the decree's form 1.9 in their order, readable on screen and
 * on paper. Every text that came from outside goes through put_text(). */
#include "signaling/minutes/minutes.h"

#include "common/clock.h"

#include <string.h>

#define VIETNAM_OFFSET_S (7 * 3600)

static const char style[] =
    "body{font-family:'Times New Roman','Liberation Serif',serif;font-size:14pt;line-height:1.4;"
    "color:#000;max-width:180mm;margin:15mm auto;padding:0 8mm}"
    "h1,h2{text-align:center;font-size:14pt;margin:0}h1{margin-top:8mm}h2{margin-bottom:6mm}"
    "h2::after{content:'';display:block;width:23mm;border-bottom:1px solid #000;margin:2mm auto}"
    "h3{font-size:14pt;margin:6mm 0 2mm}p{margin:0 0 6pt;text-align:justify;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;width:100%;font-size:12pt;margin:2mm 0 4mm}"
    "th,td{border:1px solid #555;padding:1.5mm 2mm;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}th{background:#f0f0f0}"
    "a{color:#7f1014}audio{width:100%;margin:2mm 0 6mm}.soft{color:#555}"
    ".proof{font-size:10pt;color:#555;overflow-wrap:anywhere;margin-top:10mm}"
    ".undetermined{font-style:italic}"
    "@media print{body{margin:0;max-width:none}audio{display:none}a{color:inherit;"
    "text-decoration:none}}";

static void put_text(GString *page, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text != NULL ? text : "", -1);
    g_string_append(page, escaped);
}

static void put_field(GString *page, const json_t *object, const char *key)
{
    put_text(page, json_string_value(json_object_get(object, key)));
}

static GDateTime *local_time(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    int64_t utc_us;
    if (text == NULL || !clock_parse_rfc3339(text, &utc_us))
        return NULL;
    return g_date_time_new_from_unix_utc(utc_us / 1000000 + VIETNAM_OFFSET_S);
}

/* "08:30:05" */
static void put_clock(GString *page, const json_t *object, const char *key)
{
    g_autoptr(GDateTime) when = local_time(object, key);
    if (when == NULL)
        return;
    g_autofree char *text = g_date_time_format(when, "%H:%M:%S");
    g_string_append(page, text);
}

/* "8 giờ 30, ngày 05 tháng 9 năm 2018": days below 10 and the months 1 and 2 take a zero. */
static void put_moment(GString *page, const json_t *object, const char *key)
{
    g_autoptr(GDateTime) when = local_time(object, key);
    if (when == NULL) {
        g_string_append(page, "<span class=\"undetermined\">chưa xác định</span>");
        return;
    }
    int month = g_date_time_get_month(when);
    g_string_append_printf(page,
                           month < 3 ? "%d giờ %02d, ngày %02d tháng %02d năm %d"
                                     : "%d giờ %02d, ngày %02d tháng %d năm %d",
                           g_date_time_get_hour(when), g_date_time_get_minute(when),
                           g_date_time_get_day_of_month(when), month, g_date_time_get_year(when));
}

static void put_label(GString *page, const char *label)
{
    g_string_append_printf(page, "<p><strong>%s:</strong> ", label);
}

/* A link to a moment of the recording; the path is ours, but is escaped like everything. */
static void put_recording(GString *page, const json_t *recording)
{
    char start[G_ASCII_DTOSTR_BUF_SIZE], end[G_ASCII_DTOSTR_BUF_SIZE];
    const char *path = json_string_value(json_object_get(recording, "path"));
    double from = json_number_value(json_object_get(recording, "start_seconds"));
    double to = json_number_value(json_object_get(recording, "end_seconds"));
    if (path == NULL)
        return;
    g_ascii_formatd(start, sizeof start, "%.1f", MAX(from, 0));
    g_ascii_formatd(end, sizeof end, "%.1f", MAX(to, 0));
    g_string_append(page, "<a href=\"recordings/");
    put_text(page, path);
    g_string_append_printf(page,
                           to > from ? "#t=%s,%s\">▶ %d:%02d</a>" : "#t=%s%.0s\">▶ %d:%02d</a>",
                           start, end, (int)from / 60, (int)from % 60);
}

static void put_attendance(GString *page, const json_t *minutes)
{
    size_t index;
    json_t *entry;
    size_t present = 0;
    const json_t *attendance = json_object_get(minutes, "attendance");
    json_array_foreach((json_t *)attendance, index, entry) present +=
        json_array_size(json_object_get(entry, "spans")) > 0;
    put_label(page, "Thành phần tham dự");
    g_string_append_printf(page, "%zu/%zu điểm cầu có kết nối</p>", present,
                           json_array_size(attendance));
    g_string_append(page, "<table><thead><tr><th>TT</th><th>Điểm cầu</th><th>Vào lúc</th>"
                          "<th>Rời lúc</th><th>Thời gian</th></tr></thead><tbody>");
    json_array_foreach((json_t *)attendance, index, entry)
    {
        const json_t *spans = json_object_get(entry, "spans");
        json_int_t seconds = json_integer_value(json_object_get(entry, "seconds"));
        g_string_append_printf(page, "<tr><td>%zu</td><td>", index + 1);
        put_field(page, entry, "name");
        g_string_append(page, "</td><td>");
        if (json_array_size(spans) == 0)
            g_string_append(page, "<span class=\"soft\">không kết nối</span>");
        put_clock(page, json_array_get(spans, 0), "joined");
        g_string_append(page, "</td><td>");
        put_clock(page, json_array_get(spans, json_array_size(spans) - 1), "left");
        g_string_append(page, "</td><td>");
        if (json_array_size(spans) > 0)
            g_string_append_printf(page, "%d:%02d", (int)(seconds / 60), (int)(seconds % 60));
        if (json_array_size(spans) > 1)
            g_string_append_printf(page, " <span class=\"soft\">(%zu lần kết nối)</span>",
                                   json_array_size(spans));
        g_string_append(page, "</td></tr>");
    }
    g_string_append(page, "</tbody></table>");
}

static const char *how_text(const char *how)
{
    static const struct {
        const char *how, *text;
    } texts[] = {
        {"released", "kết thúc"},          {"revoked", "chủ tọa dừng"},
        {"running", "đang phát biểu"},     {"denied", "không được mời"},
        {"cancelled", "rút hoặc hết giờ"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (g_strcmp0(how, texts[i].how) == 0)
            return texts[i].text;
    }
    return "";
}

static void put_person(GString *page, const json_t *speech)
{
    const char *title = json_string_value(json_object_get(speech, "title"));
    const char *speaker = json_string_value(json_object_get(speech, "speaker"));
    put_field(page, speech, "site_name");
    if (title != NULL || speaker != NULL) {
        g_string_append(page, "<br><span class=\"soft\">");
        put_text(page, title);
        g_string_append(page, title != NULL && speaker != NULL ? " " : "");
        put_text(page, speaker);
        g_string_append(page, "</span>");
    }
}

static void put_outcome(GString *page, const json_t *speech)
{
    const char *why = json_string_value(json_object_get(speech, "why"));
    g_string_append(page, how_text(json_string_value(json_object_get(speech, "how"))));
    if (why != NULL) {
        g_string_append(page, ": ");
        put_text(page, why);
    }
}

static void put_speeches(GString *page, const json_t *minutes)
{
    size_t index;
    json_t *speech;
    const json_t *speeches = json_object_get(minutes, "speeches");
    g_string_append(page, "<h3>Nội dung (theo diễn biến hội nghị)</h3>");
    if (json_array_size(speeches) == 0) {
        g_string_append(page, "<p>Không có phát biểu từ các điểm cầu.</p>");
        return;
    }
    g_string_append(page, "<table><thead><tr><th>Từ – đến</th><th>Điểm cầu, người phát biểu</th>"
                          "<th>Nội dung</th><th>Kết quả</th><th>Ghi âm</th></tr></thead><tbody>");
    json_array_foreach((json_t *)speeches, index, speech)
    {
        g_string_append(page, "<tr><td>");
        put_clock(page, speech, "granted");
        g_string_append(page, " – ");
        put_clock(page, speech, "ended");
        g_string_append(page, "</td><td>");
        put_person(page, speech);
        g_string_append(page, "</td><td>");
        put_field(page, speech, "topic");
        g_string_append(page, "</td><td>");
        put_outcome(page, speech);
        g_string_append(page, "</td><td>");
        put_recording(page, json_object_get(speech, "recording"));
        g_string_append(page, "</td></tr>");
    }
    g_string_append(page, "</tbody></table>");
}

static void put_not_granted(GString *page, const json_t *minutes)
{
    size_t index;
    json_t *request;
    const json_t *refused = json_object_get(minutes, "not_granted");
    if (json_array_size(refused) == 0)
        return;
    g_string_append(page, "<h3>Đăng ký chưa được phát biểu</h3>");
    json_array_foreach((json_t *)refused, index, request)
    {
        g_string_append(page, "<p>– ");
        put_field(page, request, "site_name");
        if (json_is_string(json_object_get(request, "topic"))) {
            g_string_append(page, ", nội dung: ");
            put_field(page, request, "topic");
        }
        g_string_append(page, " (");
        put_outcome(page, request);
        g_string_append(page, ")</p>");
    }
}

static void put_notes(GString *page, const json_t *minutes)
{
    size_t index;
    json_t *note;
    const json_t *notes = json_object_get(minutes, "notes");
    if (json_array_size(notes) == 0)
        return;
    g_string_append(page, "<h3>Ghi chú của thư ký</h3>");
    json_array_foreach((json_t *)notes, index, note)
    {
        g_string_append(page, "<p>");
        put_clock(page, note, "time");
        g_string_append(page, " – ");
        put_field(page, note, "text");
        g_string_append(page, " ");
        put_recording(page, json_object_get(note, "recording"));
        g_string_append(page, "</p>");
    }
}

/* What the chair has not said is shown as not said, never guessed. */
static void put_or_undetermined(GString *page, const json_t *object, const char *key)
{
    if (json_is_string(json_object_get(object, key)))
        put_field(page, object, key);
    else
        g_string_append(page, "<span class=\"undetermined\">chưa xác định</span>");
}

static void put_directives(GString *page, const json_t *minutes)
{
    size_t index;
    json_t *directive;
    const json_t *directives = json_object_get(minutes, "directives");
    if (json_array_size(directives) == 0)
        return;
    g_string_append(page, "<h3>Kết luận, ý kiến chỉ đạo</h3>"
                          "<table><thead><tr><th>TT</th><th>Nội dung</th><th>Cơ quan chủ trì</th>"
                          "<th>Thời hạn</th></tr></thead><tbody>");
    json_array_foreach((json_t *)directives, index, directive)
    {
        bool is_withdrawn =
            g_strcmp0(json_string_value(json_object_get(directive, "state")), "withdrawn") == 0;
        g_string_append_printf(page, "<tr><td>%zu</td><td>%s", index + 1,
                               is_withdrawn ? "<s>" : "");
        put_field(page, directive, "text");
        g_string_append(page, is_withdrawn ? "</s> (đã rút) " : " ");
        put_recording(page, json_object_get(directive, "recording"));
        g_string_append(page, "</td><td>");
        put_or_undetermined(page, directive, "lead_name");
        g_string_append(page, "</td><td>");
        put_or_undetermined(page, directive, "due");
        g_string_append(page, "</td></tr>");
    }
    g_string_append(page, "</tbody></table>");
}

static void put_incidents(GString *page, const json_t *minutes)
{
    static const struct {
        const char *type, *text;
    } texts[] = {
        {"bridge.lost", "Mất cầu truyền âm thanh"},
        {"bridge.restored", "Khôi phục cầu truyền âm thanh"},
        {"holder.lost", "Điểm cầu đang phát biểu mất tín hiệu"},
    };
    size_t index;
    json_t *incident;
    const json_t *incidents = json_object_get(minutes, "incidents");
    if (json_array_size(incidents) == 0)
        return;
    g_string_append(page, "<h3>Sự cố kỹ thuật</h3>");
    json_array_foreach((json_t *)incidents, index, incident)
    {
        const char *type = json_string_value(json_object_get(incident, "type"));
        g_string_append(page, "<p>");
        put_clock(page, incident, "time");
        g_string_append(page, " – ");
        for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
            if (g_strcmp0(type, texts[i].type) == 0)
                g_string_append(page, texts[i].text);
        }
        g_string_append(page, "</p>");
    }
}

static void put_recordings(GString *page, const json_t *minutes)
{
    size_t index;
    json_t *part;
    json_array_foreach(json_object_get(minutes, "recordings"), index, part)
    {
        g_string_append(page, "<audio controls preload=\"metadata\" src=\"recordings/");
        put_field(page, part, "path");
        g_string_append(page, "\"></audio>");
    }
}

static void put_head(GString *page, const json_t *minutes)
{
    const json_t *meeting = json_object_get(minutes, "meeting");
    g_string_append(page,
                    "<!doctype html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\">"
                    "<meta name=\"viewport\" content=\"width=device-width\"><title>Biên bản: ");
    put_field(page, meeting, "title");
    g_string_append_printf(page, "</title><style>%s</style></head><body><h1>BIÊN BẢN</h1><h2>",
                           style);
    put_field(page, meeting, "title");
    g_string_append(page, "</h2>");
    put_label(page, "Thời gian bắt đầu");
    put_moment(page, meeting, "opened");
    g_string_append(page, "</p>");
    put_label(page, "Địa điểm");
    put_or_undetermined(page, meeting, "place");
    g_string_append_printf(page, " và %zu điểm cầu</p>",
                           json_array_size(json_object_get(minutes, "attendance")));
}

static void put_end(GString *page, const json_t *minutes)
{
    const json_t *journal = json_object_get(minutes, "journal");
    const json_t *meeting = json_object_get(minutes, "meeting");
    if (json_is_string(json_object_get(meeting, "closed"))) {
        g_string_append(page, "<p>Hội nghị kết thúc vào ");
        put_moment(page, meeting, "closed");
        g_string_append(page, "./.</p>");
    } else {
        g_string_append(page, "<p class=\"undetermined\">Hội nghị chưa kết thúc.</p>");
    }
    g_string_append(page, "<p class=\"proof\">Lập tự động từ nhật ký hội nghị: ");
    g_string_append_printf(page, "%d sự kiện, mã băm cuối ",
                           (int)json_integer_value(json_object_get(journal, "events")));
    put_field(page, journal, "last");
    g_string_append(page, "</p></body></html>\n");
}

char *minutes_to_html(const json_t *minutes)
{
    GString *page = g_string_new(NULL);
    put_head(page, minutes);
    put_attendance(page, minutes);
    put_label(page, "Chủ trì (chủ tọa)");
    put_or_undetermined(page, json_object_get(minutes, "chair"), "name");
    g_string_append(page, "</p>");
    put_recordings(page, minutes);
    put_speeches(page, minutes);
    put_not_granted(page, minutes);
    put_notes(page, minutes);
    put_directives(page, minutes);
    put_incidents(page, minutes);
    put_end(page, minutes);
    return g_string_free(page, FALSE);
}
