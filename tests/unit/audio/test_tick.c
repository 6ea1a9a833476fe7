#include "bridge/audio/level.h"
#include "bridge/audio/tick.h"
#include "tests/unit/audio/fake_recorder.h"
#include "tests/unit/audio/stage.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>

#define HEARD   (-22.0) /* a tone of -20 dBFS that came through two codecs */
#define UNHEARD (-50.0) /* the codecs' own noise lies below */

static uint64_t counted(const struct stage *stage, size_t offset)
{
    const char *counters = (const char *)tick_counters(stage->tick);
    return *(const atomic_uint_fast64_t *)(counters + offset);
}
#define COUNTED(stage, name) counted(stage, offsetof(struct tick_counters, name))

static void who_has_the_floor_is_heard_by_listeners_but_not_by_himself(void)
{
    struct stage *stage = stage_new();
    stage_floor(stage, "0");
    struct ear *listener = stage_listen(stage, tick_listener_stream(stage->tick));
    struct ear *himself = stage_listen(stage, stage_stream(stage, 0));
    stage_run(stage, 50);
    g_assert_cmpuint(listener->frames, ==, 1);
    g_assert_cmpfloat(ear_tone(listener, 0, 25), >, HEARD);
    g_assert_cmpint(level_peak(himself->samples, himself->heard * STAGE_FRAME), <=, 2);
    g_assert_cmpint(abs(listener->level_dbov - -23), <=, 1);
    g_assert_cmpint(himself->level_dbov, ==, -127);
    g_assert_cmpuint(stage->flushed, ==, 50);
    g_assert_cmpuint(stage->timestamp, ==, 49 * STAGE_FRAME);
    stage_free(stage);
}

static void each_of_three_speakers_hears_the_other_two(void)
{
    struct stage *stage = stage_new();
    struct ear *ears[4];
    stage_floor(stage, "024");
    for (unsigned i = 0; i < 3; i++)
        ears[i] = stage_listen(stage, stage_stream(stage, 2 * i));
    ears[3] = stage_listen(stage, tick_listener_stream(stage->tick));
    stage_run(stage, 100);
    for (unsigned ear = 0; ear < 4; ear++) {
        for (unsigned speaker = 0; speaker < 3; speaker++) {
            double level = ear_tone(ears[ear], 2 * speaker, 50);
            if (ear == speaker)
                g_assert_cmpfloat(level, <, UNHEARD);
            else
                g_assert_cmpfloat(level, >, HEARD);
        }
        g_assert_cmpfloat(ear_tone(ears[ear], 1, 50), <, UNHEARD);
    }
    stage_free(stage);
}

static void who_lacks_the_floor_contributes_exactly_nothing(void)
{
    struct stage *stage = stage_new();
    struct ear *listener = stage_listen(stage, tick_listener_stream(stage->tick));
    for (unsigned i = 0; i < STAGE_ROOMS; i++)
        stage->rooms[i].amplitude = 32767;
    stage_run(stage, 50);
    g_assert_cmpint(level_peak(listener->samples, 50 * STAGE_FRAME), <=, 2);
    g_assert_cmpint(listener->level_dbov, ==, -127);
    g_assert_cmpuint(COUNTED(stage, decodes), ==, 0);
    g_assert_cmpuint(COUNTED(stage, encodes), ==, 0);
    g_assert_cmpuint(COUNTED(stage, mixed_frames), ==, 0);
    stage_free(stage);
}

static void encodes_are_one_and_one_for_each_speaker(void)
{
    struct stage *stage = stage_new();
    stage_floor(stage, "123");
    stage_run(stage, 50);
    uint64_t before = COUNTED(stage, encodes);
    unsigned pushed = stage->pushed;
    stage_run(stage, 50);
    g_assert_cmpuint(COUNTED(stage, encodes) - before, ==, 50 * 4);
    g_assert_cmpuint(stage->pushed - pushed, ==, 50 * 4);
    g_assert_cmpuint(COUNTED(stage, ticks), ==, 100);
    g_assert_cmpuint(COUNTED(stage, dropped_frames), ==, 0);
    stage_free(stage);
}

