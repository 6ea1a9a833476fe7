/* Times and dates in words, as the decree writes them. All in Vietnam: UTC+7 the whole year.
 *
 * `time` is RFC 3339, NULL when it is not known; the functions append nothing then, and return
 * false.
 *
 * Thread: any. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define WHEN_UNDETERMINED "chưa xác định"

/* "08:30:05" */
bool when_clock(GString *text, const char *time);
/* "8 giờ 30, ngày 05 tháng 9 năm 2018": days below 10 and the months 1 and 2 take a zero (Decree
 * 30/2020/NĐ-CP, annex I). */
bool when_moment(GString *text, const char *time);
/* The same without the hour. */
bool when_day(GString *text, const char *time);
void when_put_day(GString *text, const GDate *day);
/* Whether two times are of one day there. */
bool when_is_same_day(const char *time, const char *other);
/* The day there; false when the time is none. */
bool when_get_day(const char *time, GDate *day);
/* "12 phút 05 giây", "1 giờ 02 phút" */
void when_duration(GString *text, double seconds);
/* "31/12/2026" from "2026-12-31"; anything else as it is. */
bool when_date(GString *text, const char *date);
