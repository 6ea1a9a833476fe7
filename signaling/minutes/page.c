#include "signaling/minutes/page.h"

#include "common/clock.h"

#include <stdio.h>
#include <string.h>

#define VIETNAM_OFFSET_S (7 * 3600)

void page_text(GString *page, const char *text)
{
    if (text == NULL)
        return;
    g_autofree char *escaped = g_markup_escape_text(text, -1);
    g_string_append_printf(page, "<bdi>%s</bdi>", escaped);
}

void page_field(GString *page, const json_t *object, const char *key)
{
    page_text(page, json_string_value(json_object_get(object, key)));
}

void page_undetermined(GString *page)
{
    g_string_append(page, "<em>chưa xác định</em>");
}

void page_field_or_undetermined(GString *page, const json_t *object, const char *key)
{
    if (json_is_string(json_object_get(object, key)))
        page_field(page, object, key);
    else
        page_undetermined(page);
}

/* ---- times ---- */

static GDateTime *local_time(const char *time)
{
    int64_t utc_us;
    if (time == NULL || !clock_parse_rfc3339(time, &utc_us))
        return NULL;
    return g_date_time_new_from_unix_utc(utc_us / 1000000 + VIETNAM_OFFSET_S);
}

void page_clock(GString *page, const json_t *object, const char *key)
{
    g_autoptr(GDateTime) when = local_time(json_string_value(json_object_get(object, key)));
    if (when == NULL)
        return;
    g_autofree char *text = g_date_time_format(when, "%H:%M:%S");
    g_string_append(page, text);
}

static void put_day(GString *page, GDateTime *when)
{
    int month = g_date_time_get_month(when);
    g_string_append_printf(page,
                           month < 3 ? "ngày %02d tháng %02d năm %d" : "ngày %02d tháng %d năm %d",
                           g_date_time_get_day_of_month(when), month, g_date_time_get_year(when));
}

void page_moment(GString *page, const json_t *object, const char *key)
{
    g_autoptr(GDateTime) when = local_time(json_string_value(json_object_get(object, key)));
    if (when == NULL) {
        page_undetermined(page);
        return;
    }
    g_string_append_printf(page, "%d giờ %02d, ", g_date_time_get_hour(when),
                           g_date_time_get_minute(when));
    put_day(page, when);
}

void page_day(GString *page, const char *time)
{
    g_autoptr(GDateTime) when = local_time(time);
    if (when != NULL)
        put_day(page, when);
}

bool page_is_same_day(const char *time, const char *other)
{
    g_autoptr(GDateTime) first = local_time(time);
    g_autoptr(GDateTime) second = local_time(other);
    return first != NULL && second != NULL &&
           g_date_time_get_year(first) == g_date_time_get_year(second) &&
           g_date_time_get_day_of_year(first) == g_date_time_get_day_of_year(second);
}

void page_duration(GString *page, double seconds)
{
    int whole = (int)CLAMP(seconds + 0.5, 0, G_MAXINT / 2);
    if (whole >= 3600)
        g_string_append_printf(page, "%d giờ %02d phút", whole / 3600, whole / 60 % 60);
    else if (whole >= 60)
        g_string_append_printf(page, "%d phút %02d giây", whole / 60, whole % 60);
    else
        g_string_append_printf(page, "%d giây", whole);
}

void page_date(GString *page, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    int year, month, day;
    if (text == NULL)
        page_undetermined(page);
    else if (sscanf(text, "%4d-%2d-%2d", &year, &month, &day) == 3)
        g_string_append_printf(page, "%02d/%02d/%04d", day, month, year);
    else
        page_text(page, text);
}

/* ---- the recording ---- */

char *page_recording_address(const char *path)
{
    if (path == NULL || strstr(path, "..") != NULL)
        return NULL;
    g_autofree char *escaped = g_uri_escape_string(path, "/", FALSE);
    return g_strconcat("recordings/", escaped, NULL);
}

static void put_recording(GString *page, const json_t *recording)
{
    char start[G_ASCII_DTOSTR_BUF_SIZE], end[G_ASCII_DTOSTR_BUF_SIZE];
    const json_t *to = json_object_get(recording, "end_seconds");
    double from = json_number_value(json_object_get(recording, "start_seconds"));
    g_autofree char *address =
        page_recording_address(json_string_value(json_object_get(recording, "path")));
    if (address == NULL)
        return;
    g_ascii_formatd(start, sizeof start, "%.1f", from);
    g_ascii_formatd(end, sizeof end, "%.1f", json_number_value(to));
    g_string_append_printf(page,
                           " <a class=\"play\" target=\"nghe-lai\" href=\"%s#t=%s%s%s\" "
                           "title=\"Nghe lại từ %d:%02d\">▶&nbsp;%d:%02d</a>",
                           address, start, json_is_number(to) ? "," : "",
                           json_is_number(to) ? end : "", (int)from / 60, (int)from % 60,
                           (int)from / 60, (int)from % 60);
}

void page_recordings(GString *page, const json_t *recordings)
{
    size_t index;
    json_t *recording;
    json_array_foreach ((json_t *)recordings, index, recording)
        put_recording(page, recording);
}
