#include "tests/unit/bridge/room.h"

#include "bridge/audio/level.h"

#include <math.h>
#include <opus.h>
#include <stdarg.h>
#include <string.h>

#define RATE          48000
#define FRAME_SAMPLES 960
#define FRAME_US      20000
#define FRAMES        16
#define THERE_DBFS    (-30.0)

struct room {
    struct hall *hall;
    char *name;
    unsigned frequency;
    double amplitude;
    /* The shard's. */
    struct leg *leg;
    OpusEncoder *encoder;
    OpusDecoder *decoder;
    GSource *timer;
    struct frame_pool *pool;
    uint32_t samples_sent;
    int16_t hearing[ROOM_HEARD];
    size_t heard;
    bool is_listening;
    char *description;
    struct room_probes probes, probes_seen; /* seen: a copy for the test */
    struct probe probe;                     /* to be sent */
    uint32_t probe_peer;
    /* The test's. */
    enum leg_state state;
    char *state_told, *sound_told;
    bool is_offered; /* the bridge knows the leg */
    GPtrArray *held; /* candidates to be told once it does */
    bool is_done;
    bool has_heard;
};

/* ---- between the threads ---- */

struct room_call {
    struct room *room;
    void (*run)(struct room *room);
};

static void finish_call(void *arg)
{
    struct room *room = arg;
    room->is_done = true;
}

static void run_call(void *arg)
{
    struct room_call *call = arg;
    call->run(call->room);
    queue_post(call->room->hall->queue, finish_call, call->room);
}

/* Runs something on the shard and waits for it. */
static void on_shard(struct room *room, void (*run)(struct room *room))
{
    struct room_call call = {room, run};
    room->is_done = false;
    shard_post(room->hall->shard, run_call, &call);
    while (!room->is_done)
        g_main_context_iteration(NULL, TRUE);
}

/* ---- the leg's news ---- */

struct news {
    struct room *room;
    enum leg_state state;
    char *candidate;
};

static void take_state(void *arg)
{
    struct news *news = arg;
    news->room->state = news->state;
    g_free(news);
}

static void on_state(struct leg *leg, enum leg_state state, void *arg)
{
    struct room *room = arg;
    struct news *news = g_new0(struct news, 1);
    (void)leg;
    *news = (struct news){room, state, NULL};
    queue_post(room->hall->queue, take_state, news);
}

static void tell_candidate(struct room *room, const char *candidate)
{
    wire_call(room->hall->bridge.wire, "leg.candidate",
              json_pack("{s:s, s:s, s:s, s:s}", "conference", "demo", "leg", room->name,
                        "candidate", candidate, "mid", "0"),
              NULL, NULL);
}

static void take_candidate(void *arg)
{
    struct news *news = arg;
    if (news->room->is_offered)
        tell_candidate(news->room, news->candidate);
    else
        g_ptr_array_add(news->room->held, g_strdup(news->candidate));
    g_free(news->candidate);
    g_free(news);
}

static void on_candidate(struct leg *leg, const char *candidate, const char *mid, void *arg)
{
    struct room *room = arg;
    struct news *news = g_new0(struct news, 1);
    (void)leg;
    (void)mid;
    *news = (struct news){room, LEG_NEW, g_strdup(candidate)};
    queue_post(room->hall->queue, take_candidate, news);
}

static void take_hearing(void *arg)
{
    struct room *room = arg;
    room->has_heard = true;
}

static void take_probe(struct room *room, const struct rtp_packet *packet)
{
    struct probe probe;
    g_assert_true(probe_parse(&probe, packet->payload, packet->payload_size));
    if (probe.kind == PROBE_PONG) {
        room->probes.pongs++;
        room->probes.last_pong = probe;
    } else {
        g_assert_cmpint(probe.kind, ==, PROBE_LOAD);
        room->probes.loads++;
        room->probes.load_bytes += packet->payload_size;
    }
}

static void on_rtp(struct leg *leg, unsigned medium, const struct rtp_packet *packet,
                   int64_t arrival_us, void *arg)
{
    struct room *room = arg;
    int16_t samples[FRAME_SAMPLES];
    (void)leg;
    (void)arrival_us;
    if (medium == LEG_MEDIUM_PROBE) {
        take_probe(room, packet);
        return;
    }
    g_assert_cmpuint(medium, ==, LEG_MEDIUM_AUDIO);
    int count = opus_decode(room->decoder, packet->payload, (opus_int32)packet->payload_size,
                            samples, FRAME_SAMPLES, 0);
    g_assert_cmpint(count, ==, FRAME_SAMPLES);
    if (!room->is_listening)
        return;
    memcpy(room->hearing + room->heard, samples, sizeof samples);
    room->heard += FRAME_SAMPLES;
    if (room->heard < ROOM_HEARD)
        return;
    room->is_listening = false;
    queue_post(room->hall->queue, take_hearing, room);
}

/* ---- sending ---- */

