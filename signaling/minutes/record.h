/* The minutes as a document: form 1.9 of Decree 30/2020/NĐ-CP, its labels in their order, the
 * course of the meeting by item of the agenda, what the chair concluded and directed, and annexes
 * with Roman numerals (rooms and roll call, votes, written opinions, requests that were not
 * granted, incidents).
 *
 * Thread: any, one at a time. */
#pragma once

#include "signaling/minutes/document.h"

#include <jansson.h>

/* `minutes` as of minutes_to_json(). document_free(). */
struct document *record_document(const json_t *minutes);

/* ---- between the record's files ---- */

/* record_course.c */
void record_course(struct document *document, const json_t *minutes);
/* record_conclusion.c. The chair's conclusions, which are the notes that begin with "Kết luận",
 * and the directives. */
void record_conclusions(struct document *document, const json_t *minutes);
bool record_is_conclusion(const json_t *note);
/* "1. …", with lead, support and deadline. */
void record_directive(struct document *document, const json_t *directive, unsigned number);
/* record_annex.c */
void record_annexes(struct document *document, const json_t *minutes);
/* "Biên bản hội nghị …". g_free(). */
char *record_name(const json_t *minutes);
