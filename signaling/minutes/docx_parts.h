/* The parts of a DOCX package. Each is well-formed XML in UTF-8. g_free().
 *
 * Thread: any. */
#pragma once

#include "signaling/minutes/document.h"

#include <libxml/xmlwriter.h>

#define DOCX_WORD      "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define DOCX_RELATIONS "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

/* docx_body.c: word/document.xml */
char *docx_document_xml(const struct document *document);
/* docx_style.c: word/styles.xml */
char *docx_styles_xml(void);
/* docx_style.c: word/header1.xml, with the page's number, and header2.xml, empty, of first pages */
char *docx_header_xml(bool has_number);

/* ---- writing XML ---- */

struct docx_xml {
    xmlBufferPtr buffer;
    xmlTextWriterPtr writer;
};

/* Begins with the declaration and an element in the namespaces `w` and `r`. */
void docx_xml_begin(struct docx_xml *xml, const char *element);
char *docx_xml_end(struct docx_xml *xml);
void docx_open(struct docx_xml *xml, const char *element);
void docx_close(struct docx_xml *xml);
/* An empty element with attributes: name, value, …, NULL. */
void docx_leaf(struct docx_xml *xml, const char *element, ...) G_GNUC_NULL_TERMINATED;
void docx_attribute(struct docx_xml *xml, const char *name, const char *value);
void docx_number(struct docx_xml *xml, const char *element, const char *attribute, long value);

/* Twentieths of a point. */
static inline long docx_twips_of_mm(double mm)
{
    return (long)(mm * 1440 / 25.4 + 0.5);
}
