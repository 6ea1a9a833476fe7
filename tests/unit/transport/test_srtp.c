/* SRTP against the RFCs' test vectors and against libsrtp, which is the peer here. */
#include "bridge/transport/srtp.h"

#include "bridge/transport/bytes.h"
#include "bridge/transport/hmac_sha1.h"
#include "bridge/transport/rtcp.h"
#include "bridge/transport/rtp.h"
#include "bridge/transport/srtp_out.h"

#include <openssl/crypto.h>
#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>

static const struct srtp_keys key_a = {"key of one side", "salt of side a"};
static const struct srtp_keys key_b = {"key of another ", "salt of side b"};

static const enum srtp_suite suites[] = {SRTP_SUITE_AEAD_AES_128_GCM, SRTP_SUITE_AES128_CM_SHA1_80};

static void unhex(uint8_t *bytes, const char *hex)
{
    for (size_t i = 0; hex[2 * i] != '\0'; i++)
        bytes[i] =
            (uint8_t)(g_ascii_xdigit_value(hex[2 * i]) << 4 | g_ascii_xdigit_value(hex[2 * i + 1]));
}

static void assert_hex(const uint8_t *bytes, size_t size, const char *hex)
{
    g_autoptr(GString) found = g_string_new(NULL);
    for (size_t i = 0; i < size; i++)
        g_string_append_printf(found, "%02x", bytes[i]);
    g_assert_cmpstr(found->str, ==, hex);
}

static struct srtp_endpoint *make_endpoint(enum srtp_suite suite, bool is_a)
{
    g_autoptr(GError) error = NULL;
    struct srtp_endpoint *endpoint =
        srtp_endpoint_new(suite, is_a ? &key_a : &key_b, is_a ? &key_b : &key_a, &error);
    g_assert_no_error(error);
    return endpoint;
}

/* libsrtp itself, for what `key_a` protects or, as sender, for protecting with it. */
static srtp_t make_peer(enum srtp_suite suite, srtp_ssrc_type_t direction)
{
    uint8_t key[30];
    srtp_policy_t policy = {.ssrc = {.type = direction}, .key = key, .window_size = 1024};
    srtp_t peer;
    memcpy(key, key_a.key, 16);
    memcpy(key + 16, key_a.salt, 14);
    if (suite == SRTP_SUITE_AEAD_AES_128_GCM) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
    }
    g_assert_cmpint(srtp_create(&peer, &policy), ==, srtp_err_status_ok);
    return peer;
}

/* A packet whose shape (CSRCs, extension, size, marker) depends on its number. */
static size_t make_packet(uint8_t *bytes, unsigned number, uint16_t sequence_number, uint32_t ssrc)
{
    unsigned csrcs = number % 4;
    bool has_extension = number % 3 != 0;
    size_t size = RTP_HEADER_SIZE;
    bytes[0] = (uint8_t)(0x80 | (has_extension ? 0x10 : 0) | csrcs);
    bytes[1] = (uint8_t)(111 | (number % 50 == 0 ? 0x80 : 0));
    write_u16(bytes + 2, sequence_number);
    write_u32(bytes + 4, number * 960);
    write_u32(bytes + 8, ssrc);
    for (unsigned i = 0; i < csrcs; i++, size += 4)
        write_u32(bytes + size, i + 1);
    if (has_extension) {
        unsigned words = 1 + number % 5;
        write_u16(bytes + size, 0xbede);
        write_u16(bytes + size + 2, (uint16_t)words);
        memset(bytes + size + 4, 0x10, 4 * words);
        size += 4 + 4 * words;
    }
    size_t payload = number * 7 % 1200;
    for (size_t i = 0; i < payload; i++)
        bytes[size++] = (uint8_t)(number + i);
    return size;
}

