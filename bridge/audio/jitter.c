#include "bridge/audio/jitter.h"

#include "bridge/transport/rtp.h"

#include <glib.h>
#include <opus/opus.h>
#include <stdlib.h>
#include <string.h>

#define CLOCK       48000
#define TICK        960 /* 20 ms: how often the caller looks */
#define SHORTEST    120 /* 2.5 ms: Opus makes nothing shorter up */
#define SLOTS       64
#define MAX_DROPOUT 3000 /* RFC 3550 A.1 */
/* A.1 says 100; `seen` remembers 64, and what is 1.2 s late is lost anyway. */
#define MAX_DISORDER 63
#define GROWTH_MAX   (40 * 48)   /* by one late packet */
#define PATIENCE     CLOCK       /* how long silence is waited for to be stretched */
#define SPEECH_PAUSE (CLOCK / 5) /* between two stretches of speech */
#define SPARE        TICK /* the reserve that is wanted: what comes within a tick is seen at its end */
#define DEAD_ZONE    (5 * 48) /* nearer to it than this is good enough */
#define QUIET_DBOV   (-55)
#define QUIET_SIZE   3 /* bytes: Opus has nothing to say (DTX) */

/* How long a reserve must not have been needed. A large one goes sooner. */
#define WINDOW       (4 * CLOCK)
#define WINDOW_SHORT (CLOCK / 2)
#define LARGE        (80 * 48)

struct place {
    int64_t sequence, timestamp; /* extended past their wraps */
    int64_t arrival;
    unsigned samples;
};

struct slot {
    struct place place;
    struct inbox_packet packet;
};

struct jitter {
    struct slot store[SLOTS + 1]; /* one more than wait: the packet that was given out */
    struct slot *waiting[SLOTS];  /* in order */
    struct slot *unused[SLOTS + 1];
    struct slot *given; /* by the last pop */
    unsigned count, unused_count;
    unsigned level; /* samples in `waiting` */

    /* The sender. */
    bool is_started;
    bool is_first; /* nothing of it has been given out */
    uint32_t ssrc;
    int64_t newest_sequence, newest_timestamp;
    uint64_t seen; /* bit n: newest_sequence - n has arrived */
    bool has_probe;
    uint16_t probe; /* what would confirm a sequence that jumped */

    /* What is played. */
    bool is_playing;
    int64_t now;
    int64_t played_sequence; /* the newest that was given out or dropped */
    int64_t next_timestamp;  /* the first sample that was not */
    unsigned frame;          /* samples of the last packet */

    /* The delay. */
    unsigned target;
    unsigned made_up; /* concealed in hope of the next packet; not yet known whether late or lost */
    unsigned growth;  /* to gain so that packets as late as the last one are in time */
    unsigned reserve; /* the least that a tick left over in this window */
    unsigned watched; /* samples played in it */
    unsigned most;    /* that a tick left over in it */
    unsigned latest;  /* reserve, of the last tick: counts when it was not for a loss */
    bool has_lost;    /* since then */
    int excess;       /* of the reserve, over what is wanted */
    int64_t excess_since, stretched_at;
    bool was_quiet; /* the last packet that was given out */
};

struct jitter *jitter_new(void)
{
    struct jitter *jitter = g_new0(struct jitter, 1);
    for (unsigned i = 0; i <= SLOTS; i++)
        jitter->unused[jitter->unused_count++] = &jitter->store[i];
    jitter->target = JITTER_DELAY_MIN;
    jitter->frame = TICK;
    return jitter;
}

void jitter_free(struct jitter *jitter)
{
    g_free(jitter);
}

/* ---- the packets that wait ---- */

static struct slot *remove_oldest(struct jitter *jitter)
{
    struct slot *slot = jitter->waiting[0];
    jitter->count--;
    for (unsigned i = 0; i < jitter->count; i++)
        jitter->waiting[i] = jitter->waiting[i + 1];
    jitter->level -= slot->place.samples;
    jitter->played_sequence = slot->place.sequence;
    jitter->next_timestamp = slot->place.timestamp + slot->place.samples;
    return slot;
}

static void drop_oldest(struct jitter *jitter)
{
    jitter->unused[jitter->unused_count++] = remove_oldest(jitter);
}

