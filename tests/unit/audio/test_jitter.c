#include "bridge/audio/jitter.h"

#include <glib.h>

#define TICK 960

/* The first byte of an Opus packet says how long it is (RFC 6716 section 3.1). */
#define TOC_10_MS 0xf0
#define TOC_20_MS 0xf8
#define TOC_60_MS 0x18

struct script {
    struct jitter *jitter;
    int64_t now;
    uint16_t first_sequence;
    uint32_t first_timestamp;
    uint32_t ssrc;
    uint8_t toc;
    unsigned duration;
    /* What came out. */
    unsigned packets, lost, with_fec, empty;
    int stretched;       /* samples, all in all */
    bool keeps_its_pace; /* does not stretch */
    unsigned held;       /* taken, not yet played */
    int last;            /* number of the last packet */
};

static void script_begin(struct script *script)
{
    *script = (struct script){.jitter = jitter_new(),
                              .first_sequence = 65530, /* every script sees both wraps */
                              .first_timestamp = UINT32_MAX - 5000,
                              .ssrc = 1,
                              .toc = TOC_20_MS,
                              .duration = TICK,
                              .last = -1};
}

static enum jitter_fate arrive_at(struct script *script, int number, uint32_t timestamp)
{
    struct inbox_packet packet = {.sequence_number = (uint16_t)(script->first_sequence + number),
                                  .timestamp = timestamp,
                                  .ssrc = script->ssrc,
                                  .size = 20,
                                  .payload = {script->toc, (uint8_t)number}};
    return jitter_push(script->jitter, script->now, &packet);
}

/* Packet `number` of an even stream arrives now. */
static enum jitter_fate arrive(struct script *script, int number)
{
    return arrive_at(script, number, script->first_timestamp + (uint32_t)number * script->duration);
}

/* Pops until a tick's worth has come out; the clock goes on. Returns the last pop. */
static struct jitter_frame tick(struct script *script)
{
    struct jitter_frame frame;
    unsigned filled = script->held;
    do {
        jitter_pop(script->jitter, script->now, &frame);
        g_assert_cmpuint(frame.samples, >, 0);
        g_assert_cmpuint(frame.samples % 120, ==, 0);
        if (frame.kind == JITTER_PACKET) {
            script->last = (uint16_t)(frame.packet->sequence_number - script->first_sequence);
            script->packets++;
            int most = CLAMP(frame.stretch, -240, 480);
            if (most != 0 && frame.stretches_speech && !script->keeps_its_pace) {
                jitter_stretched(script->jitter, most);
                script->stretched += most;
                filled = (unsigned)((int)filled + most);
            }
        } else if (frame.kind == JITTER_LOST) {
            script->lost++;
            script->with_fec += frame.packet != NULL;
        } else {
            script->empty++;
        }
        filled += frame.samples;
    } while (filled < TICK);
    script->held = filled - TICK;
    jitter_rest(script->jitter, script->held);
    script->now += TICK;
    return frame;
}

static void run_evenly(struct script *script, int from, int to)
{
    for (int number = from; number < to; number++) {
        arrive(script, number);
        tick(script);
    }
}

static void plays_an_even_stream_after_40_ms(void)
{
    struct script script;
    script_begin(&script);
    arrive(&script, 0);
    g_assert_cmpint(tick(&script).kind, ==, JITTER_EMPTY);
    arrive(&script, 1);
    struct jitter_frame frame = tick(&script);
    g_assert_cmpint(frame.kind, ==, JITTER_PACKET);
    g_assert_true(frame.is_first);
    g_assert_cmpint(script.last, ==, 0);
    run_evenly(&script, 2, 5000);
    g_assert_cmpint(script.last, ==, 4998);
    g_assert_cmpuint(script.lost, ==, 0);
    g_assert_cmpuint(script.empty, ==, 1);
    g_assert_cmpint(script.stretched, ==, 0);
    g_assert_cmpuint(jitter_target(script.jitter), ==, JITTER_DELAY_MIN);
    jitter_free(script.jitter);
}

