#include "bridge/audio/source.h"

#include "bridge/audio/decode.h"
#include "bridge/audio/jitter.h"
#include "bridge/audio/level.h"
#include "bridge/transport/shard.h"

#include <string.h>

#define QUIET_DBOV (-50)
#define CROSSFADE  240 /* 5 ms */

struct hearing {
    struct jitter *jitter;
    struct decoder *decoder;
    int16_t ready[MIXER_FRAME + JITTER_FRAME_MAX]; /* decoded, not yet read */
    unsigned ready_count;
    bool has_skipped; /* `skipped` is how the frame began that was left out here */
    int16_t skipped[CROSSFADE];
};

static struct hearing *hearing_new(void)
{
    struct hearing *hearing = g_new0(struct hearing, 1);
    hearing->jitter = jitter_new();
    hearing->decoder = decoder_new();
    return hearing;
}

static void hearing_free(struct hearing *hearing)
{
    if (hearing == NULL)
        return;
    jitter_free(hearing->jitter);
    decoder_free(hearing->decoder);
    g_free(hearing);
}

struct source *source_new(const char *leg, struct inbox *inbox, int bitrate_bps, int complexity)
{
    struct source *source = g_new0(struct source, 1);
    source->leg = g_strdup(leg);
    source->feed.stream = stream_id_new();
    if (inbox != NULL) {
        source->inbox = inbox_ref(inbox);
        source->feed.encoder = encoder_new(bitrate_bps, complexity);
        source->hearing = hearing_new();
    }
    return source;
}

void source_free(struct source *source)
{
    if (source == NULL)
        return;
    inbox_unref(source->inbox);
    encoder_free(source->feed.encoder);
    hearing_free(source->hearing);
    g_free(source->leg);
    g_free(source);
}

void source_open(struct source *source)
{
    if (source->inbox == NULL)
        return;
    while (inbox_pop(source->inbox) != NULL)
        inbox_release(source->inbox);
    inbox_set_open(source->inbox, true);
}

void source_close(struct source *source)
{
    if (source->inbox != NULL)
        inbox_set_open(source->inbox, false);
}

void source_receive(struct source *source, int64_t now, bool has_jumped)
{
    const struct inbox_packet *packet;
    if (source->inbox == NULL)
        return;
    while ((packet = inbox_pop(source->inbox)) != NULL) {
        jitter_push(source->hearing->jitter, now, packet);
        inbox_release(source->inbox);
    }
    if (has_jumped)
        jitter_catch_up(source->hearing->jitter);
}

/* ---- from packets to samples ---- */

/* From the frame that was left out over to the one that is played in its place. */
static void crossfade(struct hearing *hearing, int16_t *samples, unsigned count)
{
    for (unsigned i = 0; i < CROSSFADE && i < count; i++) {
        float share = (float)i / CROSSFADE;
        float mixed = (float)samples[i] * share + (float)hearing->skipped[i] * (1 - share);
        samples[i] = (int16_t)mixed;
    }
    hearing->has_skipped = false;
}

/* Whether to leave out a decoded frame, to shorten the delay. */
static bool skip(struct hearing *hearing, const struct jitter_frame *frame, const int16_t *samples)
{
    if (frame->surplus == JITTER_NEEDED || frame->samples < CROSSFADE)
        return false;
    if (frame->surplus == JITTER_SKIP_IF_QUIET && level_dbov(samples, frame->samples) > QUIET_DBOV)
        return false;
    memcpy(hearing->skipped, samples, sizeof hearing->skipped);
    hearing->has_skipped = true;
    jitter_skipped(hearing->jitter);
    return true;
}

static void make_sound(struct hearing *hearing, const struct jitter_frame *frame, int16_t *samples,
                       struct source_reading *reading)
{
    const uint8_t *payload = frame->packet != NULL ? frame->packet->payload : NULL;
    size_t size = frame->packet != NULL ? frame->packet->size : 0;
    uint64_t calls = decoder_calls(hearing->decoder);
    switch (frame->kind) {
    case JITTER_PACKET:
        if (frame->is_first)
            decoder_reset(hearing->decoder);
        if (!decoder_decode(hearing->decoder, payload, size, samples, frame->samples))
            reading->concealed++;
        break;
    case JITTER_LOST:
        decoder_conceal(hearing->decoder, payload, size, samples, frame->samples);
        reading->concealed++;
        break;
    case JITTER_EMPTY:
        decoder_rest(hearing->decoder, samples, frame->samples);
        break;
    }
    reading->decodes += (unsigned)(decoder_calls(hearing->decoder) - calls);
}

struct source_reading source_read(struct source *source, int64_t now, int16_t samples[MIXER_FRAME],
                                  source_packet on_packet, void *arg)
{
    struct hearing *hearing = source->hearing;
    struct source_reading reading = {0};
    if (hearing == NULL) {
        memset(samples, 0, MIXER_FRAME * sizeof *samples);
        return reading;
    }
    reading.has_sound = hearing->ready_count > 0;
    while (hearing->ready_count < MIXER_FRAME) {
        struct jitter_frame frame;
        int16_t *end = hearing->ready + hearing->ready_count;
        jitter_pop(hearing->jitter, now, &frame);
        make_sound(hearing, &frame, end, &reading);
        if (skip(hearing, &frame, end))
            continue;
        if (hearing->has_skipped)
            crossfade(hearing, end, frame.samples);
        if (frame.kind == JITTER_PACKET && on_packet != NULL)
            on_packet(source, now + hearing->ready_count, frame.packet, arg);
        hearing->ready_count += frame.samples;
    }
    reading.has_sound |= reading.decodes > 0;
    hearing->ready_count -= MIXER_FRAME;
    memcpy(samples, hearing->ready, MIXER_FRAME * sizeof *samples);
    memmove(hearing->ready, hearing->ready + MIXER_FRAME,
            hearing->ready_count * sizeof *hearing->ready);
    return reading;
}
