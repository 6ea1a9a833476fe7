/* What must be true of a meeting whatever was commanded. */
#include "tests/unit/meeting/chance.h"

#include "common/clock.h"
#include "signaling/meeting/journal.h"

#include <string.h>

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* Each request in exactly one list, of a state that belongs there. */
static void check_list(const json_t *list, const char *states, GHashTable *seen)
{
    size_t index;
    json_t *request;
    json_array_foreach ((json_t *)list, index, request) {
        g_assert_true(g_hash_table_add(seen, g_strdup(text_of(request, "request"))));
        g_assert_nonnull(strstr(states, text_of(request, "state")));
    }
}

static void check_positions(const json_t *queue)
{
    size_t index;
    json_t *request;
    bool is_pending = false;
    json_array_foreach ((json_t *)queue, index, request) {
        const json_t *position = json_object_get(request, "position");
        if (strcmp(text_of(request, "state"), "pending") == 0) {
            is_pending = true;
            g_assert_true(json_is_null(position));
        } else {
            g_assert_false(is_pending);
            g_assert_cmpint(json_integer_value(position), ==, (json_int_t)index + 1);
        }
    }
}

static void check_holders(const json_t *snapshot, const json_t *holders)
{
    g_autoptr(GHashTable) sites = g_hash_table_new(g_str_hash, g_str_equal);
    json_int_t floors =
        json_integer_value(json_object_get(json_object_get(snapshot, "meeting"), "floors"));
    size_t index;
    json_t *holder;
    g_assert_cmpint((json_int_t)json_array_size(holders), <=, floors);
    json_array_foreach ((json_t *)holders, index, holder)
        g_assert_true(g_hash_table_add(sites, (void *)text_of(holder, "site")));
}

static bool lists(const json_t *list, const char *text)
{
    size_t index;
    json_t *entry;
    json_array_foreach ((json_t *)list, index, entry) {
        if (strcmp(json_string_value(entry), text) == 0)
            return true;
    }
    return false;
}

/* Kept out of the meeting: in the lobby, or in a consult. */
static bool is_apart(const json_t *meeting, const json_t *site)
{
    bool waits = json_is_true(json_object_get(meeting, "lobby")) &&
                 strcmp(text_of(site, "role"), "site") == 0 &&
                 !json_is_true(json_object_get(site, "admitted"));
    const json_t *consult = json_object_get(meeting, "consult");
    return waits || lists(json_object_get(consult, "sites"), text_of(site, "id"));
}

/* Whoever is heard chairs, by right, by delegation or by rule, or holds; is not muted nor apart,
 * and the meeting runs. */
static void check_speakers(struct world *world, const json_t *snapshot, const json_t *holders)
{
    const char *state = text_of(json_object_get(snapshot, "meeting"), "state");
    const json_t *meeting = json_object_get(snapshot, "meeting");
    const char *delegate = text_of(meeting, "delegate");
    const char *acting = text_of(json_object_get(meeting, "acting"), "site");
    json_t *speakers = meeting_speakers(world->meeting);
    size_t index, i;
    json_t *site, *holder, *speaker;
    size_t heard = 0;
    json_array_foreach (json_object_get(snapshot, "sites"), index, site) {
        bool may = strcmp(text_of(site, "role"), "chair") == 0 ||
                   g_strcmp0(delegate, text_of(site, "id")) == 0 ||
                   g_strcmp0(acting, text_of(site, "id")) == 0;
        bool is_heard = false;
        json_array_foreach ((json_t *)holders, i, holder)
            may |= strcmp(text_of(holder, "site"), text_of(site, "id")) == 0;
        may &= !json_is_true(json_object_get(site, "muted")) && !is_apart(meeting, site);
        may &= strcmp(state, "open") == 0 || strcmp(state, "rehearsal") == 0;
        json_array_foreach (speakers, i, speaker)
            is_heard |= strcmp(text_of(speaker, "leg"), text_of(site, "id")) == 0;
        g_assert_cmpint(is_heard, ==, may);
        heard += is_heard;
    }
    g_assert_cmpuint(heard, ==, json_array_size(speakers));
    json_decref(speakers);
}

static bool is_connected(const json_t *snapshot, const char *id)
{
    size_t index;
    json_t *site;
    json_array_foreach (json_object_get(snapshot, "sites"), index, site) {
        if (g_strcmp0(text_of(site, "id"), id) == 0)
            return json_is_true(json_object_get(site, "connected"));
    }
    return false;
}

static int64_t moment(const json_t *object, const char *key)
{
    int64_t time_us = 0;
    const char *text = text_of(object, key);
    return text != NULL && clock_parse_rfc3339(text, &time_us) ? time_us : 0;
}

/* When somebody was last seen to leave, or the meeting was opened. */
static int64_t last_loss_us(const json_t *snapshot)
{
    int64_t last_us = moment(json_object_get(snapshot, "meeting"), "opened");
    size_t index;
    json_t *site;
    json_array_foreach (json_object_get(snapshot, "sites"), index, site)
        last_us = MAX(last_us, moment(site, "last_left"));
    return last_us;
}

/* An open meeting is in somebody's charge, or has lost him less than the time that its rule gives.
 */
static void check_charge(struct world *world, const json_t *snapshot)
{
    const json_t *meeting = json_object_get(snapshot, "meeting");
    const json_t *acting = json_object_get(meeting, "acting");
    const char *state = text_of(meeting, "state");
    bool stands_in = g_strcmp0(text_of(acting, "role"), "secretary") == 0 ||
                     is_connected(snapshot, text_of(acting, "site"));
    bool is_led =
        is_connected(snapshot, "chu-toa") || is_connected(snapshot, text_of(meeting, "delegate"));
    int64_t patience_us =
        json_integer_value(json_object_get(meeting, "chair_lost_seconds")) * G_USEC_PER_SEC;
    if (strcmp(state, "open") != 0 && strcmp(state, "paused") != 0)
        return;
    g_assert_true(is_led || stands_in || world->now_us < last_loss_us(snapshot) + patience_us);
    g_assert_false(is_connected(snapshot, "chu-toa") && json_is_object(acting));
}