static void puts_packets_in_order_and_drops_duplicates(void)
{
    static const int order[] = {0, 2, 1, 3, 5, 4, 6, 7};
    struct script script;
    script_begin(&script);
    for (int i = 0; i < 8; i++) {
        g_assert_cmpint(arrive(&script, order[i]), ==, JITTER_TAKEN);
        g_assert_cmpint(arrive(&script, order[i]), ==, JITTER_DUPLICATE);
    }
    for (int i = 0; i < 8; i++) {
        g_assert_cmpint(tick(&script).kind, ==, JITTER_PACKET);
        g_assert_cmpint(script.last, ==, i);
    }
    jitter_free(script.jitter);
}

static void a_lost_packet_is_made_up_from_the_next(void)
{
    struct script script;
    script_begin(&script);
    run_evenly(&script, 0, 10);
    tick(&script); /* 10 is lost; this plays 9 */
    arrive(&script, 11);
    struct jitter_frame frame = tick(&script);
    g_assert_cmpint(frame.kind, ==, JITTER_LOST);
    g_assert_cmpuint(frame.samples, ==, TICK);
    g_assert_nonnull(frame.packet);
    g_assert_cmpuint(frame.packet->payload[1], ==, 11);
    run_evenly(&script, 12, 20);
    g_assert_cmpuint(script.lost, ==, 1);
    g_assert_cmpint(script.last, ==, 18);
    g_assert_cmpuint(jitter_target(script.jitter), ==, JITTER_DELAY_MIN);
    jitter_free(script.jitter);
}

static void loss_alone_does_not_make_the_delay_grow(void)
{
    struct script script;
    script_begin(&script);
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    unsigned missing = 0;
    for (int number = 0; number < 5000; number++) {
        if (number < 10 || g_rand_int_range(rand, 0, 100) >= 5)
            arrive(&script, number);
        else
            missing++;
        tick(&script);
    }
    g_assert_cmpuint(script.lost, >=, missing - 1);
    g_assert_cmpuint(script.lost, <=, missing + 1);
    g_assert_cmpuint(script.with_fec, >=, script.lost * 8 / 10);
    g_assert_cmpuint(script.packets + script.lost + script.empty, ==, 5000);
    g_assert_cmpuint(jitter_level(script.jitter), <=, 2 * TICK);
    g_assert_cmpuint(jitter_target(script.jitter), ==, JITTER_DELAY_MIN);
    jitter_free(script.jitter);
}

static void a_late_packet_makes_the_delay_grow_at_once(void)
{
    struct script script;
    script_begin(&script);
    run_evenly(&script, 0, 10);
    for (int i = 0; i < 3; i++)
        tick(&script); /* the line stalls for 60 ms */
    for (int number = 10; number < 13; number++)
        g_assert_cmpint(arrive(&script, number), ==, JITTER_TAKEN);
    run_evenly(&script, 13, 20);
    g_assert_cmpuint(script.lost, ==, 2);
    g_assert_cmpuint(jitter_target(script.jitter), ==, JITTER_DELAY_MIN + 2 * TICK);
    /* The same again costs nothing now. */
    for (int i = 0; i < 3; i++)
        tick(&script);
    for (int number = 20; number < 23; number++)
        arrive(&script, number);
    run_evenly(&script, 23, 40);
    g_assert_cmpuint(script.lost, ==, 2);
    g_assert_cmpuint(script.empty, ==, 1);
    jitter_free(script.jitter);
}

static void a_straggler_that_missed_its_turn_makes_the_delay_grow(void)
{
    struct script script;
    script_begin(&script);
    run_evenly(&script, 0, 10);
    tick(&script);
    arrive(&script, 11);
    tick(&script); /* 10 is made up */
    g_assert_cmpint(arrive(&script, 10), ==, JITTER_LATE);
    arrive(&script, 12);
    for (int number = 13; number < 20; number++) {
        g_assert_cmpint(tick(&script).kind, ==, JITTER_PACKET);
        arrive(&script, number);
    }
    g_assert_cmpint(script.stretched, ==, TICK);
    g_assert_cmpuint(script.lost, ==, 1);
    g_assert_cmpuint(jitter_target(script.jitter), ==, JITTER_DELAY_MIN + TICK);
    jitter_free(script.jitter);
}

