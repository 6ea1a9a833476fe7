/* From blocks to pages: what stays together, where a page ends, and tables with their head on every
 * page. */
#include "signaling/minutes/pdf.h"

#include "signaling/minutes/pdf_page.h"

#include <gio/gio.h>

#define CELL_SIDE_MM 1.5
#define GRID_WIDTH   0.5
#define LINES_KEPT   2 /* of a paragraph, at a page's end and beginning */

static double room(const struct pdf *pdf)
{
    return PDF_BOTTOM - pdf->y;
}

/* ---- paragraphs of the body ---- */

/* How many lines stay on this page, so that none stands alone at its end or on the next. */
static unsigned lines_here(const struct pdf_flow *flow, unsigned fitting)
{
    unsigned left = flow->lines->len - flow->next;
    if (fitting >= left)
        return left;
    if (left - fitting < LINES_KEPT && fitting > 0)
        fitting = left - LINES_KEPT < left ? MIN(fitting, left - LINES_KEPT) : 0;
    return fitting < LINES_KEPT && flow->next == 0 ? 0 : fitting;
}

static void draw_paragraph(struct pdf *pdf, const struct document_paragraph *paragraph)
{
    struct pdf_flow flow;
    pdf_flow_init(&flow);
    pdf_flow_add(&flow, pdf->context, paragraph, PDF_WIDTH);
    while (flow.next < flow.lines->len) {
        unsigned count;
        pdf_flow_fit(&flow, room(pdf), &count);
        unsigned here = pdf->is_fresh ? MAX(count, 1) : lines_here(&flow, count);
        double height = 0;
        for (unsigned i = 0; i < here; i++) {
            const struct pdf_line *line =
                &g_array_index(flow.lines, struct pdf_line, flow.next + i);
            height += line->before + line->height;
        }
        pdf_draw(pdf, &flow, here, PDF_LEFT, pdf->y);
        pdf->y += height;
        pdf->is_fresh = pdf->is_fresh && here == 0;
        if (flow.next < flow.lines->len)
            pdf_next_page(pdf);
    }
    pdf_flow_clear(&flow);
}

/* ---- tables ---- */

struct table {
    struct pdf *pdf;
    const struct document_table *table;
    const struct document_row *head; /* NULL: none */
    double left, side;
};

static double column_width(const struct table *table, unsigned column)
{
    return PDF_POINTS(table->table->widths_mm[column]);
}

static struct pdf_flow *row_flows(const struct table *table, const struct document_row *row)
{
    struct pdf_flow *flows = g_new0(struct pdf_flow, row->cells->len);
    for (unsigned column = 0; column < row->cells->len; column++) {
        const GPtrArray *cell = row->cells->pdata[column];
        pdf_flow_init(&flows[column]);
        for (unsigned i = 0; i < cell->len; i++)
            pdf_flow_add(&flows[column], table->pdf->context, cell->pdata[i],
                         column_width(table, column) - 2 * table->side);
    }
    return flows;
}

static void free_flows(struct pdf_flow *flows, unsigned columns)
{
    for (unsigned i = 0; i < columns; i++)
        pdf_flow_clear(&flows[i]);
    g_free(flows);
}

/* The height of what fits; `is_whole` when nothing is left over. */
static double fit_row(const struct pdf_flow *flows, unsigned columns, double height, bool *is_whole)
{
    double tallest = 0;
    *is_whole = true;
    for (unsigned i = 0; i < columns; i++) {
        unsigned count;
        tallest = MAX(tallest, pdf_flow_fit(&flows[i], height, &count));
        *is_whole = *is_whole && flows[i].next + count == flows[i].lines->len;
    }
    return tallest;
}

static void draw_grid(const struct table *table, double top, double height)
{
    cairo_t *cairo = table->pdf->cairo;
    double x = table->left;
    cairo_set_line_width(cairo, GRID_WIDTH);
    for (unsigned i = 0; i < table->table->columns; i++) {
        cairo_rectangle(cairo, x, top, column_width(table, i), height);
        x += column_width(table, i);
    }
    cairo_stroke(cairo);
}

/* As much of a row as fits into the page. */
static void draw_part(const struct table *table, struct pdf_flow *flows, bool is_head,
                      double height)
{
    struct pdf *pdf = table->pdf;
    double x = table->left;
    if (table->table->has_grid)
        pdf_open_tag(pdf, "TR");
    for (unsigned i = 0; i < table->table->columns; i++) {
        unsigned count;
        pdf_flow_fit(&flows[i], height, &count);
        if (table->table->has_grid)
            pdf_open_tag(pdf, is_head ? "TH" : "TD");
        pdf_draw(pdf, &flows[i], count, x + table->side, pdf->y);
        if (table->table->has_grid)
            pdf_close_tag(pdf);
        x += column_width(table, i);
    }
    if (table->table->has_grid) {
        pdf_close_tag(pdf);
        draw_grid(table, pdf->y, height);
    }
    pdf->y += height;
}

static void draw_head(const struct table *table)
{
    bool is_whole;
    if (table->head == NULL)
        return;
    struct pdf_flow *flows = row_flows(table, table->head);
    double height = fit_row(flows, table->table->columns, room(table->pdf), &is_whole);
    draw_part(table, flows, true, height);
    free_flows(flows, table->table->columns);
}

