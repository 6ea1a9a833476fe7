#include "bridge/video/compose/layout.h"

#include <glib.h>

static const struct {
    unsigned width, height;
} frames[] = {{1920, 1080}, {1280, 720}, {640, 360}, {320, 180}, {1024, 768}, {854, 480}};

static bool overlap(struct rect a, struct rect b)
{
    return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height &&
           b.y < a.y + a.height;
}

static void test_cells_do_not_overlap(void)
{
    const struct layout *layout;
    for (unsigned n = 0; (layout = layout_at(n)) != NULL; n++) {
        for (unsigned f = 0; f < G_N_ELEMENTS(frames); f++) {
            for (unsigned i = 0; i < layout->cell_count; i++) {
                struct rect a =
                    layout_cell_rect(&layout->cells[i], frames[f].width, frames[f].height);
                for (unsigned j = 0; j < i; j++) {
                    struct rect b =
                        layout_cell_rect(&layout->cells[j], frames[f].width, frames[f].height);
                    g_assert_true(!overlap(a, b) || layout->cells[i].is_inset);
                }
            }
        }
    }
}

static void test_cells_lie_in_the_frame_on_even_pixels(void)
{
    const struct layout *layout;
    for (unsigned n = 0; (layout = layout_at(n)) != NULL; n++) {
        for (unsigned f = 0; f < G_N_ELEMENTS(frames); f++) {
            for (unsigned i = 0; i < layout->cell_count; i++) {
                struct rect rect =
                    layout_cell_rect(&layout->cells[i], frames[f].width, frames[f].height);
                g_assert_cmpuint((rect.x | rect.y | rect.width | rect.height) & 1, ==, 0);
                g_assert_cmpuint(rect.width, >=, 2);
                g_assert_cmpuint(rect.height, >=, 2);
                g_assert_cmpuint(rect.x + rect.width, <=, frames[f].width);
                g_assert_cmpuint(rect.y + rect.height, <=, frames[f].height);
            }
        }
    }
}

static void test_a_mosaic_has_no_gaps(void)
{
    const struct layout *layout;
    for (unsigned n = 0; (layout = layout_at(n)) != NULL; n++) {
        if (!layout->is_mosaic)
            continue;
        uint64_t area = 0;
        for (unsigned i = 0; i < layout->cell_count; i++)
            area += (uint64_t)layout->cells[i].width * layout->cells[i].height;
        g_assert_cmpuint(area, ==, (uint64_t)9300 * 9300);
    }
}

static void test_the_header_lies_on_no_cell_that_leaves_it_free(void)
{
    struct rect header = layout_header_rect(1920, 1080);
    const struct layout *layout;
    for (unsigned n = 0; (layout = layout_at(n)) != NULL; n++) {
        for (unsigned i = 0; layout->has_header && i < layout->cell_count; i++)
            g_assert_false(overlap(header, layout_cell_rect(&layout->cells[i], 1920, 1080)));
    }
}

static void test_every_cell_fits_a_camera(void)
{
    const struct layout *layout;
    for (unsigned n = 0; (layout = layout_at(n)) != NULL; n++) {
        for (unsigned i = 0; i < layout->cell_count; i++) {
            struct rect rect = layout_cell_rect(&layout->cells[i], 1920, 1080);
            double wanted = rect.width * 9.0 / 16.0;
            g_assert_cmpfloat(ABS(wanted - rect.height), <=, 2.5);
        }
    }
}

static void test_a_mosaic_is_found_for_every_count(void)
{
    g_assert_cmpstr(layout_for(0)->name, ==, "speaker");
    g_assert_cmpstr(layout_for(1)->name, ==, "speaker");
    for (unsigned count = 2; count <= 64; count++) {
        const struct layout *layout = layout_for(count);
        g_assert_true(layout->is_mosaic);
        g_assert_cmpuint(layout->cell_count, >=, count);
    }
    g_assert_cmpstr(layout_for(34)->name, ==, "mosaic_36");
    g_assert_cmpstr(layout_for(3000)->name, ==, "mosaic_64");
}

static void test_layouts_are_found_by_name(void)
{
    const char *const names[] = {"speaker",   "speaker_chair", "side_by_side", "slides_speaker",
                                 "slides",    "mosaic_4",      "mosaic_9",     "mosaic_16",
                                 "mosaic_25", "mosaic_36",     "mosaic_49",    "mosaic_64"};
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
        g_assert_cmpstr(layout_find(names[i])->name, ==, names[i]);
    g_assert_null(layout_find("mosaic_5"));
    g_assert_null(layout_find(""));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/layout/cells_do_not_overlap", test_cells_do_not_overlap);
    g_test_add_func("/layout/cells_lie_in_the_frame_on_even_pixels",
                    test_cells_lie_in_the_frame_on_even_pixels);
    g_test_add_func("/layout/a_mosaic_has_no_gaps", test_a_mosaic_has_no_gaps);
    g_test_add_func("/layout/the_header_lies_on_no_cell_that_leaves_it_free",
                    test_the_header_lies_on_no_cell_that_leaves_it_free);
    g_test_add_func("/layout/every_cell_fits_a_camera", test_every_cell_fits_a_camera);
    g_test_add_func("/layout/a_mosaic_is_found_for_every_count",
                    test_a_mosaic_is_found_for_every_count);
    g_test_add_func("/layout/layouts_are_found_by_name", test_layouts_are_found_by_name);
    return g_test_run();
}
