/* A leg's pictures: what was agreed on, which packets are whose, what comes in. */
#include "bridge/transport/leg_private.h"

#include "common/clock.h"

#include <string.h>

#define FEEDBACK_SIZE      1100 /* of one datagram of RTCP */
#define TICKS_PER_FEEDBACK 3    /* transport-wide feedback every 60 ms */
#define CODECS             2

/* What a peer that knows only REMB is told: more while little is lost, less when much is. */
#define TICKS_PER_REMB 50
#define REMB_START_BPS 1500000
#define REMB_MOST_BPS  4000000
#define REMB_LEAST_BPS 100000

/* ---- life ---- */

static void take_picture(struct coded_frame *frame, void *arg)
{
    struct leg_pictures *pictures = arg;
    struct leg *leg = pictures->leg;
    LEG_COUNT(leg, video_frames);
    if (leg->handlers.picture != NULL)
        leg->handlers.picture(leg, pictures->medium, frame, leg->arg);
    else
        coded_frame_unref(frame);
}

void leg_init_pictures(struct leg *leg)
{
    bandwidth_init(&leg->bandwidth);
    leg->remb_bps = REMB_START_BPS;
    for (unsigned i = 0; i < LEG_PICTURE_MEDIA; i++) {
        struct leg_pictures *pictures = &leg->pictures[i];
        pictures->leg = leg;
        pictures->medium = LEG_MEDIUM_VIDEO + i;
        sender_init(&pictures->sender, leg_random() | 1, leg_random() | 1, leg_random(),
                    (uint16_t)(leg_random() & 0x7fff));
    }
}

void leg_free_pictures(struct leg *leg)
{
    for (unsigned i = 0; i < LEG_PICTURE_MEDIA; i++)
        receiver_free(leg->pictures[i].receiver);
    g_free(leg->arrivals);
}

struct leg_pictures *leg_pictures_of(const struct leg *leg, unsigned medium)
{
    g_assert(medium == LEG_MEDIUM_VIDEO || medium == LEG_MEDIUM_CONTENT);
    return (struct leg_pictures *)&leg->pictures[medium - LEG_MEDIUM_VIDEO];
}

/* ---- descriptions ---- */

static uint8_t extension_id(const struct sdp_media *media, enum sdp_extension_kind kind)
{
    const struct sdp_extension *extension = sdp_find_extension(media, kind);
    return extension != NULL ? extension->id : 0;
}

static void remember_ssrc(struct leg *leg, uint32_t ssrc, unsigned medium)
{
    for (unsigned i = 0; i < LEG_SSRCS; i++) {
        if (leg->ssrc_media[i].ssrc == ssrc) {
            leg->ssrc_media[i].medium = medium;
            return;
        }
    }
    leg->ssrc_media[leg->ssrc_next].ssrc = ssrc;
    leg->ssrc_media[leg->ssrc_next].medium = medium;
    leg->ssrc_next = (leg->ssrc_next + 1) % LEG_SSRCS;
}

static void take_codecs(struct leg_pictures *pictures, const struct sdp_media *media,
                        struct receiver_config *config)
{
    static const enum sdp_codec_kind kinds[CODECS] = {
        [CODED_VP8] = SDP_CODEC_VP8, [CODED_H264] = SDP_CODEC_H264};
    unsigned feedback = 0;
    for (unsigned i = 0; i < CODECS; i++) {
        const struct sdp_codec *codec = sdp_find_video_codec_of(media, kinds[i]);
        const struct sdp_codec *rtx = codec != NULL ? sdp_find_rtx(media, codec) : NULL;
        config->payload_type[i] = codec != NULL ? codec->payload_type : -1;
        config->rtx_payload_type[i] = rtx != NULL ? rtx->payload_type : -1;
        pictures->sender.payload_type[i] = config->payload_type[i];
        pictures->sender.rtx_payload_type[i] = config->rtx_payload_type[i];
        feedback |= codec != NULL ? codec->feedback : 0;
    }
    config->has_nack = (feedback & SDP_FEEDBACK_NACK) != 0;
    config->has_pli = (feedback & SDP_FEEDBACK_PLI) != 0;
    config->has_fir = (feedback & SDP_FEEDBACK_FIR) != 0;
}

static void admit_payload_types(struct leg *leg, const struct receiver_config *config,
                                unsigned medium)
{
    for (unsigned i = 0; i < CODECS; i++) {
        if (config->payload_type[i] >= 0)
            leg->payload_media[config->payload_type[i]] |= (uint8_t)(1u << medium);
        if (config->rtx_payload_type[i] >= 0)
            leg->payload_media[config->rtx_payload_type[i]] |= (uint8_t)(1u << medium);
    }
}

