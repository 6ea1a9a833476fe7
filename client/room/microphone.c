#include "client/room/microphone.h"

#include "bridge/audio/level.h"
#include "common/ring.h"

#include <opus.h>
#include <string.h>

#define FRAME_SAMPLES 960
#define FRAMES        4 /* what the media thread is behind by more than 80 ms is not said */

struct microphone {
    int16_t frames[FRAMES][FRAME_SAMPLES];
    struct ring *free_frames, *filled;
    OpusEncoder *encoder;
    uint8_t opus[1200];
};

struct microphone *microphone_new(void)
{
    int error;
    struct microphone *microphone = g_new0(struct microphone, 1);
    microphone->free_frames = ring_new(FRAMES);
    microphone->filled = ring_new(FRAMES);
    for (unsigned i = 0; i < FRAMES; i++)
        ring_push(microphone->free_frames, microphone->frames[i]);
    microphone->encoder = opus_encoder_create(48000, 1, OPUS_APPLICATION_VOIP, &error);
    if (error != OPUS_OK)
        g_error("no Opus encoder: %s", opus_strerror(error));
    opus_encoder_ctl(microphone->encoder, OPUS_SET_BITRATE(32000));
    opus_encoder_ctl(microphone->encoder, OPUS_SET_INBAND_FEC(1));
    opus_encoder_ctl(microphone->encoder, OPUS_SET_PACKET_LOSS_PERC(10));
    return microphone;
}

void microphone_free(struct microphone *microphone)
{
    if (microphone == NULL)
        return;
    ring_free(microphone->filled, NULL);
    ring_free(microphone->free_frames, NULL);
    opus_encoder_destroy(microphone->encoder);
    g_free(microphone);
}

void microphone_push(struct microphone *microphone, const int16_t samples[960])
{
    int16_t *frame = ring_pop(microphone->free_frames);
    if (frame == NULL)
        return;
    memcpy(frame, samples, FRAME_SAMPLES * sizeof *frame);
    ring_push(microphone->filled, frame);
}

bool microphone_take(struct microphone *microphone, struct clip_packet *packet)
{
    int16_t *frame = ring_pop(microphone->filled);
    if (frame == NULL)
        return false;
    int size = opus_encode(microphone->encoder, frame, FRAME_SAMPLES, microphone->opus,
                           sizeof microphone->opus);
    packet->opus = microphone->opus;
    packet->size = size > 0 ? (size_t)size : 0;
    packet->level = (uint8_t)-level_dbov(frame, FRAME_SAMPLES);
    ring_push(microphone->free_frames, frame);
    return size > 0;
}
