/* Speech over bad lines: what the jitter buffer with FEC, concealment and stretching makes of it,
 * beside the same buffer that plays silence for what is missing. The log-spectral distance is to
 * what a perfect line would have given, over the frames that are spoken.
 * bench_loss_and_jitter [RAW] */
#include "bridge/audio/decode.h"
#include "bridge/audio/encode.h"
#include "bridge/audio/level.h"
#include "bridge/audio/playout.h"
#include "tests/bench/takes.h"

#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define FRAME   960
#define COUNT   3000 /* packets: a minute */
#define SAMPLES ((COUNT + 100) * FRAME)
#define BANDS   48
#define FLOOR   (-70.0) /* dBFS of a band: less is not heard */
#define SPOKEN  (-45)   /* dBFS */

struct line {
    const char *name;
    double jitter_ms; /* standard deviation of the lateness */
    double loss;
};

struct speech_run {
    struct inbox_packet *packets;
    int16_t *clean, *heard;
    int64_t *arrivals; /* samples; INT64_MAX: lost */
    int64_t *played;   /* when each packet was; -1: not */
    unsigned made_up;
};

static void record(struct speech_run *run, char **paths, unsigned count)
{
    struct take take = take_read(paths, count, 0, COUNT / 50);
    struct encoder *encoder = encoder_new(32000, 5);
    struct decoder *decoder = decoder_new();
    for (unsigned i = 0; i < COUNT; i++) {
        struct inbox_packet *packet = &run->packets[i];
        const int16_t *samples = take.samples + (size_t)i * FRAME;
        *packet = (struct inbox_packet){.sequence_number = (uint16_t)i,
                                        .timestamp = i * FRAME,
                                        .ssrc = 1,
                                        .level_dbov = level_dbov(samples, FRAME)};
        packet->size = (uint16_t)encoder_encode(encoder, samples, false, packet->payload,
                                                sizeof packet->payload);
        decoder_decode(decoder, packet->payload, packet->size, run->clean + (size_t)i * FRAME,
                       FRAME);
    }
    encoder_free(encoder);
    decoder_free(decoder);
    take_free(&take);
}

/* A normal deviate (Box and Muller). */
static double normal(GRand *rand)
{
    double radius = sqrt(-2 * log(1 - g_rand_double(rand)));
    return radius * cos(2 * M_PI * g_rand_double(rand));
}

static void send_all(struct speech_run *run, const struct line *line)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(8);
    for (unsigned i = 0; i < COUNT; i++) {
        double late = fabs(normal(rand)) * line->jitter_ms * 48;
        bool is_lost = i > 10 && g_rand_double(rand) < line->loss;
        run->arrivals[i] = is_lost ? INT64_MAX : (int64_t)i * FRAME + (int64_t)late;
        run->played[i] = -1;
    }
}

static void on_packet(int64_t time_samples, const struct inbox_packet *packet, void *arg)
{
    struct speech_run *run = arg;
    run->played[packet->timestamp / FRAME] = time_samples;
}

static void receive(const struct speech_run *run, int64_t now, struct playout *playout,
                    struct jitter *jitter)
{
    for (unsigned i = 0; i < COUNT; i++) {
        if (run->arrivals[i] > now || run->arrivals[i] <= now - FRAME)
            continue;
        if (playout != NULL)
            playout_push(playout, now, &run->packets[i]);
        else
            jitter_push(jitter, now, &run->packets[i]);
    }
}

static void play(struct speech_run *run)
{
    struct playout *playout = playout_new();
    for (int64_t now = 0; now < SAMPLES; now += FRAME) {
        struct playout_order order = {
            .now = now, .decodes = true, .on_packet = on_packet, .arg = run};
        receive(run, now, playout, NULL);
        run->made_up += playout_read(playout, &order, run->heard + now).concealed;
    }
    playout_free(playout);
}

/* The same buffer, but what is missing is silence, and time is not stretched. */
static void play_plainly(struct speech_run *run)
{
    struct jitter *jitter = jitter_new();
    struct decoder *decoder = decoder_new();
    for (int64_t now = 0; now < SAMPLES; now += FRAME) {
        struct jitter_frame frame;
        receive(run, now, NULL, jitter);
        jitter_pop(jitter, now, &frame);
        memset(run->heard + now, 0, FRAME * sizeof *run->heard);
        if (frame.kind == JITTER_PACKET) {
            decoder_decode(decoder, frame.packet->payload, frame.packet->size, run->heard + now,
                           FRAME);
            on_packet(now, frame.packet, run);
        }
        run->made_up += frame.kind == JITTER_LOST && !frame.is_pause;
        jitter_rest(jitter, 0);
    }
    jitter_free(jitter);
    decoder_free(decoder);
}

static double distance(const int16_t *clean, const int16_t *heard)
{
    double squares = 0;
    for (unsigned i = 0; i < BANDS; i++) {
        double hz = 150 * pow(6000.0 / 150, (double)i / (BANDS - 1));
        double one = fmax(level_goertzel(clean, FRAME, 48000, hz), FLOOR);
        double other = fmax(level_goertzel(heard, FRAME, 48000, hz), FLOOR);
        squares += (one - other) * (one - other);
    }
    return sqrt(squares / BANDS);
}

static void report(const struct line *line, const char *how, struct speech_run *run)
{
    double all = 0, worst = 0, delay = 0;
    unsigned spoken = 0, missing = 0, delays = 0;
    int64_t at = 0;
    for (unsigned i = 0; i < COUNT; i++) {
        const int16_t *clean = run->clean + (size_t)i * FRAME;
        bool is_missing = run->played[i] < 0;
        at = is_missing ? MIN(at + FRAME, SAMPLES - FRAME) : run->played[i];
        if (!is_missing) {
            delay += (double)(run->played[i] - (int64_t)i * FRAME) / 48;
            delays++;
        }
        if (level_dbov(clean, FRAME) < SPOKEN)
            continue;
        double far = distance(clean, run->heard + at);
        all += far;
        spoken++;
        worst += is_missing ? far : 0;
        missing += is_missing;
    }
    printf("%-26s %-22s made up %4u of %u frames; delay %5.1f ms; distance %4.1f dB over all, "
           "%4.1f dB where packets lacked\n",
           line->name, how, run->made_up, COUNT, delay / MAX(delays, 1), all / MAX(spoken, 1),
           worst / MAX(missing, 1));
    run->made_up = 0;
}

int main(int argc, char **argv)
{
    static const struct line lines[] = {{"perfect", 0, 0},
                                        {"20 ms jitter, 2 % loss", 20, 0.02},
                                        {"30 ms jitter, 5 % loss", 30, 0.05}};
    struct speech_run run = {.packets = g_new0(struct inbox_packet, COUNT),
                             .clean = g_new0(int16_t, SAMPLES),
                             .heard = g_new0(int16_t, SAMPLES),
                             .arrivals = g_new0(int64_t, COUNT),
                             .played = g_new0(int64_t, COUNT)};
    record(&run, argv + 1, (unsigned)argc - 1);
    for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
        send_all(&run, &lines[i]);
        play(&run);
        report(&lines[i], "as the bridge does", &run);
        send_all(&run, &lines[i]);
        play_plainly(&run);
        report(&lines[i], "without FEC and PLC", &run);
    }
    g_free(run.packets);
    g_free(run.clean);
    g_free(run.heard);
    g_free(run.arrivals);
    g_free(run.played);
    return 0;
}
