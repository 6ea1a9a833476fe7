#include "bridge/video/wire/receiver.h"

#include "bridge/transport/bytes.h"
#include "bridge/video/wire/h264_payload.h"
#include "bridge/video/wire/nack.h"
#include "bridge/video/wire/vp8_payload.h"

#include <glib.h>
#include <string.h>

#define NACKS_MAX       64     /* in one datagram */
#define SILENT_US       700000 /* a layer that says nothing for this long has been turned off */
#define RESYNC_US       20000  /* a timeline further off than this is set anew */
#define OSN_SIZE        2      /* RFC 4588 section 4 */
#define CODED_NOT_KNOWN (-1)

struct stream {
    struct receiver *receiver;
    bool is_used;
    uint32_t ssrc, rtx_ssrc; /* 0: not known */
    int codec;               /* enum coded_codec */
    struct reception reception;
    struct media_clock clock;
    struct nack nack;
    struct assembler *assembler;
    uint16_t height, width; /* of its newest frame; 0: none came yet */
    int64_t last_packet_us;
    bool has_timeline;
    uint32_t timeline; /* from its RTP timestamps to ours */
    bool wants_key;
    uint8_t fir_number;
    int64_t asked_us; /* for a key frame; 0: never */
};

struct receiver {
    receiver_output output;
    void *arg;
    struct receiver_config config;
    struct stream streams[RECEIVER_STREAMS];
    bool is_open;
    unsigned height_max;
    struct stream *chosen; /* whose frames come out; NULL: none yet */
    struct stream *next;   /* takes over with its key frame; NULL: none */
    struct receiver_counters counters;
    uint64_t lost_before;
    struct peer_clock *clock;
};

struct receiver *receiver_new(struct peer_clock *clock, receiver_output output, void *arg)
{
    struct receiver *receiver = g_new0(struct receiver, 1);
    receiver->clock = clock;
    receiver->output = output;
    receiver->arg = arg;
    for (unsigned i = 0; i < RECEIVER_STREAMS; i++)
        receiver->streams[i].receiver = receiver;
    for (unsigned i = 0; i < 2; i++)
        receiver->config.payload_type[i] = receiver->config.rtx_payload_type[i] = -1;
    return receiver;
}

void receiver_free(struct receiver *receiver)
{
    if (receiver == NULL)
        return;
    for (unsigned i = 0; i < RECEIVER_STREAMS; i++)
        assembler_free(receiver->streams[i].assembler);
    g_free(receiver);
}

void receiver_configure(struct receiver *receiver, const struct receiver_config *config)
{
    receiver->config = *config;
}

/* ---- frames ---- */

/* The stream's own steps between its frames, so that the way here does not shake them; the clock
 * decides only where they lie. */
static void place_in_time(struct stream *stream, struct coded_frame *frame, int64_t arrival_us)
{
    frame->capture_us = media_clock_capture_us(&stream->clock, stream->receiver->clock,
                                               frame->timestamp, arrival_us);
    uint32_t wanted = coded_timestamp(frame->capture_us) - frame->timestamp;
    int32_t off = (int32_t)(wanted - stream->timeline);
    if (!stream->has_timeline || ABS((int64_t)off) > RESYNC_US * 9 / 100)
        stream->timeline = wanted;
    stream->has_timeline = true;
    frame->timestamp += stream->timeline;
}

static void drop_assembly(struct stream *stream)
{
    if (stream->assembler != NULL)
        assembler_reset(stream->assembler);
    nack_forget_all(&stream->nack);
    stream->wants_key = false;
}

static void take_frame(struct coded_frame *frame, int64_t arrival_us, void *arg)
{
    struct stream *stream = arg;
    struct receiver *receiver = stream->receiver;
    stream->width = frame->width;
    stream->height = frame->height;
    if (frame->is_key)
        stream->wants_key = false;
    if (stream == receiver->next && frame->is_key) {
        if (receiver->chosen != NULL)
            drop_assembly(receiver->chosen);
        frame->is_restart = receiver->chosen != NULL;
        receiver->chosen = stream;
        receiver->next = NULL;
    }
    if (stream != receiver->chosen) {
        coded_frame_unref(frame);
        return;
    }
    place_in_time(stream, frame, arrival_us);
    receiver->counters.frames++;
    receiver->counters.width = frame->width;
    receiver->counters.height = frame->height;
    receiver->output(frame, receiver->arg);
}

/* ---- which stream a packet is of ---- */

