/* A leg's pictures on their way out: which stream, its packets, repairs, what the line carries.
 * Nothing here allocates. */
#include "bridge/transport/leg_private.h"

#include "common/clock.h"

#include <string.h>

#define REPAIRS_MAX SHARD_BATCH
/* Repairs get half of what the line carries at most, saved up for half a second: on a line that is
 * full they would only make it fuller. Key frames are asked on this often; who is not satisfied
 * asks again. */
#define REPAIR_SHARE 2
#define TICKS_SAVED  25
#define TICKS_PER_S  50
#define KEY_PAUSE_US 400000
#define ROOM_FOR_US  4000000 /* before a larger rendition is tried */

bool leg_takes_codec(const struct leg *leg, unsigned medium, enum coded_codec codec)
{
    const struct leg_pictures *pictures = leg_pictures_of(leg, medium);
    return pictures->is_sent && pictures->sender.payload_type[codec] >= 0;
}

static void resubscribe(struct leg *leg, uint32_t before, uint32_t after)
{
    if (before != after)
        shard_subscribe(leg->shard, leg, before, after);
}

/* A leg is in the list of `stream` and of `next`, once each. */
static void follow_streams(struct leg_pictures *pictures, uint32_t stream, uint32_t next)
{
    struct sender *sender = &pictures->sender;
    if (stream == sender->next || next == sender->stream) { /* they change places */
        uint32_t kept = stream;
        stream = next;
        next = kept;
    }
    resubscribe(pictures->leg, stream, sender->stream);
    resubscribe(pictures->leg, next, sender->next);
}

static void ask_for_keyframe(struct leg_pictures *pictures, int64_t now_us)
{
    struct leg *leg = pictures->leg;
    uint32_t stream = pictures->is_sent && leg->state == LEG_CONNECTED
                          ? sender_needs_keyframe(&pictures->sender, now_us)
                          : 0;
    if (stream != 0 && leg->handlers.keyframe != NULL)
        leg->handlers.keyframe(leg, pictures->medium, stream, leg->arg);
}

static void go_to_stream(struct leg_pictures *pictures, uint32_t stream)
{
    uint32_t before = pictures->sender.stream, next = pictures->sender.next;
    if (stream == (next != 0 ? next : before))
        return;
    sender_set_stream(&pictures->sender, stream);
    follow_streams(pictures, before, next);
    ask_for_keyframe(pictures, clock_monotonic_us());
}

/* ---- renditions ---- */

/* The largest that fits well; the smallest when none does. */
static unsigned fitting(const struct leg_pictures *pictures, uint64_t bitrate_bps)
{
    unsigned index = 0;
    while (index + 1 < pictures->rendition_count &&
           pictures->renditions[index].bitrate_bps > bitrate_bps)
        index++;
    return index;
}

/* Down as soon as the line carries less; up by one, when the line has had room to spare for a
 * while. */
static void follow_line(struct leg_pictures *pictures, int64_t now_us)
{
    uint64_t estimate_bps = bandwidth_estimate(&pictures->leg->bandwidth);
    unsigned at = pictures->rendition;
    if (pictures->rendition_count < 2)
        return;
    if (pictures->renditions[at].bitrate_bps > estimate_bps) {
        pictures->rendition = MAX(at, fitting(pictures, estimate_bps * 9 / 10));
        pictures->room_since_us = 0;
    } else if (at > 0 &&
               (uint64_t)pictures->renditions[at - 1].bitrate_bps * 6 / 5 < estimate_bps) {
        if (pictures->room_since_us == 0)
            pictures->room_since_us = now_us;
        if (now_us - pictures->room_since_us < ROOM_FOR_US)
            return;
        pictures->rendition = at - 1;
        pictures->room_since_us = 0;
    } else {
        pictures->room_since_us = 0;
    }
    if (pictures->rendition != at)
        go_to_stream(pictures, pictures->renditions[pictures->rendition].stream);
}