static void give_back(struct jitter *jitter)
{
    if (jitter->given != NULL)
        jitter->unused[jitter->unused_count++] = jitter->given;
    jitter->given = NULL;
}

static void start_afresh(struct jitter *jitter, const struct inbox_packet *packet)
{
    while (jitter->count > 0)
        drop_oldest(jitter);
    jitter->is_started = true;
    jitter->is_first = true;
    jitter->has_probe = false;
    jitter->ssrc = packet->ssrc;
    jitter->newest_sequence = packet->sequence_number;
    jitter->newest_timestamp = packet->timestamp;
    jitter->seen = 0;
    jitter->is_playing = false;
    jitter->played_sequence = INT64_MIN;
}

/* Where in the sequence the packet is, as far as can be trusted. False: refuse it. */
static bool find_sequence(struct jitter *jitter, const struct inbox_packet *packet,
                          int64_t *sequence)
{
    if (!jitter->is_started || packet->ssrc != jitter->ssrc)
        start_afresh(jitter, packet);
    int distance =
        rtp_sequence_distance((uint16_t)jitter->newest_sequence, packet->sequence_number);
    if (distance > MAX_DROPOUT || distance < -MAX_DISORDER) {
        if (!jitter->has_probe || packet->sequence_number != jitter->probe) {
            jitter->has_probe = true;
            jitter->probe = (uint16_t)(packet->sequence_number + 1);
            return false;
        }
        start_afresh(jitter, packet);
        distance = 0;
    }
    *sequence = jitter->newest_sequence + distance;
    return true;
}

/* Marks it as seen; false for a packet that was seen before. */
static bool see(struct jitter *jitter, int64_t sequence)
{
    int64_t ahead = sequence - jitter->newest_sequence;
    if (ahead > 0) {
        jitter->seen = ahead < 64 ? jitter->seen << ahead : 0;
        jitter->newest_sequence = sequence;
        ahead = 0;
    }
    uint64_t bit = (uint64_t)1 << -ahead;
    if ((jitter->seen & bit) != 0)
        return false;
    jitter->seen |= bit;
    return true;
}

/* A packet that comes `lateness` too late: the next that is as late shall be played. */
static void grow(struct jitter *jitter, int64_t lateness)
{
    unsigned wanted = (unsigned)MIN((lateness + TICK - 1) / TICK * TICK, GROWTH_MAX);
    if (jitter->target + wanted <= JITTER_DELAY_MAX && jitter->level + wanted <= JITTER_DELAY_MAX)
        jitter->growth = MAX(jitter->growth, wanted);
}

static bool is_late(struct jitter *jitter, const struct place *where)
{
    if (jitter->is_playing && where->timestamp < jitter->next_timestamp) {
        grow(jitter, jitter->next_timestamp - where->timestamp);
        return true;
    }
    return where->sequence <= jitter->played_sequence;
}

/* False if its timestamp contradicts its neighbours'. */
static bool insert(struct jitter *jitter, const struct place *where,
                   const struct inbox_packet *packet)
{
    unsigned at = jitter->count;
    while (at > 0 && jitter->waiting[at - 1]->place.sequence > where->sequence)
        at--;
    if ((at > 0 && jitter->waiting[at - 1]->place.timestamp >= where->timestamp) ||
        (at < jitter->count && jitter->waiting[at]->place.timestamp <= where->timestamp))
        return false;
    if (jitter->count == SLOTS) {
        drop_oldest(jitter);
        at = at > 0 ? at - 1 : 0;
    }
    struct slot *slot = jitter->unused[--jitter->unused_count];
    slot->place = *where;
    memcpy(&slot->packet, packet, offsetof(struct inbox_packet, payload) + packet->size);
    for (unsigned i = jitter->count; i > at; i--)
        jitter->waiting[i] = jitter->waiting[i - 1];
    jitter->waiting[at] = slot;
    jitter->count++;
    jitter->level += slot->place.samples;
    return true;
}

static int duration_of(const struct inbox_packet *packet)
{
    if (packet->size == 0)
        return 0;
    return opus_packet_get_nb_samples(packet->payload, packet->size, CLOCK);
}

