/* The annexes: what the form has no field for. */
#include "signaling/minutes/form.h"
#include "signaling/minutes/record.h"
#include "signaling/minutes/when.h"

#include <string.h>

static const char *word_of(const json_t *object, const char *key)
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
    const char *word = form_string(object, key);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (g_strcmp0(word, texts[i].word) == 0)
            return texts[i].text;
    }
    return NULL;
}

/* "vắng: đi công tác". */
static void put_word_and_reason(struct document_paragraph *cell, const json_t *object,
                                const char *key)
{
    const char *word = word_of(object, key), *why = form_string(object, "why");
    document_put(cell, 0, word);
    if (why != NULL)
        document_putf(cell, 0, "%s%s", word != NULL ? ": " : "", why);
}

static struct document_row *add_numbered(struct document_table *table, size_t index)
{
    struct document_row *row = document_add_row(table);
    document_putf(document_add_cell(row, 0, STYLE_TABLE_NUMBER), 0, "%zu", index + 1);
    return row;
}

static void put_string(struct document_row *row, unsigned column, const json_t *object,
                       const char *key)
{
    document_put(document_add_cell(row, column, STYLE_TABLE_TEXT), 0, form_string(object, key));
}

/* ---- rooms ---- */

static void put_span(struct document_row *row, const json_t *span, bool is_closed)
{
    struct document_paragraph *cell = document_add_cell(row, 3, STYLE_TABLE_TEXT);
    const char *reason = word_of(span, "reason");
    form_put_clock(cell, span, "joined");
    document_put(cell, 0, "–");
    form_put_clock(cell, span, "left");
    if (form_string(span, "left") == NULL)
        document_put(cell, 0, is_closed ? "kết thúc" : "…");
    /* That a room went when it was done needs no reason. */
    if (reason != NULL && strcmp(form_string(span, "reason"), "closed") != 0)
        document_putf(cell, 0, " (%s)", reason);
}

static void put_room(struct document_table *table, const json_t *room, size_t index, bool is_closed)
{
    struct document_row *row = add_numbered(table, index);
    struct document_paragraph *name = document_add_cell(row, 1, STYLE_TABLE_TEXT);
    const json_t *spans = json_object_get(room, "spans");
    size_t k;
    json_t *span;
    document_put(name, 0, form_string(room, "name"));
    if (word_of(room, "role") != NULL)
        document_putf(name, 0, " (%s)", word_of(room, "role"));
    put_word_and_reason(document_add_cell(row, 2, STYLE_TABLE_TEXT), room, "answer");
    json_array_foreach ((json_t *)spans, k, span)
        put_span(row, span, is_closed);
    if (json_array_size(spans) == 0) {
        document_put(document_add_cell(row, 3, STYLE_TABLE_TEXT), MARK_ITALIC, "không kết nối");
        return;
    }
    g_autoptr(GString) seconds = g_string_new(NULL);
    when_duration(seconds, json_number_value(json_object_get(room, "seconds")));
    document_put(document_add_cell(row, 4, STYLE_TABLE_NUMBER), 0, seconds->str);
}

static void put_rooms(struct document *document, const json_t *minutes)
{
    static const double widths_mm[] = {10, 50, 31, 46, 28};
    static const char *const names[] = {"TT", "Điểm cầu", "Điểm danh", "Kết nối (vào–rời)",
                                        "Thời gian dự"};
    bool is_closed = form_string(json_object_get(minutes, "meeting"), "closed") != NULL;
    struct document_table *table = form_grid(document, 5, widths_mm, names);
    size_t index;
    json_t *room;
    json_array_foreach (json_object_get(minutes, "attendance"), index, room)
        put_room(table, room, index, is_closed);
}

/* ---- votes ---- */

static void put_votes(struct document *document, const json_t *minutes)
{
    static const double widths_mm[] = {10, 58, 17, 17, 19, 16, 16, 12};
    static const char *const names[] = {
        "TT",          "Nội dung", "Hình thức", "Tán thành", "Không tán thành",
        "Ý kiến khác", "Không BQ", "Tổng"};
    static const char *const keys[] = {"for", "against", "other", "none"};
    struct document_table *table = form_grid(document, 8, widths_mm, names);
    size_t index;
    json_t *vote;
    json_array_foreach (json_object_get(minutes, "votes"), index, vote) {
        struct document_row *row = add_numbered(table, index);
        const json_t *counts = json_object_get(vote, "counts");
        put_string(row, 1, vote, "question");
        document_put(document_add_cell(row, 2, STYLE_TABLE_NUMBER), 0,
                     json_is_true(json_object_get(vote, "secret")) ? "kín" : "công khai");
        for (unsigned i = 0; i < G_N_ELEMENTS(keys) && json_is_object(counts); i++)
            document_putf(document_add_cell(row, i + 3, STYLE_TABLE_NUMBER), 0, "%lld",
                          (long long)json_integer_value(json_object_get(counts, keys[i])));
        document_putf(document_add_cell(row, 7, STYLE_TABLE_NUMBER), 0, "%lld",
                      (long long)json_integer_value(json_object_get(vote, "eligible")));
    }
}

