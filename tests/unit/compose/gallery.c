/* Draws every layout with 1, 5, 9, 16 and 34 rooms into PNG files, to be looked at:
 *
 *     build/debug/tests/unit/compose/gallery FOLDER [HEIGHT] */
#include "drawn.h"

#include <glib.h>
#include <stdlib.h>

#define ROOMS 34

static const char *const names[ROOMS] = {
    "Trụ sở Chính phủ",  "Thành phố Hà Nội",      "Thành phố Huế",     "Thành phố Hải Phòng",
    "Thành phố Đà Nẵng", "Thành phố Hồ Chí Minh", "Thành phố Cần Thơ", "Tỉnh Tuyên Quang",
    "Tỉnh Lào Cai",      "Tỉnh Thái Nguyên",      "Tỉnh Phú Thọ",      "Tỉnh Bắc Ninh",
    "Tỉnh Hưng Yên",     "Tỉnh Ninh Bình",        "Tỉnh Quảng Trị",    "Tỉnh Quảng Ngãi",
    "Tỉnh Gia Lai",      "Tỉnh Khánh Hòa",        "Tỉnh Lâm Đồng",     "Tỉnh Đắk Lắk",
    "Tỉnh Đồng Nai",     "Tỉnh Tây Ninh",         "Tỉnh Vĩnh Long",    "Tỉnh Đồng Tháp",
    "Tỉnh Cà Mau",       "Tỉnh An Giang",         "Tỉnh Lai Châu",     "Tỉnh Điện Biên",
    "Tỉnh Sơn La",       "Tỉnh Lạng Sơn",         "Tỉnh Quảng Ninh",   "Tỉnh Thanh Hóa",
    "Tỉnh Nghệ An",      "Tỉnh Hà Tĩnh"};

struct stage {
    struct scene_member members[ROOMS];
    struct picture *rooms[ROOMS], *slide;
};

static bool look_up(scene_id source, bool is_content, struct compose_source *found, void *arg)
{
    struct stage *stage = arg;
    found->state = COMPOSE_LIVE;
    found->picture = is_content ? stage->slide : stage->rooms[source - 1];
    if (source % 7 == 4 && !is_content) {
        found->state = COMPOSE_NONE;
        found->notice = "Chưa có tín hiệu hình";
    } else if (source % 7 == 5 && !is_content) {
        found->state = COMPOSE_FROZEN;
        found->notice = "Mất tín hiệu hình";
    }
    return true;
}

static void draw(struct stage *stage, const char *folder, unsigned height, const char *layout,
                 unsigned rooms)
{
    scene_id floor[] = {3};
    struct scene_input input = {.layout = layout,
                                .floor = floor,
                                .floor_count = rooms >= 3,
                                .chair = 1,
                                .content = rooms >= 3 ? 3 : 0,
                                .members = stage->members,
                                .member_count = rooms};
    struct compose_header header = {.agenda = "2. Báo cáo tình hình phát triển kinh tế – xã hội "
                                              "chín tháng đầu năm và nhiệm vụ quý IV",
                                    .clock = "09:41:27",
                                    .state = "ĐANG HỌP",
                                    .is_live = true};
    struct scene scene;
    scene_plan(&input, &scene);
    struct composer *composer = composer_new(height * 16 / 9 / 2 * 2, height, 0);
    struct picture *picture = composer_render(composer, &scene, look_up, stage, &header);
    g_autofree char *path = g_strdup_printf("%s/%s-%02u.png", folder, layout, rooms);
    drawn_write_png(picture, path);
    picture_unref(picture);
    composer_free(composer);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        g_printerr("usage: %s FOLDER [HEIGHT]\n", argv[0]);
        return 2;
    }
    static const unsigned counts[] = {1, 5, 9, 16, ROOMS};
    struct stage stage = {.slide = drawn_slide(1280, 720)};
    for (unsigned i = 0; i < ROOMS; i++) {
        stage.rooms[i] = i % 9 == 7 ? drawn_room(640, 480, i) : drawn_room(1280, 720, i);
        stage.members[i] = (struct scene_member){.id = i + 1, .name = names[i]};
    }
    stage.members[0].detail = "Phạm Văn Khuếch, Phó Thủ tướng Chính phủ";
    stage.members[2].detail = "Nguyễn Thị Bưởi, Phó Chủ tịch Ủy ban nhân dân thành phố";
    g_mkdir_with_parents(argv[1], 0755);
    unsigned height = argc > 2 ? (unsigned)atoi(argv[2]) : 1080;
    const struct layout *layout;
    for (unsigned n = 0; (layout = layout_at(n)) != NULL; n++) {
        for (unsigned i = 0; i < G_N_ELEMENTS(counts); i++)
            draw(&stage, argv[1], height, layout->name, counts[i]);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(counts); i++)
        draw(&stage, argv[1], height, "mosaic", counts[i]);
    picture_unref(stage.slide);
    for (unsigned i = 0; i < ROOMS; i++)
        picture_unref(stage.rooms[i]);
    return 0;
}
