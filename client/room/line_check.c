#include "client/room/line_check.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PING_US      20000   /* as often as packets of sound */
#define PING_BYTES   160     /* and about as large */
#define QUIET_US     4000000 /* unloaded: 200 pings */
#define STEP_US      600000
#define SETTLE_US    250000 /* and a round trip: what is under way arrives, queues run dry */
#define ROUND_TRIPS  512
#define PING_TIMES   1024            /* that are remembered */
#define CLOCK_MOST   (INT64_MAX / 8) /* of a peer's clock: differences must not overflow */
#define LATE_US      50000           /* a turn that came later does not make up for it */
#define STEP_LOSS    0.02            /* a rate that loses more than this */
#define STEP_RISE_US 100000          /* or queues for longer is too much */

/* Limits of the verdict; beyond "usable" it is bad. Loss in per cent, times in ms. */
#define GOOD_LOSS     1.0
#define USABLE_LOSS   5.0
#define GOOD_RTT      250.0
#define USABLE_RTT    500.0
#define GOOD_JITTER   30.0
#define USABLE_JITTER 80.0
#define GOOD_KBPS     240.0
#define USABLE_KBPS   90.0

static const unsigned rates[] = {100, 250, 500, 1000, 2000, 4000, 8000, 16000};

enum phase { QUIET, SETTLING, UP, UP_SETTLING, DOWN, DOWN_SETTLING, OVER };

/* One way's loss and jitter while the line is not loaded. */
struct way {
    uint32_t received;
    double jitter_us;
    bool has_transit;
    int64_t transit_us, least_transit_us; /* by two clocks: only differences mean something */
    int64_t rise_us;                      /* the worst of the step over the least, unloaded */
    unsigned kbps;
    bool is_measured, is_capped;
};

struct line_check {
    struct line_check_config config;
    enum phase phase;
    int64_t phase_us, next_ping_us; /* when the one began, and the other is due */
    uint32_t pings;                 /* sent */
    uint32_t quiet_pings;           /* of these while the line was not loaded */
    uint32_t quiet_pongs_end;       /* the highest number of a pong to one of them, and one */
    uint32_t quiet_received;        /* pings that the bridge had when it answered the last one */
    uint32_t quiet_last;            /* which that was */
    struct way up, down;
    int64_t ping_times_us[PING_TIMES]; /* by number */
    int32_t round_trips_us[ROUND_TRIPS];
    unsigned round_trip_count;
    double round_trip_ms; /* their median, once the load begins */
    /* The load. */
    unsigned rate_index;
    uint8_t step;
    uint64_t sent_bytes;
    uint32_t sent, arrived, arrived_bytes;
    int64_t step_us, grown_us; /* when the step began, and when what has arrived grew last */
    uint32_t load_end;         /* highest number of the bridge's load, and one */
};

struct line_check *line_check_new(const struct line_check_config *config, int64_t now_us)
{
    struct line_check *check = g_new0(struct line_check, 1);
    check->config = *config;
    check->phase_us = check->next_ping_us = now_us;
    return check;
}

void line_check_free(struct line_check *check)
{
    g_free(check);
}

bool line_check_is_over(const struct line_check *check)
{
    return check->phase == OVER;
}

/* ---- sending ---- */

static void send(struct line_check *check, const struct probe *probe, size_t size)
{
    uint8_t payload[PROBE_SIZE_MAX] = {0};
    probe_write(probe, payload);
    check->config.send(payload, size, check->config.arg);
}

static void send_pings(struct line_check *check, int64_t now_us)
{
    if (now_us - check->next_ping_us > LATE_US)
        check->next_ping_us = now_us;
    while (check->next_ping_us <= now_us) {
        check->ping_times_us[check->pings % PING_TIMES] = now_us;
        struct probe ping = {.kind = PROBE_PING,
                             .step = check->step,
                             .number = check->pings++,
                             .sent_us = (uint64_t)now_us};
        send(check, &ping, PING_BYTES);
        check->next_ping_us += PING_US;
    }
    if (check->phase == QUIET)
        check->quiet_pings = check->pings;
}

