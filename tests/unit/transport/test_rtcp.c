#include "bridge/transport/rtcp.h"

#include <glib.h>
#include <string.h>

static const struct rtcp_report_block block_of_two[2] = {
    {.ssrc = 0x11111111,
     .fraction_lost = 64,
     .cumulative_lost = -3,
     .highest_sequence_number = 0x0002fffe,
     .jitter = 480,
     .last_sender_report = 0xaabbccdd,
     .delay_since_last_report = 65536},
    {.ssrc = 0x22222222, .cumulative_lost = 0x7fffff},
};

static void assert_same_block(const struct rtcp_report_block *a, const struct rtcp_report_block *b)
{
    g_assert_cmphex(a->ssrc, ==, b->ssrc);
    g_assert_cmpuint(a->fraction_lost, ==, b->fraction_lost);
    g_assert_cmpint(a->cumulative_lost, ==, b->cumulative_lost);
    g_assert_cmphex(a->highest_sequence_number, ==, b->highest_sequence_number);
    g_assert_cmpuint(a->jitter, ==, b->jitter);
    g_assert_cmphex(a->last_sender_report, ==, b->last_sender_report);
    g_assert_cmpuint(a->delay_since_last_report, ==, b->delay_since_last_report);
}

/* The only packet of a datagram. */
static void read_only(struct rtcp_packet *packet, const uint8_t *bytes, size_t size)
{
    struct rtcp_reader reader;
    struct rtcp_packet further;
    g_assert_true(rtcp_reader_init(&reader, bytes, size));
    g_assert_true(rtcp_next(&reader, packet));
    g_assert_false(rtcp_next(&reader, &further));
}

static void a_written_compound_reads_back_the_same(void)
{
    struct rtcp_sender_info sender = {0x0123456789abcdef, 960, 50, 6000};
    struct rtcp_reader reader;
    struct rtcp_packet packet;
    uint8_t bytes[256];
    size_t size = rtcp_write_sender_report(bytes, sizeof bytes, 0xcafe, &sender, block_of_two, 2);
    g_assert_cmpuint(size, ==, 28 + 48);
    size += rtcp_write_description(bytes + size, sizeof bytes - size, 0xcafe, "điểm-cầu");
    size += rtcp_write_goodbye(bytes + size, sizeof bytes - size, 0xcafe);
    g_assert_true(rtcp_reader_init(&reader, bytes, size));

    g_assert_true(rtcp_next(&reader, &packet));
    g_assert_cmpint(packet.kind, ==, RTCP_SENDER_REPORT);
    g_assert_cmphex(packet.sender_ssrc, ==, 0xcafe);
    g_assert_cmphex(packet.report.sender.ntp_time, ==, 0x0123456789abcdef);
    g_assert_cmpuint(packet.report.sender.rtp_timestamp, ==, 960);
    g_assert_cmpuint(packet.report.sender.packet_count, ==, 50);
    g_assert_cmpuint(packet.report.sender.octet_count, ==, 6000);
    g_assert_cmpuint(packet.report.block_count, ==, 2);
    assert_same_block(&packet.report.blocks[0], &block_of_two[0]);
    assert_same_block(&packet.report.blocks[1], &block_of_two[1]);

    g_assert_true(rtcp_next(&reader, &packet));
    g_assert_cmpint(packet.kind, ==, RTCP_SOURCE_DESCRIPTION);
    g_assert_cmpmem(packet.description.cname, packet.description.cname_size, "điểm-cầu",
                    strlen("điểm-cầu"));
    g_assert_cmphex(packet.description.ssrc, ==, 0xcafe);

    g_assert_true(rtcp_next(&reader, &packet));
    g_assert_cmpint(packet.kind, ==, RTCP_GOODBYE);
    g_assert_cmpuint(packet.goodbye.ssrc_count, ==, 1);
    g_assert_cmphex(packet.goodbye.ssrcs[0], ==, 0xcafe);
    g_assert_false(rtcp_next(&reader, &packet));
}

static void a_receiver_report_reads_back_the_same(void)
{
    struct rtcp_packet packet;
    uint8_t bytes[64];
    size_t size = rtcp_write_receiver_report(bytes, sizeof bytes, 7, block_of_two, 1);
    read_only(&packet, bytes, size);
    g_assert_cmpint(packet.kind, ==, RTCP_RECEIVER_REPORT);
    g_assert_cmpuint(packet.sender_ssrc, ==, 7);
    assert_same_block(&packet.report.blocks[0], &block_of_two[0]);
}