/* RFC 3711 appendix B.3. */
static void derives_the_session_keys_of_the_rfc(void)
{
    struct srtp_keys master;
    uint8_t out[94];
    unhex(master.key, "e1f97a0d3e018be0d64fa32c06de4139");
    unhex(master.salt, "0ec675ad498afeebb6960b3aabe6");
    g_assert_true(srtp_derive(&master, 14, SRTP_LABEL_CIPHER, out, 16));
    assert_hex(out, 16, "c61e7a93744f39ee10734afe3ff7a087");
    g_assert_true(srtp_derive(&master, 14, SRTP_LABEL_SALT, out, 14));
    assert_hex(out, 14, "30cbbc08863d8c85d49db34a9ae1");
    g_assert_true(srtp_derive(&master, 14, SRTP_LABEL_AUTHENTICATION, out, 94));
    assert_hex(out, 94,
               "cebe321f6ff7716b6fd4ab49af256a156d38baa48f0a0acf3c34e2359e6cdbce"
               "e049646c43d9327ad175578ef72270986371c10c9a369ac2f94a8c5fbcdddc25"
               "6d6e919a48b610ef17c2041e474035766b68642c59bbfc2f34db60dbdfb2");
}

/* RFC 3711 appendix B.2: a payload of zeros becomes the key stream. */
static void encrypts_with_the_key_stream_of_the_rfc(void)
{
    struct srtp_session_keys keys = {0};
    uint8_t bytes[128] = {0x80, 111};
    size_t size = RTP_HEADER_SIZE + 48;
    unhex(keys.cipher, "2b7e151628aed2a6abf7158809cf4f3c");
    unhex(keys.salt, "f0f1f2f3f4f5f6f7f8f9fafbfcfd");
    struct srtp_out *out =
        srtp_out_new_from_session_keys(SRTP_SUITE_AES128_CM_SHA1_80, &keys, NULL);
    g_assert_cmpint(srtp_out_protect(out, bytes, &size, sizeof bytes), ==, SRTP_OK);
    assert_hex(bytes + RTP_HEADER_SIZE, 48,
               "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab"
               "41e95b3bb0a2e8dd477901e4fca894c0");
    srtp_out_free(out);
}

