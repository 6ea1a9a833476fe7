/* Where meetings' journals, accounts, tokens and join links are kept. sqlite.c is the embedded
 * default; the interface is what another store has to give.
 *
 * Thread: signaling's main thread; every call blocks until the store has answered (SQLite: one
 * fsync for each append). */
#pragma once

#include "signaling/meeting/meeting.h"

struct store;

/* Makes the database (mode 0600) if it is not there; refuses one of a newer version, another
 * program's, and one that is damaged. The error names the file and what to do. */
struct store *store_open(const char *path, GError **error);
void store_close(struct store *store);

/* Appends all or none, durable on return. Refuses an event whose number or `prev` does not follow
 * the last one's. A full disk is G_IO_ERROR_NO_SPACE; reading goes on. */
bool store_append(struct store *store, const GPtrArray *events, GError **error);

/* The same, and counts the ballot {vote, choice} of a secret vote (NULL: none) with them: all or
 * none. The count stands beside no voter and no time. */
bool store_append_with_ballot(struct store *store, const GPtrArray *events, const json_t *ballot,
                              GError **error);
/* {choice: count} of a secret vote of a meeting; choices that nobody made are not in it. */
json_t *store_tally(struct store *store, const char *meeting, const char *vote, GError **error);
/* Empties the write-ahead log, whose successive pages would tell in what order ballots came: after
 * a secret vote's close. */
void store_forget_order(struct store *store);

/* Calls `visit` for each event after `since`, in order, until it returns false. `visit` must not
 * call the store. */
typedef bool (*store_visit)(const struct event *event, void *arg);
bool store_read(struct store *store, const char *meeting, uint64_t since, store_visit visit,
                void *arg, GError **error);

/* Ids of all meetings, oldest first; a NULL-ended list for g_strfreev(). */
char **store_meetings(struct store *store, GError **error);

struct account {
    char *name;        /* slug */
    char *secret_hash; /* argon2id, in its encoded form */
    enum role role;
    char *site; /* NULL: none */
};
void account_free(struct account *account);
bool store_put_account(struct store *store, const struct account *account, GError **error);
/* NULL without `error` when there is none. */
struct account *store_get_account(struct store *store, const char *name, GError **error);
/* Of struct account, by name. NULL with `error`. */
GPtrArray *store_list_accounts(struct store *store, GError **error);
/* And its tokens. */
bool store_delete_account(struct store *store, const char *name, GError **error);

/* A join link or a token: kept by the SHA-256 of its key only, so that the file gives nobody in. */
struct grant {
    char *key_hash; /* hex */
    char *kind;     /* "link", "token" */
    char *account;  /* NULL for a room's */
    enum role role;
    char *site;         /* NULL: none */
    char *meeting;      /* NULL: any */
    int64_t expires_us; /* UTC; 0: never */
    int64_t made_us;
    char *parent; /* of a token: its link's key_hash, or "account:<name>"; it goes with it */
};
void grant_free(struct grant *grant);
bool store_put_grant(struct store *store, const struct grant *grant, GError **error);
/* All or none, made durable once: a meeting has a link for every room. */
bool store_put_grants(struct store *store, const struct grant *grants, size_t count,
                      GError **error);
struct grant *store_get_grant(struct store *store, const char *key_hash, const char *kind,
                              GError **error);
/* And the tokens that came by it. */
bool store_delete_grant(struct store *store, const char *key_hash, GError **error);
/* Of struct grant, oldest first; `meeting` NULL: of all. NULL with `error`. */
GPtrArray *store_list_grants(struct store *store, const char *kind, const char *meeting,
                             GError **error);
/* Drops expired grants; returns how many. */
int store_sweep_grants(struct store *store, int64_t now_us, GError **error);

/* A rehearsal's findings of a room, beside the official record: `item` is "line", "sound",
 * "picture" or "backup", `value` any object, `by` {account, role, site} as in events. The last one
 * counts. */
bool store_put_readiness(struct store *store, const char *meeting, const char *site,
                         const char *item, const json_t *value, const json_t *by, int64_t now_us,
                         GError **error);
/* {site: {item: {…value, "by": {…}, "time": "…"}}}; NULL with `error`. */
json_t *store_read_readiness(struct store *store, const char *meeting, GError **error);