static void the_only_speakers_own_mix_is_not_encoded(void)
{
    struct stage *stage = stage_new();
    stage_floor(stage, "5");
    stage_run(stage, 50);
    uint64_t before = COUNTED(stage, encodes);
    stage_run(stage, 50);
    g_assert_cmpuint(COUNTED(stage, encodes) - before, ==, 50);
    stage_free(stage);
}

static void a_cut_takes_effect_within_that_tick(void)
{
    struct stage *stage = stage_new();
    stage_floor(stage, "0");
    struct ear *listener = stage_listen(stage, tick_listener_stream(stage->tick));
    stage->rooms[0].amplitude = 32767;
    stage_run(stage, 50);
    uint64_t mixed = COUNTED(stage, mixed_frames);
    stage_floor(stage, "");
    stage_run(stage, 1); /* the frame in which he is brought down */
    g_assert_cmpint(listener->level_dbov, >, -20);
    stage_run(stage, 1);
    g_assert_cmpint(listener->level_dbov, ==, -127);
    stage_run(stage, 50);
    g_assert_cmpuint(COUNTED(stage, mixed_frames) - mixed, ==, 1);
    g_assert_cmpint(level_peak(listener->samples + 56 * STAGE_FRAME, 40 * STAGE_FRAME), <=, 2);
    stage_free(stage);
}

static int largest_step(const struct ear *ear)
{
    int largest = 0;
    for (unsigned i = 1; i < ear->heard * STAGE_FRAME; i++)
        largest = MAX(largest, abs(ear->samples[i] - ear->samples[i - 1]));
    return largest;
}

static void changes_of_the_floor_do_not_click(void)
{
    static const char *const floors[] = {"0", "01", "1", "", "1", "0", "", "01"};
    struct stage *stage = stage_new();
    struct ear *listener = stage_listen(stage, tick_listener_stream(stage->tick));
    stage->rooms[0].frequency = 200;
    stage->rooms[1].frequency = 230;
    stage->rooms[0].amplitude = stage->rooms[1].amplitude = 8000;
    for (unsigned i = 0; i < G_N_ELEMENTS(floors); i++) {
        stage_floor(stage, floors[i]);
        stage_run(stage, 20);
    }
    int natural = (int)ceil(8000 * 2 * M_PI * (200 + 230) / 48000);
    int largest = largest_step(listener);
    g_assert_cmpint(largest, >, natural / 2);
    g_assert_cmpint(largest, <, 3 * natural); /* a hard cut makes steps of 8000 and more */
    stage_free(stage);
}

static void a_speaker_who_stays_keeps_his_place(void)
{
    struct stage *stage = stage_new();
    stage_floor(stage, "0");
    stage_run(stage, 50);
    uint32_t stream = stage_stream(stage, 0);
    struct ear *listener = stage_listen(stage, tick_listener_stream(stage->tick));
    stage_floor(stage, "10");
    stage_run(stage, 10);
    stage_floor(stage, "0");
    stage_run(stage, 40);
    g_assert_cmpuint(stage_stream(stage, 0), ==, stream);
    for (unsigned tick = 4; tick < 50; tick++) /* never interrupted */
        g_assert_cmpint(level_peak(listener->samples + tick * STAGE_FRAME, STAGE_FRAME), >, 2000);
    stage_free(stage);
}

static void changes_between_two_ticks_end_with_the_last(void)
{
    struct stage *stage = stage_new();
    struct ear *listener = stage_listen(stage, tick_listener_stream(stage->tick));
    stage_floor(stage, "0");
    stage_run(stage, 20);
    stage_floor(stage, "1");
    stage_floor(stage, "");
    stage_floor(stage, "02");
    stage_run(stage, 50);
    g_assert_cmpfloat(ear_tone(listener, 0, 25), >, HEARD);
    g_assert_cmpfloat(ear_tone(listener, 1, 25), <, UNHEARD);
    g_assert_cmpfloat(ear_tone(listener, 2, 25), >, HEARD);
    stage_free(stage);
}

