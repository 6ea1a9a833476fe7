/* The packets of a line test (docs/protocol.md, "The line test"): RTP on an SSRC of their own, with
 * Opus's payload type so that they are treated as sound is on the way, and this as payload.
 *
 * A ping is answered by a pong at once, which tells what has come so far; a load only fills the
 * line; an ask makes the bridge send load. Times are each end's own monotonic clock: only their
 * differences mean something to the other.
 *
 * Thread: any; no state, no allocation. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROBE_SIZE     56   /* bytes that say something; the rest of a payload is zeros */
#define PROBE_SIZE_MAX 1100 /* of a payload: fits any line, tunnels too */

enum probe_kind { PROBE_PING = 1, PROBE_PONG, PROBE_LOAD, PROBE_ASK };

struct probe {
    enum probe_kind kind;
    uint8_t step;    /* load and ask: which rate is being tried, 1 and up; 0: none */
    uint32_t number; /* counts from 0, for each kind and step */
    uint64_t sent_us;

    /* Of a pong: the ping that it answers, when that came, and what has come before it. */
    uint32_t ping_number;
    uint64_t ping_arrived_us;
    uint32_t pings;        /* received so far */
    uint32_t load_packets; /* received so far in the step that the ping named */
    uint32_t load_bytes;   /* their payloads */

    /* Of an ask. */
    uint32_t kbps; /* payload bits */
    uint32_t milliseconds;
};

/* Writes PROBE_SIZE bytes. */
void probe_write(const struct probe *probe, uint8_t bytes[PROBE_SIZE]);
/* False for what is no probe. */
bool probe_parse(struct probe *probe, const uint8_t *bytes, size_t size);
