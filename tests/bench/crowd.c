/* A crowd of WebSocket clients in one thread, for many_clients.py: each says hello to the server
 * and then reads what comes, except a share that reads nothing at all. Some of those who read send
 * messages at a steady rate; how long each took from its sending to everyone's ear is what is
 * measured.
 *
 *     crowd PORT TOKENS-FILE SECONDS COMMANDS-A-SECOND DEAF-PERCENT
 *
 * One JSON object on standard output at the end. Told a line on standard input then, all of them
 * come back at once, each from the last event that it saw, and there is a second object. It speaks
 * just enough of RFC 6455 for a server that it trusts. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_MAX   1024 /* of a frame: what is looked at */
#define CONNECTING 64   /* at a time */
#define SENDERS    10
#define SENT_MAX   100000
#define MARK       "\"text\":\"do tai "

enum state { IDLE, HANDSHAKE, UPGRADE, HELLO, READY, GONE };

struct client {
    int fd;
    SSL *ssl;
    enum state state;
    bool is_deaf;
    char *token;
    /* The frame that is being read. */
    uint8_t head[14];
    unsigned head_size;
    uint64_t left;
    uint8_t opcode;
    uint64_t seq; /* of the last event */
    int64_t called_us;
    char text[HEAD_MAX];
    unsigned text_size;
    bool is_text_whole;
};

struct crowd {
    struct client *clients;
    unsigned count, next, open, gone, listening;
    unsigned port;
    int epoll;
    SSL_CTX *tls;
    int64_t sent_us[SENT_MAX];
    unsigned sent, rate;
    uint64_t heard, bytes;
    bool resumes;
    GArray *delays;    /* of uint32_t, µs */
    GArray *greetings; /* of uint32_t, µs: from calling to the answer to hello, when resuming */
};

static int64_t now_us(void)
{
    return g_get_monotonic_time();
}

static void drop(struct crowd *crowd, struct client *client)
{
    if (client->state == GONE)
        return;
    crowd->gone++;
    crowd->open -= client->state == HANDSHAKE || client->state == UPGRADE || client->state == HELLO;
    client->state = GONE;
    SSL_free(client->ssl);
    close(client->fd);
}

static void write_all(struct crowd *crowd, struct client *client, const void *bytes, size_t size)
{
    /* Little is written, and a socket's buffer takes it. */
    if (SSL_write(client->ssl, bytes, (int)size) != (int)size)
        drop(crowd, client);
}

static void send_frame(struct crowd *crowd, struct client *client, uint8_t opcode, const char *text,
                       size_t size)
{
    uint8_t frame[2048] = {(uint8_t)(0x80 | opcode)};
    size_t at = 2;
    g_assert(size < 1900);
    if (size < 126) {
        frame[1] = (uint8_t)(0x80 | size);
    } else {
        frame[1] = 0x80 | 126;
        frame[2] = (uint8_t)(size >> 8);
        frame[3] = (uint8_t)size;
        at = 4;
    }
    memset(frame + at, 0, 4); /* a mask of zeros leaves the text as it is */
    memcpy(frame + at + 4, text, size);
    write_all(crowd, client, frame, at + 4 + size);
}

static void say_hello(struct crowd *crowd, struct client *client)
{
    g_autofree char *since =
        crowd->resumes ? g_strdup_printf(",\"since\":%" G_GUINT64_FORMAT, (guint64)client->seq)
                       : g_strdup("");
    g_autofree char *text = g_strdup_printf(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"session.hello\",\"params\":{\"token\":\"%s\","
        "\"client\":\"crowd\"%s}}",
        client->token, since);
    client->state = HELLO;
    send_frame(crowd, client, 1, text, strlen(text));
}

static void stop_listening(struct crowd *crowd, struct client *client)
{
    struct epoll_event event = {.events = 0, .data.ptr = client};
    epoll_ctl(crowd->epoll, EPOLL_CTL_MOD, client->fd, &event);
}

