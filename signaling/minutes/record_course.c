/* "Nội dung (theo diễn biến hội nghị)": what the minutes hold in several lists, put in the order in
 * which it happened, below the item of the agenda that it belongs to. */
#include "signaling/minutes/form.h"
#include "signaling/minutes/record.h"
#include "signaling/minutes/when.h"

#include <string.h>

struct course {
    struct document *document;
    GArray *entries;     /* of struct entry */
    GHashTable *seen;    /* items of the agenda that have begun before */
    const char *item_id; /* the one that runs */
};

struct entry {
    const char *time; /* RFC 3339 in UTC with six digits: sorts as text */
    const json_t *what;
    unsigned order; /* as gathered, for what happened at once */
    void (*put)(struct course *course, const json_t *what);
};

static void add(struct course *course, const json_t *time, const json_t *what,
                void (*put)(struct course *course, const json_t *what))
{
    struct entry entry = {json_string_value(time), what, course->entries->len, put};
    if (entry.time != NULL)
        g_array_append_val(course->entries, entry);
}

static void add_list(struct course *course, const json_t *list, const char *time_key,
                     void (*put)(struct course *course, const json_t *what))
{
    size_t index;
    json_t *what;
    json_array_foreach ((json_t *)list, index, what)
        add(course, json_object_get(what, time_key), what, put);
}

/* A paragraph that begins with the moment: "08:30:05: ". */
static struct document_paragraph *at(struct course *course, const json_t *what, const char *key)
{
    struct document_paragraph *paragraph = document_add(course->document, STYLE_BODY);
    form_put_clock(paragraph, what, key);
    document_put(paragraph, 0, ": ");
    return paragraph;
}

static bool is_kind(const json_t *object, const char *key, const char *value)
{
    return g_strcmp0(form_string(object, key), value) == 0;
}

/* ---- the meeting itself ---- */

static void put_opened(struct course *course, const json_t *meeting)
{
    document_put(at(course, meeting, "opened"), 0, "Khai mạc hội nghị.");
}

static void put_paused(struct course *course, const json_t *pause)
{
    document_put(at(course, pause, "from"), 0, "Hội nghị tạm dừng.");
}

static void put_resumed(struct course *course, const json_t *pause)
{
    document_put(at(course, pause, "until"), 0, "Hội nghị tiếp tục.");
}

/* The room that has the chair's powers, or the secretary. */
static const char *delegate(const json_t *delegation)
{
    const char *name = form_string(delegation, "name");
    return name != NULL ? name : "Thư ký";
}

static void put_delegated(struct course *course, const json_t *delegation)
{
    struct document_paragraph *paragraph = at(course, delegation, "from");
    if (is_kind(delegation, "as", "delegate"))
        document_putf(paragraph, 0, "Chủ tọa giao quyền điều hành cho %s.", delegate(delegation));
    else
        document_putf(paragraph, 0, "%s điều hành thay khi điểm cầu chủ tọa mất kết nối.",
                      delegate(delegation));
}

static void put_recalled(struct course *course, const json_t *delegation)
{
    document_putf(at(course, delegation, "until"), 0, "%s thôi điều hành thay chủ tọa.",
                  delegate(delegation));
}

static void put_consult(struct course *course, const json_t *consult)
{
    struct document_paragraph *paragraph = at(course, consult, "from");
    document_put(paragraph, 0, "Chủ tọa hội ý riêng (");
    form_put_names(paragraph, json_object_get(consult, "site_names"));
    if (json_array_size(json_object_get(consult, "accounts")) > 0)
        document_put(paragraph, 0, "; thư ký");
    document_put(paragraph, 0, ").");
}

static void put_consult_end(struct course *course, const json_t *consult)
{
    document_put(at(course, consult, "until"), 0, "Kết thúc hội ý riêng.");
}

