#include "signaling/minutes/page.h"

#include "signaling/minutes/when.h"

#include <string.h>

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
    g_string_append(page, "<em>" WHEN_UNDETERMINED "</em>");
}

void page_field_or_undetermined(GString *page, const json_t *object, const char *key)
{
    if (json_is_string(json_object_get(object, key)))
        page_field(page, object, key);
    else
        page_undetermined(page);
}

/* ---- times ---- */

void page_clock(GString *page, const json_t *object, const char *key)
{
    when_clock(page, json_string_value(json_object_get(object, key)));
}

void page_moment(GString *page, const json_t *object, const char *key)
{
    if (!when_moment(page, json_string_value(json_object_get(object, key))))
        page_undetermined(page);
}

void page_day(GString *page, const char *time)
{
    when_day(page, time);
}

bool page_is_same_day(const char *time, const char *other)
{
    return when_is_same_day(time, other);
}

void page_duration(GString *page, double seconds)
{
    when_duration(page, seconds);
}

void page_date(GString *page, const json_t *object, const char *key)
{
    g_autoptr(GString) date = g_string_new(NULL);
    if (when_date(date, json_string_value(json_object_get(object, key))))
        page_text(page, date->str);
    else
        page_undetermined(page);
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