static void cnames_of_every_length_fill_whole_words(void)
{
    char cname[RTCP_CNAME_MAX + 1] = "";
    for (size_t length = 0; length <= RTCP_CNAME_MAX; length++) {
        uint8_t bytes[300];
        struct rtcp_packet packet;
        size_t size = rtcp_write_description(bytes, sizeof bytes, 9, cname);
        g_assert_cmpuint(size % 4, ==, 0);
        g_assert_cmpuint(bytes[size - 1], ==, 0);
        g_autofree uint8_t *exact = g_memdup2(bytes, size);
        read_only(&packet, exact, size);
        g_assert_cmpint(packet.kind, ==, RTCP_SOURCE_DESCRIPTION);
        g_assert_cmpuint(packet.description.cname_size, ==, length);
        if (length < RTCP_CNAME_MAX)
            cname[length] = 'x';
    }
}

static void a_nack_names_each_lost_packet_once_over_the_wrap(void)
{
    static const uint16_t lost[] = {65530, 65531, 65535, 0, 10, 11, 2000};
    uint16_t found[32];
    uint8_t bytes[64];
    struct rtcp_packet packet;
    size_t size = rtcp_write_nack(bytes, sizeof bytes, 1, 2, lost, G_N_ELEMENTS(lost));
    g_assert_cmpuint(size, ==, 12 + 3 * 4); /* 65530 to 10, 11, 2000 */
    read_only(&packet, bytes, size);
    g_assert_cmpint(packet.kind, ==, RTCP_NACK);
    g_assert_cmpuint(packet.feedback.media_ssrc, ==, 2);
    unsigned count = rtcp_nack_read(&packet, found, G_N_ELEMENTS(found));
    g_assert_cmpmem(found, count * sizeof *found, lost, sizeof lost);
    g_assert_cmpuint(rtcp_nack_read(&packet, found, 3), ==, 3);
}

static void a_pli_reads_back_the_same(void)
{
    struct rtcp_packet packet;
    uint8_t bytes[12];
    read_only(&packet, bytes, rtcp_write_pli(bytes, sizeof bytes, 1, 0x77));
    g_assert_cmpint(packet.kind, ==, RTCP_PLI);
    g_assert_cmpuint(packet.sender_ssrc, ==, 1);
    g_assert_cmpuint(packet.feedback.media_ssrc, ==, 0x77);
}

static void reads_fir_remb_and_transport_cc(void)
{
    static const uint8_t bytes[] = {
        0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0,   0,   0,   9,   42, 0,    0,    0, /* FIR */
        0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E', 'M', 'B', 1,  0x0b, 0xd0, 0x90,
        0,    0,   0, 9, /* 250000 << 2 */
        0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 9, 0,   1,   0,   1,   0,  0,    1,    2,
        0x20, 1,   0, 0,
    };
    struct rtcp_reader reader;
    struct rtcp_packet packet;
    g_assert_true(rtcp_reader_init(&reader, bytes, sizeof bytes));
    g_assert_true(rtcp_next(&reader, &packet));
    g_assert_cmpint(packet.kind, ==, RTCP_FIR);
    g_assert_cmpuint(packet.fir.ssrc_count, ==, 1);
    g_assert_cmpuint(packet.fir.ssrcs[0], ==, 9);
    g_assert_cmpuint(packet.fir.command_sequence_numbers[0], ==, 42);
    g_assert_true(rtcp_next(&reader, &packet));
    g_assert_cmpint(packet.kind, ==, RTCP_REMB);
    g_assert_cmpuint(packet.remb.bitrate_bps, ==, 1000000);
    g_assert_cmpuint(packet.remb.ssrc_count, ==, 1);
    g_assert_cmpuint(packet.remb.ssrcs[0], ==, 9);
    g_assert_true(rtcp_next(&reader, &packet));
    g_assert_cmpint(packet.kind, ==, RTCP_TRANSPORT_CC);
    g_assert_cmpuint(packet.feedback.media_ssrc, ==, 9);
    g_assert_false(rtcp_next(&reader, &packet));
}

