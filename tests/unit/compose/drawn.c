#include "drawn.h"

#include <cairo.h>
#include <glib.h>
#include <libyuv.h>
#include <string.h>

struct picture *drawn_plain(unsigned width, unsigned height, uint8_t y, uint8_t u, uint8_t v)
{
    struct picture *picture = picture_new(width, height);
    const uint8_t values[] = {y, u, v};
    for (int plane = 0; plane < PICTURE_PLANES; plane++) {
        unsigned rows = plane == PICTURE_Y ? height : (height + 1) / 2;
        memset(picture->planes[plane], values[plane], (size_t)picture->strides[plane] * rows);
    }
    return picture;
}

static struct picture *from_surface(cairo_surface_t *surface)
{
    cairo_surface_flush(surface);
    int width = cairo_image_surface_get_width(surface);
    int height = cairo_image_surface_get_height(surface);
    struct picture *picture = picture_new((unsigned)width, (unsigned)height);
    ARGBToI420(cairo_image_surface_get_data(surface), cairo_image_surface_get_stride(surface),
               picture->planes[0], picture->strides[0], picture->planes[1], picture->strides[1],
               picture->planes[2], picture->strides[2], width, height);
    cairo_surface_destroy(surface);
    return picture;
}

static void draw_person(cairo_t *cairo, double x, double y, double size, unsigned seed)
{
    cairo_set_source_rgb(cairo, 0.10 + seed % 3 * 0.05, 0.11, 0.16 + seed % 5 * 0.03);
    cairo_arc(cairo, x, y + size * 2.3, size * 1.6, G_PI, 2 * G_PI);
    cairo_fill(cairo);
    cairo_set_source_rgb(cairo, 0.80, 0.62, 0.50);
    cairo_arc(cairo, x, y, size, 0, 2 * G_PI);
    cairo_fill(cairo);
    cairo_set_source_rgb(cairo, 0.12, 0.09, 0.08);
    cairo_arc(cairo, x, y - size * 0.2, size * 1.05, G_PI * 1.05, G_PI * 1.95);
    cairo_fill(cairo);
}

struct picture *drawn_room(unsigned width, unsigned height, unsigned seed)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)width, (int)height);
    cairo_t *cairo = cairo_create(surface);
    double w = width, h = height;
    cairo_set_source_rgb(cairo, 0.62 + seed % 4 * 0.05, 0.58 + seed % 3 * 0.05,
                         0.50 + seed % 5 * 0.05);
    cairo_paint(cairo);
    cairo_set_source_rgb(cairo, 0.55, 0.10, 0.10);
    cairo_rectangle(cairo, w * 0.3, h * 0.08, w * 0.4, h * 0.14);
    cairo_fill(cairo);
    unsigned people = 1 + seed % 4;
    for (unsigned i = 0; i < people; i++)
        draw_person(cairo, w * (i + 1) / (people + 1), h * 0.48, h * (0.15 - people * 0.02),
                    seed + i);
    cairo_set_source_rgb(cairo, 0.32, 0.20, 0.12);
    cairo_rectangle(cairo, 0, h * 0.8, w, h * 0.2);
    cairo_fill(cairo);
    cairo_destroy(cairo);
    return from_surface(surface);
}

struct picture *drawn_slide(unsigned width, unsigned height)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)width, (int)height);
    cairo_t *cairo = cairo_create(surface);
    double w = width, h = height;
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_set_source_rgb(cairo, 0.07, 0.25, 0.50);
    cairo_rectangle(cairo, 0, 0, w, h * 0.16);
    cairo_fill(cairo);
    cairo_set_source_rgb(cairo, 0.2, 0.2, 0.2);
    for (unsigned i = 0; i < 7; i++)
        cairo_rectangle(cairo, w * 0.08, h * (0.25 + i * 0.09), w * (0.8 - i % 3 * 0.15), h * 0.03);
    cairo_fill(cairo);
    cairo_destroy(cairo);
    return from_surface(surface);
}

void drawn_write_png(const struct picture *picture, const char *path)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)picture->width, (int)picture->height);
    I420ToARGB(picture->planes[0], picture->strides[0], picture->planes[1], picture->strides[1],
               picture->planes[2], picture->strides[2], cairo_image_surface_get_data(surface),
               cairo_image_surface_get_stride(surface), (int)picture->width, (int)picture->height);
    cairo_surface_mark_dirty(surface);
    g_assert_cmpint(cairo_surface_write_to_png(surface, path), ==, CAIRO_STATUS_SUCCESS);
    cairo_surface_destroy(surface);
}

uint8_t drawn_luma(const struct picture *picture, unsigned x, unsigned y)
{
    return picture->planes[PICTURE_Y][(size_t)y * picture->strides[PICTURE_Y] + x];
}

uint64_t drawn_hash(const struct picture *picture, struct rect place)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (int plane = 0; plane < PICTURE_PLANES; plane++) {
        unsigned half = plane == PICTURE_Y ? 1 : 2;
        for (unsigned y = place.y / half; y < (place.y + place.height) / half; y++) {
            for (unsigned x = place.x / half; x < (place.x + place.width) / half; x++) {
                size_t at = (size_t)y * picture->strides[plane] + x;
                hash = (hash ^ picture->planes[plane][at]) * 1099511628211u;
            }
        }
    }
    return hash;
}
