/* Who may come in, and no longer: accounts, join links one by one, tokens. What is revoked ends at
 * once, on live connections too. Keys are told by the first digits of their hash; the keys
 * themselves are nowhere. */
#include "common/clock.h"
#include "common/ids.h"
#include "common/log.h"
#include "signaling/http/gateway.h"
#include "signaling/http/reply.h"
#include "signaling/http/routes.h"

#include <string.h>

#define KEY_DIGITS   16 /* of a hash: as it is shown */
#define SECRET_BYTES 16
#define SECRET_LEAST 8

static bool fail(const struct visit *visit, const GError *error)
{
    log_error("accounts and keys cannot be used why=%s", error->message);
    reply_error(visit->message, ERROR_STORAGE, "storage", "the store does not answer");
    return false;
}

/* NULL: answered. */
static GPtrArray *list_grants(const struct visit *visit, const char *kind)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *grants = store_list_grants(visit->service->store, kind, visit->meeting, &error);
    if (grants == NULL)
        fail(visit, error);
    return grants;
}

static json_t *grant_to_json(const struct grant *grant)
{
    json_t *made = json_null(), *expires = json_null();
    char text[CLOCK_RFC3339_SIZE];
    if (grant->made_us != 0) {
        clock_format_rfc3339(grant->made_us, text);
        made = json_string(text);
    }
    if (grant->expires_us != 0) {
        clock_format_rfc3339(grant->expires_us, text);
        expires = json_string(text);
    }
    return json_pack("{s:s%, s:s, s:s?, s:s?, s:s?, s:o, s:o}", grant->kind, grant->key_hash,
                     (size_t)KEY_DIGITS, "role", role_name(grant->role), "account", grant->account,
                     "site", grant->site, "meeting", grant->meeting, "made", made, "expires",
                     expires);
}

static void reply_grants(const struct visit *visit, const char *kind)
{
    g_autoptr(GPtrArray) grants = list_grants(visit, kind);
    if (grants == NULL)
        return;
    json_t *list = json_array();
    for (unsigned i = 0; i < grants->len; i++)
        json_array_append_new(list, grant_to_json(grants->pdata[i]));
    reply_json(visit->message, SOUP_STATUS_OK, list);
}

void visit_links(const struct visit *visit)
{
    reply_grants(visit, "link");
}

/* An operator of one meeting sees its tokens only. */
static bool is_of_reader(const struct visit *visit, const struct grant *grant)
{
    const char *own = visit->identity->meeting;
    return own == NULL || g_strcmp0(own, grant->meeting) == 0;
}

void visit_tokens(const struct visit *visit)
{
    g_autoptr(GPtrArray) grants = list_grants(visit, "token");
    if (grants == NULL)
        return;
    json_t *list = json_array();
    for (unsigned i = 0; i < grants->len; i++) {
        if (is_of_reader(visit, grants->pdata[i]))
            json_array_append_new(list, grant_to_json(grants->pdata[i]));
    }
    reply_json(visit->message, SOUP_STATUS_OK, list);
}

/* Deletes a key and what came by it, and ends the sessions. */
static void end_key(const struct visit *visit, const char *kind, const char *key)
{
    g_autoptr(GError) error = NULL;
    if (!store_delete_grant(visit->service->store, key, &error)) {
        fail(visit, error);
        return;
    }
    unsigned ended = gateway_revoke(visit->service->gateway, key);
    log_info("revoked kind=%s key=%.*s by=%s sessions=%u", kind, KEY_DIGITS, key,
             visit->identity->account != NULL ? visit->identity->account : "-", ended);
    reply_json(visit->message, SOUP_STATUS_OK, json_pack("{s:i}", "sessions", (int)ended));
}

static void revoke_shown(const struct visit *visit, const char *kind)
{
    g_autoptr(GPtrArray) grants = list_grants(visit, kind);
    if (grants == NULL)
        return;
    for (unsigned i = 0; i < grants->len; i++) {
        const struct grant *grant = grants->pdata[i];
        if (strlen(visit->rest) == KEY_DIGITS && is_of_reader(visit, grant) &&
            g_str_has_prefix(grant->key_hash, visit->rest)) {
            end_key(visit, kind, grant->key_hash);
            return;
        }
    }
    reply_error(visit->message, ERROR_NO_SUCH_METHOD, "no-such-key", "there is no such key");
}

void visit_revoke_link(const struct visit *visit)
{
    revoke_shown(visit, "link");
}

void visit_revoke_token(const struct visit *visit)
{
    revoke_shown(visit, "token");
}

void visit_logout(const struct visit *visit)
{
    end_key(visit, "token", visit->identity->key);
}

/* Accounts: by an operator who is an account himself. */

static bool may_see_accounts(const struct visit *visit)
{
    if (visit->identity->meeting == NULL)
        return true;
    reply_error(visit->message, ERROR_NOT_ALLOWED, "not-allowed",
                "accounts are for the operator's account");
    return false;
}