static void forget_stream(struct stream *stream)
{
    struct receiver *receiver = stream->receiver;
    receiver->lost_before += reception_lost(&stream->reception);
    if (stream->assembler != NULL)
        receiver->counters.restarts += assembler_counters(stream->assembler)->restarts;
    assembler_free(stream->assembler);
    if (receiver->chosen == stream)
        receiver->chosen = NULL;
    if (receiver->next == stream)
        receiver->next = NULL;
    *stream = (struct stream){.receiver = receiver};
}

static void begin_stream(struct stream *stream, uint32_t ssrc)
{
    uint32_t rtx_ssrc = stream->rtx_ssrc;
    if (stream->is_used)
        forget_stream(stream);
    stream->is_used = true;
    stream->ssrc = ssrc;
    stream->rtx_ssrc = rtx_ssrc;
    stream->codec = CODED_NOT_KNOWN;
    stream->clock.clock_rate = CODED_CLOCK_RATE;
    reception_init(&stream->reception, ssrc, CODED_CLOCK_RATE);
}

static struct stream *find_stream(struct receiver *receiver, uint32_t ssrc)
{
    for (unsigned i = 0; i < RECEIVER_STREAMS; i++) {
        if (receiver->streams[i].is_used && receiver->streams[i].ssrc == ssrc)
            return &receiver->streams[i];
    }
    return NULL;
}

/* The layer whose rid the packet carries in this extension; NULL for none. */
static struct stream *find_layer(struct receiver *receiver, const struct rtp_packet *packet,
                                 uint8_t id)
{
    size_t size;
    const uint8_t *rid = rtp_find_extension(packet, id, &size);
    for (unsigned i = 0; rid != NULL && i < receiver->config.rid_count; i++) {
        if (strlen(receiver->config.rids[i]) == size &&
            memcmp(receiver->config.rids[i], rid, size) == 0)
            return &receiver->streams[i];
    }
    return NULL;
}

/* An SSRC that is new takes the place of the one before: of its layer, or of the only stream. */
static struct stream *stream_of(struct receiver *receiver, const struct rtp_packet *packet)
{
    struct stream *stream = find_stream(receiver, packet->ssrc);
    if (stream != NULL)
        return stream;
    stream = receiver->config.rid_count == 0
                 ? &receiver->streams[0]
                 : find_layer(receiver, packet, receiver->config.rid_id);
    if (stream != NULL)
        begin_stream(stream, packet->ssrc);
    return stream;
}

static struct stream *repaired_stream(struct receiver *receiver, const struct rtp_packet *packet)
{
    struct stream *stream = NULL;
    for (unsigned i = 0; i < RECEIVER_STREAMS; i++) {
        if (receiver->streams[i].is_used && receiver->streams[i].rtx_ssrc == packet->ssrc)
            return &receiver->streams[i];
    }
    if (receiver->config.rid_count == 0)
        stream = &receiver->streams[0];
    else
        stream = find_layer(receiver, packet, receiver->config.repaired_rid_id);
    if (stream == NULL || !stream->is_used)
        return NULL;
    stream->rtx_ssrc = packet->ssrc;
    return stream;
}

/* ---- layers ---- */

static bool is_live(const struct stream *stream, int64_t now_us)
{
    return stream->is_used && now_us - stream->last_packet_us < SILENT_US;
}

/* Rids come with the smallest layer first from some and last from others; the pictures tell. */
static struct stream *choose(struct receiver *receiver, int64_t now_us)
{
    struct stream *best = NULL;
    for (unsigned i = 0; i < RECEIVER_STREAMS; i++) {
        struct stream *stream = &receiver->streams[i];
        if (!is_live(stream, now_us))
            continue;
        bool fits = receiver->height_max == 0 || stream->height <= receiver->height_max;
        bool best_fits =
            best != NULL && (receiver->height_max == 0 || best->height <= receiver->height_max);
        if (best == NULL || (fits && !best_fits) ||
            (fits == best_fits &&
             (fits ? stream->height > best->height : stream->height < best->height)))
            best = stream;
    }
    return best;
}

static void switch_layer(struct receiver *receiver, int64_t now_us)
{
    struct stream *best = choose(receiver, now_us);
    if (best == NULL || best == receiver->next)
        return;
    if (receiver->next != NULL)
        drop_assembly(receiver->next);
    receiver->next = best == receiver->chosen ? NULL : best;
    if (receiver->next != NULL)
        best->wants_key = true;
}

static bool is_read(const struct stream *stream)
{
    const struct receiver *receiver = stream->receiver;
    return receiver->is_open && (stream == receiver->chosen || stream == receiver->next);
}

