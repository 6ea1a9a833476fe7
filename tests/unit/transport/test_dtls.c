/* Two ends of DTLS on one thread, with a line between them that tests can cut, swap and spoil. */
#include "bridge/transport/dtls.h"
#include "bridge/transport/identity.h"

#include <openssl/err.h>
#include <string.h>

struct line;

struct end {
    struct dtls *dtls;
    struct line *line;
    struct end *other;
    bool is_done, is_failed, is_closed;
    struct dtls_keys keys;
    unsigned sent;
};

struct datagram {
    struct end *to;
    GBytes *bytes;
};

struct line {
    GMainContext *context;
    GQueue datagrams; /* of struct datagram */
    struct end client, server;
    unsigned to_lose; /* of the datagrams that come next */
    bool is_swapping; /* each flight arrives in reverse order */
    bool is_doubling;
};

static void put(struct line *line, struct end *to, const uint8_t *bytes, size_t size)
{
    struct datagram *datagram = g_new(struct datagram, 1);
    *datagram = (struct datagram){to, g_bytes_new(bytes, size)};
    if (line->is_swapping)
        g_queue_push_head(&line->datagrams, datagram);
    else
        g_queue_push_tail(&line->datagrams, datagram);
}

static void on_send(const uint8_t *bytes, size_t size, void *arg)
{
    struct end *end = arg;
    g_assert_cmpuint(size, <=, 1200);
    end->sent++;
    if (end->line->to_lose > 0) {
        end->line->to_lose--;
        return;
    }
    put(end->line, end->other, bytes, size);
    if (end->line->is_doubling)
        put(end->line, end->other, bytes, size);
}

static void on_done(const struct dtls_keys *keys, void *arg)
{
    struct end *end = arg;
    g_assert_false(end->is_done);
    end->is_done = true;
    end->keys = *keys;
}

static void on_failed(const char *why, void *arg)
{
    struct end *end = arg;
    g_assert_false(end->is_failed);
    g_assert_cmpuint(strlen(why), >, 0);
    end->is_failed = true;
}

static void on_closed(void *arg)
{
    struct end *end = arg;
    end->is_closed = true;
}

static void open_end(struct line *line, struct end *end, struct end *other, const char *fingerprint)
{
    static const struct dtls_handlers handlers = {on_send, on_done, on_failed, on_closed};
    memset(end, 0, sizeof *end);
    end->line = line;
    end->other = other;
    end->dtls = dtls_new(line->context, end == &line->client, fingerprint, &handlers, end);
}

static void open_line(struct line *line, const char *of_client, const char *of_server)
{
    memset(line, 0, sizeof *line);
    line->context = g_main_context_new();
    g_queue_init(&line->datagrams);
    open_end(line, &line->client, &line->server, of_server);
    open_end(line, &line->server, &line->client, of_client);
}

static void free_datagram(void *item)
{
    struct datagram *datagram = item;
    g_bytes_unref(datagram->bytes);
    g_free(datagram);
}

static void close_line(struct line *line)
{
    dtls_free(line->client.dtls);
    dtls_free(line->server.dtls);
    g_queue_clear_full(&line->datagrams, free_datagram);
    g_main_context_unref(line->context);
}

/* Delivers what is on the line; false when there was nothing. */
static bool deliver(struct line *line)
{
    struct datagram *datagram = g_queue_pop_head(&line->datagrams);
    if (datagram == NULL)
        return false;
    gsize size;
    const uint8_t *bytes = g_bytes_get_data(datagram->bytes, &size);
    dtls_receive(datagram->to->dtls, bytes, size);
    free_datagram(datagram);
    return true;
}

static void shake_hands(struct line *line)
{
    dtls_start(line->client.dtls);
    while (!(line->client.is_done || line->client.is_failed) ||
           !(line->server.is_done || line->server.is_failed)) {
        if (!deliver(line))
            g_main_context_iteration(line->context, TRUE);
    }
}

static void check_agreed(const struct line *line)
{
    g_assert_true(line->client.is_done && line->server.is_done);
    g_assert_cmpint(line->client.keys.suite, ==, SRTP_SUITE_AEAD_AES_128_GCM);
    g_assert_cmpmem(&line->client.keys, sizeof line->client.keys, &line->server.keys,
                    sizeof line->server.keys);
    g_assert_cmpint(memcmp(line->client.keys.client.key, line->client.keys.server.key, 16), !=, 0);
}

