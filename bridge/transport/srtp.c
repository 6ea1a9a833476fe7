#include "bridge/transport/srtp.h"

#include "bridge/transport/bytes.h"
#include "bridge/transport/rtp.h"
#include "bridge/transport/srtp_out.h"

#include <gio/gio.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <srtp2/srtp.h>
#include <string.h>

struct srtp_endpoint {
    srtp_t inbound;       /* RTP and RTCP that arrive */
    srtp_t outbound_rtcp; /* RTCP that is sent */
    struct srtp_out *outbound_rtp;
};

static void start_library(void)
{
    if (srtp_init() != srtp_err_status_ok)
        g_error("libsrtp could not be started");
}

size_t srtp_salt_size(enum srtp_suite suite)
{
    return suite == SRTP_SUITE_AEAD_AES_128_GCM ? 12 : 14;
}

/* One block of AES-CM's key stream is enough for each half: E(k, (label ^ salt) << 16 | i). */
bool srtp_derive(const struct srtp_keys *master, size_t salt_size, uint8_t label, uint8_t *out,
                 size_t size)
{
    uint8_t blocks[2][16], stream[32];
    int length = 0;
    g_assert(size <= sizeof stream);
    for (uint8_t i = 0; i < 2; i++) {
        memset(blocks[i], 0, 16);
        memcpy(blocks[i], master->salt, salt_size);
        blocks[i][7] ^= label;
        blocks[i][15] = i;
    }
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    bool is_good = EVP_EncryptInit_ex(cipher, EVP_aes_128_ecb(), NULL, master->key, NULL) == 1 &&
                   EVP_CIPHER_CTX_set_padding(cipher, 0) == 1 &&
                   EVP_EncryptUpdate(cipher, stream, &length, blocks[0], sizeof blocks) == 1;
    EVP_CIPHER_CTX_free(cipher);
    if (is_good)
        memcpy(out, stream, size);
    OPENSSL_cleanse(stream, sizeof stream);
    return is_good;
}

static srtp_t make_session(enum srtp_suite suite, const struct srtp_keys *keys, bool is_inbound,
                           GError **error)
{
    uint8_t master[SRTP_KEY_SIZE + SRTP_SALT_MAX];
    memcpy(master, keys->key, SRTP_KEY_SIZE);
    memcpy(master + SRTP_KEY_SIZE, keys->salt, SRTP_SALT_MAX);
    srtp_policy_t policy;
    memset(&policy, 0, sizeof policy);
    if (suite == SRTP_SUITE_AEAD_AES_128_GCM) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
    }
    policy.ssrc.type = is_inbound ? ssrc_any_inbound : ssrc_any_outbound;
    policy.key = master;
    policy.window_size = 1024;
    srtp_t session = NULL;
    srtp_err_status_t status = srtp_create(&session, &policy);
    OPENSSL_cleanse(master, sizeof master);
    if (status != srtp_err_status_ok) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "libsrtp refused the keys (%d)",
                    (int)status);
        return NULL;
    }
    return session;
}

struct srtp_endpoint *srtp_endpoint_new(enum srtp_suite suite, const struct srtp_keys *outbound,
                                        const struct srtp_keys *inbound, GError **error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_library);
    struct srtp_endpoint *endpoint = g_new0(struct srtp_endpoint, 1);
    endpoint->inbound = make_session(suite, inbound, true, error);
    if (endpoint->inbound != NULL)
        endpoint->outbound_rtcp = make_session(suite, outbound, false, error);
    if (endpoint->outbound_rtcp != NULL)
        endpoint->outbound_rtp = srtp_out_new(suite, outbound, error);
    if (endpoint->outbound_rtp == NULL) {
        srtp_endpoint_free(endpoint);
        return NULL;
    }
    return endpoint;
}

void srtp_endpoint_free(struct srtp_endpoint *endpoint)
{
    if (endpoint == NULL)
        return;
    if (endpoint->inbound != NULL)
        srtp_dealloc(endpoint->inbound);
    if (endpoint->outbound_rtcp != NULL)
        srtp_dealloc(endpoint->outbound_rtcp);
    srtp_out_free(endpoint->outbound_rtp);
    g_free(endpoint);
}

static enum srtp_result result_of(srtp_err_status_t status)
{
    switch (status) {
    case srtp_err_status_ok:
        return SRTP_OK;
    case srtp_err_status_replay_fail:
    case srtp_err_status_replay_old:
        return SRTP_REPLAYED;
    case srtp_err_status_auth_fail:
    case srtp_err_status_cipher_fail:
        return SRTP_NOT_AUTHENTIC;
    default:
        return SRTP_MALFORMED;
    }
}

enum srtp_result srtp_endpoint_protect_rtp(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                           size_t *size)
{
    return srtp_out_protect(endpoint->outbound_rtp, bytes, size);
}

enum srtp_result srtp_endpoint_unprotect_rtp(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                             size_t *size)
{
    int length = (int)*size;
    if (*size < RTP_HEADER_SIZE || *size > RTP_PACKET_MAX)
        return SRTP_MALFORMED;
    enum srtp_result result = result_of(srtp_unprotect(endpoint->inbound, bytes, &length));
    *size = (size_t)length;
    return result;
}

enum srtp_result srtp_endpoint_protect_rtcp(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                            size_t *size)
{
    int length = (int)*size;
    if (*size < 8 || *size > RTP_PACKET_MAX)
        return SRTP_MALFORMED;
    enum srtp_result result = result_of(srtp_protect_rtcp(endpoint->outbound_rtcp, bytes, &length));
    *size = (size_t)length;
    return result;
}

enum srtp_result srtp_endpoint_unprotect_rtcp(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                              size_t *size)
{
    int length = (int)*size;
    if (*size < 8 || *size > RTP_PACKET_MAX)
        return SRTP_MALFORMED;
    enum srtp_result result = result_of(srtp_unprotect_rtcp(endpoint->inbound, bytes, &length));
    *size = (size_t)length;
    return result;
}
