#include "client/room/ear.h"

#include "bridge/audio/decode.h"
#include "bridge/audio/jitter.h"
#include "bridge/audio/level.h"
#include "bridge/transport/reception.h"

#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SAMPLE_RATE 48000
#define FRAME_MOST  5760
/* Tones are told on and off by windows of 20 ms, which separate them by 200 Hz; the report's levels
 * are means over windows of 100 ms, which separate them by 40 Hz. */
#define LONG_WINDOW 4800
#define ON_DBFS     (-45.0)
#define OFF_DBFS    (-55.0)

struct tone {
    int hz;
    bool is_on;
    double power; /* summed over the long windows */
};

struct ear {
    bool decodes;
    struct inbox *inbox;
    struct jitter *jitter;
    struct decoder *decoder;
    ear_tone on_tone;
    void *arg;
    int64_t now; /* samples: the tick's clock */

    int16_t waiting[FRAME_MOST + EAR_FRAME]; /* decoded, not yet played */
    unsigned waiting_count;

    struct tone tones[EAR_TONES_MAX];
    unsigned tone_count;
    int16_t window[LONG_WINDOW];
    unsigned window_count;

    /* Since the last reset. */
    int64_t reset_us;
    struct reception reception;
    uint64_t received_before, lost_before;
    uint64_t late, concealed, windows, frames;
    double power;
    int peak;
    int64_t delay_sum_us;
    uint64_t delays;
};

struct ear *ear_new(bool decodes, ear_tone tone, void *arg)
{
    struct ear *ear = g_new0(struct ear, 1);
    ear->decodes = decodes;
    ear->on_tone = tone;
    ear->arg = arg;
    ear->inbox = inbox_new();
    inbox_set_open(ear->inbox, true);
    ear->jitter = jitter_new();
    ear->decoder = decoder_new();
    ear->reset_us = g_get_monotonic_time();
    return ear;
}

void ear_free(struct ear *ear)
{
    if (ear == NULL)
        return;
    inbox_unref(ear->inbox);
    jitter_free(ear->jitter);
    decoder_free(ear->decoder);
    g_free(ear);
}

struct inbox *ear_inbox(struct ear *ear)
{
    return ear->inbox;
}

void ear_listen(struct ear *ear, const int *tones, unsigned count)
{
    ear->tone_count = MIN(count, (unsigned)EAR_TONES_MAX);
    for (unsigned i = 0; i < ear->tone_count; i++)
        ear->tones[i] = (struct tone){.hz = tones[i]};
    ear->window_count = 0;
    ear->windows = 0;
}

/* ---- packets ---- */

static void take_packets(struct ear *ear)
{
    const struct inbox_packet *packet;
    while ((packet = inbox_pop(ear->inbox)) != NULL) {
        if (ear->reception.clock_rate == 0 || ear->reception.ssrc != packet->ssrc) {
            reception_init(&ear->reception, packet->ssrc, SAMPLE_RATE);
            ear->received_before = ear->lost_before = 0;
        }
        reception_packet(&ear->reception, packet->sequence_number, packet->timestamp,
                         packet->arrival_us);
        if (ear->decodes && jitter_push(ear->jitter, ear->now, packet) == JITTER_LATE)
            ear->late++;
        inbox_release(ear->inbox);
    }
}

/* Appends what is to be played next; false when that is silence for want of packets. */
static bool decode_next(struct ear *ear, int64_t now_us)
{
    struct jitter_frame frame;
    int16_t *end = ear->waiting + ear->waiting_count;
    jitter_pop(ear->jitter, ear->now, &frame);
    unsigned samples = MIN(frame.samples, (unsigned)FRAME_MOST);
    if (frame.is_first)
        decoder_reset(ear->decoder);
    switch (frame.kind) {
    case JITTER_PACKET:
        ear->delay_sum_us += now_us - frame.packet->arrival_us;
        ear->delays++;
        decoder_decode(ear->decoder, frame.packet->payload, frame.packet->size, end, samples);
        if (frame.surplus == JITTER_SKIP ||
            (frame.surplus == JITTER_SKIP_IF_QUIET && level_dbov(end, samples) < -50)) {
            jitter_skipped(ear->jitter);
            return true;
        }
        break;
    case JITTER_LOST:
        ear->concealed++;
        decoder_conceal(ear->decoder, frame.packet != NULL ? frame.packet->payload : NULL,
                        frame.packet != NULL ? frame.packet->size : 0, end, samples);
        break;
    case JITTER_EMPTY:
        decoder_rest(ear->decoder, end, samples);
        break;
    }
    ear->waiting_count += samples;
    return frame.kind != JITTER_EMPTY;
}

