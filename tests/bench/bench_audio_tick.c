/* The tick's way (one encode for all listeners, one for each speaker) against the plain way (every
 * listener's mix encoded for him alone), for a conference of LISTENERS rooms. CPU time of one
 * thread, both ways in turn, on the same voices. */
#include "bridge/audio/tick.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LISTENERS   100
#define SPEAKERS    6
#define ROUNDS      5
#define TICKS       100 /* a round of the tick's way is two seconds of a meeting */
#define TICKS_PLAIN 10
#define BITRATE_BPS 32000
#define COMPLEXITY  5
#define FRAME       MIXER_FRAME
#define TICK_US     20000.0

struct speaker {
    struct inbox *inbox;
    struct encoder *encoder;
    char leg[16];
    int16_t voice[TICKS * FRAME];
    struct inbox_packet packets[TICKS];
};

struct bench {
    struct speaker speakers[SPEAKERS];
    struct encoder *listeners[LISTENERS];
    struct limiter limiters[LISTENERS];
    int64_t time;
};

static double cpu_us(void)
{
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (double)used.tv_sec * 1e6 + (double)used.tv_nsec / 1e3;
}

/* Something like a vowel that rises, falls and comes in syllables. */
static void speak(struct speaker *speaker, unsigned number)
{
    for (unsigned i = 0; i < TICKS * FRAME; i++) {
        double t = i / 48000.0, sound = 0;
        double pitch = 2 * M_PI * (110 + 17 * number) * t + 3 * sin(2 * M_PI * 1.5 * t + number);
        for (unsigned harmonic = 1; harmonic < 20; harmonic++)
            sound += sin(harmonic * pitch) / harmonic;
        speaker->voice[i] = (int16_t)(3000 * sound * fabs(sin(2 * M_PI * 2 * t)));
    }
}

static void prepare_speaker(struct speaker *speaker, unsigned number)
{
    speaker->inbox = inbox_new();
    speaker->encoder = encoder_new(BITRATE_BPS, COMPLEXITY);
    snprintf(speaker->leg, sizeof speaker->leg, "speaker-%u", number);
    speak(speaker, number);
    for (unsigned i = 0; i < TICKS; i++) {
        struct inbox_packet *packet = &speaker->packets[i];
        packet->ssrc = 1;
        packet->level_dbov = 1;
        packet->size = (uint16_t)encoder_encode(speaker->encoder, speaker->voice + i * FRAME, false,
                                                packet->payload, sizeof packet->payload);
    }
}

static bool drop_frame(struct frame *frame, void *arg)
{
    (void)frame;
    (void)arg;
    return true;
}

static void flush_nothing(void *arg)
{
    (void)arg;
}

static void send_packets(struct bench *bench, unsigned speakers)
{
    unsigned index = (unsigned)(bench->time / FRAME);
    for (unsigned i = 0; i < speakers; i++) {
        struct inbox_packet *packet = &bench->speakers[i].packets[index % TICKS];
        packet->sequence_number = (uint16_t)index;
        packet->timestamp = (uint32_t)bench->time;
        inbox_push(bench->speakers[i].inbox, packet);
    }
}

/* CPU microseconds of one tick. */
static double run_tick(struct bench *bench, struct tick *tick, unsigned speakers)
{
    double used = 0;
    for (unsigned i = 0; i < TICKS; i++) {
        send_packets(bench, speakers);
        double before = cpu_us();
        tick_run(tick, bench->time);
        used += cpu_us() - before;
        bench->time += FRAME;
    }
    return used / TICKS;
}

/* The same of the plain way, but for decoding, which both ways do alike: it is left out. */
static double run_plain(struct bench *bench, unsigned speakers)
{
    static struct voice voices[SPEAKERS];
    double before = cpu_us();
    for (unsigned i = 0; i < TICKS_PLAIN; i++) {
        struct mixer mixer;
        int16_t samples[FRAME];
        uint8_t packet[FRAME_PAYLOAD_MAX];
        mixer_begin(&mixer);
        for (unsigned k = 0; k < speakers; k++) {
            int32_t voice[FRAME];
            for (unsigned n = 0; n < FRAME; n++)
                voice[n] = bench->speakers[k].voice[i * FRAME + n];
            voices[k].is_open = true;
            mixer_add(&mixer, &voices[k], voice);
        }
        for (unsigned k = 0; k < LISTENERS; k++) {
            const struct voice *except = k < speakers ? &voices[k] : NULL;
            bool has_sound = mixer_read(&mixer, except, &bench->limiters[k], samples);
            encoder_encode(bench->listeners[k], samples, !has_sound, packet, sizeof packet);
        }
    }
    return (cpu_us() - before) / TICKS_PLAIN;
}

static struct tick *begin_tick(struct bench *bench, struct frame_pool *pool, unsigned speakers)
{
    struct audio_speaker list[SPEAKERS];
    struct tick_config config = {.outlets = {drop_frame, flush_nothing, NULL},
                                 .pool = pool,
                                 .bitrate_bps = BITRATE_BPS,
                                 .complexity = COMPLEXITY};
    struct tick *tick = tick_new(&config);
    for (unsigned i = 0; i < speakers; i++)
        list[i] = (struct audio_speaker){.leg = bench->speakers[i].leg,
                                         .name = bench->speakers[i].leg,
                                         .inbox = bench->speakers[i].inbox};
    struct source_config source = {BITRATE_BPS, COMPLEXITY, {6, -23, 30}};
    tick_set_roster(tick, roster_new(NULL, list, speakers, &source));
    return tick;
}

static void compare(struct bench *bench, unsigned speakers)
{
    struct frame_pool *pool = frame_pool_new(16);
    struct tick *tick = begin_tick(bench, pool, speakers);
    double ours = INFINITY, plain = INFINITY;
    for (unsigned round = 0; round < ROUNDS; round++) {
        ours = fmin(ours, run_tick(bench, tick, speakers));
        plain = fmin(plain, run_plain(bench, speakers));
    }
    printf(
        "%u speaker%s %8.0f us a tick (%4.1f %% of a core) %8.0f us plain (%5.1f %%)  ratio %.1f\n",
        speakers, speakers == 1 ? " " : "s", ours, 100 * ours / TICK_US, plain,
        100 * plain / TICK_US, plain / ours);
    tick_free(tick);
    frame_pool_free(pool);
}

int main(void)
{
    static struct bench bench;
    static const unsigned counts[] = {1, 3, 6};
    for (unsigned i = 0; i < SPEAKERS; i++)
        prepare_speaker(&bench.speakers[i], i);
    for (unsigned i = 0; i < LISTENERS; i++)
        bench.listeners[i] = encoder_new(BITRATE_BPS, COMPLEXITY);
    printf("%d rooms, %d b/s, complexity %d, best of %d rounds\n", LISTENERS, BITRATE_BPS,
           COMPLEXITY, ROUNDS);
    for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++)
        compare(&bench, counts[i]);
    for (unsigned i = 0; i < LISTENERS; i++)
        encoder_free(bench.listeners[i]);
    for (unsigned i = 0; i < SPEAKERS; i++) {
        encoder_free(bench.speakers[i].encoder);
        inbox_unref(bench.speakers[i].inbox);
    }
    return 0;
}
