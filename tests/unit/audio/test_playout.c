#include "bridge/audio/encode.h"
#include "bridge/audio/level.h"
#include "bridge/audio/playout.h"
#include "tests/unit/audio/speech.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define FRAME PLAYOUT_FRAME
#define LOOP  400 /* packets that are sent again and again */

/* A room whose clock is not ours. */
struct sender {
    struct inbox_packet *packets;
    int64_t sent;
    double samples_per_packet; /* of our clock */
};

struct line {
    struct playout *playout;
    struct sender sender;
    int64_t now;
    struct playout_reading sum;
    int16_t samples[FRAME];
};

static void record_speech(struct sender *sender)
{
    struct speech speech = speech_new(150, -23);
    struct encoder *encoder = encoder_new(32000, 1);
    sender->packets = g_new0(struct inbox_packet, LOOP);
    for (unsigned i = 0; i < LOOP; i++) {
        int16_t samples[FRAME];
        struct inbox_packet *packet = &sender->packets[i];
        speech_read(&speech, samples, FRAME);
        packet->ssrc = 1;
        packet->level_dbov = level_dbov(samples, FRAME);
        packet->size = (uint16_t)encoder_encode(encoder, samples, false, packet->payload,
                                                sizeof packet->payload);
    }
    encoder_free(encoder);
}

static void line_begin(struct line *line, double ppm)
{
    *line = (struct line){.playout = playout_new()};
    record_speech(&line->sender);
    line->sender.samples_per_packet = FRAME * (1 + ppm / 1e6);
}

static void line_end(struct line *line)
{
    playout_free(line->playout);
    g_free(line->sender.packets);
}

static void push(struct line *line, int64_t number)
{
    struct inbox_packet packet = line->sender.packets[number % LOOP];
    packet.sequence_number = (uint16_t)number;
    packet.timestamp = (uint32_t)(number * FRAME);
    playout_push(line->playout, line->now, &packet);
}

static void read_tick(struct line *line, bool decodes)
{
    struct playout_order order = {.now = line->now, .decodes = decodes};
    struct playout_reading reading = playout_read(line->playout, &order, line->samples);
    line->sum.concealed += reading.concealed;
    line->sum.decodes += reading.decodes;
    line->sum.stretched += reading.stretched;
    line->now += FRAME;
}

/* What has been sent by now arrives, and a tick is read. */
static void run(struct line *line, unsigned ticks)
{
    struct sender *sender = &line->sender;
    while (ticks-- > 0) {
        while ((double)sender->sent * sender->samples_per_packet <= (double)line->now)
            push(line, sender->sent++);
        read_tick(line, true);
    }
}

static void a_clock_that_is_off_is_followed(double ppm)
{
    struct line line;
    line_begin(&line, ppm);
    run(&line, 100);
    unsigned most = 0;
    for (int i = 0; i < 60000; i++) { /* twenty minutes: 360 ms of drift, more than is ever kept */
        run(&line, 1);
        most = MAX(most, playout_delay(line.playout));
    }
    g_assert_cmpuint(line.sum.concealed, ==, 0);
    g_assert_cmpuint(line.sum.stretched, >, 5);
    g_assert_cmpuint(line.sum.stretched, <, 400);
    g_assert_cmpuint(most, <=, 60 * 48);
    g_assert_cmpint(line.sender.sent * FRAME - line.now, <, (int64_t)60000 * FRAME);
    line_end(&line);
}

static void a_clock_that_is_fast_is_followed_without_a_gap(void)
{
    a_clock_that_is_off_is_followed(-300);
}

static void a_clock_that_is_slow_is_followed_without_a_gap(void)
{
    a_clock_that_is_off_is_followed(300);
}

static void the_same_clock_is_not_stretched(void)
{
    struct line line;
    line_begin(&line, 0);
    run(&line, 5000);
    g_assert_cmpuint(line.sum.stretched, ==, 0);
    g_assert_cmpuint(line.sum.concealed, ==, 0);
    line_end(&line);
}

static void a_burst_leaves_no_lasting_delay(void)
{
    struct line line;
    line_begin(&line, 0);
    run(&line, 200);
    for (int i = 0; i < 10; i++) /* the line stalls for 200 ms… */
        read_tick(&line, true);
    run(&line, 50); /* …and then all comes at once */
    unsigned at_worst = playout_delay(line.playout);
    run(&line, 1000);
    g_assert_cmpuint(at_worst, >=, 100 * 48);
    g_assert_cmpuint(playout_delay(line.playout), <=, 30 * 48);
    line_end(&line);
}

static void a_gap_after_a_quiet_packet_is_no_loss(void)
{
    struct line line;
    line_begin(&line, 0);
    for (unsigned i = 0; i < LOOP; i++) /* a sender that says how quiet it is */
        line.sender.packets[i].level_dbov = i % 50 == 49 ? -70 : -20;
    int64_t number = 0;
    for (int spell = 0; spell < 20; spell++) {
        for (int i = 0; i < 50; i++) {
            push(&line, number++);
            read_tick(&line, true);
        }
        for (int i = 0; i < 20; i++)
            read_tick(&line, true);
    }
    g_assert_cmpuint(line.sum.concealed, ==, 0);
    g_assert_cmpuint(playout_delay(line.playout), <=, 60 * 48);
    line_end(&line);
}

static void a_gap_within_speech_is_a_loss(void)
{
    struct line line;
    line_begin(&line, 0);
    for (unsigned i = 0; i < LOOP; i++)
        line.sender.packets[i].level_dbov = -20;
    run(&line, 50);
    for (int i = 0; i < 20; i++)
        read_tick(&line, true);
    g_assert_cmpuint(line.sum.concealed, >, 3);
    line_end(&line);
}

static unsigned told;

static void on_packet(int64_t time_samples, const struct inbox_packet *packet, void *arg)
{
    (void)time_samples;
    (void)packet;
    (void)arg;
    told++;
}

static void what_is_not_decoded_costs_nothing_and_is_silent(void)
{
    struct line line;
    line_begin(&line, 0);
    told = 0;
    for (int number = 0; number < 100; number++) {
        struct playout_order order = {.now = line.now, .on_packet = on_packet};
        push(&line, number);
        struct playout_reading reading = playout_read(line.playout, &order, line.samples);
        g_assert_cmpuint(reading.decodes, ==, 0);
        g_assert_false(reading.has_sound);
        g_assert_cmpint(level_peak(line.samples, FRAME), ==, 0);
        line.now += FRAME;
    }
    g_assert_cmpuint(told, >=, 98);
    push(&line, 100);
    read_tick(&line, true);
    g_assert_cmpuint(line.sum.decodes, ==, 1);
    line_end(&line);
}

#define ADD(name) g_test_add_func("/playout/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(a_clock_that_is_fast_is_followed_without_a_gap);
    ADD(a_clock_that_is_slow_is_followed_without_a_gap);
    ADD(the_same_clock_is_not_stretched);
    ADD(a_burst_leaves_no_lasting_delay);
    ADD(a_gap_after_a_quiet_packet_is_no_loss);
    ADD(a_gap_within_speech_is_a_loss);
    ADD(what_is_not_decoded_costs_nothing_and_is_silent);
    return g_test_run();
}
