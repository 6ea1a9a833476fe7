/* The sending half of SRTP for RTP, by OpenSSL's EVP: AES-GCM (RFC 7714) and AES-CM with HMAC-SHA1
 * (RFC 3711). Contexts are made once; a packet changes only the IV.
 *
 * Thread: the owner's. srtp_out_protect() allocates nothing. */
#pragma once

#include "bridge/transport/srtp.h"

struct srtp_out;

struct srtp_out *srtp_out_new(enum srtp_suite suite, const struct srtp_keys *master,
                              GError **error);
void srtp_out_free(struct srtp_out *out);
enum srtp_result srtp_out_protect(struct srtp_out *out, uint8_t *bytes, size_t *size);