static void what_does_not_fit_its_length_is_passed_over(void)
{
    static const uint8_t bytes[] = {
        0x81, 201, 0, 1, 0, 0, 0, 1,                   /* RR of one block without it */
        0x81, 202, 0, 2, 0, 0, 0, 1, 1,   200, 'x', 0, /* CNAME of 200 bytes */
        0x9f, 203, 0, 1, 0, 0, 0, 1,                   /* BYE of 31, one there */
        0x81, 205, 0, 1, 0, 0, 0, 1,                   /* NACK without a source */
        0x80, 204, 0, 2, 0, 0, 0, 1, 'n', 'a', 'm', 'e', 0x81, 203, 0, 1, 0, 0, 0, 5,
    };
    struct rtcp_reader reader;
    struct rtcp_packet packet;
    g_assert_true(rtcp_reader_init(&reader, bytes, sizeof bytes));
    for (int i = 0; i < 5; i++) {
        g_assert_true(rtcp_next(&reader, &packet));
        g_assert_cmpint(packet.kind, ==, RTCP_OTHER);
    }
    g_assert_true(rtcp_next(&reader, &packet));
    g_assert_cmpint(packet.kind, ==, RTCP_GOODBYE);
    g_assert_cmpuint(packet.goodbye.ssrcs[0], ==, 5);
}

static void a_datagram_that_is_not_whole_is_refused_whole(void)
{
    struct rtcp_reader reader;
    uint8_t bytes[128];
    size_t report = rtcp_write_receiver_report(bytes, sizeof bytes, 7, block_of_two, 1);
    size_t size = report + rtcp_write_goodbye(bytes + report, sizeof bytes - report, 7);
    for (size_t cut = 0; cut < size; cut++) {
        g_autofree uint8_t *exact = g_memdup2(bytes, MAX(cut, 1));
        g_assert_cmpint(rtcp_reader_init(&reader, exact, cut), ==, cut == report);
    }
    bytes[report] = 0x41; /* version 1 */
    g_assert_false(rtcp_reader_init(&reader, bytes, size));
}

static void only_the_last_packet_may_be_padded(void)
{
    /* The first one would end with fitting padding if it said so. */
    uint8_t bytes[] = {0x81, 203, 0, 1, 0, 0, 0, 4, 0xa1, 203, 0, 2, 0, 0, 0, 8, 0, 0, 0, 4};
    struct rtcp_reader reader;
    struct rtcp_packet packet;
    g_assert_true(rtcp_reader_init(&reader, bytes, sizeof bytes));
    g_assert_true(rtcp_next(&reader, &packet));
    g_assert_true(rtcp_next(&reader, &packet));
    g_assert_cmpint(packet.kind, ==, RTCP_GOODBYE);
    g_assert_cmpuint(packet.goodbye.ssrcs[0], ==, 8);
    bytes[19] = 12; /* more than its body */
    g_assert_false(rtcp_reader_init(&reader, bytes, sizeof bytes));
    bytes[19] = 4;
    bytes[0] = 0xa1;
    g_assert_false(rtcp_reader_init(&reader, bytes, sizeof bytes));
}

static void writers_refuse_too_small_buffers(void)
{
    struct rtcp_sender_info sender = {0};
    uint16_t lost = 1;
    uint8_t bytes[76];
    g_assert_cmpuint(rtcp_write_sender_report(bytes, 75, 1, &sender, block_of_two, 2), ==, 0);
    g_assert_cmpuint(rtcp_write_sender_report(bytes, 76, 1, &sender, block_of_two, 2), ==, 76);
    g_assert_cmpuint(rtcp_write_receiver_report(bytes, 31, 1, block_of_two, 1), ==, 0);
    g_assert_cmpuint(rtcp_write_description(bytes, 15, 1, "12345"), ==, 0);
    g_assert_cmpuint(rtcp_write_description(bytes, 16, 1, "12345"), ==, 16);
    g_assert_cmpuint(rtcp_write_goodbye(bytes, 7, 1), ==, 0);
    g_assert_cmpuint(rtcp_write_nack(bytes, 15, 1, 2, &lost, 1), ==, 0);
    g_assert_cmpuint(rtcp_write_pli(bytes, 11, 1, 2), ==, 0);
}

/* RFC 3550 section 6.4.1, figure 2. */
static void round_trip_is_that_of_the_rfc_example(void)
{
    struct rtcp_report_block block = {.last_sender_report = 0xb7052000,
                                      .delay_since_last_report = 0x00054000};
    uint32_t round_trip_us;
    g_assert_true(rtcp_round_trip_us(&block, (uint64_t)0xb7108000 << 16, &round_trip_us));
    g_assert_cmpuint(round_trip_us, ==, 6125000);
}

