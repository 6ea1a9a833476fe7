/* The pages of a PDF: where the next line comes, page numbers, structure tags and the outline.
 *
 * Thread: one at a time. */
#pragma once

#include "signaling/minutes/pdf_flow.h"

#include <cairo-pdf.h>

#define PDF_TAGS_MAX 6 /* one within the other */

struct pdf {
    cairo_surface_t *surface;
    cairo_t *cairo;
    PangoFontMap *fonts;
    PangoContext *context;
    double y;        /* points from the page's top edge */
    unsigned page;   /* of the file, from 1 */
    unsigned number; /* of the section, from 1 */
    bool is_fresh;   /* nothing stands on the page yet */
    unsigned tags;
    const char *tag[PDF_TAGS_MAX];
    int outline[4]; /* the last entry of each level; [0] the root */
};

#define PDF_LEFT   PDF_POINTS(DOCUMENT_MARGIN_LEFT)
#define PDF_TOP    PDF_POINTS(DOCUMENT_MARGIN_TOP)
#define PDF_BOTTOM PDF_POINTS(DOCUMENT_PAGE_HEIGHT - DOCUMENT_MARGIN_BOTTOM)
#define PDF_WIDTH  PDF_POINTS(DOCUMENT_TEXT_WIDTH)

/* What is drawn goes to `take`. */
void pdf_begin(struct pdf *pdf, const struct document *document, cairo_write_func_t take,
               void *arg);
/* The state that drawing left. */
cairo_status_t pdf_end(struct pdf *pdf);

void pdf_begin_section(struct pdf *pdf);
/* Structure tags that are open are closed on this page and opened on the next. */
void pdf_next_page(struct pdf *pdf);

void pdf_open_tag(struct pdf *pdf, const char *tag);
void pdf_close_tag(struct pdf *pdf);

/* Draws the flow's next `count` lines, from `x` and `y`, each paragraph with its tag. */
void pdf_draw(struct pdf *pdf, struct pdf_flow *flow, unsigned count, double x, double y);
