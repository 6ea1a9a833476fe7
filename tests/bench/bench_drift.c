/* Eight hours of a room whose clock is not ours, in a minute: does the delay stay, is anything
 * heard of it, does memory grow? */
#include "bridge/audio/encode.h"
#include "bridge/audio/level.h"
#include "bridge/audio/playout.h"
#include "tests/bench/takes.h"

#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define FRAME     PLAYOUT_FRAME
#define LOOP      500 /* packets that are sent again and again */
#define HOURS     8
#define TICKS     (HOURS * 3600 * 50)
#define JITTER_MS 8

struct line {
    struct inbox_packet *packets;
    double ppm;
    int64_t sent;
    double late[LOOP]; /* samples by which packets come late, in turn */
};

static void record(struct line *line, char **paths, unsigned count)
{
    struct take take = take_read(paths, count, 0, LOOP / 50);
    struct encoder *encoder = encoder_new(32000, 5);
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    line->packets = g_new0(struct inbox_packet, LOOP);
    for (unsigned i = 0; i < LOOP; i++) {
        struct inbox_packet *packet = &line->packets[i];
        const int16_t *samples = take.samples + (size_t)i * FRAME;
        packet->ssrc = 1;
        packet->level_dbov = level_dbov(samples, FRAME);
        packet->size = (uint16_t)encoder_encode(encoder, samples, false, packet->payload,
                                                sizeof packet->payload);
        line->late[i] = g_rand_double_range(rand, 0, JITTER_MS * 48);
    }
    encoder_free(encoder);
    take_free(&take);
}

/* What has come by now. */
static void receive(struct line *line, struct playout *playout, int64_t now)
{
    double pace = FRAME * (1 + line->ppm / 1e6);
    while ((double)line->sent * pace + line->late[line->sent % LOOP] <= (double)now) {
        struct inbox_packet packet = line->packets[line->sent % LOOP];
        packet.sequence_number = (uint16_t)line->sent;
        packet.timestamp = (uint32_t)(line->sent * FRAME);
        playout_push(playout, now, &packet);
        line->sent++;
    }
}

static double mean_delay_ms(const double *delays, unsigned count)
{
    double sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += delays[i];
    return sum / count;
}

static void run(struct line *line, double ppm)
{
    static double delays[TICKS];
    struct playout *playout = playout_new();
    uint64_t concealed = 0, stretched = 0;
    memset(delays, 1, sizeof delays); /* so that its pages count as there */
    double most = 0, before = takes_cpu_us();
    long memory = takes_memory_kib();
    line->ppm = ppm;
    line->sent = 0;
    for (unsigned tick = 0; tick < TICKS; tick++) {
        int16_t samples[FRAME];
        struct playout_order order = {.now = (int64_t)tick * FRAME, .decodes = true};
        receive(line, playout, order.now);
        struct playout_reading reading = playout_read(playout, &order, samples);
        concealed += reading.concealed;
        stretched += reading.stretched;
        delays[tick] = playout_delay(playout) / 48.0;
        most = tick > 500 ? fmax(most, delays[tick]) : most;
    }
    printf(
        "%+5.0f ppm  delay left over: first minute %4.1f ms, last minute %4.1f ms, most %4.1f ms;"
        "  concealed %" G_GUINT64_FORMAT ", stretched %" G_GUINT64_FORMAT
        " (every %.0f s);  %.1f us a tick;  memory %+ld KiB\n",
        ppm, mean_delay_ms(delays + 500, 3000), mean_delay_ms(delays + TICKS - 3000, 3000), most,
        concealed, stretched, TICKS / 50.0 / (double)MAX(stretched, 1),
        (takes_cpu_us() - before) / TICKS, takes_memory_kib() - memory);
    playout_free(playout);
}

int main(int argc, char **argv)
{
    struct line line = {0};
    record(&line, argv + 1, (unsigned)argc - 1);
    printf(
        "%d hours, packets up to %d ms late; without stretching, %.1f s would be gained or lost\n",
        HOURS, JITTER_MS, HOURS * 3600 * 300e-6);
    run(&line, 300);
    run(&line, -300);
    g_free(line.packets);
    return 0;
}
