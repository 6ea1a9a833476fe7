/* Legs as the transport's tests hold them: on two shards, connected over real sockets of loopback,
 * telling the test's thread what happens to them.
 *
 * Thread: the test's; calls given to stage_run() run on the leg's shard while the test waits. */
#pragma once

#include "bridge/transport/leg.h"
#include "common/queue.h"

struct stage {
    struct shard *offering, *answering;
    struct queue *queue; /* the test's: news from the shards */
    GMainContext *context;
    bool is_done;
};

struct peer {
    struct stage *stage;
    struct shard *shard;
    struct leg *leg;
    enum leg_role role;
    char *description;
    GError *error;
    /* Taken by the handlers on the shard; set before the leg is made. */
    void (*on_state)(struct peer *peer, enum leg_state state);
    void (*on_rtp)(struct peer *peer);
    bool has_pictures, has_tcp, is_lite;
    void (*on_picture)(struct peer *peer, unsigned medium, struct coded_frame *frame);
    void (*on_keyframe)(struct peer *peer, unsigned medium, uint32_t stream);
    /* What has been told, on the test's thread. */
    enum leg_state state;
    bool was_connected, was_failed;
    unsigned received;
    bool is_in_order; /* sequence numbers and timestamps without a gap */
    uint16_t last_sequence_number;
    uint32_t last_timestamp;
    uint8_t last_byte;
};

typedef void (*peer_call)(struct peer *peer, void *arg);

void stage_open(struct stage *stage);
void stage_close(struct stage *stage);
/* Runs `call` on the peer's shard and waits for it. */
void stage_run(struct peer *peer, peer_call call, void *arg);
/* Waits for the next thing to be told. */
void stage_step(struct stage *stage);

/* `peer` may have its hooks set. */
void peer_open(struct peer *peer, struct stage *stage, enum leg_role role);
void peer_close(struct peer *peer);
/* Offer and answer, with an ICE restart or without. */
void peers_negotiate(struct peer *offerer, struct peer *answerer, bool restart);
void peers_await_connected(struct peer *offerer, struct peer *answerer);
void peers_connect(struct stage *stage, struct peer *offerer, struct peer *answerer);
void peers_close(struct peer *offerer, struct peer *answerer);

/* The single steps of a negotiation, for tests that put something between. */
void peer_make_offer(struct peer *peer, bool restart);
/* Both take the other's description and free it. */
void peer_answer(struct peer *peer, struct peer *from);
void peer_accept(struct peer *peer, struct peer *from);

/* Sends `count` frames at once (leg_send_frame()), 20 ms apart on their clock, whose payload is 40
 * bytes of their number; waits until `to` has got them all. */
void peer_send(struct peer *from, unsigned count);
void peers_check_media(struct peer *from, struct peer *to);
