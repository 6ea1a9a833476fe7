#include "bridge/video/wire/assembler_private.h"

#include <glib.h>
#include <string.h>

#define STRAGGLERS_MAX 256 /* in a row: it is not they who are late, the sender began anew */

struct assembler *assembler_new(enum coded_codec codec, assembler_output output, void *arg)
{
    struct assembler *assembler = g_new0(struct assembler, 1);
    assembler->codec = codec;
    assembler->output = output;
    assembler->arg = arg;
    return assembler;
}

/* ---- the store ---- */

static void drop_slot(struct assembler *assembler, unsigned slot)
{
    struct packet *packet = assembler->slots[slot];
    if (packet == NULL)
        return;
    packet->next_free = assembler->free;
    assembler->free = packet;
    assembler->slots[slot] = NULL;
}

static void drop_all(struct assembler *assembler)
{
    for (unsigned i = 0; i < ASSEMBLER_PACKETS; i++)
        drop_slot(assembler, i);
    assembler->has_newest = assembler->has_key = false;
}

static void drop_up_to(struct assembler *assembler, uint16_t end)
{
    for (; rtp_sequence_distance(assembler->next, end) > 0; assembler->next++)
        drop_slot(assembler, assembler->next & ASSEMBLER_MASK);
}

static struct packet *take_packet(struct assembler *assembler)
{
    struct packet *packet = assembler->free;
    if (packet == NULL)
        return g_new(struct packet, 1);
    assembler->free = packet->next_free;
    return packet;
}

void assembler_free(struct assembler *assembler)
{
    if (assembler == NULL)
        return;
    drop_all(assembler);
    while (assembler->free != NULL) {
        struct packet *packet = assembler->free;
        assembler->free = packet->next_free;
        g_free(packet);
    }
    g_free(assembler);
}

/* ---- beginning anew ---- */

static void stop(struct assembler *assembler)
{
    if (assembler->counters.frames > 0) {
        assembler->counters.restarts += assembler->is_running;
        assembler->is_restart = true;
    }
    assembler->is_running = false;
    assembler->waiting_since_us = 0;
}

void assembler_reset(struct assembler *assembler)
{
    stop(assembler);
    drop_all(assembler);
}

/* Of H.264 the parameter sets come first, with the picture's own timestamp. */
static uint16_t frame_start(const struct assembler *assembler, const struct packet *packet)
{
    uint16_t start = packet->sequence_number;
    const struct packet *before;
    if (packet->starts_frame)
        return start;
    while ((before = assembler_find(assembler, (uint16_t)(start - 1))) != NULL &&
           before->timestamp == packet->timestamp && !before->marker && before->size > 0)
        start--;
    return start;
}

static void begin_at(struct assembler *assembler, uint16_t start)
{
    if (assembler->is_running)
        drop_up_to(assembler, start);
    assembler->next = start;
    assembler->is_running = assembler->is_fresh = true;
    assembler->has_key = false;
    assembler->waiting_since_us = 0;
    /* It may be of a run of numbers that is over. */
    int ahead = rtp_sequence_distance(start, assembler->newest);
    if (ahead < 0 || ahead >= ASSEMBLER_PACKETS)
        assembler->newest = start;
}

/* Lets go what is before the next key frame, whole or not: it is newer than what never came. */
static void give_up(struct assembler *assembler)
{
    bool has_key = assembler->has_key;
    stop(assembler);
    if (!has_key)
        return;
    assembler->is_running = true; /* for begin_at() to let go what is in between */
    begin_at(assembler, assembler->key);
}

/* ---- whole frames ---- */

/* The sequence number behind the frame that begins at `start`; false while packets of it are
 * missing. Packets without payload (padding) belong to no frame. */
static bool find_end(const struct assembler *assembler, uint16_t start, uint16_t *end)
{
    const struct packet *first = assembler_find(assembler, start), *packet = first;
    for (unsigned i = 0; packet != NULL && i < ASSEMBLER_PACKETS; i++) {
        *end = (uint16_t)(start + i);
        if (packet->timestamp != first->timestamp)
            return true; /* the marker is only a hint: RFC 6184 section 5.1 */
        if (packet->marker) {
            ++*end;
            return true;
        }
        packet = assembler_find(assembler, (uint16_t)(*end + 1));
    }
    return false;
}

/* Parameter sets that have an access unit of their own: nothing to show, nothing wrong. */
static bool is_parameters_alone(const struct assembler *assembler, uint16_t start)
{
    struct h264_facts facts;
    const struct packet *packet = assembler_find(assembler, start);
    return assembler->codec == CODED_H264 && assembler->is_fresh &&
           h264_read_payload(packet->payload, packet->size, &facts) && facts.has_parameters;
}

static void hand_out(struct assembler *assembler, uint16_t start, uint16_t end, int64_t now_us)
{
    bool is_alone = is_parameters_alone(assembler, start);
    struct coded_frame *frame = assembler_join(assembler, start, end);
    drop_up_to(assembler, end);
    assembler->waiting_since_us = 0;
    if (frame == NULL) {
        if (is_alone)
            return;
        assembler->counters.broken++;
        give_up(assembler);
        return;
    }
    assembler->width = frame->width;
    assembler->height = frame->height;
    frame->is_restart = assembler->is_restart && frame->is_key;
    assembler->is_restart = assembler->is_fresh = false;
    assembler->counters.frames++;
    assembler->counters.key_frames += frame->is_key;
    assembler->output(frame, now_us, assembler->arg);
}

static void skip_padding(struct assembler *assembler)
{
    const struct packet *packet;
    while ((packet = assembler_find(assembler, assembler->next)) != NULL && packet->size == 0)
        drop_up_to(assembler, (uint16_t)(assembler->next + 1));
}

