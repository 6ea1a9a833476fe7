/* What the chair concluded and whom the chair charged with it. */
#include "signaling/minutes/form.h"
#include "signaling/minutes/record.h"
#include "signaling/minutes/when.h"

#include <string.h>

/* The protocol has no command of its own for a conclusion: the secretary writes it as a note that
 * says so. */
bool record_is_conclusion(const json_t *note)
{
    const char *text = form_string(note, "text");
    if (text == NULL)
        return false;
    g_autofree char *composed = g_utf8_normalize(text, -1, G_NORMALIZE_DEFAULT_COMPOSE);
    if (composed == NULL)
        return false;
    g_autofree char *lower = g_utf8_strdown(composed, -1);
    return g_str_has_prefix(lower, "kết luận");
}

/* Lead, support and deadline: "chưa xác định" when the chair has not said. */
static void put_charge(struct document *document, const json_t *directive)
{
    struct document_paragraph *paragraph = document_add(document, STYLE_BODY);
    g_autoptr(GString) due = g_string_new(NULL);
    document_put(paragraph, 0, "Cơ quan chủ trì: ");
    form_put(paragraph, directive, "lead_name");
    if (json_array_size(json_object_get(directive, "support_names")) > 0) {
        document_put(paragraph, 0, "; cơ quan phối hợp: ");
        form_put_names(paragraph, json_object_get(directive, "support_names"));
    }
    document_put(paragraph, 0, "; thời hạn: ");
    if (when_date(due, form_string(directive, "due")))
        document_put(paragraph, 0, due->str);
    else
        document_put(paragraph, MARK_ITALIC, WHEN_UNDETERMINED);
    document_put(paragraph, 0, ".");
}

void record_directive(struct document *document, const json_t *directive, unsigned number)
{
    struct document_paragraph *paragraph = document_add(document, STYLE_BODY);
    const char *text = form_string(directive, "text");
    bool is_withdrawn = form_string(directive, "withdrawn") != NULL;
    document_putf(paragraph, 0, "%u. ", number);
    document_put(paragraph, is_withdrawn ? MARK_STRUCK : 0, text != NULL ? text : "");
    if (!is_withdrawn) {
        put_charge(document, directive);
        return;
    }
    document_put(paragraph, MARK_ITALIC, " Đã rút");
    if (form_string(directive, "why") != NULL)
        document_putf(paragraph, MARK_ITALIC, ": %s", form_string(directive, "why"));
    document_put(paragraph, MARK_ITALIC, ".");
}

void record_conclusions(struct document *document, const json_t *minutes)
{
    const json_t *directives = json_object_get(minutes, "directives");
    size_t index;
    json_t *entry;
    document_put(document_add(document, STYLE_PART), 0,
                 "II. KẾT LUẬN VÀ Ý KIẾN CHỈ ĐẠO CỦA CHỦ TỌA");
    json_array_foreach (json_object_get(minutes, "notes"), index, entry) {
        if (record_is_conclusion(entry))
            form_put(document_add(document, STYLE_BODY), entry, "text");
    }
    json_array_foreach ((json_t *)directives, index, entry)
        record_directive(document, entry, (unsigned)index + 1);
    if (json_array_size(directives) == 0)
        document_put(document_add(document, STYLE_BODY), 0, "Không có ý kiến chỉ đạo được ghi.");
}