void receiver_set_open(struct receiver *receiver, bool is_open)
{
    if (receiver->is_open == is_open)
        return;
    receiver->is_open = is_open;
    for (unsigned i = 0; i < RECEIVER_STREAMS; i++)
        drop_assembly(&receiver->streams[i]);
    receiver->next = NULL;
    if (is_open && receiver->chosen != NULL)
        receiver->chosen->wants_key = true;
}

void receiver_set_height(struct receiver *receiver, unsigned lines)
{
    receiver->height_max = lines;
}

void receiver_request_keyframe(struct receiver *receiver)
{
    if (receiver->chosen != NULL)
        receiver->chosen->wants_key = true;
}

/* ---- packets ---- */

/* What a layer that is not read says of its size: in the first packet of a key frame. */
static void peek_size(struct stream *stream, int codec, const struct rtp_packet *packet)
{
    struct coded_facts facts = {0};
    struct vp8_descriptor descriptor;
    if (codec == CODED_VP8) {
        if (vp8_read_descriptor(packet->payload, packet->payload_size, &descriptor) &&
            descriptor.is_key)
            coded_read_facts(CODED_VP8, packet->payload + descriptor.size,
                             packet->payload_size - descriptor.size, &facts);
    } else {
        h264_peek_size(packet->payload, packet->payload_size, &facts.width, &facts.height);
    }
    if (facts.height == 0)
        return;
    stream->width = facts.width;
    stream->height = facts.height;
    stream->wants_key = false;
}

static int codec_of(const int payload_types[2], uint8_t payload_type)
{
    for (int i = 0; i < 2; i++) {
        if (payload_types[i] == payload_type)
            return i;
    }
    return CODED_NOT_KNOWN;
}

static void feed(struct stream *stream, int codec, uint16_t sequence_number, uint32_t timestamp,
                 bool marker, const uint8_t *payload, size_t size, int64_t now_us)
{
    if (stream->codec != codec || stream->assembler == NULL) {
        assembler_free(stream->assembler);
        stream->assembler = assembler_new((enum coded_codec)codec, take_frame, stream);
        stream->codec = codec;
        stream->wants_key = true;
    }
    nack_note(&stream->nack, sequence_number, now_us);
    assembler_push(stream->assembler, sequence_number, timestamp, marker, payload, size, now_us);
}

static bool push_media(struct receiver *receiver, const struct rtp_packet *packet, int codec,
                       int64_t now_us)
{
    struct stream *stream = stream_of(receiver, packet);
    if (stream == NULL)
        return false;
    stream->last_packet_us = now_us;
    reception_packet(&stream->reception, packet->sequence_number, packet->timestamp, now_us);
    if (!is_read(stream))
        peek_size(stream, codec, packet);
    if (receiver->is_open)
        switch_layer(receiver, now_us);
    if (is_read(stream))
        feed(stream, codec, packet->sequence_number, packet->timestamp, packet->marker,
             packet->payload, packet->payload_size, now_us);
    return true;
}

/* RFC 4588 section 4: the original sequence number, then the original payload. One without is
 * padding, sent to try the line. */
static bool push_repair(struct receiver *receiver, const struct rtp_packet *packet, int codec,
                        int64_t now_us)
{
    struct stream *stream = repaired_stream(receiver, packet);
    if (stream == NULL || !is_read(stream) || packet->payload_size <= OSN_SIZE ||
        stream->codec != codec)
        return true;
    uint16_t sequence_number = read_u16(packet->payload);
    receiver->counters.repaired++;
    feed(stream, codec, sequence_number, packet->timestamp, packet->marker,
         packet->payload + OSN_SIZE, packet->payload_size - OSN_SIZE, now_us);
    return true;
}

bool receiver_push(struct receiver *receiver, const struct rtp_packet *packet, int64_t now_us)
{
    int codec = codec_of(receiver->config.payload_type, packet->payload_type);
    int repaired = codec_of(receiver->config.rtx_payload_type, packet->payload_type);
    if (codec == CODED_NOT_KNOWN && repaired == CODED_NOT_KNOWN)
        return false;
    receiver->counters.packets++;
    receiver->counters.bytes += packet->payload_size;
    return codec != CODED_NOT_KNOWN ? push_media(receiver, packet, codec, now_us)
                                    : push_repair(receiver, packet, repaired, now_us);
}

/* ---- RTCP ---- */

bool receiver_sender_report(struct receiver *receiver, uint32_t ssrc, uint64_t ntp_time,
                            uint32_t timestamp, int64_t now_us)
{
    struct stream *stream = find_stream(receiver, ssrc);
    if (stream == NULL)
        return false;
    peer_clock_note(receiver->clock, ntp_time, now_us);
    media_clock_report(&stream->clock, ntp_time, timestamp);
    reception_sender_report(&stream->reception, ntp_time, now_us);
    return true;
}