static void send_tone(struct room *room)
{
    int16_t samples[FRAME_SAMPLES];
    struct frame *frame = frame_pool_take(room->pool);
    for (unsigned i = 0; i < FRAME_SAMPLES; i++) {
        double phase = 2 * M_PI * room->frequency * (room->samples_sent + i) / RATE;
        samples[i] = (int16_t)lrint(32767 * room->amplitude * sin(phase));
    }
    int size =
        opus_encode(room->encoder, samples, FRAME_SAMPLES, frame->payload, sizeof frame->payload);
    g_assert_cmpint(size, >, 0);
    frame->timestamp = room->samples_sent;
    frame->level_dbov = (int8_t)-level_dbov(samples, FRAME_SAMPLES);
    frame->voice = true;
    frame->size = (uint16_t)size;
    leg_send_frame(room->leg, frame);
    frame_unref(frame);
    room->samples_sent += FRAME_SAMPLES;
}

/* Paced by the clock, as a sound card is: a timeout that counts from its last call is slower, and
 * the bridge then has to conceal what is late. */
static gboolean on_pace(GSource *source, GSourceFunc call, gpointer data)
{
    (void)call;
    send_tone(data);
    g_source_set_ready_time(source, g_source_get_ready_time(source) + FRAME_US);
    return G_SOURCE_CONTINUE;
}

static void start_sending(struct room *room)
{
    static GSourceFuncs pace = {.dispatch = on_pace};
    if (room->frequency == 0)
        return;
    room->timer = g_source_new(&pace, sizeof(GSource));
    g_source_set_callback(room->timer, G_SOURCE_FUNC(send_tone), room, NULL);
    g_source_set_ready_time(room->timer, g_get_monotonic_time());
    g_source_attach(room->timer, shard_context(room->hall->shard));
}

/* ---- joining ---- */

static void make_leg(struct room *room)
{
    g_autoptr(GError) error = NULL;
    struct leg_config config = {.role = LEG_OFFERER,
                                .name = room->name,
                                .handlers = {on_state, on_candidate, on_rtp},
                                .arg = room};
    int fault = 0;
    room->encoder = opus_encoder_create(RATE, 1, OPUS_APPLICATION_AUDIO, &fault);
    room->decoder = opus_decoder_create(RATE, 1, &fault);
    room->pool = frame_pool_new(FRAMES);
    room->leg = leg_new(room->hall->shard, &config, &error);
    g_assert_no_error(error);
    room->description = leg_offer(room->leg, false, &error);
    g_assert_no_error(error);
}

static void accept_answer(struct room *room)
{
    g_autoptr(GError) error = NULL;
    leg_accept_answer(room->leg, room->description, &error);
    g_assert_no_error(error);
    g_clear_pointer(&room->description, g_free);
}

struct remote_candidate {
    struct room *room;
    char *candidate;
};

static void add_candidate(void *arg)
{
    struct remote_candidate *remote = arg;
    if (remote->room->leg != NULL)
        leg_add_candidate(remote->room->leg, remote->candidate, "0");
    g_free(remote->candidate);
    g_free(remote);
}

static struct room *find_room(const struct hall *hall, const char *name)
{
    for (unsigned i = 0; i < hall->rooms->len; i++) {
        struct room *room = hall->rooms->pdata[i];
        if (g_strcmp0(room->name, name) == 0)
            return room;
    }
    return NULL;
}

static void on_notified(const char *method, const json_t *params, void *arg)
{
    struct hall *hall = arg;
    struct room *room = find_room(hall, json_string_value(json_object_get(params, "leg")));
    g_assert_cmpstr(json_string_value(json_object_get(params, "conference")), ==, "demo");
    if (strcmp(method, "recording.failed") == 0) {
        g_assert_nonnull(json_string_value(json_object_get(params, "why")));
        hall->recording_failures++;
    }
    if (strcmp(method, "line.ended") == 0) {
        json_decref(hall->line_ended);
        hall->line_ended = json_deep_copy(params);
    }
    if (room == NULL)
        return;
    if (strcmp(method, "leg.state") == 0) {
        g_free(room->state_told);
        room->state_told = g_strdup(json_string_value(json_object_get(params, "state")));
    } else if (strcmp(method, "leg.sound") == 0) {
        g_free(room->sound_told);
        room->sound_told = g_strdup(json_string_value(json_object_get(params, "state")));
    } else if (strcmp(method, "leg.candidate") == 0) {
        struct remote_candidate *remote = g_new(struct remote_candidate, 1);
        const char *candidate = json_string_value(json_object_get(params, "candidate"));
        *remote = (struct remote_candidate){room, g_strdup(candidate)};
        shard_post(hall->shard, add_candidate, remote);
    }
}

static void offer(struct room *room)
{
    json_t *answer = bridge_call(&room->hall->bridge, "leg.offer",
                                 json_pack("{s:s, s:s, s:s}", "conference", "demo", "leg",
                                           room->name, "sdp", room->description));
    g_free(room->description);
    room->description = g_strdup(json_string_value(json_object_get(answer, "sdp")));
    g_assert_nonnull(room->description);
    json_decref(answer);
    room->is_offered = true;
    for (unsigned i = 0; i < room->held->len; i++)
        tell_candidate(room, room->held->pdata[i]);
}

