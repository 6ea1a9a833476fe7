#include "signaling/auth/identity.h"

#include "common/clock.h"
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
    g_free(identity->key);
    g_free(identity->parent);
    g_free(identity);
}

char *identity_issue_token(struct store *store, const struct identity *identity, GError **error)
{
    char hash[KEY_HEX_SIZE];
    g_autofree char *key = id_random_key(KEY_BYTES);
    key_hash(key, hash);
    struct grant grant = {
        .key_hash = hash,
        .kind = (char *)"token",
        .account = identity->account,
        .role = identity->role,
        .site = identity->site,
        .meeting = identity->meeting,
        .expires_us = identity->expires_us,
        .made_us = clock_utc_us(),
        .parent = identity->parent,
    };
    return store_put_grant(store, &grant, error) ? g_steal_pointer(&key) : NULL;
}

bool identity_make_links(struct store *store, const char *meeting, struct link *links, size_t count,
                         GError **error)
{
    g_autofree struct grant *grants = g_new0(struct grant, count);
    g_autofree char(*hashes)[KEY_HEX_SIZE] = g_malloc(count * sizeof *hashes);
    for (size_t i = 0; i < count; i++) {
        links[i].key = id_random_key(KEY_BYTES);
        key_hash(links[i].key, hashes[i]);
        grants[i] = (struct grant){
            .key_hash = hashes[i],
            .kind = (char *)"link",
            .role = links[i].role,
            .site = (char *)links[i].site,
            .meeting = (char *)meeting,
            .made_us = clock_utc_us(),
        };
    }
    if (store_put_grants(store, grants, count, error))
        return true;
    for (size_t i = 0; i < count; i++)
        g_clear_pointer(&links[i].key, g_free);
    return false;
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
    identity->key = g_strdup(hash);
    identity->parent = g_steal_pointer(&grant->parent);
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
