/* The ways to the media that the server names in session.hello: STUN and TURN servers, and whether
 * TCP is worth trying.
 *
 * Thread: the main thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct way {
    char *stun; /* "address:port"; NULL: none */
    char *turn; /* "turn:user|password@address:port"; NULL: none */
    bool has_tcp;
};

/* Names of servers are looked up here, which may take a moment. What cannot be read or found is
 * left out: another way may do. */
void way_read(struct way *way, const json_t *hello);
void way_clear(struct way *way);
