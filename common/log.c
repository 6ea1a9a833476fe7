#include "common/log.h"

#include "common/clock.h"

#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const level_names[] = {"error", "warning", "info", "debug"};
static const char *program_name = "nhipcau";
static enum log_level least_level = LOG_LEVEL_INFO;

void log_init(const char *program, enum log_level level)
{
    const char *wanted = g_getenv("NHIPCAU_LOG");
    program_name = program;
    least_level = level;
    for (size_t i = 0; wanted != NULL && i < G_N_ELEMENTS(level_names); i++) {
        if (strcmp(wanted, level_names[i]) == 0)
            least_level = (enum log_level)i;
    }
}

void log_write(enum log_level level, const char *format, ...)
{
    if (level > least_level)
        return;
    char line[2048];
    char time[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(clock_utc_us(), time);
    int head = snprintf(line, sizeof line, "%s %s %s ", time, level_names[level], program_name);
    va_list arguments;
    va_start(arguments, format);
    int body = vsnprintf(line + head, sizeof line - (size_t)head, format, arguments);
    va_end(arguments);
    if (body < 0)
        return;
    size_t length = MIN((size_t)head + (size_t)body, sizeof line - 2);
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = ' ';
    }
    line[length] = '\n';
    /* Nothing can be done about a log that cannot be written. */
    ssize_t written = write(STDERR_FILENO, line, length + 1);
    (void)written;
}
