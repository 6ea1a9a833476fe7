/* What a room reports of what it heard, by arithmetic on packets whose fate is known. */
#include "client/room/clip.h"
#include "client/room/ear.h"

#include <glib.h>
#include <string.h>

#define HZ       600
#define TICK_US  20000
#define TRANSIT  5000 /* µs between a tick and the arrival before it */
#define START_US 1000000000

struct room {
    struct ear *ear;
    struct clip *clip;
    uint32_t ssrc;
    uint16_t sequence_number;
    struct ear_tick tick;
};

static void ignore(int hz, bool is_on, int64_t at_us, int64_t edge_us, void *arg)
{
    (void)hz;
    (void)is_on;
    (void)at_us;
    (void)edge_us;
    (void)arg;
}

static struct room room_new(bool decodes)
{
    static const int hz[] = {HZ};
    struct room room = {.ear = ear_new(decodes, ignore, NULL),
                        .clip = clip_new_tone(HZ, -20),
                        .ssrc = 0x1234,
                        .sequence_number = 100,
                        .tick = {.due_us = START_US, .now_us = START_US}};
    ear_listen(room.ear, hz, 1, false);
    ear_reset(room.ear, START_US);
    return room;
}

static void room_free(struct room *room)
{
    ear_free(room->ear);
    clip_unref(room->clip);
}

static void push(struct room *room, uint16_t sequence_number, uint32_t timestamp)
{
    struct clip_packet packet = clip_get(room->clip, sequence_number % clip_length(room->clip));
    struct inbox_packet out = {.sequence_number = sequence_number,
                               .timestamp = timestamp,
                               .ssrc = room->ssrc,
                               .arrival_us = room->tick.now_us - TRANSIT,
                               .level_dbov = 1,
                               .size = (uint16_t)packet.size};
    memcpy(out.payload, packet.opus, packet.size);
    g_assert_true(inbox_push(ear_inbox(room->ear), &out));
}

/* Ticks with a packet each, of which every `gap`-th is missing (0: none). */
static void hear(struct room *room, unsigned ticks, unsigned gap)
{
    int16_t samples[EAR_FRAME];
    for (unsigned i = 1; i <= ticks; i++) {
        room->tick.samples += EAR_FRAME;
        room->tick.due_us += TICK_US;
        room->tick.now_us = room->tick.due_us;
        if (gap == 0 || i % gap != 0)
            push(room, room->sequence_number, (uint32_t)room->tick.samples);
        room->sequence_number++;
        ear_hear(room->ear, &room->tick, samples);
    }
}

static json_t *report(const struct room *room)
{
    return ear_report(room->ear, room->tick.now_us);
}

static json_int_t integer(const json_t *report, const char *name)
{
    g_assert_true(json_is_integer(json_object_get(report, name)));
    return json_integer_value(json_object_get(report, name));
}

static double real(const json_t *report, const char *name)
{
    g_assert_true(json_is_real(json_object_get(report, name)));
    return json_real_value(json_object_get(report, name));
}

static void steady_sound_is_reported_as_it_is(void)
{
    struct room room = room_new(true);
    hear(&room, 25, 0);
    ear_reset(room.ear, room.tick.now_us);
    hear(&room, 50, 0);
    json_t *told = report(&room);
    g_assert_cmpfloat_with_epsilon(real(told, "seconds"), 1, 1e-9);
    g_assert_cmpint(integer(told, "received_packets"), ==, 50);
    g_assert_cmpint(integer(told, "lost_packets"), ==, 0);
    g_assert_cmpint(integer(told, "late_packets"), ==, 0);
    g_assert_cmpint(integer(told, "concealed_frames"), ==, 0);
    g_assert_cmpint(integer(told, "jitter_us"), ==, 0);
    g_assert_cmpfloat_with_epsilon(real(told, "level_dbfs"), -23, 1);
    g_assert_cmpfloat_with_epsilon(real(told, "peak_dbfs"), -20, 1);
    g_assert_cmpfloat_with_epsilon(real(json_object_get(told, "tones"), "600"), -20, 1);
    json_decref(told);
    room_free(&room);
}

static void delay_is_from_arrival_to_play(void)
{
    struct room room = room_new(true);
    hear(&room, 50, 0);
    json_t *told = report(&room);
    /* The packet waits for two others (40 ms), and came 5 ms before its tick. */
    json_int_t delay_us = integer(told, "delay_us");
    g_assert_cmpint((delay_us - TRANSIT) % TICK_US, ==, 0);
    g_assert_cmpint(delay_us, >=, 20000 + TRANSIT);
    g_assert_cmpint(delay_us, <=, 60000 + TRANSIT);
    json_decref(told);
    room_free(&room);
}