/* RFC 2202 section 3, cases 1 and 2, the second in two parts. */
static void signs_as_hmac_sha1_does(void)
{
    struct hmac_sha1 hmac;
    uint8_t key[20], tag[HMAC_SHA1_SIZE];
    memset(key, 0x0b, sizeof key);
    hmac_sha1_init(&hmac, key, sizeof key);
    hmac_sha1_tag(&hmac, (const uint8_t *)"Hi There", 8, NULL, 0, tag);
    assert_hex(tag, sizeof tag, "b617318655057264e28bc0b6fb378c8ef146be00");
    hmac_sha1_init(&hmac, (const uint8_t *)"Jefe", 4);
    hmac_sha1_tag(&hmac, (const uint8_t *)"what do ya want ", 16, (const uint8_t *)"for nothing?",
                  12, tag);
    assert_hex(tag, sizeof tag, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

/* RFC 7714 section 16.1.1. */
static void protects_the_gcm_packet_of_the_rfc(void)
{
    struct srtp_session_keys keys = {0};
    uint8_t bytes[128];
    size_t size = 50;
    unhex(keys.cipher, "000102030405060708090a0b0c0d0e0f");
    unhex(keys.salt, "517569642070726f2071756f");
    unhex(bytes, "8040f17b8041f8d35501a0b2"
                 "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573");
    struct srtp_out *out = srtp_out_new_from_session_keys(SRTP_SUITE_AEAD_AES_128_GCM, &keys, NULL);
    g_assert_cmpint(srtp_out_protect(out, bytes, &size, sizeof bytes), ==, SRTP_OK);
    assert_hex(bytes, size,
               "8040f17b8041f8d35501a0b2"
               "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
               "899d7f27beb16a9152cf765ee4390cce");
    srtp_out_free(out);
}

/* From master keys to the packet: the vectors that libsrtp checks itself with. */
static void protects_the_reference_packets_from_master_keys(void)
{
    static const struct {
        enum srtp_suite suite;
        const char *key, *salt, *packet;
    } cases[] = {
        {SRTP_SUITE_AES128_CM_SHA1_80, "e1f97a0d3e018be0d64fa32c06de4139",
         "0ec675ad498afeebb6960b3aabe6",
         "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb"},
        {SRTP_SUITE_AEAD_AES_128_GCM, "000102030405060708090a0b0c0d0e0f",
         "a0a1a2a3a4a5a6a7a8a9aaab",
         "800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a3"
         "92"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct srtp_keys master = {0};
        uint8_t bytes[64];
        size_t size = 28;
        unhex(master.key, cases[i].key);
        unhex(master.salt, cases[i].salt);
        unhex(bytes, "800f1234decafbadcafebabeabababababababababababababababab");
        struct srtp_out *out = srtp_out_new(cases[i].suite, &master, NULL);
        g_assert_cmpint(srtp_out_protect(out, bytes, &size, sizeof bytes), ==, SRTP_OK);
        assert_hex(bytes, size, cases[i].packet);
        srtp_out_free(out);
    }
}

/* Byte by byte what libsrtp makes, over two wraps of two SSRCs' sequence numbers, with gaps. */
static void protects_thousands_of_packets_as_libsrtp_does(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(suites); i++) {
        struct srtp_endpoint *endpoint = make_endpoint(suites[i], true);
        srtp_t peer = make_peer(suites[i], ssrc_any_outbound);
        for (unsigned number = 0; number < 8000; number++) {
            uint16_t sequence_number = (uint16_t)(30000 + number * 17);
            _Alignas(4) uint8_t ours[RTP_PACKET_MAX], theirs[RTP_PACKET_MAX];
            size_t size = make_packet(ours, number, sequence_number, 0xfff0 + number % 2);
            int peer_size = (int)make_packet(theirs, number, sequence_number, 0xfff0 + number % 2);
            g_assert_cmpint(srtp_endpoint_protect_rtp(endpoint, ours, &size, sizeof ours), ==,
                            SRTP_OK);
            g_assert_cmpint(srtp_protect(peer, theirs, &peer_size), ==, srtp_err_status_ok);
            g_assert_cmpmem(ours, size, theirs, peer_size);
        }
        srtp_dealloc(peer);
        srtp_endpoint_free(endpoint);
    }
}

static void libsrtp_reads_what_is_sent(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(suites); i++) {
        struct srtp_endpoint *endpoint = make_endpoint(suites[i], true);
        srtp_t peer = make_peer(suites[i], ssrc_any_inbound);
        for (unsigned number = 0; number < 4000; number++) {
            uint16_t sequence_number = (uint16_t)(32000 + number * 19);
            _Alignas(4) uint8_t bytes[RTP_PACKET_MAX], expected[RTP_PACKET_MAX];
            size_t size = make_packet(bytes, number, sequence_number, 7);
            size_t expected_size = make_packet(expected, number, sequence_number, 7);
            g_assert_cmpint(srtp_endpoint_protect_rtp(endpoint, bytes, &size, sizeof bytes), ==,
                            SRTP_OK);
            int peer_size = (int)size;
            g_assert_cmpint(srtp_unprotect(peer, bytes, &peer_size), ==, srtp_err_status_ok);
            g_assert_cmpmem(bytes, peer_size, expected, expected_size);
        }
        srtp_dealloc(peer);
        srtp_endpoint_free(endpoint);
    }
}

static void what_libsrtp_sends_is_read(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(suites); i++) {
        struct srtp_endpoint *endpoint = make_endpoint(suites[i], false);
        srtp_t peer = make_peer(suites[i], ssrc_any_outbound);
        for (unsigned number = 0; number < 4000; number++) {
            uint16_t sequence_number = (uint16_t)(32000 + number * 19);
            _Alignas(4) uint8_t bytes[RTP_PACKET_MAX], expected[RTP_PACKET_MAX];
            int peer_size = (int)make_packet(bytes, number, sequence_number, 7);
            size_t expected_size = make_packet(expected, number, sequence_number, 7);
            g_assert_cmpint(srtp_protect(peer, bytes, &peer_size), ==, srtp_err_status_ok);
            size_t size = (size_t)peer_size;
            g_assert_cmpint(srtp_endpoint_unprotect_rtp(endpoint, bytes, &size), ==, SRTP_OK);
            g_assert_cmpmem(bytes, size, expected, expected_size);
        }
        srtp_dealloc(peer);
        srtp_endpoint_free(endpoint);
    }
}

