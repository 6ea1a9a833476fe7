/* Whole sessions of hostile people with the whole server: the WebSocket, session.hello, the
 * methods, the meeting, its journal and what everybody else is told of it. The input is lines:
 *
 *     C {"jsonrpc":"2.0",…}    a text frame of the chair's (S, O, V: secretary, operator, observer;
 *                              R, Q: rooms), who has said hello
 *     N {"jsonrpc":"2.0",…}    a frame of somebody who has not; "@" stands for the chair's token
 *     B …                      bytes below the WebSocket, on the chair's connection
 *     K C                      cuts the connection of one of them
 *
 * Whatever comes: what the server sends are whole frames of JSON-RPC, the journal's chain holds,
 * and the stored journal alone gives the state that the server has. */
#include "signaling/meeting/journal.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/whole_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINES_MAX 48
#define FRAME_MAX 70000

#define must(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "line %d: %s does not hold\n", __LINE__, #condition);                  \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static const struct {
    char letter;
    const char *account;
    enum role role;
    const char *site;
} people[] = {
    {'C', NULL, ROLE_CHAIR, "chu-toa"},     {'S', "thu-ky", ROLE_SECRETARY, NULL},
    {'O', "operator", ROLE_OPERATOR, NULL}, {'V', "du-thinh", ROLE_OBSERVER, NULL},
    {'R', NULL, ROLE_SITE, "hue"},          {'Q', NULL, ROLE_SITE, "da-nang"},
    {'N', NULL, ROLE_CHAIR, "chu-toa"}, /* the token that "@" stands for */
};
#define PEOPLE  G_N_ELEMENTS(people)
#define NOBODYS (PEOPLE - 1)

struct peer {
    int end; /* -1: not connected */
    char *token;
    GByteArray *received;
};

struct run {
    char *meeting;
    struct peer peers[PEOPLE];
};

static void take_in(struct peer *peer)
{
    uint8_t bytes[65536];
    ssize_t size;
    while (peer->end >= 0 && (size = read(peer->end, bytes, sizeof bytes)) > 0)
        g_byte_array_append(peer->received, bytes, (guint)size);
}

static void check_text(const uint8_t *payload, size_t size)
{
    json_t *object = json_loadb((const char *)payload, size, JSON_REJECT_DUPLICATES, NULL);
    must(g_strcmp0(json_string_value(json_object_get(object, "jsonrpc")), "2.0") == 0);
    must((json_object_get(object, "method") != NULL) != (json_object_get(object, "id") != NULL));
    json_decref(object);
}

/* One frame from the front: final, unmasked, with no bit that was not agreed. False: not whole. */
static bool check_frame(GByteArray *received)
{
    const uint8_t *bytes = received->data;
    if (received->len < 2)
        return false;
    size_t head = 2, size = bytes[1] & 0x7f;
    size_t length_bytes = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (received->len < head + length_bytes)
        return false;
    for (size_t i = 0; i < length_bytes; i++)
        size = (i == 0 ? 0 : size << 8) | bytes[head + i];
    head += length_bytes;
    if (received->len - head < size)
        return false;
    must((bytes[0] & 0xf0) == 0x80 && (bytes[1] & 0x80) == 0);
    if (bytes[0] == 0x81)
        check_text(bytes + head, size);
    g_byte_array_remove_range(received, 0, (guint)(head + size));
    return true;
}

static void let_work(struct run *run)
{
    whole_server_turn();
    for (size_t i = 0; i < PEOPLE; i++) {
        take_in(&run->peers[i]);
        while (check_frame(run->peers[i].received))
            continue;
    }
}

static void send_bytes(struct peer *peer, const void *bytes, size_t size)
{
    ssize_t written = write(peer->end, bytes, size);
    (void)written; /* the server may have closed it; what does not fit is not needed */
}

static void send_frame(struct peer *peer, const char *text, size_t size)
{
    static const uint8_t no_mask[4];
    uint8_t head[4] = {0x81, 0x80 | 126, (uint8_t)(size >> 8), (uint8_t)size};
    if (size > 0xffff)
        return;
    if (size < 126)
        head[1] = (uint8_t)(0x80 | size);
    GByteArray *frame = g_byte_array_new();
    g_byte_array_append(frame, head, size < 126 ? 2 : 4);
    g_byte_array_append(frame, no_mask, sizeof no_mask);
    g_byte_array_append(frame, (const uint8_t *)text, (guint)size);
    send_bytes(peer, frame->data, frame->len);
    g_byte_array_unref(frame);
}

