/* Live sound on its way out: samples from a device's thread, encoded by the media thread.
 *
 * Thread: microphone_push() on the device's thread; microphone_take() on the media thread. */
#pragma once

#include "client/room/clip.h"

struct microphone;

struct microphone *microphone_new(void);
void microphone_free(struct microphone *microphone);

/* 20 ms at 48 kHz mono; dropped when the media thread is behind. */
void microphone_push(struct microphone *microphone, const int16_t samples[960]);
/* The next packet, valid until the next call; false when there is none. */
bool microphone_take(struct microphone *microphone, struct clip_packet *packet);
