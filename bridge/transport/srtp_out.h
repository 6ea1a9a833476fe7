/* The sending half of SRTP for RTP, by OpenSSL: AES-GCM (RFC 7714) and AES-CM with HMAC-SHA1
 * (RFC 3711). Contexts are made once for all SSRCs, as the session keys do not depend on them; a
 * packet changes only the IV.
 *
 * Thread: the owner's. srtp_out_protect() allocates nothing. */
#pragma once

#include "bridge/transport/srtp.h"

#define SRTP_AUTHENTICATION_KEY_SIZE 20

struct srtp_session_keys {
    uint8_t cipher[SRTP_KEY_SIZE];
    uint8_t authentication[SRTP_AUTHENTICATION_KEY_SIZE]; /* not with GCM */
    uint8_t salt[SRTP_SALT_MAX];                          /* GCM uses the first 12 */
};

/* The labels of RFC 3711 section 4.3.2. */
enum srtp_label { SRTP_LABEL_CIPHER = 0, SRTP_LABEL_AUTHENTICATION = 1, SRTP_LABEL_SALT = 2 };

/* One session key: RFC 3711 section 4.3.1 with the AES-CM PRF of 4.3.3 and derivation rate 0; a
 * salt of 12 bytes is filled up with zeros (RFC 7714 section 11). `size` is at most 96. False if
 * OpenSSL fails. */
bool srtp_derive(const struct srtp_keys *master, size_t salt_size, enum srtp_label label,
                 uint8_t *out, size_t size);

struct srtp_out;

/* NULL with `error` if OpenSSL fails. The second takes the session keys themselves. */
struct srtp_out *srtp_out_new(enum srtp_suite suite, const struct srtp_keys *master,
                              GError **error);
struct srtp_out *srtp_out_new_from_session_keys(enum srtp_suite suite,
                                                const struct srtp_session_keys *keys,
                                                GError **error);
void srtp_out_free(struct srtp_out *out);

/* As srtp_endpoint_protect_rtp(). */
enum srtp_result srtp_out_protect(struct srtp_out *out, uint8_t *bytes, size_t *size,
                                  size_t capacity);
