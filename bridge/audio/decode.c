#include "bridge/audio/decode.h"

#include <glib.h>
#include <opus/opus.h>
#include <string.h>

#define FADE         240        /* 5 ms: at the beginning and the end of sound */
#define CONCEAL_FULL (40 * 48)  /* concealed sound keeps its loudness so long… */
#define CONCEAL_MAX  (120 * 48) /* …and is gone by then */

struct decoder {
    OpusDecoder *opus;
    uint64_t calls;
    unsigned concealed; /* samples since the last packet */
    bool is_silent;     /* the last sample made was zero for want of sound */
};

struct decoder *decoder_new(void)
{
    struct decoder *decoder = g_new0(struct decoder, 1);
    int error;
    decoder->opus = opus_decoder_create(48000, 1, &error);
    if (decoder->opus == NULL)
        g_error("no Opus decoder: %s", opus_strerror(error));
    decoder->is_silent = true;
    return decoder;
}

void decoder_free(struct decoder *decoder)
{
    if (decoder == NULL)
        return;
    opus_decoder_destroy(decoder->opus);
    g_free(decoder);
}

void decoder_reset(struct decoder *decoder)
{
    opus_decoder_ctl(decoder->opus, OPUS_RESET_STATE);
    decoder->concealed = 0;
    decoder->is_silent = true;
}

/* A straight line from gain `from` to `to` over the samples. */
static void ramp(int16_t *samples, unsigned count, float from, float to)
{
    float step = count > 0 ? (to - from) / (float)count : 0;
    for (unsigned i = 0; i < count; i++)
        samples[i] = (int16_t)((float)samples[i] * (from + step * (float)i));
}

static bool run_opus(struct decoder *decoder, const uint8_t *packet, size_t size, int16_t *samples,
                     unsigned count, bool fec)
{
    decoder->calls++;
    int made =
        opus_decode(decoder->opus, packet, (opus_int32)size, samples, (int)count, fec ? 1 : 0);
    return made == (int)count;
}

static void begin_sound(struct decoder *decoder, int16_t *samples, unsigned count)
{
    if (decoder->is_silent)
        ramp(samples, MIN(count, FADE), 0, 1);
    decoder->is_silent = false;
    decoder->concealed = 0;
}

static float conceal_gain(unsigned concealed)
{
    if (concealed <= CONCEAL_FULL)
        return 1;
    if (concealed >= CONCEAL_MAX)
        return 0;
    return (float)(CONCEAL_MAX - concealed) / (CONCEAL_MAX - CONCEAL_FULL);
}

static void make_up(struct decoder *decoder, int16_t *samples, unsigned count)
{
    if (decoder->is_silent || !run_opus(decoder, NULL, 0, samples, count, false)) {
        memset(samples, 0, count * sizeof *samples);
        decoder->is_silent = true;
        return;
    }
    unsigned done = 0;
    while (done < count) { /* in short pieces, each of which is near enough to a line */
        unsigned piece = MIN(count - done, 120);
        ramp(samples + done, piece, conceal_gain(decoder->concealed),
             conceal_gain(decoder->concealed + piece));
        decoder->concealed += piece;
        done += piece;
    }
    decoder->is_silent = decoder->concealed >= CONCEAL_MAX;
}

bool decoder_decode(struct decoder *decoder, const uint8_t *packet, size_t size, int16_t *samples,
                    unsigned count)
{
    if (!run_opus(decoder, packet, size, samples, count, false)) {
        make_up(decoder, samples, count);
        return false;
    }
    begin_sound(decoder, samples, count);
    return true;
}

void decoder_conceal(struct decoder *decoder, const uint8_t *next, size_t size, int16_t *samples,
                     unsigned count)
{
    if (next != NULL && run_opus(decoder, next, size, samples, count, true))
        begin_sound(decoder, samples, count);
    else
        make_up(decoder, samples, count);
}

void decoder_rest(struct decoder *decoder, int16_t *samples, unsigned count)
{
    unsigned tail = MIN(count, FADE);
    if (!decoder->is_silent && run_opus(decoder, NULL, 0, samples, tail, false)) {
        float gain = conceal_gain(decoder->concealed);
        ramp(samples, tail, gain, 0);
    } else {
        tail = 0;
    }
    memset(samples + tail, 0, (count - tail) * sizeof *samples);
    decoder->is_silent = true;
}

uint64_t decoder_calls(const struct decoder *decoder)
{
    return decoder->calls;
}
