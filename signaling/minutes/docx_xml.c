#include "signaling/minutes/docx_parts.h"

#include <stdarg.h>

/* libxml2 fails here only when there is no memory, for which GLib ends the process as well. */
static void must(int result)
{
    if (result < 0)
        g_error("XML cannot be written: out of memory");
}

void docx_xml_begin(struct docx_xml *xml, const char *element)
{
    xml->buffer = xmlBufferCreate();
    xml->writer = xml->buffer != NULL ? xmlNewTextWriterMemory(xml->buffer, 0) : NULL;
    must(xml->writer != NULL ? 0 : -1);
    must(xmlTextWriterStartDocument(xml->writer, "1.0", "UTF-8", "yes"));
    docx_open(xml, element);
    docx_attribute(xml, "xmlns:w", DOCX_WORD);
    docx_attribute(xml, "xmlns:r", DOCX_RELATIONS);
}

char *docx_xml_end(struct docx_xml *xml)
{
    must(xmlTextWriterEndDocument(xml->writer));
    xmlFreeTextWriter(xml->writer);
    char *text = g_strdup((const char *)xmlBufferContent(xml->buffer));
    xmlBufferFree(xml->buffer);
    return text;
}

void docx_open(struct docx_xml *xml, const char *element)
{
    must(xmlTextWriterStartElement(xml->writer, BAD_CAST element));
}

void docx_close(struct docx_xml *xml)
{
    must(xmlTextWriterEndElement(xml->writer));
}

void docx_attribute(struct docx_xml *xml, const char *name, const char *value)
{
    must(xmlTextWriterWriteAttribute(xml->writer, BAD_CAST name, BAD_CAST value));
}

void docx_leaf(struct docx_xml *xml, const char *element, ...)
{
    va_list arguments;
    const char *name;
    docx_open(xml, element);
    va_start(arguments, element);
    while ((name = va_arg(arguments, const char *)) != NULL)
        docx_attribute(xml, name, va_arg(arguments, const char *));
    va_end(arguments);
    docx_close(xml);
}

void docx_number(struct docx_xml *xml, const char *element, const char *attribute, long value)
{
    g_autofree char *text = g_strdup_printf("%ld", value);
    docx_leaf(xml, element, attribute, text, NULL);
}
