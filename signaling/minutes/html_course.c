/* "Nội dung (theo diễn biến hội nghị)": what the minutes hold in several lists, put in the order in
 * which it happened. */
#include "signaling/minutes/html.h"

#include "signaling/minutes/page.h"

#include <string.h>

struct entry {
    const char *time; /* RFC 3339 in UTC with six digits: sorts as text */
    const json_t *what;
    void (*put)(GString *page, const json_t *what);
    const char *row_class;
};

static void add(GArray *entries, const json_t *time, const json_t *what,
                void (*put)(GString *page, const json_t *what))
{
    struct entry entry = {json_string_value(time), what, put, ""};
    if (entry.time != NULL)
        g_array_append_val(entries, entry);
}

static void add_list(GArray *entries, const json_t *list, const char *time_key,
                     void (*put)(GString *page, const json_t *what))
{
    size_t index;
    json_t *what;
    json_array_foreach ((json_t *)list, index, what)
        add(entries, json_object_get(what, time_key), what, put);
}

static bool has_text(const json_t *object, const char *key)
{
    return json_is_string(json_object_get(object, key));
}

static void put_after(GString *page, const char *before, const json_t *object, const char *key)
{
    if (!has_text(object, key))
        return;
    g_string_append(page, before);
    page_field(page, object, key);
}

/* ---- the meeting itself ---- */

static void put_opened(GString *page, const json_t *meeting)
{
    (void)meeting;
    g_string_append(page, "Khai mạc hội nghị.");
}

static void put_paused(GString *page, const json_t *pause)
{
    (void)pause;
    g_string_append(page, "Hội nghị tạm dừng.");
}

static void put_resumed(GString *page, const json_t *pause)
{
    (void)pause;
    g_string_append(page, "Hội nghị tiếp tục.");
}

/* The room that has the chair's powers, or the secretary. */
static void put_delegate(GString *page, const json_t *delegation)
{
    if (has_text(delegation, "name"))
        page_field(page, delegation, "name");
    else
        g_string_append(page, "Thư ký");
}

static void put_delegated(GString *page, const json_t *delegation)
{
    const char *rule = json_string_value(json_object_get(delegation, "as"));
    if (g_strcmp0(rule, "delegate") == 0) {
        g_string_append(page, "Chủ tọa giao quyền điều hành cho ");
        put_delegate(page, delegation);
        g_string_append(page, ".");
    } else {
        put_delegate(page, delegation);
        g_string_append(page, " điều hành thay khi điểm cầu chủ tọa mất kết nối.");
    }
}

static void put_consult(GString *page, const json_t *consult)
{
    size_t index;
    json_t *name;
    g_string_append(page, "Chủ tọa hội ý riêng (");
    json_array_foreach (json_object_get(consult, "site_names"), index, name) {
        g_string_append(page, index > 0 ? "; " : "");
        page_text(page, json_string_value(name));
    }
    g_string_append(page, json_array_size(json_object_get(consult, "accounts")) > 0 ? "; thư ký)."
                                                                                    : ").");
}

static void put_consult_end(GString *page, const json_t *consult)
{
    (void)consult;
    g_string_append(page, "Kết thúc hội ý riêng.");
}

static void put_recalled(GString *page, const json_t *delegation)
{
    put_delegate(page, delegation);
    g_string_append(page, " thôi điều hành thay chủ tọa.");
}

static void put_item(GString *page, const json_t *item)
{
    page_field(page, item, "title");
    if (has_text(item, "presenter")) {
        g_string_append(page, " (trình bày: ");
        page_field(page, item, "presenter");
        g_string_append(page, ")");
    }
}

/* ---- speeches ---- */

