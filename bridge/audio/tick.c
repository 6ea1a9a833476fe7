#include "bridge/audio/tick.h"

#include "bridge/audio/level.h"
#include "bridge/transport/shard.h"
#include "common/ring.h"

#include <string.h>

#define RETIRED_MAX 64 /* rosters on their way back; more wait for the next tick */
#define VOICE_DBOV  (-50)

struct tick {
    struct tick_config config;
    struct feed listeners; /* everyone without the floor */
    struct mixer mixer;
    int64_t time; /* of the last run; -1: none yet */

    struct roster *roster;
    bool has_new_roster;
    struct roster *leaving; /* replaced since the last run: to be faded out in the next one */
    struct roster *done;    /* to be handed back */
    struct ring *retired;   /* to the main thread */

    struct recorder *recorder;
    int64_t recorder_start;         /* -1: has had no frame yet */
    const struct roster *announced; /* whom it knows to be speaking; NULL: nobody */

    struct tick_counters counters;
};

static void count(atomic_uint_fast64_t *counter, uint64_t more)
{
    atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

/* ---- life ---- */

static void free_list(struct roster *roster)
{
    while (roster != NULL) {
        struct roster *next = roster->next;
        roster_free_retired(roster);
        roster = next;
    }
}

struct tick *tick_new(const struct tick_config *config)
{
    struct tick *tick = g_new0(struct tick, 1);
    tick->config = *config;
    tick->listeners.stream = stream_id_new();
    tick->listeners.encoder = encoder_new(config->bitrate_bps, config->complexity);
    tick->roster = roster_new(NULL, NULL, 0, NULL);
    tick->retired = ring_new(RETIRED_MAX);
    tick->time = -1;
    tick->recorder_start = -1;
    return tick;
}

void tick_free(struct tick *tick)
{
    struct roster *roster;
    if (tick == NULL)
        return;
    while ((roster = tick_take_retired(tick)) != NULL)
        roster_free_retired(roster);
    free_list(tick->leaving);
    free_list(tick->done);
    roster_free_last(tick->roster);
    ring_free(tick->retired, NULL);
    encoder_free(tick->listeners.encoder);
    g_free(tick);
}

uint32_t tick_listener_stream(const struct tick *tick)
{
    return tick->listeners.stream;
}

struct roster *tick_take_retired(struct tick *tick)
{
    return ring_pop(tick->retired);
}

const struct tick_counters *tick_counters(const struct tick *tick)
{
    return &tick->counters;
}

/* ---- who is heard ---- */

void tick_set_roster(struct tick *tick, struct roster *roster)
{
    struct roster *old = tick->roster;
    for (unsigned i = 0; i < old->count; i++) {
        struct roster_place *place = &old->places[i];
        place->is_leaving = !roster_has_source(roster, place->source);
        if (place->is_leaving)
            source_close(place->source);
    }
    /* After the closing: a leg that left and came back has the same inbox in a new source. */
    for (unsigned i = 0; i < roster->count; i++) {
        if (!roster_has_source(old, roster->places[i].source))
            source_open(roster->places[i].source);
    }
    old->next = tick->leaving;
    tick->leaving = old;
    tick->roster = roster;
    tick->has_new_roster = true;
}

/* Legs are on their way from one stream to another. */
static void welcome_legs(struct tick *tick)
{
    encoder_welcome(tick->listeners.encoder);
    for (unsigned i = 0; i < tick->roster->count; i++) {
        const struct source *source = tick->roster->places[i].source;
        if (source->inbox != NULL)
            encoder_welcome(source->feed.encoder);
    }
}

static void hand_back(struct tick *tick)
{
    while (tick->leaving != NULL) {
        struct roster *roster = tick->leaving;
        tick->leaving = roster->next;
        roster->next = tick->done;
        tick->done = roster;
    }
    while (tick->done != NULL) {
        struct roster *next = tick->done->next;
        if (!ring_push(tick->retired, tick->done))
            break;
        tick->done = next;
    }
}

/* ---- the recorder ---- */

static int64_t recorder_time(const struct tick *tick, int64_t time_samples)
{
    return time_samples - tick->recorder_start;
}

static bool is_announced(const struct roster *roster, const struct roster_place *place)
{
    for (unsigned i = 0; roster != NULL && i < roster->count; i++) {
        const struct roster_place *other = &roster->places[i];
        if (strcmp(other->source->leg, place->source->leg) == 0 &&
            strcmp(other->name, place->name) == 0)
            return true;
    }
    return false;
}

/* Tells the recorder who has stopped and who has begun to speak. */
static void announce(struct tick *tick, const struct roster *speaking, int64_t time_samples)
{
    const struct roster *before = tick->announced;
    for (unsigned i = 0; before != NULL && i < before->count; i++) {
        const struct roster_place *place = &before->places[i];
        if (!is_announced(speaking, place))
            recorder_speaker_end(tick->recorder, time_samples, place->source->leg);
    }
    for (unsigned i = 0; speaking != NULL && i < speaking->count; i++) {
        const struct roster_place *place = &speaking->places[i];
        if (!is_announced(before, place))
            recorder_speaker_begin(tick->recorder, time_samples, place->source->leg, place->name);
    }
    tick->announced = speaking;
}

void tick_set_recorder(struct tick *tick, struct recorder *recorder)
{
    if (tick->recorder != NULL && tick->announced != NULL)
        announce(tick, NULL, recorder_time(tick, tick->time + MIXER_FRAME));
    tick->recorder = recorder;
    tick->recorder_start = -1;
}

static void begin_recording(struct tick *tick)
{
    tick->recorder_start = tick->time;
    recorder_starts_at(tick->recorder, tick->config.epoch_us + tick->time * 20000 / MIXER_FRAME);
}

static void prepare_recorder(struct tick *tick)
{
    if (tick->recorder == NULL)
        return;
    bool is_first = tick->recorder_start < 0;
    if (is_first)
        begin_recording(tick);
    if (is_first || tick->has_new_roster)
        announce(tick, tick->roster, recorder_time(tick, tick->time));
}

struct record_order {
    struct tick *tick;
    const struct source *source;
};

static void record_packet(int64_t time_samples, const struct inbox_packet *packet, void *arg)
{
    const struct record_order *order = arg;
    recorder_speaker_packet(order->tick->recorder, recorder_time(order->tick, time_samples),
                            order->source->leg, packet->payload, packet->size);
}

/* ---- sound ---- */

static void receive(struct tick *tick, bool has_jumped)
{
    for (unsigned i = 0; i < tick->roster->count; i++)
        source_receive(tick->roster->places[i].source, tick->time, has_jumped);
}

/* Of those who may be heard, the loudest are. */
static void choose(struct tick *tick)
{
    struct candidate *candidates[AUDIO_MAX_SPEAKERS];
    unsigned count = 0;
    for (unsigned i = 0; i < tick->roster->count; i++) {
        struct source *source = tick->roster->places[i].source;
        if (source->inbox != NULL)
            candidates[count++] = &source->candidate;
    }
    loudest_choose(candidates, count, tick->config.max_decoded);
}

static void add_to_mix(struct tick *tick, struct source *source, bool is_leaving)
{
    int32_t samples[MIXER_FRAME];
    bool records = tick->recorder != NULL && !is_leaving;
    source->voice.is_open = !is_leaving && source->candidate.is_chosen;
    /* Who goes is decoded once more, to be faded out. */
    bool decodes = source->voice.is_open || source->voice.was_open;
    struct record_order record = {tick, source};
    struct playout_order order = {.now = tick->time,
                                  .decodes = decodes,
                                  .on_packet = records ? record_packet : NULL,
                                  .arg = &record};
    struct playout_reading reading = source_read(source, &order, samples);
    mixer_add(&tick->mixer, &source->voice, samples);
    count(&tick->counters.decodes, reading.decodes);
    count(&tick->counters.concealed, reading.concealed);
    count(&tick->counters.mixed_frames, reading.has_sound);
    count(&tick->counters.stretched, reading.stretched);
    count(&tick->counters.passed_over, !decodes);
}

static void send_feed(struct tick *tick, struct feed *feed, const struct voice *except)
{
    int16_t samples[MIXER_FRAME];
    bool has_sound = mixer_read(&tick->mixer, except, &feed->limiter, samples);
    struct frame *frame = frame_pool_take(tick->config.pool);
    if (frame == NULL) {
        count(&tick->counters.dropped_frames, 1);
        return;
    }
    int level = has_sound ? level_dbov(samples, MIXER_FRAME) : LEVEL_SILENCE_DBOV;
    uint64_t calls = encoder_calls(feed->encoder);
    frame->size = (uint16_t)encoder_encode(feed->encoder, samples, !has_sound, frame->payload,
                                           sizeof frame->payload);
    count(&tick->counters.encodes, encoder_calls(feed->encoder) - calls);
    frame->stream = feed->stream;
    frame->timestamp = (uint32_t)tick->time;
    frame->marker = false; /* no silence is left out, so no talkspurt begins (RFC 3551 4.1) */
    frame->level_dbov = (int8_t)-level;
    frame->voice = level > VOICE_DBOV;
    if (!tick->config.outlets.push(frame, tick->config.outlets.arg))
        count(&tick->counters.dropped_frames, 1);
    if (feed == &tick->listeners && tick->recorder != NULL)
        recorder_program(tick->recorder, recorder_time(tick, tick->time), frame);
    frame_unref(frame);
}

/* Calls `visit` for each source that this tick deals with: those who are heard, and those who are
 * faded out. */
static void each_source(struct tick *tick,
                        void (*visit)(struct tick *tick, struct source *source, bool is_leaving))
{
    for (unsigned i = 0; i < tick->roster->count; i++) {
        if (tick->roster->places[i].source->inbox != NULL)
            visit(tick, tick->roster->places[i].source, false);
    }
    for (struct roster *roster = tick->leaving; roster != NULL; roster = roster->next) {
        for (unsigned i = 0; i < roster->count; i++) {
            const struct roster_place *place = &roster->places[i];
            if (place->is_leaving && place->source->inbox != NULL)
                visit(tick, place->source, true);
        }
    }
}

/* Who leaves is sent this last one, so that he does not miss a frame on his way to the listeners'
 * stream. */
static void send_own_feed(struct tick *tick, struct source *source, bool is_leaving)
{
    (void)is_leaving;
    send_feed(tick, &source->feed, &source->voice);
}

void tick_run(struct tick *tick, int64_t time_samples)
{
    bool has_jumped = tick->time >= 0 && time_samples - tick->time > MIXER_FRAME;
    tick->time = time_samples;
    if (tick->has_new_roster)
        welcome_legs(tick);
    prepare_recorder(tick);
    tick->has_new_roster = false;
    receive(tick, has_jumped);
    choose(tick);
    mixer_begin(&tick->mixer);
    each_source(tick, add_to_mix);
    send_feed(tick, &tick->listeners, NULL);
    each_source(tick, send_own_feed);
    tick->config.outlets.flush(tick->config.outlets.arg);
    hand_back(tick);
    count(&tick->counters.ticks, 1);
}
