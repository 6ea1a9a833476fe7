/* word/document.xml. The order of elements is the schema's (ISO/IEC 29500-1, 17.2 to 17.6). */
#include "signaling/minutes/docx_parts.h"

#include <string.h>

#define CELL_SIDE_MM 1.5 /* between a grid's line and its text */

/* ---- paragraphs ---- */

static void put_run(struct docx_xml *xml, const struct document_run *run)
{
    g_auto(GStrv) lines = g_strsplit(run->text, "\n", -1);
    docx_open(xml, "w:r");
    if (run->marks != 0) {
        docx_open(xml, "w:rPr");
        if (run->marks & MARK_BOLD)
            docx_leaf(xml, "w:b", NULL);
        if (run->marks & MARK_ITALIC)
            docx_leaf(xml, "w:i", NULL);
        if (run->marks & MARK_STRUCK)
            docx_leaf(xml, "w:strike", NULL);
        docx_close(xml);
    }
    for (unsigned i = 0; lines[i] != NULL; i++) {
        if (i > 0)
            docx_leaf(xml, "w:br", NULL);
        docx_open(xml, "w:t");
        docx_attribute(xml, "xml:space", "preserve");
        xmlTextWriterWriteString(xml->writer, BAD_CAST lines[i]);
        docx_close(xml);
    }
    docx_close(xml);
}

/* The rule is the upper border of a low paragraph that is drawn in from both sides. */
static void put_rule(struct docx_xml *xml, double rule_mm, double width_mm)
{
    g_autofree char *side = g_strdup_printf("%ld", docx_twips_of_mm((width_mm - rule_mm) / 2));
    docx_open(xml, "w:pBdr");
    docx_leaf(xml, "w:top", "w:val", "single", "w:sz", "6", "w:space", "1", "w:color", "000000",
              NULL);
    docx_close(xml);
    docx_leaf(xml, "w:spacing", "w:before", "40", "w:line", "80", "w:lineRule", "exact", NULL);
    docx_leaf(xml, "w:ind", "w:left", side, "w:right", side, NULL);
}

static void put_paragraph(struct docx_xml *xml, const struct document_paragraph *paragraph,
                          double width_mm)
{
    docx_open(xml, "w:p");
    docx_open(xml, "w:pPr");
    docx_leaf(xml, "w:pStyle", "w:val", document_look(paragraph->style)->id, NULL);
    if (paragraph->rule_mm > 0)
        put_rule(xml, paragraph->rule_mm, width_mm);
    docx_close(xml);
    for (unsigned i = 0; i < paragraph->runs->len; i++)
        put_run(xml, paragraph->runs->pdata[i]);
    docx_close(xml);
}

/* ---- tables ---- */

static void put_borders(struct docx_xml *xml)
{
    static const char *const sides[] = {"w:top",   "w:left",    "w:bottom",
                                        "w:right", "w:insideH", "w:insideV"};
    docx_open(xml, "w:tblBorders");
    for (unsigned i = 0; i < G_N_ELEMENTS(sides); i++)
        docx_leaf(xml, sides[i], "w:val", "single", "w:sz", "4", "w:space", "0", "w:color",
                  "000000", NULL);
    docx_close(xml);
}

static void put_cell_margins(struct docx_xml *xml)
{
    g_autofree char *side = g_strdup_printf("%ld", docx_twips_of_mm(CELL_SIDE_MM));
    docx_open(xml, "w:tblCellMar");
    docx_leaf(xml, "w:left", "w:w", side, "w:type", "dxa", NULL);
    docx_leaf(xml, "w:right", "w:w", side, "w:type", "dxa", NULL);
    docx_close(xml);
}

static void put_table_properties(struct docx_xml *xml, const struct document_table *table)
{
    double width_mm = 0;
    for (unsigned i = 0; i < table->columns; i++)
        width_mm += table->widths_mm[i];
    g_autofree char *width = g_strdup_printf("%ld", docx_twips_of_mm(width_mm));
    docx_open(xml, "w:tblPr");
    docx_leaf(xml, "w:tblW", "w:w", width, "w:type", "dxa", NULL);
    docx_leaf(xml, "w:jc", "w:val", "center", NULL);
    if (table->has_grid)
        put_borders(xml);
    docx_leaf(xml, "w:tblLayout", "w:type", "fixed", NULL);
    if (table->has_grid)
        put_cell_margins(xml);
    docx_leaf(xml, "w:tblLook", "w:val", table->has_grid ? "0020" : "0000", NULL);
    docx_close(xml);
    docx_open(xml, "w:tblGrid");
    for (unsigned i = 0; i < table->columns; i++)
        docx_number(xml, "w:gridCol", "w:w", docx_twips_of_mm(table->widths_mm[i]));
    docx_close(xml);
}