static void rtcp_goes_both_ways(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(suites); i++) {
        struct srtp_endpoint *a = make_endpoint(suites[i], true);
        struct srtp_endpoint *b = make_endpoint(suites[i], false);
        for (unsigned round = 0; round < 200; round++) {
            struct srtp_endpoint *from = round % 2 == 0 ? a : b, *to = round % 2 == 0 ? b : a;
            _Alignas(4) uint8_t bytes[128], expected[128];
            size_t size = rtcp_write_pli(bytes, sizeof bytes, 5, round);
            size_t expected_size = rtcp_write_pli(expected, sizeof expected, 5, round);
            g_assert_cmpint(srtp_endpoint_protect_rtcp(from, bytes, &size, sizeof bytes), ==,
                            SRTP_OK);
            g_assert_cmpuint(size, <=, expected_size + SRTP_OVERHEAD_MAX);
            g_assert_cmpint(srtp_endpoint_unprotect_rtcp(to, bytes, &size), ==, SRTP_OK);
            g_assert_cmpmem(bytes, size, expected, expected_size);
        }
        srtp_endpoint_free(a);
        srtp_endpoint_free(b);
    }
}

static enum srtp_result protect_one(struct srtp_endpoint *endpoint, uint16_t sequence_number,
                                    uint32_t ssrc)
{
    _Alignas(4) uint8_t bytes[RTP_PACKET_MAX];
    size_t size = make_packet(bytes, 20, sequence_number, ssrc);
    return srtp_endpoint_protect_rtp(endpoint, bytes, &size, sizeof bytes);
}

static void a_key_stream_is_never_used_twice(void)
{
    struct srtp_endpoint *endpoint = make_endpoint(SRTP_SUITE_AEAD_AES_128_GCM, true);
    g_assert_cmpint(protect_one(endpoint, 65534, 1), ==, SRTP_OK);
    g_assert_cmpint(protect_one(endpoint, 65534, 1), ==, SRTP_REPLAYED);
    g_assert_cmpint(protect_one(endpoint, 65533, 1), ==, SRTP_REPLAYED);
    g_assert_cmpint(protect_one(endpoint, 2, 1), ==, SRTP_OK); /* over the wrap */
    g_assert_cmpint(protect_one(endpoint, 65535, 1), ==, SRTP_REPLAYED);
    g_assert_cmpint(protect_one(endpoint, 2, 1), ==, SRTP_REPLAYED);
    g_assert_cmpint(protect_one(endpoint, 2, 2), ==, SRTP_OK); /* another SSRC is another stream */
    g_assert_cmpint(protect_one(endpoint, 3, 1), ==, SRTP_OK);
    srtp_endpoint_free(endpoint);
}

static void no_room_for_the_tag_is_told_before_anything_is_done(void)
{
    static const size_t tags[] = {16, 10};
    for (size_t i = 0; i < G_N_ELEMENTS(suites); i++) {
        struct srtp_endpoint *endpoint = make_endpoint(suites[i], true);
        _Alignas(4) uint8_t bytes[RTP_PACKET_MAX], expected[RTP_PACKET_MAX];
        size_t size = make_packet(bytes, 20, 1, 1);
        size_t whole = make_packet(expected, 20, 1, 1);
        g_assert_cmpint(srtp_endpoint_protect_rtp(endpoint, bytes, &size, whole + tags[i] - 1), ==,
                        SRTP_NO_ROOM);
        g_assert_cmpmem(bytes, size, expected, whole);
        g_assert_cmpint(srtp_endpoint_protect_rtp(endpoint, bytes, &size, whole + tags[i]), ==,
                        SRTP_OK);
        size = rtcp_write_pli(bytes, sizeof bytes, 1, 2);
        g_assert_cmpint(
            srtp_endpoint_protect_rtcp(endpoint, bytes, &size, size + SRTP_OVERHEAD_MAX - 1), ==,
            SRTP_NO_ROOM);
        srtp_endpoint_free(endpoint);
    }
}

static void sends_with_a_bounded_number_of_ssrcs(void)
{
    struct srtp_endpoint *endpoint = make_endpoint(SRTP_SUITE_AEAD_AES_128_GCM, true);
    for (uint32_t ssrc = 0; ssrc < SRTP_OUTBOUND_SSRCS_MAX; ssrc++)
        g_assert_cmpint(protect_one(endpoint, 1, ssrc), ==, SRTP_OK);
    g_assert_cmpint(protect_one(endpoint, 1, 1000), ==, SRTP_TOO_MANY_SSRCS);
    g_assert_cmpint(protect_one(endpoint, 2, 0), ==, SRTP_OK);
    srtp_endpoint_free(endpoint);
}