/* Stays where it is if that goes on: it has been found with care. */
static bool find_rendition(struct leg_pictures *pictures, uint32_t stream)
{
    for (unsigned i = 0; stream != 0 && i < pictures->rendition_count; i++) {
        if (pictures->renditions[i].stream == stream) {
            pictures->rendition = i;
            return true;
        }
    }
    return false;
}

void leg_set_video_renditions(struct leg *leg, unsigned medium,
                              const struct leg_rendition *renditions, unsigned count)
{
    struct leg_pictures *pictures = leg_pictures_of(leg, medium);
    uint32_t before =
        pictures->rendition_count > 0 ? pictures->renditions[pictures->rendition].stream : 0;
    g_assert(count <= LEG_RENDITIONS_MAX);
    if (count > 0)
        memcpy(pictures->renditions, renditions, count * sizeof renditions[0]);
    pictures->rendition_count = count;
    pictures->room_since_us = 0;
    if (!find_rendition(pictures, before))
        pictures->rendition = fitting(pictures, bandwidth_estimate(&leg->bandwidth));
    go_to_stream(pictures, count > 0 ? renditions[pictures->rendition].stream : 0);
}

void leg_set_video_stream(struct leg *leg, unsigned medium, uint32_t stream)
{
    struct leg_rendition only = {.stream = stream};
    leg_set_video_renditions(leg, medium, &only, stream != 0 ? 1 : 0);
}

/* ---- packets ---- */

void leg_unsubscribe_pictures(struct leg *leg)
{
    for (unsigned i = 0; i < LEG_PICTURE_MEDIA; i++)
        leg_set_video_stream(leg, LEG_MEDIUM_VIDEO + i, 0);
}

static struct leg_pictures *find_stream(struct leg *leg, uint32_t stream)
{
    for (unsigned i = 0; i < LEG_PICTURE_MEDIA; i++) {
        struct leg_pictures *pictures = &leg->pictures[i];
        if (pictures->is_sent &&
            (pictures->sender.stream == stream || pictures->sender.next == stream))
            return pictures;
    }
    return NULL;
}

void leg_send_pictures(struct leg *leg, struct frame *const *frames, unsigned count)
{
    struct leg_batch batch;
    struct leg_pictures *pictures = find_stream(leg, frames[0]->stream);
    int64_t now_us = clock_monotonic_us();
    batch.count = 0;
    for (unsigned i = 0; pictures != NULL && i < count && i < SHARD_BATCH; i++) {
        uint32_t before = pictures->sender.stream;
        enum sender_verdict verdict = sender_accept(&pictures->sender, frames[i]);
        if (verdict == SENDER_PASSES)
            continue;
        if (verdict == SENDER_SWITCHES)
            shard_subscribe(leg->shard, leg, before, 0);
        size_t size = sender_write(&pictures->sender, frames[i], leg->transport_number,
                                   batch.packets[batch.count]);
        bandwidth_sent(&leg->bandwidth, leg->transport_number++, (unsigned)size, now_us);
        leg_batch_add(leg, &batch, size);
    }
    atomic_fetch_add_explicit(&leg->seen.video_packets_sent, batch.count, memory_order_relaxed);
    if (batch.count > 0)
        leg_batch_send(leg, &batch);
}

struct leg_pictures *leg_find_sender(struct leg *leg, uint32_t ssrc)
{
    for (unsigned i = 0; i < LEG_PICTURE_MEDIA; i++) {
        if (leg->pictures[i].sender.ssrc == ssrc)
            return &leg->pictures[i];
    }
    return NULL;
}

int64_t leg_round_trip_us(const struct leg *leg)
{
    return (int64_t)atomic_load_explicit(&leg->seen.rtt_us, memory_order_relaxed);
}

