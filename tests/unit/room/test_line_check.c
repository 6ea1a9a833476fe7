/* The line check against a line and a bridge that are played here, on a clock of the test's. */
#include "client/room/line_check.h"

#include <glib.h>
#include <string.h>

#define TURN_US      1000
#define OVERHEAD     70        /* bytes that a payload has around it on the line */
#define QUEUE_US     1000000   /* what a line's buffer holds */
#define BRIDGE_EPOCH 777000000 /* the bridge's clock is another */

struct packet {
    uint8_t payload[PROBE_SIZE_MAX];
    size_t size;
    int64_t due_us;
};

/* One way of a line. */
struct way {
    unsigned kbps, lose_each; /* every so many-th packet is lost; 0: none */
    int64_t delay_us, jitter_us;
    unsigned count;
    int64_t busy_until_us;
    GQueue packets;
};

struct world {
    struct way up, down;
    struct line_check *check;
    int64_t now_us;
    bool is_dead;
    unsigned cap_kbps; /* of the bridge */
    uint32_t pings, pongs, load_packets, load_bytes, number;
    uint8_t step, load_step;
    uint64_t load_sent;
    int64_t load_from_us, load_until_us;
    uint32_t load_kbps;
};

static void way_send(struct world *world, struct way *way, const uint8_t *payload, size_t size)
{
    struct packet *packet = g_new0(struct packet, 1);
    int64_t begin_us = MAX(way->busy_until_us, world->now_us);
    bool is_lost = way->lose_each > 0 && ++way->count % way->lose_each == 0;
    if (world->is_dead || is_lost || begin_us - world->now_us > QUEUE_US) {
        g_free(packet);
        return;
    }
    way->busy_until_us = begin_us + (int64_t)(size + OVERHEAD) * 8000 / way->kbps;
    memcpy(packet->payload, payload, size);
    packet->size = size;
    packet->due_us = way->busy_until_us + way->delay_us;
    if (way->jitter_us > 0)
        packet->due_us += g_random_int_range(0, (gint32)way->jitter_us);
    g_queue_push_tail(&way->packets, packet);
}

static struct packet *way_take(struct world *world, struct way *way)
{
    for (GList *link = way->packets.head; link != NULL; link = link->next) {
        struct packet *packet = link->data;
        if (packet->due_us <= world->now_us) {
            g_queue_delete_link(&way->packets, link);
            return packet;
        }
    }
    return NULL;
}

static void send_up(const uint8_t *payload, size_t size, void *arg)
{
    struct world *world = arg;
    way_send(world, &world->up, payload, size);
}

static void send_down(struct world *world, struct probe *probe, size_t size)
{
    uint8_t payload[PROBE_SIZE_MAX] = {0};
    probe->sent_us = (uint64_t)(world->now_us + BRIDGE_EPOCH);
    probe_write(probe, payload);
    way_send(world, &world->down, payload, size);
}

static void bridge_take(struct world *world, const struct packet *packet)
{
    struct probe probe;
    g_assert_true(probe_parse(&probe, packet->payload, packet->size));
    if (probe.kind == PROBE_PING) {
        world->pings++;
        struct probe pong = {.kind = PROBE_PONG,
                             .step = world->step,
                             .number = world->pongs++,
                             .ping_number = probe.number,
                             .ping_arrived_us = (uint64_t)(world->now_us + BRIDGE_EPOCH),
                             .pings = world->pings,
                             .load_packets = world->load_packets,
                             .load_bytes = world->load_bytes};
        send_down(world, &pong, PROBE_SIZE);
    } else if (probe.kind == PROBE_LOAD) {
        if (probe.step != world->step)
            world->load_packets = world->load_bytes = 0;
        world->step = probe.step;
        world->load_packets++;
        world->load_bytes += (uint32_t)packet->size;
    } else if (probe.step != world->load_step) {
        world->load_step = probe.step;
        world->number = 0;
        world->load_sent = 0;
        world->load_kbps = MIN(probe.kbps, world->cap_kbps);
        world->load_from_us = world->now_us;
        world->load_until_us = world->now_us + (int64_t)probe.milliseconds * 1000;
    }
}

