#include "bridge/video/wire/sender.h"

#include "bridge/transport/bytes.h"
#include "bridge/transport/rtp.h"
#include "bridge/video/wire/vp8_payload.h"

#include <string.h>

#define PICTURE_ID_MASK   0x7fff
#define REPEAT_MIN_US     30000
#define EXTENSION_PROFILE 0xbede
#define EXTENSION_SIZE    8
#define HAS_EXTENSION     0x10

void sender_init(struct sender *sender, uint32_t ssrc, uint32_t rtx_ssrc, uint32_t timestamp_offset,
                 uint16_t sequence_number)
{
    *sender = (struct sender){.ssrc = ssrc,
                              .rtx_ssrc = rtx_ssrc,
                              .timestamp_offset = timestamp_offset,
                              .sequence_number = sequence_number,
                              .rtx_sequence_number = (uint16_t)(sequence_number ^ 0x1555)};
    for (unsigned i = 0; i < 2; i++)
        sender->payload_type[i] = sender->rtx_payload_type[i] = -1;
}

/* ---- streams ---- */

void sender_set_stream(struct sender *sender, uint32_t stream)
{
    bool is_bridged = sender->is_running && stream != 0 && stream != sender->stream;
    if (!is_bridged && stream != sender->stream) {
        sender->is_running = false;
        sender->stream = stream;
    }
    sender->next = is_bridged ? stream : 0;
    sender->key_asked_us = 0;
}

/* The numbers go on behind what was sent last. */
static void begin(struct sender *sender, const struct frame *packet)
{
    sender->is_running = true;
    sender->first_sequence_number = sender->sequence_number;
    sender->number_offset = (uint16_t)(sender->sequence_number - packet->number);
    sender->picture_offset = (uint16_t)(sender->picture_id + 1 - packet->picture_id);
    sender->last_number = (uint16_t)(packet->number - 1);
    sender->key_asked_us = 0;
    memset(sender->repeats, 0, sizeof sender->repeats);
}

enum sender_verdict sender_accept(struct sender *sender, const struct frame *packet)
{
    bool is_beginning = packet->starts_key && sender->payload_type[packet->codec] >= 0;
    bool is_switch = sender->next != 0 && packet->stream == sender->next;
    if ((!is_switch && packet->stream != sender->stream) ||
        ((is_switch || !sender->is_running) && !is_beginning) ||
        sender->payload_type[packet->codec] < 0)
        return SENDER_PASSES;
    if (is_switch || !sender->is_running)
        begin(sender, packet);
    else if (rtp_sequence_distance(sender->last_number, packet->number) <= 0)
        return SENDER_PASSES; /* a sequence number is used once */
    sender->last_number = packet->number;
    if (is_switch) {
        sender->stream = sender->next;
        sender->next = 0;
        sender->switches++;
    }
    return is_switch ? SENDER_SWITCHES : SENDER_SENDS;
}

uint32_t sender_needs_keyframe(struct sender *sender, int64_t now_us)
{
    uint32_t stream = sender->next != 0 ? sender->next : sender->stream;
    if (stream == 0 || (sender->next == 0 && sender->is_running) ||
        (sender->key_asked_us != 0 && now_us - sender->key_asked_us < SENDER_KEY_RETRY_US))
        return 0;
    sender->key_asked_us = now_us;
    return stream;
}

/* ---- packets ---- */

static size_t write_head(const struct sender *sender, const struct frame *packet,
                         uint8_t payload_type, uint16_t sequence_number, uint32_t ssrc,
                         uint16_t transport_number, uint8_t *bytes)
{
    size_t size = rtp_write_header(bytes, payload_type, packet->marker, sequence_number,
                                   sender->timestamp_offset + packet->timestamp, ssrc, 0, 0, false);
    if (sender->transport_cc_id == 0)
        return size;
    bytes[0] |= HAS_EXTENSION;
    write_u16(bytes + size, EXTENSION_PROFILE);
    write_u16(bytes + size + 2, 1);
    bytes[size + 4] = (uint8_t)(sender->transport_cc_id << 4 | 1); /* RFC 8285: length less one */
    write_u16(bytes + size + 5, transport_number);
    bytes[size + 7] = 0;
    return size + EXTENSION_SIZE;
}

static size_t write_payload(const struct sender *sender, const struct frame *packet, uint8_t *bytes)
{
    memcpy(bytes, packet->payload, packet->size);
    if (packet->codec == CODED_VP8 && packet->size > VP8_DESCRIPTOR_SIZE)
        vp8_set_picture_id(bytes, (packet->picture_id + sender->picture_offset) & PICTURE_ID_MASK);
    return packet->size;
}

size_t sender_write(struct sender *sender, const struct frame *packet, uint16_t transport_number,
                    uint8_t *bytes)
{
    uint16_t sequence_number = (uint16_t)(packet->number + sender->number_offset);
    size_t size = write_head(sender, packet, (uint8_t)sender->payload_type[packet->codec],
                             sequence_number, sender->ssrc, transport_number, bytes);
    sender->sequence_number = (uint16_t)(sequence_number + 1);
    sender->picture_id = (packet->picture_id + sender->picture_offset) & PICTURE_ID_MASK;
    sender->packets++;
    sender->octets += packet->size;
    return size + write_payload(sender, packet, bytes + size);
}

bool sender_find_repair(struct sender *sender, uint16_t sequence_number, int64_t round_trip_us,
                        int64_t now_us, uint16_t *number)
{
    if (!sender->is_running ||
        rtp_sequence_distance(sender->first_sequence_number, sequence_number) < 0 ||
        rtp_sequence_distance(sequence_number, sender->sequence_number) <= 0)
        return false;
    *number = (uint16_t)(sequence_number - sender->number_offset);
    struct sender_repeat *repeat = &sender->repeats[*number % SENDER_REPEATS];
    int64_t pause_us = round_trip_us > REPEAT_MIN_US ? round_trip_us : REPEAT_MIN_US;
    if (repeat->at_us != 0 && repeat->number == *number && now_us - repeat->at_us < pause_us)
        return false;
    *repeat = (struct sender_repeat){*number, now_us};
    return true;
}

size_t sender_write_repair(struct sender *sender, const struct frame *packet,
                           uint16_t transport_number, uint8_t *bytes)
{
    int payload_type = sender->rtx_payload_type[packet->codec];
    if (payload_type < 0)
        return 0;
    size_t size = write_head(sender, packet, (uint8_t)payload_type, sender->rtx_sequence_number++,
                             sender->rtx_ssrc, transport_number, bytes);
    write_u16(bytes + size, (uint16_t)(packet->number + sender->number_offset));
    size += 2;
    sender->repairs++;
    return size + write_payload(sender, packet, bytes + size);
}
