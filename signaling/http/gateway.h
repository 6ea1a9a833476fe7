/* `wss://host/api/v1/ws`: takes WebSockets over from the HTTP server, holds the sessions, and hands
 * their frames to methods.c. Only the token in session.hello signs in; cookies are not looked at,
 * so the page that opened the WebSocket (its Origin) gives nobody any right.
 *
 * Thread: main. */
#pragma once

#include "signaling/http/service.h"

struct gateway *gateway_new(struct service *service);
/* Drops what is left. */
void gateway_free(struct gateway *gateway);

void gateway_tick(struct gateway *gateway, int64_t now_us);
/* Closes all sessions (1001) and refuses new ones. */
void gateway_close(struct gateway *gateway);
/* Ends the sessions whose token is `key` or came by it (1008). How many there were. */
unsigned gateway_revoke(struct gateway *gateway, const char *key);
bool gateway_is_empty(const struct gateway *gateway);

struct gateway_counts {
    unsigned sessions; /* open */
    uint64_t opened;   /* ever */
    uint64_t frames;   /* received */
    uint64_t lost;     /* broke, silent, slow */
    size_t backlog;    /* bytes waiting for all peers */
};
struct gateway_counts gateway_count(const struct gateway *gateway);
