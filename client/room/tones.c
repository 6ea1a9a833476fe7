#include "client/room/tones.h"

#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SAMPLE_RATE 48000
#define LONG_FRAMES 5
#define LONG_WINDOW (LONG_FRAMES * TONES_FRAME)
#define FULL_SCALE  32767.0
#define LEAST_DBFS  (-200.0)

struct goertzel {
    double last, before;
};

struct tone {
    int hz;
    double coefficient;
    bool is_on;
    struct goertzel long_run;
    double power; /* summed over the long windows; 1: a full sine */
};

struct tones {
    tones_told told;
    void *arg;
    bool tells;
    unsigned count;
    struct tone all[TONES_MAX];
    unsigned frames; /* of the present long window */
    uint64_t windows;
    double short_hann[TONES_FRAME], long_hann[LONG_WINDOW];
};

/* Weights that sum up to 2: a full sine then has an amplitude of 1. */
static void make_hann(double *weights, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        weights[i] = (1 - cos(2 * G_PI * i / count)) * 2 / count / FULL_SCALE;
}

struct tones *tones_new(tones_told told, void *arg)
{
    struct tones *tones = g_new0(struct tones, 1);
    tones->told = told;
    tones->arg = arg;
    make_hann(tones->short_hann, TONES_FRAME);
    make_hann(tones->long_hann, LONG_WINDOW);
    return tones;
}

void tones_free(struct tones *tones)
{
    g_free(tones);
}

void tones_listen(struct tones *tones, const int *hz, unsigned count, bool tells)
{
    tones->tells = tells;
    tones->count = MIN(count, (unsigned)TONES_MAX);
    tones->frames = 0;
    tones->windows = 0;
    for (unsigned i = 0; i < tones->count; i++)
        tones->all[i] = (struct tone){
            .hz = hz[i],
            .coefficient = 2 * cos(2 * G_PI * hz[i] / SAMPLE_RATE),
        };
}

static void weigh(const int16_t samples[TONES_FRAME], const double *hann, double *weighed)
{
    for (unsigned i = 0; i < TONES_FRAME; i++)
        weighed[i] = samples[i] * hann[i];
}

static void run(struct goertzel *state, double coefficient, const double samples[TONES_FRAME])
{
    double last = state->last, before = state->before;
    for (unsigned i = 0; i < TONES_FRAME; i++) {
        double now = samples[i] + coefficient * last - before;
        before = last;
        last = now;
    }
    *state = (struct goertzel){last, before};
}

static double power_of(const struct goertzel *state, double coefficient)
{
    double power = state->last * state->last + state->before * state->before -
                   coefficient * state->last * state->before;
    return fmax(power, 0);
}

static double to_dbfs(double power)
{
    return power > 0 ? fmax(10 * log10(power), LEAST_DBFS) : LEAST_DBFS;
}

/* Samples before the sound sets in. */
static unsigned find_edge(const int16_t samples[TONES_FRAME])
{
    int peak = 0;
    unsigned edge = 0;
    for (unsigned i = 0; i < TONES_FRAME; i++)
        peak = MAX(peak, abs(samples[i]));
    while (abs(samples[edge]) < (peak + 1) / 2)
        edge++;
    return edge;
}

static void tell(struct tones *tones, const double weighed[TONES_FRAME], int64_t due_us,
                 int64_t edge_us)
{
    for (unsigned i = 0; i < tones->count; i++) {
        struct tone *tone = &tones->all[i];
        struct goertzel state = {0};
        run(&state, tone->coefficient, weighed);
        double level = to_dbfs(power_of(&state, tone->coefficient));
        bool is_on = level >= (tone->is_on ? TONES_OFF_DBFS : TONES_ON_DBFS);
        if (is_on != tone->is_on)
            tones->told(tone->hz, is_on, due_us, edge_us, tones->arg);
        tone->is_on = is_on;
    }
}

static void measure(struct tones *tones, const double weighed[TONES_FRAME])
{
    bool is_last = ++tones->frames == LONG_FRAMES;
    for (unsigned i = 0; i < tones->count; i++) {
        struct tone *tone = &tones->all[i];
        run(&tone->long_run, tone->coefficient, weighed);
        if (!is_last)
            continue;
        tone->power += power_of(&tone->long_run, tone->coefficient);
        tone->long_run = (struct goertzel){0};
    }
    if (!is_last)
        return;
    tones->windows++;
    tones->frames = 0;
}

void tones_take(struct tones *tones, const int16_t samples[TONES_FRAME], int64_t due_us)
{
    double weighed[TONES_FRAME];
    if (tones->count == 0)
        return;
    weigh(samples, tones->long_hann + (size_t)tones->frames * TONES_FRAME, weighed);
    measure(tones, weighed);
    if (!tones->tells)
        return;
    weigh(samples, tones->short_hann, weighed);
    tell(tones, weighed, due_us,
         due_us + (int64_t)find_edge(samples) * G_USEC_PER_SEC / SAMPLE_RATE);
}

void tones_reset(struct tones *tones)
{
    tones->windows = 0;
    tones->frames = 0;
    for (unsigned i = 0; i < tones->count; i++) {
        tones->all[i].power = 0;
        tones->all[i].long_run = (struct goertzel){0};
    }
}

json_t *tones_report(const struct tones *tones)
{
    json_t *report = json_object();
    for (unsigned i = 0; i < tones->count; i++) {
        const struct tone *tone = &tones->all[i];
        char name[16];
        double mean = tones->windows > 0 ? tone->power / (double)tones->windows : 0;
        snprintf(name, sizeof name, "%d", tone->hz);
        json_object_set_new(report, name, json_real(to_dbfs(mean)));
    }
    return report;
}
