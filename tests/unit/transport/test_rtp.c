#include "bridge/transport/rtp.h"

#include <glib.h>
#include <string.h>

/* Two CSRCs, a one-byte extension with elements 1 (level) and 3, four bytes of padding. */
static const uint8_t full_packet[] = {
    0xb2, 0xef, 0x12, 0x34, 0x00, 0x01, 0x02, 0x03, 0xca, 0xfe, 0xba, 0xbe, /* fixed header */
    0x00, 0x00, 0x00, 0x0a, 0x00, 0x00, 0x00, 0x0b,                         /* CSRCs */
    0xbe, 0xde, 0x00, 0x02, 0x10, 0xa5, 0x00, 0x31, 0x07, 0x08, 0x00, 0x00, /* extension */
    'o',  'p',  'u',  's',  '!',                                            /* payload */
    0x00, 0x00, 0x03,                                                       /* padding */
};

static void reads_every_field_of_a_packet(void)
{
    struct rtp_packet packet;
    g_assert_true(rtp_parse(&packet, full_packet, sizeof full_packet));
    g_assert_cmpuint(packet.payload_type, ==, 111);
    g_assert_true(packet.marker);
    g_assert_cmpuint(packet.sequence_number, ==, 0x1234);
    g_assert_cmpuint(packet.timestamp, ==, 0x00010203);
    g_assert_cmphex(packet.ssrc, ==, 0xcafebabe);
    g_assert_cmpuint(packet.csrc_count, ==, 2);
    g_assert_cmpuint(packet.csrc[0], ==, 10);
    g_assert_cmpuint(packet.csrc[1], ==, 11);
    g_assert_cmphex(packet.extension_profile, ==, 0xbede);
    g_assert_cmpuint(packet.extension_size, ==, 8);
    g_assert_cmpmem(packet.payload, packet.payload_size, "opus!", 5);
}

static void finds_one_byte_elements_behind_padding(void)
{
    struct rtp_packet packet;
    size_t size;
    g_assert_true(rtp_parse(&packet, full_packet, sizeof full_packet));
    const uint8_t *element = rtp_find_extension(&packet, 3, &size);
    g_assert_cmpmem(element, size, "\x07\x08", 2);
    g_assert_null(rtp_find_extension(&packet, 2, &size));
    g_assert_null(rtp_find_extension(&packet, 0, &size));
    g_assert_null(rtp_find_extension(&packet, 15, &size));
}

static void finds_two_byte_elements_even_empty_ones(void)
{
    static const uint8_t bytes[] = {0x90, 111,  0,    1,    0, 0, 0, 1,    0, 0, 0, 2,
                                    0x10, 0x00, 0x00, 0x02, 5, 0, 0, 0xc8, 2, 1, 2, 0};
    struct rtp_packet packet;
    size_t size = 99;
    g_assert_true(rtp_parse(&packet, bytes, sizeof bytes));
    g_assert_nonnull(rtp_find_extension(&packet, 5, &size));
    g_assert_cmpuint(size, ==, 0);
    const uint8_t *element = rtp_find_extension(&packet, 200, &size);
    g_assert_cmpmem(element, size, "\x01\x02", 2);
}

static void an_element_longer_than_the_extension_is_not_read(void)
{
    static const uint8_t one_byte[] = {0x90, 111, 0,    1,    0, 0, 0,    1, 0, 0,
                                       0,    2,   0xbe, 0xde, 0, 1, 0x13, 1, 2, 3};
    static const uint8_t two_byte[] = {0x90, 111, 0,    1,    0, 0, 0, 1, 0, 0,
                                       0,    2,   0x10, 0x00, 0, 1, 1, 3, 2, 3};
    struct rtp_packet packet;
    size_t size;
    g_assert_true(rtp_parse(&packet, one_byte, sizeof one_byte));
    g_assert_null(rtp_find_extension(&packet, 1, &size));
    g_assert_true(rtp_parse(&packet, two_byte, sizeof two_byte));
    g_assert_null(rtp_find_extension(&packet, 1, &size));
}

/* RFC 8285 section 4.2: reading stops at the id 15, whatever follows. */
static void the_reserved_id_ends_the_elements(void)
{
    static const uint8_t bytes[] = {0x90, 111, 0,    1,    0, 0, 0,    1, 0,    0,
                                    0,    2,   0xbe, 0xde, 0, 1, 0xf0, 1, 0x10, 9};
    struct rtp_packet packet;
    size_t size;
    g_assert_true(rtp_parse(&packet, bytes, sizeof bytes));
    g_assert_null(rtp_find_extension(&packet, 1, &size));
}

static void every_cut_of_a_packet_is_refused_or_stays_inside(void)
{
    for (size_t size = 0; size < sizeof full_packet; size++) {
        /* A copy of the exact size: the sanitizer sees a byte read too many. */
        g_autofree uint8_t *cut = g_memdup2(full_packet, MAX(size, 1));
        struct rtp_packet packet;
        if (!rtp_parse(&packet, cut, size))
            continue;
        g_assert_cmpuint(size, >=, 32);
        g_assert_true(packet.payload + packet.payload_size <= cut + size);
    }
}

