#include "bridge/audio/playout.h"

#include "bridge/audio/decode.h"
#include "bridge/audio/level.h"
#include "bridge/audio/stretch.h"

#include <glib.h>
#include <string.h>

#define QUIET_DBOV (-50)

/* What may be stretched: in silence anything, in speech only what is clearly periodic. */
#define ALIKE_QUIET  0.2f
#define ALIKE_SPEECH 0.7f
#define ALIKE_HURRY  0.4f /* where the alternative is to run dry */
#define PERIOD       480  /* samples, 10 ms: less cannot be said twice in a voice */

struct playout {
    struct jitter *jitter;
    struct decoder *decoder;
    bool was_decoding;
    int16_t ready[PLAYOUT_FRAME + JITTER_FRAME_MAX + STRETCH_MAX]; /* decoded, not yet read */
    unsigned count;                                                /* in `ready` */
};

struct playout *playout_new(void)
{
    struct playout *playout = g_new0(struct playout, 1);
    playout->jitter = jitter_new();
    playout->decoder = decoder_new();
    return playout;
}

void playout_free(struct playout *playout)
{
    if (playout == NULL)
        return;
    jitter_free(playout->jitter);
    decoder_free(playout->decoder);
    g_free(playout);
}

enum jitter_fate playout_push(struct playout *playout, int64_t now,
                              const struct inbox_packet *packet)
{
    return jitter_push(playout->jitter, now, packet);
}

void playout_catch_up(struct playout *playout)
{
    jitter_catch_up(playout->jitter);
}

/* Makes the frame's samples at `samples`. */
static void decode(struct playout *playout, const struct jitter_frame *frame, int16_t *samples,
                   struct playout_reading *reading)
{
    const uint8_t *payload = frame->packet != NULL ? frame->packet->payload : NULL;
    size_t size = frame->packet != NULL ? frame->packet->size : 0;
    uint64_t calls = decoder_calls(playout->decoder);
    switch (frame->kind) {
    case JITTER_PACKET:
        if (frame->is_first)
            decoder_reset(playout->decoder);
        if (!decoder_decode(playout->decoder, payload, size, samples, frame->samples))
            reading->concealed++;
        break;
    case JITTER_LOST:
        decoder_conceal(playout->decoder, payload, size, samples, frame->samples);
        reading->concealed += !frame->is_pause;
        break;
    case JITTER_EMPTY:
        decoder_rest(playout->decoder, samples, frame->samples);
        break;
    }
    reading->decodes += (unsigned)(decoder_calls(playout->decoder) - calls);
}

/* How many samples longer the frame has become (less than 0: shorter). */
static int stretch(const struct jitter_frame *frame, int16_t *samples)
{
    bool is_quiet = level_dbov(samples, frame->samples) <= QUIET_DBOV;
    if (!is_quiet && !frame->stretches_speech)
        return 0;
    unsigned most = (unsigned)MIN(ABS(frame->stretch), STRETCH_MAX);
    if (frame->stretch < 0)
        return -(int)stretch_shorten(samples, frame->samples, most,
                                     is_quiet ? ALIKE_QUIET : ALIKE_SPEECH);
    return (int)stretch_lengthen(samples, frame->samples, MAX(most, PERIOD),
                                 is_quiet ? ALIKE_QUIET : ALIKE_HURRY);
}

/* The same for a frame that nobody hears. */
static int stretch_silence(const struct jitter_frame *frame)
{
    return CLAMP(frame->stretch, -(int)MIN(frame->samples, STRETCH_MAX), STRETCH_MAX);
}

static void play(struct playout *playout, const struct playout_order *order,
                 const struct jitter_frame *frame, struct playout_reading *reading)
{
    int16_t *end = playout->ready + playout->count;
    int longer = 0;
    if (order->decodes)
        decode(playout, frame, end, reading);
    else
        memset(end, 0, (frame->samples + STRETCH_MAX) * sizeof *end);
    if (frame->kind == JITTER_PACKET && order->on_packet != NULL)
        order->on_packet(order->now + playout->count, frame->packet, order->arg);
    if (frame->kind == JITTER_PACKET && frame->stretch != 0)
        longer = order->decodes ? stretch(frame, end) : stretch_silence(frame);
    if (longer != 0) {
        jitter_stretched(playout->jitter, longer);
        reading->stretched += order->decodes;
    }
    playout->count += (unsigned)((int)frame->samples + longer);
}

struct playout_reading playout_read(struct playout *playout, const struct playout_order *order,
                                    int16_t samples[PLAYOUT_FRAME])
{
    struct playout_reading reading = {.has_sound = playout->was_decoding && playout->count > 0};
    if (order->decodes && !playout->was_decoding)
        decoder_reset(playout->decoder);
    playout->was_decoding = order->decodes;
    while (playout->count < PLAYOUT_FRAME) {
        struct jitter_frame frame;
        jitter_pop(playout->jitter, order->now, &frame);
        play(playout, order, &frame, &reading);
    }
    reading.has_sound |= reading.decodes > 0;
    playout->count -= PLAYOUT_FRAME;
    memcpy(samples, playout->ready, PLAYOUT_FRAME * sizeof *samples);
    memmove(playout->ready, playout->ready + PLAYOUT_FRAME, playout->count * sizeof *samples);
    jitter_rest(playout->jitter, playout->count);
    return reading;
}

unsigned playout_delay(const struct playout *playout)
{
    return jitter_level(playout->jitter) + playout->count;
}
