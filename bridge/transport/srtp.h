/* SRTP and SRTCP (RFC 3711, RFC 7714) of one DTLS association.
 *
 * What arrives, and RTCP, goes through libsrtp. RTP that is sent goes through OpenSSL's EVP
 * directly: a nationwide meeting spends its life there, and Debian's libsrtp (built on NSS) costs
 * several times as much a packet, more so with many sessions.
 *
 * Thread: the owner's, one at a time; endpoints of different owners do not touch each other.
 * Memory: packets are changed in place. srtp_endpoint_protect_rtp() allocates nothing; the others
 * only at the first packet of an SSRC. */
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

/* As IANA registers it for DTLS-SRTP: "SRTP_AEAD_AES_128_GCM"… */
const char *srtp_suite_name(enum srtp_suite suite);

struct srtp_endpoint;

/* NULL with `error` if a library refuses the keys. */
struct srtp_endpoint *srtp_endpoint_new(enum srtp_suite suite, const struct srtp_keys *outbound,
                                        const struct srtp_keys *inbound, GError **error);
void srtp_endpoint_free(struct srtp_endpoint *endpoint);

/* Bounds on what a peer can make us keep. */
#define SRTP_OUTBOUND_SSRCS_MAX 8
#define SRTP_INBOUND_SSRCS_MAX  64
#define SRTP_REPLAY_WINDOW      1024 /* packets */

enum srtp_result {
    SRTP_OK,
    SRTP_MALFORMED,     /* too short or too long for what it claims to be */
    SRTP_NO_ROOM,       /* `capacity` cannot hold what is added */
    SRTP_NOT_AUTHENTIC, /* forged, damaged, or another's keys */
    SRTP_REPLAYED,      /* seen before, or too old to tell; outbound: see below */
    SRTP_TOO_MANY_SSRCS,
    SRTP_KEYS_EXPIRED, /* RFC 3711 section 9.2: a new handshake is due */
    SRTP_FAILED        /* a library failed: out of memory */
};

const char *srtp_result_name(enum srtp_result result); /* "not authentic"… */

/* Each takes a packet of `*size` bytes and sets its new size. Protecting needs up to
 * SRTP_OVERHEAD_MAX bytes of room behind it, in a buffer of `capacity`. `bytes` is aligned to 4.
 * After any other result than SRTP_OK the content is of no use.
 *
 * Outbound RTP: the sequence numbers of an SSRC rise, by less than 2^15 at a time, and should begin
 * below 2^15 (RFC 3711 section 3.3.1). What does not rise is refused with SRTP_REPLAYED, as it
 * would use a key stream twice (section 9.1; with GCM that gives the key away): a retransmission
 * goes on an SSRC of its own (RFC 4588). */
enum srtp_result srtp_endpoint_protect_rtp(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                           size_t *size, size_t capacity);
enum srtp_result srtp_endpoint_protect_rtcp(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                            size_t *size, size_t capacity);
enum srtp_result srtp_endpoint_unprotect_rtp(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                             size_t *size);
enum srtp_result srtp_endpoint_unprotect_rtcp(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                              size_t *size);
