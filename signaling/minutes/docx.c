/* The package: an archive of parts and the list of how they hang together (ISO/IEC 29500-2). */
#include "signaling/minutes/docx.h"

#include "common/clock.h"
#include "signaling/minutes/docx_parts.h"

#include <archive.h>
#include <archive_entry.h>
#include <gio/gio.h>
#include <string.h>

#define HEAD  "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define MEDIA "application/vnd.openxmlformats-officedocument.wordprocessingml."
#define RELATION                                                                                   \
    "<Relationship Id=\"%s\" Type=\"http://schemas.openxmlformats.org/%s\" Target=\"%s\"/>"
#define PART "<Override PartName=\"%s\" ContentType=\"%s\"/>"

/* 1980-01-01 (the first day that a zip file can tell) for a document without a time. */
#define EARLIEST_S 315532800

static char *content_types(void)
{
    GString *xml = g_string_new(
        HEAD "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
             "<Default Extension=\"rels\" "
             "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
             "<Default Extension=\"xml\" ContentType=\"application/xml\"/>");
    g_string_append_printf(xml, PART, "/word/document.xml", MEDIA "document.main+xml");
    g_string_append_printf(xml, PART, "/word/styles.xml", MEDIA "styles+xml");
    g_string_append_printf(xml, PART, "/word/settings.xml", MEDIA "settings+xml");
    g_string_append_printf(xml, PART, "/word/header1.xml", MEDIA "header+xml");
    g_string_append_printf(xml, PART, "/word/header2.xml", MEDIA "header+xml");
    g_string_append_printf(xml, PART, "/docProps/core.xml",
                           "application/vnd.openxmlformats-package.core-properties+xml");
    g_string_append_printf(xml, PART, "/docProps/app.xml",
                           "application/vnd.openxmlformats-officedocument.extended-properties+xml");
    g_string_append(xml, "</Types>");
    return g_string_free(xml, FALSE);
}

static char *relations(bool is_package)
{
    static const struct {
        bool of_package;
        const char *id, *type, *target;
    } all[] = {
        {true, "rId1", "officeDocument/2006/relationships/officeDocument", "word/document.xml"},
        {true, "rId2", "package/2006/relationships/metadata/core-properties", "docProps/core.xml"},
        {true, "rId3", "officeDocument/2006/relationships/extended-properties", "docProps/app.xml"},
        {false, "rIdStyles", "officeDocument/2006/relationships/styles", "styles.xml"},
        {false, "rIdSettings", "officeDocument/2006/relationships/settings", "settings.xml"},
        {false, "rIdHeader", "officeDocument/2006/relationships/header", "header1.xml"},
        {false, "rIdHeaderFirst", "officeDocument/2006/relationships/header", "header2.xml"},
    };
    GString *xml =
        g_string_new(HEAD "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/"
                          "relationships\">");
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        if (all[i].of_package == is_package)
            g_string_append_printf(xml, RELATION, all[i].id, all[i].type, all[i].target);
    }
    g_string_append(xml, "</Relationships>");
    return g_string_free(xml, FALSE);
}

static void add_property(GString *xml, const char *element, const char *text)
{
    if (text == NULL)
        return;
    g_autofree char *escaped = g_markup_escape_text(text, -1);
    g_string_append_printf(xml, "<%s>%s</%s>", element, escaped, element);
}

static char *core_properties(const struct document *document)
{
    GString *xml = g_string_new(
        HEAD "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/"
             "metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
             "xmlns:dcterms=\"http://purl.org/dc/terms/\" "
             "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">");
    add_property(xml, "dc:title", document->title);
    add_property(xml, "dc:subject", document->subject);
    add_property(xml, "dc:creator", document->author);
    add_property(xml, "dc:language", "vi-VN");
    if (document->made_us > 0) {
        g_autoptr(GDateTime) made = g_date_time_new_from_unix_utc(document->made_us / 1000000);
        g_autofree char *text = g_date_time_format(made, "%Y-%m-%dT%H:%M:%SZ");
        g_string_append_printf(xml,
                               "<dcterms:created xsi:type=\"dcterms:W3CDTF\">%s</dcterms:created>"
                               "<dcterms:modified xsi:type=\"dcterms:W3CDTF\">%s"
                               "</dcterms:modified>",
                               text, text);
    }
    g_string_append(xml, "</cp:coreProperties>");
    return g_string_free(xml, FALSE);
}

static const char app_properties[] =
    HEAD "<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/"
         "extended-properties\"><Application>Nhịp Cầu</Application></Properties>";

/* Compatibility 15: Word opens it as a document of its own and not in the mode for old ones. */
static const char settings[] =
    HEAD "<w:settings xmlns:w=\"" DOCX_WORD "\"><w:zoom w:percent=\"100\"/>"
         "<w:defaultTabStop w:val=\"720\"/><w:characterSpacingControl w:val=\"doNotCompress\"/>"
         "<w:compat><w:compatSetting w:name=\"compatibilityMode\" "
         "w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat>"
         "<w:themeFontLang w:val=\"vi-VN\"/></w:settings>";

/* ---- packing ---- */

static bool pack(struct archive *archive, const char *name, const char *text, int64_t time_s)
{
    size_t size = strlen(text);
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_size(entry, (la_int64_t)size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, time_s, 0);
    bool is_good = archive_write_header(archive, entry) == ARCHIVE_OK &&
                   archive_write_data(archive, text, size) == (la_ssize_t)size;
    archive_entry_free(entry);
    return is_good;
}

static bool pack_all(struct archive *archive, const struct document *document)
{
    int64_t time_s = MAX(document->made_us / 1000000, EARLIEST_S);
    g_autofree char *types = content_types();
    g_autofree char *package = relations(true), *parts = relations(false);
    g_autofree char *core = core_properties(document);
    g_autofree char *body = docx_document_xml(document), *styles = docx_styles_xml();
    g_autofree char *header = docx_header_xml(true), *first_header = docx_header_xml(false);
    return pack(archive, "[Content_Types].xml", types, time_s) &&
           pack(archive, "_rels/.rels", package, time_s) &&
           pack(archive, "docProps/core.xml", core, time_s) &&
           pack(archive, "docProps/app.xml", app_properties, time_s) &&
           pack(archive, "word/document.xml", body, time_s) &&
           pack(archive, "word/_rels/document.xml.rels", parts, time_s) &&
           pack(archive, "word/styles.xml", styles, time_s) &&
           pack(archive, "word/settings.xml", settings, time_s) &&
           pack(archive, "word/header1.xml", header, time_s) &&
           pack(archive, "word/header2.xml", first_header, time_s);
}

static la_ssize_t take(struct archive *archive, void *arg, const void *bytes, size_t size)
{
    (void)archive;
    g_byte_array_append(arg, bytes, (guint)size);
    return (la_ssize_t)size;
}

GBytes *docx_write(const struct document *document, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    struct archive *archive = archive_write_new();
    archive_write_set_format_zip(archive);
    archive_write_set_options(archive, "zip:compression=deflate");
    archive_write_set_bytes_in_last_block(archive, 1);
    bool is_good = archive_write_open(archive, bytes, NULL, take, NULL) == ARCHIVE_OK &&
                   pack_all(archive, document) && archive_write_close(archive) == ARCHIVE_OK;
    if (!is_good)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "the DOCX cannot be packed: %s",
                    archive_error_string(archive));
    archive_write_free(archive);
    return is_good ? g_byte_array_free_to_bytes(g_steal_pointer(&bytes)) : NULL;
}
