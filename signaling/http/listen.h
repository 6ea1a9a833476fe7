/* The HTTPS server's certificate and socket.
 *
 * Thread: main. */
#pragma once

#include "signaling/config.h"

#include <libsoup/soup.h>

/* From the configuration, or the data directory's own, made when there is none. Logs the
 * fingerprint, by which a first visitor can know that it is ours. */
GTlsCertificate *listen_certificate(const struct config *config, GError **error);

/* Listens; `*url` is where ("https://127.0.0.1:8443"; the loopback address when all are listened
 * on), `*public_url` what links begin with. */
bool listen_start(SoupServer *server, const struct config *config, char **url, char **public_url,
                  GError **error);