/* ---- measures ---- */

static void follow_tones(struct ear *ear, const int16_t samples[EAR_FRAME], int64_t due_us)
{
    for (unsigned i = 0; i < ear->tone_count; i++) {
        struct tone *tone = &ear->tones[i];
        double level = level_goertzel(samples, EAR_FRAME, SAMPLE_RATE, tone->hz);
        bool is_on = tone->is_on ? level > OFF_DBFS : level > ON_DBFS;
        if (is_on != tone->is_on)
            ear->on_tone(tone->hz, is_on, due_us, ear->arg);
        tone->is_on = is_on;
    }
}

static void sum_tones(struct ear *ear, const int16_t samples[EAR_FRAME])
{
    memcpy(ear->window + ear->window_count, samples, EAR_FRAME * sizeof *samples);
    ear->window_count += EAR_FRAME;
    if (ear->window_count < LONG_WINDOW)
        return;
    for (unsigned i = 0; i < ear->tone_count; i++) {
        struct tone *tone = &ear->tones[i];
        double level = level_goertzel(ear->window, LONG_WINDOW, SAMPLE_RATE, tone->hz);
        tone->power += pow(10, level / 10);
    }
    ear->windows++;
    ear->window_count = 0;
}

static void measure(struct ear *ear, const int16_t samples[EAR_FRAME], int64_t due_us)
{
    double rms = level_rms(samples, EAR_FRAME);
    int peak = level_peak(samples, EAR_FRAME);
    ear->power += rms * rms;
    ear->peak = MAX(ear->peak, peak);
    ear->frames++;
    if (ear->tone_count == 0)
        return;
    follow_tones(ear, samples, due_us);
    sum_tones(ear, samples);
}

bool ear_tick(struct ear *ear, int64_t now_us, int64_t due_us, int16_t samples[EAR_FRAME])
{
    bool has_sound = false;
    take_packets(ear);
    memset(samples, 0, EAR_FRAME * sizeof *samples);
    if (!ear->decodes)
        return false;
    while (ear->waiting_count < EAR_FRAME)
        has_sound = decode_next(ear, now_us) || has_sound;
    ear->now += EAR_FRAME;
    memcpy(samples, ear->waiting, EAR_FRAME * sizeof *samples);
    ear->waiting_count -= EAR_FRAME;
    memmove(ear->waiting, ear->waiting + EAR_FRAME, ear->waiting_count * sizeof *samples);
    measure(ear, samples, due_us);
    return has_sound;
}

void ear_reset(struct ear *ear, int64_t now_us)
{
    ear->reset_us = now_us;
    ear->received_before = ear->reception.received;
    ear->lost_before = reception_lost(&ear->reception);
    ear->late = ear->concealed = ear->windows = ear->frames = ear->delays = 0;
    ear->window_count = 0;
    ear->power = 0;
    ear->peak = 0;
    ear->delay_sum_us = 0;
    for (unsigned i = 0; i < ear->tone_count; i++)
        ear->tones[i].power = 0;
}

static double to_db(double ratio, double least)
{
    double db = ratio > 0 ? 10 * log10(ratio) : least;
    return MAX(db, least);
}

json_t *ear_report(struct ear *ear, int64_t now_us)
{
    json_t *tones = json_object();
    uint64_t lost = reception_lost(&ear->reception);
    for (unsigned i = 0; i < ear->tone_count; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", ear->tones[i].hz);
        double mean = ear->windows > 0 ? ear->tones[i].power / (double)ear->windows : 0;
        json_object_set_new(tones, name, json_real(to_db(mean, -200)));
    }
    double mean = ear->frames > 0 ? ear->power / (double)ear->frames : 0;
    return json_pack("{s:f, s:I, s:I, s:I, s:I, s:i, s:I, s:f, s:f, s:b, s:o}", "seconds",
                     (double)(now_us - ear->reset_us) / 1e6, "received_packets",
                     (json_int_t)(ear->reception.received - ear->received_before), "lost_packets",
                     (json_int_t)(lost > ear->lost_before ? lost - ear->lost_before : 0),
                     "late_packets", (json_int_t)ear->late, "concealed_frames",
                     (json_int_t)ear->concealed, "jitter_us",
                     (int)reception_jitter_us(&ear->reception), "delay_us",
                     (json_int_t)(ear->delays > 0 ? ear->delay_sum_us / (int64_t)ear->delays : 0),
                     "level_dbfs", to_db(mean / (32768.0 * 32768.0), -127), "peak_dbfs",
                     to_db((double)ear->peak * ear->peak / (32768.0 * 32768.0), -127), "decoded",
                     ear->decodes, "tones", tones);
}