static void a_peer_can_use_a_bounded_number_of_ssrcs(void)
{
    struct srtp_endpoint *endpoint = make_endpoint(SRTP_SUITE_AEAD_AES_128_GCM, false);
    srtp_t peer = make_peer(SRTP_SUITE_AEAD_AES_128_GCM, ssrc_any_outbound);
    for (uint32_t ssrc = 0; ssrc <= SRTP_INBOUND_SSRCS_MAX; ssrc++) {
        _Alignas(4) uint8_t bytes[RTP_PACKET_MAX];
        int peer_size = (int)make_packet(bytes, 20, 1, ssrc);
        g_assert_cmpint(srtp_protect(peer, bytes, &peer_size), ==, srtp_err_status_ok);
        size_t size = (size_t)peer_size;
        g_assert_cmpint(srtp_endpoint_unprotect_rtp(endpoint, bytes, &size), ==,
                        ssrc < SRTP_INBOUND_SSRCS_MAX ? SRTP_OK : SRTP_TOO_MANY_SSRCS);
    }
    srtp_dealloc(peer);
    srtp_endpoint_free(endpoint);
}

static void a_changed_bit_anywhere_is_not_authentic(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(suites); i++) {
        struct srtp_endpoint *a = make_endpoint(suites[i], true);
        struct srtp_endpoint *b = make_endpoint(suites[i], false);
        _Alignas(4) uint8_t bytes[RTP_PACKET_MAX], changed[RTP_PACKET_MAX];
        size_t size = make_packet(bytes, 5, 1, 1), changed_size;
        g_assert_cmpint(srtp_endpoint_protect_rtp(a, bytes, &size, sizeof bytes), ==, SRTP_OK);
        for (size_t at = 0; at < size; at++) {
            memcpy(changed, bytes, changed_size = size);
            changed[at] ^= 0x01;
            g_assert_cmpint(srtp_endpoint_unprotect_rtp(b, changed, &changed_size), !=, SRTP_OK);
        }
        memcpy(changed, bytes, changed_size = size);
        g_assert_cmpint(srtp_endpoint_unprotect_rtp(b, changed, &changed_size), ==, SRTP_OK);
        memcpy(changed, bytes, changed_size = size);
        g_assert_cmpint(srtp_endpoint_unprotect_rtp(b, changed, &changed_size), ==, SRTP_REPLAYED);
        srtp_endpoint_free(a);
        srtp_endpoint_free(b);
    }
}

static void short_and_long_packets_are_malformed(void)
{
    struct srtp_endpoint *endpoint = make_endpoint(SRTP_SUITE_AES128_CM_SHA1_80, true);
    _Alignas(4) uint8_t bytes[2 * RTP_PACKET_MAX] = {0x80, 111};
    for (size_t size = 0; size < RTP_HEADER_SIZE; size++) {
        size_t length = size;
        g_assert_cmpint(srtp_endpoint_protect_rtp(endpoint, bytes, &length, sizeof bytes), ==,
                        SRTP_MALFORMED);
        g_assert_cmpint(srtp_endpoint_unprotect_rtp(endpoint, bytes, &length), ==, SRTP_MALFORMED);
    }
    size_t length = RTP_PACKET_MAX + 1;
    g_assert_cmpint(srtp_endpoint_protect_rtp(endpoint, bytes, &length, sizeof bytes), ==,
                    SRTP_MALFORMED);
    g_assert_cmpint(srtp_endpoint_unprotect_rtp(endpoint, bytes, &length), ==, SRTP_MALFORMED);
    g_assert_cmpint(srtp_endpoint_unprotect_rtcp(endpoint, bytes, &length), ==, SRTP_MALFORMED);
    length = 7;
    g_assert_cmpint(srtp_endpoint_unprotect_rtcp(endpoint, bytes, &length), ==, SRTP_MALFORMED);
    g_assert_cmpint(srtp_endpoint_protect_rtcp(endpoint, bytes, &length, sizeof bytes), ==,
                    SRTP_MALFORMED);
    srtp_endpoint_free(endpoint);
}

static size_t openssl_allocations;

static void *count_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    __atomic_add_fetch(&openssl_allocations, 1, __ATOMIC_RELAXED);
    return malloc(size);
}

static void *count_realloc(void *memory, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    __atomic_add_fetch(&openssl_allocations, 1, __ATOMIC_RELAXED);
    return realloc(memory, size);
}

