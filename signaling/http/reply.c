#include "signaling/http/reply.h"

#include <string.h>

/* What the web app needs, and nothing else: its own files, its own server. */
#define PAGE_POLICY                                                                                \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "              \
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; worker-src 'self'; "             \
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

void reply_secure(SoupServerMessage *message)
{
    static const struct {
        const char *name, *value;
    } headers[] = {
        {"Content-Security-Policy", PAGE_POLICY},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Strict-Transport-Security", "max-age=31536000"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self), "
                               "autoplay=(self), geolocation=()"},
        {"Cache-Control", "no-store"},
    };
    SoupMessageHeaders *response = soup_server_message_get_response_headers(message);
    for (size_t i = 0; i < G_N_ELEMENTS(headers); i++)
        soup_message_headers_replace(response, headers[i].name, headers[i].value);
    /* libsoup does not go on with a connection that it was handed after its handshake: say so. */
    SoupMessageHeaders *request = soup_server_message_get_request_headers(message);
    if (soup_message_headers_get_one(request, "Upgrade") == NULL)
        soup_message_headers_replace(response, "Connection", "close");
}

void reply_json(SoupServerMessage *message, unsigned status, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    json_decref(value);
    g_assert(text != NULL);
    reply_text(message, status, "application/json", text);
    free(text);
}

void reply_text(SoupServerMessage *message, unsigned status, const char *type, const char *text)
{
    soup_server_message_set_status(message, status, NULL);
    soup_server_message_set_response(message, type, SOUP_MEMORY_COPY, text, strlen(text));
}

static unsigned status_of(int code)
{
    switch (code) {
    case ERROR_NOT_SIGNED_IN:
        return SOUP_STATUS_UNAUTHORIZED;
    case ERROR_NOT_ALLOWED:
        return SOUP_STATUS_FORBIDDEN;
    case ERROR_NO_SUCH_MEETING:
    case ERROR_NO_SUCH_SITE:
    case ERROR_NO_SUCH_METHOD:
        return SOUP_STATUS_NOT_FOUND;
    case ERROR_WRONG_STATE:
    case ERROR_EXISTS:
        return SOUP_STATUS_CONFLICT;
    case ERROR_TOO_MANY:
        return 429;
    case ERROR_TOO_LARGE:
        return SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE;
    case ERROR_STORAGE:
        return SOUP_STATUS_INSUFFICIENT_STORAGE;
    case ERROR_NO_MEDIA:
        return SOUP_STATUS_SERVICE_UNAVAILABLE;
    case ERROR_INTERNAL:
        return SOUP_STATUS_INTERNAL_SERVER_ERROR;
    default:
        return SOUP_STATUS_BAD_REQUEST;
    }
}

void reply_refusal(SoupServerMessage *message, const struct refusal *refusal)
{
    json_t *full = rpc_error_object(refusal);
    json_t *error = json_incref(json_object_get(full, "data"));
    json_object_set(error, "message", json_object_get(full, "message"));
    json_decref(full);
    reply_json(message, status_of(refusal->code), json_pack("{s:o}", "error", error));
}

void reply_error(SoupServerMessage *message, enum error_code code, const char *reason,
                 const char *text)
{
    struct refusal refusal = {0};
    refusal_set(&refusal, code, reason, "", "%s", text);
    reply_refusal(message, &refusal);
}

void reply_wait(SoupServerMessage *message, unsigned seconds)
{
    g_autofree char *text = g_strdup_printf("%u", seconds);
    SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
    soup_message_headers_replace(headers, "Retry-After", text);
    reply_error(message, ERROR_TOO_MANY, "too-many", "too many wrong tries; wait a while");
}

json_t *reply_read_body(SoupServerMessage *message)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
    const char *type = soup_message_headers_get_content_type(headers, NULL);
    if (g_strcmp0(type, "application/json") != 0) {
        reply_error(message, ERROR_INVALID_REQUEST, "invalid-request",
                    "the body must be application/json");
        soup_server_message_set_status(message, SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE, NULL);
        return NULL;
    }
    struct refusal refusal = {0};
    SoupMessageBody *body = soup_server_message_get_request_body(message);
    g_autoptr(GBytes) bytes = soup_message_body_flatten(body);
    gsize size;
    const char *text = g_bytes_get_data(bytes, &size);
    json_t *value = rpc_load(size > 0 ? text : "", size, REPLY_BODY_MAX, &refusal);
    if (value != NULL && json_is_object(value))
        return value;
    if (value != NULL)
        refusal_set(&refusal, ERROR_INVALID_REQUEST, "invalid-request", "", "an object is needed");
    json_decref(value);
    reply_refusal(message, &refusal);
    return NULL;
}
