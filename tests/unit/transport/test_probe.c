#include "bridge/transport/probe.h"

#include <glib.h>
#include <string.h>

static const struct probe all = {
    .kind = PROBE_PONG,
    .step = 200,
    .number = 0xfedcba98,
    .sent_us = UINT64_MAX - 5,
    .ping_number = 7,
    .ping_arrived_us = 0x0102030405060708,
    .pings = 8,
    .load_packets = 9,
    .load_bytes = 10000,
    .kbps = 20000,
    .milliseconds = 2000,
};

static void what_is_written_is_read(void)
{
    uint8_t bytes[PROBE_SIZE], again[PROBE_SIZE];
    struct probe probe;
    probe_write(&all, bytes);
    g_assert_true(probe_parse(&probe, bytes, sizeof bytes));
    probe_write(&probe, again);
    g_assert_cmpmem(bytes, sizeof bytes, again, sizeof again);
    g_assert_cmpuint(probe.ping_arrived_us, ==, all.ping_arrived_us);
    g_assert_cmpuint(probe.load_bytes, ==, all.load_bytes);
    g_assert_cmpuint(probe.milliseconds, ==, all.milliseconds);
}

static void numbers_stand_where_the_protocol_says(void)
{
    uint8_t bytes[PROBE_SIZE];
    probe_write(&all, bytes);
    g_assert_cmpmem(bytes, 12, "NCP1\x02\xc8\x00\x00\xfe\xdc\xba\x98", 12);
    g_assert_cmpmem(bytes + 24, 8, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
    g_assert_cmpmem(bytes + 44, 8, "\x00\x00\x4e\x20\x00\x00\x07\xd0", 8);
}

static void what_is_no_probe_is_refused(void)
{
    uint8_t bytes[PROBE_SIZE];
    struct probe probe;
    probe_write(&all, bytes);
    for (size_t size = 0; size < PROBE_SIZE; size++)
        g_assert_false(probe_parse(&probe, bytes, size));
    bytes[4] = 0;
    g_assert_false(probe_parse(&probe, bytes, sizeof bytes));
    bytes[4] = PROBE_ASK + 1;
    g_assert_false(probe_parse(&probe, bytes, sizeof bytes));
    bytes[4] = PROBE_PING;
    bytes[3] = '2';
    g_assert_false(probe_parse(&probe, bytes, sizeof bytes));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/probe/what_is_written_is_read", what_is_written_is_read);
    g_test_add_func("/probe/numbers_stand_where_the_protocol_says",
                    numbers_stand_where_the_protocol_says);
    g_test_add_func("/probe/what_is_no_probe_is_refused", what_is_no_probe_is_refused);
    return g_test_run();
}
