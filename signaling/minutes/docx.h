/* Writes a document as DOCX (ISO/IEC 29500, WordprocessingML, transitional): named styles with
 * Vietnamese names that a clerk can go on using, page numbers centred in the top margin and not on
 * a section's first page, each section numbered for itself.
 *
 * The same document gives the same bytes.
 *
 * Thread: any. */
#pragma once

#include "signaling/minutes/document.h"

/* NULL: out of memory or the packer failed, which `error` says. */
GBytes *docx_write(const struct document *document, GError **error);
