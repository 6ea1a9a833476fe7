/* Thousands of random commands by random actors: after each one the state must be sound, and the
 * journal alone must give the same state again. A failure prints the seed; GLib's --seed and the
 * numbers below make it come back. */
#include "signaling/meeting/journal.h"
#include "tests/unit/meeting/world.h"

#include <string.h>

static const char *const actors[] = {"chair",  "chair",   "secretary", "operator", "observer",
                                     "system", "da-nang", "hue",       "can-tho",  "da-nang",
                                     "hue",    "can-tho", "chu-toa",   "vinh"};
static const char *const rooms[] = {"chu-toa", "da-nang", "hue", "can-tho", "vinh"};
static const char *const kinds[] = {"opinion", "prepared", "rebuttal", "answer", "point-of-order"};

static const char *pick(GRand *rand, const char *const *from, size_t count)
{
    return from[g_rand_int_range(rand, 0, (gint32)count)];
}
#define PICK(rand, from) pick(rand, from, G_N_ELEMENTS(from))

static unsigned count_events(struct world *world, const char *type)
{
    unsigned count = 0;
    for (unsigned i = 0; i < world->journal->len; i++)
        count += strcmp(((struct event *)world->journal->pdata[i])->type, type) == 0;
    return count;
}

/* A request that is likely to live: a holder's, one of the last made, or the next one. */
static char *some_request(GRand *rand, struct world *world)
{
    const char *holders = world_holders(world);
    if (holders[0] != '\0' && g_rand_int_range(rand, 0, 4) == 0)
        return g_strndup(holders, strcspn(holders, " "));
    int made = (int)count_events(world, "floor.requested");
    return g_strdup_printf("r%d", g_rand_int_range(rand, MAX(1, made - 10), made + 2));
}

static unsigned last_vote(struct world *world)
{
    return MAX(1, count_events(world, "vote.opened"));
}

/* Weights, so that meetings stay open most of the time. */
static const struct {
    const char *method;
    int weight;
    char params; /* of which form */
} commands[] = {
    {"meeting.update", 3, 'u'},  {"meeting.rehearse", 1, '-'},  {"meeting.open", 4, '-'},
    {"meeting.pause", 2, '-'},   {"meeting.resume", 12, '-'},   {"meeting.close", 0, '-'},
    {"site.join", 8, 'j'},       {"site.leave", 6, 'l'},        {"site.mute", 4, 's'},
    {"site.unmute", 4, 's'},     {"site.remove", 2, 's'},       {"floor.request", 40, 'q'},
    {"floor.cancel", 6, 'r'},    {"floor.cancel", 3, '-'},      {"floor.accept", 20, 'r'},
    {"floor.grant", 50, 'r'},    {"floor.grant", 30, 'g'},      {"floor.extend", 6, 'e'},
    {"floor.defer", 12, 'r'},    {"floor.deny", 5, 'r'},        {"floor.revoke", 10, 'r'},
    {"floor.release", 10, 'r'},  {"floor.release", 10, '-'},    {"floor.reorder", 15, 'p'},
    {"directive.issue", 2, 'd'}, {"directive.amend", 2, 'a'},   {"directive.withdraw", 1, 'w'},
    {"vote.open", 4, 'o'},       {"vote.cast", 14, 'c'},        {"vote.close", 2, 'v'},
    {"rollcall.start", 3, '-'},  {"rollcall.answer", 8, 'k'},   {"rollcall.close", 1, '-'},
    {"agenda.set", 3, 'i'},      {"agenda.advance", 4, '-'},    {"chair.delegate", 4, 's'},
    {"chair.recall", 3, '-'},    {"minutes.note", 2, 't'},      {"message.send", 3, 't'},
    {"bridge.lost", 1, '-'},     {"recording.started", 1, '+'}, {"no.such", 1, '-'},
};