static void send_load(struct line_check *check, int64_t now_us)
{
    uint64_t due = (uint64_t)(now_us - check->phase_us) * rates[check->rate_index] / 8000;
    uint64_t late = (uint64_t)LATE_US * rates[check->rate_index] / 8000 + PROBE_SIZE_MAX;
    if (due > check->sent_bytes + late)
        check->sent_bytes = due - late;
    while (check->sent_bytes + PROBE_SIZE_MAX <= due) {
        struct probe load = {.kind = PROBE_LOAD,
                             .step = check->step,
                             .number = check->sent++,
                             .sent_us = (uint64_t)now_us};
        send(check, &load, PROBE_SIZE_MAX);
        check->sent_bytes += PROBE_SIZE_MAX;
    }
}

/* Asked for more than once: it may be lost, and the bridge begins a step once. */
static void send_ask(struct line_check *check, int64_t now_us)
{
    struct probe ask = {.kind = PROBE_ASK,
                        .step = check->step,
                        .sent_us = (uint64_t)now_us,
                        .kbps = rates[check->rate_index],
                        .milliseconds = STEP_US / 1000};
    for (int i = 0; i < 3; i++)
        send(check, &ask, PROBE_SIZE);
}

/* ---- the plan ---- */

static int compare_times(const void *a, const void *b)
{
    int32_t first = *(const int32_t *)a, second = *(const int32_t *)b;
    return (first > second) - (first < second);
}

static double median_ms(const struct line_check *check)
{
    int32_t sorted[ROUND_TRIPS];
    memcpy(sorted, check->round_trips_us, sizeof sorted);
    qsort(sorted, check->round_trip_count, sizeof *sorted, compare_times);
    unsigned middle = check->round_trip_count / 2;
    return check->round_trip_count > 0 ? sorted[middle] / 1000.0 : 0;
}

static void enter(struct line_check *check, enum phase phase, int64_t now_us)
{
    check->phase = phase;
    check->phase_us = now_us;
}

static double loss(uint32_t received, uint32_t expected)
{
    return received < expected ? 100.0 * (expected - received) / expected : 0;
}

static double loss_up(const struct line_check *check)
{
    return loss(check->quiet_received, check->quiet_last + 1);
}

static double loss_down(const struct line_check *check)
{
    return loss(check->down.received, check->quiet_pongs_end);
}

static bool has_next_rate(const struct line_check *check, unsigned index)
{
    return index < G_N_ELEMENTS(rates) && rates[index] <= check->config.kbps;
}

static void begin_step(struct line_check *check, enum phase phase, int64_t now_us)
{
    check->step++;
    check->sent_bytes = 0;
    check->sent = check->arrived = check->arrived_bytes = check->load_end = 0;
    check->up.rise_us = check->down.rise_us = 0;
    check->step_us = check->grown_us = now_us;
    enter(check, phase, now_us);
    if (phase == DOWN)
        send_ask(check, now_us);
}

static int64_t settle_us(const struct line_check *check)
{
    return SETTLE_US + (int64_t)MIN(check->round_trip_ms, 2000) * 1000;
}

static void begin_way(struct line_check *check, enum phase phase, int64_t now_us)
{
    check->round_trip_ms = median_ms(check);
    check->rate_index = 0;
    if (has_next_rate(check, 0) && check->round_trip_count > 0)
        begin_step(check, phase, now_us);
    else
        enter(check, OVER, now_us);
}

