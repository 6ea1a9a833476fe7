#include "bridge/audio/encode.h"

#include <glib.h>
#include <opus/opus.h>
#include <string.h>

#define EXPECTED_LOSS_PERCENT 10
#define SILENCE_MAX           200
#define SETTLING              10 /* frames of silence after which every packet is the same */
#define TAIL                  3  /* frames until the sound's end is out of the codec */
#define WELCOME               2

struct encoder {
    OpusEncoder *opus;
    uint64_t calls;
    unsigned silent_frames; /* in a row, encoded or not; stops at TAIL */
    unsigned welcome;       /* frames that still have to stand alone */
    size_t silence_size;
    uint8_t silence[SILENCE_MAX];
};

static void set_up(OpusEncoder *opus, int bitrate_bps, int complexity)
{
    opus_encoder_ctl(opus, OPUS_SET_BITRATE(CLAMP(bitrate_bps, 6000, 128000)));
    opus_encoder_ctl(opus, OPUS_SET_COMPLEXITY(CLAMP(complexity, 0, 10)));
    opus_encoder_ctl(opus, OPUS_SET_INBAND_FEC(1));
    opus_encoder_ctl(opus, OPUS_SET_PACKET_LOSS_PERC(EXPECTED_LOSS_PERCENT));
    opus_encoder_ctl(opus, OPUS_SET_DTX(0));
}

/* Encodes silence until it settles: gives the packet of silence and leaves the encoder where a
 * listener's decoder is that has heard only it. */
static void prepare_silence(struct encoder *encoder)
{
    static const int16_t zeros[ENCODER_FRAME];
    int size = 0;
    for (unsigned i = 0; i < SETTLING; i++)
        size = opus_encode(encoder->opus, zeros, ENCODER_FRAME, encoder->silence, SILENCE_MAX);
    if (size <= 0)
        g_error("Opus cannot encode silence: %s", opus_strerror(size));
    encoder->silence_size = (size_t)size;
    encoder->silent_frames = TAIL;
}

struct encoder *encoder_new(int bitrate_bps, int complexity)
{
    struct encoder *encoder = g_new0(struct encoder, 1);
    int error;
    encoder->opus = opus_encoder_create(48000, 1, OPUS_APPLICATION_VOIP, &error);
    if (encoder->opus == NULL)
        g_error("no Opus encoder: %s", opus_strerror(error));
    set_up(encoder->opus, bitrate_bps, complexity);
    prepare_silence(encoder);
    return encoder;
}

void encoder_free(struct encoder *encoder)
{
    if (encoder == NULL)
        return;
    opus_encoder_destroy(encoder->opus);
    g_free(encoder);
}

static void set_prediction(struct encoder *encoder, bool is_on)
{
    opus_encoder_ctl(encoder->opus, OPUS_SET_PREDICTION_DISABLED(is_on ? 0 : 1));
}

void encoder_welcome(struct encoder *encoder)
{
    encoder->welcome = WELCOME;
    set_prediction(encoder, false);
}

static size_t give_silence(const struct encoder *encoder, uint8_t *packet)
{
    memcpy(packet, encoder->silence, encoder->silence_size);
    return encoder->silence_size;
}

size_t encoder_encode(struct encoder *encoder, const int16_t samples[ENCODER_FRAME], bool is_silent,
                      uint8_t *packet, size_t capacity)
{
    g_assert(capacity >= SILENCE_MAX);
    if (encoder->welcome == 0)
        set_prediction(encoder, true);
    else
        encoder->welcome--;
    if (is_silent && encoder->silent_frames == TAIL)
        return give_silence(encoder, packet);
    encoder->silent_frames = is_silent ? encoder->silent_frames + 1 : 0;
    encoder->calls++;
    int size = opus_encode(encoder->opus, samples, ENCODER_FRAME, packet, (opus_int32)capacity);
    return size > 0 ? (size_t)size : give_silence(encoder, packet);
}

uint64_t encoder_calls(const struct encoder *encoder)
{
    return encoder->calls;
}
