/* The encoder and the decoder against each other. */
#include "bridge/audio/decode.h"
#include "bridge/audio/encode.h"
#include "bridge/audio/level.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FRAME   ENCODER_FRAME
#define SECONDS 2
#define FRAMES  (50 * SECONDS)

struct codec {
    struct encoder *encoder;
    struct decoder *decoder;
    uint8_t packet[1200];
    size_t size;
};

static void codec_begin(struct codec *codec)
{
    codec->encoder = encoder_new(32000, 5);
    codec->decoder = decoder_new();
}

static void codec_end(struct codec *codec)
{
    encoder_free(codec->encoder);
    decoder_free(codec->decoder);
}

static void tones(int16_t *samples, int index, double amplitude, const double *frequencies,
                  unsigned count)
{
    for (int i = 0; i < FRAME; i++) {
        double sum = 0;
        for (unsigned t = 0; t < count; t++)
            sum += amplitude * sin(2 * M_PI * frequencies[t] * (index * FRAME + i) / 48000);
        samples[i] = (int16_t)lrint(sum);
    }
}

static void encode_tone(struct codec *codec, int index, double amplitude)
{
    static const double frequency = 440;
    int16_t in[FRAME];
    tones(in, index, amplitude, &frequency, 1);
    codec->size =
        encoder_encode(codec->encoder, in, amplitude <= 0, codec->packet, sizeof codec->packet);
    g_assert_cmpuint(codec->size, >, 2);
}

static void decode(struct codec *codec, int16_t *out)
{
    g_assert_true(decoder_decode(codec->decoder, codec->packet, codec->size, out, FRAME));
}

static int largest_step(const int16_t *samples, unsigned count)
{
    int largest = 0;
    for (unsigned i = 1; i < count; i++)
        largest = MAX(largest, abs(samples[i] - samples[i - 1]));
    return largest;
}

static void three_tones_come_through_within_1_db(void)
{
    static const double frequencies[] = {440, 700, 1000};
    static int16_t out[FRAMES * FRAME];
    struct codec codec;
    int16_t in[FRAME];
    codec_begin(&codec);
    for (int i = 0; i < FRAMES; i++) {
        tones(in, i, 3276.7, frequencies, 3);
        codec.size = encoder_encode(codec.encoder, in, false, codec.packet, sizeof codec.packet);
        decode(&codec, out + i * FRAME);
    }
    for (int t = 0; t < 3; t++)
        g_assert_cmpfloat_with_epsilon(level_goertzel(out + 48000, 48000, 48000, frequencies[t]),
                                       -20, 1);
    g_assert_cmpfloat(level_goertzel(out + 48000, 48000, 48000, 1300), <, -60);
    codec_end(&codec);
}

static void silence_is_not_encoded(void)
{
    struct codec codec;
    int16_t out[FRAME];
    codec_begin(&codec);
    for (int i = 0; i < 100; i++) {
        encode_tone(&codec, i, 0);
        decode(&codec, out);
        g_assert_cmpint(level_peak(out, FRAME), <=, 2);
    }
    g_assert_cmpuint(encoder_calls(codec.encoder), ==, 0);
    for (int i = 0; i < 100; i++)
        encode_tone(&codec, i, i < 10 ? 10000 : 0);
    g_assert_cmpuint(encoder_calls(codec.encoder), <=, 13);
    codec_end(&codec);
}

static void sound_comes_and_goes_without_a_click(void)
{
    static int16_t out[60 * FRAME];
    struct codec codec;
    codec_begin(&codec);
    for (int i = 0; i < 60; i++) {
        int16_t in[FRAME];
        static const double frequency = 200;
        bool is_on = (i >= 5 && i < 20) || (i >= 40);
        tones(in, i, is_on ? 10000 : 0, &frequency, 1);
        codec.size = encoder_encode(codec.encoder, in, !is_on, codec.packet, sizeof codec.packet);
        decode(&codec, out + i * FRAME);
    }
    int natural = (int)(10000 * 2 * M_PI * 200 / 48000);
    g_assert_cmpint(largest_step(out, 60 * FRAME), <, 3 * natural);
    g_assert_cmpint(level_peak(out + 25 * FRAME, 14 * FRAME), <=, 2);
    g_assert_cmpfloat(level_goertzel(out + 50 * FRAME, 10 * FRAME, 48000, 200), >, -12);
    codec_end(&codec);
}

/* What is lost differs from what came before, so that it cannot be guessed. */
static void a_lost_frame_is_restored_by_fec(void)
{
    static const double before = 440, after = 1500;
    static int16_t out[FRAME];
    struct codec codec;
    int16_t in[FRAME];
    codec_begin(&codec);
    for (int i = 0; i < 32; i++) {
        tones(in, i, 10000, i < 30 ? &before : &after, 1);
        codec.size = encoder_encode(codec.encoder, in, false, codec.packet, sizeof codec.packet);
        if (i < 30)
            decode(&codec, out);
    }
    decoder_conceal(codec.decoder, codec.packet, codec.size, out, FRAME); /* 31 tells of 30 */
    /* The codec's delay leaves two thirds of the frame to it; concealment has none of it (-80). */
    g_assert_cmpfloat(level_goertzel(out, FRAME, 48000, after), >, -35);
    codec_end(&codec);
}