static void take_media(struct leg_pictures *pictures, const struct sdp_media *media)
{
    struct leg *leg = pictures->leg;
    struct receiver_config config = {
        .rid_id = extension_id(media, SDP_EXTENSION_RID),
        .repaired_rid_id = extension_id(media, SDP_EXTENSION_REPAIRED_RID),
        .rid_count = MIN(media->rid_count, RECEIVER_STREAMS),
    };
    bool has_transport_cc = sdp_find_video_codec(media)->feedback & SDP_FEEDBACK_TRANSPORT_CC;
    leg->has_remb =
        !has_transport_cc && (sdp_find_video_codec(media)->feedback & SDP_FEEDBACK_REMB) != 0;
    take_codecs(pictures, media, &config);
    for (unsigned i = 0; i < config.rid_count; i++)
        g_strlcpy(config.rids[i], media->rids[i], RECEIVER_RID_SIZE);
    g_strlcpy(pictures->mid, media->mid, sizeof pictures->mid);
    pictures->is_sent = media->direction.receives;
    leg->mid_id = extension_id(media, SDP_EXTENSION_MID);
    leg->transport_cc_id = has_transport_cc ? extension_id(media, SDP_EXTENSION_TRANSPORT_CC) : 0;
    pictures->sender.transport_cc_id = leg->transport_cc_id;
    if (leg->transport_cc_id != 0 && leg->arrivals == NULL)
        leg->arrivals = g_new0(struct transport_cc_log, 1);
    if (pictures->receiver == NULL)
        pictures->receiver = receiver_new(&leg->peer_clock, take_picture, pictures);
    receiver_configure(pictures->receiver, &config);
    if (!media->direction.sends)
        return;
    admit_payload_types(leg, &config, pictures->medium);
    for (unsigned i = 0; i < media->ssrc_count; i++) {
        remember_ssrc(leg, media->ssrcs[i].ssrc, pictures->medium);
        if (media->ssrcs[i].rtx != 0)
            remember_ssrc(leg, media->ssrcs[i].rtx, pictures->medium);
    }
}

static void claim_audio(struct leg *leg)
{
    leg->payload_media[leg->opus_payload_type] = 1u << LEG_MEDIUM_AUDIO;
    if (leg->red_payload_type >= 0)
        leg->payload_media[leg->red_payload_type] = 1u << LEG_MEDIUM_AUDIO;
}

void leg_take_pictures(struct leg *leg, const struct sdp_session *remote)
{
    memset(leg->payload_media, 0, sizeof leg->payload_media);
    claim_audio(leg);
    for (unsigned i = 0; leg->has_pictures && i < LEG_PICTURE_MEDIA; i++) {
        struct leg_pictures *pictures = &leg->pictures[i];
        const struct sdp_media *media = sdp_find_media(remote, (enum sdp_medium)pictures->medium);
        pictures->is_sent = false;
        if (media == NULL)
            continue;
        take_media(pictures, media);
        if (!leg->is_ticking)
            shard_add_picture_leg(leg->shard, leg);
        leg->is_ticking = true;
    }
    /* One number means one thing: sound is not pictures. */
    claim_audio(leg);
}

void leg_describe_pictures(const struct leg *leg, struct sdp_local *local)
{
    for (unsigned i = 0; leg->has_pictures && i < LEG_PICTURE_MEDIA; i++) {
        const struct leg_pictures *pictures = &leg->pictures[i];
        local->media[pictures->medium] = (struct sdp_local_media){
            {.sends = true, .receives = true}, pictures->sender.ssrc, pictures->sender.rtx_ssrc};
    }
}

/* ---- in ---- */

static struct leg_pictures *find_by_mid(struct leg *leg, const struct rtp_packet *packet)
{
    size_t size;
    const uint8_t *mid = rtp_find_extension(packet, leg->mid_id, &size);
    for (unsigned i = 0; mid != NULL && i < LEG_PICTURE_MEDIA; i++) {
        struct leg_pictures *pictures = &leg->pictures[i];
        if (pictures->receiver != NULL && strlen(pictures->mid) == size &&
            memcmp(pictures->mid, mid, size) == 0)
            return pictures;
    }
    return NULL;
}

/* RFC 8843 section 9.2: by the mid that the packet carries, by its SSRC, by its payload type where
 * that is one medium's alone. NULL: not known, or not yet. */