static const char *kind_text(const char *kind)
{
    static const struct {
        const char *kind, *text;
    } texts[] = {
        {"prepared", "phát biểu tham luận"},        {"opinion", "phát biểu ý kiến"},
        {"rebuttal", "phát biểu tranh luận"},       {"answer", "trả lời"},
        {"point-of-order", "có ý kiến về thủ tục"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (g_strcmp0(kind, texts[i].kind) == 0)
            return texts[i].text;
    }
    return "phát biểu";
}

static void put_person(GString *page, const json_t *speech)
{
    bool has_title = has_text(speech, "title"), has_speaker = has_text(speech, "speaker");
    g_string_append(page, "<strong>");
    page_field(page, speech, "site_name");
    g_string_append(page, "</strong>");
    if (!has_title && !has_speaker)
        return;
    g_string_append(page, " (");
    page_field(page, speech, "title");
    g_string_append(page, has_title && has_speaker ? " " : "");
    page_field(page, speech, "speaker");
    g_string_append(page, ")");
}

static void put_end_of_speech(GString *page, const json_t *speech)
{
    const char *how = json_string_value(json_object_get(speech, "how"));
    if (g_strcmp0(how, "running") == 0) {
        g_string_append(page, " <em>Chưa ghi nhận lúc kết thúc phát biểu.</em>");
        return;
    }
    g_string_append(page, " <span class=\"soft\">(");
    page_duration(page, json_number_value(json_object_get(speech, "seconds")));
    g_string_append(page, ")</span>");
    if (g_strcmp0(how, "revoked") == 0) {
        put_after(page, " Chủ tọa dừng phát biểu: ", speech, "why");
        g_string_append(page, has_text(speech, "why") ? "." : " Chủ tọa dừng phát biểu.");
    } else if (g_strcmp0(how, "closed") == 0) {
        g_string_append(page, " Dừng khi hội nghị kết thúc.");
    }
}

static void put_speech(GString *page, const json_t *speech)
{
    put_person(page, speech);
    g_string_append_printf(page, " %s",
                           kind_text(json_string_value(json_object_get(speech, "kind"))));
    put_after(page, ": ", speech, "topic");
    g_string_append(page, ".");
    put_end_of_speech(page, speech);
    page_recordings(page, json_object_get(speech, "recordings"));
}

/* ---- votes, roll calls, notes ---- */

static long long count_of(const json_t *counted, const char *key)
{
    return json_integer_value(json_object_get(json_object_get(counted, "counts"), key));
}

static void put_vote(GString *page, const json_t *vote)
{
    bool is_secret = json_is_true(json_object_get(vote, "secret"));
    g_string_append(page, is_secret ? "Biểu quyết kín: " : "Biểu quyết: ");
    page_field(page, vote, "question");
    if (!json_is_object(json_object_get(vote, "counts"))) {
        g_string_append(page, " <em>Chưa ghi nhận kết quả.</em>");
        return;
    }
    g_string_append_printf(page,
                           " Kết quả: tán thành %lld; không tán thành %lld; ý kiến khác %lld; "
                           "không biểu quyết %lld; trên tổng số %lld.",
                           count_of(vote, "for"), count_of(vote, "against"),
                           count_of(vote, "other"), count_of(vote, "none"),
                           (long long)json_integer_value(json_object_get(vote, "eligible")));
}

static void put_rollcall(GString *page, const json_t *rollcall)
{
    g_string_append_printf(page,
                           "Điểm danh: có mặt trực tiếp %lld; dự trực tuyến %lld; vắng %lld; "
                           "chưa trả lời %lld.",
                           count_of(rollcall, "in-person"), count_of(rollcall, "online"),
                           count_of(rollcall, "absent"), count_of(rollcall, "uncalled"));
}

static void put_note(GString *page, const json_t *note)
{
    g_string_append(page, "Thư ký ghi: <span class=\"note\">");
    page_field(page, note, "text");
    g_string_append(page, "</span>");
    page_recordings(page, json_object_get(note, "recordings"));
}

/* ---- all of it ---- */

static void add_agenda(GArray *entries, const json_t *agenda)
{
    size_t index, turn;
    json_t *item, *begun;
    json_array_foreach ((json_t *)agenda, index, item) {
        json_array_foreach (json_object_get(item, "begun"), turn, begun) {
            add(entries, begun, item, put_item);
            g_array_index(entries, struct entry, entries->len - 1).row_class = " class=\"item\"";
        }
    }
}

static int by_time(const void *a, const void *b)
{
    const struct entry *first = a, *second = b;
    return strcmp(first->time, second->time);
}

static GArray *gather(const json_t *minutes)
{
    GArray *entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
    const json_t *meeting = json_object_get(minutes, "meeting");
    add(entries, json_object_get(meeting, "opened"), meeting, put_opened);
    add_list(entries, json_object_get(minutes, "pauses"), "from", put_paused);
    add_list(entries, json_object_get(minutes, "pauses"), "until", put_resumed);
    add_list(entries, json_object_get(minutes, "delegations"), "from", put_delegated);
    add_list(entries, json_object_get(minutes, "delegations"), "until", put_recalled);
    add_list(entries, json_object_get(minutes, "consults"), "from", put_consult);
    add_list(entries, json_object_get(minutes, "consults"), "until", put_consult_end);
    add_agenda(entries, json_object_get(minutes, "agenda"));
    add_list(entries, json_object_get(minutes, "rollcalls"), "closed", put_rollcall);
    add_list(entries, json_object_get(minutes, "speeches"), "granted", put_speech);
    add_list(entries, json_object_get(minutes, "votes"), "opened", put_vote);
    add_list(entries, json_object_get(minutes, "notes"), "time", put_note);
    g_array_sort(entries, by_time);
    return entries;
}

/* A day that begins within the meeting has a line of its own. */
static void put_day_change(GString *page, const struct entry *entry, const char *before)
{
    if (before == NULL || page_is_same_day(entry->time, before))
        return;
    g_string_append(page, "<tr class=\"item\"><td class=\"time\"></td><td>Sang ");
    page_day(page, entry->time);
    g_string_append(page, "</td></tr>\n");
}

void html_course(GString *page, const json_t *minutes)
{
    g_autoptr(GArray) entries = gather(minutes);
    const char *before = NULL;
    if (entries->len == 0) {
        g_string_append(page, "<p class=\"field\"><em>Chưa có diễn biến nào được ghi.</em></p>\n");
        return;
    }
    g_string_append(page, "<table class=\"course\"><tbody>\n");
    for (unsigned i = 0; i < entries->len; i++) {
        const struct entry *entry = &g_array_index(entries, struct entry, i);
        json_t *time = json_pack("{s:s}", "time", entry->time);
        put_day_change(page, entry, before);
        g_string_append_printf(page, "<tr%s><td class=\"time\">", entry->row_class);
        page_clock(page, time, "time");
        g_string_append(page, "</td><td>");
        entry->put(page, entry->what);
        g_string_append(page, "</td></tr>\n");
        before = entry->time;
        json_decref(time);
    }
    g_string_append(page, "</tbody></table>\n");
}