static void count_free(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    free(memory);
}

static void protecting_allocates_nothing(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(suites); i++) {
        struct srtp_endpoint *endpoint = make_endpoint(suites[i], true);
        size_t before = __atomic_load_n(&openssl_allocations, __ATOMIC_RELAXED);
        g_assert_cmpuint(before, >, 0); /* the counter counts */
        for (unsigned number = 1; number < 100; number++)
            g_assert_cmpint(protect_one(endpoint, (uint16_t)number, number % 8), ==, SRTP_OK);
        g_assert_cmpuint(__atomic_load_n(&openssl_allocations, __ATOMIC_RELAXED), ==, before);
        srtp_endpoint_free(endpoint);
    }
}

static gpointer talk(gpointer data)
{
    enum srtp_suite suite = suites[GPOINTER_TO_UINT(data) % 2];
    struct srtp_endpoint *a = make_endpoint(suite, true), *b = make_endpoint(suite, false);
    for (unsigned number = 1; number < 300; number++) {
        _Alignas(4) uint8_t bytes[RTP_PACKET_MAX];
        size_t size = make_packet(bytes, number, (uint16_t)number, 1);
        g_assert_cmpint(srtp_endpoint_protect_rtp(a, bytes, &size, sizeof bytes), ==, SRTP_OK);
        g_assert_cmpint(srtp_endpoint_unprotect_rtp(b, bytes, &size), ==, SRTP_OK);
    }
    srtp_endpoint_free(a);
    srtp_endpoint_free(b);
    return NULL;
}

static void threads_with_endpoints_of_their_own_do_not_meet(void)
{
    GThread *threads[4];
    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("talker", talk, GUINT_TO_POINTER(i));
    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
}

int main(int argc, char **argv)
{
    /* Before OpenSSL's first allocation. */
    if (CRYPTO_set_mem_functions(count_malloc, count_realloc, count_free) != 1)
        return 1;
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/srtp/threads_with_endpoints_of_their_own_do_not_meet",
                    threads_with_endpoints_of_their_own_do_not_meet);
    g_test_add_func("/srtp/derives_the_session_keys_of_the_rfc",
                    derives_the_session_keys_of_the_rfc);
    g_test_add_func("/srtp/encrypts_with_the_key_stream_of_the_rfc",
                    encrypts_with_the_key_stream_of_the_rfc);
    g_test_add_func("/srtp/signs_as_hmac_sha1_does", signs_as_hmac_sha1_does);
    g_test_add_func("/srtp/protects_the_gcm_packet_of_the_rfc", protects_the_gcm_packet_of_the_rfc);
    g_test_add_func("/srtp/protects_the_reference_packets_from_master_keys",
                    protects_the_reference_packets_from_master_keys);
    g_test_add_func("/srtp/protects_thousands_of_packets_as_libsrtp_does",
                    protects_thousands_of_packets_as_libsrtp_does);
    g_test_add_func("/srtp/libsrtp_reads_what_is_sent", libsrtp_reads_what_is_sent);
    g_test_add_func("/srtp/what_libsrtp_sends_is_read", what_libsrtp_sends_is_read);
    g_test_add_func("/srtp/rtcp_goes_both_ways", rtcp_goes_both_ways);
    g_test_add_func("/srtp/a_key_stream_is_never_used_twice", a_key_stream_is_never_used_twice);
    g_test_add_func("/srtp/no_room_for_the_tag_is_told_before_anything_is_done",
                    no_room_for_the_tag_is_told_before_anything_is_done);
    g_test_add_func("/srtp/sends_with_a_bounded_number_of_ssrcs",
                    sends_with_a_bounded_number_of_ssrcs);
    g_test_add_func("/srtp/a_peer_can_use_a_bounded_number_of_ssrcs",
                    a_peer_can_use_a_bounded_number_of_ssrcs);
    g_test_add_func("/srtp/a_changed_bit_anywhere_is_not_authentic",
                    a_changed_bit_anywhere_is_not_authentic);
    g_test_add_func("/srtp/short_and_long_packets_are_malformed",
                    short_and_long_packets_are_malformed);
    g_test_add_func("/srtp/protecting_allocates_nothing", protecting_allocates_nothing);
    return g_test_run();
}
