#include "client/room/join.h"

#include <jansson.h>
#include <string.h>

#define ANSWER_MOST 65536 /* bytes: a token and some names */

struct join {
    SoupMessage *message;
    GCancellable *cancellable;
    char *host;
    join_done done;
    void *arg;
    gsize size;
    char answer[ANSWER_MOST];
};

static void join_free(struct join *join)
{
    g_object_unref(join->message);
    g_object_unref(join->cancellable);
    g_free(join->host);
    g_free(join);
}

/* The end of all ways. */
static void finish(struct join *join, enum join_outcome outcome, const char *text)
{
    if (!g_cancellable_is_cancelled(join->cancellable))
        join->done(outcome, text, join->arg);
    join_free(join);
}

/* ---- what the server says ---- */

static void read_answer(struct join *join)
{
    guint status = soup_message_get_status(join->message);
    json_t *answer = json_loadb(join->answer, join->size, 0, NULL);
    const char *token = json_string_value(json_object_get(answer, "token"));
    g_autofree char *what =
        g_strdup_printf("the server cannot take rooms in now (status %u)", status);
    if (status == 200 && token != NULL)
        finish(join, JOIN_DONE, token);
    else if (status == 200)
        finish(join, JOIN_FAILED, "the server's answer to the link cannot be read");
    else if (status == 400 || status == 401 || status == 403)
        finish(join, JOIN_REFUSED,
               "the link is not valid any more: ask the meeting's operator for another");
    else if (status == 404)
        finish(join, JOIN_REFUSED, "there is no Nhịp Cầu at this address: look at the link again");
    else if (status == 429)
        finish(join, JOIN_FAILED, "the server asks to wait: too many wrong tries from here");
    else
        finish(join, JOIN_FAILED, what);
    json_decref(answer);
}

static void on_read(GObject *source, GAsyncResult *result, gpointer data)
{
    struct join *join = data;
    g_autoptr(GError) error = NULL;
    bool is_good =
        g_input_stream_read_all_finish(G_INPUT_STREAM(source), result, &join->size, &error);
    if (!is_good)
        finish(join, JOIN_FAILED, error->message);
    else if (join->size == ANSWER_MOST)
        finish(join, JOIN_FAILED, "the server's answer to the link is far too long");
    else
        read_answer(join);
}

/* ---- who the server is ---- */

static char *explain_distrust(const struct join *join)
{
    GTlsCertificateFlags flags = soup_message_get_tls_peer_certificate_errors(join->message);
    if (flags & G_TLS_CERTIFICATE_UNKNOWN_CA)
        return g_strdup_printf("nobody that is known here vouches for the certificate of %s: give "
                               "it with --ca FILE (the server's tls/cert.pem)",
                               join->host);
    if (flags & G_TLS_CERTIFICATE_BAD_IDENTITY)
        return g_strdup_printf("the server's certificate is not for the name %s: use a link with a "
                               "name that it has",
                               join->host);
    if (flags & (G_TLS_CERTIFICATE_EXPIRED | G_TLS_CERTIFICATE_NOT_ACTIVATED))
        return g_strdup_printf("the certificate of %s is not valid today: its operator must renew "
                               "it, or this machine's clock is wrong",
                               join->host);
    return g_strdup_printf(
        "the certificate of %s is not trusted: give the right one with --ca FILE", join->host);
}

static void on_sent(GObject *source, GAsyncResult *result, gpointer data)
{
    struct join *join = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GInputStream) body = soup_session_send_finish(SOUP_SESSION(source), result, &error);
    if (body != NULL) {
        g_input_stream_read_all_async(body, join->answer, ANSWER_MOST, G_PRIORITY_DEFAULT,
                                      join->cancellable, on_read, join);
    } else if (g_error_matches(error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE)) {
        g_autofree char *why = explain_distrust(join);
        finish(join, JOIN_UNTRUSTED, why);
    } else {
        finish(join, JOIN_FAILED, error->message);
    }
}

static gboolean accept_any(SoupMessage *message, GTlsCertificate *certificate,
                           GTlsCertificateFlags flags, gpointer data)
{
    (void)message;
    (void)certificate;
    (void)flags;
    (void)data;
    return TRUE;
}

SoupMessage *join_message(const char *method, const struct link *link, const char *path,
                          bool is_insecure)
{
    g_autofree char *address = g_strconcat(link->base, path, NULL);
    SoupMessage *message = soup_message_new(method, address);
    /* A key and a token are for this server alone. */
    soup_message_add_flags(message, SOUP_MESSAGE_NO_REDIRECT);
    if (is_insecure)
        g_signal_connect(message, "accept-certificate", G_CALLBACK(accept_any), NULL);
    return message;
}

void join_ask(SoupSession *soup, const struct link *link, bool is_insecure,
              GCancellable *cancellable, join_done done, void *arg)
{
    struct join *join = g_new0(struct join, 1);
    json_t *body = json_pack("{s:s}", "key", link->key);
    char *text = json_dumps(body, JSON_COMPACT);
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    free(text);
    json_decref(body);
    join->message = join_message("POST", link, "/api/v1/join", is_insecure);
    join->cancellable = g_object_ref(cancellable);
    join->host = g_strdup(g_uri_get_host(soup_message_get_uri(join->message)));
    join->done = done;
    join->arg = arg;
    soup_message_set_request_body_from_bytes(join->message, "application/json", bytes);
    soup_session_send_async(soup, join->message, G_PRIORITY_DEFAULT, cancellable, on_sent, join);
}
