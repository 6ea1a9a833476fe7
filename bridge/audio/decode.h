/* One speaker's Opus decoder: 48 kHz mono, whatever the sender's channels and bandwidth. Loss is
 * made up by in-band FEC or concealment (RFC 6716 section 4.4), and faded away when it lasts.
 * Sound begins and ends without a click.
 *
 * Thread: one owner. Memory: nothing is allocated after decoder_new(). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct decoder;

struct decoder *decoder_new(void);
void decoder_free(struct decoder *decoder);

/* What follows is of another sender. */
void decoder_reset(struct decoder *decoder);

/* Each of these makes exactly `count` samples (a multiple of 120, at most 5760). */

/* A packet, which lasts `count` samples (jitter_pop() says how many). One that cannot be decoded is
 * concealed; false then. */
bool decoder_decode(struct decoder *decoder, const uint8_t *packet, size_t size, int16_t *samples,
                    unsigned count);
/* A lost packet; `next` is the one after it, NULL when that is not there. What is concealed without
 * a packet between is faded from 40 ms on and is silence after 120 ms. */
void decoder_conceal(struct decoder *decoder, const uint8_t *next, size_t size, int16_t *samples,
                     unsigned count);
/* Nothing was sent: silence, after 5 ms of fading if there was sound before. */
void decoder_rest(struct decoder *decoder, int16_t *samples, unsigned count);

/* How often Opus has been called. */
uint64_t decoder_calls(const struct decoder *decoder);
