/* A room's media, kept up for as long as its session lives: offered once there is a session, and
 * again when it is lost.
 *
 * What is done depends on what was lost. A way that has failed is searched for anew with the same
 * keys (an ICE restart); a peer that has said goodbye or forgotten the room needs a new connection.
 * Both ends of this program keep one certificate for their life, so that a peer takes a new
 * connection's offer for a restart as long as it has the old one: a new connection is offered only
 * when the peer has nothing of the old one left.
 *
 * Thread: main.
 * Memory: belongs to the session. */
#pragma once

#include "client/room/call.h"
#include "client/room/session.h"

struct media;

struct media *media_new(struct session *session, const struct session_config *config,
                        void (*changed)(const char *state, const char *profile, void *arg),
                        void (*trouble)(const char *what, void *arg), void *arg);
void media_free(struct media *media);

/* The session has said hello: what is not up is offered, the way that `hello` names. `name` is for
 * the log. */
void media_resume(struct media *media, const char *name, const json_t *hello);
/* This machine is on another network: once there is a session again the way is looked for anew. */
void media_move(struct media *media);
/* The bridge has been away and is a new one: it knows nothing of this room. */
void media_renew(struct media *media);
/* media.candidate, media.hint and media.state, as the server sent them. */
void media_take_candidate(struct media *media, const json_t *params);
void media_take_hint(struct media *media, const json_t *params);
void media_take_state(struct media *media, const json_t *params);
/* Ends what there is and begins nothing more. */
void media_stop(struct media *media);

/* As call_probe_ssrc(); 0 while there is no sound. */
uint32_t media_probe_ssrc(const struct media *media);
/* As call_check_line() and call_stop_check(); false when there is no sound. `done` comes with NULL
 * if the connection is lost before it. */
bool media_check_line(struct media *media, uint32_t peer_ssrc, unsigned kbps, call_checked done,
                      void *arg);
void media_stop_check(struct media *media);

/* False while there is no connection. */
bool media_counters(const struct media *media, struct leg_counters *counters);