static void nothing_of_an_earlier_turn_is_left(void)
{
    struct stage *stage = stage_new();
    struct ear *listener = stage_listen(stage, tick_listener_stream(stage->tick));
    stage_floor(stage, "0");
    stage_run(stage, 50);
    stage_send(stage); /* on its way when he loses the floor */
    stage->time += STAGE_FRAME;
    stage_floor(stage, "");
    stage_run(stage, 50);
    stage->rooms[0].amplitude = 0; /* he is silent when he gets the floor again */
    stage_run(stage, 5);
    stage_floor(stage, "0");
    stage_run(stage, 20);
    g_assert_cmpint(level_peak(listener->samples + 105 * STAGE_FRAME, 20 * STAGE_FRAME), <=, 4);
    stage_free(stage);
}

static void a_speaker_who_is_not_connected_has_a_stream_and_no_cost(void)
{
    struct stage *stage = stage_new();
    struct audio_speaker speaker = {.leg = "room-0", .name = "Room", .inbox = NULL};
    struct source_config config = {.bitrate_bps = 32000, .complexity = 5};
    stage->roster = roster_new(stage->roster, &speaker, 1, &config);
    g_assert_cmpuint(speaker.stream, !=, 0);
    tick_set_roster(stage->tick, stage->roster);
    stage_run(stage, 10);
    g_assert_cmpuint(stage->pushed, ==, 10);
    g_assert_cmpuint(COUNTED(stage, encodes), ==, 0);
    stage_floor(stage, "0");
    stage_run(stage, 10);
    g_assert_cmpuint(COUNTED(stage, mixed_frames), >, 5);
    stage_free(stage);
}

static void five_percent_loss_is_concealed(void)
{
    struct stage *stage = stage_new();
    g_autoptr(GRand) rand = g_rand_new_with_seed(5);
    struct ear *listener = stage_listen(stage, tick_listener_stream(stage->tick));
    stage_floor(stage, "3");
    stage_run(stage, 20);
    unsigned lost = 0;
    for (int i = 0; i < 400; i++) {
        stage->rooms[3].drops_next = g_rand_int_range(rand, 0, 100) < 5;
        lost += stage->rooms[3].drops_next;
        stage_run(stage, 1);
        /* No hole, not even where some were lost in a row. */
        if (i > 5)
            g_assert_cmpint(listener->level_dbov, >, -60);
    }
    g_assert_cmpuint(lost, >, 10);
    g_assert_cmpuint(COUNTED(stage, concealed), >=, lost - 1);
    g_assert_cmpuint(COUNTED(stage, concealed), <=, lost + 1);
    g_assert_cmpfloat(ear_tone(listener, 3, 400), >, HEARD - 1);
    stage_free(stage);
}

static void missed_ticks_keep_the_timeline(void)
{
    struct stage *stage = stage_new();
    struct recorder *recorder = fake_recorder_new();
    tick_set_recorder(stage->tick, recorder);
    stage_floor(stage, "0");
    stage_run(stage, 20);
    stage->time += 10 * STAGE_FRAME;
    stage_run(stage, 20);
    g_assert_cmpuint(stage->timestamp, ==, 49 * STAGE_FRAME);
    g_assert_cmpint(recorder->program_time, ==, 49 * STAGE_FRAME);
    g_assert_cmpuint(recorder->program, ==, 40);
    stage_free(stage);
    fake_recorder_free(recorder);
}

static void a_speaker_who_feeds_back_is_noticed(void)
{
    struct stage *stage = stage_new();
    stage_floor(stage, "01");
    struct source *source = stage->roster->places[0].source;
    stage->rooms[0].amplitude = 300;
    for (int i = 0; i < 60 && source->howl_dbov > 0; i++) {
        stage_run(stage, 2);
        stage->rooms[0].amplitude *= 1.1;
    }
    g_assert_cmpint(source->howl_dbov, <=, 0);
    g_assert_cmpint(stage->roster->places[1].source->howl_dbov, ==, 1);
    stage_free(stage);
}