static void bridge_turn(struct world *world)
{
    if (world->now_us >= world->load_until_us)
        return;
    uint64_t due = (uint64_t)(world->now_us - world->load_from_us) * world->load_kbps / 8000;
    while (world->load_sent + PROBE_SIZE_MAX <= due) {
        struct probe load = {
            .kind = PROBE_LOAD, .step = world->load_step, .number = world->number++};
        send_down(world, &load, PROBE_SIZE_MAX);
        world->load_sent += PROBE_SIZE_MAX;
    }
}

static void turn(struct world *world)
{
    struct packet *packet;
    world->now_us += TURN_US;
    while ((packet = way_take(world, &world->up)) != NULL) {
        bridge_take(world, packet);
        g_free(packet);
    }
    bridge_turn(world);
    while ((packet = way_take(world, &world->down)) != NULL) {
        line_check_take(world->check, packet->payload, packet->size, world->now_us);
        g_free(packet);
    }
    line_check_turn(world->check, world->now_us);
}

static struct world line(void)
{
    struct world world = {.now_us = 5000000, .cap_kbps = 2000};
    world.up = world.down = (struct way){.kbps = 100000, .delay_us = 15000};
    return world;
}

/* Runs the whole plan; the seconds that it took. */
static double run(struct world *world, struct line_findings *findings)
{
    struct line_check_config config = {2000, send_up, world};
    int64_t begin_us = world->now_us;
    world->check = line_check_new(&config, world->now_us);
    while (!line_check_is_over(world->check))
        turn(world);
    line_check_find(world->check, findings);
    line_check_free(world->check);
    g_queue_clear_full(&world->up.packets, g_free);
    g_queue_clear_full(&world->down.packets, g_free);
    return (double)(world->now_us - begin_us) / 1e6;
}

static void a_good_line_is_called_good(void)
{
    struct world world = line();
    struct line_findings findings;
    double seconds = run(&world, &findings);
    g_assert_cmpint(findings.verdict, ==, LINE_GOOD);
    g_assert_cmpuint(findings.advice, ==, 0);
    g_assert_cmpfloat_with_epsilon(findings.rtt_ms, 31, 2);
    g_assert_cmpfloat(findings.loss_up + findings.loss_down, ==, 0);
    g_assert_cmpint(findings.up_kbps, ==, 2000);
    g_assert_cmpint(findings.down_kbps, ==, 2000);
    g_assert_true(findings.is_up_capped && findings.is_down_capped);
    g_assert_cmpfloat(seconds, <, 14);
}

static void loss_is_found_on_its_own_way(void)
{
    struct world world = line();
    struct line_findings findings;
    world.up.lose_each = 25;
    run(&world, &findings);
    g_assert_cmpfloat_with_epsilon(findings.loss_up, 4, 1);
    g_assert_cmpfloat(findings.loss_down, ==, 0);
    g_assert_cmpint(findings.verdict, ==, LINE_USABLE);
    g_assert_true(findings.advice & LINE_LOSS_UP);
    g_assert_false(findings.advice & LINE_LOSS_DOWN);
    world = line();
    world.down.lose_each = 10;
    run(&world, &findings);
    g_assert_cmpfloat_with_epsilon(findings.loss_down, 10, 1.5);
    g_assert_cmpfloat(findings.loss_up, ==, 0);
    g_assert_cmpint(findings.verdict, ==, LINE_BAD);
    g_assert_true(findings.advice & LINE_LOSS_DOWN);
}

/* A line that does not lose but queues, as a modem does. */
static void a_narrow_way_is_measured(void)
{
    struct world world = line();
    struct line_findings findings;
    world.up.kbps = 400;
    run(&world, &findings);
    g_assert_cmpint(findings.up_kbps, >=, 250);
    g_assert_cmpint(findings.up_kbps, <=, 400);
    g_assert_false(findings.is_up_capped);
    g_assert_cmpint(findings.down_kbps, ==, 2000);
    g_assert_cmpint(findings.verdict, ==, LINE_GOOD);
    world = line();
    world.down.kbps = 180;
    run(&world, &findings);
    g_assert_cmpint(findings.down_kbps, >=, 100);
    g_assert_cmpint(findings.down_kbps, <=, 180);
    g_assert_cmpint(findings.verdict, ==, LINE_USABLE);
    g_assert_cmpuint(findings.advice, ==, LINE_SLOW_DOWN);
}