static void take_text(struct crowd *crowd, struct client *client)
{
    client->text[MIN(client->text_size, HEAD_MAX - 1)] = '\0';
    const char *seq = strstr(client->text, "\"seq\":");
    if (seq != NULL)
        client->seq = MAX(client->seq, g_ascii_strtoull(seq + 6, NULL, 10));
    if (client->state == HELLO && strstr(client->text, "\"id\":1") != NULL) {
        client->state = READY;
        crowd->open--;
        uint32_t took = (uint32_t)(now_us() - client->called_us);
        g_array_append_val(crowd->greetings, took);
        crowd->listening += !client->is_deaf;
        if (client->is_deaf)
            stop_listening(crowd, client);
    }
    const char *mark = strstr(client->text, MARK);
    if (mark == NULL)
        return;
    unsigned number = (unsigned)strtoul(mark + strlen(MARK), NULL, 10);
    if (number >= crowd->sent)
        return;
    uint32_t delay = (uint32_t)(now_us() - crowd->sent_us[number]);
    crowd->heard++;
    g_array_append_val(crowd->delays, delay);
}

static void end_of_frame(struct crowd *crowd, struct client *client)
{
    uint8_t opcode = client->opcode & 0x0f;
    client->head_size = 0;
    if (opcode == 9)
        send_frame(crowd, client, 10, client->text, MIN(client->text_size, 125u));
    else if (opcode == 8)
        drop(crowd, client);
    else
        take_text(crowd, client);
    client->text_size = 0;
}

static unsigned head_length(const struct client *client)
{
    uint8_t size = client->head_size > 1 ? client->head[1] & 0x7f : 0;
    return size == 127 ? 10 : size == 126 ? 4 : 2;
}

static uint64_t payload_length(const struct client *client)
{
    uint64_t size = client->head[1] & 0x7f;
    if (size < 126)
        return size;
    unsigned bytes = size == 126 ? 2 : 8;
    size = 0;
    for (unsigned i = 0; i < bytes; i++)
        size = size << 8 | client->head[2 + i];
    return size;
}

static void take_bytes(struct crowd *crowd, struct client *client, const uint8_t *bytes,
                       size_t size)
{
    for (size_t at = 0; at < size && client->state != GONE;) {
        if (client->head_size < head_length(client) || client->head_size < 2) {
            client->head[client->head_size++] = bytes[at++];
            if (client->head_size < 2 || client->head_size < head_length(client))
                continue;
            client->opcode = client->head[0];
            client->left = payload_length(client);
        } else {
            size_t part = MIN(client->left, size - at);
            size_t kept = MIN(part, (size_t)(HEAD_MAX - 1 - client->text_size));
            memcpy(client->text + client->text_size, bytes + at, kept);
            client->text_size += (unsigned)kept;
            client->left -= part;
            at += part;
        }
        if (client->left == 0)
            end_of_frame(crowd, client);
    }
}

static void take_upgrade(struct crowd *crowd, struct client *client, const uint8_t *bytes, int size)
{
    const char *end = g_strstr_len((const char *)bytes, size, "\r\n\r\n");
    if (end == NULL || g_strstr_len((const char *)bytes, size, " 101 ") == NULL) {
        fprintf(stderr, "crowd: refused: %.*s\n", MIN(size, 200), bytes);
        drop(crowd, client);
        return;
    }
    say_hello(crowd, client);
    size_t past = (size_t)(end + 4 - (const char *)bytes);
    take_bytes(crowd, client, (const uint8_t *)end + 4, (size_t)size - past);
}

static void read_some(struct crowd *crowd, struct client *client)
{
    uint8_t bytes[65536];
    int size = 0;
    while (client->state != GONE && (size = SSL_read(client->ssl, bytes, sizeof bytes)) > 0) {
        crowd->bytes += (uint64_t)size;
        if (client->state == UPGRADE)
            take_upgrade(crowd, client, bytes, size);
        else
            take_bytes(crowd, client, bytes, (size_t)size);
        if (client->state == READY && client->is_deaf)
            return;
    }
    if (client->state == GONE)
        return;
    int error = SSL_get_error(client->ssl, size);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        drop(crowd, client);
}