static void the_delay_shrinks_when_it_was_not_needed(void)
{
    struct script script;
    script_begin(&script);
    for (int number = 0; number < 10; number++)
        arrive(&script, number); /* a burst of 200 ms */
    g_assert_cmpuint(jitter_level(script.jitter), ==, 10 * TICK);
    run_evenly(&script, 10, 500);
    unsigned after_10_s = jitter_level(script.jitter);
    g_assert_cmpuint(after_10_s, <, 10 * TICK);
    run_evenly(&script, 500, 3000);
    g_assert_cmpuint(jitter_level(script.jitter), ==, TICK);
    g_assert_cmpuint(script.lost, ==, 0);
    g_assert_cmpint(script.stretched, <=, -8 * TICK);
    jitter_free(script.jitter);
}

static void it_prefers_to_shrink_in_silence(void)
{
    struct script script;
    script_begin(&script);
    script.keeps_its_pace = true;
    for (int number = 0; number < 10; number++)
        arrive(&script, number);
    struct jitter_frame frame;
    int number = 10;
    do {
        arrive(&script, number++);
        frame = tick(&script);
    } while (frame.stretch == 0);
    g_assert_cmpint(frame.stretch, <, 0);
    g_assert_false(frame.stretches_speech);
    for (int loud = 0; loud < 60; loud++) {
        arrive(&script, number++);
        frame = tick(&script);
    }
    g_assert_true(frame.stretches_speech);
    jitter_stretched(script.jitter, frame.stretch);
    arrive(&script, number);
    g_assert_cmpint(tick(&script).stretch, ==, 0);
    jitter_free(script.jitter);
}

static void more_than_240_ms_is_never_kept(void)
{
    struct script script;
    script_begin(&script);
    /* A sender whose clock is twice as fast, and a burst on top. */
    int number = 0;
    for (int i = 0; i < 2000; i++) {
        arrive(&script, number++);
        arrive(&script, number++);
        if (i == 1000) {
            for (int burst = 0; burst < 200; burst++)
                arrive(&script, number++);
        }
        g_assert_cmpuint(jitter_level(script.jitter), <=, JITTER_DELAY_MAX);
        tick(&script);
        g_assert_cmpint(number - 1 - script.last, <=, JITTER_DELAY_MAX / TICK);
    }
    jitter_free(script.jitter);
}

static void random_lateness_stays_bounded_and_is_learnt(void)
{
    struct script script;
    script_begin(&script);
    g_autoptr(GRand) rand = g_rand_new_with_seed(11);
    enum { TICKS = 6000 };
    g_autofree int *due = g_new(int, TICKS);
    for (int i = 0; i < TICKS; i++)
        due[i] = i + g_rand_int_range(rand, 0, 5); /* 0 to 80 ms */
    unsigned lost_early = 0;
    for (int i = 0; i < TICKS; i++) {
        for (int number = MAX(0, i - 5); number <= i; number++) {
            if (due[number] == i)
                arrive(&script, number);
        }
        tick(&script);
        if (i == 200)
            lost_early = script.lost;
        g_assert_cmpuint(jitter_level(script.jitter), <=, JITTER_DELAY_MAX);
    }
    /* Once learnt it plays nearly everything, and what is left is its trying to shrink. */
    g_assert_cmpuint(script.lost - lost_early, <, TICKS / 50);
    g_assert_cmpuint(script.packets, >, TICKS * 97 / 100);
    jitter_free(script.jitter);
}

