/* Putting texts and times into a page. Every text that came from outside goes through here:
 * escaped, and set apart (<bdi>), so that no direction mark in a name turns what stands behind it.
 *
 * Thread: any. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* page_form.c: the styles of the decree's forms, and their letterhead; `kind` is the form's
 * abbreviation ("BB", "GM"). Form 1.9 has no line of place and date: NULL. */
extern const char page_style[];
void page_letterhead(GString *page, const char *kind, const char *place_and_date);

/* Escaped, for the page's text. NULL puts nothing. */
void page_text(GString *page, const char *text);
void page_field(GString *page, const json_t *object, const char *key);
/* "chưa xác định" when it is null: what has not been said is shown as not said. */
void page_field_or_undetermined(GString *page, const json_t *object, const char *key);
void page_undetermined(GString *page);

/* All times in Vietnam, UTC+7 the whole year. "08:30:05"; nothing when it is null. */
void page_clock(GString *page, const json_t *object, const char *key);
/* "8 giờ 30, ngày 05 tháng 9 năm 2018": days below 10 and the months 1 and 2 take a zero (Decree
 * 30/2020/NĐ-CP, annex I). */
void page_moment(GString *page, const json_t *object, const char *key);
/* The same without the hour. `time` is RFC 3339. */
void page_day(GString *page, const char *time);
/* Whether two times are of one day there. */
bool page_is_same_day(const char *time, const char *other);
/* "12 phút 05 giây", "1 giờ 02 phút". */
void page_duration(GString *page, double seconds);
/* "31/12/2026" from "2026-12-31". */
void page_date(GString *page, const json_t *object, const char *key);

/* Links to each of the recordings' stretches; nothing is printed of them on paper. */
void page_recordings(GString *page, const json_t *recordings);
/* The address of a file of the recording, below the page's own; NULL for a path that leads
 * elsewhere. g_free(). */
char *page_recording_address(const char *path);