static void shake_hands(struct crowd *crowd, struct client *client)
{
    int done = SSL_do_handshake(client->ssl);
    if (done == 1) {
        g_autofree char *text = g_strdup_printf(
            "GET /api/v1/ws HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: nhipcau.v1\r\n\r\n",
            crowd->port);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
        epoll_ctl(crowd->epoll, EPOLL_CTL_MOD, client->fd, &event);
        client->state = UPGRADE;
        write_all(crowd, client, text, strlen(text));
        return;
    }
    int error = SSL_get_error(client->ssl, done);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
        drop(crowd, client);
        return;
    }
    struct epoll_event event = {.events = error == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLOUT,
                                .data.ptr = client};
    epoll_ctl(crowd->epoll, EPOLL_CTL_MOD, client->fd, &event);
}

static void call_server(struct crowd *crowd, struct client *client)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)crowd->port)};
    int one = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(client->fd, (struct sockaddr *)&address, sizeof address) != 0 &&
        errno != EINPROGRESS)
        g_error("connect: %s", g_strerror(errno));
    client->called_us = now_us();
    client->ssl = SSL_new(crowd->tls);
    SSL_set_fd(client->ssl, client->fd);
    SSL_set_connect_state(client->ssl);
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = client};
    epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, client->fd, &event);
    client->state = HANDSHAKE;
    crowd->open++;
}

static void turn(struct crowd *crowd, int timeout_ms)
{
    struct epoll_event events[256];
    int count = epoll_wait(crowd->epoll, events, 256, timeout_ms);
    for (int i = 0; i < count; i++) {
        struct client *client = events[i].data.ptr;
        if (client->state == HANDSHAKE)
            shake_hands(crowd, client);
        else if (client->state != GONE)
            read_some(crowd, client);
    }
}

/* Everyone in, so many at a time; the seconds that it took. */
static double come_in(struct crowd *crowd, unsigned at_a_time)
{
    int64_t start_us = now_us();
    while (crowd->next < crowd->count || crowd->open > 0) {
        while (crowd->next < crowd->count && crowd->open < at_a_time)
            call_server(crowd, &crowd->clients[crowd->next++]);
        turn(crowd, 1000);
    }
    return (double)(now_us() - start_us) / 1e6;
}

static void send_message(struct crowd *crowd)
{
    unsigned number = crowd->sent++, sender = number % SENDERS;
    struct client *client = &crowd->clients[sender];
    g_autofree char *text = g_strdup_printf(
        "{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"message.send\",\"params\":{\"text\":"
        "\"do tai %u\"}}",
        number + 2, number);
    crowd->sent_us[number] = now_us();
    if (client->state == READY)
        send_frame(crowd, client, 1, text, strlen(text));
}

static void run_for(struct crowd *crowd, double seconds, unsigned rate)
{
    int64_t start_us = now_us(), end_us = start_us + (int64_t)(seconds * 1e6);
    unsigned begun = crowd->sent;
    while (now_us() < end_us) {
        int64_t due_us = rate > 0 ? start_us + (crowd->sent - begun + 1) * 1000000 / rate : end_us;
        if (rate > 0 && now_us() >= due_us)
            send_message(crowd);
        else
            turn(crowd, (int)MIN((due_us - now_us()) / 1000 + 1, 100));
    }
}

