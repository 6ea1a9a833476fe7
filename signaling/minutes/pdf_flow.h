/* Paragraphs broken into lines of a given width, ready to be put on pages.
 *
 * Thread: the one that owns the context. */
#pragma once

#include "signaling/minutes/document.h"

#include <pango/pangocairo.h>

#define PDF_POINTS(mm) ((mm)*72.0 / 25.4)
#define PDF_FONT       "Times New Roman,Liberation Serif"

/* A line, or a rule. Lengths in points. */
struct pdf_line {
    const struct document_paragraph *paragraph;
    PangoLayoutLine *line;  /* belongs to a layout of the flow; NULL: a rule */
    double x, baseline;     /* from the flow's left, the line's top */
    double before, height;  /* height without `before` */
    double rule;            /* its width */
    bool is_first, is_last; /* of the paragraph */
};

/* What stands in one cell, or one paragraph of the body. */
struct pdf_flow {
    GArray *lines;      /* of struct pdf_line */
    GPtrArray *layouts; /* of PangoLayout */
    unsigned next;      /* line to draw */
};

void pdf_flow_init(struct pdf_flow *flow);
void pdf_flow_clear(struct pdf_flow *flow);
void pdf_flow_add(struct pdf_flow *flow, PangoContext *context,
                  const struct document_paragraph *paragraph, double width);
/* The height of the lines from `next` that fit into `room`; how many in `count`. */
double pdf_flow_fit(const struct pdf_flow *flow, double room, unsigned *count);
