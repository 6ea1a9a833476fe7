/* What the server's parts share: made once by service_new(), ended by service_free().
 *
 * Thread: main. */
#pragma once

#include "signaling/auth/checker.h"
#include "signaling/auth/limiter.h"
#include "signaling/config.h"
#include "signaling/http/attendance.h"
#include "signaling/http/listen.h"

struct gateway;
struct places;
struct greeter;
struct alarms;
struct figures;

struct service {
    const struct config *config;
    struct store *store;
    struct hub *hub;
    struct media_plane *plane; /* NULL: none is wanted */
    struct attendance *attendance;
    struct alarms *alarms;
    struct figures *figures;
    struct gateway *gateway;
    struct greeter *greeter;
    struct checker *checker;
    struct limiter *tries; /* of signing in */
    SoupServer *server;
    GTlsCertificate *certificate;
    struct listener *listener;
    struct listen_urls urls;
    struct places *places; /* NULL: the lists are not installed */
    int web_directory;     /* -1: none */
    json_t *bridge_stats;  /* as of a few seconds ago; NULL: the bridge is away */
    guint ticker;
    unsigned ticks;
    bool has_swept; /* legs of before the start that nobody came back to are gone */
};

/* Opens the store, replays all journals, starts the media plane and listens. The data directory
 * exists and is ours alone. */
struct service *service_new(const struct config *config, GError **error);

/* Runs the main loop until the bridge is there, for a few seconds at most: who waits for this
 * program to be ready may offer media at once. Without a bridge the rest works all the same. */
void service_await_media(struct service *service);

/* Rooms leave in good order, connections are closed, the bridge finishes its recordings and ends.
 */
void service_free(struct service *service);
