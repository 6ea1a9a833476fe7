/* A document of the record, apart from any file format: sections of paragraphs and tables, each
 * with a style of Decree 30/2020/NĐ-CP. It is built once from the minutes and then written as DOCX
 * (docx.h) and PDF (pdf.h), so that one says what the other says.
 *
 * Text goes in as it came from outside; what no file may hold (control characters, marks that turn
 * the direction of what stands behind them) is left out here, once for all writers.
 *
 * Thread: any, one at a time; a finished document may be read by several. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A4, millimetres (annex I, part I of the decree). */
#define DOCUMENT_PAGE_WIDTH    210.0
#define DOCUMENT_PAGE_HEIGHT   297.0
#define DOCUMENT_MARGIN_TOP    20.0
#define DOCUMENT_MARGIN_BOTTOM 20.0
#define DOCUMENT_MARGIN_LEFT   30.0
#define DOCUMENT_MARGIN_RIGHT  15.0
#define DOCUMENT_HEADER        10.0 /* the page number's top edge */
#define DOCUMENT_TEXT_WIDTH    (DOCUMENT_PAGE_WIDTH - DOCUMENT_MARGIN_LEFT - DOCUMENT_MARGIN_RIGHT)

enum document_style {
    STYLE_BODY,         /* justified, first line 10 mm in */
    STYLE_NATION,       /* quốc hiệu */
    STYLE_MOTTO,        /* tiêu ngữ */
    STYLE_SUPERIOR,     /* cơ quan chủ quản */
    STYLE_AGENCY,       /* cơ quan ban hành */
    STYLE_NUMBER,       /* số, ký hiệu */
    STYLE_PLACE_DATE,   /* địa danh và thời gian */
    STYLE_KIND,         /* tên loại */
    STYLE_SUBJECT,      /* trích yếu */
    STYLE_RULE,         /* a line across the middle, as wide as the paragraph's `rule_mm` */
    STYLE_PART,         /* "I. DIỄN BIẾN" */
    STYLE_CLAUSE,       /* "1. Khai mạc" */
    STYLE_CLOSING,      /* as the body, on one page with the signatures */
    STYLE_SIGNER_TITLE, /* chức vụ người ký */
    STYLE_SIGNER_NAME,  /* họ tên người ký, with room for the signature above */
    STYLE_COPIES_TITLE, /* "Nơi nhận:" */
    STYLE_COPIES,       /* "- Lưu: VT, Hồ sơ." */
    STYLE_ANNEX,        /* "Phụ lục I" */
    STYLE_ANNEX_TITLE,  /* its name */
    STYLE_ANNEX_SOURCE, /* "(Kèm theo …)" */
    STYLE_TABLE_HEAD,   /* the first row of a grid */
    STYLE_TABLE_TEXT,   /* a cell of a grid */
    STYLE_TABLE_NUMBER, /* the same, centred */
    STYLE_SMALL,        /* what proves the document */
    DOCUMENT_STYLES
};

enum document_align { ALIGN_LEFT, ALIGN_CENTRE, ALIGN_BOTH };

/* How a style looks. Lengths in points, the first line's indent in millimetres. */
struct document_look {
    const char *id;   /* in styles.xml */
    const char *name; /* as a clerk sees it in the list of styles */
    double size;
    bool bold, italic;
    enum document_align align;
    double indent_mm, before, after;
    bool keep_next; /* stays on one page with what follows */
    int outline;    /* level in the list of headings, 1 the highest; 0: none */
};
const struct document_look *document_look(enum document_style style);

enum document_mark {
    MARK_BOLD = 1 << 0,
    MARK_ITALIC = 1 << 1,
    MARK_STRUCK = 1 << 2,
};

struct document_run {
    char *text; /* UTF-8; '\n' begins a new line within the paragraph */
    unsigned marks;
};

struct document_paragraph {
    enum document_style style;
    GPtrArray *runs; /* of struct document_run */
    double rule_mm;
};

struct document_row {
    GPtrArray *cells; /* of GPtrArray of struct document_paragraph, as many as columns */
    bool is_head;     /* comes again on every page */
};

struct document_table {
    unsigned columns;
    double *widths_mm;
    bool has_grid;
    GPtrArray *rows; /* of struct document_row */
};

/* Either a paragraph or a table. */
struct document_block {
    struct document_paragraph *paragraph;
    struct document_table *table;
};

/* Begins on a new page, with page number 1, which is not shown. */
struct document_section {
    GPtrArray *blocks; /* of struct document_block */
};

struct document {
    char *title, *author, *subject; /* metadata; NULL: not said */
    int64_t made_us;                /* UTC: of the journal, not of the clock, so that the same
                                     * journal gives the same bytes; 0: not known */
    GPtrArray *sections;            /* of struct document_section */
};

struct document *document_new(const char *title);
void document_free(struct document *document);

/* ---- building: always at the end ---- */

void document_begin_section(struct document *document);
/* Into the last section. Belongs to the document. */
struct document_paragraph *document_add(struct document *document, enum document_style style);
struct document_table *document_add_table(struct document *document, unsigned columns,
                                          const double *widths_mm, bool has_grid);
/* Cells are empty until something is put into them. */
struct document_row *document_add_row(struct document_table *table);
struct document_paragraph *document_add_cell(struct document_row *row, unsigned column,
                                             enum document_style style);
void document_put(struct document_paragraph *paragraph, unsigned marks, const char *text);
void document_putf(struct document_paragraph *paragraph, unsigned marks, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* All text, a line for each paragraph, cells separated by tabs: what every writer must say.
 * g_free(). */
char *document_text(const struct document *document);