/* A frame that is only slow to arrive is not waited for: nothing of it is missing. */
static void follow_gap(struct assembler *assembler, int64_t now_us)
{
    uint16_t missing = assembler->next;
    if (!assembler->is_running)
        return;
    while (assembler_find(assembler, missing) != NULL)
        missing++;
    if (rtp_sequence_distance(missing, assembler->newest) <= 0)
        assembler->waiting_since_us = 0;
    else if (assembler->waiting_since_us == 0 || assembler->waiting_for != missing)
        assembler->waiting_since_us = now_us;
    assembler->waiting_for = missing;
}

static void drain(struct assembler *assembler, int64_t now_us)
{
    uint16_t end, key_end;
    while (assembler->is_running) {
        skip_padding(assembler);
        if (find_end(assembler, assembler->next, &end)) {
            if (assembler->has_key && rtp_sequence_distance(assembler->key, end) > 0)
                assembler->has_key = false;
            hand_out(assembler, assembler->next, end, now_us);
        } else if (assembler->has_key && find_end(assembler, assembler->key, &key_end)) {
            give_up(assembler);
        } else {
            break;
        }
    }
    follow_gap(assembler, now_us);
}

/* ---- in ---- */

static bool read_payload(const struct assembler *assembler, struct packet *packet)
{
    struct vp8_descriptor descriptor;
    struct h264_facts facts;
    packet->starts_frame = packet->starts_key = false;
    if (packet->size == 0)
        return true;
    if (assembler->codec == CODED_VP8) {
        if (!vp8_read_descriptor(packet->payload, packet->size, &descriptor))
            return false;
        packet->starts_frame = descriptor.starts_frame;
        packet->starts_key = descriptor.is_key;
    } else {
        if (!h264_read_payload(packet->payload, packet->size, &facts))
            return false;
        packet->starts_key = facts.has_parameters || facts.starts_idr;
    }
    return true;
}

/* A place for this sequence number; false for a straggler. What is too far ahead for what is
 * waited for ends the waiting. */
static bool make_room(struct assembler *assembler, uint16_t sequence_number)
{
    if (!assembler->is_running)
        return true;
    int ahead = rtp_sequence_distance(assembler->next, sequence_number);
    if (ahead < 0 && ahead > -ASSEMBLER_PACKETS && !assembler->is_fresh) {
        if (++assembler->stragglers < STRAGGLERS_MAX)
            return false;
        assembler_reset(assembler);
    } else if (ahead >= ASSEMBLER_PACKETS || ahead <= -ASSEMBLER_PACKETS) {
        assembler_reset(assembler);
    }
    return true;
}

/* Where a key frame begins decides where the reading goes on. */
static void note_key(struct assembler *assembler, const struct packet *packet)
{
    uint16_t start = frame_start(assembler, packet);
    if (!assembler->is_running) {
        begin_at(assembler, start);
    } else if (rtp_sequence_distance(assembler->next, start) > 0) {
        /* Of pieces of one frame the first one counts. */
        const struct packet *known =
            assembler->has_key ? assembler_find(assembler, assembler->key) : NULL;
        if (known == NULL || known->timestamp != packet->timestamp ||
            rtp_sequence_distance(assembler->key, start) < 0)
            assembler->key = start;
        assembler->has_key = true;
    }
}

/* The first frame began before the packet that showed it: reordering. */
static void widen(struct assembler *assembler, const struct packet *packet)
{
    const struct packet *first;
    if (!assembler->is_running || !assembler->is_fresh || packet->size == 0 ||
        rtp_sequence_distance(packet->sequence_number, assembler->next) != 1)
        return;
    first = assembler_find(assembler, assembler->next);
    if (first != NULL && !first->starts_frame && first->timestamp == packet->timestamp)
        assembler->next = packet->sequence_number;
}

void assembler_push(struct assembler *assembler, uint16_t sequence_number, uint32_t timestamp,
                    bool marker, const uint8_t *payload, size_t size, int64_t now_us)
{
    if (size > RTP_PACKET_MAX || !make_room(assembler, sequence_number))
        return;
    assembler->stragglers = 0;
    drop_slot(assembler, sequence_number & ASSEMBLER_MASK);
    struct packet *packet = take_packet(assembler);
    packet->sequence_number = sequence_number;
    packet->timestamp = timestamp;
    packet->marker = marker;
    packet->size = (uint16_t)size;
    if (size > 0)
        memcpy(packet->payload, payload, size);
    if (!read_payload(assembler, packet)) {
        packet->size = 0; /* it has its place all the same, but is no picture */
        assembler->counters.broken++;
    }
    assembler->slots[sequence_number & ASSEMBLER_MASK] = packet;
    if (!assembler->has_newest || rtp_sequence_distance(assembler->newest, sequence_number) > 0)
        assembler->newest = sequence_number;
    assembler->has_newest = true;
    widen(assembler, packet);
    if (packet->starts_key)
        note_key(assembler, packet);
    drain(assembler, now_us);
}

void assembler_tick(struct assembler *assembler, int64_t now_us)
{
    if (!assembler->is_running || assembler->waiting_since_us == 0 ||
        now_us - assembler->waiting_since_us < ASSEMBLER_WAIT_US)
        return;
    give_up(assembler);
    drain(assembler, now_us);
}

bool assembler_needs_keyframe(const struct assembler *assembler)
{
    return !assembler->is_running;
}

bool assembler_next_needed(const struct assembler *assembler, uint16_t *sequence_number)
{
    *sequence_number = assembler->next;
    return assembler->is_running;
}

const struct assembler_counters *assembler_counters(const struct assembler *assembler)
{
    return &assembler->counters;
}