/* A row stays on one page, unless no page could hold it. */
static void draw_row(const struct table *table, const struct document_row *row)
{
    struct pdf *pdf = table->pdf;
    struct pdf_flow *flows = row_flows(table, row);
    bool is_whole = false, is_new = pdf->is_fresh;
    while (!is_whole) {
        double height = fit_row(flows, table->table->columns, room(pdf), &is_whole);
        if (is_whole || is_new)
            draw_part(table, flows, false, height);
        if (is_whole || (is_new && height <= 0))
            break;
        pdf_next_page(pdf);
        draw_head(table);
        is_new = true;
    }
    pdf->is_fresh = false;
    free_flows(flows, table->table->columns);
}

static struct table lay_table(struct pdf *pdf, const struct document_table *document_table)
{
    struct table table = {.pdf = pdf, .table = document_table};
    const struct document_row *first =
        document_table->rows->len > 0 ? document_table->rows->pdata[0] : NULL;
    double width = 0;
    for (unsigned i = 0; i < document_table->columns; i++)
        width += column_width(&table, i);
    table.left = PDF_LEFT + (PDF_WIDTH - width) / 2;
    table.side = document_table->has_grid ? PDF_POINTS(CELL_SIDE_MM) : 0;
    table.head = first != NULL && first->is_head ? first : NULL;
    return table;
}

static void draw_table(struct pdf *pdf, const struct document_table *document_table)
{
    struct table table = lay_table(pdf, document_table);
    if (document_table->has_grid)
        pdf_open_tag(pdf, "Table");
    draw_head(&table);
    for (unsigned i = table.head != NULL ? 1 : 0; i < document_table->rows->len; i++)
        draw_row(&table, document_table->rows->pdata[i]);
    if (document_table->has_grid)
        pdf_close_tag(pdf);
    pdf->is_fresh = false;
}

/* ---- what stays together ---- */

/* A row's height, or that of a whole page for one that is taller. */
static double row_height(const struct table *table, unsigned row)
{
    bool is_whole;
    if (row >= table->table->rows->len)
        return 0;
    struct pdf_flow *flows = row_flows(table, table->table->rows->pdata[row]);
    double height = fit_row(flows, table->table->columns, PDF_BOTTOM - PDF_TOP, &is_whole);
    free_flows(flows, table->table->columns);
    return height;
}

static double paragraph_height(struct pdf *pdf, const struct document_paragraph *paragraph,
                               unsigned lines)
{
    struct pdf_flow flow;
    double height = 0;
    pdf_flow_init(&flow);
    pdf_flow_add(&flow, pdf->context, paragraph, PDF_WIDTH);
    for (unsigned i = 0; i < MIN(lines, flow.lines->len); i++) {
        const struct pdf_line *line = &g_array_index(flow.lines, struct pdf_line, i);
        height += line->before + line->height;
    }
    pdf_flow_clear(&flow);
    return height;
}

/* What must stand on the page on which block `i` begins. */
static double height_kept(struct pdf *pdf, const struct document_section *section, unsigned i)
{
    double height = 0;
    for (; i < section->blocks->len; i++) {
        const struct document_block *block = section->blocks->pdata[i];
        if (block->table != NULL) {
            struct table table = lay_table(pdf, block->table);
            height += row_height(&table, 0);
            return table.head != NULL ? height + row_height(&table, 1) : height;
        }
        if (!document_look(block->paragraph->style)->keep_next)
            return height + paragraph_height(pdf, block->paragraph, LINES_KEPT);
        height += paragraph_height(pdf, block->paragraph, G_MAXUINT);
    }
    return height;
}

static bool is_kept(const struct document_block *block)
{
    return block->table != NULL || document_look(block->paragraph->style)->keep_next;
}

static void draw_section(struct pdf *pdf, const struct document_section *section)
{
    pdf_begin_section(pdf);
    for (unsigned i = 0; i < section->blocks->len; i++) {
        const struct document_block *block = section->blocks->pdata[i];
        if (!pdf->is_fresh && is_kept(block) && height_kept(pdf, section, i) > room(pdf))
            pdf_next_page(pdf);
        if (block->table != NULL)
            draw_table(pdf, block->table);
        else
            draw_paragraph(pdf, block->paragraph);
    }
}

static cairo_status_t take(void *arg, const unsigned char *bytes, unsigned size)
{
    g_byte_array_append(arg, bytes, size);
    return CAIRO_STATUS_SUCCESS;
}

GBytes *pdf_write(const struct document *document, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    struct pdf pdf;
    pdf_begin(&pdf, document, take, bytes);
    pdf_open_tag(&pdf, "Document");
    for (unsigned i = 0; i < document->sections->len; i++)
        draw_section(&pdf, document->sections->pdata[i]);
    pdf_close_tag(&pdf);
    cairo_status_t status = pdf_end(&pdf);
    if (status == CAIRO_STATUS_SUCCESS)
        return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "the PDF cannot be drawn: %s",
                cairo_status_to_string(status));
    return NULL;
}