enum jitter_fate jitter_push(struct jitter *jitter, int64_t now, const struct inbox_packet *packet)
{
    struct place where = {.arrival = now};
    int samples = duration_of(packet);
    if (samples <= 0 || !find_sequence(jitter, packet, &where.sequence))
        return JITTER_REFUSED;
    where.samples = (unsigned)samples;
    where.timestamp = jitter->newest_timestamp +
                      (int32_t)(packet->timestamp - (uint32_t)jitter->newest_timestamp);
    bool is_newest = where.sequence > jitter->newest_sequence;
    if (is_newest && where.timestamp <= jitter->newest_timestamp) {
        start_afresh(jitter, packet);
        where.sequence = jitter->newest_sequence;
        where.timestamp = jitter->newest_timestamp;
    }
    if (!see(jitter, where.sequence))
        return JITTER_DUPLICATE;
    if (is_newest)
        jitter->newest_timestamp = where.timestamp;
    if (is_late(jitter, &where))
        return JITTER_LATE;
    if (!insert(jitter, &where, packet))
        return JITTER_REFUSED;
    while (jitter->level > JITTER_DELAY_MAX && jitter->count > 1)
        drop_oldest(jitter);
    return JITTER_TAKEN;
}

/* ---- what is played ---- */

static void watch_reserve(struct jitter *jitter)
{
    jitter->watched = 0;
    jitter->most = 0;
    jitter->reserve = jitter->latest = UINT_MAX;
}

static void move_target(struct jitter *jitter, int samples)
{
    jitter->target =
        (unsigned)CLAMP((int)jitter->target + samples, JITTER_DELAY_MIN, JITTER_DELAY_MAX);
}

/* Begins with the oldest packet once it has waited, or more has come after it, for the delay that
 * is aimed at; up to one tick less, as what comes within a tick is only seen at its end. */
static bool begin(struct jitter *jitter)
{
    if (jitter->count == 0)
        return false;
    const struct slot *head = jitter->waiting[0];
    const struct slot *newest = jitter->waiting[jitter->count - 1];
    int64_t waited = jitter->now - head->place.arrival;
    int64_t follows = newest->place.timestamp - head->place.timestamp;
    /* After a pause there is nothing to stretch: the delay simply begins anew. */
    move_target(jitter, (int)jitter->growth - MAX(jitter->excess, 0));
    jitter->growth = 0;
    jitter->excess = 0;
    if (MAX(waited, follows) + TICK < jitter->target)
        return false;
    jitter->is_playing = true;
    jitter->next_timestamp = head->place.timestamp;
    jitter->made_up = 0;
    watch_reserve(jitter);
    return true;
}

static void conceal(struct jitter_frame *frame, unsigned samples)
{
    frame->kind = JITTER_LOST;
    frame->samples = samples;
}

/* Nothing is there. It may be late: time stands still until it is known. */
static void run_dry(struct jitter *jitter, struct jitter_frame *frame)
{
    if (jitter->made_up >= JITTER_CONCEAL_MAX) {
        jitter->is_playing = false;
        return;
    }
    jitter->made_up += TICK;
    conceal(frame, TICK);
    frame->is_pause = jitter->was_quiet;
}

/* Whether the oldest packet is next; else what is to be played before it. */
static bool reach_oldest(struct jitter *jitter, struct jitter_frame *frame)
{
    const struct slot *head = jitter->waiting[0];
    /* What was made up for want of packets stood for those that turn out to be lost. */
    int64_t gap = MAX(head->place.timestamp - jitter->next_timestamp, 0);
    unsigned paid = (unsigned)MIN(gap, jitter->made_up);
    jitter->made_up -= paid;
    jitter->next_timestamp += paid;
    jitter->has_lost |= gap > 0;
    gap -= paid;
    unsigned lost = (unsigned)MIN(gap, jitter->frame) / SHORTEST * SHORTEST;
    if (lost == 0)
        return true;
    if (gap > JITTER_DELAY_MAX || head->place.sequence == jitter->played_sequence + 1) {
        jitter->is_playing = false; /* a pause */
        return begin(jitter);
    }
    conceal(frame, lost);
    if (lost == gap)
        frame->packet = &head->packet;
    jitter->next_timestamp += lost;
    return false;
}

