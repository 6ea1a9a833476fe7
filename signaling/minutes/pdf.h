/* Writes a document as PDF: fonts embedded, tagged (headings, paragraphs, tables), with outline and
 * metadata, and laid out as docx.h's would be.
 *
 * "Times New Roman" where the machine has it, otherwise a face of the same widths (Liberation
 * Serif).
 *
 * Thread: any. It takes tens of milliseconds and more with the length: not for a main loop. */
#pragma once

#include "signaling/minutes/document.h"

/* NULL: the page could not be drawn, which `error` says. */
GBytes *pdf_write(const struct document *document, GError **error);