static void only_the_loudest_are_decoded(void)
{
    struct stage *stage = stage_new_tuned((struct audio_tuning){.max_decoded = 3});
    struct ear *listener = stage_listen(stage, tick_listener_stream(stage->tick));
    for (unsigned i = 0; i < STAGE_ROOMS; i++)
        stage->rooms[i].amplitude = i % 3 == 1 ? 3000 : 300;
    stage_floor(stage, "0123456789");
    stage_run(stage, 200);
    uint64_t decodes = tick_counters(stage->tick)->decodes;
    stage_run(stage, 50);
    g_assert_cmpuint(tick_counters(stage->tick)->decodes - decodes, ==, 3 * 50);
    for (unsigned i = 0; i < STAGE_ROOMS; i++) {
        if (i % 3 == 1 && i < 9)
            g_assert_cmpfloat(ear_tone(listener, i, 10), >, -25);
        else
            g_assert_cmpfloat(ear_tone(listener, i, 10), <, -50);
    }
    stage_free(stage);
}

static void who_becomes_loud_takes_a_place_within_100_ms(void)
{
    struct stage *stage = stage_new_tuned((struct audio_tuning){.max_decoded = 2});
    struct ear *listener = stage_listen(stage, tick_listener_stream(stage->tick));
    for (unsigned i = 0; i < STAGE_ROOMS; i++)
        stage->rooms[i].amplitude = i < 2 ? 1000 : 100;
    stage_floor(stage, "0123456");
    stage_run(stage, 100);
    g_assert_cmpfloat(ear_tone(listener, 5, 5), <, -60);
    stage->rooms[5].amplitude = 6000;
    stage_run(stage, 15);
    g_assert_cmpfloat(ear_tone(listener, 5, 10), >, -20);
    stage_free(stage);
}

static void missed_ticks_do_not_delay_what_comes_after(void)
{
    struct stage *stage = stage_new();
    struct ear *listener = stage_listen(stage, tick_listener_stream(stage->tick));
    stage_floor(stage, "0");
    stage_run(stage, 50);
    for (unsigned i = 0; i < 10; i++) { /* the rooms go on speaking meanwhile */
        stage_send(stage);
        stage->time += STAGE_FRAME;
    }
    stage_run(stage, 5);
    g_assert_cmpint(listener->level_dbov, >, -30);
    stage->rooms[0].amplitude = 0;
    stage_run(stage, 5);
    g_assert_cmpint(listener->level_dbov, <, -50);
    stage_free(stage);
}

/* How many ticks it takes until silence of a room is heard. */
static unsigned measure_delay(struct stage *stage, struct room *room, const struct ear *ear)
{
    double amplitude = room->amplitude;
    unsigned ticks = 0;
    room->amplitude = 0;
    do {
        stage_run(stage, 1);
        g_assert_cmpuint(++ticks, <, 20);
    } while (ear->level_dbov > -60);
    room->amplitude = amplitude;
    return ticks;
}

static void delay_is_given_back_without_a_click(void)
{
    struct stage *stage = stage_new();
    struct ear *listener = stage_listen(stage, tick_listener_stream(stage->tick));
    struct room *room = &stage->rooms[0];
    room->frequency = 235;
    stage_floor(stage, "0");
    for (unsigned i = 0; i < 10; i++) { /* his first 200 ms come at once */
        stage_send(stage);
        stage->time += STAGE_FRAME;
    }
    stage_run(stage, 350);
    int natural = (int)ceil(room->amplitude * 2 * M_PI * 235 / 48000);
    g_assert_cmpint(largest_step(listener), <, 3 * natural);
    /* Of ten frames two at least are gone after 7 s, though he never fell silent. */
    g_assert_cmpuint(measure_delay(stage, room, listener), <=, 10);
    stage_free(stage);
}

static void the_recorder_gets_the_program_and_the_speakers(void)
{
    struct stage *stage = stage_new();
    struct recorder *recorder = fake_recorder_new();
    stage_floor(stage, "0");
    stage_run(stage, 7);
    tick_set_recorder(stage->tick, recorder);
    stage_run(stage, 10);
    stage_floor(stage, "12");
    stage_run(stage, 10);
    stage_floor(stage, "1");
    stage_run(stage, 5);
    unsigned program = recorder->program, packets = recorder->speaker_packets;
    tick_set_recorder(stage->tick, NULL);
    stage_run(stage, 5);
    g_assert_cmpstr(recorder->story, ==,
                    "begin room-0 (room-0)@0 end room-0@9600 begin room-1 (room-1)@9600 "
                    "begin room-2 (room-2)@9600 end room-2@19200 end room-1@24000 ");
    g_assert_cmpuint(program, ==, 25);
    g_assert_cmpint(recorder->program_time, ==, 24 * STAGE_FRAME);
    g_assert_cmpint(recorder->packet_time, ==, 24 * STAGE_FRAME);
    /* Both begin 40 ms after they were let in: one tick of each is still silent. */
    g_assert_cmpuint(packets, ==, 10 + 9 + 9 + 5);
    g_assert_cmpuint(recorder->program, ==, program);
    g_assert_cmpuint(recorder->speaker_packets, ==, packets);
    stage_free(stage);
    fake_recorder_free(recorder);
}

