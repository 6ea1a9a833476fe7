/* Who is signed in, and the keys that say so: join links (for as long as the meeting) and tokens
 * (for hours). Of both only the SHA-256 is stored; the key itself is given out once.
 *
 * Thread: main. */
#pragma once

#include "signaling/store/store.h"

struct identity {
    char *account; /* NULL: a room of a link */
    enum role role;
    char *site;         /* NULL: stands for no room */
    char *meeting;      /* NULL: any */
    int64_t expires_us; /* UTC, of the token */
    char *key;          /* the SHA-256 of the token or link, in hex; NULL before there is one */
    char *parent;       /* of a token: what it came by, as in struct grant; or NULL */
};

void identity_free(struct identity *identity);

/* The token for `identity`, whose `expires_us` says until when. Free with g_free(). */
char *identity_issue_token(struct store *store, const struct identity *identity, GError **error);

/* NULL without `error` when the token is unknown or has expired. */
struct identity *identity_of_token(struct store *store, const char *token, int64_t now_us,
                                   GError **error);

/* A join link. Without `site` it signs in the account "link-<first 8 of the hash>". */
struct link {
    const char *site; /* borrowed; NULL: no room */
    enum role role;
    char *key; /* made; for g_free() */
};

/* Makes keys for all or none. */
bool identity_make_links(struct store *store, const char *meeting, struct link *links, size_t count,
                         GError **error);

/* The room or account that a link stands for, `expires_us` 0. NULL without `error` when there is
 * no such link. */
struct identity *identity_of_link(struct store *store, const char *key, GError **error);

/* Accounts, by name and role, bound to a room or not. */
bool identity_put_account(struct store *store, const char *name, enum role role, const char *site,
                          const char *secret_hash, GError **error);
