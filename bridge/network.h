/* How the bridge is reached: what the operator has set in [media], told by signaling in
 * bridge.hello. Never changed once made; legs that were made with one keep it.
 *
 * Thread: made on the main thread, read on any, counted by reference. */
#pragma once

#include "bridge/transport/leg.h"

#include <jansson.h>

struct network;

/* {addresses?: [ip], public_address?: ip, ports?: [least, most], ice_lite?: bool, ice_tcp?: bool,
 * stun?: "host:port", turn?: "turn:user|password@host:port"}; NULL or {} is every address and any
 * port. NULL with `why` (for a person) when it does not fit. */
struct network *network_new(const json_t *settings, char why[160]);
struct network *network_ref(struct network *network);
void network_unref(struct network *network);

/* Fills in the fields of the way; texts belong to `network`. */
void network_fill(const struct network *network, struct leg_config *config);