static json_int_t sum_of(const json_t *counts)
{
    json_int_t sum = 0;
    const char *key;
    json_t *count;
    json_object_foreach ((json_t *)counts, key, count) {
        g_assert_cmpint(json_integer_value(count), >=, 0);
        sum += json_integer_value(count);
    }
    return sum;
}

/* Roll calls add up to the roster, votes to those who may vote. */
static void check_counts(const json_t *snapshot)
{
    size_t index;
    json_t *entry;
    json_array_foreach (json_object_get(snapshot, "rollcalls"), index, entry)
        g_assert_cmpint(sum_of(json_object_get(entry, "counts")), ==,
                        (json_int_t)json_array_size(json_object_get(snapshot, "sites")));
    json_array_foreach (json_object_get(snapshot, "votes"), index, entry) {
        if (json_is_object(json_object_get(entry, "counts")))
            g_assert_cmpint(sum_of(json_object_get(entry, "counts")), ==,
                            (json_int_t)json_object_size(json_object_get(entry, "ballots")));
    }
}

void chance_check_state(struct world *world)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    json_t *snapshot = meeting_snapshot(world->meeting);
    const json_t *floor = json_object_get(snapshot, "floor");
    const json_t *holders = json_object_get(floor, "holders");
    check_list(json_object_get(floor, "queue"), "pending accepted", seen);
    check_list(holders, "granted", seen);
    check_list(json_object_get(floor, "past"), "denied cancelled released revoked", seen);
    g_assert_cmpuint(json_array_size(json_object_get(floor, "queue")) + json_array_size(holders) +
                         (size_t)json_integer_value(json_object_get(floor, "past_count")),
                     ==, chance_count_events(world, "floor.requested"));
    check_positions(json_object_get(floor, "queue"));
    check_holders(snapshot, holders);
    check_speakers(world, snapshot, holders);
    check_charge(world, snapshot);
    check_counts(snapshot);
    json_decref(snapshot);
}

/* What each room has spoken is what the journal has since the meeting was opened. */
static void check_speeches(struct world *world)
{
    g_autoptr(GHashTable) counts = g_hash_table_new(g_str_hash, g_str_equal);
    for (unsigned i = 0; i < world->journal->len; i++) {
        const struct event *event = world->journal->pdata[i];
        const char *site = text_of(event->body, "site");
        if (strcmp(event->type, "meeting.opened") == 0)
            g_hash_table_remove_all(counts);
        else if (strcmp(event->type, "floor.released") == 0 ||
                 strcmp(event->type, "floor.revoked") == 0)
            g_hash_table_insert(
                counts, (void *)site,
                GUINT_TO_POINTER(GPOINTER_TO_UINT(g_hash_table_lookup(counts, site)) + 1));
    }
    json_t *snapshot = meeting_snapshot(world->meeting);
    size_t index;
    json_t *site;
    json_array_foreach (json_object_get(snapshot, "sites"), index, site)
        g_assert_cmpint(json_integer_value(json_object_get(site, "speeches")), ==,
                        GPOINTER_TO_UINT(g_hash_table_lookup(counts, text_of(site, "id"))));
    json_decref(snapshot);
}

/* The journal alone gives the same state, and its chain holds. */
static void check_replay(struct world *world)
{
    struct meeting *again = meeting_new("hop");
    struct journal_check *check = journal_check_new();
    for (unsigned i = 0; i < world->journal->len; i++) {
        g_autoptr(GError) error = NULL;
        journal_check_event(check, world->journal->pdata[i], &error);
        g_assert_no_error(error);
        meeting_apply(again, world->journal->pdata[i], &error);
        g_assert_no_error(error);
    }
    json_t *was = meeting_snapshot(world->meeting), *is = meeting_snapshot(again);
    char *first = json_canonical(was), *second = json_canonical(is);
    g_assert_cmpstr(first, ==, second);
    free(first);
    free(second);
    g_assert_cmpuint(meeting_seq(again), ==, meeting_seq(world->meeting));
    g_assert_cmpuint(journal_check_count(check), ==, world->journal->len);
    json_decref(was);
    json_decref(is);
    journal_check_free(check);
    meeting_free(again);
}

unsigned chance_meeting(unsigned seed, unsigned steps)
{
    GRand *rand = g_rand_new_with_seed(seed);
    world_auto *world = chance_world(rand);
    /* Some stay in draft and rehearsal for a while. */
    if (seed % 3 != 0)
        world_do(world, "chair", "meeting.open", "{}");
    for (unsigned i = 0; i < steps; i++) {
        chance_step(rand, world);
        chance_check_state(world);
    }
    check_replay(world);
    check_speeches(world);
    g_autofree char *vote =
        g_strdup_printf("{'vote':'v%u'}", chance_count_events(world, "vote.opened"));
    world_try(world, "chair", "vote.close", vote);
    world_try(world, "chair", "meeting.open", "{}");
    world_try(world, "chair", "meeting.resume", "{}");
    world_do(world, "chair", "meeting.close", "{'unfinished':true}");
    for (unsigned i = 0; i < 20; i++) {
        chance_check_state(world);
        chance_step(rand, world);
    }
    check_replay(world);
    g_rand_free(rand);
    return world->journal->len;
}