/* What the step says of its way; true: a higher rate is worth a try. */
static bool judge_step(struct line_check *check, struct way *way, uint32_t sent, double lost)
{
    unsigned rate = rates[check->rate_index];
    int64_t span_us = MAX(check->grown_us - check->step_us, STEP_US); /* a full queue runs on */
    unsigned carried = (unsigned)((uint64_t)check->arrived_bytes * 8000 / (uint64_t)span_us);
    /* What is lost without load is not the load's fault; one packet more says nothing. */
    bool is_carried = sent > 0 && check->arrived + 1 >= (1 - STEP_LOSS - 1.5 * lost / 100) * sent &&
                      way->rise_us <= STEP_RISE_US;
    if (is_carried)
        way->kbps = rate;
    else
        way->kbps = MAX(way->kbps, MIN(carried, rate));
    way->is_measured = true;
    way->is_capped = is_carried && !has_next_rate(check, check->rate_index + 1);
    return is_carried && !way->is_capped;
}

static void next_step(struct line_check *check, int64_t now_us)
{
    bool is_up = check->phase == UP_SETTLING;
    bool goes_on = is_up ? judge_step(check, &check->up, check->sent, loss_up(check))
                         : judge_step(check, &check->down, check->load_end, loss_down(check));
    if (goes_on) {
        check->rate_index++;
        begin_step(check, is_up ? UP : DOWN, now_us);
    } else if (is_up) {
        begin_way(check, DOWN, now_us);
    } else {
        enter(check, OVER, now_us);
    }
}

void line_check_turn(struct line_check *check, int64_t now_us)
{
    int64_t since_us = now_us - check->phase_us;
    if (check->phase == OVER)
        return;
    send_pings(check, now_us);
    if (check->phase == UP)
        send_load(check, now_us);
    if (check->phase == QUIET && since_us >= QUIET_US)
        enter(check, SETTLING, now_us);
    else if (check->phase == SETTLING && since_us >= settle_us(check))
        begin_way(check, UP, now_us);
    else if ((check->phase == UP || check->phase == DOWN) && since_us >= STEP_US)
        enter(check, check->phase + 1, now_us);
    else if ((check->phase == UP_SETTLING || check->phase == DOWN_SETTLING) &&
             since_us >= settle_us(check))
        next_step(check, now_us);
}

/* ---- what comes ---- */

/* RFC 3550 section 6.4.1. */
static void follow(struct way *way, int64_t transit_us)
{
    if (way->has_transit)
        way->jitter_us += (fabs((double)(transit_us - way->transit_us)) - way->jitter_us) / 16;
    if (!way->has_transit || transit_us < way->least_transit_us)
        way->least_transit_us = transit_us;
    way->transit_us = transit_us;
    way->has_transit = true;
}

static void follow_rise(struct way *way, int64_t transit_us)
{
    if (way->has_transit)
        way->rise_us = MAX(way->rise_us, transit_us - way->least_transit_us);
}

static void take_quiet_pong(struct line_check *check, const struct probe *pong, int64_t up_us,
                            int64_t down_us, int64_t round_us)
{
    follow(&check->up, up_us);
    follow(&check->down, down_us);
    check->down.received++;
    check->quiet_pongs_end = MAX(check->quiet_pongs_end, pong->number + 1);
    if (pong->ping_number >= check->quiet_last) {
        check->quiet_last = pong->ping_number;
        check->quiet_received = pong->pings;
    }
    if (check->round_trip_count < ROUND_TRIPS && round_us >= 0 && round_us < INT32_MAX)
        check->round_trips_us[check->round_trip_count++] = (int32_t)round_us;
}

static void take_pong(struct line_check *check, const struct probe *pong, int64_t arrival_us)
{
    if (pong->ping_number >= check->pings || check->pings - pong->ping_number > PING_TIMES ||
        pong->sent_us > CLOCK_MOST || pong->ping_arrived_us > CLOCK_MOST)
        return;
    int64_t sent_us = check->ping_times_us[pong->ping_number % PING_TIMES];
    int64_t up_us = (int64_t)pong->ping_arrived_us - sent_us;
    int64_t down_us = arrival_us - (int64_t)pong->sent_us;
    bool is_up = check->phase == UP || check->phase == UP_SETTLING;
    if (pong->ping_number < check->quiet_pings)
        take_quiet_pong(check, pong, up_us, down_us, up_us + down_us);
    else if (is_up)
        follow_rise(&check->up, up_us);
    if (is_up && pong->step == check->step && pong->load_packets > check->arrived) {
        check->grown_us = arrival_us;
        check->arrived = pong->load_packets;
        check->arrived_bytes = pong->load_bytes;
    }
}