static void a_pause_is_silence_and_the_next_packet_starts_afresh(void)
{
    struct script script;
    script_begin(&script);
    run_evenly(&script, 0, 50);
    tick(&script);
    for (int i = 0; i < 200; i++)
        tick(&script); /* the microphone is closed for 4 s; the timestamps stand still */
    g_assert_cmpuint(script.lost, ==, JITTER_CONCEAL_MAX / TICK);
    g_assert_cmpint(tick(&script).kind, ==, JITTER_EMPTY);
    unsigned empty = script.empty;
    run_evenly(&script, 50, 100);
    g_assert_cmpuint(script.empty, ==, empty + 1);
    g_assert_cmpuint(script.lost, ==, JITTER_CONCEAL_MAX / TICK);
    g_assert_cmpint(script.last, ==, 98);
    g_assert_cmpuint(jitter_target(script.jitter), ==, JITTER_DELAY_MIN);
    jitter_free(script.jitter);
}

static void a_pause_in_the_timestamps_is_no_loss(void)
{
    struct script script;
    script_begin(&script);
    run_evenly(&script, 0, 50);
    for (int i = 0; i < 20; i++)
        tick(&script); /* DTX: 400 ms without a packet */
    unsigned lost = script.lost;
    script.first_timestamp += 20 * TICK;
    run_evenly(&script, 50, 100);
    g_assert_cmpuint(script.lost, ==, lost);
    g_assert_cmpint(script.last, ==, 98);
    jitter_free(script.jitter);
}

static void a_short_pause_is_seen_before_it_runs_dry(void)
{
    struct script script;
    script_begin(&script);
    run_evenly(&script, 0, 50);
    arrive(&script, 50);
    script.first_timestamp += 5 * TICK;
    arrive(&script, 51);
    tick(&script);
    tick(&script);
    run_evenly(&script, 52, 100);
    g_assert_cmpuint(script.lost, ==, 0);
    g_assert_cmpint(script.last, ==, 98);
    jitter_free(script.jitter);
}

static void a_new_sender_starts_afresh(void)
{
    struct script script;
    script_begin(&script);
    run_evenly(&script, 0, 50);
    script.ssrc = 2;
    script.first_sequence = 1234;
    script.first_timestamp = 99;
    g_assert_cmpint(arrive(&script, 0), ==, JITTER_TAKEN);
    g_assert_cmpuint(jitter_level(script.jitter), ==, TICK);
    tick(&script);
    arrive(&script, 1);
    struct jitter_frame frame = tick(&script);
    g_assert_cmpint(frame.kind, ==, JITTER_PACKET);
    g_assert_true(frame.is_first);
    g_assert_cmpint(script.last, ==, 0);
    jitter_free(script.jitter);
}

static void a_sequence_that_jumps_is_believed_at_its_second_packet(void)
{
    struct script script;
    script_begin(&script);
    run_evenly(&script, 0, 50);
    g_assert_cmpint(arrive(&script, 50 + 20000), ==, JITTER_REFUSED);
    g_assert_cmpint(arrive(&script, 50), ==, JITTER_TAKEN);
    tick(&script);
    g_assert_cmpint(arrive(&script, 51 + 20000), ==, JITTER_TAKEN);
    arrive(&script, 52 + 20000);
    tick(&script);
    g_assert_cmpint(script.last, ==, 51 + 20000);
    jitter_free(script.jitter);
}

static void timestamps_that_go_back_do_not_silence_a_sender(void)
{
    struct script script;
    script_begin(&script);
    run_evenly(&script, 0, 50);
    script.first_timestamp -= 1000000;
    run_evenly(&script, 50, 60);
    g_assert_cmpint(script.last, ==, 58);
    jitter_free(script.jitter);
}

static void long_and_short_packets_are_played_whole(void)
{
    static const struct {
        uint8_t toc;
        unsigned duration;
    } kinds[] = {{TOC_10_MS, 480}, {TOC_60_MS, 2880}};
    for (unsigned kind = 0; kind < G_N_ELEMENTS(kinds); kind++) {
        struct script script;
        script_begin(&script);
        script.toc = kinds[kind].toc;
        script.duration = kinds[kind].duration;
        int64_t sent = 0;
        int number = 0;
        unsigned debt = 0, played = 0;
        for (int i = 0; i < 1000; i++) {
            for (; sent <= script.now; sent += script.duration)
                arrive(&script, number++);
            for (; debt < TICK; debt += script.duration * (played > 0)) {
                struct jitter_frame frame;
                jitter_pop(script.jitter, script.now, &frame);
                g_assert_cmpint(frame.kind, !=, JITTER_LOST);
                played += frame.kind == JITTER_PACKET;
                if (frame.kind == JITTER_EMPTY)
                    break;
            }
            debt -= played > 0 ? TICK : 0;
            script.now += TICK;
        }
        g_assert_cmpuint(played, >, 990 * TICK / script.duration);
        jitter_free(script.jitter);
    }
}