static void put_cell(struct docx_xml *xml, const GPtrArray *cell, double width_mm, bool has_grid)
{
    g_autofree char *width = g_strdup_printf("%ld", docx_twips_of_mm(width_mm));
    docx_open(xml, "w:tc");
    docx_open(xml, "w:tcPr");
    docx_leaf(xml, "w:tcW", "w:w", width, "w:type", "dxa", NULL);
    docx_close(xml);
    for (unsigned i = 0; i < cell->len; i++)
        put_paragraph(xml, cell->pdata[i], width_mm - (has_grid ? 2 * CELL_SIDE_MM : 0));
    if (cell->len == 0) /* a cell must have a paragraph (17.4.65) */
        docx_leaf(xml, "w:p", NULL);
    docx_close(xml);
}

static void put_table(struct docx_xml *xml, const struct document_table *table)
{
    docx_open(xml, "w:tbl");
    put_table_properties(xml, table);
    for (unsigned i = 0; i < table->rows->len; i++) {
        const struct document_row *row = table->rows->pdata[i];
        docx_open(xml, "w:tr");
        docx_open(xml, "w:trPr");
        docx_leaf(xml, "w:cantSplit", NULL);
        if (row->is_head)
            docx_leaf(xml, "w:tblHeader", NULL);
        docx_close(xml);
        for (unsigned column = 0; column < row->cells->len; column++)
            put_cell(xml, row->cells->pdata[column], table->widths_mm[column], table->has_grid);
        docx_close(xml);
    }
    docx_close(xml);
}

/* ---- sections ---- */

static void put_page(struct docx_xml *xml)
{
    g_autofree char *width = g_strdup_printf("%ld", docx_twips_of_mm(DOCUMENT_PAGE_WIDTH));
    g_autofree char *height = g_strdup_printf("%ld", docx_twips_of_mm(DOCUMENT_PAGE_HEIGHT));
    g_autofree char *top = g_strdup_printf("%ld", docx_twips_of_mm(DOCUMENT_MARGIN_TOP));
    g_autofree char *right = g_strdup_printf("%ld", docx_twips_of_mm(DOCUMENT_MARGIN_RIGHT));
    g_autofree char *bottom = g_strdup_printf("%ld", docx_twips_of_mm(DOCUMENT_MARGIN_BOTTOM));
    g_autofree char *left = g_strdup_printf("%ld", docx_twips_of_mm(DOCUMENT_MARGIN_LEFT));
    g_autofree char *header = g_strdup_printf("%ld", docx_twips_of_mm(DOCUMENT_HEADER));
    docx_leaf(xml, "w:pgSz", "w:w", width, "w:h", height, NULL);
    docx_leaf(xml, "w:pgMar", "w:top", top, "w:right", right, "w:bottom", bottom, "w:left", left,
              "w:header", header, "w:footer", header, "w:gutter", "0", NULL);
}

static void put_section(struct docx_xml *xml)
{
    docx_open(xml, "w:sectPr");
    docx_leaf(xml, "w:headerReference", "w:type", "default", "r:id", "rIdHeader", NULL);
    docx_leaf(xml, "w:headerReference", "w:type", "first", "r:id", "rIdHeaderFirst", NULL);
    docx_leaf(xml, "w:type", "w:val", "nextPage", NULL);
    put_page(xml);
    docx_leaf(xml, "w:pgNumType", "w:fmt", "decimal", "w:start", "1", NULL);
    docx_leaf(xml, "w:titlePg", NULL);
    docx_close(xml);
}

/* A section other than the last ends with a paragraph that says so. It is as low as can be, so that
 * it does not go over to a page of its own. */
static void end_section(struct docx_xml *xml)
{
    docx_open(xml, "w:p");
    docx_open(xml, "w:pPr");
    docx_leaf(xml, "w:spacing", "w:line", "20", "w:lineRule", "exact", NULL);
    put_section(xml);
    docx_close(xml);
    docx_close(xml);
}

/* Two tables without a paragraph between them would become one; after a section's last table there
 * must be one as well. */
static bool needs_gap(const struct document_section *section, unsigned i)
{
    const struct document_block *block = section->blocks->pdata[i];
    if (block->table == NULL)
        return false;
    if (i + 1 == section->blocks->len)
        return true;
    return ((struct document_block *)section->blocks->pdata[i + 1])->table != NULL;
}

char *docx_document_xml(const struct document *document)
{
    struct docx_xml xml;
    docx_xml_begin(&xml, "w:document");
    docx_open(&xml, "w:body");
    for (unsigned i = 0; i < document->sections->len; i++) {
        const struct document_section *section = document->sections->pdata[i];
        bool is_last = i + 1 == document->sections->len;
        for (unsigned k = 0; k < section->blocks->len; k++) {
            const struct document_block *block = section->blocks->pdata[k];
            if (block->table != NULL)
                put_table(&xml, block->table);
            else
                put_paragraph(&xml, block->paragraph, DOCUMENT_TEXT_WIDTH);
            if (needs_gap(section, k) && (is_last || k + 1 < section->blocks->len))
                docx_leaf(&xml, "w:p", NULL);
        }
        if (is_last)
            put_section(&xml);
        else
            end_section(&xml);
    }
    docx_close(&xml);
    return docx_xml_end(&xml);
}
