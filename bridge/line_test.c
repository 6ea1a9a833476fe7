#include "bridge/line_test.h"

#include "bridge/transport/probe.h"
#include "common/clock.h"

#include <string.h>

#define TURN_MS       5
#define FRAME_SAMPLES 960
#define ECHO_SLOTS    128 /* 2.5 s of packets of 20 ms */
#define LOAD_LATE_US  50000

/* A packet of the leg's sound on its way back. */
struct echo {
    int64_t due_us;
    uint32_t timestamp; /* the peer's */
    uint16_t size;
    uint8_t payload[FRAME_PAYLOAD_MAX];
};

struct load {
    uint8_t step;
    uint32_t kbps, number;
    int64_t from_us, until_us;
    uint64_t sent_bytes; /* or given up, as the shard was late */
};

struct line_test {
    struct leg *leg;
    struct line_test_config config;
    void (*ended)(void *arg);
    void *arg;
    GSource *timer;
    bool is_over;
    int64_t begun_us;
    struct leg_counters before;

    struct echo *echoes; /* a ring of ECHO_SLOTS */
    unsigned first, count;
    struct frame frame; /* the one that is being sent */
    bool has_echoed;
    uint32_t peer_start, own_start; /* timestamps of the first echo */
    uint32_t echoed;

    uint32_t pings, pings_end;         /* received; highest number and one */
    uint8_t step;                      /* of the load that comes */
    uint32_t step_packets, step_bytes; /* of it, received */
    uint32_t pongs;                    /* sent */
    struct load load;                  /* that is being sent */
    int64_t load_left_us;
};

/* ---- the echo ---- */

static void keep_sound(struct line_test *test, const struct rtp_packet *packet, int64_t arrival_us)
{
    if (packet->payload_size == 0 || packet->payload_size > FRAME_PAYLOAD_MAX ||
        test->count == ECHO_SLOTS)
        return;
    struct echo *echo = &test->echoes[(test->first + test->count++) % ECHO_SLOTS];
    echo->due_us = arrival_us + LINE_TEST_ECHO_MS * 1000;
    echo->timestamp = packet->timestamp;
    echo->size = (uint16_t)packet->payload_size;
    memcpy(echo->payload, packet->payload, packet->payload_size);
}

/* The peer's clock goes on where this leg's sound stood, so that its gaps stay gaps. */
static void send_echo(struct line_test *test, const struct echo *echo)
{
    if (!test->has_echoed) {
        test->peer_start = echo->timestamp;
        test->own_start = leg_audio_clock(test->leg) + FRAME_SAMPLES;
    }
    test->frame.marker = !test->has_echoed;
    test->has_echoed = true;
    test->frame.timestamp = test->own_start + (echo->timestamp - test->peer_start);
    test->frame.level_dbov = -1;
    test->frame.size = echo->size;
    memcpy(test->frame.payload, echo->payload, echo->size);
    leg_send_frame(test->leg, &test->frame);
    test->echoed++;
}

static void send_echoes(struct line_test *test, int64_t now_us)
{
    while (test->count > 0 && test->echoes[test->first].due_us <= now_us) {
        send_echo(test, &test->echoes[test->first]);
        test->first = (test->first + 1) % ECHO_SLOTS;
        test->count--;
    }
}

/* ---- probes ---- */

static void answer_ping(struct line_test *test, const struct probe *ping, int64_t arrival_us)
{
    uint8_t bytes[PROBE_SIZE];
    test->pings++;
    if (ping->number >= test->pings_end && ping->number < UINT32_MAX)
        test->pings_end = ping->number + 1;
    struct probe pong = {
        .kind = PROBE_PONG,
        .step = test->step,
        .number = test->pongs++,
        .sent_us = (uint64_t)clock_monotonic_us(),
        .ping_number = ping->number,
        .ping_arrived_us = (uint64_t)arrival_us,
        .pings = test->pings,
        .load_packets = test->step_packets,
        .load_bytes = test->step_bytes,
    };
    probe_write(&pong, bytes);
    leg_send_probe(test->leg, bytes, sizeof bytes);
}

static void count_load(struct line_test *test, const struct probe *probe, size_t size)
{
    if (probe->step != test->step)
        test->step_packets = test->step_bytes = 0;
    test->step = probe->step;
    test->step_packets++;
    test->step_bytes += (uint32_t)size;
}

/* A peer cannot ask for more than it was granted, whatever it says: neither rate nor time. */
static void begin_load(struct line_test *test, const struct probe *ask)
{
    int64_t now_us = clock_monotonic_us();
    int64_t length_us = MIN((int64_t)ask->milliseconds * 1000, test->load_left_us);
    if (ask->step == test->load.step || length_us <= 0 || test->config.load_kbps_max == 0)
        return;
    test->load_left_us -= length_us;
    test->load = (struct load){
        .step = ask->step,
        .kbps = MIN(ask->kbps, test->config.load_kbps_max),
        .from_us = now_us,
        .until_us = now_us + length_us,
    };
}