void leg_repair_pictures(struct leg *leg, const struct rtcp_packet *nack, int64_t now_us)
{
    struct leg_pictures *pictures = leg_find_sender(leg, nack->feedback.media_ssrc);
    uint16_t missing[REPAIRS_MAX], number;
    struct leg_batch batch;
    if (pictures == NULL || !pictures->is_sent || leg->state != LEG_CONNECTED)
        return;
    unsigned count = rtcp_nack_read(nack, missing, REPAIRS_MAX);
    batch.count = 0;
    for (unsigned i = 0; i < count && leg->repair_room >= LEG_PACKET_SIZE_MAX; i++) {
        const struct frame *packet =
            sender_find_repair(&pictures->sender, missing[i], leg_round_trip_us(leg), now_us,
                               &number)
                ? shard_find_packet(leg->shard, pictures->sender.stream, number)
                : NULL;
        size_t size = packet != NULL
                          ? sender_write_repair(&pictures->sender, packet, leg->transport_number,
                                                batch.packets[batch.count])
                          : 0;
        if (size == 0)
            continue;
        leg->repair_room -= (uint32_t)size;
        bandwidth_sent(&leg->bandwidth, leg->transport_number++, (unsigned)size, now_us);
        leg_batch_add(leg, &batch, size);
    }
    atomic_fetch_add_explicit(&leg->seen.video_repairs_sent, batch.count, memory_order_relaxed);
    if (batch.count > 0)
        leg_batch_send(leg, &batch);
}

void leg_need_keyframe(struct leg *leg, uint32_t ssrc, int64_t now_us)
{
    struct leg_pictures *pictures = leg_find_sender(leg, ssrc);
    if (pictures == NULL || !pictures->is_sent || pictures->sender.stream == 0 ||
        (pictures->key_asked_us != 0 && now_us - pictures->key_asked_us < KEY_PAUSE_US))
        return;
    pictures->key_asked_us = now_us;
    if (leg->handlers.keyframe != NULL)
        leg->handlers.keyframe(leg, pictures->medium, pictures->sender.stream, leg->arg);
}

/* ---- the line ---- */

struct told {
    struct leg *leg;
    int64_t now_us;
};

static void take_arrival(uint16_t number, int64_t arrival_us, void *arg)
{
    struct told *told = arg;
    bandwidth_told(&told->leg->bandwidth, number, arrival_us, told->now_us);
}

void leg_take_arrivals(struct leg *leg, const struct rtcp_packet *feedback, int64_t now_us)
{
    struct told told = {leg, now_us};
    transport_cc_read(feedback, take_arrival, &told);
    bandwidth_judge(&leg->bandwidth, now_us);
}

void leg_take_picture_block(struct leg *leg, const struct rtcp_report_block *block)
{
    if (leg->transport_cc_id == 0)
        bandwidth_reported(&leg->bandwidth, block->fraction_lost, clock_monotonic_us());
}

static void fill_repair_room(struct leg *leg)
{
    uint32_t a_tick = bandwidth_estimate(&leg->bandwidth) / 8 / TICKS_PER_S / REPAIR_SHARE;
    uint32_t most = MAX(a_tick * TICKS_SAVED, 2 * LEG_PACKET_SIZE_MAX);
    leg->repair_room = MIN(leg->repair_room + a_tick, most);
}

void leg_tick_sending(struct leg *leg, int64_t now_us)
{
    bandwidth_tick(&leg->bandwidth, now_us);
    fill_repair_room(leg);
    LEG_SHOW(leg, estimate_bps, bandwidth_estimate(&leg->bandwidth));
    LEG_SHOW(leg, video_stream, leg->pictures[0].sender.stream);
    LEG_SHOW(leg, video_next, leg->pictures[0].sender.next);
    for (unsigned i = 0; i < LEG_PICTURE_MEDIA; i++) {
        follow_line(&leg->pictures[i], now_us);
        ask_for_keyframe(&leg->pictures[i], now_us);
    }
}