bool receiver_goodbye(struct receiver *receiver, uint32_t ssrc)
{
    struct stream *stream = find_stream(receiver, ssrc);
    if (stream != NULL)
        forget_stream(stream);
    return stream != NULL;
}

unsigned receiver_report(struct receiver *receiver, struct rtcp_report_block *blocks,
                         int64_t now_us)
{
    unsigned count = 0;
    for (unsigned i = 0; i < RECEIVER_STREAMS; i++) {
        struct stream *stream = &receiver->streams[i];
        if (is_live(stream, now_us) && reception_report(&stream->reception, now_us, &blocks[count]))
            count++;
    }
    return count;
}

unsigned receiver_list_ssrcs(const struct receiver *receiver, uint32_t *ssrcs, int64_t now_us)
{
    unsigned count = 0;
    for (unsigned i = 0; i < RECEIVER_STREAMS; i++) {
        if (is_live(&receiver->streams[i], now_us))
            ssrcs[count++] = receiver->streams[i].ssrc;
    }
    return count;
}

static size_t ask_for_packets(struct stream *stream, uint32_t ssrc, int64_t round_trip_us,
                              uint8_t *bytes, size_t capacity, int64_t now_us)
{
    uint16_t needed, missing[NACKS_MAX];
    if (assembler_next_needed(stream->assembler, &needed))
        nack_forget_before(&stream->nack, needed);
    unsigned count = nack_collect(&stream->nack, missing, NACKS_MAX, round_trip_us, now_us);
    stream->receiver->counters.nacks += count;
    return count > 0 ? rtcp_write_nack(bytes, capacity, ssrc, stream->ssrc, missing, count) : 0;
}

static size_t ask_for_keyframe(struct stream *stream, uint32_t ssrc, uint8_t *bytes,
                               size_t capacity, int64_t now_us)
{
    const struct receiver_config *config = &stream->receiver->config;
    if (stream->assembler != NULL && is_read(stream) && assembler_needs_keyframe(stream->assembler))
        stream->wants_key = true;
    if (!stream->wants_key || (!config->has_pli && !config->has_fir) ||
        (stream->asked_us != 0 && now_us - stream->asked_us < RECEIVER_KEY_US))
        return 0;
    stream->asked_us = now_us;
    stream->receiver->counters.keyframe_requests++;
    if (config->has_pli)
        return rtcp_write_pli(bytes, capacity, ssrc, stream->ssrc);
    return rtcp_write_fir(bytes, capacity, ssrc, stream->ssrc, stream->fir_number++);
}

static size_t tick_stream(struct stream *stream, uint32_t ssrc, int64_t round_trip_us,
                          uint8_t *bytes, size_t capacity, int64_t now_us)
{
    size_t size = 0;
    if (is_read(stream) && stream->assembler != NULL) {
        assembler_tick(stream->assembler, now_us);
        if (stream->receiver->config.has_nack && !assembler_needs_keyframe(stream->assembler))
            size += ask_for_packets(stream, ssrc, round_trip_us, bytes, capacity, now_us);
    } else if (stream->height == 0) {
        stream->wants_key = true; /* to know what it would give */
    }
    return size + ask_for_keyframe(stream, ssrc, bytes + size, capacity - size, now_us);
}

size_t receiver_tick(struct receiver *receiver, uint32_t ssrc, int64_t round_trip_us,
                     uint8_t *bytes, size_t capacity, int64_t now_us)
{
    size_t size = 0;
    if (!receiver->is_open)
        return 0;
    switch_layer(receiver, now_us); /* the chosen one may have fallen silent */
    for (unsigned i = 0; i < RECEIVER_STREAMS; i++) {
        if (is_live(&receiver->streams[i], now_us))
            size += tick_stream(&receiver->streams[i], ssrc, round_trip_us, bytes + size,
                                capacity - size, now_us);
    }
    return size;
}

void receiver_counters(const struct receiver *receiver, struct receiver_counters *counters)
{
    *counters = receiver->counters;
    counters->lost = receiver->lost_before;
    for (unsigned i = 0; i < RECEIVER_STREAMS; i++) {
        const struct stream *stream = &receiver->streams[i];
        counters->lost += stream->is_used ? reception_lost(&stream->reception) : 0;
        counters->streams += stream->is_used;
        if (stream->assembler != NULL)
            counters->restarts += assembler_counters(stream->assembler)->restarts;
    }
}
