/* The journal alone must give the same state again, and nothing else may pass for it. */
#include "tests/unit/meeting/chance.h"

#include <string.h>

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
        chance_step(rand, world);
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
    TEST(events_out_of_order_are_refused_without_a_trace);
    TEST(bodies_that_do_not_fit_are_refused_without_a_trace);
    TEST(events_in_anothers_place_leave_a_sound_state);
    return g_test_run();
}