struct room *room_join(struct hall *hall, const char *leg, unsigned frequency, double amplitude)
{
    struct room *room = g_new0(struct room, 1);
    room->hall = hall;
    room->name = g_strdup(leg);
    room->state_told = g_strdup("");
    room->frequency = frequency;
    room->amplitude = amplitude;
    room->held = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(hall->rooms, room);
    on_shard(room, make_leg);
    offer(room);
    on_shard(room, accept_answer);
    while (room->state != LEG_CONNECTED) {
        g_assert_cmpint(room->state, !=, LEG_FAILED);
        g_main_context_iteration(NULL, TRUE);
    }
    on_shard(room, start_sending);
    return room;
}

static void free_leg(struct room *room)
{
    if (room->timer != NULL) {
        g_source_destroy(room->timer);
        g_source_unref(room->timer);
    }
    g_clear_pointer(&room->leg, leg_free);
    opus_encoder_destroy(room->encoder);
    opus_decoder_destroy(room->decoder);
    frame_pool_free(room->pool);
}

void room_leave(struct room *room)
{
    on_shard(room, free_leg);
    g_ptr_array_remove(room->hall->rooms, room);
    g_ptr_array_unref(room->held);
    g_free(room->state_told);
    g_free(room->sound_told);
    g_free(room->name);
    g_free(room);
}

const char *room_sound_told(const struct room *room)
{
    return room->sound_told != NULL ? room->sound_told : "";
}

const char *room_state_told(const struct room *room)
{
    return room->state_told;
}

/* ---- hearing ---- */

static void start_listening(struct room *room)
{
    room->heard = 0;
    room->is_listening = true;
}

double room_hear(struct room *room, unsigned frequency)
{
    room->has_heard = false;
    on_shard(room, start_listening);
    while (!room->has_heard)
        g_main_context_iteration(NULL, TRUE);
    return level_goertzel(room->hearing, ROOM_HEARD, RATE, frequency);
}

void room_await_tone(struct room *room, unsigned frequency)
{
    while (room_hear(room, frequency) < THERE_DBFS)
        continue;
}

/* ---- line tests ---- */

static void open_probe(struct room *room)
{
    leg_open_probe(room->leg, ROOM_PROBE_SSRC, room->probe_peer);
}

void room_open_probe(struct room *room, uint32_t peer_ssrc)
{
    room->probe_peer = peer_ssrc;
    on_shard(room, open_probe);
}

static void send_probe(struct room *room)
{
    uint8_t bytes[PROBE_SIZE];
    probe_write(&room->probe, bytes);
    g_assert_true(leg_send_probe(room->leg, bytes, sizeof bytes));
}

void room_send_probe(struct room *room, const struct probe *probe)
{
    room->probe = *probe;
    on_shard(room, send_probe);
}

static void copy_probes(struct room *room)
{
    room->probes_seen = room->probes;
}

void room_get_probes(struct room *room, struct room_probes *probes)
{
    on_shard(room, copy_probes);
    *probes = room->probes_seen;
}

/* ---- the hall ---- */

void hall_open(struct hall *hall)
{
    bridge_open(&hall->bridge);
    hall->bridge.notified = on_notified;
    hall->bridge.arg = hall;
    hall->shard = shard_new(0);
    hall->queue = queue_new();
    hall->rooms = g_ptr_array_new();
    hall->recording_failures = 0;
    hall->line_ended = NULL;
    queue_attach(hall->queue, NULL);
    bridge_do(&hall->bridge, "conference.create",
              json_pack("{s:s, s:s}", "conference", "demo", "name", "Hội nghị thử"));
}

void hall_close(struct hall *hall)
{
    while (hall->rooms->len > 0)
        room_leave(hall->rooms->pdata[0]);
    shard_free(hall->shard);
    queue_free(hall->queue);
    g_ptr_array_unref(hall->rooms);
    json_decref(hall->line_ended);
    bridge_close(&hall->bridge);
}

void hall_set_floor(struct hall *hall, const char *first, ...)
{
    json_t *speakers = json_array();
    va_list names;
    va_start(names, first);
    for (const char *leg = first; leg != NULL; leg = va_arg(names, const char *))
        json_array_append_new(speakers, json_pack("{s:s, s:s}", "leg", leg, "name", leg));
    va_end(names);
    bridge_do(&hall->bridge, "conference.floor",
              json_pack("{s:s, s:o}", "conference", "demo", "speakers", speakers));
}

json_int_t hall_counter(struct hall *hall, const char *leg, const char *name)
{
    json_t *stats = bridge_call(&hall->bridge, "bridge.stats", NULL);
    json_t *conference = json_array_get(json_object_get(stats, "conferences"), 0);
    json_int_t value = -1;
    size_t index;
    json_t *entry;
    if (leg == NULL)
        value = json_integer_value(json_object_get(conference, name));
    json_array_foreach (json_object_get(conference, "legs"), index, entry) {
        if (g_strcmp0(json_string_value(json_object_get(entry, "leg")), leg) == 0)
            value = json_integer_value(json_object_get(entry, name));
    }
    json_decref(stats);
    return value;
}
