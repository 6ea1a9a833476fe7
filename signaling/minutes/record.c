/* The form's fields, from the letterhead to the recipients. */
#include "signaling/minutes/record.h"

#include "common/clock.h"
#include "signaling/minutes/form.h"

static const json_t *meeting_of(const json_t *minutes)
{
    return json_object_get(minutes, "meeting");
}

char *record_name(const json_t *minutes)
{
    const char *title = form_string(meeting_of(minutes), "title");
    return title != NULL ? g_strdup_printf("Biên bản: %s", title) : g_strdup("Biên bản hội nghị");
}

static struct document *begin(const json_t *minutes)
{
    const json_t *meeting = meeting_of(minutes);
    const char *end = form_string(meeting, "closed");
    g_autofree char *name = record_name(minutes);
    struct document *document = document_new(name);
    document->author = g_strdup(form_string(json_object_get(minutes, "secretary"), "name"));
    document->subject = g_strdup(form_string(meeting, "title"));
    if (end == NULL)
        end = form_string(meeting, "opened");
    if (end == NULL || !clock_parse_rfc3339(end, &document->made_us))
        document->made_us = 0;
    return document;
}

static void put_place(struct document *document, const json_t *minutes)
{
    size_t rooms = json_array_size(json_object_get(minutes, "attendance"));
    struct document_paragraph *field = form_field(document, "Địa điểm");
    form_put(field, meeting_of(minutes), "place");
    if (rooms > 1)
        document_putf(field, 0, " và %zu điểm cầu (Phụ lục I)", rooms - 1);
}

static void put_attendance(struct document *document, const json_t *minutes)
{
    const json_t *attendance = json_object_get(minutes, "attendance");
    size_t index, present = 0;
    json_t *room;
    json_array_foreach ((json_t *)attendance, index, room)
        present += json_array_size(json_object_get(room, "spans")) > 0;
    document_putf(form_field(document, "Thành phần tham dự"), 0,
                  "%zu trên %zu điểm cầu có kết nối (danh sách tại Phụ lục I)", present,
                  json_array_size(attendance));
}

static void put_fields(struct document *document, const json_t *minutes)
{
    const json_t *chair = json_object_get(minutes, "chair");
    struct document_paragraph *field;
    form_put_moment(form_field(document, "Thời gian bắt đầu"), meeting_of(minutes), "opened");
    put_place(document, minutes);
    put_attendance(document, minutes);
    field = form_field(document, "Chủ trì (chủ tọa)");
    form_put_person(field, json_object_get(chair, "person"));
    if (form_string(chair, "name") != NULL)
        document_putf(field, 0, ", tại %s", form_string(chair, "name"));
    form_put_person(form_field(document, "Thư ký (người ghi biên bản)"),
                    json_object_get(minutes, "secretary"));
    form_field(document, "Nội dung (theo diễn biến hội nghị)");
}

static void put_end(struct document *document, const json_t *minutes)
{
    struct document_paragraph *paragraph = document_add(document, STYLE_CLOSING);
    if (form_string(meeting_of(minutes), "closed") == NULL) {
        document_put(paragraph, MARK_ITALIC, "Nhật ký chưa ghi nhận việc kết thúc hội nghị.");
        return;
    }
    document_put(paragraph, 0, "Hội nghị kết thúc vào ");
    form_put_moment(paragraph, meeting_of(minutes), "closed");
    document_put(paragraph, 0, "./.");
}

static void put_signer(struct document_row *row, unsigned column, const char *title,
                       const json_t *person)
{
    const char *name = form_string(person, "name");
    g_autofree char *bare = form_bare_name(name != NULL ? name : "Họ và tên");
    document_put(document_add_cell(row, column, STYLE_SIGNER_TITLE), 0, title);
    document_put(document_add_cell(row, column, STYLE_SIGNER_NAME), 0, bare);
}

/* Form 1.9 has two signers, and the recipients below the secretary. */
static void put_signatures(struct document *document, const json_t *minutes)
{
    static const double widths_mm[] = {60, 7.5, 97.5};
    struct document_row *row = document_add_row(document_add_table(document, 3, widths_mm, false));
    put_signer(row, 0, "THƯ KÝ", json_object_get(minutes, "secretary"));
    put_signer(row, 2, "CHỦ TỌA", json_object_get(json_object_get(minutes, "chair"), "person"));
    form_copies(row, 0, "VT, Hồ sơ");
}

static void put_proof(struct document *document, const json_t *journal)
{
    const char *last = form_string(journal, "last");
    document_putf(document_add(document, STYLE_SMALL), 0,
                  "Nhật ký hội nghị: %lld sự kiện, mã băm SHA-256 của sự kiện cuối: %s",
                  (long long)json_integer_value(json_object_get(journal, "events")),
                  last != NULL ? last : "không có");
}

struct document *record_document(const json_t *minutes)
{
    const json_t *meeting = meeting_of(minutes);
    struct document *document = begin(minutes);
    form_letterhead(document, form_string(meeting, "organizer"), "BB", NULL);
    form_title(document, "BIÊN BẢN", form_string(meeting, "title"));
    put_fields(document, minutes);
    record_course(document, minutes);
    record_conclusions(document, minutes);
    put_end(document, minutes);
    put_signatures(document, minutes);
    record_annexes(document, minutes);
    put_proof(document, json_object_get(minutes, "journal"));
    return document;
}
