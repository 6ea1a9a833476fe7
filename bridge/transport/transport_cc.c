#include "bridge/transport/transport_cc.h"

#include "bridge/transport/bytes.h"
#include "bridge/transport/rtcp_format.h"

#include <string.h>

#define MASK           (TRANSPORT_CC_WINDOW - 1)
#define HEAD_SIZE      (RTCP_FEEDBACK_SIZE + 8)
#define REFERENCE_US   64000
#define DELTA_US       250
#define SYMBOLS        7   /* of two bits, in a chunk */
#define STATUSES_MAX   256 /* in a packet of ours: well within any line's packets */
#define RUN_MAX        0x1fff
#define VECTOR         0x8000
#define VECTOR_OF_TWO  0x4000
#define REFERENCE_MASK 0xffffff

enum symbol { NOT_RECEIVED, SMALL_DELTA, LARGE_DELTA };

/* ---- what came ---- */

static uint16_t ahead(uint16_t from, uint16_t to)
{
    return (uint16_t)(to - from);
}

void transport_cc_note(struct transport_cc_log *log, uint16_t number, int64_t arrival_us)
{
    if (!log->has_begun) {
        log->has_begun = true;
        log->next = log->newest = number;
    }
    uint16_t step = ahead(log->next, number);
    if (step >= 0x8000)
        return; /* its turn is over, it has been told of as lost */
    if (step >= TRANSPORT_CC_WINDOW) {
        memset(log->arrivals_us, 0, sizeof log->arrivals_us);
        log->next = log->newest = number;
    }
    if (ahead(log->newest, number) < 0x8000)
        log->newest = number;
    if (log->arrivals_us[number & MASK] == 0)
        log->arrivals_us[number & MASK] = arrival_us;
    log->has_news = true;
}

/* The delta of one arrival after what was told before; false when it does not fit. */
static bool delta_of(int64_t arrival_us, int64_t *told_us, int *delta, enum symbol *symbol)
{
    int64_t units = (arrival_us - *told_us) / DELTA_US;
    if (units < INT16_MIN || units > INT16_MAX)
        return false;
    *told_us += units * DELTA_US;
    *delta = (int)units;
    *symbol = units >= 0 && units <= UINT8_MAX ? SMALL_DELTA : LARGE_DELTA;
    return true;
}

/* What is to be told: symbols and deltas of numbers from `next` up to the newest, as far as they
 * fit. */
struct draft {
    unsigned count;
    uint8_t symbols[STATUSES_MAX];
    int64_t reference_us;
    size_t deltas_size;
    uint8_t deltas[STATUSES_MAX * 2];
};

static void draft_statuses(const struct transport_cc_log *log, struct draft *draft)
{
    unsigned pending = (unsigned)ahead(log->next, log->newest) + 1;
    int64_t told_us = -1;
    draft->count = 0;
    draft->deltas_size = 0;
    draft->reference_us = 0;
    for (unsigned i = 0; i < pending && i < STATUSES_MAX; i++) {
        int64_t arrival_us = log->arrivals_us[(log->next + i) & MASK];
        enum symbol symbol = NOT_RECEIVED;
        int delta;
        if (arrival_us != 0) {
            if (told_us < 0)
                told_us = draft->reference_us = arrival_us / REFERENCE_US * REFERENCE_US;
            if (!delta_of(arrival_us, &told_us, &delta, &symbol))
                return;
            if (symbol == LARGE_DELTA)
                draft->deltas[draft->deltas_size++] = (uint8_t)((unsigned)delta >> 8);
            draft->deltas[draft->deltas_size++] = (uint8_t)delta;
        }
        draft->symbols[draft->count++] = (uint8_t)symbol;
    }
}

static size_t write_chunks(const struct draft *draft, uint8_t *bytes)
{
    size_t size = 0;
    for (unsigned i = 0; i < draft->count; i += SYMBOLS) {
        unsigned chunk = VECTOR | VECTOR_OF_TWO;
        for (unsigned j = 0; j < SYMBOLS && i + j < draft->count; j++)
            chunk |= (unsigned)draft->symbols[i + j] << (2 * (SYMBOLS - 1 - j));
        write_u16(bytes + size, (uint16_t)chunk);
        size += 2;
    }
    return size;
}

