#include "bridge/transport/red.h"

#include <glib.h>
#include <string.h>

static unsigned parse(const uint8_t *bytes, size_t size, struct red_block *blocks)
{
    struct rtp_packet packet = {
        .timestamp = 96000, .payload = bytes, .payload_size = size, .sequence_number = 7};
    return red_parse(&packet, blocks);
}

/* As Chromium sends it: the frame before, and its own. */
static void a_packet_carries_the_frame_before(void)
{
    struct red_block blocks[RED_BLOCKS_MAX];
    /* F, 111; offset 960 in 14 bits, length 3 in 10; then 111, and the frames. */
    static const uint8_t bytes[] = {0x80 | 111, 0x0f, 0x00, 0x03, 111, 'a', 'b', 'c', 'd', 'e'};
    g_assert_cmpuint(parse(bytes, sizeof bytes, blocks), ==, 2);
    g_assert_cmpuint(blocks[0].payload_type, ==, 111);
    g_assert_cmpuint(blocks[0].timestamp, ==, 96000 - 960);
    g_assert_cmpmem(blocks[0].payload, blocks[0].size, "abc", 3);
    g_assert_cmpuint(blocks[1].timestamp, ==, 96000);
    g_assert_cmpmem(blocks[1].payload, blocks[1].size, "de", 2);
}

static void a_packet_may_carry_no_other_frame(void)
{
    struct red_block blocks[RED_BLOCKS_MAX];
    static const uint8_t alone[] = {111, 'a'};
    static const uint8_t empty[] = {0x80 | 111, 0x0f, 0x00, 0x00, 111, 'a'};
    g_assert_cmpuint(parse(alone, sizeof alone, blocks), ==, 1);
    g_assert_cmpmem(blocks[0].payload, blocks[0].size, "a", 1);
    g_assert_cmpuint(parse(empty, sizeof empty, blocks), ==, 1);
    g_assert_cmpuint(blocks[0].timestamp, ==, 96000);
}

static void what_is_not_whole_is_nothing(void)
{
    struct red_block blocks[RED_BLOCKS_MAX];
    static const uint8_t whole[] = {0x80 | 111, 0x0f, 0x00, 0x03, 111, 'a', 'b', 'c'};
    uint8_t many[4 * (RED_BLOCKS_MAX + 1) + 1];
    for (size_t size = 0; size < sizeof whole; size++)
        g_assert_cmpuint(parse(whole, size, blocks), ==, 0);
    g_assert_cmpuint(parse(whole, sizeof whole, blocks), ==, 1); /* its own frame is empty */
    memset(many, 0, sizeof many);
    for (size_t i = 0; i + 4 < sizeof many; i += 4)
        many[i] = 0x80 | 111;
    g_assert_cmpuint(parse(many, sizeof many, blocks), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/red/a_packet_carries_the_frame_before", a_packet_carries_the_frame_before);
    g_test_add_func("/red/a_packet_may_carry_no_other_frame", a_packet_may_carry_no_other_frame);
    g_test_add_func("/red/what_is_not_whole_is_nothing", what_is_not_whole_is_nothing);
    return g_test_run();
}
