/* Six rooms from -45 to -10 dBFS of speech take turns, twice: how loud is each at the listener, and
 * is the gain heard to move? Measured by libebur128 on what a listener decodes.
 * bench_loudness_six_rooms [--csv FILE] [RAW…] */
#include "bridge/audio/encode.h"
#include "bridge/audio/level.h"
#include "bridge/audio/tick.h"
#include "tests/bench/takes.h"

#include <ebur128.h>
#include <glib.h>
#include <math.h>
#include <opus/opus.h>
#include <stdio.h>
#include <string.h>

#define FRAME   960
#define ROOMS   6
#define TURN    (10 * 50) /* ticks */
#define TURNS   (2 * ROOMS)
#define TARGET  (-23)
#define LEARNED (5 * 50) /* ticks of a first turn that are not counted */

struct room {
    struct take take;
    struct inbox *inbox;
    struct encoder *encoder;
    double dbfs;
    uint16_t sequence_number;
    size_t at;
};

struct hall {
    struct room rooms[ROOMS];
    struct tick *tick;
    struct frame_pool *pool;
    OpusDecoder *listener;
    int16_t heard[FRAME];
    ebur128_state *running; /* for the momentary loudness */
    FILE *csv;
    int peak;
};

static bool hear(struct frame *frame, void *arg)
{
    struct hall *hall = arg;
    if (frame->stream != tick_listener_stream(hall->tick))
        return true;
    return opus_decode(hall->listener, frame->payload, frame->size, hall->heard, FRAME, 0) == FRAME;
}

static void flush(void *arg)
{
    (void)arg;
}

static void open_hall(struct hall *hall, char **paths, unsigned count)
{
    static const double levels[ROOMS] = {-45, -10, -38, -17, -31, -24};
    struct source_config config = {32000, 5, {6, TARGET, 30}};
    struct audio_speaker speakers[ROOMS];
    hall->pool = frame_pool_new(128);
    struct tick_config tick = {.outlets = {hear, flush, hall},
                               .pool = hall->pool,
                               .bitrate_bps = 64000,
                               .complexity = 5,
                               .max_decoded = config.tuning.max_decoded};
    hall->tick = tick_new(&tick);
    hall->listener = opus_decoder_create(48000, 1, NULL);
    hall->running = ebur128_init(1, 48000, EBUR128_MODE_M);
    for (unsigned i = 0; i < ROOMS; i++) {
        struct room *room = &hall->rooms[i];
        *room = (struct room){.take = take_read(paths, count, i, 10),
                              .inbox = inbox_new(),
                              .encoder = encoder_new(32000, 5),
                              .dbfs = levels[i]};
        take_scale(&room->take, room->dbfs);
        speakers[i] = (struct audio_speaker){.leg = "", .name = "", .inbox = room->inbox};
    }
    tick_set_roster(hall->tick, roster_new(NULL, speakers, ROOMS, &config));
}

static void close_hall(struct hall *hall)
{
    tick_free(hall->tick);
    for (unsigned i = 0; i < ROOMS; i++) {
        take_free(&hall->rooms[i].take);
        inbox_unref(hall->rooms[i].inbox);
        encoder_free(hall->rooms[i].encoder);
    }
    opus_decoder_destroy(hall->listener);
    ebur128_destroy(&hall->running);
    frame_pool_free(hall->pool);
}

/* The room's next 20 ms; the quiet of an empty microphone while it has no turn. */
static void send(struct room *room, bool speaks, GRand *rand, int64_t now)
{
    int16_t samples[FRAME];
    struct inbox_packet packet = {
        .sequence_number = room->sequence_number++, .timestamp = (uint32_t)now, .ssrc = 1};
    for (unsigned i = 0; i < FRAME; i++)
        samples[i] = (int16_t)g_rand_int_range(rand, -4, 5);
    if (speaks) {
        memcpy(samples, room->take.samples + room->at, sizeof samples);
        room->at = (room->at + FRAME) % (room->take.count - FRAME);
    }
    packet.level_dbov = level_dbov(samples, FRAME);
    packet.size = (uint16_t)encoder_encode(room->encoder, samples, false, packet.payload,
                                           sizeof packet.payload);
    inbox_push(room->inbox, &packet);
}

static void note(struct hall *hall, unsigned tick)
{
    double momentary;
    ebur128_add_frames_short(hall->running, hall->heard, FRAME);
    ebur128_loudness_momentary(hall->running, &momentary);
    if (hall->csv != NULL && tick % 5 == 0)
        fprintf(hall->csv, "%.2f,%.2f,%.0f\n", tick / 50.0, fmax(momentary, -70),
                hall->rooms[tick / TURN % ROOMS].dbfs);
}

static double run_turn(struct hall *hall, unsigned turn, GRand *rand)
{
    ebur128_state *meter = ebur128_init(1, 48000, EBUR128_MODE_I);
    double lufs;
    for (unsigned i = 0; i < TURN; i++) {
        unsigned tick = turn * TURN + i;
        for (unsigned k = 0; k < ROOMS; k++)
            send(&hall->rooms[k], k == turn % ROOMS, rand, (int64_t)tick * FRAME);
        tick_run(hall->tick, (int64_t)tick * FRAME);
        roster_free_retired(tick_take_retired(hall->tick));
        note(hall, tick);
        hall->peak = MAX(hall->peak, level_peak(hall->heard, FRAME));
        if (turn >= ROOMS || i >= LEARNED)
            ebur128_add_frames_short(meter, hall->heard, FRAME);
    }
    ebur128_loudness_global(meter, &lufs);
    ebur128_destroy(&meter);
    return lufs;
}

int main(int argc, char **argv)
{
    struct hall hall = {0};
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    if (argc > 2 && strcmp(argv[1], "--csv") == 0) {
        hall.csv = fopen(argv[2], "w");
        argv += 2;
        argc -= 2;
    }
    open_hall(&hall, argv + 1, (unsigned)argc - 1);
    double first[ROOMS], worst = 0;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        double lufs = run_turn(&hall, turn, rand);
        worst = fmax(worst, fabs(lufs - TARGET));
        if (turn < ROOMS)
            first[turn] = lufs;
        else
            printf(
                "room at %3.0f dBFS: %6.1f LUFS after 5 s of its first turn, %6.1f in its second\n",
                hall.rooms[turn - ROOMS].dbfs, first[turn - ROOMS], lufs);
    }
    printf("target %d LUFS, worst %.1f LU away; loudest sample %.2f dBFS (decoded; aim: at most "
           "-1)\n",
           TARGET, worst, 20 * log10(hall.peak / 32767.0));
    if (hall.csv != NULL)
        fclose(hall.csv);
    close_hall(&hall);
    return 0;
}
