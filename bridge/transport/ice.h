/* ICE (RFC 8445) of one bundled transport, by libnice: one agent, one stream, one component.
 *
 * A pair that stops answering for ten seconds has failed (consent, RFC 7675).
 *
 * Thread: the shard's, whose GMainContext the agent lives on; handlers too.
 * Memory: belongs to its maker; may not be freed from its own handlers. */
#pragma once

#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct ice;

enum ice_state { ICE_CONNECTING, ICE_CONNECTED, ICE_DISCONNECTED, ICE_FAILED };

struct ice_config {
    bool is_controlling;
    const char *stun_server;      /* "host:port" with an address, not a name; NULL: none */
    const char *turn_server;      /* "turn:user|password@host:port"; NULL: none */
    const char *const *addresses; /* of this machine, to be reached at; NULL: all, loopback too */
    uint16_t port_min, port_max;  /* of its ports; 0: any */
    const char *public_address; /* told in place of the host's own, behind a 1:1 NAT; NULL: none */
    bool is_lite;               /* RFC 8445 section 2.5: only answers checks */
    bool has_tcp;               /* RFC 6544: TCP candidates too */
};

struct ice_handlers {
    void (*state)(enum ice_state state, void *arg);
    /* A local candidate found after ice_gather() returned; "" when that was the last. */
    void (*candidate)(const char *candidate, void *arg);
    void (*receive)(const uint8_t *bytes, size_t size, void *arg);
};

struct ice *ice_new(GMainContext *context, const struct ice_config *config,
                    const struct ice_handlers *handlers, void *arg, GError **error);
void ice_free(struct ice *ice);

/* Starts looking for candidates; the host ones are there when this returns. */
bool ice_gather(struct ice *ice, GError **error);
/* The local candidates so far, "candidate:…"; NULL-ended, for g_strfreev(). */
char **ice_local_candidates(struct ice *ice);
/* All candidates are known: no ICE candidate comes later. */
bool ice_is_gathered(const struct ice *ice);

/* Credentials of this side; they belong to `ice` and change with ice_restart(). */
const char *ice_ufrag(const struct ice *ice);
const char *ice_pwd(const struct ice *ice);
bool ice_restart(struct ice *ice);

/* Takes the leading role although the peer offered: a lite peer cannot (RFC 8445 section 6.1.1). */
void ice_take_control(struct ice *ice);
bool ice_set_remote(struct ice *ice, const char *ufrag, const char *pwd);
/* False for a candidate that is of no use (mDNS, another transport, unreadable, one too many). */
bool ice_add_remote(struct ice *ice, const char *candidate);

/* False when it could not be sent: not connected yet, or the line is full. */
bool ice_send(struct ice *ice, const uint8_t *bytes, size_t size);

/* The way past libnice for a connected pair over plain UDP: its socket and the peer's address. -1
 * while there is none (then ice_send()). Ask again for each batch: pairs come and go. */
int ice_direct_socket(const struct ice *ice, const struct sockaddr **address, socklen_t *size);
