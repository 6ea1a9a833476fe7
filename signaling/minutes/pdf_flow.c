#include "signaling/minutes/pdf_flow.h"

#define RULE_HEIGHT 5.0

static void free_layout(gpointer layout)
{
    g_object_unref(layout);
}

void pdf_flow_init(struct pdf_flow *flow)
{
    flow->lines = g_array_new(FALSE, TRUE, sizeof(struct pdf_line));
    flow->layouts = g_ptr_array_new_with_free_func(free_layout);
    flow->next = 0;
}

void pdf_flow_clear(struct pdf_flow *flow)
{
    g_array_unref(flow->lines);
    g_ptr_array_unref(flow->layouts);
}

static void mark(PangoAttrList *attributes, PangoAttribute *attribute, gsize from, gsize to)
{
    attribute->start_index = (guint)from;
    attribute->end_index = (guint)to;
    pango_attr_list_insert(attributes, attribute);
}

/* A new line within a paragraph is a line separator: a paragraph's end would indent what follows
 * anew. */
static void append_lines(GString *text, const char *run)
{
    for (; *run != '\0'; run++) {
        if (*run == '\n')
            g_string_append(text, "\xE2\x80\xA8");
        else
            g_string_append_c(text, *run);
    }
}

static void set_text(PangoLayout *layout, const struct document_paragraph *paragraph)
{
    g_autoptr(GString) text = g_string_new(NULL);
    PangoAttrList *attributes = pango_attr_list_new();
    for (unsigned i = 0; i < paragraph->runs->len; i++) {
        const struct document_run *run = paragraph->runs->pdata[i];
        gsize from = text->len;
        append_lines(text, run->text);
        if (run->marks & MARK_BOLD)
            mark(attributes, pango_attr_weight_new(PANGO_WEIGHT_BOLD), from, text->len);
        if (run->marks & MARK_ITALIC)
            mark(attributes, pango_attr_style_new(PANGO_STYLE_ITALIC), from, text->len);
        if (run->marks & MARK_STRUCK)
            mark(attributes, pango_attr_strikethrough_new(TRUE), from, text->len);
    }
    pango_layout_set_text(layout, text->str, (int)text->len);
    pango_layout_set_attributes(layout, attributes);
    pango_attr_list_unref(attributes);
}

static PangoLayout *layout_of(PangoContext *context, const struct document_paragraph *paragraph,
                              double width)
{
    const struct document_look *look = document_look(paragraph->style);
    PangoLayout *layout = pango_layout_new(context);
    PangoFontDescription *font = pango_font_description_from_string(PDF_FONT);
    pango_font_description_set_absolute_size(font, look->size * PANGO_SCALE);
    pango_font_description_set_weight(font, look->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_style(font, look->italic ? PANGO_STYLE_ITALIC : PANGO_STYLE_NORMAL);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_auto_dir(layout, FALSE);
    pango_layout_set_justify(layout, look->align == ALIGN_BOTH);
    pango_layout_set_alignment(layout,
                               look->align == ALIGN_CENTRE ? PANGO_ALIGN_CENTER : PANGO_ALIGN_LEFT);
    pango_layout_set_indent(layout, (int)(PDF_POINTS(look->indent_mm) * PANGO_SCALE));
    set_text(layout, paragraph);
    return layout;
}

static void add_rule(struct pdf_flow *flow, const struct document_paragraph *paragraph,
                     double width)
{
    struct pdf_line line = {.paragraph = paragraph,
                            .rule = PDF_POINTS(paragraph->rule_mm),
                            .height = RULE_HEIGHT,
                            .is_first = true,
                            .is_last = true};
    line.x = (width - line.rule) / 2;
    g_array_append_val(flow->lines, line);
}

static void add_line(struct pdf_flow *flow, PangoLayoutIter *at,
                     const struct document_paragraph *paragraph)
{
    PangoRectangle logical;
    pango_layout_iter_get_line_extents(at, NULL, &logical);
    struct pdf_line line = {
        .paragraph = paragraph,
        .line = pango_layout_iter_get_line_readonly(at),
        .x = (double)logical.x / PANGO_SCALE,
        .baseline = (double)(pango_layout_iter_get_baseline(at) - logical.y) / PANGO_SCALE,
        .height = (double)logical.height / PANGO_SCALE,
    };
    g_array_append_val(flow->lines, line);
}

void pdf_flow_add(struct pdf_flow *flow, PangoContext *context,
                  const struct document_paragraph *paragraph, double width)
{
    const struct document_look *look = document_look(paragraph->style);
    unsigned first = flow->lines->len;
    if (paragraph->rule_mm > 0) {
        add_rule(flow, paragraph, width);
        return;
    }
    PangoLayout *layout = layout_of(context, paragraph, width);
    PangoLayoutIter *at = pango_layout_get_iter(layout);
    g_ptr_array_add(flow->layouts, layout);
    do {
        add_line(flow, at, paragraph);
    } while (pango_layout_iter_next_line(at));
    pango_layout_iter_free(at);
    struct pdf_line *lines = (struct pdf_line *)(void *)flow->lines->data;
    lines[first].before = look->before;
    lines[first].is_first = true;
    lines[flow->lines->len - 1].is_last = true;
    lines[flow->lines->len - 1].height += look->after;
}

double pdf_flow_fit(const struct pdf_flow *flow, double room, unsigned *count)
{
    double height = 0;
    *count = 0;
    for (unsigned i = flow->next; i < flow->lines->len; i++) {
        const struct pdf_line *line = &g_array_index(flow->lines, struct pdf_line, i);
        if (height + line->before + line->height > room)
            break;
        height += line->before + line->height;
        ++*count;
    }
    return height;
}
