#include "tests/fuzz/fuzz.h"

#include "bridge/transport/reception.h"
#include "bridge/transport/rtcp.h"
#include "bridge/transport/transport_cc.h"

#include <assert.h>
#include <string.h>

#define LOST_MAX 256

/* What was read is written and read again. */
static void check_report(const struct rtcp_packet *packet)
{
    uint8_t bytes[1024];
    struct rtcp_reader reader;
    struct rtcp_packet again;
    size_t size =
        rtcp_write_sender_report(bytes, sizeof bytes, packet->sender_ssrc, &packet->report.sender,
                                 packet->report.blocks, packet->report.block_count);
    assert(size > 0 && rtcp_reader_init(&reader, bytes, size) && rtcp_next(&reader, &again));
    assert(again.report.block_count == packet->report.block_count);
    for (unsigned i = 0; i < again.report.block_count; i++) {
        uint32_t round_trip_us;
        assert(again.report.blocks[i].cumulative_lost == packet->report.blocks[i].cumulative_lost);
        rtcp_round_trip_us(&again.report.blocks[i], packet->report.sender.ntp_time, &round_trip_us);
    }
}

static void check_nack(const struct rtcp_packet *packet, struct reception *reception)
{
    uint16_t lost[LOST_MAX];
    uint8_t bytes[12 + 4 * LOST_MAX];
    struct rtcp_report_block block;
    unsigned count = rtcp_nack_read(packet, lost, LOST_MAX);
    assert(count > 0 && count <= LOST_MAX);
    assert(rtcp_write_nack(bytes, sizeof bytes, 1, 2, lost, count) > 0);
    /* Numbers as good as any to receive. */
    for (unsigned i = 0; i < count; i++)
        reception_packet(reception, lost[i], lost[i] * 960u, (int64_t)i * 20000);
    assert(reception_report(reception, (int64_t)count * 20000, &block));
}

struct arrivals {
    struct transport_cc_log log;
    unsigned count;
};

static void note_arrival(uint16_t number, int64_t arrival_us, void *arg)
{
    struct arrivals *arrivals = arg;
    arrivals->count++;
    if (arrival_us > 0)
        transport_cc_note(&arrivals->log, number, arrival_us);
}

static void count_status(uint16_t number, int64_t arrival_us, void *arg)
{
    unsigned *count = arg;
    (void)number;
    assert(arrival_us >= -1);
    ++*count;
}

/* What a peer tells of arrivals is taken for arrivals here, and told on. */
static void check_arrivals(const struct rtcp_packet *packet)
{
    static struct arrivals arrivals;
    uint8_t bytes[1100];
    size_t size;
    memset(&arrivals, 0, sizeof arrivals);
    transport_cc_read(packet, note_arrival, &arrivals);
    assert(arrivals.count <= TRANSPORT_CC_STATUSES);
    while ((size = transport_cc_write(&arrivals.log, bytes, sizeof bytes, 1, 2)) > 0) {
        struct rtcp_reader reader;
        struct rtcp_packet again;
        unsigned count = 0;
        assert(rtcp_reader_init(&reader, bytes, size) && rtcp_next(&reader, &again));
        assert(again.kind == RTCP_TRANSPORT_CC && transport_cc_read(&again, count_status, &count));
        assert(count > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct rtcp_reader reader;
    struct rtcp_packet packet;
    struct reception reception;
    char cname[RTCP_CNAME_MAX];
    reception_init(&reception, 1, 48000);
    if (!rtcp_reader_init(&reader, bytes, size))
        return 0;
    while (rtcp_next(&reader, &packet)) {
        if (packet.kind == RTCP_SENDER_REPORT || packet.kind == RTCP_RECEIVER_REPORT)
            check_report(&packet);
        else if (packet.kind == RTCP_NACK)
            check_nack(&packet, &reception);
        else if (packet.kind == RTCP_TRANSPORT_CC)
            check_arrivals(&packet);
        else if (packet.kind == RTCP_SOURCE_DESCRIPTION && packet.description.cname != NULL)
            memcpy(cname, packet.description.cname, packet.description.cname_size);
    }
    assert(reader.offset == size);
    return 0;
}