static void a_speaker_of_another_name_is_a_turn_of_its_own(void)
{
    struct stage *stage = stage_new();
    struct recorder *recorder = fake_recorder_new();
    struct audio_speaker speaker = {.leg = "room-0", .inbox = stage->rooms[0].inbox};
    static const char *const names[] = {"An", "An", "Bình"};
    tick_set_recorder(stage->tick, recorder);
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        speaker.name = names[i];
        struct source_config config = {.bitrate_bps = 32000, .complexity = 5};
        stage->roster = roster_new(stage->roster, &speaker, 1, &config);
        tick_set_roster(stage->tick, stage->roster);
        stage_run(stage, 1);
    }
    g_assert_cmpstr(recorder->story, ==,
                    "begin room-0 (An)@0 end room-0@1920 begin room-0 (Bình)@1920 ");
    stage_free(stage);
    fake_recorder_free(recorder);
}

static void frames_that_cannot_go_out_are_counted(void)
{
    struct stage *stage = stage_new();
    struct frame *held[128];
    stage->outlet_is_full = true;
    stage_run(stage, 3);
    g_assert_cmpuint(COUNTED(stage, dropped_frames), ==, 3);
    for (unsigned i = 0; i < G_N_ELEMENTS(held); i++)
        held[i] = frame_pool_take(stage->pool);
    stage_run(stage, 2);
    g_assert_cmpuint(COUNTED(stage, dropped_frames), ==, 5);
    g_assert_cmpuint(stage->pushed, ==, 3);
    for (unsigned i = 0; i < G_N_ELEMENTS(held); i++)
        frame_unref(held[i]);
    stage_free(stage);
}

static void a_main_thread_that_does_not_collect_harms_nobody(void)
{
    struct stage *stage = stage_new();
    for (unsigned i = 0; i < 200; i++) { /* more than fit on their way back */
        stage_floor(stage, i % 2 == 0 ? "0" : "1");
        tick_run(stage->tick, stage->time);
        stage->time += STAGE_FRAME;
    }
    stage_free(stage);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/tick/" #name, name)
    ADD(who_has_the_floor_is_heard_by_listeners_but_not_by_himself);
    ADD(each_of_three_speakers_hears_the_other_two);
    ADD(who_lacks_the_floor_contributes_exactly_nothing);
    ADD(encodes_are_one_and_one_for_each_speaker);
    ADD(the_only_speakers_own_mix_is_not_encoded);
    ADD(a_cut_takes_effect_within_that_tick);
    ADD(changes_of_the_floor_do_not_click);
    ADD(a_speaker_who_stays_keeps_his_place);
    ADD(changes_between_two_ticks_end_with_the_last);
    ADD(nothing_of_an_earlier_turn_is_left);
    ADD(a_speaker_who_is_not_connected_has_a_stream_and_no_cost);
    ADD(five_percent_loss_is_concealed);
    ADD(missed_ticks_keep_the_timeline);
    ADD(a_speaker_who_feeds_back_is_noticed);
    ADD(only_the_loudest_are_decoded);
    ADD(who_becomes_loud_takes_a_place_within_100_ms);
    ADD(missed_ticks_do_not_delay_what_comes_after);
    ADD(delay_is_given_back_without_a_click);
    ADD(the_recorder_gets_the_program_and_the_speakers);
    ADD(a_speaker_of_another_name_is_a_turn_of_its_own);
    ADD(frames_that_cannot_go_out_are_counted);
    ADD(a_main_thread_that_does_not_collect_harms_nobody);
    return g_test_run();
}
