/* What a leg may send as pictures in H264: packets to frames. The input is a row of packets: step
 * of the sequence number, flags (marker, new timestamp, time passes), size, payload. */
#include "tests/fuzz/fuzz.h"

#include "bridge/video/wire/assembler.h"

#include <assert.h>

struct check {
    bool has_begun;
    uint64_t frames;
};

static void check_frame(struct coded_frame *frame, int64_t arrival_us, void *arg)
{
    struct check *check = arg;
    (void)arrival_us;
    assert(frame->is_key || check->has_begun);
    assert(!frame->is_restart || frame->is_key);
    assert(frame->size > 0 && frame->size <= CODED_SIZE_MAX && frame->width > 0);
    check->has_begun = true;
    check->frames++;
    coded_frame_unref(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct check check = {0};
    struct assembler *assembler = assembler_new(CODED_H264, check_frame, &check);
    uint16_t sequence_number = 0;
    uint32_t timestamp = 0;
    int64_t now_us = 1;
    while (size >= 3) {
        size_t payload = bytes[2] < size - 3 ? bytes[2] : size - 3;
        sequence_number = (uint16_t)(sequence_number + (int8_t)bytes[0]);
        timestamp += bytes[1] & 2;
        if ((bytes[1] & 4) != 0)
            assembler_tick(assembler, now_us += 100000);
        assembler_push(assembler, sequence_number, timestamp, (bytes[1] & 1) != 0, bytes + 3,
                       payload, now_us);
        bytes += 3 + payload;
        size -= 3 + payload;
    }
    assert(assembler_counters(assembler)->frames == check.frames);
    assembler_free(assembler);
    return 0;
}
