/* Talking to the server: over HTTPS as any operator does, trusting only its own certificate. */
#include "signaling/admin/admin.h"

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

static bool prepare(struct admin *admin, GError **error)
{
    g_autofree char *ca = admin->ca != NULL
                              ? g_strdup(admin->ca)
                              : g_build_filename(admin->data, "tls", "cert.pem", NULL);
    g_autofree char *url_file = g_build_filename(admin->data, "url", NULL);
    if (admin->server == NULL && !g_file_get_contents(url_file, &admin->server, NULL, error)) {
        g_prefix_error(error, "no server runs on %s (say --data or --server): ", admin->data);
        return false;
    }
    g_strstrip(admin->server);
    g_autoptr(GTlsDatabase) trusted = NULL;
    if (admin->ca != NULL || g_file_test(ca, G_FILE_TEST_EXISTS)) {
        trusted = g_tls_file_database_new(ca, error);
        if (trusted == NULL)
            return false;
    }
    admin->session = soup_session_new();
    soup_session_set_timeout(admin->session, 30);
    if (trusted != NULL)
        soup_session_set_tls_database(admin->session, trusted);
    return true;
}

static json_t *refused(unsigned status, const json_t *answer, GError **error)
{
    const json_t *fault = json_object_get(answer, "error");
    const char *message = json_string_value(json_object_get(fault, "message"));
    if (message != NULL)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "the server refuses: %s (%s)", message,
                    json_string_value(json_object_get(fault, "reason")));
    else
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "the server answers with status %u",
                    status);
    return NULL;
}

static json_t *send(struct admin *admin, const char *method, const char *path, const json_t *body,
                    GError **error)
{
    g_autofree char *url = g_strdup_printf("%s/api/v1/%s", admin->server, path);
    g_autoptr(SoupMessage) message = soup_message_new(method, url);
    if (message == NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s is not an address", url);
        return NULL;
    }
    if (body != NULL) {
        char *text = json_dumps(body, JSON_COMPACT);
        g_autoptr(GBytes) bytes = g_bytes_new_with_free_func(text, strlen(text), free, text);
        soup_message_set_request_body_from_bytes(message, "application/json", bytes);
    }
    if (admin->token != NULL) {
        g_autofree char *bearer = g_strconcat("Bearer ", admin->token, NULL);
        soup_message_headers_replace(soup_message_get_request_headers(message), "Authorization",
                                     bearer);
    }
    g_autoptr(GBytes) bytes = soup_session_send_and_read(admin->session, message, NULL, error);
    if (bytes == NULL) {
        g_prefix_error(error, "%s: ", admin->server);
        return NULL;
    }
    gsize size;
    const char *text = g_bytes_get_data(bytes, &size);
    json_t *answer = json_loadb(text != NULL ? text : "", size, JSON_DECODE_ANY, NULL);
    unsigned status = soup_message_get_status(message);
    if (SOUP_STATUS_IS_SUCCESSFUL(status) && answer != NULL)
        return answer;
    refused(status, answer, error);
    json_decref(answer);
    return NULL;
}

static bool sign_in(struct admin *admin, GError **error)
{
    g_autofree char *path = admin->secret_file != NULL
                                ? g_strdup(admin->secret_file)
                                : g_build_filename(admin->data, "operator-secret", NULL);
    g_autofree char *secret = NULL;
    if (!g_file_get_contents(path, &secret, NULL, error))
        return false;
    g_strchomp(secret);
    json_t *body = json_pack("{s:s, s:s}", "account", admin->account, "secret", secret);
    json_t *answer = body != NULL ? send(admin, "POST", "login", body, error) : NULL;
    if (body == NULL)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: must be UTF-8", path);
    json_decref(body);
    admin->token = g_strdup(json_string_value(json_object_get(answer, "token")));
    json_decref(answer);
    return admin->token != NULL;
}

json_t *admin_call(struct admin *admin, const char *method, const char *path, const json_t *body,
                   GError **error)
{
    if (admin->session == NULL && (!prepare(admin, error) || !sign_in(admin, error)))
        return NULL;
    return send(admin, method, path, body, error);
}

/* The token is of no more use. */
void admin_close(struct admin *admin)
{
    if (admin->token != NULL) {
        json_t *nothing = json_object();
        json_decref(send(admin, "POST", "logout", nothing, NULL));
        json_decref(nothing);
    }
    g_clear_object(&admin->session);
    g_clear_pointer(&admin->token, g_free);
}

char *admin_database(const struct admin *admin)
{
    return g_build_filename(admin->data, "nhipcau.db", NULL);
}