static char *random_params(GRand *rand, struct world *world, char form)
{
    g_autofree char *request = some_request(rand, world);
    int number = g_rand_int_range(rand, 0, 20);
    switch (form) {
    case 'u':
        return g_strdup_printf("{'floors':%d,'moderated':%s}", g_rand_int_range(rand, 1, 4),
                               number < 10 ? "true" : "false");
    case 'j':
        return g_strdup_printf("{'site':'%s','session':'s%d'}", PICK(rand, rooms), number);
    case 'l':
        return g_strdup_printf("{'site':'%s','session':'s%d','reason':'lost'}", PICK(rand, rooms),
                               number);
    case 's':
        return g_strdup_printf("{'site':'%s'}", PICK(rand, rooms));
    case 'q':
        return g_strdup_printf("{'kind':'%s','item':'muc-%d'}", PICK(rand, kinds), number % 7);
    case 'r':
        return g_strdup_printf("{'request':'%s'}", request);
    case 'g':
        return g_strdup_printf("{'site':'%s','seconds':%d}", PICK(rand, rooms), 10 * number);
    case 'e':
        return g_strdup_printf("{'request':'%s','seconds':%d}", request, 10 * number);
    case 'p':
        return g_strdup_printf("{'request':'%s','position':%d}", request, number);
    case 'd':
        return g_strdup("{'text':'Rà soát','lead':'bo-y-te','support':['bo-cong-an']}");
    case 'a':
        return g_strdup_printf("{'directive':'d%d','due':'2026-12-%02d'}", number, number + 1);
    case 'w':
        return g_strdup_printf("{'directive':'d%d'}", number);
    case 't':
        return g_strdup("{'text':'Ghi nhớ'}");
    case 'k':
        return g_strdup_printf("{'site':'%s','answer':'%s'}", PICK(rand, rooms),
                               number < 10 ? "online" : "absent");
    case 'i':
        return g_strdup_printf("{'items':[{'id':'a','title':'A'},{'id':'b%d','title':'B'}]}",
                               number % 2);
    case 'o':
        return g_strdup_printf("{'question':'Q','secret':%s}", number < 10 ? "true" : "false");
    case 'c':
        return g_strdup_printf("{'vote':'v%u','choice':'%s'}", last_vote(world),
                               number < 10 ? "for" : "against");
    case 'v':
        return g_strdup_printf("{'vote':'v%u'}", last_vote(world));
    case '+':
        return g_strdup_printf("{'part':%d,'path':'part/'}", number);
    default:
        return g_strdup("{}");
    }
}

/* Two times of three somebody who may. */
static const char *some_actor(GRand *rand, const char *method, char form)
{
    if (g_rand_int_range(rand, 0, 3) == 0)
        return PICK(rand, actors);
    if (strchr("jl+", form) != NULL)
        return "system";
    return form == 'q' || form == 'c' || (form == '-' && g_str_has_prefix(method, "floor."))
               ? rooms[g_rand_int_range(rand, 1, 4)]
               : "chair";
}

static void random_step(GRand *rand, struct world *world)
{
    int whole = 0, drawn;
    size_t i = 0;
    for (size_t c = 0; c < G_N_ELEMENTS(commands); c++)
        whole += commands[c].weight;
    drawn = g_rand_int_range(rand, 0, whole);
    while (drawn >= commands[i].weight)
        drawn -= commands[i++].weight;
    g_autofree char *params = random_params(rand, world, commands[i].params);
    uint64_t seq = meeting_seq(world->meeting);
    bool is_done = world_try(world, some_actor(rand, commands[i].method, commands[i].params),
                             commands[i].method, params);
    g_assert_cmpuint(meeting_seq(world->meeting), ==, seq + world->last.events->len);
    g_assert_true(is_done || world->last.events->len == 0);
    if (is_done && commands[i].params == 'o')
        json_object_clear(world->tally);
}

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

/* Whoever is heard chairs, by right or by delegation, or holds, is not muted, and the meeting
 * runs. */