static void take_load(struct line_check *check, const struct probe *load, size_t size,
                      int64_t arrival_us)
{
    if (load->step != check->step || (check->phase != DOWN && check->phase != DOWN_SETTLING))
        return;
    check->arrived++;
    check->arrived_bytes += (uint32_t)size;
    check->grown_us = arrival_us;
    check->load_end = MAX(check->load_end, load->number + 1);
    follow_rise(&check->down, arrival_us - (int64_t)load->sent_us);
}

void line_check_take(struct line_check *check, const uint8_t *payload, size_t size,
                     int64_t arrival_us)
{
    struct probe probe;
    if (check->phase == OVER || !probe_parse(&probe, payload, size) || probe.sent_us > CLOCK_MOST)
        return;
    if (probe.kind == PROBE_PONG)
        take_pong(check, &probe, arrival_us);
    else if (probe.kind == PROBE_LOAD)
        take_load(check, &probe, size, arrival_us);
}

/* ---- what it is worth ---- */

void line_check_find(const struct line_check *check, struct line_findings *findings)
{
    memset(findings, 0, sizeof *findings);
    findings->has_answer = check->round_trip_count > 0;
    findings->up_kbps = check->up.is_measured ? (int)check->up.kbps : -1;
    findings->down_kbps = check->down.is_measured ? (int)check->down.kbps : -1;
    findings->is_up_capped = check->up.is_capped;
    findings->is_down_capped = check->down.is_capped;
    if (findings->has_answer) {
        findings->rtt_ms = median_ms(check);
        findings->loss_up = loss_up(check);
        findings->loss_down = loss_down(check);
        findings->jitter_up_ms = check->up.jitter_us / 1000;
        findings->jitter_down_ms = check->down.jitter_us / 1000;
    }
    line_findings_judge(findings);
}

static void judge(struct line_findings *findings, double value, double good, double usable,
                  enum line_advice advice)
{
    enum line_verdict verdict = value <= good     ? LINE_GOOD
                                : value <= usable ? LINE_USABLE
                                                  : LINE_BAD;
    if (verdict != LINE_GOOD)
        findings->advice |= advice;
    findings->verdict = MAX(findings->verdict, verdict);
}

void line_findings_judge(struct line_findings *findings)
{
    findings->verdict = LINE_GOOD;
    findings->advice &= LINE_SILENT;
    if (!findings->has_answer) {
        findings->verdict = LINE_BAD;
        findings->advice |= LINE_NO_ANSWER;
        return;
    }
    judge(findings, findings->loss_up, GOOD_LOSS, USABLE_LOSS, LINE_LOSS_UP);
    judge(findings, findings->loss_down, GOOD_LOSS, USABLE_LOSS, LINE_LOSS_DOWN);
    judge(findings, findings->rtt_ms, GOOD_RTT, USABLE_RTT, LINE_DELAY);
    judge(findings, MAX(findings->jitter_up_ms, findings->jitter_down_ms), GOOD_JITTER,
          USABLE_JITTER, LINE_JITTER);
    /* Falling instead of rising: the less the worse. */
    if (findings->up_kbps >= 0)
        judge(findings, -findings->up_kbps, -GOOD_KBPS, -USABLE_KBPS, LINE_SLOW_UP);
    if (findings->down_kbps >= 0)
        judge(findings, -findings->down_kbps, -GOOD_KBPS, -USABLE_KBPS, LINE_SLOW_DOWN);
    if (findings->advice & LINE_SILENT)
        findings->verdict = LINE_BAD;
}
