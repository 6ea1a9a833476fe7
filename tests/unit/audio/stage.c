#include "tests/unit/audio/stage.h"

#include "bridge/audio/decode.h"
#include "bridge/audio/level.h"

#include <glib.h>
#include <math.h>
#include <string.h>

static bool take_frame(struct frame *frame, void *arg)
{
    struct stage *stage = arg;
    stage->pushed++;
    stage->timestamp = frame->timestamp;
    for (unsigned i = 0; i < stage->ear_count; i++) {
        struct ear *ear = stage->ears[i];
        if (ear->stream != frame->stream)
            continue;
        g_assert_cmpuint(ear->heard, <, STAGE_TICKS_MAX);
        g_assert_true(decoder_decode(ear->decoder, frame->payload, frame->size,
                                     ear->samples + ear->heard * STAGE_FRAME, STAGE_FRAME));
        ear->heard++;
        ear->frames++;
        ear->level_dbov = -frame->level_dbov;
    }
    return !stage->outlet_is_full;
}

static void take_flush(void *arg)
{
    struct stage *stage = arg;
    stage->flushed++;
}

double stage_frequency(unsigned room)
{
    return 300 + 100 * room;
}

struct stage *stage_new(void)
{
    return stage_new_tuned((struct audio_tuning){0});
}

struct stage *stage_new_tuned(struct audio_tuning tuning)
{
    struct stage *stage = g_new0(struct stage, 1);
    stage->tuning = tuning;
    stage->pool = frame_pool_new(128);
    struct tick_config config = {.outlets = {take_frame, take_flush, stage},
                                 .pool = stage->pool,
                                 .bitrate_bps = 32000,
                                 .complexity = 5,
                                 .max_decoded = tuning.max_decoded};
    stage->tick = tick_new(&config);
    for (unsigned i = 0; i < STAGE_ROOMS; i++) {
        struct room *room = &stage->rooms[i];
        g_snprintf(room->leg, sizeof room->leg, "room-%u", i);
        room->inbox = inbox_new();
        room->frequency = stage_frequency(i);
        room->amplitude = 3276.7;
        room->encoder = encoder_new(32000, 5);
    }
    return stage;
}

void stage_free(struct stage *stage)
{
    tick_free(stage->tick);
    for (unsigned i = 0; i < stage->ear_count; i++) {
        decoder_free(stage->ears[i]->decoder);
        g_free(stage->ears[i]);
    }
    for (unsigned i = 0; i < STAGE_ROOMS; i++) {
        inbox_unref(stage->rooms[i].inbox);
        encoder_free(stage->rooms[i].encoder);
    }
    frame_pool_free(stage->pool);
    g_free(stage);
}

void stage_floor(struct stage *stage, const char *rooms)
{
    struct audio_speaker speakers[STAGE_ROOMS];
    unsigned count = 0;
    for (; rooms[count] != '\0'; count++) {
        struct room *room = &stage->rooms[rooms[count] - '0'];
        speakers[count] =
            (struct audio_speaker){.leg = room->leg, .name = room->leg, .inbox = room->inbox};
    }
    struct source_config config = {32000, 5, stage->tuning};
    stage->roster = roster_new(stage->roster, speakers, count, &config);
    tick_set_roster(stage->tick, stage->roster);
}

uint32_t stage_stream(const struct stage *stage, unsigned room)
{
    for (unsigned i = 0; i < stage->roster->count; i++) {
        const struct source *source = stage->roster->places[i].source;
        if (strcmp(source->leg, stage->rooms[room].leg) == 0)
            return source->feed.stream;
    }
    g_assert_not_reached();
}

struct ear *stage_listen(struct stage *stage, uint32_t stream)
{
    struct ear *ear = g_new0(struct ear, 1);
    ear->stream = stream;
    ear->decoder = decoder_new();
    stage->ears[stage->ear_count++] = ear;
    return ear;
}

static void room_send(struct room *room, int64_t time)
{
    int16_t samples[STAGE_FRAME];
    struct inbox_packet packet = {
        .sequence_number = room->sequence_number++, .timestamp = (uint32_t)time, .ssrc = 1};
    for (int i = 0; i < STAGE_FRAME; i++) {
        double turn = room->frequency * (double)(time + i) / 48000;
        samples[i] = (int16_t)lrint(room->amplitude * sin(2 * M_PI * (turn - floor(turn))));
    }
    packet.level_dbov = level_dbov(samples, STAGE_FRAME);
    packet.size = (uint16_t)encoder_encode(room->encoder, samples, room->amplitude <= 0,
                                           packet.payload, sizeof packet.payload);
    if (!room->drops_next)
        inbox_push(room->inbox, &packet);
    room->drops_next = false;
}

void stage_send(struct stage *stage)
{
    for (unsigned i = 0; i < STAGE_ROOMS; i++)
        room_send(&stage->rooms[i], stage->time);
    for (unsigned i = 0; i < stage->ear_count; i++)
        stage->ears[i]->frames = 0;
}

void stage_run(struct stage *stage, unsigned ticks)
{
    while (ticks-- > 0) {
        stage_send(stage);
        tick_run(stage->tick, stage->time);
        roster_free_retired(tick_take_retired(stage->tick));
        stage->time += STAGE_FRAME;
    }
}

double ear_tone(const struct ear *ear, unsigned room, unsigned ticks)
{
    g_assert_cmpuint(ticks, <=, ear->heard);
    return level_goertzel(ear->samples + (ear->heard - ticks) * STAGE_FRAME, ticks * STAGE_FRAME,
                          48000, stage_frequency(room));
}
