/* A leg's RTCP (RFC 3550 section 6). */
#include "bridge/transport/leg_private.h"

#include "common/clock.h"

/* RFC 3550's least for small groups, less half to one and a half, so that the reports of many legs
 * do not fall together. */
#define REPORT_INTERVAL_US 5000000
/* With pictures more often, as their times and the line are told by it. */
#define PICTURE_REPORT_INTERVAL_US 1000000

/* One report with a block for the sound and for each stream of pictures, the cname, a goodbye; the
 * reports of what is sent as pictures with their cnames. */
#define BLOCKS_MAX      (1 + LEG_PICTURE_MEDIA * RECEIVER_STREAMS)
#define REPORT_SIZE_MAX (128 + 24 * (BLOCKS_MAX - 1) + LEG_PICTURE_MEDIA * 64)
#define BUFFER_SIZE     (REPORT_SIZE_MAX + SRTP_OVERHEAD_MAX)

/* ---- in ---- */

/* What the peer says of what we send. */
static void read_blocks(struct leg *leg, const struct rtcp_packet *packet)
{
    for (unsigned i = 0; i < packet->report.block_count; i++) {
        const struct rtcp_report_block *block = &packet->report.blocks[i];
        uint32_t round_trip_us;
        bool is_sound = block->ssrc == leg->audio_ssrc;
        if (!is_sound && leg_find_sender(leg, block->ssrc) == NULL)
            continue;
        if (rtcp_round_trip_us(block, rtcp_ntp_time(clock_utc_us()), &round_trip_us))
            LEG_SHOW(leg, rtt_us, MAX(round_trip_us, 1)); /* 0 would read as not known */
        if (!is_sound)
            leg_take_picture_block(leg, block);
        else
            LEG_SHOW(leg, peer_lost,
                     block->cumulative_lost > 0 ? (uint32_t)block->cumulative_lost : 0);
    }
}

/* Nothing more is to be reported of who has left; that the leg is over is for DTLS to say. */
static void read_goodbye(struct leg *leg, const struct rtcp_packet *packet)
{
    for (unsigned i = 0; i < packet->goodbye.ssrc_count; i++) {
        if (packet->goodbye.ssrcs[i] != leg->reception.ssrc)
            continue;
        leg->lost_before += reception_lost(&leg->reception);
        reception_init(&leg->reception, 0, 0);
        LEG_SHOW(leg, level_dbov, -127);
        return;
    }
}

void leg_receive_rtcp(struct leg *leg, const uint8_t *bytes, size_t size)
{
    struct rtcp_reader reader;
    struct rtcp_packet packet;
    if (!rtcp_reader_init(&reader, bytes, size))
        return;
    while (rtcp_next(&reader, &packet)) {
        leg_receive_picture_rtcp(leg, &packet, clock_monotonic_us());
        switch (packet.kind) {
        case RTCP_SENDER_REPORT:
            if (leg->reception.has_packets && leg->reception.ssrc == packet.sender_ssrc)
                reception_sender_report(&leg->reception, packet.report.sender.ntp_time,
                                        clock_monotonic_us());
            read_blocks(leg, &packet);
            break;
        case RTCP_RECEIVER_REPORT:
            read_blocks(leg, &packet);
            break;
        case RTCP_GOODBYE:
            read_goodbye(leg, &packet);
            break;
        default:
            break;
        }
    }
}

/* ---- out ---- */

void leg_send_rtcp(struct leg *leg, uint8_t *bytes, size_t size, size_t capacity)
{
    if (srtp_endpoint_protect_rtcp(leg->srtp, bytes, &size, capacity) == SRTP_OK)
        ice_send(leg->ice, bytes, size);
}

/* The stream's clock at `now_us`, also when nothing has been sent for a while: a silent mix is
 * not. */
static uint32_t timestamp_at(const struct leg *leg, int64_t now_us)
{
    int64_t since_us = now_us - leg->last_sent_us;
    return leg->last_timestamp + (uint32_t)(since_us * LEG_CLOCK_RATE / 1000000);
}

/* A sender report once something was sent, a receiver report before; then the cname. */
static size_t write_report(struct leg *leg, int64_t now_us, uint8_t bytes[REPORT_SIZE_MAX])
{
    struct rtcp_report_block blocks[BLOCKS_MAX];
    unsigned count = reception_report(&leg->reception, now_us, blocks) ? 1 : 0;
    for (unsigned i = 0; i < LEG_PICTURE_MEDIA; i++) {
        if (leg->pictures[i].receiver != NULL)
            count += receiver_report(leg->pictures[i].receiver, blocks + count, now_us);
    }
    struct rtcp_sender_info sender = {
        .ntp_time = rtcp_ntp_time(clock_utc_us()),
        .rtp_timestamp = timestamp_at(leg, now_us),
        .packet_count = leg->packets_sent,
        .octet_count = leg->octets_sent,
    };
    size_t size =
        leg->packets_sent > 0
            ? rtcp_write_sender_report(bytes, REPORT_SIZE_MAX, leg->audio_ssrc, &sender, blocks,
                                       count)
            : rtcp_write_receiver_report(bytes, REPORT_SIZE_MAX, leg->audio_ssrc, blocks, count);
    return size + rtcp_write_description(bytes + size, REPORT_SIZE_MAX - size, leg->audio_ssrc,
                                         leg->cname);
}

/* Of one medium of pictures: its clock is the machine's own, coded_timestamp(), so that what was
 * taken at a moment has that moment's time whatever stream it came in. */
static size_t write_picture_report(const struct leg *leg, const struct sender *sender,
                                   int64_t now_us, uint8_t *bytes, size_t capacity)
{
    struct rtcp_sender_info info = {
        .ntp_time = rtcp_ntp_time(clock_utc_us()),
        .rtp_timestamp = sender->timestamp_offset + coded_timestamp(now_us),
        .packet_count = sender->packets,
        .octet_count = sender->octets,
    };
    if (sender->packets == 0)
        return 0;
    size_t size = rtcp_write_sender_report(bytes, capacity, sender->ssrc, &info, NULL, 0);
    return size + rtcp_write_description(bytes + size, capacity - size, sender->ssrc, leg->cname);
}

void leg_send_report(struct leg *leg, int64_t now_us)
{
    _Alignas(4) uint8_t bytes[BUFFER_SIZE];
    int64_t interval_us = leg->is_ticking ? PICTURE_REPORT_INTERVAL_US : REPORT_INTERVAL_US;
    leg->next_report_us = now_us + interval_us / 2 + leg_random() % interval_us;
    size_t size = write_report(leg, now_us, bytes);
    for (unsigned i = 0; i < LEG_PICTURE_MEDIA; i++)
        size += write_picture_report(leg, &leg->pictures[i].sender, now_us, bytes + size,
                                     REPORT_SIZE_MAX - size);
    leg_send_rtcp(leg, bytes, size, sizeof bytes);
}

void leg_send_bye(struct leg *leg)
{
    _Alignas(4) uint8_t bytes[BUFFER_SIZE];
    size_t size = write_report(leg, clock_monotonic_us(), bytes);
    size += rtcp_write_goodbye(bytes + size, REPORT_SIZE_MAX - size, leg->audio_ssrc);
    leg_send_rtcp(leg, bytes, size, sizeof bytes);
}
