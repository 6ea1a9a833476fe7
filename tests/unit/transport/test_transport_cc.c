#include "bridge/transport/transport_cc.h"

#include <glib.h>
#include <string.h>

#define SIZE 1200

struct told {
    unsigned count;
    uint16_t numbers[2000];
    int64_t arrivals_us[2000];
};

static void take(uint16_t number, int64_t arrival_us, void *arg)
{
    struct told *told = arg;
    g_assert_cmpuint(told->count, <, 2000);
    told->numbers[told->count] = number;
    told->arrivals_us[told->count++] = arrival_us;
}

static bool read_bytes(const uint8_t *bytes, size_t size, struct told *told)
{
    struct rtcp_reader reader;
    struct rtcp_packet packet;
    g_assert_true(rtcp_reader_init(&reader, bytes, size));
    g_assert_true(rtcp_next(&reader, &packet));
    g_assert_cmpint(packet.kind, ==, RTCP_TRANSPORT_CC);
    return transport_cc_read(&packet, take, told);
}

static void what_came_is_told_with_its_times(void)
{
    struct transport_cc_log *log = g_new0(struct transport_cc_log, 1);
    struct told told = {0};
    uint8_t bytes[SIZE];
    size_t size;
    int64_t start_us = 5 * 64000 + 12000;
    /* Every third is lost, one comes late, and the numbers wrap. */
    for (unsigned i = 0; i < 600; i++) {
        if (i % 3 != 1 && i != 50)
            transport_cc_note(log, (uint16_t)(65300 + i), start_us + i * 1000);
    }
    transport_cc_note(log, (uint16_t)(65300 + 50), start_us + 60000);
    while ((size = transport_cc_write(log, bytes, SIZE, 1, 2)) > 0) {
        g_assert_cmpuint(size % 4, ==, 0);
        g_assert_true(read_bytes(bytes, size, &told));
    }
    g_assert_cmpuint(told.count, ==, 600);
    for (unsigned i = 0; i < 600; i++) {
        g_assert_cmpuint(told.numbers[i], ==, (uint16_t)(65300 + i));
        if (i % 3 == 1) {
            g_assert_cmpint(told.arrivals_us[i], ==, -1);
            continue;
        }
        int64_t came_us = i == 50 ? start_us + 60000 : start_us + i * 1000;
        g_assert_cmpint(ABS(told.arrivals_us[i] - came_us), <, 250);
    }
    g_assert_cmpuint(transport_cc_write(log, bytes, SIZE, 1, 2), ==, 0);
    transport_cc_note(log, 65301, start_us + 700000); /* told of as lost: too late */
    g_assert_cmpuint(transport_cc_write(log, bytes, SIZE, 1, 2), ==, 0);
    g_free(log);
}

static void a_pause_and_a_jump_are_survived(void)
{
    struct transport_cc_log *log = g_new0(struct transport_cc_log, 1);
    struct told told = {0};
    uint8_t bytes[SIZE];
    size_t size;
    transport_cc_note(log, 10, 1000000);
    transport_cc_note(log, 11, 31000000); /* more than a delta can tell */
    unsigned packets = 0;
    for (; (size = transport_cc_write(log, bytes, SIZE, 1, 2)) > 0; packets++)
        g_assert_true(read_bytes(bytes, size, &told));
    g_assert_cmpuint(packets, ==, 2);
    g_assert_cmpuint(told.count, ==, 2);
    transport_cc_note(log, 5000, 32000000);
    g_assert_cmpuint(transport_cc_write(log, bytes, SIZE, 1, 2), >, 0);
    g_assert_cmpuint(transport_cc_write(log, bytes, SIZE, 1, 2), ==, 0);
    g_free(log);
}

/* By hand from the draft's section 3.1: runs, one-bit vectors, both kinds of deltas. */
static void every_kind_of_chunk_is_read(void)
{
    static const uint8_t bytes[] = {
        0x8f, 205,  0,  9,  0,  0, 0, 1, 0, 0,    0,
        2,    0,    5,  0,  20, 0, 0, 2, 9, 0x20, 0x03, /* three of a small delta */
        0xa0, 0x02,                                     /* 14 of one bit: the first, the 13th */
        0x40, 0x03,                                     /* a run: of three large deltas */
        4,    8,    12, 16, 20,                         /* small */
        0xff, 0xfc, 0,  4,  1,  0,                      /* large: -4, 4, 256 */
        0};
    uint8_t whole[40];
    struct told told = {0};
    memset(whole, 0, sizeof whole);
    memcpy(whole, bytes, MIN(sizeof bytes, sizeof whole));
    g_assert_true(read_bytes(whole, sizeof whole, &told));
    g_assert_cmpuint(told.count, ==, 20);
    g_assert_cmpint(told.arrivals_us[0], ==, 128000 + 1000);
    g_assert_cmpint(told.arrivals_us[2], ==, 128000 + 6000);
    g_assert_cmpint(told.arrivals_us[3], ==, 128000 + 10000);
    g_assert_cmpint(told.arrivals_us[4], ==, -1);
    g_assert_cmpint(told.arrivals_us[15], ==, 128000 + 15000);
    g_assert_cmpint(told.arrivals_us[17], ==, 128000 + 14000);
}

static void feedback_that_is_cut_off_is_refused(void)
{
    uint8_t bytes[24] = {0x8f, 205, 0,    5,    0, 0, 0, 1, 0,    0,    0, 2,
                         0,    5,   0xff, 0xff, 0, 0, 2, 9, 0x3f, 0xff, 1, 2};
    struct told told = {0};
    g_assert_false(read_bytes(bytes, sizeof bytes, &told)); /* chunks for 65535 are not there */
    bytes[14] = 0;
    bytes[15] = 9; /* nine deltas, of which two are there */
    g_assert_false(read_bytes(bytes, sizeof bytes, &told));
    g_assert_cmpuint(told.count, <, 9);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/transport_cc/" #name, name)
    ADD(what_came_is_told_with_its_times);
    ADD(a_pause_and_a_jump_are_survived);
    ADD(every_kind_of_chunk_is_read);
    ADD(feedback_that_is_cut_off_is_refused);
    return g_test_run();
}
