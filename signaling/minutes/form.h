/* What the decree's forms have in common (Decree 30/2020/NĐ-CP, annexes I and III), put into a
 * document. What is not known is left for the clerk as dots or as "chưa xác định", never guessed.
 *
 * Thread: any, one at a time. */
#pragma once

#include "signaling/minutes/document.h"

#include <jansson.h>

/* Quốc hiệu, tiêu ngữ, agency, number. `agency` NULL: the form's own placeholder. `kind` is the
 * form's abbreviation ("BB", "TB"); `place_date` NULL: form 1.9 has none. */
void form_letterhead(struct document *document, const char *agency, const char *kind,
                     const char *place_date);
/* "BIÊN BẢN", what it is about, and the rule below. NULL: not determined. */
void form_title(struct document *document, const char *kind, const char *subject);
/* An annex in a section of its own; `number` from 1. `of` stands in "(Kèm theo …)". */
void form_annex(struct document *document, unsigned number, const char *title, const char *of);
/* A grid with its head row; `names` has one for each column. */
struct document_table *form_grid(struct document *document, unsigned columns,
                                 const double *widths_mm, const char *const *names);
void form_copies(struct document_row *row, unsigned column, const char *keepers);

/* A label of the form, "Địa điểm", and what stands behind it. */
struct document_paragraph *form_field(struct document *document, const char *label);

/* ---- texts ---- */

const char *form_string(const json_t *object, const char *key);
/* The text; "chưa xác định" in italics when there is none. */
void form_put(struct document_paragraph *paragraph, const json_t *object, const char *key);
/* "Nguyễn Văn An, Phó Thủ tướng". */
void form_put_person(struct document_paragraph *paragraph, const json_t *person);
/* "Bộ Tài chính; Bộ Nội vụ". */
void form_put_names(struct document_paragraph *paragraph, const json_t *names);
void form_put_clock(struct document_paragraph *paragraph, const json_t *object, const char *key);
void form_put_moment(struct document_paragraph *paragraph, const json_t *object, const char *key);
/* Behind a signer's post stands the name alone, without learned titles ("GS.TS. Trần Văn An" ->
 * "Trần Văn An"; annex I, part II, 7b). g_free(). */
char *form_bare_name(const char *name);
/* "I", "II", … as far as anyone annexes. */
void form_roman(GString *text, unsigned number);
