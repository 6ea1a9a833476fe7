/* A hostile peer's DTLS: a real handshake whose datagrams the input spoils, and datagrams of the
 * input's own in between. Whatever comes, each end says "done" or "failed" at most once, and both
 * keys agree if both are done.
 *
 * The input is a list of steps: 'x' position(2) mask(1): flips bits of the next datagram; 'd' drops
 * it; 't' sends it twice; 'i' size(2) bytes: puts a datagram in before it; anything else lets it
 * pass. */
#include "bridge/transport/dtls.h"
#include "bridge/transport/identity.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#define DATAGRAMS_MAX 200

struct fuzz_end {
    struct dtls *dtls;
    struct fuzz_end *other;
    GQueue *line; /* of struct datagram */
    unsigned ends;
    bool is_done;
    struct dtls_keys keys;
};

struct datagram {
    struct fuzz_end *to;
    GByteArray *bytes;
};

static void put(GQueue *line, struct fuzz_end *to, const uint8_t *bytes, size_t size)
{
    struct datagram *datagram = g_new(struct datagram, 1);
    datagram->to = to;
    datagram->bytes = g_byte_array_append(g_byte_array_new(), bytes, (guint)size);
    g_queue_push_tail(line, datagram);
}

static void on_send(const uint8_t *bytes, size_t size, void *arg)
{
    struct fuzz_end *end = arg;
    put(end->line, end->other, bytes, size);
}

static void on_done(const struct dtls_keys *keys, void *arg)
{
    struct fuzz_end *end = arg;
    if (end->ends++ > 0)
        abort();
    end->is_done = true;
    end->keys = *keys;
}

static void on_failed(const char *why, void *arg)
{
    struct fuzz_end *end = arg;
    if (why == NULL || (end->ends++ > 0 && !end->is_done))
        abort();
}

static void on_closed(void *arg)
{
    (void)arg;
}

struct steps {
    const uint8_t *at;
    size_t left;
};

static unsigned take(struct steps *steps, unsigned count)
{
    unsigned value = 0;
    while (count-- > 0 && steps->left > 0) {
        value = value << 8 | *steps->at++;
        steps->left--;
    }
    return value;
}

/* False: the datagram is lost. */
static bool spoil(struct steps *steps, struct datagram *datagram)
{
    unsigned position, size;
    switch (take(steps, 1)) {
    case 'x':
        position = take(steps, 2);
        if (datagram->bytes->len > 0)
            datagram->bytes->data[position % datagram->bytes->len] ^= (uint8_t)take(steps, 1);
        return true;
    case 'd':
        return false;
    case 't':
        dtls_receive(datagram->to->dtls, datagram->bytes->data, datagram->bytes->len);
        return true;
    case 'i':
        size = take(steps, 2); /* MIN() would take twice */
        size = MIN(size, (unsigned)steps->left);
        dtls_receive(datagram->to->dtls, steps->at, size);
        steps->at += size;
        steps->left -= size;
        return true;
    default:
        return true;
    }
}

static void free_datagram(struct datagram *datagram)
{
    g_byte_array_unref(datagram->bytes);
    g_free(datagram);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct dtls_handlers handlers = {on_send, on_done, on_failed, on_closed};
    struct steps steps = {bytes, size};
    GMainContext *context = g_main_context_new();
    GQueue line = G_QUEUE_INIT;
    struct fuzz_end client = {.line = &line}, server = {.line = &line};
    struct datagram *datagram;
    client.other = &server;
    server.other = &client;
    client.dtls = dtls_new(context, true, identity_fingerprint(), &handlers, &client);
    server.dtls = dtls_new(context, false, identity_fingerprint(), &handlers, &server);
    dtls_start(server.dtls);
    dtls_start(client.dtls);
    for (unsigned i = 0; i < DATAGRAMS_MAX && (datagram = g_queue_pop_head(&line)) != NULL; i++) {
        if (spoil(&steps, datagram))
            dtls_receive(datagram->to->dtls, datagram->bytes->data, datagram->bytes->len);
        free_datagram(datagram);
    }
    if (client.is_done && server.is_done &&
        memcmp(&client.keys, &server.keys, sizeof client.keys) != 0)
        abort();
    dtls_free(client.dtls);
    dtls_free(server.dtls);
    while ((datagram = g_queue_pop_head(&line)) != NULL)
        free_datagram(datagram);
    g_main_context_unref(context);
    return 0;
}
