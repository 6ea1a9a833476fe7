#include "bridge/video/wire/nack.h"

#include "bridge/transport/rtp.h"

#include <string.h>

#define RETRY_MIN_US 30000
#define RETRY_MAX_US 250000

static void remove_first(struct nack *nack, unsigned count)
{
    nack->count -= count;
    memmove(nack->missing, nack->missing + count, nack->count * sizeof nack->missing[0]);
}

void nack_forget_all(struct nack *nack)
{
    nack->count = 0;
}

void nack_forget_before(struct nack *nack, uint16_t sequence_number)
{
    unsigned count = 0;
    while (count < nack->count &&
           rtp_sequence_distance(nack->missing[count].sequence_number, sequence_number) > 0)
        count++;
    if (count > 0)
        remove_first(nack, count);
}

static bool came_late(struct nack *nack, uint16_t sequence_number)
{
    for (unsigned i = 0; i < nack->count; i++) {
        if (nack->missing[i].sequence_number != sequence_number)
            continue;
        bool was_asked = nack->missing[i].tries > 0;
        nack->count--;
        memmove(nack->missing + i, nack->missing + i + 1,
                (nack->count - i) * sizeof nack->missing[0]);
        return was_asked;
    }
    return false;
}

bool nack_note(struct nack *nack, uint16_t sequence_number, int64_t now_us)
{
    int step = rtp_sequence_distance(nack->newest, sequence_number);
    if (nack->has_newest && step <= 0 && step > -NACK_MISSING_MAX * 4)
        return came_late(nack, sequence_number);
    if (!nack->has_newest || step <= 0 || step > NACK_MISSING_MAX) {
        nack->count = 0; /* a beginning, or an outage that only a key frame mends */
    } else {
        if (nack->count + (unsigned)step - 1 > NACK_MISSING_MAX)
            remove_first(nack, nack->count + (unsigned)step - 1 - NACK_MISSING_MAX);
        for (uint16_t i = (uint16_t)(nack->newest + 1); i != sequence_number; i++)
            nack->missing[nack->count++] = (struct nack_entry){i, 0, now_us};
    }
    nack->has_newest = true;
    nack->newest = sequence_number;
    return false;
}

unsigned nack_collect(struct nack *nack, uint16_t *sequence_numbers, unsigned capacity,
                      int64_t round_trip_us, int64_t now_us)
{
    int64_t retry_us = round_trip_us + RETRY_MIN_US / 2;
    unsigned count = 0;
    if (retry_us < RETRY_MIN_US)
        retry_us = RETRY_MIN_US;
    if (retry_us > RETRY_MAX_US)
        retry_us = RETRY_MAX_US;
    for (unsigned i = 0; i < nack->count && count < capacity; i++) {
        struct nack_entry *entry = &nack->missing[i];
        if (entry->tries == NACK_TRIES || now_us < entry->due_us)
            continue;
        entry->tries++;
        entry->due_us = now_us + retry_us;
        sequence_numbers[count++] = entry->sequence_number;
    }
    return count;
}