static void both_ends_get_the_same_keys(void)
{
    struct line line;
    open_line(&line, identity_fingerprint(), identity_fingerprint());
    shake_hands(&line);
    check_agreed(&line);
    close_line(&line);
}

static void lost_flights_are_sent_again(void)
{
    /* The first flight of the client, the server's, the client's second, the server's last. */
    for (unsigned lost = 1; lost <= 4; lost++) {
        struct line line;
        open_line(&line, identity_fingerprint(), identity_fingerprint());
        dtls_start(line.client.dtls);
        for (unsigned i = 1; i < lost; i++)
            deliver(&line);
        line.to_lose = 1;
        shake_hands(&line);
        check_agreed(&line);
        close_line(&line);
    }
}

static void datagrams_may_come_twice(void)
{
    struct line line;
    open_line(&line, identity_fingerprint(), identity_fingerprint());
    line.is_doubling = true;
    shake_hands(&line);
    check_agreed(&line);
    close_line(&line);
}

static void datagrams_may_come_in_another_order(void)
{
    struct line line;
    open_line(&line, identity_fingerprint(), identity_fingerprint());
    line.is_swapping = true;
    shake_hands(&line);
    check_agreed(&line);
    close_line(&line);
}

static void another_certificate_than_promised_is_refused(void)
{
    g_autofree char *wrong = g_strdup(identity_fingerprint());
    wrong[0] = wrong[0] == 'A' ? 'B' : 'A';
    for (unsigned i = 0; i < 2; i++) {
        struct line line;
        open_line(&line, i == 0 ? wrong : identity_fingerprint(),
                  i == 1 ? wrong : identity_fingerprint());
        shake_hands(&line);
        struct end *deceived = i == 0 ? &line.server : &line.client;
        g_assert_true(deceived->is_failed);
        g_assert_false(deceived->is_done);
        while (!deceived->other->is_failed && !deceived->other->is_closed)
            g_assert_true(deliver(&line)); /* the alert tells the other end */
        close_line(&line);
    }
}

static void goodbye_is_heard(void)
{
    struct line line;
    open_line(&line, identity_fingerprint(), identity_fingerprint());
    shake_hands(&line);
    dtls_close(line.client.dtls);
    while (deliver(&line))
        continue;
    g_assert_true(line.server.is_closed);
    close_line(&line);
}

static void a_peer_that_does_not_answer_is_asked_again(void)
{
    struct line line;
    open_line(&line, identity_fingerprint(), identity_fingerprint());
    dtls_start(line.client.dtls);
    while (line.client.sent < 4)
        g_main_context_iteration(line.context, TRUE);
    g_assert_false(line.client.is_failed);
    close_line(&line);
}

/* ---- hostile bytes ---- */

static void garbage_in_between_is_passed_over(void)
{
    static const uint8_t types[] = {20, 21, 22, 23, 24, 63, 0, 255};
    struct line line;
    open_line(&line, identity_fingerprint(), identity_fingerprint());
    dtls_start(line.client.dtls);
    for (unsigned i = 0; !line.client.is_done || !line.server.is_done; i++) {
        uint8_t bytes[64];
        for (unsigned k = 0; k < sizeof bytes; k++)
            bytes[k] = (uint8_t)g_test_rand_int();
        bytes[0] = types[i % sizeof types];
        if (i < 16)
            dtls_receive(i % 2 == 0 ? line.client.dtls : line.server.dtls, bytes,
                         i % 3 == 0 ? i : sizeof bytes);
        g_assert_false(line.client.is_failed || line.server.is_failed);
        if (!deliver(&line))
            g_main_context_iteration(line.context, TRUE);
    }
    check_agreed(&line);
    close_line(&line);
}

/* A real handshake with bits turned over: whatever comes of it, the ends never believe to agree on
 * different keys. */
static void spoilt_flights_never_give_different_keys(void)
{
    for (unsigned round = 0; round < 300; round++) {
        struct line line;
        open_line(&line, identity_fingerprint(), identity_fingerprint());
        dtls_start(line.client.dtls);
        for (unsigned i = 0; i < 30; i++) {
            struct datagram *datagram = g_queue_pop_head(&line.datagrams);
            if (datagram == NULL)
                break;
            gsize size;
            uint8_t *bytes = g_bytes_unref_to_data(datagram->bytes, &size);
            if (g_test_rand_int_range(0, 3) == 0)
                bytes[g_test_rand_int_range(0, (int)size)] ^=
                    (uint8_t)g_test_rand_int_range(1, 256);
            if (g_test_rand_int_range(0, 10) == 0)
                size = (gsize)g_test_rand_int_range(0, (int)size);
            dtls_receive(datagram->to->dtls, bytes, size);
            g_free(bytes);
            g_free(datagram);
        }
        if (line.client.is_done && line.server.is_done)
            check_agreed(&line);
        close_line(&line);
    }
}

