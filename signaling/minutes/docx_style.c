/* word/styles.xml and the headers. The order of elements is the schema's (ISO/IEC 29500-1, 17.7).
 */
#include "signaling/minutes/docx_parts.h"

#define FONT "Times New Roman"

static void put_defaults(struct docx_xml *xml)
{
    docx_open(xml, "w:docDefaults");
    docx_open(xml, "w:rPrDefault");
    docx_open(xml, "w:rPr");
    docx_leaf(xml, "w:rFonts", "w:ascii", FONT, "w:hAnsi", FONT, "w:eastAsia", FONT, "w:cs", FONT,
              NULL);
    docx_leaf(xml, "w:color", "w:val", "000000", NULL);
    docx_leaf(xml, "w:sz", "w:val", "28", NULL);
    docx_leaf(xml, "w:szCs", "w:val", "28", NULL);
    docx_leaf(xml, "w:lang", "w:val", "vi-VN", "w:eastAsia", "vi-VN", "w:bidi", "ar-SA", NULL);
    docx_close(xml);
    docx_close(xml);
    docx_open(xml, "w:pPrDefault");
    docx_open(xml, "w:pPr");
    docx_leaf(xml, "w:spacing", "w:before", "0", "w:after", "0", "w:line", "240", "w:lineRule",
              "auto", NULL);
    docx_close(xml);
    docx_close(xml);
    docx_close(xml);
}

static void begin_style(struct docx_xml *xml, const char *type, const char *id, const char *name,
                        bool is_default)
{
    docx_open(xml, "w:style");
    docx_attribute(xml, "w:type", type);
    if (is_default)
        docx_attribute(xml, "w:default", "1");
    else
        docx_attribute(xml, "w:customStyle", "1");
    docx_attribute(xml, "w:styleId", id);
    docx_leaf(xml, "w:name", "w:val", name, NULL);
}

static void put_paragraph_look(struct docx_xml *xml, const struct document_look *look)
{
    static const char *const aligned[] = {"left", "center", "both"};
    g_autofree char *before = g_strdup_printf("%d", (int)(look->before * 20));
    g_autofree char *after = g_strdup_printf("%d", (int)(look->after * 20));
    docx_open(xml, "w:pPr");
    if (look->keep_next)
        docx_leaf(xml, "w:keepNext", NULL);
    docx_leaf(xml, "w:spacing", "w:before", before, "w:after", after, NULL);
    if (look->indent_mm > 0)
        docx_number(xml, "w:ind", "w:firstLine", docx_twips_of_mm(look->indent_mm));
    docx_leaf(xml, "w:jc", "w:val", aligned[look->align], NULL);
    if (look->outline > 0)
        docx_number(xml, "w:outlineLvl", "w:val", look->outline - 1);
    docx_close(xml);
}

static void put_style(struct docx_xml *xml, const struct document_look *look)
{
    begin_style(xml, "paragraph", look->id, look->name, false);
    docx_leaf(xml, "w:basedOn", "w:val", "Normal", NULL);
    if (look->outline > 0)
        docx_leaf(xml, "w:next", "w:val", document_look(STYLE_BODY)->id, NULL);
    docx_leaf(xml, "w:qFormat", NULL);
    put_paragraph_look(xml, look);
    docx_open(xml, "w:rPr");
    if (look->bold) {
        docx_leaf(xml, "w:b", NULL);
        docx_leaf(xml, "w:bCs", NULL);
    }
    if (look->italic) {
        docx_leaf(xml, "w:i", NULL);
        docx_leaf(xml, "w:iCs", NULL);
    }
    docx_number(xml, "w:sz", "w:val", (long)(look->size * 2));
    docx_number(xml, "w:szCs", "w:val", (long)(look->size * 2));
    docx_close(xml);
    docx_close(xml);
}

static void put_table_style(struct docx_xml *xml)
{
    begin_style(xml, "table", "BangThuong", "Normal Table", true);
    docx_open(xml, "w:tblPr");
    docx_leaf(xml, "w:tblInd", "w:w", "0", "w:type", "dxa", NULL);
    docx_open(xml, "w:tblCellMar");
    docx_leaf(xml, "w:top", "w:w", "0", "w:type", "dxa", NULL);
    docx_leaf(xml, "w:left", "w:w", "0", "w:type", "dxa", NULL);
    docx_leaf(xml, "w:bottom", "w:w", "0", "w:type", "dxa", NULL);
    docx_leaf(xml, "w:right", "w:w", "0", "w:type", "dxa", NULL);
    docx_close(xml);
    docx_close(xml);
    docx_close(xml);
}

static void put_header_style(struct docx_xml *xml)
{
    begin_style(xml, "paragraph", "SoTrang", "Số trang", false);
    docx_leaf(xml, "w:basedOn", "w:val", "Normal", NULL);
    docx_open(xml, "w:pPr");
    docx_leaf(xml, "w:jc", "w:val", "center", NULL);
    docx_close(xml);
    docx_open(xml, "w:rPr");
    docx_leaf(xml, "w:sz", "w:val", "28", NULL);
    docx_leaf(xml, "w:szCs", "w:val", "28", NULL);
    docx_close(xml);
    docx_close(xml);
}

char *docx_styles_xml(void)
{
    struct docx_xml xml;
    docx_xml_begin(&xml, "w:styles");
    put_defaults(&xml);
    begin_style(&xml, "paragraph", "Normal", "Normal", true);
    docx_leaf(&xml, "w:qFormat", NULL);
    docx_close(&xml);
    put_table_style(&xml);
    put_header_style(&xml);
    for (int i = 0; i < DOCUMENT_STYLES; i++)
        put_style(&xml, document_look(i));
    return docx_xml_end(&xml);
}

static void put_field_part(struct docx_xml *xml, const char *type)
{
    docx_open(xml, "w:r");
    docx_leaf(xml, "w:fldChar", "w:fldCharType", type, NULL);
    docx_close(xml);
}

static void put_page_number(struct docx_xml *xml)
{
    put_field_part(xml, "begin");
    docx_open(xml, "w:r");
    docx_open(xml, "w:instrText");
    docx_attribute(xml, "xml:space", "preserve");
    xmlTextWriterWriteString(xml->writer, BAD_CAST " PAGE ");
    docx_close(xml);
    docx_close(xml);
    put_field_part(xml, "separate");
    docx_open(xml, "w:r");
    docx_open(xml, "w:t");
    xmlTextWriterWriteString(xml->writer, BAD_CAST "2");
    docx_close(xml);
    docx_close(xml);
    put_field_part(xml, "end");
}

char *docx_header_xml(bool has_number)
{
    struct docx_xml xml;
    docx_xml_begin(&xml, "w:hdr");
    docx_open(&xml, "w:p");
    docx_open(&xml, "w:pPr");
    docx_leaf(&xml, "w:pStyle", "w:val", "SoTrang", NULL);
    docx_close(&xml);
    if (has_number)
        put_page_number(&xml);
    docx_close(&xml);
    return docx_xml_end(&xml);
}
