/* What it costs to protect an RTP packet: libsrtp against our own way through OpenSSL, in turns in
 * one run. CPU time of the thread; each figure is the best of several rounds. */
#include "bridge/transport/bytes.h"
#include "bridge/transport/rtp.h"
#include "bridge/transport/srtp.h"

#include <srtp2/srtp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ROUNDS        7
#define ROUND_PACKETS 60000

struct pair {
    struct srtp_endpoint *endpoint;
    srtp_t session;
};

static const struct srtp_keys keys = {"a key for a test", "and the salt.."};

static double cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void open_pair(struct pair *pair, enum srtp_suite suite)
{
    uint8_t key[SRTP_KEY_SIZE + SRTP_SALT_MAX];
    srtp_policy_t policy = {.ssrc = {.type = ssrc_any_outbound}, .key = key, .window_size = 1024};
    memcpy(key, keys.key, SRTP_KEY_SIZE);
    memcpy(key + SRTP_KEY_SIZE, keys.salt, SRTP_SALT_MAX);
    if (suite == SRTP_SUITE_AEAD_AES_128_GCM) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
    }
    pair->endpoint = srtp_endpoint_new(suite, &keys, &keys, NULL); /* starts libsrtp too */
    if (pair->endpoint == NULL || srtp_create(&pair->session, &policy) != srtp_err_status_ok)
        g_error("no SRTP session could be made");
}

/* Microseconds a packet; the pairs take turns, as legs do. */
static double protect_round(struct pair *pairs, unsigned count, unsigned payload, bool is_ours,
                            uint32_t *packet_number)
{
    _Alignas(4) uint8_t bytes[RTP_PACKET_MAX] = {0};
    unsigned turns = ROUND_PACKETS / count;
    double start = cpu_us();
    for (unsigned turn = 0; turn < turns; turn++, ++*packet_number) {
        for (unsigned i = 0; i < count; i++) {
            size_t size = rtp_write_header(bytes, 111, false, (uint16_t)*packet_number,
                                           *packet_number * 960, 0x1234, 1, 30, true) +
                          payload;
            int length = (int)size;
            bool is_good =
                is_ours ? srtp_endpoint_protect_rtp(pairs[i].endpoint, bytes, &size,
                                                    sizeof bytes) == SRTP_OK
                        : srtp_protect(pairs[i].session, bytes, &length) == srtp_err_status_ok;
            if (!is_good)
                g_error("a packet could not be protected");
        }
    }
    return (cpu_us() - start) / ((double)turns * count);
}

static void compare(enum srtp_suite suite, unsigned count, unsigned payload)
{
    double best[2] = {1e9, 1e9};
    uint32_t numbers[2] = {1, 1};
    g_autofree struct pair *pairs = g_new0(struct pair, count);
    for (unsigned i = 0; i < count; i++)
        open_pair(&pairs[i], suite);
    for (unsigned round = 0; round < 2 * ROUNDS; round++) {
        bool is_ours = round % 2 == 1;
        double us = protect_round(pairs, count, payload, is_ours, &numbers[is_ours]);
        best[is_ours] = MIN(best[is_ours], us);
    }
    printf("%-22s %8u %8u %12.3f %12.3f %8.1f\n",
           suite == SRTP_SUITE_AEAD_AES_128_GCM ? "AEAD_AES_128_GCM" : "AES128_CM_SHA1_80", payload,
           count, best[0], best[1], best[0] / best[1]);
    for (unsigned i = 0; i < count; i++) {
        srtp_endpoint_free(pairs[i].endpoint);
        srtp_dealloc(pairs[i].session);
    }
}

int main(void)
{
    static const unsigned payloads[] = {120, 1200}, counts[] = {1, 1000};
    printf("%-22s %8s %8s %12s %12s %8s\n", "suite", "bytes", "sessions", "libsrtp, us", "ours, us",
           "ratio");
    for (int suite = SRTP_SUITE_AEAD_AES_128_GCM; suite <= SRTP_SUITE_AES128_CM_SHA1_80; suite++) {
        for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
            for (size_t j = 0; j < G_N_ELEMENTS(payloads); j++)
                compare((enum srtp_suite)suite, counts[i], payloads[j]);
        }
    }
    return 0;
}
