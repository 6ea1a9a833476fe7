/* The server's own certificate, for a first start without one: ECDSA P-256, self-signed, for
 * localhost, 127.0.0.1, ::1 and this machine's name, good for ten years.
 *
 * Thread: main. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

/* Makes both files (PEM; the key with mode 0600) unless both are there. */
bool certificate_ensure(const char *certificate_path, const char *key_path, GError **error);

/* SHA-256 of the certificate, "AB:CD:…", as browsers show it. Free with g_free(). */
char *certificate_fingerprint(GTlsCertificate *certificate);
