#include "bridge/transport/dtls.h"

#include "bridge/transport/identity.h"
#include "common/clock.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <string.h>
#include <sys/time.h>

#define DTLS_MTU       1200
#define EXPORTER_LABEL "EXTRACTOR-dtls_srtp"

/* A handshake takes about twenty datagrams, retransmissions with it; afterwards there is next to
 * none. More than this many a second (and as many at once) are dropped unread. */
#define DATAGRAMS_PER_SECOND 50

/* The path is known to be there and to be short, so a lost flight is sent again sooner than after
 * RFC 6347's full second; twelve times in all, by OpenSSL's count, which takes 15 seconds. */
#define FIRST_TIMEOUT_US   100000
#define LONGEST_TIMEOUT_US 1600000

enum dtls_phase { DTLS_SHAKING, DTLS_DONE, DTLS_OVER };

struct dtls {
    SSL *ssl;
    enum dtls_phase phase;
    bool is_client;
    char fingerprint[SDP_FINGERPRINT_SIZE];
    struct dtls_handlers handlers;
    void *arg;
    GMainContext *context;
    GSource *timer;   /* retransmission */
    double allowance; /* datagrams that may be looked at now */
    int64_t allowance_us;
    /* The datagram that OpenSSL may read now. */
    const uint8_t *incoming;
    size_t incoming_size;
};

/* ---- a BIO over datagrams: a write is a datagram, a read takes the one that came ---- */

static int bio_write(BIO *bio, const char *bytes, int size)
{
    struct dtls *dtls = BIO_get_data(bio);
    dtls->handlers.send((const uint8_t *)bytes, (size_t)size, dtls->arg);
    return size;
}

static int bio_read(BIO *bio, char *bytes, int size)
{
    struct dtls *dtls = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (dtls->incoming == NULL) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t taken = MIN((size_t)size, dtls->incoming_size);
    memcpy(bytes, dtls->incoming, taken);
    /* As with a socket, what did not fit is gone. */
    dtls->incoming = NULL;
    return (int)taken;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *bio_method;

static void drop_bio_method(void)
{
    BIO_meth_free(bio_method);
}

static void make_bio_method(void)
{
    bio_method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "datagrams");
    BIO_meth_set_write(bio_method, bio_write);
    BIO_meth_set_read(bio_method, bio_read);
    BIO_meth_set_ctrl(bio_method, bio_ctrl);
    atexit(drop_bio_method);
}

/* ---- who the peer is ---- */

/* In place of the check of a chain: the certificate is the promised one or the handshake ends with
 * the alert bad_certificate. That the peer has its key is shown by the handshake itself. */
static int verify_certificate(X509_STORE_CTX *store, void *arg)
{
    (void)arg;
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    const struct dtls *dtls = SSL_get_app_data(ssl);
    const X509 *certificate = X509_STORE_CTX_get0_cert(store);
    char found[SDP_FINGERPRINT_SIZE];
    if (certificate != NULL && identity_fingerprint_of(certificate, found) &&
        g_ascii_strcasecmp(found, dtls->fingerprint) == 0)
        return 1;
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
}

static unsigned next_timeout_us(SSL *ssl, unsigned last_us)
{
    (void)ssl;
    return last_us == 0 ? FIRST_TIMEOUT_US : MIN(2 * last_us, LONGEST_TIMEOUT_US);
}

static void prepare(void)
{
    make_bio_method();
    SSL_CTX_set_cert_verify_callback(identity_context(), verify_certificate, NULL);
}

/* ---- life ---- */

struct dtls *dtls_new(GMainContext *context, bool is_client, const char *fingerprint,
                      const struct dtls_handlers *handlers, void *arg)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, prepare);
    struct dtls *dtls = g_new0(struct dtls, 1);
    dtls->is_client = is_client;
    dtls->handlers = *handlers;
    dtls->arg = arg;
    dtls->context = g_main_context_ref(context);
    g_strlcpy(dtls->fingerprint, fingerprint, sizeof dtls->fingerprint);
    dtls->allowance = DATAGRAMS_PER_SECOND;
    dtls->allowance_us = clock_monotonic_us();
    dtls->ssl = SSL_new(identity_context());
    SSL_set_app_data(dtls->ssl, dtls);
    DTLS_set_timer_cb(dtls->ssl, next_timeout_us);
    BIO *bio = BIO_new(bio_method);
    BIO_set_data(bio, dtls);
    BIO_set_init(bio, 1);
    SSL_set_bio(dtls->ssl, bio, bio);
    SSL_set_mtu(dtls->ssl, DTLS_MTU);
    if (is_client)
        SSL_set_connect_state(dtls->ssl);
    else
        SSL_set_accept_state(dtls->ssl);
    return dtls;
}

static void stop_timer(struct dtls *dtls)
{
    if (dtls->timer == NULL)
        return;
    g_source_destroy(dtls->timer);
    g_source_unref(dtls->timer);
    dtls->timer = NULL;
}

void dtls_free(struct dtls *dtls)
{
    if (dtls == NULL)
        return;
    stop_timer(dtls);
    SSL_free(dtls->ssl);
    g_main_context_unref(dtls->context);
    g_free(dtls);
}

static void fail(struct dtls *dtls, const char *why)
{
    dtls->phase = DTLS_OVER;
    stop_timer(dtls);
    dtls->handlers.failed(why, dtls->arg);
}

