/* DTLS 1.2 (RFC 6347) for DTLS-SRTP (RFC 5764): shakes hands over datagrams, verifies the peer's
 * certificate against the fingerprint that its description promised (RFC 8122), gives the keys.
 *
 * There is no cookie exchange: a cookie proves that the peer receives at its address, and the ICE
 * check of the pair has proved that before. What a peer can make this side hold is bounded: by the
 * size of its messages, and by how many datagrams a second are looked at.
 *
 * Thread: the shard's, with its GMainContext for the retransmission timer.
 * Memory: belongs to its maker; may not be freed from its own handlers. */
#pragma once

#include "bridge/transport/srtp.h"

#include <glib.h>
#include <stdbool.h>

struct dtls;

struct dtls_keys {
    enum srtp_suite suite;
    struct srtp_keys client, server;
};

struct dtls_handlers {
    /* A datagram to send; it may be lost. */
    void (*send)(const uint8_t *bytes, size_t size, void *arg);
    /* The peer is who it said; the keys are valid during the call. */
    void (*done)(const struct dtls_keys *keys, void *arg);
    /* It will not be: `why` is for the log. */
    void (*failed)(const char *why, void *arg);
    /* close_notify. */
    void (*closed)(void *arg);
};

/* `fingerprint`: as sdp_session holds it; copied. */
struct dtls *dtls_new(GMainContext *context, bool is_client, const char *fingerprint,
                      const struct dtls_handlers *handlers, void *arg);
void dtls_free(struct dtls *dtls);

/* Begins (client), or goes on. */
void dtls_start(struct dtls *dtls);
void dtls_receive(struct dtls *dtls, const uint8_t *bytes, size_t size);
/* Tells the peer that this side leaves. */
void dtls_close(struct dtls *dtls);
