/* The tick's promise: it allocates nothing and frees nothing, whatever happens. */
#include "tests/unit/audio/fake_recorder.h"
#include "tests/unit/audio/stage.h"
#include "tests/unit/common/allocation.h"

#include <glib.h>

static void the_watch_sees_an_allocation(void)
{
    allocation_begin();
    g_free(g_malloc(100));
    g_assert_cmpuint(allocation_end(), ==, 2);
}

/* Rooms lose packets, fall silent and speak again; the floor and the recorder change. */
static void a_tick_allocates_nothing(void)
{
    static const char *const floors[] = {"0", "012", "", "345", "0123456789", "1"};
    struct stage *stage = stage_new_tuned(
        (struct audio_tuning){.max_decoded = 3, .loudness_lufs = -23, .gain_max_db = 30});
    struct recorder *recorder = fake_recorder_new();
    g_autoptr(GRand) rand = g_rand_new_with_seed(9);
    stage_listen(stage, tick_listener_stream(stage->tick));
    unsigned calls = 0;
    for (unsigned i = 0; i < 300; i++) {
        if (i % 50 == 0)
            stage_floor(stage, floors[i / 50]);
        if (i % 70 == 0)
            tick_set_recorder(stage->tick, i % 140 == 0 ? recorder : NULL);
        struct room *room = &stage->rooms[g_rand_int_range(rand, 0, 10)];
        room->drops_next = g_rand_boolean(rand);
        room->amplitude = g_rand_int_range(rand, 0, 4) * 4000;
        stage_send(stage);
        allocation_begin();
        tick_run(stage->tick, stage->time);
        calls += allocation_end();
        roster_free_retired(tick_take_retired(stage->tick));
        stage->time += STAGE_FRAME;
    }
    g_assert_cmpuint(tick_counters(stage->tick)->concealed, >, 0);
    g_assert_cmpuint(recorder->speaker_packets, >, 0);
    g_assert_cmpuint(calls, ==, 0);
    stage_free(stage);
    fake_recorder_free(recorder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/allocation/the_watch_sees_an_allocation", the_watch_sees_an_allocation);
    g_test_add_func("/allocation/a_tick_allocates_nothing", a_tick_allocates_nothing);
    return g_test_run();
}
