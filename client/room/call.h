/* A room's media connection: one leg, offered to the server.
 *
 * Thread: the main thread; handlers too. The leg itself lives on a shard.
 * Memory: belongs to its maker; call_free() lets the leg go on its shard, and no handler runs after
 * it. */
#pragma once

#include "bridge/transport/leg.h"
#include "client/room/line.h"
#include "client/room/line_check.h"
#include "client/room/pictures.h"
#include "client/room/way.h"

struct call;

struct call_handlers {
    void (*offer)(const char *sdp, void *arg); /* to be sent; its answer goes to call_answer() */
    void (*candidate)(const char *candidate, const char *mid, void *arg);
    /* `profile`: what protects the media once it has been connected, NULL before. */
    void (*state)(enum leg_state state, const char *profile, void *arg);
    void (*failed)(const char *why, void *arg);
};

/* Makes the leg and its offer at once. `line` must outlive the call; `way` is copied, and the parts
 * of `pictures` are referenced; NULL: neither sends nor takes any. */
struct call *call_new(struct shard *shard, const char *name, const struct way *way,
                      struct line *line, const struct room_pictures *pictures,
                      struct queue *main_queue, const struct call_handlers *handlers, void *arg);
void call_free(struct call *call);

/* Looks for another way to the same peer (RFC 8445 section 2.4): a new offer comes, the keys stay.
 */
void call_restart(struct call *call);
/* The same from another address of this machine: the old one is given up at once. */
void call_move(struct call *call);

void call_answer(struct call *call, const char *sdp);
void call_candidate(struct call *call, const char *candidate, const char *mid);

/* The SSRC of its probes, for a line test. */
uint32_t call_probe_ssrc(const struct call *call);
/* Measures the line, once the server has begun a test with probes from `peer_ssrc`. `done` once,
 * later; not if call_free() or call_stop_check() comes before. */
typedef void (*call_checked)(const struct line_findings *findings, void *arg);
void call_check_line(struct call *call, uint32_t peer_ssrc, unsigned kbps, call_checked done,
                     void *arg);
void call_stop_check(struct call *call);

/* False before the leg is there. */
bool call_counters(const struct call *call, struct leg_counters *counters);
