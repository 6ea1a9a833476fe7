/* One signal's Opus encoder: 48 kHz mono, 20 ms packets, in-band FEC.
 *
 * The application is VOIP: with it Opus 1.3 stays with SILK and hybrid for any signal at these
 * rates, which alone carry in-band FEC (RFC 6716 section 2.1.7). Measured at 32 kb/s, each of up to
 * three steady tones at once still comes through within 1 dB. The expected loss is set to 10 %, so
 * that FEC is always there for rooms on bad lines. No DTX: a steady stream shows at once that the
 * line is alive.
 *
 * Opus works as hard on digital silence as on speech. So only the first frames of silence are
 * encoded, until the sound's tail is out of the codec; then the same prepared packet is given again
 * and again. The encoder's state is then that of a decoder which has got those packets, so sound
 * comes back without a click.
 *
 * Thread: one owner. Memory: nothing is allocated after encoder_new(). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENCODER_FRAME 960 /* samples */

struct encoder;

/* `bitrate_bps` is held to 6000…128000, `complexity` to 0…10. */
struct encoder *encoder_new(int bitrate_bps, int complexity);
void encoder_free(struct encoder *encoder);

/* Legs are about to change to this stream from another one: the next two packets stand alone, so
 * that a decoder that comes in midway follows at once. */
void encoder_welcome(struct encoder *encoder);

/* Writes the packet of one frame; `is_silent`: all of it is zero. Returns its size, at most
 * `capacity` (which must hold 200 bytes). */
size_t encoder_encode(struct encoder *encoder, const int16_t samples[ENCODER_FRAME], bool is_silent,
                      uint8_t *packet, size_t capacity);

/* How often Opus has been called since encoder_new(). */
uint64_t encoder_calls(const struct encoder *encoder);