static struct leg_pictures *find_pictures(struct leg *leg, const struct rtp_packet *packet)
{
    unsigned media = leg->payload_media[packet->payload_type];
    struct leg_pictures *pictures = find_by_mid(leg, packet);
    if (pictures != NULL) {
        remember_ssrc(leg, packet->ssrc, pictures->medium);
    } else if (media == 1u << LEG_MEDIUM_VIDEO || media == 1u << LEG_MEDIUM_CONTENT) {
        pictures = leg_pictures_of(leg, media == 1u << LEG_MEDIUM_VIDEO ? LEG_MEDIUM_VIDEO
                                                                        : LEG_MEDIUM_CONTENT);
    } else {
        for (unsigned i = 0; i < LEG_SSRCS && pictures == NULL; i++) {
            if (leg->ssrc_media[i].ssrc == packet->ssrc && leg->ssrc_media[i].medium != 0)
                pictures = leg_pictures_of(leg, leg->ssrc_media[i].medium);
        }
    }
    return pictures != NULL && (media & 1u << pictures->medium) != 0 ? pictures : NULL;
}

static void note_arrival(struct leg *leg, const struct rtp_packet *packet, int64_t now_us)
{
    size_t size;
    const uint8_t *number =
        leg->arrivals != NULL ? rtp_find_extension(packet, leg->transport_cc_id, &size) : NULL;
    if (number == NULL || size < 2)
        return;
    leg->arrivals_ssrc = packet->ssrc;
    transport_cc_note(leg->arrivals, (uint16_t)(number[0] << 8 | number[1]), now_us);
}

void leg_receive_picture(struct leg *leg, const struct rtp_packet *packet, int64_t now_us)
{
    note_arrival(leg, packet, now_us);
    struct leg_pictures *pictures = find_pictures(leg, packet);
    LEG_COUNT(leg, video_packets_received);
    atomic_fetch_add_explicit(&leg->seen.video_bytes_received, packet->payload_size,
                              memory_order_relaxed);
    if (pictures != NULL)
        receiver_push(pictures->receiver, packet, now_us);
}

void leg_open_video(struct leg *leg, unsigned medium, bool is_open, unsigned lines)
{
    struct leg_pictures *pictures = leg_pictures_of(leg, medium);
    if (pictures->receiver == NULL)
        pictures->receiver = receiver_new(&leg->peer_clock, take_picture, pictures);
    receiver_set_height(pictures->receiver, lines);
    receiver_set_open(pictures->receiver, is_open);
}

void leg_request_keyframe(struct leg *leg, unsigned medium)
{
    struct leg_pictures *pictures = leg_pictures_of(leg, medium);
    if (pictures->receiver != NULL)
        receiver_request_keyframe(pictures->receiver);
}

/* ---- RTCP ---- */

static void take_sender_report(struct leg *leg, const struct rtcp_packet *packet, int64_t now_us)
{
    for (unsigned i = 0; i < LEG_PICTURE_MEDIA; i++) {
        if (leg->pictures[i].receiver != NULL)
            receiver_sender_report(leg->pictures[i].receiver, packet->sender_ssrc,
                                   packet->report.sender.ntp_time,
                                   packet->report.sender.rtp_timestamp, now_us);
    }
}

static void take_goodbye(struct leg *leg, const struct rtcp_packet *packet)
{
    for (unsigned i = 0; i < packet->goodbye.ssrc_count * LEG_PICTURE_MEDIA; i++) {
        struct receiver *receiver = leg->pictures[i % LEG_PICTURE_MEDIA].receiver;
        if (receiver != NULL)
            receiver_goodbye(receiver, packet->goodbye.ssrcs[i / LEG_PICTURE_MEDIA]);
    }
}

void leg_receive_picture_rtcp(struct leg *leg, const struct rtcp_packet *packet, int64_t now_us)
{
    switch (packet->kind) {
    case RTCP_SENDER_REPORT:
        take_sender_report(leg, packet, now_us);
        break;
    case RTCP_GOODBYE:
        take_goodbye(leg, packet);
        break;
    case RTCP_NACK:
        leg_repair_pictures(leg, packet, now_us);
        break;
    case RTCP_PLI:
        leg_need_keyframe(leg, packet->feedback.media_ssrc, now_us);
        break;
    case RTCP_FIR:
        for (unsigned i = 0; i < packet->fir.ssrc_count; i++)
            leg_need_keyframe(leg, packet->fir.ssrcs[i], now_us);
        break;
    case RTCP_TRANSPORT_CC:
        leg_take_arrivals(leg, packet, now_us);
        break;
    case RTCP_REMB:
        bandwidth_remb(&leg->bandwidth, packet->remb.bitrate_bps);
        break;
    default:
        break;
    }
}

