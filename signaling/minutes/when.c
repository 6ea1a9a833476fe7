#include "signaling/minutes/when.h"

#include "common/clock.h"

#include <stdio.h>

#define VIETNAM_OFFSET_S (7 * 3600)

static GDateTime *local_time(const char *time)
{
    int64_t utc_us;
    if (time == NULL || !clock_parse_rfc3339(time, &utc_us))
        return NULL;
    return g_date_time_new_from_unix_utc(utc_us / 1000000 + VIETNAM_OFFSET_S);
}

bool when_clock(GString *text, const char *time)
{
    g_autoptr(GDateTime) when = local_time(time);
    if (when == NULL)
        return false;
    g_autofree char *clock = g_date_time_format(when, "%H:%M:%S");
    g_string_append(text, clock);
    return true;
}

bool when_get_day(const char *time, GDate *day)
{
    g_autoptr(GDateTime) when = local_time(time);
    if (when == NULL)
        return false;
    g_date_set_dmy(day, (GDateDay)g_date_time_get_day_of_month(when),
                   (GDateMonth)g_date_time_get_month(when), (GDateYear)g_date_time_get_year(when));
    return true;
}

void when_put_day(GString *text, const GDate *day)
{
    int month = (int)g_date_get_month(day);
    g_string_append_printf(text,
                           month < 3 ? "ngày %02d tháng %02d năm %d" : "ngày %02d tháng %d năm %d",
                           g_date_get_day(day), month, g_date_get_year(day));
}

bool when_moment(GString *text, const char *time)
{
    g_autoptr(GDateTime) when = local_time(time);
    if (when == NULL)
        return false;
    g_string_append_printf(text, "%d giờ %02d, ", g_date_time_get_hour(when),
                           g_date_time_get_minute(when));
    return when_day(text, time);
}

bool when_day(GString *text, const char *time)
{
    GDate day;
    if (!when_get_day(time, &day))
        return false;
    when_put_day(text, &day);
    return true;
}

bool when_is_same_day(const char *time, const char *other)
{
    GDate first, second;
    return when_get_day(time, &first) && when_get_day(other, &second) &&
           g_date_compare(&first, &second) == 0;
}

void when_duration(GString *text, double seconds)
{
    int whole = (int)CLAMP(seconds + 0.5, 0, G_MAXINT / 2);
    if (whole >= 3600)
        g_string_append_printf(text, "%d giờ %02d phút", whole / 3600, whole / 60 % 60);
    else if (whole >= 60)
        g_string_append_printf(text, "%d phút %02d giây", whole / 60, whole % 60);
    else
        g_string_append_printf(text, "%d giây", whole);
}

bool when_date(GString *text, const char *date)
{
    int year, month, day;
    if (date == NULL)
        return false;
    if (sscanf(date, "%4d-%2d-%2d", &year, &month, &day) == 3)
        g_string_append_printf(text, "%02d/%02d/%04d", day, month, year);
    else
        g_string_append(text, date);
    return true;
}
