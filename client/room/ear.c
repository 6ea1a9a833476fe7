#include "client/room/ear.h"

#include "bridge/audio/decode.h"
#include "bridge/audio/jitter.h"
#include "bridge/audio/level.h"
#include "bridge/transport/reception.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define SAMPLE_RATE 48000
#define QUIET_DBOV  (-50)
#define CROSSFADE   240 /* samples: 5 ms */
#define FULL_SCALE  32767.0
#define LEAST_DBFS  (-127.0)

struct ear {
    bool decodes;
    struct inbox *inbox;
    struct jitter *jitter;
    struct decoder *decoder;
    struct tones *tones;
    int16_t ready[EAR_FRAME + JITTER_FRAME_MAX]; /* decoded, not yet heard */
    unsigned ready_count;
    bool has_skipped; /* `skipped` is how the frame began that was left out here */
    int16_t skipped[CROSSFADE];

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
};

struct ear *ear_new(bool decodes, tones_told told, void *arg)
{
    struct ear *ear = g_new0(struct ear, 1);
    ear->decodes = decodes;
    ear->inbox = inbox_new();
    inbox_set_open(ear->inbox, true);
    ear->jitter = jitter_new();
    ear->decoder = decoder_new();
    ear->tones = tones_new(told, arg);
    ear->reset_us = g_get_monotonic_time();
    return ear;
}

void ear_free(struct ear *ear)
{
    inbox_unref(ear->inbox);
    jitter_free(ear->jitter);
    decoder_free(ear->decoder);
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
        if (ear->decodes && jitter_push(ear->jitter, tick->samples, packet) == JITTER_LATE)
            ear->late++;
        inbox_release(ear->inbox);
    }
    if (tick->has_jumped)
        jitter_catch_up(ear->jitter);
}

/* ---- from packets to samples ---- */

/* Whether to leave out a decoded frame, to shorten the delay. */
static bool skip(struct ear *ear, const struct jitter_frame *frame, const int16_t *samples)
{
    if (frame->surplus == JITTER_NEEDED || frame->samples < CROSSFADE)
        return false;
    if (frame->surplus == JITTER_SKIP_IF_QUIET && level_dbov(samples, frame->samples) > QUIET_DBOV)
        return false;
    memcpy(ear->skipped, samples, sizeof ear->skipped);
    ear->has_skipped = true;
    jitter_skipped(ear->jitter);
    return true;
}

/* From the frame that was left out over to the one that is heard in its place. */
static void crossfade(struct ear *ear, int16_t *samples, unsigned count)
{
    for (unsigned i = 0; i < CROSSFADE && i < count; i++) {
        float share = (float)i / CROSSFADE;
        samples[i] = (int16_t)((float)samples[i] * share + (float)ear->skipped[i] * (1 - share));
    }
    ear->has_skipped = false;
}

static void make_sound(struct ear *ear, const struct jitter_frame *frame, int64_t now_us,
                       int16_t *samples)
{
    const uint8_t *payload = frame->packet != NULL ? frame->packet->payload : NULL;
    size_t size = frame->packet != NULL ? frame->packet->size : 0;
    switch (frame->kind) {
    case JITTER_PACKET:
        g_assert(frame->packet != NULL);
        if (frame->is_first)
            decoder_reset(ear->decoder);
        if (!decoder_decode(ear->decoder, payload, size, samples, frame->samples))
            ear->concealed++;
        ear->delay_sum_us += now_us - frame->packet->arrival_us;
        ear->delays++;
        break;
    case JITTER_LOST:
        decoder_conceal(ear->decoder, payload, size, samples, frame->samples);
        ear->concealed++;
        break;
    case JITTER_EMPTY:
        decoder_rest(ear->decoder, samples, frame->samples);
        break;
    }
}

static void decode(struct ear *ear, const struct ear_tick *tick)
{
    while (ear->ready_count < EAR_FRAME) {
        struct jitter_frame frame;
        int16_t *end = ear->ready + ear->ready_count;
        jitter_pop(ear->jitter, tick->samples, &frame);
        make_sound(ear, &frame, tick->now_us, end);
        if (skip(ear, &frame, end))
            continue;
        if (ear->has_skipped)
            crossfade(ear, end, frame.samples);
        ear->ready_count += frame.samples;
    }
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
    decode(ear, tick);
    ear->ready_count -= EAR_FRAME;
    memcpy(samples, ear->ready, EAR_FRAME * sizeof *samples);
    memmove(ear->ready, ear->ready + EAR_FRAME, ear->ready_count * sizeof *samples);
    measure(ear, samples, tick->due_us);
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
