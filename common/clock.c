#include "common/clock.h"

#include <glib.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_utc_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

void clock_format_rfc3339(int64_t utc_us, char text[CLOCK_RFC3339_SIZE])
{
    int64_t seconds = utc_us / 1000000;
    int64_t micros = utc_us % 1000000;
    if (micros < 0) {
        micros += 1000000;
        seconds--;
    }
    time_t when = (time_t)seconds;
    struct tm parts;
    char date[24];
    gmtime_r(&when, &parts);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    g_snprintf(text, CLOCK_RFC3339_SIZE, "%s.%06dZ", date, (int)micros);
}

bool clock_parse_rfc3339(const char *text, int64_t *utc_us)
{
    /* GLib also takes times without an offset and the basic form; RFC 3339 knows neither. */
    static const char shape[] = "dddd-dd-ddTdd:dd:dd";
    size_t i;
    for (i = 0; shape[i] != '\0'; i++) {
        if (shape[i] == 'd' ? !g_ascii_isdigit(text[i]) : text[i] != shape[i])
            return false;
    }
    if (text[i] == '.') {
        size_t digits = 0;
        while (g_ascii_isdigit(text[++i]))
            digits++;
        if (digits == 0 || digits > 9)
            return false;
    }
    if (!(text[i] == 'Z' && text[i + 1] == '\0')) {
        const char *offset = text + i;
        if ((offset[0] != '+' && offset[0] != '-') || !g_ascii_isdigit(offset[1]) ||
            !g_ascii_isdigit(offset[2]) || offset[3] != ':' || !g_ascii_isdigit(offset[4]) ||
            !g_ascii_isdigit(offset[5]) || offset[6] != '\0')
            return false;
    }
    g_autoptr(GDateTime) when = g_date_time_new_from_iso8601(text, NULL);
    if (when == NULL)
        return false;
    *utc_us = g_date_time_to_unix(when) * 1000000 + g_date_time_get_microsecond(when);
    return true;
}