/* What is above the allowance is not read, and the allowance comes back. */
static void a_flood_does_not_stop_the_handshake_for_ever(void)
{
    static const uint8_t record[] = {22, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0};
    struct line line;
    open_line(&line, identity_fingerprint(), identity_fingerprint());
    for (unsigned i = 0; i < 100000; i++)
        dtls_receive(line.server.dtls, record, sizeof record);
    shake_hands(&line);
    check_agreed(&line);
    close_line(&line);
}

/* ---- peers that are not ours ---- */

/* A client of plain OpenSSL: what it writes goes to the server as one datagram, what the server
 * sends is read as a stream of records. */
static void run_stranger(struct line *line, SSL_CTX *context)
{
    SSL *ssl = SSL_new(context);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(ssl, in, out);
    SSL_set_options(ssl, SSL_OP_NO_QUERY_MTU);
    SSL_set_mtu(ssl, 1200);
    SSL_set_connect_state(ssl);
    for (unsigned i = 0; i < 20 && !line->server.is_failed && !line->server.is_done; i++) {
        SSL_do_handshake(ssl);
        char *bytes;
        long size = BIO_get_mem_data(out, &bytes);
        if (size > 0)
            dtls_receive(line->server.dtls, (const uint8_t *)bytes, (size_t)size);
        (void)BIO_reset(out);
        for (struct datagram *next; (next = g_queue_pop_head(&line->datagrams)) != NULL;) {
            gsize length;
            const void *data = g_bytes_get_data(next->bytes, &length);
            BIO_write(in, data, (int)length);
            free_datagram(next);
        }
    }
    SSL_free(ssl);
    ERR_clear_error();
}

static void check_stranger_fails(SSL_CTX *context)
{
    struct line line;
    open_line(&line, identity_fingerprint(), identity_fingerprint());
    run_stranger(&line, context);
    g_assert_true(line.server.is_failed);
    g_assert_false(line.server.is_done);
    close_line(&line);
    SSL_CTX_free(context);
}

static void a_peer_without_a_certificate_is_refused(void)
{
    SSL_CTX *context = SSL_CTX_new(DTLS_client_method());
    SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AEAD_AES_128_GCM");
    check_stranger_fails(context);
}

static void a_peer_without_srtp_is_refused(void)
{
    SSL_CTX *context = SSL_CTX_new(DTLS_client_method());
    SSL_CTX *own = identity_context();
    SSL_CTX_use_certificate(context, SSL_CTX_get0_certificate(own));
    SSL_CTX_use_PrivateKey(context, SSL_CTX_get0_privatekey(own));
    check_stranger_fails(context);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dtls/both_ends_get_the_same_keys", both_ends_get_the_same_keys);
    g_test_add_func("/dtls/lost_flights_are_sent_again", lost_flights_are_sent_again);
    g_test_add_func("/dtls/datagrams_may_come_twice", datagrams_may_come_twice);
    g_test_add_func("/dtls/datagrams_may_come_in_another_order",
                    datagrams_may_come_in_another_order);
    g_test_add_func("/dtls/another_certificate_than_promised_is_refused",
                    another_certificate_than_promised_is_refused);
    g_test_add_func("/dtls/goodbye_is_heard", goodbye_is_heard);
    g_test_add_func("/dtls/a_peer_that_does_not_answer_is_asked_again",
                    a_peer_that_does_not_answer_is_asked_again);
    g_test_add_func("/dtls/garbage_in_between_is_passed_over", garbage_in_between_is_passed_over);
    g_test_add_func("/dtls/spoilt_flights_never_give_different_keys",
                    spoilt_flights_never_give_different_keys);
    g_test_add_func("/dtls/a_flood_does_not_stop_the_handshake_for_ever",
                    a_flood_does_not_stop_the_handshake_for_ever);
    g_test_add_func("/dtls/a_peer_without_a_certificate_is_refused",
                    a_peer_without_a_certificate_is_refused);
    g_test_add_func("/dtls/a_peer_without_srtp_is_refused", a_peer_without_srtp_is_refused);
    return g_test_run();
}
