/* A join link exchanged for a token: POST /api/v1/join (docs/protocol.md, "Signing in").
 *
 * Thread: the main thread, default GMainContext. */
#pragma once

#include "client/room/link.h"

#include <libsoup/soup.h>

enum join_outcome {
    JOIN_DONE,      /* `text` is the token */
    JOIN_REFUSED,   /* the link is of no use, now or later */
    JOIN_UNTRUSTED, /* the server cannot show who it is */
    JOIN_FAILED     /* try again later */
};

/* `text`: the token, or for a person what is wrong and what to do. */
typedef void (*join_done)(enum join_outcome outcome, const char *text, void *arg);

/* `done` is called once, later; not if `cancellable` is cancelled before. */
void join_ask(SoupSession *soup, const struct link *link, bool is_insecure,
              GCancellable *cancellable, join_done done, void *arg);

/* A message to the server of a link: no redirects, and any certificate if `is_insecure`. */
SoupMessage *join_message(const char *method, const struct link *link, const char *path,
                          bool is_insecure);