/* All gone as if the server had been killed, and all back at once. */
static double come_back(struct crowd *crowd)
{
    for (unsigned i = 0; i < crowd->count; i++) {
        struct client *client = &crowd->clients[i];
        drop(crowd, client);
        client->head_size = client->text_size = 0;
        client->is_deaf = false;
    }
    crowd->next = crowd->open = crowd->gone = crowd->listening = 0;
    crowd->bytes = 0;
    crowd->resumes = true;
    g_array_set_size(crowd->greetings, 0);
    return come_in(crowd, crowd->count);
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double percentile_ms(const GArray *delays, double share)
{
    if (delays->len == 0)
        return -1;
    return g_array_index(delays, uint32_t, (unsigned)((delays->len - 1) * share)) / 1000.0;
}

static unsigned read_tokens(struct crowd *crowd, const char *path, unsigned deaf_percent)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        g_error("cannot read %s", path);
    g_auto(GStrv) tokens = g_strsplit(g_strstrip(text), "\n", -1);
    unsigned count = g_strv_length(tokens);
    crowd->clients = g_new0(struct client, count);
    for (unsigned i = 0; i < count; i++) {
        crowd->clients[i].token = g_strdup(tokens[i]);
        crowd->clients[i].is_deaf = i >= SENDERS && i % 100 < deaf_percent;
    }
    return count;
}

static void print_return(struct crowd *crowd)
{
    double seconds = come_back(crowd);
    qsort(crowd->greetings->data, crowd->greetings->len, sizeof(uint32_t), by_size);
    printf("{\"came_back\": %u, \"refused\": %u, \"seconds\": %.1f, \"megabytes\": %.1f, "
           "\"until_greeted_ms\": {\"p50\": %.0f, \"p99\": %.0f}}\n",
           crowd->listening, crowd->gone, seconds, (double)crowd->bytes / 1e6,
           percentile_ms(crowd->greetings, 0.5), percentile_ms(crowd->greetings, 0.99));
}

int main(int argc, char **argv)
{
    struct crowd *crowd = g_new0(struct crowd, 1);
    struct rlimit files = {65536, 65536};
    if (argc != 6)
        g_error("crowd PORT TOKENS-FILE SECONDS COMMANDS-A-SECOND DEAF-PERCENT");
    setrlimit(RLIMIT_NOFILE, &files);
    crowd->port = (unsigned)atoi(argv[1]);
    crowd->count = read_tokens(crowd, argv[2], (unsigned)atoi(argv[5]));
    crowd->tls = SSL_CTX_new(TLS_client_method());
    crowd->epoll = epoll_create1(EPOLL_CLOEXEC);
    crowd->delays = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    crowd->greetings = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    double joined = come_in(crowd, CONNECTING);
    uint64_t joining_bytes = crowd->bytes;
    unsigned listening = crowd->listening, refused = crowd->gone;
    fprintf(stderr, "joined\n"); /* many_clients.py takes the server's figures here */
    run_for(crowd, 3, 0);
    run_for(crowd, atof(argv[3]), (unsigned)atoi(argv[4]));
    run_for(crowd, 3, 0);
    qsort(crowd->delays->data, crowd->delays->len, sizeof(uint32_t), by_size);
    printf("{\"clients\": %u, \"refused\": %u, \"join_seconds\": %.1f, \"join_megabytes\": %.0f, "
           "\"listening\": %u, \"commands\": %u, \"events_heard\": %" G_GUINT64_FORMAT
           ", \"events_expected\": %" G_GUINT64_FORMAT
           ", \"gone_later\": %u, \"delay_ms\": {\"p50\": %.1f, \"p95\": %.1f, \"p99\": %.1f, "
           "\"max\": %.1f}}\n",
           crowd->count, refused, joined, (double)joining_bytes / 1e6, listening, crowd->sent,
           (guint64)crowd->heard, (guint64)crowd->sent * listening, crowd->gone - refused,
           percentile_ms(crowd->delays, 0.5), percentile_ms(crowd->delays, 0.95),
           percentile_ms(crowd->delays, 0.99), percentile_ms(crowd->delays, 1));
    fflush(stdout);
    if (getchar() != EOF)
        print_return(crowd);
    return 0;
}
