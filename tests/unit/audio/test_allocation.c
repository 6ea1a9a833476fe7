/* The tick's promise: it allocates nothing and frees nothing, whatever happens. */
#include "tests/unit/audio/fake_recorder.h"
#include "tests/unit/audio/stage.h"

#include <glib.h>
#include <stdlib.h>

static _Thread_local bool is_counting;
static _Thread_local unsigned calls;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *));

static void on_malloc(const volatile void *memory, size_t size)
{
    (void)memory;
    (void)size;
    calls += is_counting;
}

static void on_free(const volatile void *memory)
{
    (void)memory;
    calls += is_counting;
}

static void begin_to_watch(void)
{
    static bool is_done;
    if (!is_done)
        g_assert_cmpint(__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free), >, 0);
    is_done = true;
}

#else /* in the place of the C library's own, for every library of this process */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void __libc_free(void *memory);

void *malloc(size_t size)
{
    calls += is_counting;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    calls += is_counting;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    calls += is_counting;
    return __libc_realloc(memory, size);
}

void free(void *memory)
{
    calls += is_counting && memory != NULL;
    __libc_free(memory);
}

static void begin_to_watch(void)
{
}

#endif

static void the_watch_sees_an_allocation(void)
{
    begin_to_watch();
    calls = 0;
    is_counting = true;
    g_free(g_malloc(100));
    is_counting = false;
    g_assert_cmpuint(calls, ==, 2);
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
    begin_to_watch();
    calls = 0;
    for (unsigned i = 0; i < 300; i++) {
        if (i % 50 == 0)
            stage_floor(stage, floors[i / 50]);
        if (i % 70 == 0)
            tick_set_recorder(stage->tick, i % 140 == 0 ? recorder : NULL);
        struct room *room = &stage->rooms[g_rand_int_range(rand, 0, 10)];
        room->drops_next = g_rand_boolean(rand);
        room->amplitude = g_rand_int_range(rand, 0, 4) * 4000;
        stage_send(stage);
        is_counting = true;
        tick_run(stage->tick, stage->time);
        is_counting = false;
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