static void delay_and_jitter_are_found(void)
{
    struct world world = line();
    struct line_findings findings;
    world.up.delay_us = world.down.delay_us = 280000; /* a satellite */
    run(&world, &findings);
    g_assert_cmpfloat_with_epsilon(findings.rtt_ms, 561, 3);
    g_assert_cmpint(findings.verdict, ==, LINE_BAD);
    g_assert_cmpuint(findings.advice, ==, LINE_DELAY);
    world = line();
    world.up.jitter_us = 150000;
    run(&world, &findings);
    g_assert_cmpfloat(findings.jitter_up_ms, >, 30);
    g_assert_cmpfloat(findings.jitter_down_ms, <, 10);
    g_assert_true(findings.advice & LINE_JITTER);
}

static void a_line_without_an_answer_is_bad(void)
{
    struct world world = line();
    struct line_findings findings;
    world.is_dead = true;
    g_assert_cmpfloat(run(&world, &findings), <, 6); /* nothing is loaded that does not answer */
    g_assert_cmpint(findings.verdict, ==, LINE_BAD);
    g_assert_cmpuint(findings.advice, ==, LINE_NO_ANSWER);
    g_assert_cmpint(findings.up_kbps, ==, -1);
}

static void no_load_is_sent_without_leave(void)
{
    struct world world = line();
    struct line_check_config config = {0, send_up, &world};
    struct line_findings findings;
    world.check = line_check_new(&config, world.now_us);
    while (!line_check_is_over(world.check))
        turn(&world);
    line_check_find(world.check, &findings);
    line_check_free(world.check);
    g_queue_clear_full(&world.down.packets, g_free);
    g_queue_clear_full(&world.up.packets, g_free);
    g_assert_cmpuint(world.load_packets, ==, 0);
    g_assert_cmpint(findings.verdict, ==, LINE_GOOD);
    g_assert_cmpint(findings.up_kbps, ==, -1);
}

/* Numbers from a bridge that lies overflow nothing. */
static void a_lying_bridge_breaks_nothing(void)
{
    static const uint64_t times[] = {0, 1, INT64_MAX, UINT64_MAX, INT64_MAX / 8};
    struct world world = line();
    struct line_check_config config = {2000, send_up, &world};
    struct line_findings findings;
    world.is_dead = true;
    world.check = line_check_new(&config, world.now_us);
    for (unsigned i = 0; i < 20000 && !line_check_is_over(world.check); i++) {
        uint8_t payload[PROBE_SIZE];
        struct probe lie = {.kind = i % 2 ? PROBE_PONG : PROBE_LOAD,
                            .step = (uint8_t)i,
                            .number = i % 3 ? UINT32_MAX : i,
                            .sent_us = times[i % 5],
                            .ping_number = i % 7 ? i / 20 : UINT32_MAX,
                            .ping_arrived_us = times[i / 5 % 5],
                            .pings = UINT32_MAX,
                            .load_packets = UINT32_MAX,
                            .load_bytes = UINT32_MAX};
        probe_write(&lie, payload);
        line_check_take(world.check, payload, sizeof payload, world.now_us);
        turn(&world);
    }
    line_check_find(world.check, &findings);
    line_check_free(world.check);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/line_check/a_good_line_is_called_good", a_good_line_is_called_good);
    g_test_add_func("/line_check/loss_is_found_on_its_own_way", loss_is_found_on_its_own_way);
    g_test_add_func("/line_check/a_narrow_way_is_measured", a_narrow_way_is_measured);
    g_test_add_func("/line_check/delay_and_jitter_are_found", delay_and_jitter_are_found);
    g_test_add_func("/line_check/a_line_without_an_answer_is_bad", a_line_without_an_answer_is_bad);
    g_test_add_func("/line_check/no_load_is_sent_without_leave", no_load_is_sent_without_leave);
    g_test_add_func("/line_check/a_lying_bridge_breaks_nothing", a_lying_bridge_breaks_nothing);
    return g_test_run();
}
