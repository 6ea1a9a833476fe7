#include "signaling/minutes/document.h"

#include <string.h>

/* Annex I of Decree 30/2020/NĐ-CP, with the sizes of the forms in annex III. */
static const struct document_look looks[DOCUMENT_STYLES] = {
    [STYLE_BODY] = {"NoiDung", "Nội dung", 14, .align = ALIGN_BOTH, .indent_mm = 10, .before = 6},
    [STYLE_NATION] = {"QuocHieu", "Quốc hiệu", 13, .bold = true, .align = ALIGN_CENTRE},
    [STYLE_MOTTO] = {"TieuNgu", "Tiêu ngữ", 14, .bold = true, .align = ALIGN_CENTRE},
    [STYLE_SUPERIOR] = {"CoQuanChuQuan", "Cơ quan chủ quản", 13, .align = ALIGN_CENTRE},
    [STYLE_AGENCY] = {"CoQuanBanHanh", "Cơ quan ban hành", 13, .bold = true, .align = ALIGN_CENTRE},
    [STYLE_NUMBER] = {"SoKyHieu", "Số, ký hiệu", 13, .align = ALIGN_CENTRE, .before = 6},
    [STYLE_PLACE_DATE] = {"DiaDanhThoiGian", "Địa danh, thời gian", 14, .italic = true,
                          .align = ALIGN_CENTRE, .before = 6},
    [STYLE_KIND] = {"TenLoai", "Tên loại văn bản", 14, .bold = true, .align = ALIGN_CENTRE,
                    .before = 18, .keep_next = true},
    [STYLE_SUBJECT] = {"TrichYeu", "Trích yếu", 14, .bold = true, .align = ALIGN_CENTRE,
                       .keep_next = true},
    [STYLE_RULE] = {"DuongKe", "Đường kẻ", 3, .align = ALIGN_CENTRE},
    [STYLE_PART] = {"Muc", "Mục", 14, .bold = true, .align = ALIGN_BOTH, .indent_mm = 10,
                    .before = 12, .keep_next = true, .outline = 1},
    [STYLE_CLAUSE] = {"Khoan", "Khoản", 14, .bold = true, .align = ALIGN_BOTH, .indent_mm = 10,
                      .before = 6, .keep_next = true, .outline = 2},
    [STYLE_CLOSING] = {"LoiKet", "Lời kết", 14, .align = ALIGN_BOTH, .indent_mm = 10, .before = 6,
                       .keep_next = true},
    [STYLE_SIGNER_TITLE] = {"ChucVuNguoiKy", "Chức vụ người ký", 14, .bold = true,
                            .align = ALIGN_CENTRE, .before = 12, .keep_next = true},
    [STYLE_SIGNER_NAME] = {"HoTenNguoiKy", "Họ tên người ký", 14, .bold = true,
                           .align = ALIGN_CENTRE, .before = 80},
    [STYLE_COPIES_TITLE] = {"NoiNhan", "Nơi nhận", 12, .bold = true, .italic = true, .before = 12,
                            .keep_next = true},
    [STYLE_COPIES] = {"NoiNhanDong", "Nơi nhận, các dòng", 11},
    [STYLE_ANNEX] = {"PhuLuc", "Phụ lục", 14, .bold = true, .align = ALIGN_CENTRE,
                     .keep_next = true, .outline = 1},
    [STYLE_ANNEX_TITLE] = {"PhuLucTen", "Phụ lục, tên", 14, .bold = true, .align = ALIGN_CENTRE,
                           .keep_next = true},
    [STYLE_ANNEX_SOURCE] = {"PhuLucKemTheo", "Phụ lục, kèm theo", 14, .italic = true,
                            .align = ALIGN_CENTRE, .after = 12, .keep_next = true},
    [STYLE_TABLE_HEAD] = {"BangTieuDe", "Bảng, tiêu đề", 13, .bold = true, .align = ALIGN_CENTRE,
                          .before = 2, .after = 2, .keep_next = true},
    [STYLE_TABLE_TEXT] = {"BangNoiDung", "Bảng, nội dung", 13, .before = 2, .after = 2},
    [STYLE_TABLE_NUMBER] = {"BangSo", "Bảng, số", 13, .align = ALIGN_CENTRE, .before = 2,
                            .after = 2},
    [STYLE_SMALL] = {"GhiChu", "Ghi chú cuối văn bản", 11, .before = 12},
};

const struct document_look *document_look(enum document_style style)
{
    g_assert(style < DOCUMENT_STYLES);
    return &looks[style];
}

/* ---- memory ---- */

static void run_free(gpointer data)
{
    struct document_run *run = data;
    g_free(run->text);
    g_free(run);
}

static void paragraph_free(gpointer data)
{
    struct document_paragraph *paragraph = data;
    g_ptr_array_unref(paragraph->runs);
    g_free(paragraph);
}

static void row_free(gpointer data)
{
    struct document_row *row = data;
    g_ptr_array_unref(row->cells);
    g_free(row);
}

static void block_free(gpointer data)
{
    struct document_block *block = data;
    if (block->paragraph != NULL)
        paragraph_free(block->paragraph);
    if (block->table != NULL) {
        g_ptr_array_unref(block->table->rows);
        g_free(block->table->widths_mm);
        g_free(block->table);
    }
    g_free(block);
}

