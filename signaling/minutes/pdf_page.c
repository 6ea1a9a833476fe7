#include "signaling/minutes/pdf_page.h"

#define RULE_WIDTH 0.75

/* ---- the file ---- */

static void set_time(struct pdf *pdf, int64_t made_us)
{
    if (made_us <= 0)
        return;
    g_autoptr(GDateTime) made = g_date_time_new_from_unix_utc(made_us / 1000000);
    g_autofree char *text = g_date_time_format(made, "%Y-%m-%dT%H:%M:%SZ");
    cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_CREATE_DATE, text);
    cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_MOD_DATE, text);
}

static void set_metadata(struct pdf *pdf, const struct document *document)
{
    const struct {
        cairo_pdf_metadata_t which;
        const char *text;
    } texts[] = {
        {CAIRO_PDF_METADATA_TITLE, document->title},
        {CAIRO_PDF_METADATA_AUTHOR, document->author},
        {CAIRO_PDF_METADATA_SUBJECT, document->subject},
        {CAIRO_PDF_METADATA_CREATOR, "Nhịp Cầu"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (texts[i].text == NULL)
            continue;
        g_autofree char *valid = g_utf8_make_valid(texts[i].text, -1);
        cairo_pdf_surface_set_metadata(pdf->surface, texts[i].which, valid);
    }
    set_time(pdf, document->made_us);
}

/* Letters stand where the paper has them and not where a screen's pixels are. */
static void set_fonts(struct pdf *pdf)
{
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pdf->fonts = pango_cairo_font_map_new();
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(pdf->fonts), 72);
    pdf->context = pango_font_map_create_context(pdf->fonts);
    pango_cairo_update_context(pdf->cairo, pdf->context);
    pango_cairo_context_set_font_options(pdf->context, options);
    pango_context_set_round_glyph_positions(pdf->context, FALSE);
    pango_context_set_language(pdf->context, pango_language_from_string("vi"));
    cairo_font_options_destroy(options);
}

void pdf_begin(struct pdf *pdf, const struct document *document, cairo_write_func_t take, void *arg)
{
    *pdf = (struct pdf){.outline = {CAIRO_PDF_OUTLINE_ROOT}};
    pdf->surface = cairo_pdf_surface_create_for_stream(take, arg, PDF_POINTS(DOCUMENT_PAGE_WIDTH),
                                                       PDF_POINTS(DOCUMENT_PAGE_HEIGHT));
    pdf->cairo = cairo_create(pdf->surface);
    set_metadata(pdf, document);
    set_fonts(pdf);
}

cairo_status_t pdf_end(struct pdf *pdf)
{
    cairo_status_t drawn, written;
    cairo_show_page(pdf->cairo);
    drawn = cairo_status(pdf->cairo);
    cairo_destroy(pdf->cairo);
    cairo_surface_finish(pdf->surface);
    written = cairo_surface_status(pdf->surface);
    cairo_surface_destroy(pdf->surface);
    g_object_unref(pdf->context);
    g_object_unref(pdf->fonts);
    return drawn != CAIRO_STATUS_SUCCESS ? drawn : written;
}

/* ---- pages ---- */

/* Centred in the top margin, and none on a section's first page. */
static void draw_number(struct pdf *pdf)
{
    g_autofree char *text = g_strdup_printf("%u", pdf->number);
    PangoLayout *layout = pango_layout_new(pdf->context);
    PangoFontDescription *font = pango_font_description_from_string(PDF_FONT);
    pango_font_description_set_absolute_size(font, 14 * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    pango_layout_set_text(layout, text, -1);
    pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER);
    pango_layout_set_width(layout, (int)(PDF_WIDTH * PANGO_SCALE));
    cairo_move_to(pdf->cairo, PDF_LEFT, PDF_POINTS(DOCUMENT_HEADER));
    pango_cairo_show_layout(pdf->cairo, layout);
    pango_font_description_free(font);
    g_object_unref(layout);
}

