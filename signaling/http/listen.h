/* The HTTPS server's certificate, its socket, and the connections that come in by it.
 *
 * Connections are accepted here and handed to libsoup with TLS already around them: libsoup's own
 * listener (3.2) bounds neither their number nor how long one may sit there without a word, and
 * leaks a GSocket for each.
 *
 * Thread: main. */
#pragma once

#include "signaling/config.h"

#include <libsoup/soup.h>

/* From the configuration, or the data directory's own, made when there is none. Logs the
 * fingerprint, by which a first visitor can know that it is ours. */
GTlsCertificate *listen_certificate(const struct config *config, GError **error);

struct listener;

/* Where it listens: "https://127.0.0.1:8443"; the loopback address when it listens on all. And what
 * links begin with. Each for g_free(). */
struct listen_urls {
    char *own, *public;
};

/* `server` and `certificate` stay the caller's, and outlive the listener. */
struct listener *listener_new(SoupServer *server, GTlsCertificate *certificate,
                              const struct config *config, struct listen_urls *urls,
                              GError **error);
/* Connections that are open stay. */
void listener_free(struct listener *listener);

/* The connection is a WebSocket now, which has patience and limits of its own. */
void listener_release_timeout(GIOStream *connection);