static void refuses_other_versions_and_impossible_padding(void)
{
    struct rtp_packet packet;
    uint8_t bytes[sizeof full_packet];
    memcpy(bytes, full_packet, sizeof bytes);
    bytes[0] = 0x72;
    g_assert_false(rtp_parse(&packet, bytes, sizeof bytes));
    bytes[0] = 0xb2;
    bytes[sizeof bytes - 1] = 0;
    g_assert_false(rtp_parse(&packet, bytes, sizeof bytes));
    bytes[sizeof bytes - 1] = 9; /* one more than payload and padding */
    g_assert_false(rtp_parse(&packet, bytes, sizeof bytes));
    bytes[sizeof bytes - 1] = 8;
    g_assert_true(rtp_parse(&packet, bytes, sizeof bytes));
    g_assert_cmpuint(packet.payload_size, ==, 0);
}

static void a_written_header_reads_back_the_same(void)
{
    uint8_t bytes[RTP_HEADER_SIZE + 8];
    struct rtp_packet packet;
    int level;
    bool voice;
    size_t size = rtp_write_header(bytes, 111, true, 65535, 0xfffffff0, 0xdeadbeef, 14, 127, true);
    g_assert_cmpuint(size, ==, sizeof bytes);
    g_assert_true(rtp_parse(&packet, bytes, size));
    g_assert_cmpuint(packet.payload_type, ==, 111);
    g_assert_true(packet.marker);
    g_assert_cmpuint(packet.sequence_number, ==, 65535);
    g_assert_cmphex(packet.timestamp, ==, 0xfffffff0);
    g_assert_cmphex(packet.ssrc, ==, 0xdeadbeef);
    g_assert_cmpuint(packet.payload_size, ==, 0);
    g_assert_true(rtp_read_audio_level(&packet, 14, &level, &voice));
    g_assert_cmpint(level, ==, -127);
    g_assert_true(voice);
    g_assert_false(rtp_read_audio_level(&packet, 13, &level, &voice));
}

static void a_header_without_level_has_no_extension(void)
{
    uint8_t bytes[RTP_HEADER_SIZE + 8];
    struct rtp_packet packet;
    size_t size = rtp_write_header(bytes, 0, false, 1, 2, 3, 0, 50, true);
    g_assert_cmpuint(size, ==, RTP_HEADER_SIZE);
    g_assert_true(rtp_parse(&packet, bytes, size));
    g_assert_null(packet.extension);
    g_assert_false(packet.marker);
}

static void sequence_distance_crosses_the_wrap(void)
{
    g_assert_cmpint(rtp_sequence_distance(65535, 0), ==, 1);
    g_assert_cmpint(rtp_sequence_distance(0, 65535), ==, -1);
    g_assert_cmpint(rtp_sequence_distance(0, 32767), ==, 32767);
    g_assert_cmpint(rtp_sequence_distance(0, 32769), ==, -32767);
}

/* RFC 7983 section 7, RFC 5761 section 4. */
static void tells_protocols_apart_by_their_first_bytes(void)
{
    static const struct {
        uint8_t bytes[2];
        enum rtp_demux kind;
    } cases[] = {
        {{0, 1}, RTP_DEMUX_STUN},      {{3, 0}, RTP_DEMUX_STUN},      {{4, 0}, RTP_DEMUX_OTHER},
        {{19, 0}, RTP_DEMUX_OTHER},    {{20, 254}, RTP_DEMUX_DTLS},   {{63, 254}, RTP_DEMUX_DTLS},
        {{64, 0}, RTP_DEMUX_OTHER},    {{127, 0}, RTP_DEMUX_OTHER},   {{128, 111}, RTP_DEMUX_RTP},
        {{0x80, 191}, RTP_DEMUX_RTP},  {{0x81, 192}, RTP_DEMUX_RTCP}, {{0x81, 200}, RTP_DEMUX_RTCP},
        {{0x8f, 206}, RTP_DEMUX_RTCP}, {{0x81, 223}, RTP_DEMUX_RTCP}, {{0x80, 224}, RTP_DEMUX_RTP},
        {{191, 0xef}, RTP_DEMUX_RTP},  {{192, 200}, RTP_DEMUX_OTHER},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(rtp_demux(cases[i].bytes, 2), ==, cases[i].kind);
    g_assert_cmpint(rtp_demux(cases[0].bytes, 0), ==, RTP_DEMUX_OTHER);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rtp/reads_every_field_of_a_packet", reads_every_field_of_a_packet);
    g_test_add_func("/rtp/finds_one_byte_elements_behind_padding",
                    finds_one_byte_elements_behind_padding);
    g_test_add_func("/rtp/finds_two_byte_elements_even_empty_ones",
                    finds_two_byte_elements_even_empty_ones);
    g_test_add_func("/rtp/an_element_longer_than_the_extension_is_not_read",
                    an_element_longer_than_the_extension_is_not_read);
    g_test_add_func("/rtp/the_reserved_id_ends_the_elements", the_reserved_id_ends_the_elements);
    g_test_add_func("/rtp/every_cut_of_a_packet_is_refused_or_stays_inside",
                    every_cut_of_a_packet_is_refused_or_stays_inside);
    g_test_add_func("/rtp/refuses_other_versions_and_impossible_padding",
                    refuses_other_versions_and_impossible_padding);
    g_test_add_func("/rtp/a_written_header_reads_back_the_same",
                    a_written_header_reads_back_the_same);
    g_test_add_func("/rtp/a_header_without_level_has_no_extension",
                    a_header_without_level_has_no_extension);
    g_test_add_func("/rtp/sequence_distance_crosses_the_wrap", sequence_distance_crosses_the_wrap);
    g_test_add_func("/rtp/tells_protocols_apart_by_their_first_bytes",
                    tells_protocols_apart_by_their_first_bytes);
    return g_test_run();
}