static void check_speakers(struct world *world, const json_t *snapshot, const json_t *holders)
{
    const char *state = text_of(json_object_get(snapshot, "meeting"), "state");
    const char *delegate = text_of(json_object_get(snapshot, "meeting"), "delegate");
    json_t *speakers = meeting_speakers(world->meeting);
    size_t index, i;
    json_t *site, *holder, *speaker;
    size_t heard = 0;
    json_array_foreach (json_object_get(snapshot, "sites"), index, site) {
        bool may = strcmp(text_of(site, "role"), "chair") == 0 ||
                   g_strcmp0(delegate, text_of(site, "id")) == 0;
        bool is_heard = false;
        json_array_foreach ((json_t *)holders, i, holder)
            may |= strcmp(text_of(holder, "site"), text_of(site, "id")) == 0;
        may &= !json_is_true(json_object_get(site, "muted"));
        may &= strcmp(state, "open") == 0 || strcmp(state, "rehearsal") == 0;
        json_array_foreach (speakers, i, speaker)
            is_heard |= strcmp(text_of(speaker, "leg"), text_of(site, "id")) == 0;
        g_assert_cmpint(is_heard, ==, may);
        heard += is_heard;
    }
    g_assert_cmpuint(heard, ==, json_array_size(speakers));
    json_decref(speakers);
}

static void check_state(struct world *world)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    json_t *snapshot = meeting_snapshot(world->meeting);
    const json_t *floor = json_object_get(snapshot, "floor");
    const json_t *holders = json_object_get(floor, "holders");
    check_list(json_object_get(floor, "queue"), "pending accepted", seen);
    check_list(holders, "granted", seen);
    check_list(json_object_get(floor, "past"), "denied cancelled released revoked", seen);
    g_assert_cmpuint(g_hash_table_size(seen), ==, count_events(world, "floor.requested"));
    check_positions(json_object_get(floor, "queue"));
    check_holders(snapshot, holders);
    check_speakers(world, snapshot, holders);
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
    g_assert_true(json_equal(was, is));
    g_assert_cmpuint(meeting_seq(again), ==, meeting_seq(world->meeting));
    g_assert_cmpuint(journal_check_count(check), ==, world->journal->len);
    json_decref(was);
    json_decref(is);
    journal_check_free(check);
    meeting_free(again);
}

static void random_meeting(unsigned seed, unsigned steps)
{
    world_auto *world = world_new();
    GRand *rand = g_rand_new_with_seed(seed);
    g_test_message("seed %u", seed);
    world_do(world, "chair", "meeting.open", "{}");
    for (unsigned i = 0; i < steps; i++) {
        random_step(rand, world);
        check_state(world);
    }
    check_replay(world);
    /* Enough must have come through for the test to mean something. */
    g_assert_cmpuint(count_events(world, "floor.granted"), >, steps / 100);
    g_assert_cmpuint(count_events(world, "vote.cast"), >, 0);
    g_autofree char *vote = g_strdup_printf("{'vote':'v%u'}", last_vote(world));
    world_try(world, "chair", "vote.close", vote);
    world_try(world, "chair", "meeting.resume", "{}");
    world_do(world, "chair", "meeting.close", "{'unfinished':true}");
    check_state(world);
    check_replay(world);
    g_rand_free(rand);
}

static void random_meetings_stay_sound_and_replay_alike(void)
{
    for (unsigned seed = 1; seed <= 6; seed++)
        random_meeting(seed, 800);
}

static struct event *copy_event(const struct event *event)
{
    json_t *line = event_to_journal(event), *deep = json_deep_copy(line);
    struct event *copy = event_from_journal(deep, NULL);
    json_decref(line);
    json_decref(deep);
    return copy;
}

/* A state made of the journal's first `count` events. */
static struct meeting *state_after(struct world *world, unsigned count)
{
    struct meeting *meeting = meeting_new("hop");
    for (unsigned i = 0; i < count; i++)
        g_assert_true(meeting_apply(meeting, world->journal->pdata[i], NULL));
    return meeting;
}