/* ---- time ---- */

static void show_counters(struct leg *leg)
{
    struct receiver_counters sum = {0}, one;
    for (unsigned i = 0; i < LEG_PICTURE_MEDIA; i++) {
        if (leg->pictures[i].receiver == NULL)
            continue;
        receiver_counters(leg->pictures[i].receiver, &one);
        sum.lost += one.lost;
        sum.nacks += one.nacks;
        sum.repaired += one.repaired;
        sum.restarts += one.restarts;
        sum.keyframe_requests += one.keyframe_requests;
        if (i > 0)
            continue;
        LEG_SHOW(leg, video_width, one.width);
        LEG_SHOW(leg, video_height, one.height);
    }
    LEG_SHOW(leg, video_lost, sum.lost);
    LEG_SHOW(leg, video_nacks_sent, sum.nacks);
    LEG_SHOW(leg, video_repairs_received, sum.repaired);
    LEG_SHOW(leg, video_restarts, sum.restarts);
    LEG_SHOW(leg, video_keyframe_requests, sum.keyframe_requests);
}

static void send_arrivals(struct leg *leg)
{
    _Alignas(4) uint8_t bytes[FEEDBACK_SIZE + SRTP_OVERHEAD_MAX];
    size_t size;
    while ((size = transport_cc_write(leg->arrivals, bytes, FEEDBACK_SIZE, leg->audio_ssrc,
                                      leg->arrivals_ssrc)) > 0)
        leg_send_rtcp(leg, bytes, size, sizeof bytes);
}

static void judge_remb(struct leg *leg)
{
    uint64_t packets =
        atomic_load_explicit(&leg->seen.video_packets_received, memory_order_relaxed);
    uint64_t lost = atomic_load_explicit(&leg->seen.video_lost, memory_order_relaxed);
    uint64_t came = packets - leg->remb_packets;
    uint64_t missed = lost > leg->remb_lost ? lost - leg->remb_lost : 0;
    if (missed * 10 > came + missed)
        leg->remb_bps = MAX(leg->remb_bps / 5 * 4, REMB_LEAST_BPS);
    else if (missed * 50 <= came)
        leg->remb_bps = MIN(leg->remb_bps / 10 * 11, REMB_MOST_BPS);
    leg->remb_packets = packets;
    leg->remb_lost = lost;
}

static void send_remb(struct leg *leg, int64_t now_us)
{
    _Alignas(4) uint8_t bytes[FEEDBACK_SIZE + SRTP_OVERHEAD_MAX];
    uint32_t ssrcs[LEG_PICTURE_MEDIA * RECEIVER_STREAMS];
    unsigned count = 0;
    for (unsigned i = 0; i < LEG_PICTURE_MEDIA; i++) {
        if (leg->pictures[i].receiver != NULL)
            count += receiver_list_ssrcs(leg->pictures[i].receiver, ssrcs + count, now_us);
    }
    judge_remb(leg);
    size_t size = count > 0 ? rtcp_write_remb(bytes, FEEDBACK_SIZE, leg->audio_ssrc, leg->remb_bps,
                                              ssrcs, count)
                            : 0;
    if (size > 0)
        leg_send_rtcp(leg, bytes, size, sizeof bytes);
}

void leg_tick_pictures(struct leg *leg, int64_t now_us)
{
    _Alignas(4) uint8_t bytes[FEEDBACK_SIZE + SRTP_OVERHEAD_MAX];
    if (leg->is_gone || leg->srtp == NULL || leg->state != LEG_CONNECTED)
        return;
    leg->picture_ticks++;
    for (unsigned i = 0; i < LEG_PICTURE_MEDIA; i++) {
        struct leg_pictures *pictures = &leg->pictures[i];
        size_t size = pictures->receiver != NULL
                          ? receiver_tick(pictures->receiver, leg->audio_ssrc,
                                          leg_round_trip_us(leg), bytes, FEEDBACK_SIZE, now_us)
                          : 0;
        if (size > 0)
            leg_send_rtcp(leg, bytes, size, sizeof bytes);
    }
    leg_tick_sending(leg, now_us);
    if (leg->has_remb && leg->picture_ticks % TICKS_PER_REMB == 0)
        send_remb(leg, now_us);
    if (leg->picture_ticks % TICKS_PER_FEEDBACK != 0)
        return;
    if (leg->arrivals != NULL)
        send_arrivals(leg);
    show_counters(leg);
}