static void section_free(gpointer data)
{
    struct document_section *section = data;
    g_ptr_array_unref(section->blocks);
    g_free(section);
}

struct document *document_new(const char *title)
{
    struct document *document = g_new0(struct document, 1);
    document->title = g_strdup(title);
    document->sections = g_ptr_array_new_with_free_func(section_free);
    document_begin_section(document);
    return document;
}

void document_free(struct document *document)
{
    if (document == NULL)
        return;
    g_ptr_array_unref(document->sections);
    g_free(document->title);
    g_free(document->author);
    g_free(document->subject);
    g_free(document);
}

/* ---- building ---- */

void document_begin_section(struct document *document)
{
    struct document_section *section = g_new0(struct document_section, 1);
    section->blocks = g_ptr_array_new_with_free_func(block_free);
    g_ptr_array_add(document->sections, section);
}

static struct document_block *add_block(struct document *document)
{
    struct document_section *section = document->sections->pdata[document->sections->len - 1];
    struct document_block *block = g_new0(struct document_block, 1);
    g_ptr_array_add(section->blocks, block);
    return block;
}

static struct document_paragraph *paragraph_new(enum document_style style)
{
    struct document_paragraph *paragraph = g_new0(struct document_paragraph, 1);
    paragraph->style = style;
    paragraph->runs = g_ptr_array_new_with_free_func(run_free);
    return paragraph;
}

struct document_paragraph *document_add(struct document *document, enum document_style style)
{
    struct document_block *block = add_block(document);
    block->paragraph = paragraph_new(style);
    return block->paragraph;
}

struct document_table *document_add_table(struct document *document, unsigned columns,
                                          const double *widths_mm, bool has_grid)
{
    struct document_table *table = add_block(document)->table = g_new0(struct document_table, 1);
    table->columns = columns;
    table->widths_mm = g_memdup2(widths_mm, columns * sizeof *widths_mm);
    table->has_grid = has_grid;
    table->rows = g_ptr_array_new_with_free_func(row_free);
    for (unsigned i = 0; i < columns; i++)
        g_assert(widths_mm[i] > 5);
    return table;
}

struct document_row *document_add_row(struct document_table *table)
{
    struct document_row *row = g_new0(struct document_row, 1);
    row->cells = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    for (unsigned i = 0; i < table->columns; i++)
        g_ptr_array_add(row->cells, g_ptr_array_new_with_free_func(paragraph_free));
    g_ptr_array_add(table->rows, row);
    return row;
}

struct document_paragraph *document_add_cell(struct document_row *row, unsigned column,
                                             enum document_style style)
{
    g_assert(column < row->cells->len);
    struct document_paragraph *paragraph = paragraph_new(style);
    g_ptr_array_add(row->cells->pdata[column], paragraph);
    return paragraph;
}

/* XML 1.0 section 2.2 forbids most control characters; the marks of direction would let a name
 * turn round what stands behind it. */
static bool is_fit(gunichar c)
{
    bool is_control = (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0);
    bool is_direction = c == 0x200E || c == 0x200F || c == 0x061C || (c >= 0x202A && c <= 0x202E) ||
                        (c >= 0x2066 && c <= 0x2069);
    return !is_control && !is_direction && (c & 0xFFFE) != 0xFFFE && c != 0xFEFF;
}

static char *clean(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *kept = g_string_sized_new(strlen(valid));
    for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c == 0x2028 || c == 0x2029)
            c = '\n';
        if (c == '\t')
            c = ' ';
        if (is_fit(c))
            g_string_append_unichar(kept, c);
    }
    return g_string_free(kept, FALSE);
}

void document_put(struct document_paragraph *paragraph, unsigned marks, const char *text)
{
    if (text == NULL || *text == '\0')
        return;
    struct document_run *run = g_new0(struct document_run, 1);
    run->text = clean(text);
    run->marks = marks;
    g_ptr_array_add(paragraph->runs, run);
}

void document_putf(struct document_paragraph *paragraph, unsigned marks, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    document_put(paragraph, marks, text);
}

/* ---- reading ---- */

static void text_of_paragraph(GString *text, const struct document_paragraph *paragraph)
{
    for (unsigned i = 0; i < paragraph->runs->len; i++)
        g_string_append(text, ((struct document_run *)paragraph->runs->pdata[i])->text);
}

static void text_of_table(GString *text, const struct document_table *table)
{
    for (unsigned i = 0; i < table->rows->len; i++) {
        const struct document_row *row = table->rows->pdata[i];
        for (unsigned column = 0; column < row->cells->len; column++) {
            const GPtrArray *cell = row->cells->pdata[column];
            g_string_append(text, column > 0 ? "\t" : "");
            for (unsigned k = 0; k < cell->len; k++) {
                g_string_append(text, k > 0 ? "\n" : "");
                text_of_paragraph(text, cell->pdata[k]);
            }
        }
        g_string_append_c(text, '\n');
    }
}

char *document_text(const struct document *document)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < document->sections->len; i++) {
        const struct document_section *section = document->sections->pdata[i];
        for (unsigned k = 0; k < section->blocks->len; k++) {
            const struct document_block *block = section->blocks->pdata[k];
            if (block->table != NULL) {
                text_of_table(text, block->table);
                continue;
            }
            text_of_paragraph(text, block->paragraph);
            g_string_append_c(text, '\n');
        }
    }
    return g_string_free(text, FALSE);
}