size_t transport_cc_write(struct transport_cc_log *log, uint8_t *bytes, size_t capacity,
                          uint32_t ssrc, uint32_t media_ssrc)
{
    struct draft draft;
    if (!log->has_news || ahead(log->next, log->newest) >= 0x8000)
        return 0;
    draft_statuses(log, &draft);
    size_t chunks = (draft.count + SYMBOLS - 1) / SYMBOLS * 2;
    size_t used = HEAD_SIZE + chunks + draft.deltas_size, size = (used + 3) / 4 * 4;
    if (draft.count == 0 || size > capacity)
        return 0;
    bytes[0] = (uint8_t)(RTCP_VERSION << 6 | RTCP_FORMAT_TRANSPORT_CC);
    bytes[1] = RTCP_TYPE_RTPFB;
    write_u16(bytes + 2, (uint16_t)(size / 4 - 1));
    write_u32(bytes + 4, ssrc);
    write_u32(bytes + 8, media_ssrc);
    write_u16(bytes + 12, log->next);
    write_u16(bytes + 14, (uint16_t)draft.count);
    uint32_t reference = (uint32_t)(draft.reference_us / REFERENCE_US) & REFERENCE_MASK;
    write_u32(bytes + 16, reference << 8 | log->feedback_count++);
    write_chunks(&draft, bytes + HEAD_SIZE);
    memcpy(bytes + HEAD_SIZE + chunks, draft.deltas, draft.deltas_size);
    memset(bytes + used, 0, size - used);
    if (used < size) { /* RTCP's own padding, or the zeros would be read as deltas */
        bytes[0] |= RTCP_PADDING_BIT;
        bytes[size - 1] = (uint8_t)(size - used);
    }
    for (unsigned i = 0; i < draft.count; i++)
        log->arrivals_us[log->next++ & MASK] = 0;
    log->has_news = ahead(log->next, log->newest) < 0x8000;
    return size;
}

/* ---- what a peer tells ---- */

struct reading {
    const uint8_t *deltas, *end;
    uint16_t number;
    unsigned left; /* statuses */
    int64_t time_us;
    transport_cc_status status;
    void *arg;
};

static bool read_status(struct reading *reading, unsigned symbol)
{
    int64_t arrival_us = -1;
    int delta = 0;
    if (symbol == SMALL_DELTA || symbol == LARGE_DELTA) {
        if (reading->end - reading->deltas < (symbol == SMALL_DELTA ? 1 : 2))
            return false;
        delta = symbol == SMALL_DELTA ? reading->deltas[0] : (int16_t)read_u16(reading->deltas);
        reading->deltas += symbol == SMALL_DELTA ? 1 : 2;
        reading->time_us += (int64_t)delta * DELTA_US;
        arrival_us = reading->time_us > 0 ? reading->time_us : 0;
    }
    reading->status(reading->number++, arrival_us, reading->arg);
    reading->left--;
    return true;
}

static unsigned chunk_length(unsigned chunk, unsigned left)
{
    unsigned length = (chunk & VECTOR) == 0          ? chunk & RUN_MAX
                      : (chunk & VECTOR_OF_TWO) != 0 ? SYMBOLS
                                                     : 2 * SYMBOLS;
    return length < left ? length : left;
}

static unsigned chunk_symbol(unsigned chunk, unsigned index)
{
    if ((chunk & VECTOR) == 0)
        return chunk >> 13 & 3;
    if ((chunk & VECTOR_OF_TWO) != 0)
        return chunk >> (2 * (SYMBOLS - 1 - index)) & 3;
    return chunk >> (2 * SYMBOLS - 1 - index) & 1;
}

bool transport_cc_read(const struct rtcp_packet *packet, transport_cc_status status, void *arg)
{
    const uint8_t *bytes = packet->feedback.information;
    const uint8_t *end = bytes + packet->feedback.information_size;
    struct reading reading = {.end = end, .status = status, .arg = arg};
    if (packet->feedback.information_size < 8)
        return false;
    reading.number = read_u16(bytes);
    reading.left = read_u16(bytes + 2);
    if (reading.left > TRANSPORT_CC_STATUSES)
        return false;
    reading.time_us = (int64_t)(read_u32(bytes + 4) >> 8) * REFERENCE_US;
    /* First past the chunks, to where the deltas begin. */
    const uint8_t *chunks = bytes + 8, *at = chunks;
    for (unsigned left = reading.left; left > 0; at += 2) {
        unsigned length = end - at < 2 ? 0 : chunk_length(read_u16(at), left);
        if (length == 0)
            return false;
        left -= length;
    }
    reading.deltas = at;
    for (at = chunks; reading.left > 0; at += 2) {
        unsigned chunk = read_u16(at), length = chunk_length(chunk, reading.left);
        for (unsigned i = 0; i < length; i++) {
            if (!read_status(&reading, chunk_symbol(chunk, i)))
                return false;
        }
    }
    return true;
}