/* What is missing most is made good first: lateness, then the lack of a reserve. */
static void weigh_stretch(struct jitter *jitter, struct jitter_frame *frame)
{
    frame->stretch = jitter->growth > 0 ? (int)jitter->growth : -jitter->excess;
    frame->stretches_speech =
        jitter->growth > 0 || (jitter->now - jitter->excess_since >= PATIENCE &&
                               jitter->now - jitter->stretched_at >= SPEECH_PAUSE);
}

static bool is_quiet(const struct inbox_packet *packet)
{
    bool is_known = packet->level_dbov <= 0;
    return packet->size <= QUIET_SIZE || (is_known && packet->level_dbov <= QUIET_DBOV);
}

static void give_oldest(struct jitter *jitter, struct jitter_frame *frame)
{
    jitter->given = remove_oldest(jitter);
    jitter->frame = jitter->given->place.samples;
    /* It came, so what was made up was for its lateness. */
    if (!jitter->was_quiet)
        move_target(jitter, (int)jitter->made_up);
    jitter->made_up = 0;
    jitter->was_quiet = is_quiet(&jitter->given->packet);
    frame->kind = JITTER_PACKET;
    frame->packet = &jitter->given->packet;
    frame->samples = jitter->given->place.samples;
    frame->is_first = jitter->is_first;
    weigh_stretch(jitter, frame);
    jitter->is_first = false;
}

void jitter_pop(struct jitter *jitter, int64_t now, struct jitter_frame *frame)
{
    *frame = (struct jitter_frame){.kind = JITTER_EMPTY, .samples = TICK};
    jitter->now = now;
    give_back(jitter);
    if (!jitter->is_playing && !begin(jitter))
        return;
    if (jitter->count == 0) {
        run_dry(jitter, frame);
    } else if (reach_oldest(jitter, frame)) {
        give_oldest(jitter, frame);
    }
}

void jitter_stretched(struct jitter *jitter, int samples)
{
    unsigned gained = samples > 0 ? (unsigned)samples : 0;
    move_target(jitter, samples);
    jitter->growth -= MIN(jitter->growth, gained);
    bool is_done = abs(jitter->excess) <= abs(samples);
    jitter->excess = is_done ? 0 : jitter->excess + samples;
    jitter->stretched_at = jitter->now;
    watch_reserve(jitter);
}

void jitter_rest(struct jitter *jitter, unsigned held)
{
    if (!jitter->is_playing)
        return;
    jitter->watched += TICK;
    if (!jitter->has_lost)
        jitter->reserve = MIN(jitter->reserve, jitter->latest);
    jitter->has_lost = false;
    jitter->latest = jitter->level + held;
    jitter->most = MAX(jitter->most, jitter->latest);
    if (jitter->reserve == UINT_MAX)
        return;
    bool is_large = jitter->reserve >= SPARE + LARGE;
    bool is_small = jitter->reserve + DEAD_ZONE < SPARE;
    if (jitter->watched < WINDOW && (jitter->watched < WINDOW_SHORT || (!is_large && !is_small)))
        return;
    int excess = (int)MIN(jitter->reserve, JITTER_DELAY_MAX) - SPARE;
    if (abs(excess) < DEAD_ZONE || (excess < 0 && jitter->most >= JITTER_DELAY_MAX))
        excess = 0;
    if (jitter->excess == 0 || excess == 0)
        jitter->excess_since = jitter->now;
    jitter->excess = excess;
    /* A slow sender's sound is lengthened for ever, and waits no longer for that. */
    jitter->target = CLAMP(jitter->most + TICK, JITTER_DELAY_MIN, jitter->target);
    watch_reserve(jitter);
}

void jitter_catch_up(struct jitter *jitter)
{
    while (jitter->level > jitter->target && jitter->count > 1)
        drop_oldest(jitter);
    jitter->is_playing = false;
}

unsigned jitter_level(const struct jitter *jitter)
{
    return jitter->level;
}

unsigned jitter_target(const struct jitter *jitter)
{
    return jitter->target;
}
