#include "signaling/http/routes.h"

#include "common/clock.h"
#include "common/log.h"
#include "signaling/http/files.h"
#include "signaling/http/reply.h"

#include <string.h>

#define API    "/api/v1/"
#define COOKIE "nhipcau_token"
#define PAPERS API "meetings/{}/papers"

/* Who may come in. */
enum door {
    OPEN,      /* anybody */
    SIGNED_IN, /* any token */
    MEMBER,    /* any token that covers the meeting */
    READER,    /* chair, secretary or operator, for meetings that the token covers */
    OPERATOR,
};

struct route {
    const char *method;
    const char *pattern; /* "{}": the meeting; "*" at the end: the rest, which is not empty */
    enum door door;
    void (*visit)(const struct visit *visit);
};

static const struct route routes[] = {
    {"POST", API "login", OPEN, visit_login},
    {"POST", API "join", OPEN, visit_join},
    {"GET", API "places", SIGNED_IN, visit_places},
    {"POST", API "roster", OPERATOR, visit_roster},
    {"GET", API "meetings", SIGNED_IN, visit_meetings},
    {"POST", API "meetings", OPERATOR, visit_create_meeting},
    {"POST", API "logout", SIGNED_IN, visit_logout},
    {"GET", API "accounts", OPERATOR, visit_accounts},
    {"POST", API "accounts", OPERATOR, visit_put_account},
    {"DELETE", API "accounts/*", OPERATOR, visit_remove_account},
    {"GET", API "tokens", OPERATOR, visit_tokens},
    {"DELETE", API "tokens/*", OPERATOR, visit_revoke_token},
    {"POST", API "meetings/{}/links", OPERATOR, visit_create_link},
    {"GET", API "meetings/{}/links", OPERATOR, visit_links},
    {"DELETE", API "meetings/{}/links/*", OPERATOR, visit_revoke_link},
    {"GET", API "meetings/{}/connections.json", OPERATOR, visit_connections},
    {"GET", API "meetings/{}/desks.json", READER, visit_desks},
    {"GET", API "meetings/{}/minutes.json", READER, visit_minutes_json},
    {"GET", API "meetings/{}/minutes.html", READER, visit_minutes_html},
    {"GET", API "meetings/{}/minutes.docx", READER, visit_minutes_docx},
    {"GET", API "meetings/{}/minutes.pdf", READER, visit_minutes_pdf},
    {"GET", API "meetings/{}/invitations/*", MEMBER, visit_invitation},
    {"GET", API "meetings/{}/directives.json", READER, visit_directives},
    {"GET", API "meetings/{}/journal.jsonl", READER, visit_journal},
    {"GET", API "meetings/{}/recordings/", READER, visit_manifest},
    {"GET", API "meetings/{}/recordings/*", READER, visit_recording},
    {"GET", API "meetings/{}/readiness.json", READER, visit_rooms_readiness},
    {"GET", API "meetings/{}/readiness.csv", READER, visit_rooms_readiness_csv},
    {"POST", PAPERS, READER, visit_add_paper},
    {"GET", PAPERS "/*", MEMBER, visit_paper},
    {"GET", "/healthz", OPEN, visit_health},
    {"GET", "/readyz", OPEN, visit_readiness},
    {"GET", "/metrics", OPEN, visit_metrics},
};