void visit_accounts(const struct visit *visit)
{
    g_autoptr(GError) error = NULL;
    if (!may_see_accounts(visit))
        return;
    g_autoptr(GPtrArray) accounts = store_list_accounts(visit->service->store, &error);
    if (accounts == NULL) {
        fail(visit, error);
        return;
    }
    json_t *list = json_array();
    for (unsigned i = 0; i < accounts->len; i++) {
        const struct account *account = accounts->pdata[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s?}", "account", account->name, "role",
                                              role_name(account->role), "site", account->site));
    }
    reply_json(visit->message, SOUP_STATUS_OK, list);
}

struct wanted_account {
    const char *name, *site, *secret;
    enum role role;
};

static bool read_account(const struct visit *visit, const json_t *body,
                         struct wanted_account *wanted)
{
    static const char *const roles[] = {"chair", "secretary", "operator", "site", "observer", NULL};
    struct json_fields fields;
    struct refusal refusal = {0};
    json_fields_begin(&fields, body);
    wanted->name = json_fields_slug(&fields, "account", JSON_REQUIRED);
    int role = json_fields_choice(&fields, "role", roles, 0, JSON_REQUIRED);
    wanted->site = json_fields_slug(&fields, "site", JSON_OPTIONAL);
    wanted->secret = json_fields_raw(&fields, "secret", SECRET_MAX, JSON_OPTIONAL);
    role_parse(roles[role], &wanted->role);
    if (wanted->role == ROLE_SITE && wanted->site == NULL)
        json_fields_fail(&fields, "site", "is needed with the role site");
    if (wanted->secret != NULL && g_utf8_strlen(wanted->secret, -1) < SECRET_LEAST)
        json_fields_fail(&fields, "secret", "must have at least 8 characters");
    if (json_fields_end(&fields))
        return true;
    rpc_refuse_fields(&refusal, &fields);
    reply_refusal(visit->message, &refusal);
    return false;
}

/* A new secret ends what was signed in with the old one. */
static void put_account(const struct visit *visit, const struct wanted_account *wanted)
{
    const struct config *config = visit->service->config;
    struct secret_cost cost = {config->secret_memory_kib, config->secret_passes};
    g_autoptr(GError) error = NULL;
    g_autofree char *made = wanted->secret == NULL ? id_random_key(SECRET_BYTES) : NULL;
    g_autofree char *hash = secret_hash(made != NULL ? made : wanted->secret, &cost);
    g_autofree char *parent = g_strconcat("account:", wanted->name, NULL);
    if (hash == NULL)
        g_set_error_literal(&error, G_IO_ERROR, G_IO_ERROR_FAILED, "no memory to hash a secret");
    if (hash == NULL ||
        !identity_put_account(visit->service->store, wanted->name, wanted->role, wanted->site, hash,
                              &error) ||
        !store_delete_grant(visit->service->store, parent, &error)) {
        fail(visit, error);
        return;
    }
    gateway_revoke(visit->service->gateway, parent);
    log_info("account put account=%s role=%s by=%s", wanted->name, role_name(wanted->role),
             visit->identity->account);
    reply_json(visit->message, SOUP_STATUS_CREATED,
               json_pack("{s:s, s:s?}", "account", wanted->name, "secret", made));
}

void visit_put_account(const struct visit *visit)
{
    struct wanted_account wanted;
    if (!may_see_accounts(visit))
        return;
    json_t *body = reply_read_body(visit->message);
    if (body != NULL && read_account(visit, body, &wanted))
        put_account(visit, &wanted);
    json_decref(body);
}

void visit_remove_account(const struct visit *visit)
{
    g_autoptr(GError) error = NULL;
    if (!may_see_accounts(visit))
        return;
    if (g_strcmp0(visit->rest, visit->identity->account) == 0) {
        reply_error(visit->message, ERROR_WRONG_STATE, "wrong-state",
                    "nobody removes the account that he is signed in with");
        return;
    }
    struct account *account = store_get_account(visit->service->store, visit->rest, &error);
    if (account == NULL && error == NULL) {
        reply_error(visit->message, ERROR_NO_SUCH_METHOD, "no-such-account",
                    "there is no such account");
        return;
    }
    account_free(account);
    g_autofree char *parent = g_strconcat("account:", visit->rest, NULL);
    if (error != NULL || !store_delete_account(visit->service->store, visit->rest, &error)) {
        fail(visit, error);
        return;
    }
    unsigned ended = gateway_revoke(visit->service->gateway, parent);
    log_info("account removed account=%s by=%s sessions=%u", visit->rest, visit->identity->account,
             ended);
    reply_json(visit->message, SOUP_STATUS_OK, json_pack("{s:i}", "sessions", (int)ended));
}