static void come_in(struct run *run, struct peer *peer, bool says_hello)
{
    static const char upgrade[] =
        "GET /api/v1/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: nhipcau.v1\r\n\r\n";
    peer->end = whole_server_call();
    send_bytes(peer, upgrade, sizeof upgrade - 1);
    whole_server_turn();
    take_in(peer);
    const char *end =
        g_strstr_len((const char *)peer->received->data, peer->received->len, "\r\n\r\n");
    must(end != NULL && memcmp(peer->received->data, "HTTP/1.1 101", 12) == 0);
    g_byte_array_remove_range(peer->received, 0,
                              (guint)((const uint8_t *)end + 4 - peer->received->data));
    if (!says_hello)
        return;
    g_autofree char *hello =
        g_strdup_printf("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"session.hello\",\"params\":{"
                        "\"token\":\"%s\",\"client\":\"fuzz\",\"meeting\":\"%s\"}}",
                        peer->token, run->meeting);
    send_frame(peer, hello, strlen(hello));
    let_work(run);
}

static void cut(struct peer *peer)
{
    if (peer->end >= 0)
        close(peer->end);
    peer->end = -1;
    g_byte_array_set_size(peer->received, 0);
}

static struct peer *peer_of(struct run *run, char letter)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        if (people[i].letter == letter)
            return &run->peers[i];
    }
    return NULL;
}

static void run_line(struct run *run, char *line, size_t size)
{
    struct peer *peer = peer_of(run, line[0] == 'B' ? 'C' : line[0] == 'K' ? line[2] : line[0]);
    if (peer == NULL)
        return;
    if (line[0] == 'K') {
        cut(peer);
    } else {
        bool is_nobody = peer == &run->peers[NOBODYS];
        GString *text = g_string_new_len(line + 2, (gssize)size - 2);
        if (is_nobody)
            g_string_replace(text, "@", peer->token, 0);
        if (peer->end < 0)
            come_in(run, peer, !is_nobody);
        if (line[0] == 'B')
            send_bytes(peer, text->str, text->len);
        else
            send_frame(peer, text->str, text->len);
        g_string_free(text, TRUE);
    }
    let_work(run);
}

struct replay {
    struct meeting *meeting;
    struct journal_check *check;
};

static bool replay_event(const struct event *event, void *arg)
{
    struct replay *replay = arg;
    GError *error = NULL;
    must(journal_check_event(replay->check, event, &error));
    must(meeting_apply(replay->meeting, event, &error));
    return true;
}

static void check_journal(const char *id)
{
    struct hub *hub = whole_server()->hub;
    struct replay replay = {meeting_new(id), journal_check_new()};
    struct hub_counts counts = hub_count(hub);
    must(counts.damaged == 0 && counts.storage_failures == 0);
    must(store_read(whole_server()->store, id, 0, replay_event, &replay, NULL));
    json_t *stored = meeting_snapshot(replay.meeting);
    json_t *live = meeting_snapshot(hub_find(hub, id, NULL));
    must(json_equal(stored, live));
    json_decref(stored);
    json_decref(live);
    journal_check_free(replay.check);
    meeting_free(replay.meeting);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run run = {.meeting = NULL};
    const char *at = (const char *)data, *end = at + size;
    whole_server();
    run.meeting = whole_server_make_meeting();
    for (size_t i = 0; i < PEOPLE; i++)
        run.peers[i] = (struct peer){
            -1, whole_server_token(people[i].account, people[i].role, people[i].site, run.meeting),
            g_byte_array_new()};
    for (unsigned lines = 0; at < end && lines < LINES_MAX; lines++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop != NULL ? stop : end) - at);
        g_autofree char *line = g_strndup(at, length);
        if (length > 2 && length < FRAME_MAX && line[1] == ' ')
            run_line(&run, line, strlen(line));
        at += length + 1;
    }
    for (size_t i = 0; i < PEOPLE; i++) {
        cut(&run.peers[i]);
        g_byte_array_unref(run.peers[i].received);
        g_free(run.peers[i].token);
    }
    whole_server_turn();
    check_journal(run.meeting);
    g_free(run.meeting);
    return 0;
}
