/* The certificate that this process shows in DTLS: ECDSA P-256, made at the first use, known to
 * peers by its SHA-256 fingerprint in the session description (RFC 8122).
 *
 * Thread: any. */
#pragma once

#include "bridge/transport/sdp.h"

#include <openssl/ssl.h>

/* "AB:CD:…"; lives as long as the process. */
const char *identity_fingerprint(void);
/* The fingerprint of a certificate in the same form. */
bool identity_fingerprint_of(const X509 *certificate, char text[SDP_FINGERPRINT_SIZE]);
/* A DTLS 1.2 context with that certificate, a peer's certificate required, SRTP with GCM first.
 * Lives as long as the process. */
SSL_CTX *identity_context(void);