/* ---- opinions in writing ---- */

static void put_opinions(struct document *document, const json_t *minutes)
{
    static const double widths_mm[] = {10, 48, 80, 27};
    static const char *const names[] = {"TT", "Người góp ý", "Nội dung", "Gửi lúc"};
    struct document_table *table = form_grid(document, 4, widths_mm, names);
    size_t index;
    json_t *opinion;
    json_array_foreach (json_object_get(minutes, "opinions"), index, opinion) {
        struct document_row *row = add_numbered(table, index);
        struct document_paragraph *who = document_add_cell(row, 1, STYLE_TABLE_TEXT);
        struct document_paragraph *what = document_add_cell(row, 2, STYLE_TABLE_TEXT);
        const char *speaker = form_string(opinion, "speaker"),
                   *title = form_string(opinion, "title");
        if (speaker != NULL)
            document_putf(who, MARK_BOLD, "%s", speaker);
        if (title != NULL)
            document_putf(who, 0, "%s%s", speaker != NULL ? ", " : "", title);
        document_put(who, 0, speaker != NULL || title != NULL ? ", " : "");
        document_put(who, 0, form_string(opinion, "site_name"));
        if (form_string(opinion, "item_title") != NULL)
            document_putf(what, MARK_ITALIC, "Về mục “%s”: ", form_string(opinion, "item_title"));
        document_put(what, 0, form_string(opinion, "text"));
        form_put_clock(document_add_cell(row, 3, STYLE_TABLE_NUMBER), opinion, "time");
    }
}

/* ---- requests that were not granted ---- */

static void put_requests(struct document *document, const json_t *minutes)
{
    static const double widths_mm[] = {10, 42, 27, 46, 40};
    static const char *const names[] = {"TT", "Điểm cầu", "Đăng ký lúc", "Nội dung", "Kết quả"};
    struct document_table *table = form_grid(document, 5, widths_mm, names);
    size_t index;
    json_t *request;
    json_array_foreach (json_object_get(minutes, "not_granted"), index, request) {
        struct document_row *row = add_numbered(table, index);
        put_string(row, 1, request, "site_name");
        form_put_clock(document_add_cell(row, 2, STYLE_TABLE_NUMBER), request, "requested");
        put_string(row, 3, request, "topic");
        put_word_and_reason(document_add_cell(row, 4, STYLE_TABLE_TEXT), request, "how");
    }
}

/* ---- incidents ---- */

static void put_incidents(struct document *document, const json_t *minutes)
{
    static const double widths_mm[] = {10, 95, 27, 33};
    static const char *const names[] = {"TT", "Sự cố", "Từ lúc", "Đến lúc"};
    struct document_table *table = form_grid(document, 4, widths_mm, names);
    size_t index;
    json_t *incident;
    json_array_foreach (json_object_get(minutes, "incidents"), index, incident) {
        struct document_row *row = add_numbered(table, index);
        struct document_paragraph *what = document_add_cell(row, 1, STYLE_TABLE_TEXT);
        struct document_paragraph *until;
        document_put(what, 0, word_of(incident, "type"));
        if (form_string(incident, "site_name") != NULL)
            document_putf(what, 0, ": %s", form_string(incident, "site_name"));
        form_put_clock(document_add_cell(row, 2, STYLE_TABLE_NUMBER), incident, "time");
        until = document_add_cell(row, 3, STYLE_TABLE_NUMBER);
        if (form_string(incident, "until") != NULL)
            form_put_clock(until, incident, "until");
        else
            document_put(until, MARK_ITALIC, "chưa khôi phục");
    }
}

/* ---- all of them ---- */

void record_annexes(struct document *document, const json_t *minutes)
{
    static const struct {
        const char *list, *title;
        bool is_always;
        void (*put)(struct document *document, const json_t *minutes);
    } annexes[] = {
        {"attendance", "DANH SÁCH ĐIỂM CẦU VÀ KẾT QUẢ ĐIỂM DANH", true, put_rooms},
        {"votes", "KẾT QUẢ BIỂU QUYẾT", false, put_votes},
        {"opinions", "Ý KIẾN BẰNG VĂN BẢN", false, put_opinions},
        {"not_granted", "ĐĂNG KÝ CHƯA ĐƯỢC PHÁT BIỂU", false, put_requests},
        {"incidents", "SỰ CỐ KỸ THUẬT", false, put_incidents},
    };
    unsigned number = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(annexes); i++) {
        if (!annexes[i].is_always &&
            json_array_size(json_object_get(minutes, annexes[i].list)) == 0)
            continue;
        form_annex(document, ++number, annexes[i].title, "Biên bản hội nghị");
        annexes[i].put(document, minutes);
    }
}