static void concealment_fades_to_exact_silence(void)
{
    static int16_t out[20 * FRAME];
    struct codec codec;
    codec_begin(&codec);
    for (int i = 0; i < 10; i++) {
        encode_tone(&codec, i, 10000);
        decode(&codec, out + i * FRAME);
    }
    for (int i = 10; i < 20; i++)
        decoder_conceal(codec.decoder, NULL, 0, out + i * FRAME, FRAME);
    g_assert_cmpint(level_peak(out + 10 * FRAME, FRAME), >, 3000);
    g_assert_cmpint(level_peak(out + 16 * FRAME, 4 * FRAME), ==, 0);
    g_assert_cmpint(largest_step(out + 9 * FRAME, 11 * FRAME), <, 2000);
    uint64_t calls = decoder_calls(codec.decoder);
    decoder_conceal(codec.decoder, NULL, 0, out, FRAME);
    g_assert_cmpuint(decoder_calls(codec.decoder), ==, calls);
    codec_end(&codec);
}

static void rest_ends_sound_without_a_click(void)
{
    static int16_t out[12 * FRAME];
    struct codec codec;
    codec_begin(&codec);
    for (int i = 0; i < 10; i++) {
        encode_tone(&codec, i, 10000);
        decode(&codec, out + i * FRAME);
    }
    decoder_rest(codec.decoder, out + 10 * FRAME, FRAME);
    decoder_rest(codec.decoder, out + 11 * FRAME, FRAME);
    g_assert_cmpint(largest_step(out, 12 * FRAME), <, 1500);
    g_assert_cmpint(level_peak(out + 10 * FRAME + 240, 2 * FRAME - 240), ==, 0);
    /* And when it goes on it begins softly. */
    encode_tone(&codec, 10, 10000);
    decode(&codec, out);
    g_assert_cmpint(abs(out[0]), <, 100);
    codec_end(&codec);
}

static void a_reset_forgets_the_sender_before(void)
{
    struct codec one, other;
    int16_t after[FRAME], fresh[FRAME];
    codec_begin(&one);
    codec_begin(&other);
    for (int i = 0; i < 10; i++) {
        encode_tone(&one, i, 10000);
        decode(&one, after);
    }
    decoder_reset(one.decoder);
    for (int i = 0; i < 3; i++) {
        encode_tone(&other, i, 3000);
        decode(&other, fresh);
        g_assert_true(decoder_decode(one.decoder, other.packet, other.size, after, FRAME));
        g_assert_cmpmem(after, sizeof after, fresh, sizeof fresh);
    }
    codec_end(&one);
    codec_end(&other);
}

static void what_is_not_opus_is_concealed(void)
{
    struct codec codec;
    int16_t out[FRAME];
    static const uint8_t broken[] = {0xff, 0xff, 0xff, 0xff};
    codec_begin(&codec);
    g_assert_false(decoder_decode(codec.decoder, broken, sizeof broken, out, FRAME));
    g_assert_cmpint(level_peak(out, FRAME), ==, 0);
    encode_tone(&codec, 0, 10000);
    /* A packet that lasts longer than was said. */
    g_assert_false(decoder_decode(codec.decoder, codec.packet, codec.size, out, 480));
    codec_end(&codec);
}

static double energy_of_difference(const int16_t *a, const int16_t *b)
{
    double energy = 0;
    for (int i = 0; i < FRAME; i++)
        energy += (double)(a[i] - b[i]) * (a[i] - b[i]);
    return energy;
}

/* A leg is moved from one stream to another: what it hears is compared with what one hears that has
 * been on the other all along. */
static void a_decoder_that_comes_in_midway_follows_at_once(void)
{
    struct codec one, other;
    int16_t moved[FRAME], stayed[FRAME];
    static const int16_t silence[FRAME];
    codec_begin(&one);
    codec_begin(&other);
    for (int i = 0; i < 50; i++) {
        encode_tone(&one, i, 10000);
        decode(&one, moved);
        encode_tone(&other, i, 3000);
        decode(&other, stayed);
    }
    encoder_welcome(other.encoder);
    for (int i = 50; i < 55; i++) {
        encode_tone(&other, i, 3000);
        decode(&other, stayed);
        g_assert_true(decoder_decode(one.decoder, other.packet, other.size, moved, FRAME));
        if (i > 50)
            g_assert_cmpfloat(energy_of_difference(moved, stayed), <,
                              energy_of_difference(stayed, silence) / 1000);
    }
    codec_end(&one);
    codec_end(&other);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/codec/" #name, name)
    ADD(three_tones_come_through_within_1_db);
    ADD(silence_is_not_encoded);
    ADD(sound_comes_and_goes_without_a_click);
    ADD(a_lost_frame_is_restored_by_fec);
    ADD(concealment_fades_to_exact_silence);
    ADD(rest_ends_sound_without_a_click);
    ADD(a_reset_forgets_the_sender_before);
    ADD(what_is_not_opus_is_concealed);
    ADD(a_decoder_that_comes_in_midway_follows_at_once);
    return g_test_run();
}
