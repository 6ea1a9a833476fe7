#include "signaling/auth/identity.h"

#include "common/ids.h"
#include "signaling/auth/secret.h"

#include <string.h>

#define KEY_BYTES 32
#define KEY_MAX   128 /* characters; longer ones are none of ours */

/* As the account of a link without a room is called. */
#define LINK_ACCOUNT_DIGITS 8

void identity_free(struct identity *identity)
{
    if (identity == NULL)
        return;
    g_free(identity->account);
    g_free(identity->site);
    g_free(identity->meeting);
    g_free(identity);
}

static char *put_key(struct store *store, struct grant *grant, GError **error)
{
    g_autofree char *key = id_random_key(KEY_BYTES);
    char hash[KEY_HEX_SIZE];
    key_hash(key, hash);
    grant->key_hash = hash;
    return store_put_grant(store, grant, error) ? g_steal_pointer(&key) : NULL;
}

char *identity_issue_token(struct store *store, const struct identity *identity, GError **error)
{
    struct grant grant = {
        .kind = (char *)"token",
        .account = identity->account,
        .role = identity->role,
        .site = identity->site,
        .meeting = identity->meeting,
        .expires_us = identity->expires_us,
    };
    return put_key(store, &grant, error);
}

char *identity_make_link(struct store *store, const char *meeting, const char *site, enum role role,
                         GError **error)
{
    struct grant grant = {
        .kind = (char *)"link",
        .role = role,
        .site = (char *)site,
        .meeting = (char *)meeting,
    };
    return put_key(store, &grant, error);
}

static struct identity *find(struct store *store, const char *key, const char *kind, char *hash,
                             GError **error)
{
    if (strlen(key) > KEY_MAX)
        return NULL;
    key_hash(key, hash);
    struct grant *grant = store_get_grant(store, hash, kind, error);
    if (grant == NULL)
        return NULL;
    struct identity *identity = g_new0(struct identity, 1);
    identity->account = g_steal_pointer(&grant->account);
    identity->role = grant->role;
    identity->site = g_steal_pointer(&grant->site);
    identity->meeting = g_steal_pointer(&grant->meeting);
    identity->expires_us = grant->expires_us;
    grant_free(grant);
    return identity;
}

struct identity *identity_of_token(struct store *store, const char *token, int64_t now_us,
                                   GError **error)
{
    char hash[KEY_HEX_SIZE];
    struct identity *identity = find(store, token, "token", hash, error);
    if (identity != NULL && identity->expires_us <= now_us)
        g_clear_pointer(&identity, identity_free);
    return identity;
}

struct identity *identity_of_link(struct store *store, const char *key, GError **error)
{
    char hash[KEY_HEX_SIZE];
    struct identity *identity = find(store, key, "link", hash, error);
    if (identity != NULL && identity->site == NULL)
        identity->account = g_strdup_printf("link-%.*s", LINK_ACCOUNT_DIGITS, hash);
    return identity;
}

bool identity_put_account(struct store *store, const char *name, enum role role, const char *site,
                          const char *hash, GError **error)
{
    struct account account = {
        .name = (char *)name,
        .secret_hash = (char *)hash,
        .role = role,
        .site = (char *)site,
    };
    return store_put_account(store, &account, error);
}
