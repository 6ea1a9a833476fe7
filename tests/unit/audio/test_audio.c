/* The audio thread itself, with real shards: what crosses threads. */
#include "bridge/audio/audio.h"
#include "bridge/audio/encode.h"
#include "tests/unit/audio/fake_recorder.h"

#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>

#define SHARDS 2
#define ROOMS  8

struct hall {
    struct shard *shards[SHARDS];
    struct audio *audio;
    struct inbox *inboxes[ROOMS];
    atomic_bool is_over;
};

static void hall_begin(struct hall *hall)
{
    *hall = (struct hall){0};
    for (unsigned i = 0; i < SHARDS; i++)
        hall->shards[i] = shard_new(i);
    for (unsigned i = 0; i < ROOMS; i++)
        hall->inboxes[i] = inbox_new();
    struct audio_config config = {.name = "hall",
                                  .shards = hall->shards,
                                  .shard_count = SHARDS,
                                  .bitrate_bps = 32000,
                                  .complexity = 0};
    hall->audio = audio_new(&config);
}

static void hall_end(struct hall *hall)
{
    audio_free(hall->audio);
    for (unsigned i = 0; i < SHARDS; i++)
        shard_free(hall->shards[i]);
    for (unsigned i = 0; i < ROOMS; i++)
        inbox_unref(hall->inboxes[i]);
    while (g_main_context_pending(NULL)) /* what is left of the frame pool */
        g_main_context_iteration(NULL, FALSE);
}

static void set_speakers(struct hall *hall, unsigned mask, uint32_t *streams)
{
    struct audio_speaker speakers[ROOMS];
    char legs[ROOMS][8];
    unsigned count = 0;
    for (unsigned i = 0; i < ROOMS; i++) {
        if ((mask & 1u << i) == 0)
            continue;
        g_snprintf(legs[count], sizeof legs[count], "room-%u", i);
        speakers[count] =
            (struct audio_speaker){.leg = legs[count], .name = "Room", .inbox = hall->inboxes[i]};
        count++;
    }
    g_assert_true(audio_set_speakers(hall->audio, speakers, count));
    for (unsigned i = 0; streams != NULL && i < count; i++)
        streams[i] = speakers[i].stream;
}

static struct audio_counters counters(const struct hall *hall)
{
    struct audio_counters now;
    audio_counters(hall->audio, &now);
    return now;
}

static void await_ticks(const struct hall *hall, uint64_t ticks)
{
    uint64_t end = counters(hall).ticks + ticks;
    while (counters(hall).ticks < end)
        g_usleep(1000);
}

/* What the legs' shards do: pushes into every inbox, whoever has the floor. */
static void *push_packets(void *arg)
{
    struct hall *hall = arg;
    struct encoder *encoder = encoder_new(32000, 0);
    struct inbox_packet packet = {.ssrc = 7, .level_dbov = -20};
    int16_t samples[ENCODER_FRAME];
    for (unsigned i = 0; i < ENCODER_FRAME; i++)
        samples[i] = (int16_t)(8000 - 500 * (i % 32));
    while (!atomic_load(&hall->is_over)) {
        packet.size = (uint16_t)encoder_encode(encoder, samples, false, packet.payload,
                                               sizeof packet.payload);
        for (unsigned i = 0; i < ROOMS; i++)
            inbox_push(hall->inboxes[i], &packet);
        packet.sequence_number++;
        packet.timestamp += ENCODER_FRAME;
        g_usleep(20000);
    }
    encoder_free(encoder);
    return NULL;
}

static void the_floor_changes_at_random_while_packets_come(void)
{
    struct hall hall;
    pthread_t pusher;
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    struct recorder *recorder = fake_recorder_new();
    hall_begin(&hall);
    g_assert_cmpint(pthread_create(&pusher, NULL, push_packets, &hall), ==, 0);
    for (unsigned round = 0; round < 100; round++) {
        set_speakers(&hall, g_rand_int(rand) & g_rand_int(rand) & 0xff, NULL);
        if (round % 16 == 0)
            audio_set_recorder(hall.audio, round % 32 == 0 ? recorder : NULL);
        if (round % 4 != 0)
            await_ticks(&hall, (uint64_t)g_rand_int_range(rand, 1, 3));
    }
    set_speakers(&hall, 3, NULL);
    uint64_t mixed = counters(&hall).mixed_frames;
    while (counters(&hall).mixed_frames < mixed + 10)
        g_usleep(1000);
    audio_set_recorder(hall.audio, NULL);
    g_assert_cmpuint(recorder->program, >, 0);
    g_assert_cmpuint(recorder->speaker_packets, >, 0);
    atomic_store(&hall.is_over, true);
    pthread_join(pusher, NULL);
    struct audio_counters last = counters(&hall);
    g_assert_cmpuint(last.decodes, >, 0);
    g_assert_cmpuint(last.encodes, >, 0);
    g_assert_cmpint(last.cpu_us, >, 0);
    hall_end(&hall);
    fake_recorder_free(recorder);
}

static void a_recorder_that_was_taken_away_is_not_touched_any_more(void)
{
    struct hall hall;
    hall_begin(&hall);
    for (unsigned i = 0; i < 5; i++) {
        struct recorder *recorder = fake_recorder_new();
        audio_set_recorder(hall.audio, recorder);
        await_ticks(&hall, 2);
        audio_set_recorder(hall.audio, NULL);
        g_assert_cmpuint(recorder->program, >=, 1);
        fake_recorder_free(recorder); /* the sanitizers see a touch after this */
    }
    hall_end(&hall);
}

static void a_speaker_keeps_his_stream_as_long_as_he_stays(void)
{
    struct hall hall;
    uint32_t first[ROOMS], second[ROOMS], third[ROOMS];
    hall_begin(&hall);
    set_speakers(&hall, 0x7, first);
    set_speakers(&hall, 0x6, second);
    g_assert_cmpuint(second[0], ==, first[1]);
    g_assert_cmpuint(second[1], ==, first[2]);
    set_speakers(&hall, 0x7, third);
    g_assert_cmpuint(third[0], !=, first[0]);
    g_assert_cmpuint(third[1], ==, first[1]);
    for (unsigned i = 0; i < 3; i++)
        g_assert_cmpuint(third[i], !=, audio_listener_stream(hall.audio));
    hall_end(&hall);
}

static void too_many_speakers_change_nothing(void)
{
    struct hall hall;
    static struct audio_speaker speakers[AUDIO_MAX_SPEAKERS + 1];
    hall_begin(&hall);
    for (unsigned i = 0; i <= AUDIO_MAX_SPEAKERS; i++)
        speakers[i] = (struct audio_speaker){.leg = "room", .name = "Room"};
    g_assert_false(audio_set_speakers(hall.audio, speakers, AUDIO_MAX_SPEAKERS + 1));
    g_assert_cmpuint(speakers[0].stream, ==, 0);
    g_assert_true(audio_set_speakers(hall.audio, speakers, AUDIO_MAX_SPEAKERS));
    g_assert_cmpuint(speakers[0].stream, !=, 0);
    hall_end(&hall);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/audio/" #name, name)
    ADD(the_floor_changes_at_random_while_packets_come);
    ADD(a_recorder_that_was_taken_away_is_not_touched_any_more);
    ADD(a_speaker_keeps_his_stream_as_long_as_he_stays);
    ADD(too_many_speakers_change_nothing);
    return g_test_run();
}
