/* The measuring part of a line test (docs/protocol.md, "A line test at the bridge"): sends probes
 * on a plan of about ten seconds, takes the bridge's, and says what the line is worth. First it is
 * pinged as quietly as speech is, for loss, delay and jitter; then loaded with growing rates each
 * way, until packets are lost or queue up.
 *
 * Thread: one owner; it is told the time and does no I/O of its own. No allocation but
 * line_check_new()'s. */
#pragma once

#include "bridge/transport/probe.h"

struct line_check;

struct line_check_config {
    unsigned kbps; /* the most that is tried each way; 0: no load */
    void (*send)(const uint8_t *payload, size_t size, void *arg);
    void *arg;
};

struct line_check *line_check_new(const struct line_check_config *config, int64_t now_us);
void line_check_free(struct line_check *check);

/* Every five milliseconds or so. */
void line_check_turn(struct line_check *check, int64_t now_us);
/* `payload` of a probe that came. */
void line_check_take(struct line_check *check, const uint8_t *payload, size_t size,
                     int64_t arrival_us);
bool line_check_is_over(const struct line_check *check);

enum line_verdict { LINE_GOOD, LINE_USABLE, LINE_BAD };

enum line_advice {
    LINE_NO_ANSWER = 1 << 0, /* nothing came back */
    LINE_LOSS_UP = 1 << 1,
    LINE_LOSS_DOWN = 1 << 2,
    LINE_DELAY = 1 << 3,
    LINE_JITTER = 1 << 4,
    LINE_SLOW_UP = 1 << 5,
    LINE_SLOW_DOWN = 1 << 6,
    LINE_SILENT = 1 << 7, /* the microphone; not this module's to find */
};

struct line_findings {
    enum line_verdict verdict;
    unsigned advice;                     /* of enum line_advice */
    bool has_answer;                     /* else the rest is 0 */
    double rtt_ms;                       /* median */
    double loss_up, loss_down;           /* per cent, unloaded */
    double jitter_up_ms, jitter_down_ms; /* RFC 3550 section 6.4.1 */
    int up_kbps, down_kbps;              /* that the line carries; -1: not measured */
    bool is_up_capped, is_down_capped;   /* it carries at least that: no more was tried */
};

/* Once it is over; or before, of what has come by then. */
void line_check_find(const struct line_check *check, struct line_findings *findings);
/* Verdict and advice by the numbers; leaves LINE_SILENT as it is. */
void line_findings_judge(struct line_findings *findings);