static gboolean on_timer(gpointer data);

static void restart_timer(struct dtls *dtls)
{
    struct timeval left;
    stop_timer(dtls);
    if (DTLSv1_get_timeout(dtls->ssl, &left) != 1)
        return;
    guint ms = (guint)(left.tv_sec * 1000 + left.tv_usec / 1000) + 1;
    dtls->timer = g_timeout_source_new(ms);
    g_source_set_callback(dtls->timer, on_timer, dtls, NULL);
    g_source_attach(dtls->timer, dtls->context);
}

/* ---- the handshake's end ---- */

static bool export_keys(struct dtls *dtls, struct dtls_keys *keys)
{
    uint8_t material[SRTP_MATERIAL_SIZE];
    const SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(dtls->ssl);
    if (profile == NULL)
        return false;
    memset(keys, 0, sizeof *keys);
    keys->suite = profile->id == SRTP_AEAD_AES_128_GCM ? SRTP_SUITE_AEAD_AES_128_GCM
                                                       : SRTP_SUITE_AES128_CM_SHA1_80;
    size_t salt = srtp_salt_size(keys->suite);
    size_t size = 2 * (SRTP_KEY_SIZE + salt);
    if (SSL_export_keying_material(dtls->ssl, material, size, EXPORTER_LABEL,
                                   strlen(EXPORTER_LABEL), NULL, 0, 0) != 1)
        return false;
    const uint8_t *next = material;
    memcpy(keys->client.key, next, SRTP_KEY_SIZE);
    memcpy(keys->server.key, next += SRTP_KEY_SIZE, SRTP_KEY_SIZE);
    memcpy(keys->client.salt, next += SRTP_KEY_SIZE, salt);
    memcpy(keys->server.salt, next + salt, salt);
    OPENSSL_cleanse(material, sizeof material);
    return true;
}

static void finish(struct dtls *dtls)
{
    struct dtls_keys keys;
    stop_timer(dtls);
    if (!export_keys(dtls, &keys)) {
        fail(dtls, "no common SRTP protection profile");
    } else {
        dtls->phase = DTLS_DONE;
        dtls->handlers.done(&keys, dtls->arg);
        OPENSSL_cleanse(&keys, sizeof keys);
    }
}

static void fail_handshake(struct dtls *dtls)
{
    char why[200] = "the peer's certificate is not the one of its fingerprint";
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    if (SSL_get_verify_result(dtls->ssl) != X509_V_ERR_CERT_REJECTED)
        g_snprintf(why, sizeof why, "the handshake failed: %s",
                   reason != NULL ? reason : "unknown reason");
    ERR_clear_error();
    fail(dtls, why);
}

static void advance(struct dtls *dtls)
{
    ERR_clear_error();
    int result = SSL_do_handshake(dtls->ssl);
    if (result == 1) {
        finish(dtls);
        return;
    }
    int reason = SSL_get_error(dtls->ssl, result);
    if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) {
        restart_timer(dtls);
        return;
    }
    fail_handshake(dtls);
}

static gboolean on_timer(gpointer data)
{
    struct dtls *dtls = data;
    g_source_unref(dtls->timer);
    dtls->timer = NULL;
    if (DTLSv1_handle_timeout(dtls->ssl) < 0)
        fail(dtls, "the peer does not answer the handshake");
    else
        restart_timer(dtls);
    return G_SOURCE_REMOVE;
}

void dtls_start(struct dtls *dtls)
{
    if (dtls->phase == DTLS_SHAKING)
        advance(dtls);
}

/* After the handshake only alerts (and a peer's lost last flight) come; data of an application
 * means nothing here. */
static void read_records(struct dtls *dtls)
{
    uint8_t sink[2048];
    int result;
    ERR_clear_error();
    do
        result = SSL_read(dtls->ssl, sink, sizeof sink);
    while (result > 0);
    bool is_closed = SSL_get_error(dtls->ssl, result) == SSL_ERROR_ZERO_RETURN;
    ERR_clear_error();
    if (is_closed) {
        dtls->phase = DTLS_OVER;
        dtls->handlers.closed(dtls->arg);
    }
}

static bool is_allowed(struct dtls *dtls)
{
    int64_t now_us = clock_monotonic_us();
    double earned = (double)(now_us - dtls->allowance_us) * DATAGRAMS_PER_SECOND / 1e6;
    dtls->allowance = MIN(dtls->allowance + earned, DATAGRAMS_PER_SECOND);
    dtls->allowance_us = now_us;
    if (dtls->allowance < 1)
        return false;
    dtls->allowance -= 1;
    return true;
}

void dtls_receive(struct dtls *dtls, const uint8_t *bytes, size_t size)
{
    /* Nothing at all would read as the end of the line. */
    if (dtls->phase == DTLS_OVER || size == 0 || size > INT_MAX || !is_allowed(dtls))
        return;
    dtls->incoming = bytes;
    dtls->incoming_size = size;
    if (dtls->phase == DTLS_SHAKING)
        advance(dtls);
    else
        read_records(dtls);
    dtls->incoming = NULL;
}

void dtls_close(struct dtls *dtls)
{
    if (dtls->phase != DTLS_DONE)
        return;
    ERR_clear_error();
    SSL_shutdown(dtls->ssl);
    ERR_clear_error();
    dtls->phase = DTLS_OVER;
}