/* Fills `meeting` and `rest`; the pattern's words must be the path's. */
static bool matches(const char *pattern, const char *path, char meeting[ID_SLUG_MAX + 1],
                    const char **rest)
{
    meeting[0] = '\0';
    *rest = "";
    while (*pattern != '\0') {
        if (pattern[0] == '*') {
            *rest = path;
            return path[0] != '\0';
        }
        if (pattern[0] == '{') {
            size_t length = strcspn(path, "/");
            if (length == 0 || length > ID_SLUG_MAX)
                return false;
            memcpy(meeting, path, length);
            meeting[length] = '\0';
            path += length;
            pattern += strlen("{}");
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return *path == '\0';
}

/* Who asks. */

static char *bearer(SoupServerMessage *message)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
    const char *value = soup_message_headers_get_one(headers, "Authorization");
    if (value == NULL || g_ascii_strncasecmp(value, "Bearer ", strlen("Bearer ")) != 0)
        return NULL;
    return g_strstrip(g_strdup(value + strlen("Bearer ")));
}

static char *cookie(SoupServerMessage *message)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
    const char *value = soup_message_headers_get_list(headers, "Cookie");
    g_auto(GStrv) parts = g_strsplit(value != NULL ? value : "", ";", 32);
    for (unsigned i = 0; parts[i] != NULL; i++) {
        const char *part = g_strstrip(parts[i]);
        if (g_str_has_prefix(part, COOKIE "="))
            return g_strdup(part + strlen(COOKIE "="));
    }
    return NULL;
}

/* NULL: answered. The cookie is only for reading: what changes something must show the token
 * itself, which no other site's page can make a browser do. */
static struct identity *identify(struct service *service, SoupServerMessage *message,
                                 bool is_reading)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *token = bearer(message);
    if (token == NULL && is_reading)
        token = cookie(message);
    if (token == NULL) {
        reply_error(message, ERROR_NOT_SIGNED_IN, "not-signed-in", "a token is needed");
        return NULL;
    }
    struct identity *identity = identity_of_token(service->store, token, clock_utc_us(), &error);
    if (identity == NULL && error == NULL) {
        reply_error(message, ERROR_NOT_SIGNED_IN, "not-signed-in",
                    "the token is unknown or has expired: sign in again");
        return NULL;
    }
    if (identity == NULL) {
        log_error("tokens cannot be read why=%s", error->message);
        reply_error(message, ERROR_STORAGE, "storage", "tokens cannot be read");
    }
    return identity;
}

static bool may_enter(enum door door, const struct identity *identity, const char *meeting)
{
    bool is_of_meeting =
        identity->meeting == NULL || meeting == NULL || strcmp(identity->meeting, meeting) == 0;
    switch (door) {
    case OPERATOR:
        return identity->role == ROLE_OPERATOR && is_of_meeting;
    case MEMBER:
        return is_of_meeting;
    case READER:
        return is_of_meeting && (identity->role == ROLE_CHAIR || identity->role == ROLE_SECRETARY ||
                                 identity->role == ROLE_OPERATOR);
    default:
        return true;
    }
}

static void enter(const struct route *route, struct visit *visit)
{
    struct refusal refusal = {0};
    if (route->door == OPEN) {
        route->visit(visit);
        return;
    }
    bool is_reading = strcmp(route->method, "GET") == 0;
    struct identity *identity = identify(visit->service, visit->message, is_reading);
    if (identity == NULL)
        return;
    visit->identity = identity;
    if (!may_enter(route->door, identity, visit->meeting))
        reply_error(visit->message, ERROR_NOT_ALLOWED, "not-allowed", "your role may not do this");
    else if (visit->meeting != NULL &&
             hub_find(visit->service->hub, visit->meeting, &refusal) == NULL)
        reply_refusal(visit->message, &refusal);
    else
        route->visit(visit);
    identity_free(identity);
}

/* The web app: its files, and its page for "/", the administration and the address of a join link.
 */
static void serve_web(struct service *service, SoupServerMessage *message, const char *path)
{
    struct stat status;
    bool is_page =
        strcmp(path, "/") == 0 || strcmp(path, "/admin") == 0 || g_str_has_prefix(path, "/j/");
    const char *name = is_page ? "index.html" : path + 1;
    int file = files_open_below(service->web_directory, name, &status);
    if (file < 0) {
        reply_text(message, SOUP_STATUS_NOT_FOUND, "text/plain; charset=utf-8",
                   service->web_directory < 0 && is_page
                       ? "This server has no web app; start it with --web DIRECTORY.\n"
                       : "There is nothing here.\n");
        return;
    }
    files_reply(message, file, &status, files_content_type(name));
}

