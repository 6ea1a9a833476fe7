#include "client/room/ear.h"

#include "bridge/audio/level.h"
#include "bridge/audio/playout.h"
#include "bridge/transport/reception.h"

#include <glib.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define SAMPLE_RATE  48000
#define FULL_SCALE   32767.0
#define LEAST_DBFS   (-127.0)
#define DELAY_SMOOTH 32 /* packets */

struct ear {
    bool decodes;
    struct inbox *inbox;
    struct playout *playout;
    struct tones *tones;

    struct reception reception;
    uint64_t received_of_others, lost_of_others; /* by SSRCs before the present one */

    /* Since the last reset. */
    int64_t reset_us;
    uint64_t received_before, lost_before;
    uint64_t late, concealed, frames;
    double power;
    int peak;
    int64_t delay_sum_us;
    uint64_t delays;
    _Atomic int64_t smooth_delay_us;
};

struct ear *ear_new(bool decodes, tones_told told, void *arg)
{
    struct ear *ear = g_new0(struct ear, 1);
    ear->decodes = decodes;
    ear->inbox = inbox_new();
    inbox_set_open(ear->inbox, true);
    ear->playout = playout_new();
    ear->tones = tones_new(told, arg);
    ear->reset_us = g_get_monotonic_time();
    return ear;
}

void ear_free(struct ear *ear)
{
    inbox_unref(ear->inbox);
    playout_free(ear->playout);
    tones_free(ear->tones);
    g_free(ear);
}

struct inbox *ear_inbox(struct ear *ear)
{
    return ear->inbox;
}

void ear_listen(struct ear *ear, const int *hz, unsigned count, bool tells)
{
    tones_listen(ear->tones, hz, count, tells);
}

/* ---- packets ---- */

static void count_packet(struct ear *ear, const struct inbox_packet *packet)
{
    struct reception *reception = &ear->reception;
    if (reception->clock_rate == 0 || reception->ssrc != packet->ssrc) {
        ear->received_of_others += reception->received;
        ear->lost_of_others += reception_lost(reception);
        reception_init(reception, packet->ssrc, SAMPLE_RATE);
    }
    reception_packet(reception, packet->sequence_number, packet->timestamp, packet->arrival_us);
}

static void take_packets(struct ear *ear, const struct ear_tick *tick)
{
    const struct inbox_packet *packet;
    while ((packet = inbox_pop(ear->inbox)) != NULL) {
        count_packet(ear, packet);
        if (ear->decodes && playout_push(ear->playout, tick->samples, packet) == JITTER_LATE)
            ear->late++;
        inbox_release(ear->inbox);
    }
    if (tick->has_jumped)
        playout_catch_up(ear->playout);
}

/* ---- from packets to samples ---- */

struct delay_order {
    struct ear *ear;
    int64_t now_us;
};

static void note_delay(int64_t time_samples, const struct inbox_packet *packet, void *arg)
{
    const struct delay_order *order = arg;
    (void)time_samples;
    int64_t delay_us = order->now_us - packet->arrival_us;
    int64_t smooth_us = atomic_load_explicit(&order->ear->smooth_delay_us, memory_order_relaxed);
    order->ear->delay_sum_us += delay_us;
    order->ear->delays++;
    atomic_store_explicit(&order->ear->smooth_delay_us,
                          smooth_us + (delay_us - smooth_us) / DELAY_SMOOTH, memory_order_relaxed);
}

static void decode(struct ear *ear, const struct ear_tick *tick, int16_t samples[EAR_FRAME])
{
    struct delay_order delay = {ear, tick->now_us};
    struct playout_order order = {
        .now = tick->samples, .decodes = true, .on_packet = note_delay, .arg = &delay};
    ear->concealed += playout_read(ear->playout, &order, samples).concealed;
}

static void measure(struct ear *ear, const int16_t samples[EAR_FRAME], int64_t due_us)
{
    double rms = level_rms(samples, EAR_FRAME);
    ear->power += rms * rms;
    ear->peak = MAX(ear->peak, level_peak(samples, EAR_FRAME));
    ear->frames++;
    tones_take(ear->tones, samples, due_us);
}

void ear_hear(struct ear *ear, const struct ear_tick *tick, int16_t samples[EAR_FRAME])
{
    take_packets(ear, tick);
    if (!ear->decodes) {
        memset(samples, 0, EAR_FRAME * sizeof *samples);
        return;
    }
    decode(ear, tick, samples);
    measure(ear, samples, tick->due_us);
}

int64_t ear_delay_us(const struct ear *ear)
{
    return atomic_load_explicit(&((struct ear *)ear)->smooth_delay_us, memory_order_relaxed);
}

/* ---- reports ---- */

static uint64_t received(const struct ear *ear)
{
    return ear->received_of_others + ear->reception.received;
}

static uint64_t lost(const struct ear *ear)
{
    return ear->lost_of_others + reception_lost(&ear->reception);
}

void ear_reset(struct ear *ear, int64_t now_us)
{
    ear->reset_us = now_us;
    ear->received_before = received(ear);
    ear->lost_before = lost(ear);
    ear->late = ear->concealed = ear->frames = ear->delays = 0;
    ear->power = 0;
    ear->peak = 0;
    ear->delay_sum_us = 0;
    tones_reset(ear->tones);
}

static json_t *dbfs(double ratio)
{
    return json_real(ratio > 0 ? fmax(20 * log10(ratio), LEAST_DBFS) : LEAST_DBFS);
}

/* A late packet takes back the loss that was counted for it. */
static json_int_t lost_since_reset(const struct ear *ear)
{
    uint64_t now = lost(ear);
    return now > ear->lost_before ? (json_int_t)(now - ear->lost_before) : 0;
}

static void report_decoded(const struct ear *ear, json_t *report)
{
    double mean = ear->frames > 0 ? sqrt(ear->power / (double)ear->frames) : 0;
    int64_t delays = (int64_t)ear->delays;
    json_object_set_new(report, "late_packets", json_integer((json_int_t)ear->late));
    json_object_set_new(report, "concealed_frames", json_integer((json_int_t)ear->concealed));
    json_object_set_new(report, "delay_us",
                        delays > 0 ? json_integer(ear->delay_sum_us / delays) : json_null());
    json_object_set_new(report, "level_dbfs", dbfs(mean / FULL_SCALE));
    json_object_set_new(report, "peak_dbfs", dbfs(ear->peak / FULL_SCALE));
    json_object_set_new(report, "tones", tones_report(ear->tones));
}

json_t *ear_report(const struct ear *ear, int64_t now_us)
{
    json_t *report = json_pack(
        "{s:f, s:I, s:I, s:i, s:b, s:n, s:n, s:n, s:n, s:n, s:{}}", "seconds",
        (double)(now_us - ear->reset_us) / 1e6, "received_packets",
        (json_int_t)(received(ear) - ear->received_before), "lost_packets", lost_since_reset(ear),
        "jitter_us", (int)reception_jitter_us(&ear->reception), "decoded", (int)ear->decodes,
        "late_packets", "concealed_frames", "delay_us", "level_dbfs", "peak_dbfs", "tones");
    if (ear->decodes)
        report_decoded(ear, report);
    return report;
}