static void send_load(struct line_test *test, int64_t now_us)
{
    uint8_t bytes[PROBE_SIZE_MAX] = {0};
    struct load *load = &test->load;
    if (now_us >= load->until_us)
        return;
    uint64_t due = (uint64_t)(now_us - load->from_us) * load->kbps / 8000;
    /* A turn that came late is not made up for: a burst would say nothing of the line. */
    uint64_t late = (uint64_t)LOAD_LATE_US * load->kbps / 8000 + sizeof bytes;
    if (due > load->sent_bytes + late)
        load->sent_bytes = due - late;
    while (load->sent_bytes + sizeof bytes <= due) {
        struct probe probe = {.kind = PROBE_LOAD,
                              .step = load->step,
                              .number = load->number++,
                              .sent_us = (uint64_t)now_us};
        probe_write(&probe, bytes);
        leg_send_probe(test->leg, bytes, sizeof bytes);
        load->sent_bytes += sizeof bytes;
    }
}

static void take_probe(struct line_test *test, const struct rtp_packet *packet, int64_t arrival_us)
{
    struct probe probe;
    if (!probe_parse(&probe, packet->payload, packet->payload_size))
        return;
    if (probe.kind == PROBE_PING)
        answer_ping(test, &probe, arrival_us);
    else if (probe.kind == PROBE_LOAD)
        count_load(test, &probe, packet->payload_size);
    else if (probe.kind == PROBE_ASK)
        begin_load(test, &probe);
}

void line_test_take(struct line_test *test, unsigned medium, const struct rtp_packet *packet,
                    int64_t arrival_us)
{
    if (test->is_over)
        return;
    if (medium == LEG_MEDIUM_PROBE)
        take_probe(test, packet, arrival_us);
    else if (medium == LEG_MEDIUM_AUDIO)
        keep_sound(test, packet, arrival_us);
}

/* ---- life ---- */

static gboolean on_turn(gpointer data)
{
    struct line_test *test = data;
    int64_t now_us = clock_monotonic_us();
    if (now_us - test->begun_us >= (int64_t)test->config.seconds * 1000000) {
        test->is_over = true;
        test->ended(test->arg);
        return G_SOURCE_REMOVE;
    }
    send_echoes(test, now_us);
    send_load(test, now_us);
    return G_SOURCE_CONTINUE;
}

struct line_test *line_test_new(struct shard *shard, struct leg *leg,
                                const struct line_test_config *config, void (*ended)(void *arg),
                                void *arg)
{
    struct line_test *test = g_new0(struct line_test, 1);
    test->leg = leg;
    test->config = *config;
    test->config.seconds = CLAMP(config->seconds, 1, LINE_TEST_SECONDS_MAX);
    test->config.load_kbps_max = MIN(config->load_kbps_max, LINE_TEST_KBPS_MAX);
    test->ended = ended;
    test->arg = arg;
    test->begun_us = clock_monotonic_us();
    test->load_left_us = (int64_t)LINE_TEST_LOAD_SECONDS * 1000000;
    test->echoes = g_new(struct echo, ECHO_SLOTS);
    leg_counters(leg, &test->before);
    if (config->peer_ssrc != 0)
        leg_open_probe(leg, config->ssrc, config->peer_ssrc);
    test->timer = g_timeout_source_new(TURN_MS);
    g_source_set_callback(test->timer, on_turn, test, NULL);
    g_source_attach(test->timer, shard_context(shard));
    return test;
}

void line_test_free(struct line_test *test)
{
    if (test == NULL)
        return;
    leg_close_probe(test->leg);
    g_source_destroy(test->timer);
    g_source_unref(test->timer);
    g_free(test->echoes);
    g_free(test);
}

void line_test_measure(const struct line_test *test, struct line_test_measures *measures)
{
    struct leg_counters now;
    leg_counters(test->leg, &now);
    *measures = (struct line_test_measures){
        .milliseconds = (unsigned)((clock_monotonic_us() - test->begun_us) / 1000),
        .sound_packets = now.rtp_received - test->before.rtp_received,
        .sound_lost =
            now.rtp_lost > test->before.rtp_lost ? now.rtp_lost - test->before.rtp_lost : 0,
        .jitter_us = now.jitter_us,
        .rtt_us = now.rtt_us,
        .pings = test->pings,
        .pings_lost = test->pings_end > test->pings ? test->pings_end - test->pings : 0,
        .echo_frames = test->echoed,
    };
}
