#include "bridge/audio/loudest.h"

#include <glib.h>
#include <string.h>

#define ALL 8

struct crowd {
    struct candidate store[ALL];
    struct candidate *candidates[ALL];
    unsigned changes; /* of anybody's being chosen */
};

static void crowd_begin(struct crowd *crowd)
{
    memset(crowd, 0, sizeof *crowd);
    for (unsigned i = 0; i < ALL; i++) {
        candidate_init(&crowd->store[i]);
        crowd->candidates[i] = &crowd->store[i];
    }
}

/* 20 ms in which each is as loud as `levels` says; 1: nothing comes. */
static void hear(struct crowd *crowd, const int levels[ALL], unsigned most)
{
    bool before[ALL];
    for (unsigned i = 0; i < ALL; i++) {
        before[i] = crowd->store[i].is_chosen;
        if (levels[i] <= 0)
            candidate_hear(&crowd->store[i], levels[i], 80);
    }
    loudest_choose(crowd->candidates, ALL, most);
    unsigned chosen = 0;
    for (unsigned i = 0; i < ALL; i++) {
        crowd->changes += crowd->store[i].is_chosen != before[i];
        chosen += crowd->store[i].is_chosen;
    }
    g_assert_cmpuint(chosen, ==, most == 0 || most > ALL ? ALL : most);
}

static void hear_long(struct crowd *crowd, const int levels[ALL], unsigned most, unsigned ticks)
{
    while (ticks-- > 0)
        hear(crowd, levels, most);
}

static void the_loudest_are_chosen(void)
{
    static const int levels[ALL] = {-60, -20, -70, -25, -80, -30, -65, -90};
    struct crowd crowd;
    crowd_begin(&crowd);
    hear_long(&crowd, levels, 3, 500);
    for (unsigned i = 0; i < ALL; i++)
        g_assert_cmpint(crowd.store[i].is_chosen, ==, levels[i] >= -30);
}

static void all_are_chosen_while_there_is_room(void)
{
    static const int silence[ALL] = {1, 1, 1, 1, 1, 1, 1, 1};
    struct crowd crowd;
    crowd_begin(&crowd);
    hear(&crowd, silence, ALL);
    hear(&crowd, silence, 0);
    hear(&crowd, silence, ALL + 5);
}

static void a_newcomer_is_heard_at_his_first_word(void)
{
    static const int others[ALL] = {-20, -60, -60, -60, -60, -60, -60, -60};
    static const int word[ALL] = {-20, -60, -60, -60, -60, -60, -60, -22};
    struct crowd crowd;
    crowd_begin(&crowd);
    hear_long(&crowd, others, 3, 200);
    g_assert_false(crowd.store[7].is_chosen);
    hear_long(&crowd, word, 3, 2); /* the jitter buffer holds the word back for as long */
    g_assert_true(crowd.store[7].is_chosen);
}

static void nobody_flickers_among_equals(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(2);
    struct crowd crowd;
    crowd_begin(&crowd);
    for (int tick = 0; tick < 3000; tick++) {
        int levels[ALL];
        for (unsigned i = 0; i < ALL; i++)
            levels[i] = g_rand_int_range(rand, -28, -22);
        hear(&crowd, levels, 3);
    }
    g_assert_cmpuint(crowd.changes, ==, 3);
}

static void who_pauses_for_breath_stays(void)
{
    static const int speaking[ALL] = {-20, -20, -20, -50, -50, -50, -50, -50};
    static const int breathing[ALL] = {-60, -20, -20, -50, -50, -50, -50, -50};
    struct crowd crowd;
    crowd_begin(&crowd);
    hear_long(&crowd, speaking, 3, 200);
    unsigned before = crowd.changes;
    hear_long(&crowd, breathing, 3, 15);
    hear_long(&crowd, speaking, 3, 100);
    g_assert_cmpuint(crowd.changes, ==, before);
}

static void who_does_not_say_how_loud_is_judged_by_size(void)
{
    struct crowd crowd;
    crowd_begin(&crowd);
    for (int tick = 0; tick < 100; tick++) {
        for (unsigned i = 0; i < ALL; i++)
            candidate_hear(&crowd.store[i], 1, i == 5 ? 80 : 2);
        loudest_choose(crowd.candidates, ALL, 1);
    }
    g_assert_true(crowd.store[5].is_chosen);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/loudest/" #name, name)
    ADD(the_loudest_are_chosen);
    ADD(all_are_chosen_while_there_is_room);
    ADD(a_newcomer_is_heard_at_his_first_word);
    ADD(nobody_flickers_among_equals);
    ADD(who_pauses_for_breath_stays);
    ADD(who_does_not_say_how_loud_is_judged_by_size);
    return g_test_run();
}