static void lost_packets_are_counted_and_concealed(void)
{
    struct room room = room_new(true);
    hear(&room, 104, 10);
    json_t *told = report(&room);
    g_assert_cmpint(integer(told, "received_packets"), ==, 94);
    g_assert_cmpint(integer(told, "lost_packets"), ==, 10);
    g_assert_cmpint(integer(told, "concealed_frames"), ==, 10);
    json_decref(told);
    room_free(&room);
}

static void a_packet_behind_its_time_is_late(void)
{
    struct room room = room_new(true);
    hear(&room, 50, 0);
    uint16_t missing = room.sequence_number++;
    uint32_t timestamp = (uint32_t)room.tick.samples + EAR_FRAME;
    int16_t samples[EAR_FRAME];
    room.tick.samples += EAR_FRAME;
    ear_hear(room.ear, &room.tick, samples);
    hear(&room, 20, 0);
    push(&room, missing, timestamp);
    hear(&room, 1, 0);
    json_t *told = report(&room);
    g_assert_cmpint(integer(told, "late_packets"), ==, 1);
    g_assert_cmpint(integer(told, "lost_packets"), ==, 0);
    json_decref(told);
    room_free(&room);
}

static void counters_go_on_when_the_sender_begins_anew(void)
{
    struct room room = room_new(true);
    hear(&room, 24, 10);
    room.ssrc = 0x9876;
    room.sequence_number = 40000;
    hear(&room, 24, 10);
    json_t *told = report(&room);
    g_assert_cmpint(integer(told, "received_packets"), ==, 44);
    g_assert_cmpint(integer(told, "lost_packets"), ==, 4);
    json_decref(told);
    room_free(&room);
}

static void a_reset_begins_all_anew(void)
{
    struct room room = room_new(true);
    hear(&room, 24, 10);
    ear_reset(room.ear, room.tick.now_us);
    json_t *told = report(&room);
    g_assert_cmpfloat(real(told, "seconds"), ==, 0);
    g_assert_cmpint(integer(told, "received_packets"), ==, 0);
    g_assert_cmpint(integer(told, "lost_packets"), ==, 0);
    g_assert_cmpint(integer(told, "concealed_frames"), ==, 0);
    g_assert_true(json_is_null(json_object_get(told, "delay_us")));
    g_assert_cmpfloat(real(told, "level_dbfs"), ==, -127);
    g_assert_cmpfloat(real(told, "peak_dbfs"), ==, -127);
    json_decref(told);
    room_free(&room);
}

static void without_decoding_only_packets_are_counted(void)
{
    struct room room = room_new(false);
    hear(&room, 24, 10);
    json_t *told = report(&room);
    g_assert_cmpint(integer(told, "received_packets"), ==, 22);
    g_assert_cmpint(integer(told, "lost_packets"), ==, 2);
    g_assert_true(json_is_null(json_object_get(told, "level_dbfs")));
    g_assert_true(json_is_null(json_object_get(told, "concealed_frames")));
    g_assert_cmpuint(json_object_size(json_object_get(told, "tones")), ==, 0);
    json_decref(told);
    room_free(&room);
}

static void nothing_heard_is_silence(void)
{
    struct room room = room_new(true);
    int16_t samples[EAR_FRAME];
    for (unsigned i = 0; i < 10; i++) {
        room.tick.samples += EAR_FRAME;
        ear_hear(room.ear, &room.tick, samples);
        for (unsigned k = 0; k < EAR_FRAME; k++)
            g_assert_cmpint(samples[k], ==, 0);
    }
    room_free(&room);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ear/steady_sound_is_reported_as_it_is", steady_sound_is_reported_as_it_is);
    g_test_add_func("/ear/delay_is_from_arrival_to_play", delay_is_from_arrival_to_play);
    g_test_add_func("/ear/lost_packets_are_counted_and_concealed",
                    lost_packets_are_counted_and_concealed);
    g_test_add_func("/ear/a_packet_behind_its_time_is_late", a_packet_behind_its_time_is_late);
    g_test_add_func("/ear/counters_go_on_when_the_sender_begins_anew",
                    counters_go_on_when_the_sender_begins_anew);
    g_test_add_func("/ear/a_reset_begins_all_anew", a_reset_begins_all_anew);
    g_test_add_func("/ear/without_decoding_only_packets_are_counted",
                    without_decoding_only_packets_are_counted);
    g_test_add_func("/ear/nothing_heard_is_silence", nothing_heard_is_silence);
    return g_test_run();
}
