/* SRTP and SRTCP (RFC 3711, RFC 7714) of one DTLS association.
 *
 * What arrives, and RTCP, goes through libsrtp. RTP that is sent goes through OpenSSL's EVP
 * directly: a nationwide meeting spends its life there, and Debian's libsrtp (built on NSS) costs
 * several times as much a packet, more so with many sessions.
 *
 * Thread: the owner's, one at a time. Protecting and unprotecting allocate nothing, but for the
 * first packet of an SSRC that arrives. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum srtp_suite { SRTP_SUITE_AEAD_AES_128_GCM, SRTP_SUITE_AES128_CM_SHA1_80 };

/* Both directions' master keys and salts, as DTLS-SRTP exports them (RFC 5764 section 4.2). */
#define SRTP_KEY_SIZE      16
#define SRTP_SALT_MAX      14
#define SRTP_MATERIAL_SIZE (2 * (SRTP_KEY_SIZE + SRTP_SALT_MAX))

/* Bytes that protecting adds at the most: a GCM tag, and SRTCP's index. */
#define SRTP_OVERHEAD_MAX 20

struct srtp_keys {
    uint8_t key[SRTP_KEY_SIZE];
    uint8_t salt[SRTP_SALT_MAX]; /* GCM uses the first 12 */
};

/* Bytes of salt of a suite: 12 or 14; of exported material: 2 * (16 + salt). */
size_t srtp_salt_size(enum srtp_suite suite);

struct srtp_endpoint;

/* NULL with `error` if a library refuses the keys. */
struct srtp_endpoint *srtp_endpoint_new(enum srtp_suite suite, const struct srtp_keys *outbound,
                                        const struct srtp_keys *inbound, GError **error);
void srtp_endpoint_free(struct srtp_endpoint *endpoint);

enum srtp_result {
    SRTP_OK,
    SRTP_NOT_AUTHENTIC, /* forged, damaged, or another's keys */
    SRTP_REPLAYED,      /* seen before, or too old to tell */
    SRTP_MALFORMED      /* too short or too long for what it claims to be */
};

/* In place. Protecting needs SRTP_OVERHEAD_MAX bytes of room behind `*size`. Outbound RTP: packets
 * of an SSRC in rising order of sequence numbers, at most SRTP_OUT_SSRCS different SSRCs. */
#define SRTP_OUT_SSRCS 8
enum srtp_result srtp_endpoint_protect_rtp(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                           size_t *size);
enum srtp_result srtp_endpoint_unprotect_rtp(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                             size_t *size);
enum srtp_result srtp_endpoint_protect_rtcp(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                            size_t *size);
enum srtp_result srtp_endpoint_unprotect_rtcp(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                              size_t *size);

/* The key derivation function of RFC 3711 section 4.3 with rate 0: `size` (at most 32) bytes for
 * the label (0 cipher, 1 authentication, 2 salt). Open for the RFC's test vectors. */
bool srtp_derive(const struct srtp_keys *master, size_t salt_size, uint8_t label, uint8_t *out,
                 size_t size);
