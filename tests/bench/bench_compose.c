/* What a frame of 1920 x 1080 costs to compose when every room sends 25 pictures a second of
 * 640 x 360, as the median of many frames: every tile new, a third of them new, only the clock new,
 * nothing new. Prints; asserts nothing. */
#include "bridge/video/compose/compose.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOMS  36
#define FRAMES 200
#define TAKES  5 /* pictures of each room, one after the other: more than frames are in turn */

struct rooms {
    struct scene_member members[ROOMS];
    struct picture *pictures[ROOMS][TAKES];
    unsigned shown[ROOMS];
    char clock[32];
};

static bool look_up(scene_id source, bool is_content, struct compose_source *found, void *arg)
{
    struct rooms *rooms = arg;
    (void)is_content;
    found->state = COMPOSE_LIVE;
    found->picture = rooms->pictures[source - 1][rooms->shown[source - 1] % TAKES];
    return true;
}

static struct picture *noise(GRand *chance)
{
    struct picture *picture = picture_new(640, 360);
    for (int plane = 0; plane < PICTURE_PLANES; plane++) {
        int rows = plane == PICTURE_Y ? 360 : 180;
        for (int i = 0; i < rows * picture->strides[plane]; i++)
            picture->planes[plane][i] = (uint8_t)g_rand_int_range(chance, 16, 236);
    }
    return picture;
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Milliseconds: every `each`-th room has a new picture in a frame (0: none), in turn. */
static double measure(struct rooms *rooms, unsigned count, const char *layout, unsigned each,
                      bool is_clock_new)
{
    struct scene_input input = {.layout = layout,
                                .floor = (scene_id[]){2},
                                .floor_count = 1,
                                .chair = 1,
                                .members = rooms->members,
                                .member_count = count};
    static struct scene scene;
    scene_plan(&input, &scene);
    struct composer *composer = composer_new(1920, 1080, 5);
    struct compose_header header = {"1. Khai mạc", rooms->clock, "ĐANG HỌP", true};
    int64_t times[FRAMES]; /* us */
    for (unsigned frame = 0; frame < FRAMES; frame++) {
        for (unsigned i = 0; each > 0 && i < ROOMS; i++)
            rooms->shown[i] += (frame + i) % each == 0;
        if (is_clock_new)
            snprintf(rooms->clock, sizeof(rooms->clock), "09:%02u:%02u", frame / 60, frame % 60);
        int64_t start = g_get_monotonic_time();
        picture_unref(composer_render(composer, &scene, look_up, rooms, &header));
        times[frame] = g_get_monotonic_time() - start;
    }
    composer_free(composer);
    qsort(times, FRAMES, sizeof(times[0]), compare);
    int64_t median = times[FRAMES / 2];
    return (double)median / 1000;
}

int main(void)
{
    static const struct {
        unsigned count;
        const char *layout;
    } cases[] = {{2, "speaker"},  {2, "speaker_chair"}, {4, "mosaic_4"},
                 {9, "mosaic_9"}, {16, "mosaic_16"},    {36, "mosaic_36"}};
    g_autoptr(GRand) chance = g_rand_new_with_seed(1);
    struct rooms rooms = {.clock = "09:00"};
    for (unsigned i = 0; i < ROOMS; i++) {
        rooms.members[i] = (struct scene_member){i + 1, "Thành phố Huế", NULL};
        for (unsigned n = 0; n < TAKES; n++)
            rooms.pictures[i][n] = noise(chance);
    }
    printf("ms a frame of 1920x1080    all new   a third   clock only   nothing\n");
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *layout = cases[i].layout;
        unsigned count = cases[i].count;
        printf("%-24s %9.2f %9.2f %12.2f %9.3f\n", layout, measure(&rooms, count, layout, 1, false),
               measure(&rooms, count, layout, 3, false), measure(&rooms, count, layout, 0, true),
               measure(&rooms, count, layout, 0, false));
    }
    for (unsigned i = 0; i < ROOMS; i++) {
        for (unsigned n = 0; n < TAKES; n++)
            picture_unref(rooms.pictures[i][n]);
    }
    return 0;
}
