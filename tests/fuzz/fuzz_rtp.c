#include "tests/fuzz/fuzz.h"

#include "bridge/transport/red.h"
#include "bridge/transport/rtp.h"

#include <assert.h>

/* Whatever is handed out must lie in the packet. */
static void assert_inside(const uint8_t *part, size_t part_size, const uint8_t *bytes, size_t size)
{
    assert(part >= bytes && part_size <= size && part <= bytes + (size - part_size));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct rtp_packet packet;
    rtp_demux(bytes, size);
    if (!rtp_parse(&packet, bytes, size))
        return 0;
    assert_inside(packet.payload, packet.payload_size, bytes, size);
    if (packet.extension != NULL)
        assert_inside(packet.extension, packet.extension_size, bytes, size);
    struct red_block blocks[RED_BLOCKS_MAX];
    unsigned count = red_parse(&packet, blocks);
    for (unsigned i = 0; i < count; i++)
        assert_inside(blocks[i].payload, blocks[i].size, packet.payload, packet.payload_size);
    for (unsigned id = 0; id <= 255; id++) {
        size_t element_size;
        int level_dbov;
        bool voice;
        const uint8_t *element = rtp_find_extension(&packet, (uint8_t)id, &element_size);
        if (element != NULL)
            assert_inside(element, element_size, packet.extension, packet.extension_size);
        if (rtp_read_audio_level(&packet, (uint8_t)id, &level_dbov, &voice))
            assert(level_dbov >= -127 && level_dbov <= 0);
    }
    return 0;
}
