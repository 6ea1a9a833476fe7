#include "bridge/video/compose/picture.h"

#include <glib.h>
#include <string.h>

static void count(void *arg)
{
    (*(unsigned *)arg)++;
}

static void test_planes_are_aligned_and_apart(void)
{
    struct picture *picture = picture_new(333, 77);
    for (int plane = 0; plane < PICTURE_PLANES; plane++) {
        unsigned rows = plane == PICTURE_Y ? 77 : 39;
        g_assert_cmpuint((uintptr_t)picture->planes[plane] % 64, ==, 0);
        g_assert_cmpint(picture->strides[plane] % 64, ==, 0);
        memset(picture->planes[plane], plane + 1, rows * (size_t)picture->strides[plane]);
    }
    for (int plane = 0; plane < PICTURE_PLANES; plane++)
        g_assert_cmpuint(picture->planes[plane][0], ==, plane + 1);
    picture_unref(picture);
}

static void test_wrapped_memory_is_given_back_once(void)
{
    static uint8_t memory[64];
    unsigned released = 0;
    struct picture *picture = picture_wrap(4, 4, (uint8_t *[]){memory, memory + 16, memory + 20},
                                           (int[]){4, 2, 2}, count, &released);
    g_assert_true(picture->planes[PICTURE_U] == memory + 16);
    picture_unref(picture_ref(picture));
    g_assert_cmpuint(released, ==, 0);
    picture_unref(picture);
    g_assert_cmpuint(released, ==, 1);
}

static void test_every_picture_has_a_serial_of_its_own(void)
{
    struct picture *one = picture_new(2, 2), *two = picture_new(2, 2);
    g_assert_cmpuint(one->serial, !=, two->serial);
    uint64_t before = one->serial;
    picture_renew(one);
    g_assert_cmpuint(one->serial, !=, before);
    picture_unref(one);
    picture_unref(two);
}

static gpointer share(gpointer arg)
{
    for (unsigned i = 0; i < 10000; i++)
        picture_unref(picture_ref(arg));
    picture_unref(arg);
    return NULL;
}

static void test_references_are_counted_across_threads(void)
{
    static uint8_t memory[64];
    unsigned released = 0;
    struct picture *picture = picture_wrap(4, 4, (uint8_t *[]){memory, memory + 16, memory + 20},
                                           (int[]){4, 2, 2}, count, &released);
    GThread *thread = g_thread_new("share", share, picture_ref(picture));
    share(picture);
    g_thread_join(thread);
    g_assert_cmpuint(released, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/picture/planes_are_aligned_and_apart", test_planes_are_aligned_and_apart);
    g_test_add_func("/picture/wrapped_memory_is_given_back_once",
                    test_wrapped_memory_is_given_back_once);
    g_test_add_func("/picture/every_picture_has_a_serial_of_its_own",
                    test_every_picture_has_a_serial_of_its_own);
    g_test_add_func("/picture/references_are_counted_across_threads",
                    test_references_are_counted_across_threads);
    return g_test_run();
}
