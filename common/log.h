/* One line on standard error for each event worth knowing:
 *
 *     2026-11-23T08:30:00.123456Z info bridge leg connected meeting=demo leg=da-nang
 *
 * error: somebody must act. warning: quality suffers. info: a state changed. debug: for us.
 * Never a secret; text from outside has its control characters replaced, so that a peer cannot
 * forge a line.
 *
 * Thread: any; a line is one write(). Not on the audio tick nor per packet. */
#pragma once

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Call once, before other threads start. `program` is kept, not copied. The least level shown is
 * `level`, or what NHIPCAU_LOG (error, warning, info, debug) says. */
void log_init(const char *program, enum log_level level);

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)