static void impossible_round_trips_are_not_told(void)
{
    struct rtcp_report_block block = {.last_sender_report = 0};
    uint32_t round_trip_us;
    g_assert_false(rtcp_round_trip_us(&block, 1ull << 40, &round_trip_us));
    block.last_sender_report = 0x00020000; /* a second after `now` */
    g_assert_false(rtcp_round_trip_us(&block, 1ull << 32, &round_trip_us));
}

static void ntp_time_counts_from_1900(void)
{
    g_assert_cmphex(rtcp_ntp_time(0), ==, 0x83aa7e8000000000);
    g_assert_cmphex(rtcp_ntp_time(1500000), ==, 0x83aa7e8180000000);
}

static void key_frames_are_asked_for_by_number(void)
{
    uint8_t bytes[64];
    struct rtcp_reader reader;
    struct rtcp_packet packet;
    size_t size = rtcp_write_fir(bytes, sizeof bytes, 7, 9, 200);
    g_assert_cmpuint(rtcp_write_fir(bytes, size - 1, 7, 9, 200), ==, 0);
    g_assert_true(rtcp_reader_init(&reader, bytes, size) && rtcp_next(&reader, &packet));
    g_assert_cmpint(packet.kind, ==, RTCP_FIR);
    g_assert_cmpuint(packet.sender_ssrc, ==, 7);
    g_assert_cmpuint(packet.fir.ssrc_count, ==, 1);
    g_assert_cmpuint(packet.fir.ssrcs[0], ==, 9);
    g_assert_cmpuint(packet.fir.command_sequence_numbers[0], ==, 200);
}

static void an_estimate_is_told_for_its_sources(void)
{
    static const uint64_t rates[] = {0, 100000, 262143, 262144, 4000000, UINT64_C(10000000000)};
    for (size_t i = 0; i < G_N_ELEMENTS(rates); i++) {
        uint32_t ssrcs[] = {11, 12};
        uint8_t bytes[64];
        struct rtcp_reader reader;
        struct rtcp_packet packet;
        size_t size = rtcp_write_remb(bytes, sizeof bytes, 7, rates[i], ssrcs, 2);
        g_assert_true(rtcp_reader_init(&reader, bytes, size) && rtcp_next(&reader, &packet));
        g_assert_cmpint(packet.kind, ==, RTCP_REMB);
        g_assert_cmpuint(packet.remb.bitrate_bps, <=, rates[i]);
        g_assert_cmpuint(packet.remb.bitrate_bps, >=, rates[i] - rates[i] / 100000);
        g_assert_cmpuint(packet.remb.ssrc_count, ==, 2);
        g_assert_cmpuint(packet.remb.ssrcs[1], ==, 12);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rtcp/a_written_compound_reads_back_the_same",
                    a_written_compound_reads_back_the_same);
    g_test_add_func("/rtcp/a_receiver_report_reads_back_the_same",
                    a_receiver_report_reads_back_the_same);
    g_test_add_func("/rtcp/cnames_of_every_length_fill_whole_words",
                    cnames_of_every_length_fill_whole_words);
    g_test_add_func("/rtcp/a_nack_names_each_lost_packet_once_over_the_wrap",
                    a_nack_names_each_lost_packet_once_over_the_wrap);
    g_test_add_func("/rtcp/a_pli_reads_back_the_same", a_pli_reads_back_the_same);
    g_test_add_func("/rtcp/reads_fir_remb_and_transport_cc", reads_fir_remb_and_transport_cc);
    g_test_add_func("/rtcp/what_does_not_fit_its_length_is_passed_over",
                    what_does_not_fit_its_length_is_passed_over);
    g_test_add_func("/rtcp/a_datagram_that_is_not_whole_is_refused_whole",
                    a_datagram_that_is_not_whole_is_refused_whole);
    g_test_add_func("/rtcp/only_the_last_packet_may_be_padded", only_the_last_packet_may_be_padded);
    g_test_add_func("/rtcp/writers_refuse_too_small_buffers", writers_refuse_too_small_buffers);
    g_test_add_func("/rtcp/round_trip_is_that_of_the_rfc_example",
                    round_trip_is_that_of_the_rfc_example);
    g_test_add_func("/rtcp/impossible_round_trips_are_not_told",
                    impossible_round_trips_are_not_told);
    g_test_add_func("/rtcp/ntp_time_counts_from_1900", ntp_time_counts_from_1900);
    g_test_add_func("/rtcp/key_frames_are_asked_for_by_number", key_frames_are_asked_for_by_number);
    g_test_add_func("/rtcp/an_estimate_is_told_for_its_sources",
                    an_estimate_is_told_for_its_sources);
    return g_test_run();
}