/* A tag cannot go from one page to the next, and what stands outside all tags is no content: the
 * number is put there. */
static void turn_page(struct pdf *pdf)
{
    for (unsigned i = pdf->tags; i > 0; i--)
        cairo_tag_end(pdf->cairo, pdf->tag[i - 1]);
    if (pdf->page > 0)
        cairo_show_page(pdf->cairo);
    pdf->page++;
    pdf->number++;
    pdf->y = PDF_TOP;
    pdf->is_fresh = true;
    if (pdf->number > 1)
        draw_number(pdf);
    for (unsigned i = 0; i < pdf->tags; i++)
        cairo_tag_begin(pdf->cairo, pdf->tag[i], NULL);
}

void pdf_begin_section(struct pdf *pdf)
{
    pdf->number = 0;
    turn_page(pdf);
}

void pdf_next_page(struct pdf *pdf)
{
    turn_page(pdf);
}

/* ---- structure ---- */

void pdf_open_tag(struct pdf *pdf, const char *tag)
{
    g_assert(pdf->tags < PDF_TAGS_MAX);
    pdf->tag[pdf->tags++] = tag;
    cairo_tag_begin(pdf->cairo, tag, NULL);
}

void pdf_close_tag(struct pdf *pdf)
{
    g_assert(pdf->tags > 0);
    cairo_tag_end(pdf->cairo, pdf->tag[--pdf->tags]);
}

/* The document's name is the first heading; parts and annexes are below it. */
static const char *tag_of(enum document_style style)
{
    static const char *const headings[] = {"P", "H2", "H3"};
    return style == STYLE_KIND ? "H1" : headings[document_look(style)->outline];
}

static void add_outline(struct pdf *pdf, const struct document_paragraph *paragraph, double y)
{
    int level = document_look(paragraph->style)->outline;
    g_autoptr(GString) name = g_string_new(NULL);
    g_autofree char *place = NULL;
    if (level == 0)
        return;
    for (unsigned i = 0; i < paragraph->runs->len; i++)
        g_string_append(name, ((struct document_run *)paragraph->runs->pdata[i])->text);
    place = g_strdup_printf("page=%u pos=[%d %d]", pdf->page, (int)PDF_LEFT, (int)y);
    pdf->outline[level] = cairo_pdf_surface_add_outline(
        pdf->surface, pdf->outline[level - 1], name->str, place, CAIRO_PDF_OUTLINE_FLAG_OPEN);
}

/* ---- lines ---- */

static void draw_rule(struct pdf *pdf, const struct pdf_line *line, double x, double y)
{
    cairo_set_line_width(pdf->cairo, RULE_WIDTH);
    cairo_move_to(pdf->cairo, x + line->x, y + 2);
    cairo_rel_line_to(pdf->cairo, line->rule, 0);
    cairo_stroke(pdf->cairo);
}

static void draw_line(struct pdf *pdf, const struct pdf_line *line, double x, double y)
{
    if (line->line == NULL) {
        draw_rule(pdf, line, x, y);
        return;
    }
    if (line->is_first)
        add_outline(pdf, line->paragraph, y);
    cairo_move_to(pdf->cairo, x + line->x, y + line->baseline);
    pango_cairo_show_layout_line(pdf->cairo, line->line);
}

void pdf_draw(struct pdf *pdf, struct pdf_flow *flow, unsigned count, double x, double y)
{
    const struct document_paragraph *open = NULL;
    for (unsigned i = 0; i < count; i++) {
        const struct pdf_line *line = &g_array_index(flow->lines, struct pdf_line, flow->next++);
        if (line->line != NULL && line->paragraph != open) {
            if (open != NULL)
                pdf_close_tag(pdf);
            pdf_open_tag(pdf, tag_of(line->paragraph->style));
            open = line->paragraph;
        }
        y += line->before;
        draw_line(pdf, line, x, y);
        y += line->height;
    }
    if (open != NULL)
        pdf_close_tag(pdf);
}