/* Offers an event that is not the next one; a refusal must leave no trace. */
static bool offer(struct meeting *meeting, const struct event *event)
{
    g_autoptr(GError) error = NULL;
    json_t *before = meeting_exists(meeting) ? meeting_snapshot(meeting) : json_null();
    bool is_taken = meeting_apply(meeting, event, &error);
    if (!is_taken) {
        g_assert_nonnull(error);
        json_t *after = meeting_exists(meeting) ? meeting_snapshot(meeting) : json_null();
        g_assert_true(json_equal(before, after));
        json_decref(after);
    }
    json_decref(before);
    return is_taken;
}

static struct world *busy_meeting(unsigned seed, unsigned steps)
{
    struct world *world = world_new();
    GRand *rand = g_rand_new_with_seed(seed);
    world_do(world, "chair", "meeting.open", "{}");
    for (unsigned i = 0; i < steps; i++)
        random_step(rand, world);
    g_rand_free(rand);
    return world;
}

static void events_out_of_order_are_refused_without_a_trace(void)
{
    world_auto *world = busy_meeting(7, 200);
    for (unsigned at = 0; at < world->journal->len; at += 3) {
        struct meeting *meeting = state_after(world, at);
        for (unsigned i = 0; i < world->journal->len; i += 5) {
            if (i != at)
                g_assert_false(offer(meeting, world->journal->pdata[i]));
        }
        meeting_free(meeting);
    }
}

/* Numbered and chained as if they came next, but each other event of the journal in place of the
 * right one, and each field of the right one taken away, emptied or of another type. */
static void bodies_that_do_not_fit_are_refused_without_a_trace(void)
{
    static const char *const wrong[] = {"7.5", "[]", "{}", "'\\u0110'", "-1", "'r999'"};
    world_auto *world = busy_meeting(8, 150);
    unsigned refused = 0;
    for (unsigned at = 1; at < world->journal->len; at++) {
        const struct event *right = world->journal->pdata[at];
        const char *key;
        json_t *value;
        json_object_foreach (right->body, key, value) {
            for (size_t w = 0; w <= G_N_ELEMENTS(wrong); w++) {
                struct meeting *meeting = state_after(world, at);
                struct event *event = copy_event(right);
                if (w == G_N_ELEMENTS(wrong))
                    json_object_del(event->body, key);
                else
                    json_object_set_new(event->body, key, world_json(wrong[w]));
                refused += !offer(meeting, event);
                event_free(event);
                meeting_free(meeting);
            }
        }
        struct meeting *meeting = state_after(world, at);
        struct event *event = copy_event(right);
        json_object_set_new(event->body, "colour", json_true());
        g_assert_false(offer(meeting, event));
        g_free(event->type);
        event->type = g_strdup("meeting.created");
        g_assert_false(offer(meeting, event));
        event_free(event);
        meeting_free(meeting);
    }
    g_assert_cmpuint(refused, >, 500);
}

static void events_in_anothers_place_leave_a_sound_state(void)
{
    world_auto *world = busy_meeting(9, 120);
    for (unsigned at = 1; at < world->journal->len; at += 2) {
        const struct event *right = world->journal->pdata[at];
        for (unsigned i = 0; i < world->journal->len; i++) {
            struct meeting *meeting = state_after(world, at);
            struct event *event = copy_event(world->journal->pdata[i]);
            event->seq = right->seq;
            g_strlcpy(event->prev, right->prev, sizeof event->prev);
            offer(meeting, event);
            event_free(event);
            meeting_free(meeting);
        }
    }
}

#define TEST(name) g_test_add_func("/replay/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(random_meetings_stay_sound_and_replay_alike);
    TEST(events_out_of_order_are_refused_without_a_trace);
    TEST(bodies_that_do_not_fit_are_refused_without_a_trace);
    TEST(events_in_anothers_place_leave_a_sound_state);
    return g_test_run();
}
