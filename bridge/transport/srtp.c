#include "bridge/transport/srtp.h"

#include "bridge/transport/bytes.h"
#include "bridge/transport/rtp.h"
#include "bridge/transport/srtp_out.h"

#include <gio/gio.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <srtp2/srtp.h>
#include <string.h>

#define RTCP_SIZE_MIN 8 /* a header and the sender's SSRC */

struct srtp_endpoint {
    srtp_t inbound;       /* RTP and RTCP that arrive */
    srtp_t outbound_rtcp; /* RTCP that is sent */
    struct srtp_out *outbound_rtp;
    /* libsrtp keeps a state for every SSRC that authenticates, without an end: a peer that we have
     * let in could fill the memory. */
    uint32_t inbound_ssrcs[SRTP_INBOUND_SSRCS_MAX];
    unsigned inbound_ssrc_count;
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

const char *srtp_suite_name(enum srtp_suite suite)
{
    return suite == SRTP_SUITE_AEAD_AES_128_GCM ? "SRTP_AEAD_AES_128_GCM"
                                                : "SRTP_AES128_CM_HMAC_SHA1_80";
}

const char *srtp_result_name(enum srtp_result result)
{
    static const char *const names[] = {
        "ok",       "malformed",      "no room",      "not authentic",
        "replayed", "too many ssrcs", "keys expired", "library failed"};
    return names[result];
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
    policy.window_size = SRTP_REPLAY_WINDOW;
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
    case srtp_err_status_bad_param:
    case srtp_err_status_parse_err:
        return SRTP_MALFORMED;
    case srtp_err_status_key_expired:
        return SRTP_KEYS_EXPIRED;
    default:
        return SRTP_FAILED;
    }
}

static bool is_known(const struct srtp_endpoint *endpoint, uint32_t ssrc)
{
    for (unsigned i = 0; i < endpoint->inbound_ssrc_count; i++) {
        if (endpoint->inbound_ssrcs[i] == ssrc)
            return true;
    }
    return false;
}

typedef srtp_err_status_t (*unprotect_function)(srtp_t session, void *bytes, int *size);

static enum srtp_result unprotect(struct srtp_endpoint *endpoint, unprotect_function function,
                                  uint8_t *bytes, size_t *size, uint32_t ssrc)
{
    int length = (int)*size;
    bool is_new = !is_known(endpoint, ssrc);
    if (is_new && endpoint->inbound_ssrc_count == SRTP_INBOUND_SSRCS_MAX)
        return SRTP_TOO_MANY_SSRCS;
    enum srtp_result result = result_of(function(endpoint->inbound, bytes, &length));
    if (result == SRTP_OK) {
        *size = (size_t)length;
        if (is_new)
            endpoint->inbound_ssrcs[endpoint->inbound_ssrc_count++] = ssrc;
    }
    return result;
}

enum srtp_result srtp_endpoint_protect_rtp(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                           size_t *size, size_t capacity)
{
    return srtp_out_protect(endpoint->outbound_rtp, bytes, size, capacity);
}

enum srtp_result srtp_endpoint_unprotect_rtp(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                             size_t *size)
{
    if (*size < RTP_HEADER_SIZE || *size > RTP_PACKET_MAX)
        return SRTP_MALFORMED;
    return unprotect(endpoint, srtp_unprotect, bytes, size, read_u32(bytes + 8));
}

enum srtp_result srtp_endpoint_protect_rtcp(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                            size_t *size, size_t capacity)
{
    int length = (int)*size;
    if (*size < RTCP_SIZE_MIN || *size > RTP_PACKET_MAX)
        return SRTP_MALFORMED;
    if (capacity < *size + SRTP_OVERHEAD_MAX)
        return SRTP_NO_ROOM;
    enum srtp_result result = result_of(srtp_protect_rtcp(endpoint->outbound_rtcp, bytes, &length));
    if (result == SRTP_OK)
        *size = (size_t)length;
    return result;
}

enum srtp_result srtp_endpoint_unprotect_rtcp(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                              size_t *size)
{
    if (*size < RTCP_SIZE_MIN || *size > RTP_PACKET_MAX)
        return SRTP_MALFORMED;
    return unprotect(endpoint, srtp_unprotect_rtcp, bytes, size, read_u32(bytes + 4));
}
