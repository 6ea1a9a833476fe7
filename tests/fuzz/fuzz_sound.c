/* What a leg may send as sound, through the jitter buffer and the decoder to the mix. The input is
 * a row of packets: ticks before it, steps of the sequence number and of the timestamp (in 10 ms),
 * size, payload. */
#include "tests/fuzz/fuzz.h"

#include "bridge/audio/source.h"

#include <assert.h>
#include <string.h>

static void check_packet(int64_t time_samples, const struct inbox_packet *packet, void *arg)
{
    int64_t *last = arg;
    assert(packet->size > 0 && packet->size <= INBOX_PAYLOAD_MAX);
    assert(time_samples >= *last);
    *last = time_samples;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct inbox *inbox = inbox_new();
    struct source_config config = {32000, 0, {.loudness_lufs = -23, .gain_max_db = 30}};
    struct source *source = source_new("leg", inbox, &config);
    struct inbox_packet packet = {.ssrc = 1};
    int32_t samples[MIXER_FRAME];
    int64_t now = 0, last = 0;
    source_open(source);
    while (size >= 4) {
        unsigned ticks = bytes[0] & 0x0f;
        packet.ssrc ^= bytes[0] >> 7;
        packet.sequence_number = (uint16_t)(packet.sequence_number + (int8_t)bytes[1]);
        packet.timestamp += (uint32_t)((int8_t)bytes[2] * 480);
        packet.size = bytes[3] < size - 4 ? bytes[3] : (uint16_t)(size - 4);
        memcpy(packet.payload, bytes + 4, packet.size);
        bytes += 4 + packet.size;
        size -= 4 + packet.size;
        inbox_push(inbox, &packet);
        for (unsigned i = 0; i < ticks; i++, now += MIXER_FRAME) {
            source_receive(source, now, i > 12);
            struct playout_order order = {
                .now = now, .decodes = i % 8 != 7, .on_packet = check_packet, .arg = &last};
            source_read(source, &order, samples);
        }
    }
    source_free(source);
    inbox_unref(inbox);
    return 0;
}