static void refuse_method(SoupServerMessage *message, const char *allowed)
{
    SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
    soup_message_headers_replace(headers, "Allow", allowed);
    reply_text(message, SOUP_STATUS_METHOD_NOT_ALLOWED, "text/plain; charset=utf-8",
               "Not by this method.\n");
}

static void route(struct service *service, SoupServerMessage *message, const char *path,
                  GHashTable *query)
{
    char meeting[ID_SLUG_MAX + 1];
    const char *method = soup_server_message_get_method(message);
    const char *allowed = NULL, *rest;
    if (strcmp(method, "HEAD") == 0)
        method = "GET";
    for (size_t i = 0; i < G_N_ELEMENTS(routes); i++) {
        if (!matches(routes[i].pattern, path, meeting, &rest))
            continue;
        if (strcmp(routes[i].method, method) == 0) {
            struct visit visit = {service, message, NULL, meeting[0] != '\0' ? meeting : NULL,
                                  rest,    query};
            enter(&routes[i], &visit);
            return;
        }
        allowed = routes[i].method;
    }
    if (allowed != NULL)
        refuse_method(message, allowed);
    else if (g_str_has_prefix(path, "/api/"))
        reply_error(message, ERROR_NO_SUCH_METHOD, "no-such-method", "there is nothing here");
    else if (strcmp(method, "GET") != 0)
        refuse_method(message, "GET");
    else
        serve_web(service, message, path);
}

static void on_request(SoupServer *server, SoupServerMessage *message, const char *decoded,
                       GHashTable *query, gpointer arg)
{
    (void)server;
    (void)decoded;
    GUri *uri = soup_server_message_get_uri(message);
    reply_secure(message);
    /* As it was sent: none of our addresses needs an escape, so what has one is none of ours. */
    route(arg, message, uri != NULL ? g_uri_get_path(uri) : "/", query);
}

/* A paper is large; only somebody who may bring one is waited for. */
static size_t body_max(struct service *service, SoupServerMessage *message, const char *path)
{
    char meeting[ID_SLUG_MAX + 1];
    const char *rest;
    g_autofree char *token = bearer(message);
    if (token == NULL || !matches(PAPERS, path, meeting, &rest) ||
        strcmp(soup_server_message_get_method(message), "POST") != 0)
        return REPLY_BODY_MAX;
    struct identity *identity = identity_of_token(service->store, token, clock_utc_us(), NULL);
    bool may = identity != NULL && may_enter(READER, identity, meeting);
    identity_free(identity);
    return may ? PAPER_BODY_MAX : REPLY_BODY_MAX;
}

/* Before the body is read: what is too large is not. */
static void on_headers(SoupServer *server, SoupServerMessage *message, const char *path,
                       GHashTable *query, gpointer arg)
{
    (void)server;
    (void)query;
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
    SoupEncoding encoding = soup_message_headers_get_encoding(headers);
    bool is_too_large =
        encoding == SOUP_ENCODING_CONTENT_LENGTH &&
        soup_message_headers_get_content_length(headers) > (goffset)body_max(arg, message, path);
    if (!is_too_large && encoding != SOUP_ENCODING_CHUNKED)
        return;
    soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
    soup_message_headers_replace(soup_server_message_get_response_headers(message), "Connection",
                                 "close");
    reply_secure(message);
    if (is_too_large)
        reply_error(message, ERROR_TOO_LARGE, "too-large", "the body is too large");
    else
        reply_text(message, SOUP_STATUS_LENGTH_REQUIRED, "text/plain; charset=utf-8",
                   "Say the body's length.\n");
}

void routes_attach(struct service *service)
{
    soup_server_add_early_handler(service->server, "/", on_headers, service, NULL);
    soup_server_add_handler(service->server, "/", on_request, service, NULL);
}
