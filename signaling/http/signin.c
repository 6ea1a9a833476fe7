/* POST /api/v1/login and /api/v1/join: a secret or a link's key in, a token out. */
#include "common/clock.h"
#include "common/log.h"
#include "signaling/http/reply.h"
#include "signaling/http/routes.h"

#define KEY_MAX 128

static void set_cookie(SoupServerMessage *message, const char *token, unsigned hours)
{
    g_autofree char *value =
        g_strdup_printf("nhipcau_token=%s; Secure; HttpOnly; SameSite=Strict; Path=/; Max-Age=%u",
                        token, hours * 3600);
    SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
    soup_message_headers_append(headers, "Set-Cookie", value);
}

static void fail_storage(SoupServerMessage *message, const GError *error)
{
    log_error("accounts and keys cannot be used why=%s", error->message);
    reply_error(message, ERROR_STORAGE, "storage", "the store does not answer");
}

static void give_token(struct service *service, SoupServerMessage *message,
                       struct identity *identity)
{
    unsigned hours = service->config->token_hours;
    g_autoptr(GError) error = NULL;
    char expires[CLOCK_RFC3339_SIZE];
    identity->expires_us = clock_utc_us() + (int64_t)hours * 3600 * G_USEC_PER_SEC;
    g_autofree char *token = identity_issue_token(service->store, identity, &error);
    if (token == NULL) {
        fail_storage(message, error);
        return;
    }
    clock_format_rfc3339(identity->expires_us, expires);
    set_cookie(message, token, hours);
    reply_json(message, SOUP_STATUS_OK,
               json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:s}", "token", token, "role",
                         role_name(identity->role), "account", identity->account, "site",
                         identity->site, "meeting", identity->meeting, "expires", expires));
}

static void refuse_wrong(SoupServerMessage *message, const char *text)
{
    reply_error(message, ERROR_NOT_ALLOWED, "not-allowed", text);
    soup_server_message_set_status(message, SOUP_STATUS_UNAUTHORIZED, NULL);
}

/* False: answered. */
static bool take_try(const struct visit *visit)
{
    unsigned wait_s;
    const char *address = soup_server_message_get_remote_host(visit->message);
    if (limiter_take(visit->service->tries, address, clock_monotonic_us(), &wait_s))
        return true;
    reply_wait(visit->message, wait_s);
    return false;
}

/* A sign-in whose secret is being checked; its answer waits. */
struct login {
    struct service *service;
    SoupServerMessage *message;
    char *address;
    char *name;
    struct account *account; /* NULL: there is none of that name */
};

static void finish_login(struct login *login)
{
    soup_server_message_unpause(login->message);
    g_object_unref(login->message);
    account_free(login->account);
    g_free(login->address);
    g_free(login->name);
    g_free(login);
}

static void on_checked(bool matches, void *arg)
{
    struct login *login = arg;
    g_autofree char *parent = g_strconcat("account:", login->name, NULL);
    if (matches) {
        struct identity identity = {
            .account = login->account->name,
            .role = login->account->role,
            .site = login->account->site,
            .parent = parent,
        };
        limiter_refund(login->service->tries, login->address);
        give_token(login->service, login->message, &identity);
        log_info("signed in account=%s address=%s", login->name, login->address);
    } else {
        refuse_wrong(login->message, "the account or its secret is wrong");
        log_warning("wrong sign-in account=%s address=%s", login->name, login->address);
    }
    finish_login(login);
}

/* The try is taken before it is known to be wrong, so that many at once count; a right one is given
 * back. */
static void check_login(const struct visit *visit, const char *name, const char *secret)
{
    g_autoptr(GError) error = NULL;
    struct account *account = store_get_account(visit->service->store, name, &error);
    if (error != NULL) {
        fail_storage(visit->message, error);
        return;
    }
    struct login *login = g_new0(struct login, 1);
    login->service = visit->service;
    login->message = g_object_ref(visit->message);
    login->address = g_strdup(soup_server_message_get_remote_host(visit->message));
    login->name = g_strdup(name);
    login->account = account;
    soup_server_message_pause(visit->message);
    if (!checker_check(visit->service->checker, account != NULL ? account->secret_hash : NULL,
                       secret, on_checked, login)) {
        log_warning("too many sign-ins wait address=%s", login->address);
        reply_wait(visit->message, 1);
        finish_login(login);
    }
}

void visit_login(const struct visit *visit)
{
    json_t *body = reply_read_body(visit->message);
    struct json_fields fields;
    if (body == NULL)
        return;
    json_fields_begin(&fields, body);
    const char *name = json_fields_slug(&fields, "account", JSON_REQUIRED);
    const char *secret = json_fields_raw(&fields, "secret", SECRET_MAX, JSON_REQUIRED);
    struct refusal refusal = {0};
    if (!json_fields_end(&fields)) {
        rpc_refuse_fields(&refusal, &fields);
        reply_refusal(visit->message, &refusal);
    } else if (take_try(visit)) {
        check_login(visit, name, secret);
    }
    json_decref(body);
}

/* A link that is good works whatever others at the same address have tried. */
static void redeem(const struct visit *visit, const char *key)
{
    g_autoptr(GError) error = NULL;
    struct identity *identity = identity_of_link(visit->service->store, key, &error);
    if (identity != NULL) {
        g_free(identity->parent);
        identity->parent = g_strdup(identity->key);
        give_token(visit->service, visit->message, identity);
    } else if (error != NULL) {
        fail_storage(visit->message, error);
    } else if (take_try(visit)) {
        refuse_wrong(visit->message, "there is no such link");
        log_warning("wrong join link address=%s",
                    soup_server_message_get_remote_host(visit->message));
    }
    identity_free(identity);
}

void visit_join(const struct visit *visit)
{
    json_t *body = reply_read_body(visit->message);
    struct json_fields fields;
    if (body == NULL)
        return;
    json_fields_begin(&fields, body);
    const char *key = json_fields_raw(&fields, "key", KEY_MAX, JSON_REQUIRED);
    struct refusal refusal = {0};
    if (!json_fields_end(&fields)) {
        rpc_refuse_fields(&refusal, &fields);
        reply_refusal(visit->message, &refusal);
    } else {
        redeem(visit, key);
    }
    json_decref(body);
}