/* "2. Thảo luận (trình bày: …)". */
static void put_item(struct course *course, const json_t *item)
{
    struct document_paragraph *paragraph = document_add(course->document, STYLE_CLAUSE);
    const char *id = form_string(item, "id");
    document_putf(paragraph, 0, "%lld. ",
                  (long long)json_integer_value(json_object_get(item, "number")));
    form_put(paragraph, item, "title");
    if (form_string(item, "presenter") != NULL)
        document_putf(paragraph, 0, " (trình bày: %s)", form_string(item, "presenter"));
    if (id != NULL && !g_hash_table_add(course->seen, (char *)id))
        document_put(paragraph, 0, " (tiếp theo)");
    course->item_id = id;
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

/* "Trần Văn Tân, Phó Chủ tịch, điểm cầu Đà Nẵng". */
static void put_speaker(struct document_paragraph *paragraph, const json_t *speech)
{
    const char *speaker = form_string(speech, "speaker"), *title = form_string(speech, "title");
    const char *site = form_string(speech, "site_name");
    if (speaker != NULL)
        document_putf(paragraph, MARK_BOLD, "%s", speaker);
    if (title != NULL)
        document_putf(paragraph, 0, "%s%s", speaker != NULL ? ", " : "", title);
    document_put(paragraph, 0, speaker != NULL || title != NULL ? ", điểm cầu " : "Điểm cầu ");
    document_put(paragraph, MARK_BOLD, site != NULL ? site : WHEN_UNDETERMINED);
    document_put(paragraph, 0, speaker != NULL || title != NULL ? ", " : " ");
}

static void put_times(struct document_paragraph *paragraph, const json_t *speech)
{
    document_put(paragraph, 0, "Từ ");
    form_put_clock(paragraph, speech, "granted");
    if (form_string(speech, "ended") != NULL) {
        g_autoptr(GString) seconds = g_string_new(NULL);
        when_duration(seconds, json_number_value(json_object_get(speech, "seconds")));
        document_put(paragraph, 0, " đến ");
        form_put_clock(paragraph, speech, "ended");
        document_putf(paragraph, 0, " (%s)", seconds->str);
    }
    document_put(paragraph, 0, ": ");
}

static void put_how_it_ended(struct document_paragraph *paragraph, const json_t *speech)
{
    const char *why = form_string(speech, "why");
    if (is_kind(speech, "how", "running"))
        document_put(paragraph, MARK_ITALIC, " Chưa ghi nhận lúc kết thúc phát biểu.");
    else if (is_kind(speech, "how", "revoked") && why != NULL)
        document_putf(paragraph, 0, " Chủ tọa dừng phát biểu: %s.", why);
    else if (is_kind(speech, "how", "revoked"))
        document_put(paragraph, 0, " Chủ tọa dừng phát biểu.");
    else if (is_kind(speech, "how", "closed"))
        document_put(paragraph, 0, " Dừng khi hội nghị kết thúc.");
}

static void put_speech(struct course *course, const json_t *speech)
{
    struct document_paragraph *paragraph = document_add(course->document, STYLE_BODY);
    const char *item = form_string(speech, "item");
    put_times(paragraph, speech);
    put_speaker(paragraph, speech);
    document_put(paragraph, 0, kind_text(form_string(speech, "kind")));
    if (form_string(speech, "topic") != NULL)
        document_putf(paragraph, 0, ": %s", form_string(speech, "topic"));
    if (item != NULL && g_strcmp0(item, course->item_id) != 0 &&
        form_string(speech, "item_title") != NULL)
        document_putf(paragraph, 0, " (về mục “%s”)", form_string(speech, "item_title"));
    document_put(paragraph, 0, ".");
    put_how_it_ended(paragraph, speech);
}

/* ---- votes, roll calls, notes ---- */

static long long count_of(const json_t *counted, const char *key)
{
    return json_integer_value(json_object_get(json_object_get(counted, "counts"), key));
}

static void put_vote(struct course *course, const json_t *vote)
{
    struct document_paragraph *paragraph = at(course, vote, "opened");
    bool is_secret = json_is_true(json_object_get(vote, "secret"));
    document_put(paragraph, 0, is_secret ? "Biểu quyết kín: " : "Biểu quyết: ");
    form_put(paragraph, vote, "question");
    if (!json_is_object(json_object_get(vote, "counts"))) {
        document_put(paragraph, MARK_ITALIC, " Chưa ghi nhận kết quả.");
        return;
    }
    document_putf(paragraph, 0,
                  " Kết quả: tán thành %lld; không tán thành %lld; ý kiến khác %lld; "
                  "không biểu quyết %lld; trên tổng số %lld.",
                  count_of(vote, "for"), count_of(vote, "against"), count_of(vote, "other"),
                  count_of(vote, "none"),
                  (long long)json_integer_value(json_object_get(vote, "eligible")));
}

static void put_rollcall(struct course *course, const json_t *rollcall)
{
    document_putf(at(course, rollcall, "closed"), 0,
                  "Điểm danh: có mặt trực tiếp %lld; dự trực tuyến %lld; vắng %lld; "
                  "chưa trả lời %lld.",
                  count_of(rollcall, "in-person"), count_of(rollcall, "online"),
                  count_of(rollcall, "absent"), count_of(rollcall, "uncalled"));
}

static void put_note(struct course *course, const json_t *note)
{
    struct document_paragraph *paragraph;
    if (record_is_conclusion(note))
        return;
    paragraph = at(course, note, "time");
    document_put(paragraph, 0, "Thư ký ghi: ");
    form_put(paragraph, note, "text");
}

/* ---- all of it ---- */

static void add_agenda(struct course *course, const json_t *agenda)
{
    size_t index, turn;
    json_t *item, *begun;
    json_array_foreach ((json_t *)agenda, index, item) {
        json_array_foreach (json_object_get(item, "begun"), turn, begun)
            add(course, begun, item, put_item);
    }
}

static int by_time(const void *a, const void *b)
{
    const struct entry *first = a, *second = b;
    int order = strcmp(first->time, second->time);
    return order != 0 ? order : first->order < second->order ? -1 : 1;
}

static void gather(struct course *course, const json_t *minutes, const json_t *agenda)
{
    const json_t *meeting = json_object_get(minutes, "meeting");
    add(course, json_object_get(meeting, "opened"), meeting, put_opened);
    add_list(course, json_object_get(minutes, "pauses"), "from", put_paused);
    add_list(course, json_object_get(minutes, "pauses"), "until", put_resumed);
    add_list(course, json_object_get(minutes, "delegations"), "from", put_delegated);
    add_list(course, json_object_get(minutes, "delegations"), "until", put_recalled);
    add_list(course, json_object_get(minutes, "consults"), "from", put_consult);
    add_list(course, json_object_get(minutes, "consults"), "until", put_consult_end);
    add_agenda(course, agenda);
    add_list(course, json_object_get(minutes, "rollcalls"), "closed", put_rollcall);
    add_list(course, json_object_get(minutes, "speeches"), "granted", put_speech);
    add_list(course, json_object_get(minutes, "votes"), "opened", put_vote);
    add_list(course, json_object_get(minutes, "notes"), "time", put_note);
    g_array_sort(course->entries, by_time);
}

/* A day that begins within the meeting has a line of its own. */
static void put_day_change(struct course *course, const char *time, const char *before)
{
    if (before == NULL || when_is_same_day(time, before))
        return;
    g_autoptr(GString) day = g_string_new("Sang ");
    when_day(day, time);
    g_string_append_c(day, '.');
    document_put(document_add(course->document, STYLE_BODY), MARK_BOLD, day->str);
}

/* The agenda with each item's number in it. */
static json_t *numbered(const json_t *agenda)
{
    json_t *copy = json_array(), *item;
    size_t index;
    json_array_foreach ((json_t *)agenda, index, item) {
        json_t *with_number = json_copy(item);
        json_object_set_new(with_number, "number", json_integer((json_int_t)index + 1));
        json_array_append_new(copy, with_number);
    }
    return copy;
}

void record_course(struct document *document, const json_t *minutes)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    struct course course = {document, entries, seen, NULL};
    json_t *agenda = numbered(json_object_get(minutes, "agenda"));
    const char *before = NULL;
    document_put(document_add(document, STYLE_PART), 0, "I. DIỄN BIẾN HỘI NGHỊ");
    gather(&course, minutes, agenda);
    for (unsigned i = 0; i < entries->len; i++) {
        const struct entry *entry = &g_array_index(entries, struct entry, i);
        put_day_change(&course, entry->time, before);
        entry->put(&course, entry->what);
        before = entry->time;
    }
    if (entries->len == 0)
        document_put(document_add(document, STYLE_BODY), MARK_ITALIC,
                     "Chưa có diễn biến nào được ghi.");
    json_decref(agenda);
}
