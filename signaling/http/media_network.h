/* The way that media takes: [media] of the configuration, for the bridge and for its clients.
 *
 * Thread: main. */
#pragma once

#include "signaling/config.h"

#include <jansson.h>
#include <stdint.h>

/* Checks what [media] says; the error names the key. */
bool media_network_check(const struct config *config, GError **error);
/* As bridge.hello takes it; a new reference. */
json_t *media_network_for_bridge(const struct config *config);
/* TCP candidates are offered. */
bool media_network_has_tcp(const struct config *config);
/* [{urls, username?, credential?}], as RTCPeerConnection takes them: STUN and TURN, with
 * credentials of the TURN server's shared secret that are good for a day (the REST way that coturn
 * knows as use-auth-secret). `who` is in the user's name, for the TURN server's log. A new
 * reference. */
json_t *media_network_ice_servers(const struct config *config, const char *who, int64_t now_us);