static void a_packet_that_is_not_opus_is_refused(void)
{
    struct script script;
    script_begin(&script);
    script.toc = 0xfb; /* a count of frames follows… */
    struct inbox_packet packet = {.size = 2, .payload = {0xfb, 0}}; /* …and is 0 */
    g_assert_cmpint(jitter_push(script.jitter, 0, &packet), ==, JITTER_REFUSED);
    packet.size = 0;
    g_assert_cmpint(jitter_push(script.jitter, 0, &packet), ==, JITTER_REFUSED);
    g_assert_cmpuint(jitter_level(script.jitter), ==, 0);
    jitter_free(script.jitter);
}

static void missed_ticks_do_not_become_delay(void)
{
    struct script script;
    script_begin(&script);
    run_evenly(&script, 0, 50);
    script.now += 8 * TICK; /* the caller was held up */
    for (int number = 50; number < 59; number++)
        arrive(&script, number);
    jitter_catch_up(script.jitter);
    tick(&script);
    g_assert_cmpuint(jitter_level(script.jitter), <=, JITTER_DELAY_MIN - TICK);
    run_evenly(&script, 59, 70);
    g_assert_cmpuint(script.lost, ==, 0);
    g_assert_cmpint(script.last, ==, 68);
    jitter_free(script.jitter);
}

static void any_arrivals_are_survived(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    struct script script;
    script_begin(&script);
    for (int i = 0; i < 200000; i++) {
        struct inbox_packet packet = {.size = 3};
        packet.sequence_number = (uint16_t)g_rand_int_range(rand, 0, i % 3 == 0 ? 65536 : 200);
        packet.timestamp = g_rand_int(rand) >> (i % 29);
        packet.ssrc = (uint32_t)g_rand_int_range(rand, 0, 200) == 0;
        packet.payload[0] = (uint8_t)g_rand_int(rand);
        packet.payload[1] = (uint8_t)g_rand_int(rand);
        jitter_push(script.jitter, script.now, &packet);
        g_assert_cmpuint(jitter_level(script.jitter), <=, JITTER_DELAY_MAX);
        if (i % 2 == 0)
            tick(&script);
    }
    jitter_free(script.jitter);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/jitter/" #name, name)
    ADD(plays_an_even_stream_after_40_ms);
    ADD(puts_packets_in_order_and_drops_duplicates);
    ADD(a_lost_packet_is_made_up_from_the_next);
    ADD(loss_alone_does_not_make_the_delay_grow);
    ADD(a_late_packet_makes_the_delay_grow_at_once);
    ADD(a_straggler_that_missed_its_turn_makes_the_delay_grow);
    ADD(the_delay_shrinks_when_it_was_not_needed);
    ADD(it_prefers_to_shrink_in_silence);
    ADD(more_than_240_ms_is_never_kept);
    ADD(random_lateness_stays_bounded_and_is_learnt);
    ADD(a_pause_is_silence_and_the_next_packet_starts_afresh);
    ADD(a_pause_in_the_timestamps_is_no_loss);
    ADD(a_short_pause_is_seen_before_it_runs_dry);
    ADD(a_new_sender_starts_afresh);
    ADD(a_sequence_that_jumps_is_believed_at_its_second_packet);
    ADD(timestamps_that_go_back_do_not_silence_a_sender);
    ADD(long_and_short_packets_are_played_whole);
    ADD(a_packet_that_is_not_opus_is_refused);
    ADD(missed_ticks_do_not_become_delay);
    ADD(any_arrivals_are_survived);
    return g_test_run();
}
